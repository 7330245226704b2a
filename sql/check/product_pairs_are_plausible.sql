-- Pairs are no more than their products, and products no more than purchases.
--
-- One row: one rule whose figures cannot be.
SELECT product_id, other_product_id, orders, product_orders, other_orders, purchases
FROM rfm.product_pairs
WHERE orders > least(product_orders, other_orders) OR greatest(product_orders, other_orders) > purchases
   OR orders < $pair_orders_min OR confidence_low > confidence OR product_id = other_product_id
