//! One file of a source, on local disk, and how it is read.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::settings::Settings;
use crate::error::{Error, Kind};

/// A file to be read.
pub(super) struct Input {
    /// The source that it belongs to.
    pub(super) source: String,
    /// Its name as people know it: relative to the project, or a URL.
    pub(super) name: String,
    /// Where its bytes are.
    pub(super) path: PathBuf,
    /// Its size in bytes.
    pub(super) bytes: u64,
    /// How it is read.
    pub(super) settings: Settings,
    /// How many workers may read it.
    pub(super) threads: usize,
    /// How much of its text is read at a time, in bytes. The outcome does not depend on it.
    pub(super) chunk_bytes: usize,
    /// How much of it has been read.
    pub(super) meter: Meter,
}

/// Counts bytes between the thread that reads and the task that reports.
#[derive(Clone, Default)]
pub(super) struct Meter(Arc<AtomicU64>);

impl Meter {
    /// `bytes` more were read.
    pub(super) fn add(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }

    /// What was read since the last call.
    pub(super) fn take(&self) -> u64 {
        self.0.swap(0, Ordering::Relaxed)
    }
}

impl Input {
    /// An error about this file.
    pub(super) fn error(&self, message: impl Into<String>) -> Error {
        Error::new(Kind::Source, message).with("source", &self.source).with("file", &self.name)
    }

    /// The error that the file's bytes cannot be read.
    pub(super) fn unreadable(&self, cause: std::io::Error) -> Error {
        self.error("the file cannot be read").source(cause).hint("check that it is whole and that you may read it")
    }
}
