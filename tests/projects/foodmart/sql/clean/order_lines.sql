-- Lines of the baskets of FoodMart.
--
-- One row: one line of the sales files.
--
-- key: order_id, line_number
SELECT concat('foodmart:', customer_id, '-', store_id, '-', time_id) AS order_id,
       row_number() OVER (PARTITION BY customer_id, store_id, time_id ORDER BY _file, _line) AS line_number,
       'foodmart' AS source,
       product_id,
       parse_decimal(unit_sales, '.') AS quantity,
       parse_decimal(store_sales, '.') / parse_decimal(unit_sales, '.') AS unit_price,
       round(parse_decimal(store_sales, '.'), 2) AS amount,
       'USD' AS currency
FROM raw.sales
