//! The lake: every byte that Onefold stores, and the commit log that says which of them count.
//!
//! Data files and manifests are written once under new names and never overwritten; a run becomes visible by one
//! conditional put of the next manifest. There is no pointer to the current run: the head is the highest manifest.
//! Only this module writes objects, and it knows nothing of SQL: it must never import the query engine.

mod below;
mod commit;
mod data_file;
mod durable;
mod footer;
mod gc;
mod intact;
pub mod layout;
mod leftover;
pub mod manifest;
mod pieces;
mod publish;
pub mod ranges;
mod restore;
mod retry;
mod snapshot;
mod store;
mod verify;

pub use data_file::DataFileWriter;
pub(crate) use data_file::value_bytes;
pub use durable::Flush;
pub use gc::{Garbage, Keep, Object};
pub use intact::Damage;
pub use layout::TableName;
pub use manifest::{DataFile, Fingerprint, Footer, Load, Manifest, Newest, Notice, Table, Watermark};
pub use publish::Published;
pub use snapshot::Snapshot;
pub use store::Lake;
pub(crate) use store::connect;
pub use verify::{Damaged, PUBLISHED, Verification};
