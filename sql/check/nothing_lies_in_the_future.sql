-- Nothing is dated more than a day after $as_of.
--
-- A typing slip, a clock that is wrong, a placeholder such as 9999-12-31. Such rows are kept and do not count before their
-- day comes. The day of $as_of itself and time zones ahead of UTC are allowed for.
-- One row: one table with such rows, and how many.
--
-- severity: warn
WITH moments AS (
    SELECT 'clean.orders' AS table_name, ordered_at AS at FROM clean.orders
    UNION ALL
    SELECT 'clean.events', occurred_at FROM clean.events
    UNION ALL
    SELECT 'clean.messages', sent_at FROM clean.messages
    UNION ALL
    SELECT 'clean.consents', effective_at FROM clean.consents
    UNION ALL
    SELECT 'clean.tickets', opened_at FROM clean.tickets
    UNION ALL
    SELECT 'clean.loyalty_movements', moved_at FROM clean.loyalty_movements
)
SELECT table_name, count(*) AS future_rows
FROM moments
WHERE at >= $as_of + INTERVAL '2' DAY
GROUP BY table_name
ORDER BY table_name
