-- title: Customers who keep looking and do not buy
-- purpose: marketing
--
-- Those who viewed a product at least twice within the last $cart_days and have never bought it: what holds them back may
-- be the size, the price or a question.
--
-- One row: one customer, with the product viewed most; `products` counts them all.
--
-- key: customer_id
SELECT customer_id, product_id, name, list_price, currency, views, last_viewed_at,
       count(*) OVER (PARTITION BY customer_id) AS products
FROM profile.abandoned_views
WHERE days_ago < $cart_days
QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY views DESC, last_viewed_at DESC, product_id) = 1
