-- The propensity models: what they have learnt from, and how well they told of customers whom they had not seen.
--
-- One row: one model. `auc` is the probability that of two customers the one to whom it happened had been given the higher
-- probability: 0.5 is chance, 1 certainty. `log_loss` and `brier` are the usual errors of a probability, smaller is better;
-- `brier_of_share` is that of giving everybody the same, which a model must beat. Nothing is known of these where
-- `identified` is false: too few customers for so many traits, and then there are no probabilities either.
--
-- key: model
WITH learnt AS (
    SELECT model, max(days) AS days, max(n) AS n, max(positives) AS positives, max(log_likelihood) AS log_likelihood,
           bool_and(converged) AS converged, bool_and(identified) AS identified, max(warning) AS warning
    FROM rfm.propensity_traits
    GROUP BY model
), steps AS (
    SELECT model, probability, count(*) FILTER (WHERE happened) AS yes, count(*) FILTER (WHERE NOT happened) AS no
    FROM rfm.propensity_backtest
    GROUP BY model, probability
), ranked AS (
    SELECT model, probability, yes, no,
           sum(no) OVER (PARTITION BY model ORDER BY probability ROWS UNBOUNDED PRECEDING) - no AS no_below
    FROM steps
), held_out AS (
    SELECT model, CAST(sum(yes) + sum(no) AS BIGINT) AS customers, CAST(sum(yes) AS BIGINT) AS happened,
           round(sum(probability * (yes + no)), 3) AS expected,
           CASE WHEN sum(yes) > 0 AND sum(no) > 0
                THEN CAST(sum(yes * (2 * no_below + no)) AS DOUBLE) / (2.0 * CAST(sum(yes) AS DOUBLE) * CAST(sum(no) AS DOUBLE))
                END AS auc,
           -- A probability that was rounded to 0 or 1 was not meant to be certain.
           round(-sum(yes * ln(greatest(probability, 0.000001)) + no * ln(greatest(1.0 - probability, 0.000001)))
                 / CAST(sum(yes) + sum(no) AS DOUBLE), 6) AS log_loss,
           round(sum(yes * (1.0 - probability) * (1.0 - probability) + no * probability * probability)
                 / CAST(sum(yes) + sum(no) AS DOUBLE), 6) AS brier,
           round(CAST(sum(yes) AS DOUBLE) * CAST(sum(no) AS DOUBLE)
                 / (CAST(sum(yes) + sum(no) AS DOUBLE) * CAST(sum(yes) + sum(no) AS DOUBLE)), 6) AS brier_of_share
    FROM ranked
    GROUP BY model
)
SELECT l.model, l.days, l.n, l.positives, l.log_likelihood, l.converged, l.identified,
       coalesce(h.customers, 0) AS held_out, coalesce(h.happened, 0) AS held_out_positives, h.expected AS held_out_expected,
       round(h.auc, 6) AS auc, h.log_loss, h.brier, h.brier_of_share, l.warning
FROM learnt AS l
LEFT JOIN held_out AS h ON h.model = l.model
