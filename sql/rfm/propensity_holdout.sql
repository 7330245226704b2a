-- Whether the probabilities can be trusted: customers held out, in tenths by what was said of them, and what they did.
--
-- One row: one model and one tenth of its customers in rfm.propensity_backtest; 1 holds those with the highest
-- probabilities. Where the model is right, `expected` and `actual` are near each other in every tenth; `lift` is how many
-- times as often it happened in the tenth as among all.
--
-- key: model, decile
WITH ranked AS (
    SELECT model, probability, happened,
           CAST(ntile(10) OVER (PARTITION BY model ORDER BY probability DESC, customer_id) AS BIGINT) AS decile
    FROM rfm.propensity_backtest
), counted AS (
    SELECT model, decile, count(*) AS customers, min(probability) AS lowest, max(probability) AS highest,
           round(sum(probability), 3) AS expected, count(*) FILTER (WHERE happened) AS actual
    FROM ranked
    GROUP BY model, decile
), overall AS (
    SELECT model, count(*) FILTER (WHERE happened) / CAST(count(*) AS DOUBLE) AS share
    FROM rfm.propensity_backtest
    GROUP BY model
)
SELECT c.model, c.decile, c.customers, c.lowest, c.highest, c.expected, c.actual,
       CASE WHEN o.share > 0 THEN round(c.actual / CAST(c.customers AS DOUBLE) / o.share, 6) END AS lift
FROM counted AS c
JOIN overall AS o ON o.model = c.model
