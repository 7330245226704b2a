-- Products of FoodMart.
--
-- One row: one product.
--
-- key: product_id
SELECT p.product_id,
       'foodmart' AS source,
       p.product_name AS name,
       c.product_category AS category,
       p.brand_name AS brand,
       parse_decimal(p."SRP", '.') AS unit_price,
       'USD' AS currency
FROM raw.products AS p
LEFT JOIN raw.product_classes AS c ON c.product_class_id = p.product_class_id
