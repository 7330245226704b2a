-- title: One-time buyers
-- purpose: marketing
--
-- Those who bought once, are not new any more, and are not lost yet: the second purchase is the hardest to win.
--
-- One row: one customer with exactly one purchase, at risk or lapsed or active.
--
-- key: customer_id
SELECT customer_id, first_order_at, recency_days, lifecycle
FROM rfm.lifecycle
WHERE orders = 1 AND lifecycle IN ('active', 'at_risk', 'lapsed')
