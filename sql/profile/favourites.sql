-- What each customer likes best: the product, category, brand, store and channel that come up most often.
--
-- One row: one customer and kind of favourite, within $affinity_days before $as_of, if it could be told from at least
-- $favourite_times_min purchases and came up more than once: what was bought once is no favourite. Products, categories and
-- brands are counted by lines of orders, stores and channels by orders; of what came up equally often the latest counts.
-- `share_low` says how sure it is: the lower end of the 95 % interval of `share` (Wilson 1927), which for 3 of 3 is 0.44 and
-- for 30 of 30 is 0.89.
--
-- key: customer_id, kind
WITH bought AS (
    SELECT b.customer_id, p.category, p.brand, CAST(sum(b.lines) AS BIGINT) AS times, max(b.last_bought_at) AS last_at
    FROM profile.purchases AS b
    JOIN clean.products AS p ON p.product_id = b.product_id
    GROUP BY b.customer_id, p.category, p.brand
), ordered AS (
    SELECT customer_id, store, channel, count(*) AS times, max(ordered_at) AS last_at
    FROM profile.orders
    WHERE is_purchase AND days_between(ordered_at, $as_of) <= $affinity_days
    GROUP BY customer_id, store, channel
), categories AS (
    SELECT customer_id, category AS value, CAST(sum(times) AS BIGINT) AS times, max(last_at) AS last_at
    FROM bought WHERE category IS NOT NULL GROUP BY customer_id, category
), brands AS (
    SELECT customer_id, brand AS value, CAST(sum(times) AS BIGINT) AS times, max(last_at) AS last_at
    FROM bought WHERE brand IS NOT NULL GROUP BY customer_id, brand
), stores AS (
    SELECT customer_id, store AS value, CAST(sum(times) AS BIGINT) AS times, max(last_at) AS last_at
    FROM ordered WHERE store IS NOT NULL GROUP BY customer_id, store
), channels AS (
    SELECT customer_id, channel AS value, CAST(sum(times) AS BIGINT) AS times, max(last_at) AS last_at
    FROM ordered WHERE channel IS NOT NULL GROUP BY customer_id, channel
), best AS (
    -- The latest of how often and when last as one number: seconds have ten digits. Each kind by itself, because five
    -- small tables of counts are faster than one large one.
    SELECT customer_id, 'product' AS kind, max(lines) AS k, CAST(sum(lines) AS BIGINT) AS n,
           latest(product_id, lines * 10000000000 + CAST(date_part('epoch', last_bought_at) AS BIGINT)) AS value
    FROM profile.purchases GROUP BY customer_id
    UNION ALL
    SELECT customer_id, 'category', max(times), CAST(sum(times) AS BIGINT),
           latest(value, times * 10000000000 + CAST(date_part('epoch', last_at) AS BIGINT))
    FROM categories GROUP BY customer_id
    UNION ALL
    SELECT customer_id, 'brand', max(times), CAST(sum(times) AS BIGINT),
           latest(value, times * 10000000000 + CAST(date_part('epoch', last_at) AS BIGINT))
    FROM brands GROUP BY customer_id
    UNION ALL
    SELECT customer_id, 'store', max(times), CAST(sum(times) AS BIGINT),
           latest(value, times * 10000000000 + CAST(date_part('epoch', last_at) AS BIGINT))
    FROM stores GROUP BY customer_id
    UNION ALL
    SELECT customer_id, 'channel', max(times), CAST(sum(times) AS BIGINT),
           latest(value, times * 10000000000 + CAST(date_part('epoch', last_at) AS BIGINT))
    FROM channels GROUP BY customer_id
)
SELECT customer_id, kind, value, k AS times, n AS of_times,
       round(CAST(k AS DOUBLE) / n, 6) AS share,
       round((k + 1.9208 - 1.96 * sqrt(CAST(k * (n - k) AS DOUBLE) / n + 0.9604)) / (n + 3.8416), 6) AS share_low
FROM best
WHERE n >= $favourite_times_min AND k > 1
