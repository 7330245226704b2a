//! The pipeline: from raw tables to segments, one SQL file a table, all in one commit.
//!
//! A run reads one pinned manifest, computes what has changed into new files, holds the contract and the checks against
//! it, and only then hands the next manifest to its caller to commit. It never lands sources and never commits.

mod blame;
mod check;
mod conform;
pub mod contract;
mod decide;
mod graph;
mod identity;
mod keys;
mod materialise;
pub mod overrides;
pub mod past;
mod query;
mod run;
mod segment;
mod select;
mod stage;

pub use contract::Contract;
pub use decide::Decision;
pub use graph::Pipeline;
pub use identity::explain;
pub use keys::repeated_keys;
pub use run::{RunOptions, RunReport, StageReport, plan, run};
pub use stage::{Stage, Work};
