//! The functions of sBG, for subscriptions: `sbg_fit`, `sbg_survival`, `sbg_retention` and `sbg_expected_renewals`.

use datafusion::arrow::datatypes::DataType;

use super::super::FunctionDoc;
use super::super::aggregate::Aggregate;
use super::super::scalar::{Scalar, Takes};
use super::columns::predict;
use super::fit::{Fits, coerce, fitted, outcome, state};
use crate::value::{Parameters, Sbg, Tenure};

pub(in super::super) static SBG_FIT: Aggregate = Aggregate {
    doc: FunctionDoc {
        name: "sbg_fit",
        signature: "sbg_fit(periods, ended [, customers])",
        returns: "STRUCT(alpha, beta, log_likelihood, n, converged, identified, warning)",
        summary: "sBG (Fader, Hardie 2007): subscribers leave at the end of a period with a probability of their own. \
                  Fitted by maximum likelihood to `periods`, those paid by who has left (`ended`), or the renewals so far \
                  of who has not. A row stands for one customer, or for `customers` of them. Rows with a NULL do not \
                  count.",
        example: "SELECT round(sbg_fit(periods, ended, customers)['alpha'], 3) FROM (VALUES (1, true, 131), \
                  (2, true, 126), (3, true, 90), (3, false, 653)) AS tenure(periods, ended, customers)",
        example_result: "4.644",
    },
    coerce: |given| coerce(given, 2),
    returns: |_| fitted(Sbg::NAMES),
    state: |name, _| state(name, 2),
    groups: |_| {
        Ok(Box::new(Fits::<2>::new(
            Sbg::NAMES,
            2,
            |values| Tenure::new(values[0], values[1] > 0.0).map(Into::into),
            |sample| outcome(Sbg::fit(sample)),
        )))
    },
};

pub(in super::super) static SBG_SURVIVAL: Scalar = Scalar {
    doc: FunctionDoc {
        name: "sbg_survival",
        signature: "sbg_survival(model, periods)",
        returns: "DOUBLE",
        summary: "The share of new subscribers who are still there after so many periods, by a model from sbg_fit. NULL if \
                  an argument is, or if it is not a whole number from 0.",
        example: "round(sbg_survival(named_struct('alpha', 0.668, 'beta', 3.806), 7), 4)",
        example_result: "0.4889",
    },
    takes: &[Takes::Model(Sbg::NAMES), Takes::Number],
    more: None,
    returns: DataType::Float64,
    check: None,
    kernel: |arguments, rows| predict(arguments, rows, |model: &Sbg, [periods]| Some(model.survival(whole(periods)?))),
};

pub(in super::super) static SBG_RETENTION: Scalar = Scalar {
    doc: FunctionDoc {
        name: "sbg_retention",
        signature: "sbg_retention(model, period)",
        returns: "DOUBLE",
        summary: "The share of subscribers there before the end of a period (1, 2, …) who are there after it, by a model \
                  from sbg_fit. NULL if an argument is, or if it is not a whole number from 1.",
        example: "round(sbg_retention(named_struct('alpha', 0.668, 'beta', 3.806), 2), 4)",
        example_result: "0.878",
    },
    takes: &[Takes::Model(Sbg::NAMES), Takes::Number],
    more: None,
    returns: DataType::Float64,
    check: None,
    kernel: |arguments, rows| {
        predict(arguments, rows, |model: &Sbg, [period]| {
            whole(period).filter(|period| *period > 0).map(|period| model.retention(period))
        })
    },
};

pub(in super::super) static SBG_EXPECTED_RENEWALS: Scalar = Scalar {
    doc: FunctionDoc {
        name: "sbg_expected_renewals",
        signature: "sbg_expected_renewals(model, renewals, horizon, rate)",
        returns: "DOUBLE",
        summary: "The expected renewals within the next `horizon` periods of a subscriber who has renewed so many times, \
                  each discounted at `rate` per period, by a model from sbg_fit. Times the price of a period it is the \
                  lifetime value. NULL if an argument is, or cannot be.",
        example: "round(sbg_expected_renewals(named_struct('alpha', 0.668, 'beta', 3.806), 3, 5, 0.1), 4)",
        example_result: "3.0323",
    },
    takes: &[Takes::Model(Sbg::NAMES), Takes::Number, Takes::Number, Takes::Number],
    more: None,
    returns: DataType::Float64,
    check: None,
    kernel: |arguments, rows| {
        predict(arguments, rows, |model: &Sbg, [renewals, horizon, rate]| {
            let (renewals, horizon) = (whole(renewals)?, whole(horizon)?);
            (rate >= 0.0).then(|| model.expected_renewals(renewals, horizon, rate))
        })
    },
};

/// A whole number of periods, at most some thousands of years of days.
fn whole(periods: f64) -> Option<u32> {
    let fits = (0.0..=1e6).contains(&periods) && periods.fract() == 0.0;
    fits.then_some(periods as u32)
}
