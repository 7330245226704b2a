-- Each cluster of buyers in plain figures: how many they are, what they buy, and what sets them apart.
--
-- One row: one cluster of rfm.clusters. Days and orders are medians, so that a few do not speak for all; shares are means
-- of the customers' own. `silhouette` tells how far the clusters lie apart, from 0 (not at all) to 1, and `why` how their
-- number came about. Read `warning` before giving them names.
--
-- key: cluster
WITH fit AS (
    SELECT cluster, max(explained) AS explained, max(silhouette) AS silhouette, max(why) AS why, max(warning) AS warning
    FROM rfm.cluster_traits
    GROUP BY cluster
), counted AS (
    SELECT c.cluster, max(c.description) AS description, count(*) AS customers,
           CAST(median(t.recency_days) AS DOUBLE) AS recency_days, CAST(median(t.tenure_days) AS DOUBLE) AS tenure_days,
           CAST(median(t.orders) AS DOUBLE) AS orders, CAST(sum(t.spend) AS DECIMAL(18,2)) AS spend,
           CAST(sum(t.orders) AS DOUBLE) AS all_orders,
           round(avg(t.discount_share), 6) AS discount_share, round(avg(t.return_share), 6) AS return_share,
           round(avg(t.web_share), 6) AS web_share, round(avg(t.weekend_share), 6) AS weekend_share
    FROM rfm.clusters AS c
    JOIN rfm.traits AS t ON t.customer_id = c.customer_id AND t.days_back = 0
    GROUP BY c.cluster
)
SELECT c.cluster, c.description, c.customers,
       round(c.customers / CAST(sum(c.customers) OVER () AS DOUBLE), 6) AS share,
       c.recency_days, c.tenure_days, c.orders,
       CAST(CAST(c.spend AS DOUBLE) / c.all_orders AS DECIMAL(18,2)) AS order_value,
       c.spend, $currency AS currency,
       c.discount_share, c.return_share, c.web_share, c.weekend_share,
       f.explained, f.silhouette, f.why, f.warning
FROM counted AS c
JOIN fit AS f ON f.cluster = c.cluster
