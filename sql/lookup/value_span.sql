-- What there is among the transactions of `onefold value`, and what cannot be used of it. Days are those before $tomorrow.
--
-- One row: all transactions. Amounts without a currency beside others that have one are of one more.
WITH currencies AS (
    SELECT count(DISTINCT currency) AS named, max(currency) AS currency,
           string_agg(DISTINCT currency, ', ' ORDER BY currency) AS names, count(*) > count(currency) AS some_unnamed
    FROM transactions
)
SELECT count(*) AS rows_read,
       count(*) FILTER (WHERE t.customer_id IS NULL) AS anonymous,
       count(*) FILTER (WHERE t.ordered_at IS NULL) AS undated,
       count(*) FILTER (WHERE t.amount IS NULL) AS unpriced,
       count(*) FILTER (WHERE t.amount < 0) AS returns,
       count(*) FILTER (WHERE t.ordered_at >= $tomorrow) AS ahead,
       max(CASE WHEN c.named > 0 AND c.some_unnamed THEN c.named + 1 ELSE c.named END) AS currencies,
       max(CASE WHEN length(c.names) > 60 THEN concat(left(c.names, 60), ' …') ELSE c.names END
           || CASE WHEN c.some_unnamed THEN ', and none' ELSE '' END) AS named_currencies,
       max(c.currency) AS currency,
       CAST(min(CAST(t.ordered_at AS DATE)) FILTER (WHERE t.ordered_at < $tomorrow) AS VARCHAR) AS first_day,
       CAST(max(CAST(t.ordered_at AS DATE)) FILTER (WHERE t.ordered_at < $tomorrow) AS VARCHAR) AS last_day
FROM transactions AS t
CROSS JOIN currencies AS c
