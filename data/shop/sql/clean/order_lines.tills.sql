-- What was on the tills' receipts.
--
-- One row: one line of a receipt.
--
-- key: order_id, line_number
SELECT 'tills:' || "Receipt" AS order_id,
       CAST("Line" AS BIGINT) AS line_number,
       'tills' AS source,
       "Product" AS product_id,
       parse_decimal("Qty", ',') AS quantity,
       parse_decimal("Price", ',') AS unit_price,
       parse_decimal("Discount", ',') AS discount,
       parse_decimal("Amount", ',') AS amount,
       'GBP' AS currency
FROM raw.till_receipts
