//! Lifetime value in SQL: a fit is an aggregate whose result is a STRUCT, a prediction a scalar function that takes it.
//! What they compute is in [`crate::value`]; here are the SQL types, the columns and the texts.

mod buying;
mod columns;
mod fit;
mod spend;
mod subscription;

pub(super) use buying::{BG_BB, BG_NBD, MBG_NBD, NBD, PARETO_NBD, PARETO_NBD_RESIDUAL_ORDERS};
pub(super) use spend::{GAMMA_GAMMA_EXPECTED_SPEND, GAMMA_GAMMA_FIT};
pub(super) use subscription::{SBG_EXPECTED_RENEWALS, SBG_FIT, SBG_RETENTION, SBG_SURVIVAL};
