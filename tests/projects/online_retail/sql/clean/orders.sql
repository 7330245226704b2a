-- Invoices of Online Retail. A number with a C is a credit note: a return, with a negative amount. A number with an A is
-- bookkeeping for bad debt and no order.
--
-- One row: one invoice.
--
-- key: order_id
SELECT concat('shop:', "InvoiceNo") AS order_id,
       'shop' AS source,
       'shop:' || CAST(max("CustomerID") AS VARCHAR) AS record_id,
       min("InvoiceDate") AS ordered_at,
       'web' AS channel,
       CASE WHEN "InvoiceNo" LIKE 'C%' THEN 'returned' ELSE 'completed' END AS status,
       CAST(round(sum("Quantity" * "UnitPrice"), 2) AS DECIMAL(18,2)) AS amount,
       'GBP' AS currency
FROM raw.invoice_lines
WHERE "InvoiceNo" NOT LIKE 'A%'
GROUP BY "InvoiceNo"
