-- A session lies before $as_of, and ends after it has begun.
--
-- One row: one session that does not.
SELECT customer_id, session_id, started_at, ended_at
FROM profile.sessions
WHERE ended_at >= $as_of OR ended_at < started_at
