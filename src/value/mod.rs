//! Lifetime value: probability models of buying, leaving and spending, fitted by maximum likelihood.
//!
//! Pure mathematics: no Arrow, no SQL, no I/O, no clock, no chance. A [`Sample`] collects what a fit needs, `fit` returns a
//! [`Fit`], and the fitted parameters answer questions about a customer. Times are in one unit of the caller's choice;
//! results do not depend on which.

mod bg_nbd;
mod beta_geometric;
mod eigen;
mod gamma;
mod history;
mod hypergeometric;
mod mbg_nbd;
mod model;
mod nbd;
mod optimise;
mod quadrature;
mod sample;

pub use bg_nbd::BgNbd;
pub use history::{Histories, History};
pub use mbg_nbd::MbgNbd;
pub use model::{BuyingModel, Fit, Parameters};
pub use nbd::Nbd;
pub use sample::Sample;

#[cfg(test)]
mod golden;
