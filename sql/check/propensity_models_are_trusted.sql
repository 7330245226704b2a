-- title: Propensities are to be read with care: see rfm.propensity_models
--
-- Few customers say little, so that only models of a thousand or more are told of: those with a warning, and those that
-- were no better on customers held out than giving everybody the same probability.
-- One row: one such model.
--
-- severity: warn
SELECT model, n, positives, auc, brier, brier_of_share, warning
FROM rfm.propensity_models
WHERE n >= 1000 AND (warning IS NOT NULL OR brier >= brier_of_share)
