-- What the propensity models said of customers from whom they had not learnt, and what these did.
--
-- One row: one model and one customer of the fifth that was held out, with the probability as of the earlier moment.
-- Empty where a model has too little to learn from.
--
-- key: model, customer_id
WITH models AS (
    SELECT model, max(days) AS days,
           {'coefficients': array_agg({'trait': trait, 'mean': mean, 'deviation': deviation,
                                       'coefficient': coefficient})} AS fit
    FROM rfm.propensity_traits
    WHERE identified
    GROUP BY model
)
SELECT m.model, t.customer_id,
       round(logistic_probability(m.fit,
           {'log_recency': t.log_recency, 'log_tenure': t.log_tenure, 'log_orders': t.log_orders,
            'log_recent_orders': t.log_recent_orders, 'log_order_value': t.log_order_value, 'log_gap': t.log_gap,
            'discount_share': t.discount_share, 'return_share': t.return_share, 'web_share': t.web_share,
            'weekend_share': t.weekend_share}), 6) AS probability,
       CASE WHEN m.model = 'churn' THEN NOT t.bought_again ELSE t.bought_again END AS happened
FROM models AS m
JOIN rfm.traits AS t ON t.days_back = m.days AND (m.model <> 'churn' OR t.recency_days <= m.days)
                    AND substr(md5(t.customer_id), 1, 2) < '33'
