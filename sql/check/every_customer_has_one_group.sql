-- Every customer with scores and every prospect is in a group, once, and nobody else is.
--
-- One row: the number of groups is not the number of scores and prospects.
SELECT g.grouped, s.scores, p.prospects
FROM (SELECT count(*) AS grouped FROM rfm.groups) AS g
CROSS JOIN (SELECT count(*) AS scores FROM rfm.scores) AS s
CROSS JOIN (SELECT count(*) AS prospects FROM rfm.lifecycle WHERE lifecycle = 'prospect') AS p
WHERE g.grouped <> s.scores + p.prospects
