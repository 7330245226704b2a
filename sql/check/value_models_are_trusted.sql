-- title: Predicted lifetime values are to be read with care: see `warning` of rfm.value_models
--
-- Few customers say little, so that only models of a hundred or more are told of.
-- One row: one model with a warning.
--
-- severity: warn
SELECT model, n, warning
FROM rfm.value_models
WHERE warning IS NOT NULL AND n >= 100
