-- RFM scores: how recently, how often and for how much each customer bought, in fifths of all who did.
--
-- One row: one customer with net spend above zero in $currency before $as_of. Recency and frequency count purchases in
-- any currency, because who paid in another one last week has not lapsed; money in another currency is not added to the
-- spend (rfm.history has it). Scores run from 1 to 5, 5 being best.
-- They are cut at quantiles of the values (as pandas' qcut does), not of the rows: equal values get equal scores, and
-- the order of the rows changes nothing. A fifth can be larger than another for that reason. Labels: rfm.labels.
--
-- key: customer_id
WITH bought AS (
    SELECT customer_id, min(recency_days) AS recency_days, CAST(sum(frequency) AS BIGINT) AS frequency,
           max(CASE WHEN currency = $currency AND frequency > 0 THEN monetary END) AS monetary
    FROM rfm.history
    GROUP BY customer_id
), ranked AS (
    SELECT customer_id, recency_days, frequency, monetary,
           greatest(count(*) OVER () - 1, 1) AS others,
           5.0 * (rank() OVER (ORDER BY recency_days) - 1) AS recency_rank,
           5.0 * (rank() OVER (ORDER BY frequency) - 1) AS frequency_rank,
           5.0 * (rank() OVER (ORDER BY monetary) - 1) AS monetary_rank
    FROM bought
    WHERE monetary > 0
), scored AS (
    SELECT customer_id, recency_days, frequency, monetary,
           6 - CAST(greatest(ceil(recency_rank / CAST(others AS DOUBLE)), 1) AS BIGINT) AS recency_score,
           CAST(greatest(ceil(frequency_rank / CAST(others AS DOUBLE)), 1) AS BIGINT) AS frequency_score,
           CAST(greatest(ceil(monetary_rank / CAST(others AS DOUBLE)), 1) AS BIGINT) AS monetary_score
    FROM ranked
)
SELECT s.customer_id, s.recency_days, s.frequency, s.monetary, $currency AS currency,
       s.recency_score, s.frequency_score, s.monetary_score,
       100 * s.recency_score + 10 * s.frequency_score + s.monetary_score AS rfm_score,
       l.label
FROM scored AS s
JOIN rfm.labels AS l ON l.recency_score = s.recency_score AND l.frequency_score = s.frequency_score
