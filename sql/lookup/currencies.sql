-- What was spent in each currency, for the report of `onefold demo`.
--
-- One row: one currency in which customers bought. `unscored`: customers among them who have no scores, because scores
-- need net spend above zero in the reporting currency.
--
-- key: currency
SELECT h.currency, count(*) AS customers, sum(h.frequency) AS purchases, sum(h.monetary) AS monetary,
       count(*) - count(s.customer_id) AS unscored
FROM rfm.history AS h
LEFT JOIN rfm.scores AS s ON s.customer_id = h.customer_id
WHERE h.frequency > 0
GROUP BY h.currency
ORDER BY count(*) DESC, h.currency
