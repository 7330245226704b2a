-- Visits to web site and app on the customer's timeline.
--
-- One row: one session (profile.sessions), when it began.
--
-- key: customer_id, happened_at, kind, id
SELECT customer_id, started_at AS happened_at, 'visit' AS kind, session_id AS id,
       concat(CAST(events AS VARCHAR), ' events, ', CAST(views AS VARCHAR), ' viewed, ',
              CAST(carted AS VARCHAR), ' put in the cart') AS title
FROM profile.sessions
