//! `gamma_gamma_fit` and `gamma_gamma_expected_spend`: how much an order of a customer will bring.

use datafusion::arrow::datatypes::DataType;

use super::super::FunctionDoc;
use super::super::aggregate::Aggregate;
use super::super::scalar::{Scalar, Takes};
use super::columns::predict;
use super::fit::{Fits, coerce, fitted, outcome, state};
use crate::value::{GammaGamma, Parameters, Spend};

pub(in super::super) static GAMMA_GAMMA_FIT: Aggregate = Aggregate {
    doc: FunctionDoc {
        name: "gamma_gamma_fit",
        signature: "gamma_gamma_fit(frequency, monetary [, customers])",
        returns: "STRUCT(p, q, v, log_likelihood, n, converged, identified, warning)",
        summary: "Gamma–Gamma (Fader, Hardie 2013): amounts of orders differ around a mean of the customer's own. Fitted by \
                  maximum likelihood to customers' numbers of purchase periods and their mean amounts. Rows with a NULL, \
                  without a purchase, or with a mean of zero or less do not count.",
        example: "SELECT gamma_gamma_fit(frequency, monetary)['n'] FROM (VALUES (1, 12.0), (2, 30.0), (5, 18.0), \
                  (0, 0.0)) AS spend(frequency, monetary)",
        example_result: "3",
    },
    coerce: |given| coerce(given, 2),
    returns: |_| fitted(GammaGamma::NAMES),
    state: |name, _| state(name, 2),
    groups: |_| {
        Ok(Box::new(Fits::<2>::new(
            GammaGamma::NAMES,
            2,
            |values| Spend::new(values[0], values[1]).map(Into::into),
            |sample| outcome(GammaGamma::fit(sample)),
        )))
    },
};

pub(in super::super) static GAMMA_GAMMA_EXPECTED_SPEND: Scalar = Scalar {
    doc: FunctionDoc {
        name: "gamma_gamma_expected_spend",
        signature: "gamma_gamma_expected_spend(model, frequency, monetary)",
        returns: "DOUBLE",
        summary: "The expected amount of an order of a customer with so many purchase periods of this mean amount, by a \
                  model from gamma_gamma_fit: between his own mean and that of all. With frequency 0 that of all, \
                  whatever `monetary` is. NULL if an argument is, or if it is not finite.",
        example: "round(gamma_gamma_expected_spend(named_struct('p', 6.25, 'q', 3.744, 'v', 15.44), 2, 22.35), 2)",
        example_result: "24.66",
    },
    takes: &[Takes::Model(GammaGamma::NAMES), Takes::Number, Takes::Number],
    more: None,
    returns: DataType::Float64,
    check: None,
    kernel: |arguments, rows| {
        predict(arguments, rows, |model: &GammaGamma, [frequency, monetary]| {
            Some(model.expected_spend(&Spend::new(frequency, monetary).ok()?))
        })
    },
};
