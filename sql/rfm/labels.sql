-- The label of each pair of recency and frequency score: a true partition, each pair has exactly one label.
--
-- One row: one pair of scores. Rows of the grid are recency, best first; columns are frequency, from 1 to 5. To use
-- other labels, copy this file into the project's folder sql/rfm.
--
-- key: recency_score, frequency_score
WITH grid AS (
    SELECT * FROM (VALUES
        (5, 'new_customer',   'potential_loyalist', 'potential_loyalist', 'champion', 'champion'),
        (4, 'promising',      'potential_loyalist', 'potential_loyalist', 'loyal',    'loyal'),
        (3, 'about_to_sleep', 'about_to_sleep',     'need_attention',     'loyal',    'loyal'),
        (2, 'hibernating',    'hibernating',        'at_risk',            'at_risk',  'cant_lose'),
        (1, 'hibernating',    'hibernating',        'at_risk',            'at_risk',  'cant_lose')
    ) AS g(recency_score, f1, f2, f3, f4, f5)
)
SELECT CAST(recency_score AS BIGINT) AS recency_score, CAST(frequency_score AS BIGINT) AS frequency_score,
       CASE frequency_score WHEN 1 THEN f1 WHEN 2 THEN f2 WHEN 3 THEN f3 WHEN 4 THEN f4 ELSE f5 END AS label
FROM grid CROSS JOIN (VALUES (1), (2), (3), (4), (5)) AS f(frequency_score)
