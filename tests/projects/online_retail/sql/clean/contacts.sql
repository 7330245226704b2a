-- Customers of Online Retail, of whom the file tells the number and the country.
--
-- One row: one customer number. Who moved is in the country of the latest invoice.
--
-- key: record_id
SELECT concat('shop:', CAST("CustomerID" AS VARCHAR)) AS record_id,
       'shop' AS source,
       min("InvoiceDate") AS created_at,
       max("InvoiceDate") AS updated_at,
       country_code(latest("Country", "InvoiceDate")) AS country
FROM raw.invoice_lines
WHERE "CustomerID" IS NOT NULL
GROUP BY "CustomerID"
