-- title: Lapsed high-value customers
-- purpose: marketing
--
-- Those who used to buy often or for much and have stopped: worth a call, a letter, a reason to come back.
--
-- One row: one customer labelled cant_lose, or at_risk with a monetary score of 4 or 5. Most valuable first in any
-- list.
--
-- key: customer_id
SELECT customer_id, label, monetary, currency, frequency, recency_days, rfm_score
FROM rfm.scores
WHERE label = 'cant_lose' OR (label = 'at_risk' AND monetary_score >= 4)
