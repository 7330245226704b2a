-- title: Customers who are late
-- purpose: marketing
--
-- Regular customers who have let more time pass than is their habit, but not so much that they are lapsed: the moment
-- for a reminder.
--
-- One row: one customer at risk by the own rhythm. `days_late`: days beyond the usual time between purchases.
--
-- key: customer_id
SELECT customer_id, orders, last_order_at, recency_days, median_gap_days, recency_days - median_gap_days AS days_late
FROM rfm.lifecycle
WHERE lifecycle = 'at_risk' AND median_gap_days IS NOT NULL
