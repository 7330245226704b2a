-- What each company's buying looks like to the models of lifetime value: rfm.buyers for accounts.
--
-- One row: one account with a purchase in $currency before $as_of. Purchases of all its contacts on a day are one.
--
-- key: account_id
WITH days AS (
    SELECT account_id, CAST(ordered_at AS DATE) AS day, sum(amount) AS amount
    FROM profile.account_orders
    WHERE is_purchase AND currency = $currency
    GROUP BY account_id, CAST(ordered_at AS DATE)
), totals AS (
    SELECT account_id,
           CAST(min(ordered_at) FILTER (WHERE is_purchase) AS DATE) AS first_day,
           CAST(sum(amount) FILTER (WHERE is_purchase OR $returns_policy = 'net') AS DOUBLE) AS net,
           CAST(sum(amount) FILTER (WHERE is_purchase) AS DOUBLE) AS gross
    FROM profile.account_orders
    WHERE currency = $currency
    GROUP BY account_id
), counted AS (
    SELECT d.account_id, min(d.day) AS first_day, max(d.day) AS last_day, count(*) - 1 AS repeat_days,
           CAST(sum(d.amount) FILTER (WHERE d.day > t.first_day) AS DOUBLE) AS repeat_amount,
           max(t.net) AS net, max(t.gross) AS gross
    FROM days AS d
    JOIN totals AS t ON t.account_id = d.account_id
    GROUP BY d.account_id
)
SELECT account_id, $currency AS currency, repeat_days,
       days_between(first_day, last_day) AS first_to_last_days,
       days_between(first_day, $as_of) - 1 AS age_days,
       CASE WHEN gross > 0 THEN repeat_amount / repeat_days * least(greatest(net / gross, 0), 1)
            WHEN repeat_days > 0 THEN 0 END AS mean_spend
FROM counted
