//! Lifetime value: probability models of buying, leaving and spending, fitted by maximum likelihood.
//!
//! Pure mathematics: no Arrow, no SQL, no I/O, no clock, no chance. A [`Sample`] collects what a fit needs, `fit` returns a
//! [`Fit`], and the fitted parameters answer questions about a customer. Times are in one unit of the caller's choice;
//! results do not depend on which.

#![allow(clippy::float_cmp, reason = "rows are sorted and grouped by equal numbers")]
#![allow(clippy::many_single_char_names, reason = "the names are those of the papers")]

mod backtest;
mod beta_geometric;
mod bg_bb;
mod bg_nbd;
mod eigen;
mod exponential_integral;
mod gamma;
mod gamma_gamma;
mod history;
mod hypergeometric;
mod mbg_nbd;
mod model;
mod nbd;
mod optimise;
mod pareto_integral;
mod pareto_nbd;
mod pareto_series;
mod quadrature;
mod sample;
mod sbg;
mod tracking;

pub use backtest::{Backtest, Bucket, Compared, Holdout, Holdouts, Payer, backtest, backtest_spend};
pub use bg_bb::BgBb;
pub use bg_nbd::BgNbd;
pub use gamma_gamma::{GammaGamma, Spend, Spends};
pub use history::{Histories, History};
pub use mbg_nbd::MbgNbd;
pub use model::{Ahead, BuyingModel, Fit, Parameters};
pub use nbd::Nbd;
pub use pareto_nbd::ParetoNbd;
pub use sample::Sample;
pub use sbg::{Sbg, Tenure, Tenures};
pub use tracking::{Counted, Tracked, frequencies, track};

#[cfg(test)]
mod golden;
#[cfg(test)]
mod properties;
