-- What each customer likes to look at: the favourite category and brand, and the range of prices.
--
-- One row: one customer who viewed a product before $as_of. A favourite is what was viewed most; of equals the one viewed
-- last. Prices are list prices, of products in $currency alone: in other currencies they could not be compared.
--
-- key: customer_id
WITH viewed AS (
    SELECT i.customer_id, p.category, p.brand, count(*) AS products, CAST(sum(i.views) AS BIGINT) AS views,
           max(i.last_viewed_at) AS last_viewed_at,
           min(p.unit_price) FILTER (WHERE p.currency = $currency) AS lowest_price,
           max(p.unit_price) FILTER (WHERE p.currency = $currency) AS highest_price
    FROM profile.interests AS i
    LEFT JOIN clean.products AS p ON p.product_id = i.product_id
    WHERE i.views > 0
    GROUP BY i.customer_id, p.category, p.brand
), added AS (
    SELECT *, CASE WHEN category IS NOT NULL THEN sum(views) OVER (PARTITION BY customer_id, category) END AS category_views,
           max(last_viewed_at) OVER (PARTITION BY customer_id, category) AS category_viewed_at,
           CASE WHEN brand IS NOT NULL THEN sum(views) OVER (PARTITION BY customer_id, brand) END AS brand_views,
           max(last_viewed_at) OVER (PARTITION BY customer_id, brand) AS brand_viewed_at
    FROM viewed
)
SELECT customer_id, CAST(sum(products) AS BIGINT) AS products, CAST(sum(views) AS BIGINT) AS views,
       survivor(category, category_views, category_viewed_at, category)['value'] AS favourite_category,
       survivor(brand, brand_views, brand_viewed_at, brand)['value'] AS favourite_brand,
       min(lowest_price) AS lowest_price, max(highest_price) AS highest_price
FROM added
GROUP BY customer_id
