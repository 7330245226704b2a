-- Loyalty cards swiped at the tills. Card 2999999999997 is the till's own, swiped when a customer has none: nobody.
--
-- One row: one card.
--
-- key: record_id, kind, value
SELECT 'tills:' || "Card" AS record_id,
       'loyalty_id' AS kind,
       "Card" AS value,
       'tills' AS source,
       min(parse_timestamp("Sold At", 'Europe/London', '%m/%d/%Y %I:%M %p')) AS seen_first_at,
       max(parse_timestamp("Sold At", 'Europe/London', '%m/%d/%Y %I:%M %p')) AS seen_last_at
FROM raw.till_receipts
WHERE "Card" IS NOT NULL AND "Card" <> '2999999999997'
GROUP BY "Card"
