//! One file of a source, on local disk, and how it is read.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use super::chunk::CHUNK_BYTES;
use super::settings::Settings;
use crate::error::{Error, Kind, Result};

/// A file to be read.
#[derive(Clone)]
pub(super) struct Input {
    /// The source that it belongs to.
    pub(super) source: String,
    /// Its name as people know it: relative to the project, or a URL.
    pub(super) name: String,
    /// The value of `_file` in its rows: its name, or that of a version of it.
    pub(super) file: String,
    /// Where its bytes are.
    pub(super) path: PathBuf,
    /// Its size in bytes and when it was last written, before it is read.
    pub(super) bytes: u64,
    pub(super) modified: Option<SystemTime>,
    /// How it is read.
    pub(super) settings: Settings,
    /// How many workers may read it.
    pub(super) threads: usize,
    /// How much of its text is read at a time, in bytes. The outcome does not depend on it.
    pub(super) chunk_bytes: usize,
    /// How much of it has been read.
    pub(super) meter: Meter,
    /// How many records were found in it, where they are told from each other: before any of them is looked into.
    pub(super) records: Meter,
}

/// Counts between the threads that read and the task that reports.
#[derive(Clone, Default)]
pub(super) struct Meter(Arc<AtomicU64>);

impl Meter {
    /// So many more were read.
    pub(super) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    /// What was read since the last call.
    pub(super) fn take(&self) -> u64 {
        self.0.swap(0, Ordering::Relaxed)
    }
}

impl Input {
    /// The file at `path`, called `name`, of the source called `source`.
    pub(super) fn new(source: &str, name: &str, path: &Path, settings: Settings, threads: usize) -> Result<Self> {
        let mut input = Self {
            source: source.to_owned(),
            name: name.to_owned(),
            file: name.to_owned(),
            path: path.to_owned(),
            bytes: 0,
            modified: None,
            settings,
            threads,
            chunk_bytes: CHUNK_BYTES,
            meter: Meter::default(),
            records: Meter::default(),
        };
        (input.bytes, input.modified) = input.stamp()?;
        Ok(input)
    }

    /// Tells its rows from those of versions that landed before; the names of versions sort by run.
    pub(super) fn as_version_of(&mut self, run: u64) {
        self.file = format!("{}@{run:08}", self.name);
    }

    /// The file's size in bytes, and when it was last written.
    pub(super) fn stamp(&self) -> Result<(u64, Option<SystemTime>)> {
        let meta = std::fs::metadata(&self.path).map_err(|error| self.unreadable(error))?;
        Ok((meta.len(), meta.modified().ok()))
    }

    /// An error about this file.
    pub(super) fn error(&self, message: impl Into<String>) -> Error {
        Error::new(Kind::Source, message).with("source", &self.source).with("file", &self.name)
    }

    /// The error that the file's bytes cannot be read.
    pub(super) fn unreadable(&self, cause: std::io::Error) -> Error {
        self.error("the file cannot be read").source(cause).hint("check that it is whole and that you may read it")
    }
}
