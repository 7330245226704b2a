-- The label grid is a partition: each pair of scores has exactly one label.
--
-- One row: one pair of recency and frequency score without a label, or with two.
SELECT r.score AS recency_score, f.score AS frequency_score, count(l.label) AS labels
FROM (VALUES (1), (2), (3), (4), (5)) AS r(score)
CROSS JOIN (VALUES (1), (2), (3), (4), (5)) AS f(score)
LEFT JOIN rfm.labels AS l ON l.recency_score = r.score AND l.frequency_score = f.score
GROUP BY r.score, f.score
HAVING count(l.label) <> 1
