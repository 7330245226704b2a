-- title: There are orders, but none in $currency: set `currency` under [params] of onefold.toml
--
-- One row: one currency that orders are in. Without orders in the reporting currency every score would be missing.
-- This is about the project's settings, so that orders of any date count.
SELECT currency, orders
FROM (
    SELECT currency, count(*) AS orders, max(CASE WHEN currency = $currency THEN 1 ELSE 0 END) OVER () AS is_in_use
    FROM clean.orders
    GROUP BY currency
) AS used
WHERE is_in_use = 0
