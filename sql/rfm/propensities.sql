-- How probable it is that each buyer buys again soon, and that he leaves.
--
-- One row: one customer of rfm.buyers. `p_repeat_purchase`: buys within $propensity_days from $as_of. `p_churn`: does not
-- buy for $lapsed_days; null for who has not bought in the $lapsed_days before and so has left already. Both are null where
-- there was too little to learn from: rfm.propensity_models says so, and how far they can be trusted.
--
-- key: customer_id
WITH models AS (
    SELECT model,
           {'coefficients': array_agg({'trait': trait, 'mean': mean, 'deviation': deviation,
                                       'coefficient': coefficient})} AS fit
    FROM rfm.propensity_traits
    WHERE identified
    GROUP BY model
), traits AS (
    SELECT customer_id, recency_days,
           {'log_recency': log_recency, 'log_tenure': log_tenure, 'log_orders': log_orders,
            'log_recent_orders': log_recent_orders, 'log_order_value': log_order_value, 'log_gap': log_gap,
            'discount_share': discount_share, 'return_share': return_share, 'web_share': web_share,
            'weekend_share': weekend_share} AS traits
    FROM rfm.traits
    WHERE days_back = 0
)
SELECT t.customer_id,
       round(logistic_probability(r.fit, t.traits), 6) AS p_repeat_purchase,
       CASE WHEN t.recency_days <= $lapsed_days THEN round(logistic_probability(c.fit, t.traits), 6) END AS p_churn
FROM traits AS t
LEFT JOIN models AS r ON r.model = 'repeat_purchase'
LEFT JOIN models AS c ON c.model = 'churn'
