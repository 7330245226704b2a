//! Onefold: an embedded single-customer-view engine. Many records folded into one customer.
//!
//! The modules, in the order in which data flows:

pub mod affinity;
mod chart;
pub mod cli;
pub mod clock;
mod delimiter;
pub mod demo;
pub mod engine;
pub mod error;
mod feedback;
pub mod identity;
pub mod lake;
pub mod land;
pub mod learn;
mod memory;
mod names;
mod parallel;
pub mod pipeline;
pub mod progress;
pub mod project;
pub mod repl;
mod report;
pub mod value;
