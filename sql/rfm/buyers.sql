-- What each customer's buying looks like to the models of lifetime value.
--
-- One row: one customer with a purchase in $currency before $as_of. Several purchases on a day are one, because the models
-- ask on how many occasions somebody bought. `age_days` ends with the last day that counts, the day before $as_of.
-- Purchases in other currencies are left out: their amounts could not be added up.
-- The first purchase is left out of `mean_spend`, as is usual: it often differs from those that follow. With
-- $returns_policy 'net' returns are taken off it in proportion.
--
-- key: customer_id
WITH days AS (
    SELECT customer_id, CAST(ordered_at AS DATE) AS day, sum(amount) AS amount
    FROM profile.orders
    WHERE is_purchase AND currency = $currency
    GROUP BY customer_id, CAST(ordered_at AS DATE)
), counted AS (
    SELECT d.customer_id, min(d.day) AS first_day, max(d.day) AS last_day, count(*) - 1 AS repeat_days,
           CAST(sum(d.amount) FILTER (WHERE d.day > CAST(h.first_order_at AS DATE)) AS DOUBLE) AS repeat_amount,
           CAST(max(h.monetary) AS DOUBLE) AS net, CAST(max(h.gross_amount) AS DOUBLE) AS gross
    FROM days AS d
    JOIN rfm.history AS h ON h.customer_id = d.customer_id AND h.currency = $currency
    GROUP BY d.customer_id
)
SELECT customer_id, $currency AS currency, repeat_days,
       days_between(first_day, last_day) AS first_to_last_days,
       days_between(first_day, $as_of) - 1 AS age_days,
       CASE WHEN gross > 0 THEN repeat_amount / repeat_days * least(greatest(net / gross, 0), 1)
            WHEN repeat_days > 0 THEN 0 END AS mean_spend
FROM counted
