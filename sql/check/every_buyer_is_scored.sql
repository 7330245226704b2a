-- Every customer with net spend in the reporting currency has scores, once, and nobody else has.
--
-- One row: the number of customers to be scored is not the number of scores.
SELECT h.buyers, s.scores
FROM (SELECT count(*) AS buyers FROM rfm.history WHERE currency = $currency AND frequency > 0 AND monetary > 0) AS h
CROSS JOIN (SELECT count(*) AS scores FROM rfm.scores) AS s
WHERE h.buyers <> s.scores
