//! What the rows of a table have in common: clusters of like rows, and the probability of a label.
//!
//! Pure mathematics: no Arrow, no SQL, no I/O, no clock. [`Rows`] collects what a fit needs; [`Clustering`] (k-means) and
//! [`Logistic`] are fits, whose parts answer questions about a row. A trait is a number that describes a row; one that is
//! not known (NaN) counts as usual, which is the mean.
//!
//! Nothing here depends on the order in which rows come, on threads, or on chance: rows are put into the order of a hash of
//! their numbers before anything is summed, which is also the order of a fair sample, and what must be drawn is drawn from
//! a generator with a fixed seed.

#![allow(clippy::float_cmp, reason = "rows are sorted and grouped by equal numbers")]

mod cholesky;
mod clusters;
mod logistic;
mod rows;
mod scale;

pub use clusters::{Centre, Clustering, Clusters, cluster};
pub use logistic::{Coefficient, Logistic, logistic, probability};
pub use rows::Rows;
pub use scale::Scale;

#[cfg(test)]
mod simulate;
