-- CDNOW from raw transactions to predictions, in one statement: customers' histories in weeks up to 1997-09-30, the models
-- that fit them, and what each customer will buy in the 39 weeks after.
WITH days AS (
    SELECT customer_id, date AS day, sum(CAST(amount AS DECIMAL(18,2))) AS amount
    FROM 'transactions.csv'
    WHERE date <= DATE '1997-09-30'
    GROUP BY customer_id, date
), firsts AS (
    SELECT customer_id, min(day) AS first_day FROM days GROUP BY customer_id
), histories AS (
    SELECT d.customer_id, count(*) - 1 AS x,
           days_between(min(d.day), max(d.day)) / CAST(7 AS DOUBLE) AS t_x,
           days_between(min(d.day), DATE '1997-09-30') / CAST(7 AS DOUBLE) AS t,
           CAST(sum(d.amount) FILTER (WHERE d.day > f.first_day) AS DOUBLE) / nullif(count(*) - 1, 0) AS m_x
    FROM days AS d
    JOIN firsts AS f ON f.customer_id = d.customer_id
    GROUP BY d.customer_id
), models AS (
    SELECT mbg_nbd_fit(x, t_x, t) AS mbg, bg_nbd_fit(x, t_x, t) AS bg, pareto_nbd_fit(x, t_x, t) AS pareto,
           gamma_gamma_fit(x, m_x) AS spend
    FROM histories
)
SELECT h.customer_id,
       mbg_nbd_p_alive(m.mbg, x, t_x, t) AS mbg_p_alive, mbg_nbd_expected_orders(m.mbg, x, t_x, t, 39) AS mbg_orders,
       bg_nbd_p_alive(m.bg, x, t_x, t) AS bg_p_alive, bg_nbd_expected_orders(m.bg, x, t_x, t, 39) AS bg_orders,
       pareto_nbd_p_alive(m.pareto, x, t_x, t) AS pareto_p_alive,
       pareto_nbd_expected_orders(m.pareto, x, t_x, t, 39) AS pareto_orders,
       gamma_gamma_expected_spend(m.spend, x, coalesce(m_x, 0)) AS spend,
       m.mbg['log_likelihood'] AS mbg_ll, m.mbg['r'] AS mbg_r, m.mbg['alpha'] AS mbg_alpha, m.mbg['a'] AS mbg_a,
       m.mbg['b'] AS mbg_b,
       m.bg['log_likelihood'] AS bg_ll, m.bg['r'] AS bg_r, m.bg['alpha'] AS bg_alpha, m.bg['a'] AS bg_a, m.bg['b'] AS bg_b,
       m.pareto['log_likelihood'] AS pareto_ll, m.pareto['r'] AS pareto_r, m.pareto['alpha'] AS pareto_alpha,
       m.pareto['s'] AS pareto_s, m.pareto['beta'] AS pareto_beta,
       m.spend['log_likelihood'] AS spend_ll, m.spend['p'] AS spend_p, m.spend['q'] AS spend_q, m.spend['v'] AS spend_v,
       m.spend['n'] AS spend_n
FROM histories AS h
CROSS JOIN models AS m
ORDER BY h.customer_id
