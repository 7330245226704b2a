-- Everybody who has scores on $as_of has moved from somewhere, and once.
--
-- One row: the customers of rfm.migration who have a label now are not those of rfm.scores.
SELECT m.customers, s.scores
FROM (SELECT coalesce(sum(customers), 0) AS customers FROM rfm.migration WHERE to_label <> 'none') AS m
CROSS JOIN (SELECT count(*) AS scores FROM rfm.scores) AS s
WHERE m.customers <> s.scores
