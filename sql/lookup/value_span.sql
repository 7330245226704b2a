-- What there is among the transactions of `onefold value`, and what cannot be used of it.
--
-- One row: all transactions.
SELECT count(*) AS rows_read,
       count(*) FILTER (WHERE customer_id IS NULL) AS anonymous,
       count(*) FILTER (WHERE ordered_at IS NULL) AS undated,
       count(*) FILTER (WHERE amount IS NULL) AS unpriced,
       count(*) FILTER (WHERE amount < 0) AS returns,
       count(DISTINCT currency) AS currencies,
       string_agg(DISTINCT currency, ', ' ORDER BY currency) AS named_currencies,
       CAST(min(CAST(ordered_at AS DATE)) AS VARCHAR) AS first_day,
       CAST(max(CAST(ordered_at AS DATE)) AS VARCHAR) AS last_day
FROM transactions
