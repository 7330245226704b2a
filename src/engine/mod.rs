//! The query engine: DataFusion on the tables of one pinned run, with the functions that SQL lacks.
//!
//! It reads the lake and never writes to it; it knows nothing of sources, stages or commits.

mod balance;
mod compact;
mod depth;
mod files;
mod from_first;
pub mod functions;
mod join_keys;
mod literals;
mod newest;
mod pool;
mod ranges;
mod reference;
mod scan;
mod session;
mod sort;
mod spill;
mod sql_error;
mod sql_hint;
mod sql_message;
mod statistics;
mod tables;
mod texts;
mod types;

pub use balance::{balance, balance_sql};
pub use depth::{STACK_BYTES, too_deep};
pub use files::expand_home;
pub use session::{Session, SessionOptions};
pub use sql_error::{explain, explain_for_log, explain_syntax, explain_without_sql};
pub use sql_message::plain_literals;
pub use texts::in_one_piece;
pub use types::{readable_type, sql_type};
