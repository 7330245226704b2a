-- title: Unhappy customers who are worth much
-- purpose: service
--
-- Those among the two fifths who spend most who have a complaint open, or whose last words to the service desk were bad
-- and not long ago: call them before they go. Longest waiting first in any list.
--
-- One row: one customer.
--
-- key: customer_id
SELECT s.customer_id, v.open_complaints, v.complaint_open_since,
       days_between(v.complaint_open_since, $as_of) AS days_open, v.last_topic, v.last_tone, v.last_opened_at,
       s.monetary, s.currency, s.label
FROM profile.service AS v
JOIN rfm.scores AS s ON s.customer_id = v.customer_id
WHERE s.monetary_score >= 4
  AND (v.open_complaints > 0
       OR (v.last_tone <= $unhappy_tone AND days_between(v.last_opened_at, $as_of) <= $unhappy_days))
