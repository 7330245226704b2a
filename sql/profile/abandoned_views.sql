-- Abandoned views: what customers looked at again and again and never bought.
--
-- One row: one product that one customer viewed at least twice before $as_of, has never bought by an event or on an order
-- of any channel, and has not left in the cart: that is in profile.abandoned_carts.
--
-- key: customer_id, product_id
WITH ordered AS (
    SELECT o.customer_id, o.order_id
    FROM (SELECT DISTINCT customer_id FROM profile.interests WHERE views >= 2) AS v
    JOIN profile.orders AS o ON o.customer_id = v.customer_id
    WHERE o.is_purchase
), bought AS (
    SELECT DISTINCT o.customer_id, l.product_id
    FROM ordered AS o
    JOIN clean.order_lines AS l ON l.order_id = o.order_id
    WHERE l.product_id IS NOT NULL
)
SELECT v.customer_id, v.product_id, v.views, v.sessions, v.last_viewed_at,
       days_between(v.last_viewed_at, $as_of) AS days_ago,
       p.name, p.category, p.brand, p.unit_price AS list_price, p.currency
FROM profile.interests AS v
LEFT JOIN clean.products AS p ON p.product_id = v.product_id
WHERE v.views >= 2 AND v.purchases = 0
  AND NOT EXISTS (SELECT 1 FROM bought AS b WHERE b.customer_id = v.customer_id AND b.product_id = v.product_id)
  AND NOT EXISTS (SELECT 1 FROM profile.abandoned_carts AS c
                  WHERE c.customer_id = v.customer_id AND c.product_id = v.product_id)
