-- How each customer browses: visits to web site and app in one line, for as long as clean.event_summaries goes back.
--
-- One row: one customer with at least one session before $as_of. Favourites are by views, of equals the one seen last.
-- Prices are list prices of the products viewed, of those in $currency alone. `channel_path`: by which channels the
-- customer came lately, the last five that differ from the one before them.
--
-- key: customer_id
WITH days AS (
    SELECT customer_id, CAST(started_at AS DATE) AS day, count(*) AS visits, CAST(sum(minutes) AS BIGINT) AS minutes,
           CAST(sum(events) AS BIGINT) AS events, CAST(sum(searches) AS BIGINT) AS searches,
           min(started_at) AS first_visit_at, max(started_at) AS last_visit_at
    FROM profile.sessions
    GROUP BY customer_id, CAST(started_at AS DATE)
), visits AS (
    SELECT customer_id, CAST(sum(visits) AS BIGINT) AS visits, count(*) AS days,
           CAST(sum(minutes) AS BIGINT) AS minutes, CAST(sum(events) AS BIGINT) AS events,
           CAST(sum(searches) AS BIGINT) AS searches,
           min(first_visit_at) AS first_visit_at, max(last_visit_at) AS last_visit_at
    FROM days
    GROUP BY customer_id
), turns AS (
    SELECT customer_id, channel, started_at, session_id
    FROM profile.sessions
    WHERE channel IS NOT NULL
    QUALIFY channel IS DISTINCT FROM
            lag(channel) OVER (PARTITION BY customer_id ORDER BY started_at, session_id)
), paths AS (
    SELECT customer_id,
           concat_ws(' > ', max(channel) FILTER (WHERE back = 5), max(channel) FILTER (WHERE back = 4),
                     max(channel) FILTER (WHERE back = 3), max(channel) FILTER (WHERE back = 2),
                     max(channel) FILTER (WHERE back = 1)) AS channel_path
    FROM (SELECT customer_id, channel,
                 row_number() OVER (PARTITION BY customer_id ORDER BY started_at DESC, session_id DESC) AS back
          FROM turns) AS counted
    WHERE back <= 5
    GROUP BY customer_id
)
SELECT v.customer_id, v.visits, v.days, v.minutes, v.events, v.searches, v.first_visit_at, v.last_visit_at,
       p.channel_path, coalesce(t.products, 0) AS products, t.favourite_category, t.favourite_brand,
       t.lowest_price, t.highest_price, CASE WHEN t.lowest_price IS NOT NULL THEN $currency END AS currency
FROM visits AS v
LEFT JOIN paths AS p ON p.customer_id = v.customer_id
LEFT JOIN profile.tastes AS t ON t.customer_id = v.customer_id
