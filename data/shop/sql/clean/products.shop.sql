-- The products on sale; the tills use the web shop's numbers.
--
-- One row: one product.
--
-- key: product_id
SELECT product_no AS product_id,
       'shop' AS source,
       name,
       category,
       brand,
       parse_decimal(list_price, '.') AS unit_price,
       parse_decimal(unit_cost, '.') AS unit_cost,
       'GBP' AS currency
FROM raw.shop_products
