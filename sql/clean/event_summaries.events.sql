-- Events summed up, so that profiles need no clicks and the clicks can go when their time is over.
--
-- One row: what one record did with one product, or with none, on one day in one session of its source. Where the source
-- has no sessions, one of the spans of $session_gap_minutes that the day begins with: within one of them there is no gap
-- that ends a session. No row goes over midnight, so that $as_of never falls within one.
--
-- All that profiles say about browsing is made from this table. An export of it from before the clicks go, landed as a
-- source with a part of its own (clean/event_summaries.<source>.sql), keeps it; so does a web analytics tool that has
-- sums only. Events of nobody (without a record) are left out.
--
-- key: record_id, started_at, source, session_id, product_id
SELECT record_id, source, session_id, product_id,
       min(occurred_at) AS started_at, max(occurred_at) AS ended_at, count(*) AS events,
       count(*) FILTER (WHERE kind = 'view') AS views,
       count(*) FILTER (WHERE kind = 'search') AS searches,
       count(*) FILTER (WHERE kind = 'add_to_cart') AS carted,
       count(*) FILTER (WHERE kind = 'remove_from_cart') AS removed,
       count(*) FILTER (WHERE kind = 'checkout') AS checkouts,
       count(*) FILTER (WHERE kind = 'purchase') AS purchases,
       max(occurred_at) FILTER (WHERE kind = 'view') AS last_viewed_at,
       max(occurred_at) FILTER (WHERE kind = 'add_to_cart') AS last_carted_at,
       max(occurred_at) FILTER (WHERE kind = 'remove_from_cart') AS last_removed_at,
       max(occurred_at) FILTER (WHERE kind = 'purchase') AS last_purchased_at,
       min(device) AS device,
       -- The earliest: the latest of time that runs backwards.
       latest(channel, -micros) AS channel, latest(page, -micros) AS entry_page
FROM (
    SELECT record_id, source, coalesce(session_id, '') AS session_id, coalesce(product_id, '') AS product_id,
           occurred_at, kind, page, device, channel, CAST(occurred_at AS DATE) AS day,
           CASE WHEN session_id IS NULL
                THEN (60 * date_part('hour', occurred_at) + date_part('minute', occurred_at)) / $session_gap_minutes
           END AS span,
           CAST(round(1000000 * date_part('epoch', occurred_at)) AS BIGINT) AS micros
    FROM clean.events
    WHERE record_id IS NOT NULL
) AS dated
GROUP BY record_id, source, session_id, product_id, day, span
