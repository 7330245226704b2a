//! Rows of a database on their way into a batch: those that fit their columns' types, and those that do not.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use arrow::datatypes::{Fields, SchemaRef};
use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt, TryStreamExt};

use super::builder::Builder;
use super::cell::Cell;
use crate::error::{Error, Kind, Result};
use crate::land::column::TextColumn;
use crate::land::part::Part;
use crate::land::quarantine::BadRow;

/// Rows of a batch at most.
const BATCH_ROWS: usize = 8192;

/// A batch ends early when its texts take this much.
const BATCH_BYTES: usize = 8 << 20;

/// Gathers rows, which are numbered from 1 in the order in which they come.
pub(super) struct Batch {
    schema: SchemaRef,
    file: String,
    columns: Vec<Builder>,
    lines: Vec<i64>,
    bad: Vec<BadRow>,
    text_bytes: usize,
    line: u64,
}

impl Batch {
    /// For rows of `schema`, which ends with `_file` and `_line`; `file` is what `_file` says. `line` rows came before.
    pub(super) fn new(schema: SchemaRef, file: &str, line: u64) -> Self {
        let own = schema.fields().len().saturating_sub(2);
        let columns = schema.fields().iter().take(own).map(|field| Builder::new(field.data_type())).collect();
        let (file, lines, bad) = (file.to_owned(), Vec::new(), Vec::new());
        Self { schema, file, columns, lines, bad, text_bytes: 0, line }
    }

    /// Takes a row in.
    pub(super) fn push(&mut self, row: Vec<Cell<'_>>) {
        self.line += 1;
        self.text_bytes += row.iter().map(Cell::text_bytes).sum::<usize>();
        let fields = self.schema.fields();
        let row = row.into_iter().zip(fields).map(|(cell, field)| cell.into_type(field.data_type()));
        let row: Vec<Result<Cell<'_>, Cell<'_>>> = row.collect();
        if let Some(at) = row.iter().position(Result::is_err) {
            let reason = format!("the value of `{}` is not of its type, {}", fields[at].name(), fields[at].data_type());
            let (line, raw) = (self.line, raw(fields, &row));
            self.bad.push(BadRow { line, byte_offset: 0, reason, raw });
            return;
        }
        for (cell, column) in row.into_iter().flatten().zip(&mut self.columns) {
            column.push(cell);
        }
        self.lines.push(self.line as i64);
    }

    /// Whether the batch is to be taken before the next row.
    pub(super) fn is_full(&self) -> bool {
        self.lines.len() + self.bad.len() >= BATCH_ROWS || self.text_bytes >= BATCH_BYTES
    }

    /// The rows so far, which are no longer here.
    pub(super) fn take(&mut self) -> Result<Part> {
        let lines = std::mem::take(&mut self.lines);
        let mut arrays: Vec<ArrayRef> = self.columns.iter_mut().map(Builder::finish).collect();
        arrays.push(Arc::new(TextColumn::repeat(&self.file, lines.len())?));
        arrays.push(Arc::new(Int64Array::from(lines)));
        let rows = RecordBatch::try_new(Arc::clone(&self.schema), arrays)
            .map_err(|error| Error::new(Kind::Internal, "a batch cannot be built").source(error))?;
        self.text_bytes = 0;
        Ok(Part { rows, bad: std::mem::take(&mut self.bad) })
    }
}

/// The parts that `batch` makes of `rows`, each of which `push` puts into it.
pub(super) fn in_batches<'a, R: Send + 'a>(
    rows: impl Stream<Item = Result<R>> + Send + 'a,
    batch: Batch,
    push: impl Fn(&R, &mut Batch) + Copy + Send + 'a,
) -> BoxStream<'a, Result<Part>> {
    let parts = stream::try_unfold(Some((rows.boxed(), batch)), move |state| async move {
        let Some((mut rows, mut batch)) = state else { return Ok(None) };
        while !batch.is_full() {
            match rows.try_next().await? {
                Some(row) => push(&row, &mut batch),
                None => return Ok(Some((batch.take()?, None))),
            }
        }
        Ok(Some((batch.take()?, Some((rows, batch)))))
    });
    parts.boxed()
}

/// The row as one JSON object, for people.
fn raw(fields: &Fields, row: &[Result<Cell<'_>, Cell<'_>>]) -> String {
    let texts = row.iter().map(|cell| match cell {
        Ok(Cell::Null) => serde_json::Value::Null,
        Ok(cell) | Err(cell) => cell.to_string().into(),
    });
    serde_json::Value::Object(fields.iter().map(|field| field.name().clone()).zip(texts).collect()).to_string()
}
