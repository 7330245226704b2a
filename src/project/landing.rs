//! The rules of a source's files, as `onefold.toml` names them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which of a source's files count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Keep {
    /// All that ever landed: rows of files that vanish stay.
    #[default]
    All,
    /// Those that are there: rows of files that vanish go too.
    Present,
    /// The last in the order of names: each file is the whole, a full snapshot.
    Latest,
}

/// What a file does that changed since it landed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnChange {
    /// Its rows take the place of those that landed before.
    #[default]
    Replace,
    /// Its rows come on top of those that landed before.
    Append,
    /// It is an error: nothing lands.
    Stop,
}
