-- What each customer will probably buy, by the models of rfm.value_models.
--
-- One row: one customer of rfm.buyers. `p_alive` is the probability to be a customer still; null where customers do not
-- show when they leave. Values are of the next 365 days, and in `predicted_clv` of the next $clv_horizon_days, as of
-- $as_of at a discount of $clv_annual_rate a year. The lifecycle is by p_alive in quarters, and by the own rhythm, as in
-- rfm.lifecycle, where p_alive is not known. Tiers are by rank of predicted_clv_next_365d: platinum is the first
-- hundredth, gold ends at 5 %, silver at 10 %, bronze at 25 %, medium at 50 %; equal values are in one tier.
-- Predictions are rounded to six digits after the point.
--
-- key: customer_id
WITH modelled AS (
    SELECT b.customer_id, b.currency, b.repeat_days AS x, b.first_to_last_days AS t_x, b.age_days AS t,
           {'r': m.r, 'alpha': m.alpha, 'a': m.a, 'b': m.b} AS model, m.a > 0 AS shows_dropout,
           gamma_gamma_expected_spend({'p': s.p, 'q': s.q, 'v': s.v}, b.repeat_days, coalesce(b.mean_spend, 0)) AS spend
    FROM rfm.buyers AS b
    CROSS JOIN (SELECT r, alpha, a, b FROM rfm.value_models WHERE model = 'mbg_nbd') AS m
    CROSS JOIN (SELECT p, q, v FROM rfm.value_models WHERE model = 'gamma_gamma') AS s
), predicted AS (
    SELECT customer_id, currency, t AS age_days,
           CASE WHEN shows_dropout THEN round(mbg_nbd_p_alive(model, x, t_x, t), 6) END AS p_alive,
           round(mbg_nbd_p_order(model, x, t_x, t, 365), 6) AS p_order,
           round(mbg_nbd_expected_orders(model, x, t_x, t, 365), 6) AS orders,
           TRY_CAST(spend AS DECIMAL(18,2)) AS spend,
           TRY_CAST(mbg_nbd_clv(model, x, t_x, t, spend, 365, $clv_annual_rate, 365.25) AS DECIMAL(18,2)) AS clv_365d,
           TRY_CAST(mbg_nbd_clv(model, x, t_x, t, spend, $clv_horizon_days, $clv_annual_rate, 365.25) AS DECIMAL(18,2))
               AS clv
    FROM modelled
), ranked AS (
    SELECT *, (rank() OVER (ORDER BY clv_365d DESC NULLS LAST) - 1) / CAST(count(*) OVER () AS DOUBLE) AS better
    FROM predicted
)
SELECT p.customer_id, p.currency, p.p_alive,
       p.p_order AS predicted_probability_of_transaction_next_365d,
       p.orders AS predicted_order_frequency_next_365d,
       p.spend AS predicted_average_order_revenue_next_365d,
       p.clv_365d AS predicted_clv_next_365d,
       CASE WHEN p.p_alive IS NULL THEN l.lifecycle
            WHEN p.age_days < $new_days THEN 'new'
            WHEN p.p_alive >= 0.75 THEN 'active'
            WHEN p.p_alive >= 0.5 THEN 'at_risk'
            WHEN p.p_alive >= 0.25 THEN 'lapsed'
            ELSE 'churned' END AS predicted_customer_lifecycle_status,
       CASE WHEN p.clv_365d IS NULL THEN NULL
            WHEN p.better < 0.01 THEN 'platinum'
            WHEN p.better < 0.05 THEN 'gold'
            WHEN p.better < 0.1 THEN 'silver'
            WHEN p.better < 0.25 THEN 'bronze'
            WHEN p.better < 0.5 THEN 'medium'
            ELSE 'low' END AS predicted_customer_lifetime_value_tier,
       p.clv AS predicted_clv
FROM ranked AS p
LEFT JOIN rfm.lifecycle AS l ON l.customer_id = p.customer_id
