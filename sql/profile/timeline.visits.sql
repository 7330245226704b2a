-- Visits to web site and app on the customer's timeline, put together by the day so that the timeline stays short.
--
-- One row: one day before $as_of on which one of the customer's devices or accounts was seen. Events are added up
-- before they are joined, because there are many more of them than visits.
--
-- key: customer_id, happened_at, kind, id
WITH days AS (
    SELECT record_id, date_trunc('day', occurred_at) AS day, min(occurred_at) AS happened_at, count(*) AS events,
           count(*) FILTER (WHERE kind = 'view') AS views,
           count(*) FILTER (WHERE kind = 'add_to_cart') AS carted
    FROM clean.events
    WHERE record_id IS NOT NULL AND occurred_at < $as_of
    GROUP BY record_id, date_trunc('day', occurred_at)
)
SELECT i.customer_id, d.happened_at, 'visit' AS kind,
       concat(d.record_id, ' ', CAST(CAST(d.day AS DATE) AS VARCHAR)) AS id,
       concat(CAST(d.events AS VARCHAR), ' events, ', CAST(d.views AS VARCHAR), ' viewed, ',
              CAST(d.carted AS VARCHAR), ' put in the cart') AS title
FROM days AS d
JOIN match.identities AS i ON i.record_id = d.record_id
