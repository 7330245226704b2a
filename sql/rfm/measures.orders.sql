-- Recency, frequency and spend by orders: of customers in the past and by channel, and of accounts.
--
-- One row: one customer or account with a purchase and net spend above zero in $currency. Populations:
-- `then`      customers as they were $migration_days before $as_of
-- `frozen`    customers as they were on $thresholds_as_of, if that is before $as_of
-- `channel`   customers by what they bought through the channel `part`; 'unknown' where the order has none
-- `account`   companies, by what all their contacts bought
-- As in population `now`, purchases in any currency count, and money in $currency alone.
--
-- key: population, part, id
WITH chosen AS (
    SELECT 'then' AS population, '' AS part, customer_id AS id, is_purchase, currency, amount,
           days_between(ordered_at, $as_of) - $migration_days AS days_ago
    FROM profile.orders
    WHERE days_between($as_of, ordered_at) + $migration_days < 0
    UNION ALL
    SELECT 'frozen', '', customer_id, is_purchase, currency, amount, days_between(ordered_at, $thresholds_as_of)
    FROM profile.orders
    WHERE ordered_at < $thresholds_as_of AND $thresholds_as_of < $as_of
    UNION ALL
    SELECT 'channel', coalesce(channel, 'unknown'), customer_id, is_purchase, currency, amount,
           days_between(ordered_at, $as_of)
    FROM profile.orders
    UNION ALL
    SELECT 'account', '', account_id, is_purchase, currency, amount, days_between(ordered_at, $as_of)
    FROM profile.account_orders
), counted AS (
    SELECT population, part, id,
           min(days_ago) FILTER (WHERE is_purchase) AS recency_days,
           count(*) FILTER (WHERE is_purchase) AS frequency,
           count(*) FILTER (WHERE is_purchase AND currency = $currency) AS in_currency,
           CAST(sum(amount) FILTER (WHERE currency = $currency AND (is_purchase OR $returns_policy = 'net'))
                AS DECIMAL(18,2)) AS monetary
    FROM chosen
    GROUP BY population, part, id
)
SELECT population, part, id, $currency AS currency, recency_days, frequency, monetary
FROM counted
WHERE in_currency > 0 AND monetary > 0
