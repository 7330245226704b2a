-- title: Nobody had bought on $thresholds_as_of: set a later date under [params], or leave it out
--
-- One row: there are buyers to be scored, and none to take frozen thresholds from.
SELECT n.buyers
FROM (SELECT count(*) AS buyers FROM rfm.measures WHERE population = 'now') AS n
CROSS JOIN (SELECT count(*) AS buyers FROM rfm.measures WHERE population = 'frozen') AS f
WHERE $thresholds_as_of < $as_of AND n.buyers > 0 AND f.buyers = 0
