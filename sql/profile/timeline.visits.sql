-- Visits to web site and app on the customer's timeline, put together by the day so that the timeline stays short.
--
-- One row: one day before $as_of on which one of the customer's devices or accounts was seen; of a device on which
-- somebody logged in, the days that count as that customer's (profile.devices). Events are added up before they are joined,
-- because there are many more of them than visits.
--
-- key: customer_id, happened_at, kind, id
WITH days AS (
    SELECT record_id, date_trunc('day', occurred_at) AS day, min(occurred_at) AS happened_at, count(*) AS events,
           count(*) FILTER (WHERE kind = 'view') AS views,
           count(*) FILTER (WHERE kind = 'add_to_cart') AS carted
    FROM clean.events
    WHERE record_id IS NOT NULL AND occurred_at < $as_of
    GROUP BY record_id, date_trunc('day', occurred_at)
), whose AS (
    SELECT record_id, customer_id, identified_first_at, identified_last_at FROM profile.devices
    UNION ALL
    SELECT i.record_id, i.customer_id, NULL, NULL
    FROM match.identities AS i
    JOIN match.records AS r ON r.record_id = i.record_id
    -- A device that several people use is nobody's but for the days above.
    WHERE NOT r.is_shared AND NOT EXISTS (SELECT 1 FROM profile.devices AS d WHERE d.record_id = i.record_id)
)
SELECT w.customer_id, d.happened_at, 'visit' AS kind,
       concat(d.record_id, ' ', CAST(CAST(d.day AS DATE) AS VARCHAR)) AS id,
       concat(CAST(d.events AS VARCHAR), ' events, ', CAST(d.views AS VARCHAR), ' viewed, ',
              CAST(d.carted AS VARCHAR), ' put in the cart') AS title
FROM days AS d
JOIN whose AS w ON w.record_id = d.record_id
WHERE coalesce(days_between(d.day, w.identified_first_at) <= $anonymous_days, true)
  AND coalesce(days_between(w.identified_last_at, d.happened_at) <= $anonymous_days, true)
