//! A file read as landing reads it, without a lake: for trying the settings of a source, and for holding the readers to
//! what they promise.

use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use futures::TryStreamExt;

use super::chunk::CHUNK_BYTES;
use super::input::Input;
use super::load;
use super::quarantine::BadRow;
use super::settings::Settings;
use crate::error::{Error, Kind, Result};
use crate::project::Source;

/// How a file is read. Its rows do not depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// How many workers read it.
    pub threads: usize,
    /// How much of its text is read at a time, in bytes.
    pub chunk_bytes: usize,
}

impl Default for Reading {
    fn default() -> Self {
        Self { threads: 1, chunk_bytes: CHUNK_BYTES }
    }
}

/// What a file would land as.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// The rows for `raw`, in the file's order: the file's columns, then `_file` and `_line`.
    pub rows: RecordBatch,
    /// The records for `quarantine`, in the file's order. All of them are here, however many.
    pub bad: Vec<BadRow>,
    /// What the user should know about the file.
    pub notices: Vec<String>,
}

impl Trial {
    /// Reads `file`, on local disk, with the settings of `source`. All its rows are in memory then.
    ///
    /// # Errors
    /// `Config` for settings that cannot be used, `Source` when the file cannot be read as a whole.
    pub async fn read(source: &Source, file: &Path, reading: Reading) -> Result<Self> {
        let name = file.display().to_string();
        let settings = Settings::new("trial", source, &name)?;
        let mut input = Input::new("trial", &name, file, settings, reading.threads)?;
        input.chunk_bytes = reading.chunk_bytes.max(1);
        let input = Arc::new(input);
        let mut rows = load::open(&input).await?;
        let (mut batches, mut bad) = (Vec::new(), Vec::new());
        while let Some(part) = rows.parts.try_next().await? {
            batches.push(part.rows);
            bad.extend(part.bad);
        }
        let joined = concat_batches(&rows.schema, &batches)
            .map_err(|error| Error::new(Kind::Internal, "the parts of a file do not fit together").source(error))?;
        load::balance(&input, joined.num_rows() as u64, bad.len() as u64)?;
        Ok(Self { rows: joined, bad, notices: rows.notices })
    }
}
