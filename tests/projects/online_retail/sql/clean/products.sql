-- Products of Online Retail, named and priced as on their latest invoice.
--
-- One row: one stock code.
--
-- key: product_id
SELECT "StockCode" AS product_id,
       'shop' AS source,
       latest(trim("Description"), "InvoiceDate") AS name,
       latest("UnitPrice", "InvoiceDate") AS unit_price,
       'GBP' AS currency
FROM raw.invoice_lines
GROUP BY "StockCode"
