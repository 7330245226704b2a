-- title: Champions
-- purpose: marketing
--
-- Those who bought lately and buy often: thank them, ask them first, let them bring friends.
--
-- One row: one customer labelled champion.
--
-- key: customer_id
SELECT customer_id, monetary, currency, frequency, recency_days, rfm_score
FROM rfm.scores
WHERE label = 'champion'
