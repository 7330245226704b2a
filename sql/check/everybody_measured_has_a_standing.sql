-- Everybody whom rfm.measures knows has scores: thresholds are there for each population, and labels for each score.
--
-- One row: one population of which some have none.
SELECT m.population, m.part, m.members, coalesce(s.members, 0) AS scored
FROM (SELECT population, part, count(*) AS members FROM rfm.measures WHERE population <> 'frozen' GROUP BY population, part)
    AS m
LEFT JOIN (SELECT population, part, count(*) AS members FROM rfm.standings GROUP BY population, part) AS s
    ON s.population = m.population AND s.part = m.part
WHERE m.members <> coalesce(s.members, 0)
