-- Every customer who bought in the reporting currency is in one cluster and has propensities, and nobody else is.
--
-- One row: the number of buyers is not that of customers with a cluster, or not that of customers with propensities.
SELECT b.buyers, c.clustered, p.propensities
FROM (SELECT count(*) AS buyers FROM rfm.history WHERE currency = $currency AND frequency > 0) AS b
CROSS JOIN (SELECT count(*) AS clustered FROM rfm.clusters WHERE cluster IS NOT NULL) AS c
CROSS JOIN (SELECT count(*) AS propensities FROM rfm.propensities) AS p
WHERE b.buyers <> c.clustered OR b.buyers <> p.propensities
