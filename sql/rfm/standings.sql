-- RFM scores of every population: rfm.measures seen against rfm.thresholds.
--
-- One row: one member of a population. Scores run from 1 to 5, 5 being best. Where there are frozen thresholds, they are
-- those of the populations `now` and `then`. rfm.scores, rfm.channel_scores, rfm.currency_scores, rfm.account_scores and
-- rfm.moves are made from this.
--
-- key: population, part, id
WITH cuts AS (
    SELECT population, part,
           max(up_to) FILTER (WHERE measure = 'recency' AND score = 5) AS recency_5,
           max(up_to) FILTER (WHERE measure = 'recency' AND score = 4) AS recency_4,
           max(up_to) FILTER (WHERE measure = 'recency' AND score = 3) AS recency_3,
           max(up_to) FILTER (WHERE measure = 'recency' AND score = 2) AS recency_2,
           max(up_to) FILTER (WHERE measure = 'frequency' AND score = 1) AS frequency_1,
           max(up_to) FILTER (WHERE measure = 'frequency' AND score = 2) AS frequency_2,
           max(up_to) FILTER (WHERE measure = 'frequency' AND score = 3) AS frequency_3,
           max(up_to) FILTER (WHERE measure = 'frequency' AND score = 4) AS frequency_4,
           max(up_to) FILTER (WHERE measure = 'monetary' AND score = 1) AS monetary_1,
           max(up_to) FILTER (WHERE measure = 'monetary' AND score = 2) AS monetary_2,
           max(up_to) FILTER (WHERE measure = 'monetary' AND score = 3) AS monetary_3,
           max(up_to) FILTER (WHERE measure = 'monetary' AND score = 4) AS monetary_4
    FROM rfm.thresholds
    GROUP BY population, part
), seen AS (
    SELECT m.*, CASE WHEN m.population IN ('now', 'then') AND f.thresholds > 0 THEN 'frozen' ELSE m.population END AS cut_by
    FROM rfm.measures AS m
    CROSS JOIN (SELECT count(*) AS thresholds FROM rfm.thresholds WHERE population = 'frozen') AS f
    WHERE m.population <> 'frozen'
), scored AS (
    SELECT s.population, s.part, s.id, s.currency, s.recency_days, s.frequency, s.monetary,
           CAST(CASE WHEN s.recency_days <= c.recency_5 THEN 5 WHEN s.recency_days <= c.recency_4 THEN 4
                     WHEN s.recency_days <= c.recency_3 THEN 3 WHEN s.recency_days <= c.recency_2 THEN 2
                     ELSE 1 END AS BIGINT) AS recency_score,
           CAST(CASE WHEN s.frequency <= c.frequency_1 THEN 1 WHEN s.frequency <= c.frequency_2 THEN 2
                     WHEN s.frequency <= c.frequency_3 THEN 3 WHEN s.frequency <= c.frequency_4 THEN 4
                     ELSE 5 END AS BIGINT) AS frequency_score,
           CAST(CASE WHEN s.monetary <= c.monetary_1 THEN 1 WHEN s.monetary <= c.monetary_2 THEN 2
                     WHEN s.monetary <= c.monetary_3 THEN 3 WHEN s.monetary <= c.monetary_4 THEN 4
                     ELSE 5 END AS BIGINT) AS monetary_score
    FROM seen AS s
    JOIN cuts AS c ON c.population = s.cut_by AND c.part = s.part
)
SELECT s.*, 100 * s.recency_score + 10 * s.frequency_score + s.monetary_score AS rfm_score, l.label
FROM scored AS s
JOIN rfm.labels AS l ON l.recency_score = s.recency_score AND l.frequency_score = s.frequency_score
