-- What each customer looked at, put in the cart and bought on web site and app.
--
-- One row: one customer and one product that an event before $as_of is about. `is_in_cart`: put in the cart, and since
-- then neither taken out nor, by the events, bought.
--
-- key: customer_id, product_id
SELECT customer_id, product_id, count(*) AS sessions,
       CAST(sum(views) AS BIGINT) AS views, CAST(sum(carted) AS BIGINT) AS carted,
       CAST(sum(purchases) AS BIGINT) AS purchases,
       min(started_at) AS first_seen_at, max(ended_at) AS last_seen_at,
       max(last_viewed_at) AS last_viewed_at, max(last_carted_at) AS last_carted_at,
       max(last_removed_at) AS last_removed_at, max(last_purchased_at) AS last_purchased_at,
       max(last_carted_at) IS NOT NULL
       AND coalesce(max(last_removed_at) < max(last_carted_at), true)
       AND coalesce(max(last_purchased_at) < max(last_carted_at), true) AS is_in_cart
FROM profile.session_products
WHERE product_id <> ''
GROUP BY customer_id, product_id
