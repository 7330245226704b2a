-- One customer's golden record, with where the customer stands.
--
-- key: customer_id
SELECT c.*, l.lifecycle, l.orders, l.first_order_at, l.last_order_at, l.recency_days,
       s.label, s.rfm_score, s.recency_score, s.frequency_score, s.monetary_score, s.monetary, s.currency,
       y.points, y.tier, v.open_tickets, v.open_complaints
FROM profile.customers AS c
LEFT JOIN rfm.lifecycle AS l ON l.customer_id = c.customer_id
LEFT JOIN rfm.scores AS s ON s.customer_id = c.customer_id
LEFT JOIN profile.loyalty AS y ON y.customer_id = c.customer_id
LEFT JOIN profile.service AS v ON v.customer_id = c.customer_id
WHERE c.customer_id = $customer_id
