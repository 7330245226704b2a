//! The query engine: DataFusion on the tables of one pinned run, with the functions that SQL lacks.
//!
//! It reads the lake and never writes to it; it knows nothing of sources, stages or commits.

pub mod functions;
mod reference;
mod session;
mod spill;
mod sql_error;
mod tables;

pub use session::{Session, SessionOptions};
pub use sql_error::{explain, explain_without_sql};
