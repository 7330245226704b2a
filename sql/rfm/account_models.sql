-- The models of lifetime value for companies.
--
-- One row: one model, as in rfm.value_models. With $account_model_min accounts that bought, or more, they are fitted to
-- the accounts (`learnt_from` accounts). With fewer there is too little to learn from, and they are those of all customers
-- (`learnt_from` customers): a company buys more than a person, so that the order of the accounts is worth more than the
-- amounts.
--
-- key: model, currency
WITH fitted AS (
    SELECT count(*) AS accounts,
           mbg_nbd_fit(repeat_days, first_to_last_days, age_days) AS buying,
           gamma_gamma_fit(repeat_days, mean_spend) AS spending
    FROM rfm.account_buyers
)
SELECT 'mbg_nbd' AS model, $currency AS currency, 'accounts' AS learnt_from,
       buying['r'] AS r, buying['alpha'] AS alpha, buying['a'] AS a, buying['b'] AS b,
       CAST(NULL AS DOUBLE) AS p, CAST(NULL AS DOUBLE) AS q, CAST(NULL AS DOUBLE) AS v,
       buying['log_likelihood'] AS log_likelihood, buying['n'] AS n,
       buying['converged'] AS converged, buying['identified'] AS identified, buying['warning'] AS warning
FROM fitted
WHERE accounts >= $account_model_min
UNION ALL
SELECT 'gamma_gamma', $currency, 'accounts',
       CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE), CAST(NULL AS DOUBLE),
       spending['p'], spending['q'], spending['v'],
       spending['log_likelihood'], spending['n'], spending['converged'], spending['identified'], spending['warning']
FROM fitted
WHERE accounts >= $account_model_min
UNION ALL
SELECT m.model, m.currency, 'customers', m.r, m.alpha, m.a, m.b, m.p, m.q, m.v,
       m.log_likelihood, m.n, m.converged, m.identified, m.warning
FROM rfm.value_models AS m
CROSS JOIN (SELECT count(*) AS accounts FROM rfm.account_buyers) AS b
WHERE b.accounts < $account_model_min
