-- Sales and returns at the tills: their receipts, added up.
--
-- One row: one receipt. It belongs to the card that was swiped; without one, or with the till's own, to nobody. A receipt
-- that names another takes goods back. Till clocks show London time, month first.
--
-- key: order_id
SELECT 'tills:' || "Receipt" AS order_id,
       'tills' AS source,
       'tills:' || nullif(max("Card"), '2999999999997') AS record_id,
       min(parse_timestamp("Sold At", 'Europe/London', '%m/%d/%Y %I:%M %p')) AS ordered_at,
       'store' AS channel,
       max("Store") AS store,
       CASE WHEN max("Return Of") IS NULL THEN 'completed' ELSE 'returned' END AS status,
       'tills:' || max("Return Of") AS returns_order_id,
       sum(parse_decimal("Amount", ',')) AS amount,
       sum(parse_decimal("Discount", ',')) AS discount,
       'GBP' AS currency
FROM raw.till_receipts
GROUP BY "Receipt"
