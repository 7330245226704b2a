-- Lines of the invoices of Online Retail, numbered as they stand in the file.
--
-- One row: one line of an invoice.
--
-- key: order_id, line_number
SELECT concat('shop:', "InvoiceNo") AS order_id,
       row_number() OVER (PARTITION BY "InvoiceNo" ORDER BY _line) AS line_number,
       'shop' AS source,
       "StockCode" AS product_id,
       "Quantity" AS quantity,
       "UnitPrice" AS unit_price,
       CAST(round("Quantity" * "UnitPrice", 2) AS DECIMAL(18,2)) AS amount,
       'GBP' AS currency
FROM raw.invoice_lines
WHERE "InvoiceNo" NOT LIKE 'A%'
