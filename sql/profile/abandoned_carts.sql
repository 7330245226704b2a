-- Abandoned carts: what customers put in the cart, left there, and did not buy.
--
-- One row: one product that one customer put in the cart before $as_of, the last time, has since then neither taken out
-- nor, by the events, bought, and has on no order of any channel within $cart_days after. Who buys it in the shop next
-- door has not abandoned it. A cart event without a product says nothing here. The events do not say how many were in the
-- cart, so that the value is the list price of one.
--
-- key: customer_id, product_id
WITH ordered AS (
    -- Orders first, because those within a cart's time are few.
    SELECT c.customer_id, c.product_id, o.order_id
    FROM profile.interests AS c
    JOIN profile.orders AS o ON o.customer_id = c.customer_id AND o.ordered_at >= c.last_carted_at
                            AND days_between(c.last_carted_at, o.ordered_at) < $cart_days
    WHERE c.is_in_cart AND o.is_purchase
), bought AS (
    SELECT DISTINCT o.customer_id, o.product_id
    FROM ordered AS o
    JOIN clean.order_lines AS l ON l.order_id = o.order_id AND l.product_id = o.product_id
)
SELECT c.customer_id, c.product_id, c.last_carted_at AS carted_at, days_between(c.last_carted_at, $as_of) AS days_ago,
       p.name, p.category, p.brand, p.unit_price AS list_price, p.currency
FROM profile.interests AS c
LEFT JOIN clean.products AS p ON p.product_id = c.product_id
WHERE c.is_in_cart
  AND NOT EXISTS (SELECT 1 FROM bought AS b WHERE b.customer_id = c.customer_id AND b.product_id = c.product_id)
