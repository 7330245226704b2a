-- What speaks for buying again, and for leaving: logistic regressions of what customers did after an earlier moment on what
-- was known of them then.
--
-- One row: one trait of one model, or its `(intercept)`. `repeat_purchase`: bought again within $propensity_days; learnt
-- from all who had bought before. `churn`: did not buy for $lapsed_days; learnt from who had bought in the $lapsed_days
-- before. Four customers of five, by a hash of their id, are learnt from; rfm.propensity_backtest has the fifth.
-- A `coefficient` is what one standard deviation more of the trait adds to the log-odds; below twice its `error` it may be
-- chance. Read `warning` before using probabilities.
--
-- key: model, trait
WITH models AS (
    SELECT * FROM (VALUES ('repeat_purchase', $propensity_days), ('churn', $lapsed_days)) AS m(model, days)
), examples AS (
    SELECT m.model, m.days, t.*
    FROM models AS m
    LEFT JOIN rfm.traits AS t ON t.days_back = m.days AND (m.model <> 'churn' OR t.recency_days <= m.days)
                             AND substr(md5(t.customer_id), 1, 2) >= '33'
), fitted AS (
    SELECT model, max(days) AS days,
           logistic_fit(CASE WHEN model = 'churn' THEN NOT bought_again ELSE bought_again END,
               {'log_recency': log_recency, 'log_tenure': log_tenure, 'log_orders': log_orders,
                'log_recent_orders': log_recent_orders, 'log_order_value': log_order_value, 'log_gap': log_gap,
                'discount_share': discount_share, 'return_share': return_share, 'web_share': web_share,
                'weekend_share': weekend_share}) AS fit
    FROM examples
    GROUP BY model
), parts AS (
    SELECT model, days, unnest(fit['coefficients']) AS part, fit['n'] AS n, fit['positives'] AS positives,
           fit['log_likelihood'] AS log_likelihood, fit['converged'] AS converged, fit['identified'] AS identified,
           fit['warning'] AS warning
    FROM fitted
)
SELECT model, part['trait'] AS trait, part['mean'] AS mean, part['deviation'] AS deviation,
       part['coefficient'] AS coefficient, part['error'] AS error, days, n, positives, log_likelihood, converged,
       identified, warning
FROM parts
