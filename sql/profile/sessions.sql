-- Sessions of customers on web site and app: each visit in one line.
--
-- One row: one session before $as_of, as profile.session_products cuts them. `minutes` are from the first event to the
-- last, rounded down; how long somebody read the last page is not known.
--
-- key: customer_id, session_id
SELECT customer_id, session_id, min(started_at) AS started_at, max(ended_at) AS ended_at,
       CAST(floor((date_part('epoch', max(ended_at)) - date_part('epoch', min(started_at))) / 60) AS BIGINT) AS minutes,
       CAST(sum(events) AS BIGINT) AS events, CAST(sum(views) AS BIGINT) AS views,
       CAST(sum(searches) AS BIGINT) AS searches, CAST(sum(carted) AS BIGINT) AS carted,
       CAST(sum(removed) AS BIGINT) AS removed, CAST(sum(checkouts) AS BIGINT) AS checkouts,
       CAST(sum(purchases) AS BIGINT) AS purchases, count(*) FILTER (WHERE product_id <> '') AS products,
       min(device) AS device,
       -- The earliest: the latest of time that runs backwards.
       latest(channel, -CAST(round(1000000 * date_part('epoch', started_at)) AS BIGINT)) AS channel,
       latest(entry_page, -CAST(round(1000000 * date_part('epoch', started_at)) AS BIGINT)) AS entry_page
FROM profile.session_products
GROUP BY customer_id, session_id
