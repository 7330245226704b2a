-- Customers by RFM label, best first, for the report of `onefold demo`.
--
-- key: label
SELECT label, count(*) AS customers, sum(monetary) AS monetary, min(currency) AS currency
FROM rfm.scores
GROUP BY label
ORDER BY avg(recency_score + frequency_score + monetary_score) DESC, label
