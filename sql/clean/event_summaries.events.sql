-- Events summed up, so that profiles need no clicks and the clicks can go when their time is over.
--
-- One row: what one record did with one product, or with none, on one day in one session of its source. Where the source
-- has no sessions, one of the spans of $session_gap_minutes that the day begins with: within one of them there is no gap
-- that ends a session. No row goes over midnight, so that $as_of never falls within one.
--
-- All that profiles say about browsing is made from this table, so that `onefold privacy retain` may drop old clicks: it
-- keeps their rows here in clean.past_event_summaries. What is told of events up to the last day that a source has there
-- counts no longer: it is in the sums already, or came too late to be kept. A web analytics tool that has sums only is a
-- part of its own (clean/event_summaries.<source>.sql). Events of nobody (without a record) are left out.
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
    SELECT e.record_id, e.source, coalesce(e.session_id, '') AS session_id, coalesce(e.product_id, '') AS product_id,
           e.occurred_at, e.kind, e.page, e.device, e.channel, CAST(e.occurred_at AS DATE) AS day,
           CASE WHEN e.session_id IS NULL
                THEN (60 * date_part('hour', e.occurred_at) + date_part('minute', e.occurred_at)) / $session_gap_minutes
           END AS span,
           CAST(round(1000000 * date_part('epoch', e.occurred_at)) AS BIGINT) AS micros
    FROM clean.events AS e
    LEFT JOIN (SELECT source, max(CAST(started_at AS DATE)) AS last_day
               FROM clean.past_event_summaries GROUP BY source) AS past ON past.source = e.source
    WHERE e.record_id IS NOT NULL AND (past.last_day IS NULL OR CAST(e.occurred_at AS DATE) > past.last_day)
) AS dated
GROUP BY record_id, source, session_id, product_id, day, span
