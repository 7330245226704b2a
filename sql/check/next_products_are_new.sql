-- Nobody is offered what they have bought lately.
--
-- One row: one customer and a product that is both in profile.purchases and in rfm.next_products.
SELECT n.customer_id, n.product_id
FROM rfm.next_products AS n
JOIN profile.purchases AS b ON b.customer_id = n.customer_id AND b.product_id = n.product_id
