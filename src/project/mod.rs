//! A project: a folder with `onefold.toml` and, below `sql/`, the stages that are its own.

pub mod config;
mod landing;
mod load;
mod params;
mod sql_folder;

use std::path::PathBuf;

pub use config::{Config, Format, Gc, Limits, Matching, Source, Tls};
pub use landing::{Expect, Keep, OnChange, Span};
pub use params::{AS_OF, Params, Value};
pub use sql_folder::{SqlFile, SqlFolder};

/// The name of the file that makes a folder a project.
pub const CONFIG_FILE: &str = "onefold.toml";

/// A project, read and checked.
#[derive(Debug, Clone)]
pub struct Project {
    /// The folder that relative paths start from.
    pub root: PathBuf,
    /// `onefold.toml`.
    pub config: Config,
    /// The parameters: the built-in defaults, then `[params]`.
    pub params: Params,
    /// The SQL files: the built-in ones, each replaced by the project's file of the same path.
    pub sql: SqlFolder,
}
