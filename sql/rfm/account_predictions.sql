-- What each company will probably buy, by the models of rfm.account_models.
--
-- One row: one account of rfm.account_buyers. Columns are those of rfm.predictions. `learnt_from`: whether the models
-- know accounts, or for want of enough of them customers. Predictions are rounded to six digits after the point.
--
-- key: account_id
WITH modelled AS (
    SELECT b.account_id, b.currency, m.learnt_from,
           b.repeat_days AS x, b.first_to_last_days AS t_x, b.age_days AS t,
           {'r': m.r, 'alpha': m.alpha, 'a': m.a, 'b': m.b} AS model, m.a > 0 AS shows_dropout,
           gamma_gamma_expected_spend({'p': s.p, 'q': s.q, 'v': s.v}, b.repeat_days, coalesce(b.mean_spend, 0)) AS spend
    FROM rfm.account_buyers AS b
    CROSS JOIN (SELECT learnt_from, r, alpha, a, b FROM rfm.account_models WHERE model = 'mbg_nbd') AS m
    CROSS JOIN (SELECT p, q, v FROM rfm.account_models WHERE model = 'gamma_gamma') AS s
)
SELECT account_id, currency, learnt_from,
       CASE WHEN shows_dropout THEN round(mbg_nbd_p_alive(model, x, t_x, t), 6) END AS p_alive,
       round(mbg_nbd_p_order(model, x, t_x, t, 365), 6) AS predicted_probability_of_transaction_next_365d,
       round(mbg_nbd_expected_orders(model, x, t_x, t, 365), 6) AS predicted_order_frequency_next_365d,
       TRY_CAST(spend AS DECIMAL(18,2)) AS predicted_average_order_revenue_next_365d,
       TRY_CAST(mbg_nbd_clv(model, x, t_x, t, spend, 365, $clv_annual_rate, 365.25) AS DECIMAL(18,2))
           AS predicted_clv_next_365d,
       TRY_CAST(mbg_nbd_clv(model, x, t_x, t, spend, $clv_horizon_days, $clv_annual_rate, 365.25) AS DECIMAL(18,2))
           AS predicted_clv
FROM modelled
