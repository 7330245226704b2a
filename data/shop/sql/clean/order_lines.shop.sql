-- What was on the web shop's orders and returns.
--
-- One row: one line of an order or a return.
--
-- key: order_id, line_number
SELECT 'shop:' || order_no AS order_id,
       CAST(line AS BIGINT) AS line_number,
       'shop' AS source,
       product_no AS product_id,
       parse_decimal(quantity, '.') AS quantity,
       parse_decimal(unit_price, '.') AS unit_price,
       parse_decimal(discount, '.') AS discount,
       parse_decimal(amount, '.') AS amount,
       currency
FROM raw.shop_order_lines
