-- The sets of labels are partitions: each triple of scores has exactly one label of each set.
--
-- One row: one triple of scores without a label, or with two.
SELECT r.score AS recency_score, f.score AS frequency_score, m.score AS monetary_score, count(l.label) AS labels
FROM (VALUES (1), (2), (3), (4), (5)) AS r(score)
CROSS JOIN (VALUES (1), (2), (3), (4), (5)) AS f(score)
CROSS JOIN (VALUES (1), (2), (3), (4), (5)) AS m(score)
LEFT JOIN rfm.label_sets AS l
    ON l.recency_score = r.score AND l.frequency_score = f.score AND l.monetary_score = m.score
    AND l.shopify_group IS NOT NULL AND l.popular_label IS NOT NULL
GROUP BY r.score, f.score, m.score
HAVING count(l.label) <> 1
