-- The models of lifetime value, fitted to all customers: of when they buy and until when, and of how much they spend.
--
-- One row: one model in the reporting currency. `mbg_nbd`: MBG/NBD (Batislam et al. 2007) by days; customers differ in how
-- often they buy, and may leave after each purchase, the first one too. `gamma_gamma`: the amounts of repeat purchases
-- (Fader, Hardie 2013). Where customers do not show when they leave, `a` is 0: nobody leaves (NBD). Read `warning` before
-- using predictions, and look at `onefold value backtest`.
--
-- key: model, currency
WITH fitted AS (
    SELECT mbg_nbd_fit(repeat_days, first_to_last_days, age_days) AS buying,
           gamma_gamma_fit(repeat_days, mean_spend) AS spending
    FROM rfm.buyers
)
SELECT 'mbg_nbd' AS model, $currency AS currency,
       buying['r'] AS r, buying['alpha'] AS alpha, buying['a'] AS a, buying['b'] AS b,
       CAST(NULL AS DOUBLE) AS p, CAST(NULL AS DOUBLE) AS q, CAST(NULL AS DOUBLE) AS v,
       buying['log_likelihood'] AS log_likelihood, buying['n'] AS n,
       buying['converged'] AS converged, buying['identified'] AS identified, buying['warning'] AS warning
FROM fitted
UNION ALL
SELECT 'gamma_gamma', $currency,
       CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE),
       spending['p'], spending['q'], spending['v'],
       spending['log_likelihood'], spending['n'], spending['converged'], spending['identified'], spending['warning']
FROM fitted
