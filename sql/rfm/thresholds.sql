-- What makes a 5: the values at which the scores change.
--
-- One row: one score of one measure within one population of rfm.measures. Whoever has a value more than `above` and at
-- most `up_to` gets the score: recency in days, of which few are good, frequency in purchases, spend in money.
--
-- A population is cut into fifths at quantiles of the values (as pandas' qcut does), not of the rows: equal values get
-- equal scores, and the order of the rows changes nothing. A fifth can be larger than another for that reason; a score
-- that ties leave nothing for has `above` equal to `up_to`, and no members.
--
-- So that people do not move because others moved, freeze the thresholds of the populations `now` and `then`: set
-- $thresholds_as_of to a date, and they are cut by customers as they were on it. Or write your own: a file
-- sql/rfm/thresholds.frozen.sql in the project with rows of a population `frozen`, in the same columns.
--
-- key: population, part, measure, score
WITH spread AS (
    SELECT population, part, 'recency' AS measure, CAST(recency_days AS DECIMAL(18,2)) AS value, count(*) AS members
    FROM rfm.measures GROUP BY population, part, recency_days
    UNION ALL
    SELECT population, part, 'frequency', CAST(frequency AS DECIMAL(18,2)), count(*)
    FROM rfm.measures GROUP BY population, part, frequency
    UNION ALL
    SELECT population, part, 'monetary', monetary, count(*)
    FROM rfm.measures GROUP BY population, part, monetary
), counted AS (
    SELECT s.population, s.part, s.measure, s.value, p.members,
           CAST(sum(s.members) OVER (PARTITION BY s.population, s.part, s.measure ORDER BY s.value) AS BIGINT) AS so_far
    FROM spread AS s
    JOIN (SELECT population, part, count(*) AS members FROM rfm.measures GROUP BY population, part) AS p
        ON p.population = s.population AND p.part = s.part
), cut AS (
    -- Fifth k ends with the first value that more than k/5 of the others, all but oneself, do not exceed.
    SELECT population, part, measure, max(members) AS upto_5,
           min(value) FILTER (WHERE 5 * so_far > 1 * (members - 1)) AS cut_1,
           min(value) FILTER (WHERE 5 * so_far > 2 * (members - 1)) AS cut_2,
           min(value) FILTER (WHERE 5 * so_far > 3 * (members - 1)) AS cut_3,
           min(value) FILTER (WHERE 5 * so_far > 4 * (members - 1)) AS cut_4,
           min(so_far) FILTER (WHERE 5 * so_far > 1 * (members - 1)) AS upto_1,
           min(so_far) FILTER (WHERE 5 * so_far > 2 * (members - 1)) AS upto_2,
           min(so_far) FILTER (WHERE 5 * so_far > 3 * (members - 1)) AS upto_3,
           min(so_far) FILTER (WHERE 5 * so_far > 4 * (members - 1)) AS upto_4
    FROM counted
    GROUP BY population, part, measure
)
SELECT population, part, measure, CAST(CASE measure WHEN 'recency' THEN 6 - fifth ELSE fifth END AS BIGINT) AS score,
       CASE fifth WHEN 2 THEN cut_1 WHEN 3 THEN cut_2 WHEN 4 THEN cut_3 WHEN 5 THEN cut_4 END AS above,
       CASE fifth WHEN 1 THEN cut_1 WHEN 2 THEN cut_2 WHEN 3 THEN cut_3 WHEN 4 THEN cut_4 END AS up_to,
       CASE fifth WHEN 1 THEN upto_1 WHEN 2 THEN upto_2 - upto_1 WHEN 3 THEN upto_3 - upto_2
                  WHEN 4 THEN upto_4 - upto_3 ELSE upto_5 - upto_4 END AS members
FROM cut CROSS JOIN (VALUES (1), (2), (3), (4), (5)) AS f(fifth)
