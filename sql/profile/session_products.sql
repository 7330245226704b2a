-- What each customer did in each session with each product: events before $as_of, stitched to people and cut into sessions.
--
-- One row: one product in one session of one customer; what was done without a product has the product ''. A session is
-- its source's own, where the source has sessions; otherwise it ends where nothing is done for $session_gap_minutes, on
-- whatever devices. A session goes on over a log-in and over midnight. What was done on a device from $anonymous_days
-- before its customer was first identified on it to as many after the last time is that customer's.
--
-- key: customer_id, session_id, product_id
WITH theirs AS (
    SELECT w.customer_id, s.*
    FROM clean.event_summaries AS s
    JOIN profile.visitors AS w ON w.record_id = s.record_id
    WHERE s.started_at < $as_of
      AND coalesce(days_between(s.started_at, w.identified_first_at) < $anonymous_days, true)
      AND coalesce(days_between(w.identified_last_at, s.started_at) < $anonymous_days, true)
), begun AS (
    -- Events of sources without sessions alone: an order of all events is what costs most here.
    SELECT *,
           CASE WHEN date_part('epoch', started_at)
                     - date_part('epoch', max(ended_at) OVER (
                           PARTITION BY customer_id ORDER BY started_at, ended_at
                           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) < 60 * $session_gap_minutes
                THEN NULL ELSE CAST(floor(date_part('epoch', started_at)) AS BIGINT) END AS begins
    FROM theirs
    WHERE session_id = ''
), cut AS (
    SELECT *, CAST(max(begins) OVER (PARTITION BY customer_id ORDER BY started_at, ended_at
                                     ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS VARCHAR) AS session
    FROM begun
    UNION ALL BY NAME
    SELECT *, NULL AS begins, concat(source, ':', session_id) AS session
    FROM theirs
    WHERE session_id <> ''
)
SELECT customer_id, session AS session_id, product_id,
       min(started_at) AS started_at, max(ended_at) AS ended_at, CAST(sum(events) AS BIGINT) AS events,
       CAST(sum(views) AS BIGINT) AS views, CAST(sum(searches) AS BIGINT) AS searches,
       CAST(sum(carted) AS BIGINT) AS carted, CAST(sum(removed) AS BIGINT) AS removed,
       CAST(sum(checkouts) AS BIGINT) AS checkouts, CAST(sum(purchases) AS BIGINT) AS purchases,
       max(last_viewed_at) AS last_viewed_at, max(last_carted_at) AS last_carted_at,
       max(last_removed_at) AS last_removed_at, max(last_purchased_at) AS last_purchased_at,
       min(device) AS device,
       -- The earliest: the latest of time that runs backwards.
       latest(channel, -CAST(round(1000000 * date_part('epoch', started_at)) AS BIGINT)) AS channel,
       latest(entry_page, -CAST(round(1000000 * date_part('epoch', started_at)) AS BIGINT)) AS entry_page
FROM cut
GROUP BY customer_id, session, product_id
