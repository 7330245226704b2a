-- Every customer who bought in the reporting currency has predictions, once, and nobody else has.
--
-- One row: the number of buyers is not the number of predictions.
SELECT b.buyers, p.predictions
FROM (SELECT count(*) AS buyers FROM rfm.history WHERE currency = $currency AND frequency > 0) AS b
CROSS JOIN (SELECT count(*) AS predictions FROM rfm.predictions) AS p
WHERE b.buyers <> p.predictions
