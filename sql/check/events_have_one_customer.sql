-- What was done on web site and app counts for one customer at most, also on a phone that was handed on.
--
-- One row: one line of clean.event_summaries that counts for two.
SELECT s.record_id, s.started_at, s.source, s.session_id, s.product_id
FROM clean.event_summaries AS s
JOIN (SELECT * FROM profile.visitors
      QUALIFY count(*) OVER (PARTITION BY record_id) > 1) AS w ON w.record_id = s.record_id
WHERE s.started_at < $as_of
  AND coalesce(days_between(s.started_at, w.identified_first_at) < $anonymous_days, true)
  AND coalesce(days_between(w.identified_last_at, s.started_at) < $anonymous_days, true)
GROUP BY s.record_id, s.started_at, s.source, s.session_id, s.product_id
HAVING count(*) > 1
