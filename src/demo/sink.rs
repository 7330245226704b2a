//! The files of the sample shop while they are written: each takes its parts in order and counts them.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use parquet::file::writer::SerializedFileWriter;

use super::FileSummary;
use super::row_group;
use super::sheet::Layout;
use super::write::Packing;
use crate::error::{Error, Kind, Result};

/// One block's rows of one file, ready to be written.
pub(super) struct Part {
    pub(super) bytes: Vec<u8>,
    pub(super) rows: u64,
}

/// A file being written.
pub(super) struct Sink<'a> {
    layout: &'a Layout,
    path: PathBuf,
    target: Target,
    rows: u64,
}

enum Target {
    Bytes { file: File, written: u64 },
    Parquet(SerializedFileWriter<File>),
}

impl<'a> Sink<'a> {
    /// Creates the file that `layout` describes below `dir`.
    pub(super) fn open(dir: &Path, layout: &'a Layout) -> Result<Self> {
        let path = dir.join(&layout.path);
        let file = create(&path)?;
        let target = match layout.packing {
            Packing::Parquet(columns) => {
                Target::Parquet(row_group::create(columns, file).map_err(|error| unwritable(&path, error))?)
            }
            _ => Target::Bytes { file, written: 0 },
        };
        let mut sink = Self { layout, path, target, rows: 0 };
        if !layout.head.is_empty() {
            sink.put(layout.packing.pack(layout.head.into()))?;
        }
        Ok(sink)
    }

    /// Appends the rows of the next block.
    pub(super) fn write(&mut self, part: Part) -> Result<()> {
        if part.rows == 0 {
            return Ok(());
        }
        if self.rows > 0 && !self.layout.between.is_empty() {
            self.put(self.layout.between.into())?;
        }
        self.rows += part.rows;
        self.put(part.bytes)
    }

    /// Ends the file and says what it holds.
    pub(super) fn close(mut self) -> Result<FileSummary> {
        if !self.layout.tail.is_empty() {
            self.put(self.layout.tail.into())?;
        }
        let bytes = match &mut self.target {
            Target::Bytes { written, .. } => *written,
            Target::Parquet(file) => {
                file.finish().map_err(|error| unwritable(&self.path, error))?;
                file.bytes_written() as u64
            }
        };
        Ok(FileSummary { path: self.layout.path.clone(), rows: self.rows, bytes })
    }

    fn put(&mut self, bytes: Vec<u8>) -> Result<()> {
        match &mut self.target {
            Target::Bytes { file, written } => {
                *written += bytes.len() as u64;
                file.write_all(&bytes).map_err(|error| unwritable(&self.path, error))
            }
            Target::Parquet(file) => {
                row_group::append(file, &Bytes::from(bytes)).map_err(|error| unwritable(&self.path, error))
            }
        }
    }
}

/// Creates a file and the folders above it.
pub(super) fn create(path: &Path) -> Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| unwritable(folder, error))?;
    }
    File::create(path).map_err(|error| unwritable(path, error))
}

/// The error of a file that does not take what it is given.
pub(super) fn unwritable(path: &Path, cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(Kind::Store, "cannot write the sample shop")
        .with("path", path.display())
        .source(cause)
        .hint("choose a folder that you may write to, on a disk with room")
}
