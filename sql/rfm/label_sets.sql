-- The labels of each triple of scores in three sets: true partitions, each triple has one label of each set.
--
-- One row: one triple of scores. `label` is by rfm.labels. `shopify_group` has the names of Shopify's CustomerRfmGroup
-- (shopify.dev, Admin GraphQL, enum CustomerRfmGroup). As Shopify's help says ("RFM customer analysis"), a group is by
-- recency and by the mean of frequency and monetary score; where one ends and the next begins is our reading of the
-- groups' descriptions. PROSPECTS, who have no scores, are in rfm.groups. `popular_label` is the first rule of
-- rfm.popular_rules that matches. To use other sets, copy this file into the project's folder sql/rfm.
--
-- key: recency_score, frequency_score, monetary_score
WITH shopify AS (
    -- Rows are recency, columns the mean of frequency and monetary score: from 1, 2, 3, 4, and 5.
    SELECT * FROM (VALUES
        (5, 'NEW',         'ACTIVE',      'ACTIVE',          'CHAMPIONS', 'CHAMPIONS'),
        (4, 'PROMISING',   'ACTIVE',      'ACTIVE',          'LOYAL',     'LOYAL'),
        (3, 'ALMOST_LOST', 'ALMOST_LOST', 'NEEDS_ATTENTION', 'LOYAL',     'LOYAL'),
        (2, 'DORMANT',     'DORMANT',     'AT_RISK',         'AT_RISK',   'PREVIOUSLY_LOYAL'),
        (1, 'DORMANT',     'DORMANT',     'AT_RISK',         'AT_RISK',   'PREVIOUSLY_LOYAL')
    ) AS g(recency_score, v1, v2, v3, v4, v5)
), triples AS (
    SELECT l.recency_score, l.frequency_score, CAST(m.monetary_score AS BIGINT) AS monetary_score, l.label,
           l.frequency_score + m.monetary_score AS twice_value
    FROM rfm.labels AS l
    CROSS JOIN (VALUES (1), (2), (3), (4), (5)) AS m(monetary_score)
), popular AS (
    SELECT t.recency_score, t.frequency_score, t.monetary_score, min(r.priority) AS priority
    FROM triples AS t
    JOIN rfm.popular_rules AS r
        ON t.recency_score BETWEEN r.recency_from AND r.recency_to
        AND t.twice_value BETWEEN 2 * r.value_from AND 2 * r.value_to
    GROUP BY t.recency_score, t.frequency_score, t.monetary_score
)
SELECT t.recency_score, t.frequency_score, t.monetary_score, t.label,
       CASE WHEN t.twice_value < 4 THEN s.v1 WHEN t.twice_value < 6 THEN s.v2 WHEN t.twice_value < 8 THEN s.v3
            WHEN t.twice_value < 10 THEN s.v4 ELSE s.v5 END AS shopify_group,
       r.label AS popular_label
FROM triples AS t
JOIN shopify AS s ON s.recency_score = t.recency_score
JOIN popular AS p
    ON p.recency_score = t.recency_score AND p.frequency_score = t.frequency_score
    AND p.monetary_score = t.monetary_score
JOIN rfm.popular_rules AS r ON r.priority = p.priority
