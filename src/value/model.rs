//! What all models have in common: named parameters, the outcome of a fit, and the questions that can be asked.

use serde::Serialize;

use crate::error::Result;

use super::history::{Histories, History};
use super::optimise::Optimum;
use super::quadrature::integrate_ageing;

/// The parameters of a model under their usual names.
pub trait Parameters: Copy {
    /// The names, in the order of [`Parameters::values`].
    const NAMES: &'static [&'static str];

    /// The values.
    fn values(&self) -> Vec<f64>;

    /// The parameters with these values; none when the number of values is not that of the names.
    fn from_values(values: &[f64]) -> Option<Self>;
}

/// Writes a parameters struct and its [`Parameters`].
macro_rules! parameters {
    ($(#[$about:meta])* $name:ident { $($(#[$field_about:meta])* $field:ident),+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
        pub struct $name {
            $($(#[$field_about])* pub $field: f64),+
        }

        impl $crate::value::Parameters for $name {
            const NAMES: &'static [&'static str] = &[$(stringify!($field)),+];

            fn values(&self) -> Vec<f64> {
                vec![$(self.$field),+]
            }

            fn from_values(values: &[f64]) -> Option<Self> {
                let &[$($field),+] = values else { return None };
                Some(Self { $($field),+ })
            }
        }
    };
}
pub(super) use parameters;

/// The outcome of a fit by maximum likelihood.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fit<P> {
    /// The parameters that predictions use; NaN where there was nothing to learn from.
    pub parameters: P,
    /// The log-likelihood of these parameters, for times in the caller's unit.
    pub log_likelihood: f64,
    /// The number of customers that were used.
    pub n: u64,
    /// Whether the search ended at a maximum.
    pub converged: bool,
    /// Whether the data determine the parameters. If not, `warning` says what is used instead.
    pub identified: bool,
    /// What a user must know before using the predictions.
    pub warning: Option<String>,
}

impl<P: Parameters> Fit<P> {
    /// The outcome where nothing can be learnt.
    pub(super) fn nothing(n: u64, why: &str) -> Self {
        let nan = vec![f64::NAN; P::NAMES.len()];
        let parameters = P::from_values(&nan).expect("there is a value for each name");
        let warning = Some(why.to_owned());
        Self { parameters, log_likelihood: f64::NAN, n, converged: false, identified: false, warning }
    }

    /// The outcome of a search, with `parameters` in the caller's unit.
    pub(super) fn of<const N: usize>(optimum: &Optimum<N>, parameters: P, n: u64, density: f64) -> Self {
        let identified = optimum.is_identified();
        let warning = match (optimum.converged, identified) {
            (true, true) => None,
            (true, false) => Some(format!(
                "the data do not determine {}: many values fit equally well, predictions hold but do not read \
                 meaning into the parameters",
                undetermined::<P, N>(optimum)
            )),
            (false, _) => Some(
                "the search for the best parameters did not end: compare the predictions with a holdout period before \
                 use"
                .to_owned(),
            ),
        };
        let log_likelihood = optimum.log_likelihood + density;
        Self { parameters, log_likelihood, n, converged: optimum.converged, identified, warning }
    }
}

impl<P: Parameters> Fit<P> {
    /// Whether `optimum` tells of dropout, beside the best model in which nobody leaves: a model with two parameters more
    /// must gain ln n (the information criterion of Schwarz 1978), or chance may have made it.
    pub(super) fn shows_dropout<const N: usize>(optimum: &Optimum<N>, never: &Optimum<2>, n: u64) -> bool {
        optimum.log_likelihood - never.log_likelihood > (n as f64).ln()
    }

    /// The outcome where no dropout shows: NBD, written in the model's own `parameters`.
    pub(super) fn without_dropout(never: &Optimum<2>, parameters: P, n: u64, density: f64) -> Self {
        let warning = "these customers do not show when they leave: a model in which nobody leaves (NBD) fits as well and \
                       is used instead, so the probability to be alive is 1 for all; trust purchase rates, not churn";
        Self { identified: false, warning: Some(warning.to_owned()), ..Self::of(never, parameters, n, density) }
    }
}

/// The names of the parameters with large errors: `a`, `a and b`, `r, a and b`.
fn undetermined<P: Parameters, const N: usize>(optimum: &Optimum<N>) -> String {
    let large = P::NAMES.iter().zip(&optimum.log_errors).filter(|(_, error)| **error >= 3.0 || error.is_nan());
    let names: Vec<String> = large.map(|(name, _)| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

/// How far a value looks ahead, and how what comes later counts less.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ahead {
    /// In units of time.
    pub horizon: f64,
    /// The yearly discount rate: 0.1 for 10 %.
    pub annual_rate: f64,
    /// How many units of time a year has.
    pub units_per_year: f64,
}

impl Ahead {
    /// The rate for one unit of time, in continuous time.
    pub(super) fn delta(self) -> f64 {
        self.annual_rate.ln_1p() / self.units_per_year
    }
}

/// A model of when the customers of a shop buy, and until when: NBD, BG/NBD, MBG/NBD, Pareto/NBD, BG/BB.
pub trait BuyingModel: Parameters {
    /// The prefix of its SQL functions.
    const NAME: &'static str;

    /// A history that the model understands.
    ///
    /// # Errors
    /// As [`History::new`].
    fn history(frequency: f64, recency: f64, age: f64) -> Result<History> {
        History::new(frequency, recency, age)
    }

    /// Fits the parameters by maximum likelihood.
    fn fit(histories: &Histories) -> Fit<Self>;

    /// The log-likelihood of one customer's history, for times in the unit of the parameters.
    fn log_likelihood(&self, history: &History) -> f64;

    /// The probability that the customer is still a customer.
    fn p_alive(&self, history: &History) -> f64;

    /// The expected number of purchase periods in the next `horizon` units of time of who is alive. Of the history, they
    /// depend on frequency and age alone.
    fn orders_if_alive(&self, frequency: f64, age: f64, horizon: f64) -> f64;

    /// The probability that who is alive buys at all in the next `horizon` units of time.
    fn p_order_if_alive(&self, frequency: f64, age: f64, horizon: f64) -> f64;

    /// The expected number of purchase periods in the next `horizon` units of time, given the history.
    fn expected_orders(&self, history: &History, horizon: f64) -> f64 {
        if horizon <= 0.0 {
            return 0.0;
        }
        self.p_alive(history) * self.orders_if_alive(history.frequency, history.age, horizon)
    }

    /// Whether anybody ever leaves with these parameters. If not, everybody is alive, and that says nothing of anybody.
    fn shows_dropout(&self) -> bool;

    /// The probability that the customer buys at all in the next `horizon` units of time, given the history.
    fn p_order(&self, history: &History, horizon: f64) -> f64 {
        self.p_alive(history) * self.p_order_if_alive(history.frequency, history.age, horizon)
    }

    /// The expected number of repeat purchase periods E[X(t)] of a random customer in the first `age` units of time.
    fn expected_orders_since_first(&self, age: f64) -> f64;

    /// The probabilities that a random customer of that age has 0, 1, …, `most` repeat purchase periods.
    fn distribution(&self, age: f64, most: usize) -> Vec<f64>;

    /// A time over which the expected orders of a customer of that age change noticeably, in the unit of the parameters.
    fn time_scale(&self, age: f64) -> f64;

    /// The discounted value of the next `horizon` units of time: `spend` · ∫ e^(−δt) dE[orders up to t].
    ///
    /// `spend` is the expected amount of an order. The discount is by the calendar: `annual_rate` is the yearly rate (0.1
    /// for 10 %) and `units_per_year` says how many units of time a year has (365.25 days, 52.18 weeks), so that the value
    /// is the same in every unit. In continuous time there is no grid of months to be off by.
    fn clv(&self, history: &History, spend: f64, horizon: f64, annual_rate: f64, units_per_year: f64) -> f64 {
        let ahead = Ahead { horizon, annual_rate, units_per_year };
        spend * (self.p_alive(history) * self.discounted_if_alive(history.frequency, history.age, ahead))
    }

    /// The purchase periods that are to be expected of who is alive, each discounted as [`Self::clv`] says.
    fn discounted_if_alive(&self, frequency: f64, age: f64, ahead: Ahead) -> f64 {
        let Ahead { horizon, .. } = ahead;
        if horizon <= 0.0 {
            return 0.0;
        }
        let delta = ahead.delta();
        let orders = |t: f64| self.orders_if_alive(frequency, age, t);
        if delta == 0.0 {
            return orders(horizon);
        }
        // By parts, so that only expectations are needed: ∫ e^(−δt) dE = e^(−δh) E(h) + δ ∫ e^(−δt) E(t) dt.
        let scale = self.time_scale(age).min(1.0 / delta.abs());
        let inner = integrate_ageing(horizon, scale, |t| (-delta * t).exp() * orders(t));
        (-delta * horizon).exp() * orders(horizon) + delta * inner
    }
}
