//! The records that could not be read: kept with their place and the reason, and counted.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use object_store::path::Path;

use super::column::TextColumn;
use crate::error::{Error, Kind, Result};
use crate::lake::layout::quarantine_schema;
use crate::lake::{DataFile, DataFileWriter, Lake};

/// How many bad records an error names.
const NAMED: usize = 5;

/// One record that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// The line, or the JSON element, from 1.
    pub line: u64,
    /// Where it begins in the file, in bytes; in the decompressed file, if it is packed.
    pub byte_offset: u64,
    /// Why; never with a value from the record.
    pub reason: String,
    /// The record, with bytes that are not text as `\xHH`.
    pub raw: String,
}

/// The quarantine of one load. Nothing is written before the first bad record.
pub(super) struct Quarantine {
    lake: Lake,
    path: Path,
    file: String,
    load: String,
    writer: Option<DataFileWriter>,
    rows: u64,
    named: Vec<String>,
}

impl Quarantine {
    /// For the load `load` of `file`, written to `path`.
    pub(super) fn new(lake: &Lake, path: Path, file: &str, load: &str) -> Self {
        let (file, load) = (file.to_owned(), load.to_owned());
        Self { lake: lake.clone(), path, file, load, writer: None, rows: 0, named: Vec::new() }
    }

    /// Takes records in, in the file's order.
    pub(super) async fn push(&mut self, bad: &[BadRow]) -> Result<()> {
        if bad.is_empty() {
            return Ok(());
        }
        self.rows += bad.len() as u64;
        let free = NAMED - self.named.len();
        self.named.extend(bad.iter().take(free).map(|row| format!("  line {}: {}", row.line, row.reason)));
        let batch = self.batch(bad)?;
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => none.insert(self.lake.create(self.path.clone(), quarantine_schema(), &[])?),
        };
        writer.write(batch).await
    }

    /// Records so far.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Stops the load when more than `percent_max` percent of its `read` records are here.
    pub(super) fn check(&self, source: &str, read: u64, percent_max: f64) -> Result<()> {
        if self.rows as f64 * 100.0 <= percent_max * read as f64 {
            return Ok(());
        }
        let percent = self.rows as f64 * 100.0 / read as f64;
        let message =
            format!("{} of {read} records cannot be read ({percent:.1} %), more than {percent_max} %", self.rows);
        let mut detail = self.named.join("\n");
        if self.rows > NAMED as u64 {
            detail.push_str("\n  …");
        }
        Err(Error::new(Kind::Check, message).with("source", source).with("file", &self.file).detail(detail).hint(format!(
            "nothing landed; check `delimiter`, `quote` and `encoding` under `[sources.{source}]`, or raise `quarantine_percent_max`"
        )))
    }

    /// Finishes the file, if there is one.
    pub(super) async fn finish(self) -> Result<Option<DataFile>> {
        match self.writer {
            Some(writer) => writer.finish().await.map(Some),
            None => Ok(None),
        }
    }

    fn batch(&self, bad: &[BadRow]) -> Result<RecordBatch> {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(TextColumn::repeat(&self.file, bad.len())?),
            Arc::new(Int64Array::from_iter_values(bad.iter().map(|row| row.line as i64))),
            Arc::new(Int64Array::from_iter_values(bad.iter().map(|row| row.byte_offset as i64))),
            Arc::new(StringArray::from_iter_values(bad.iter().map(|row| &row.reason))),
            Arc::new(StringArray::from_iter_values(bad.iter().map(|row| &row.raw))),
            Arc::new(TextColumn::repeat(&self.load, bad.len())?),
        ];
        RecordBatch::try_new(quarantine_schema(), columns)
            .map_err(|error| Error::new(Kind::Internal, "the quarantine does not fit its columns").source(error))
    }
}
