-- Who buys in other currencies than $currency, the reporting currency. Scores are by spend in $currency alone, because
-- money of different currencies is never added up: whoever buys only in others has none. For the reports of `onefold
-- refresh`, `demo` and `status`.
--
-- One row: one other currency. `unscored_buyers`: those among its buyers who have no scores at all.
--
-- key: currency
SELECT h.currency,
       count(*) AS buyers,
       count(*) FILTER (WHERE s.customer_id IS NULL) AS unscored_buyers,
       CAST(sum(h.frequency) AS BIGINT) AS orders,
       sum(h.monetary) AS monetary
FROM rfm.history AS h
LEFT JOIN rfm.scores AS s ON s.customer_id = h.customer_id
WHERE h.currency <> $currency AND h.frequency > 0
GROUP BY h.currency
ORDER BY h.currency
