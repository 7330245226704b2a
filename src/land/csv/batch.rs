//! A chunk of CSV → the rows that could be read and the records that could not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use arrow::datatypes::SchemaRef;
use memchr::memchr;

use super::fields::{Dialect, Field, undouble};
use crate::error::{Error, Kind, Result};
use crate::land::chunk::Chunk;
use crate::land::column::TextColumn;
use crate::land::encoded::{Encoded, Offsets};
use crate::land::input::Meter;
use crate::land::part::Part;
use crate::land::quarantine::BadRow;

/// What each chunk of a file is read with.
pub(super) struct Parser {
    pub(super) dialect: Dialect,
    /// The file's columns, then `_file` and `_line`.
    pub(super) schema: SchemaRef,
    /// The value of `_file`.
    pub(super) file: String,
    /// Texts that stand for NULL.
    pub(super) null_values: Vec<String>,
    pub(super) encoded: Encoded,
    /// Counts records.
    pub(super) found: Meter,
    pub(super) room: Room,
}

/// How large chunks came out so far: those to come are about as large, and buffers that need not grow are not copied.
pub(super) struct Room {
    rows: AtomicUsize,
    /// Per column: the bytes of its values.
    bytes: Vec<AtomicUsize>,
}

impl Room {
    /// Nothing is known of the file's columns.
    pub(super) fn new(columns: usize) -> Self {
        Self { rows: AtomicUsize::new(0), bytes: (0..columns).map(|_| AtomicUsize::new(0)).collect() }
    }

    /// Room for the rows of a chunk, and a little more.
    fn columns(&self) -> Rows {
        let enough = |most: &AtomicUsize| {
            let most = most.load(Ordering::Relaxed);
            most + most / 16
        };
        let rows = enough(&self.rows);
        Rows {
            columns: self.bytes.iter().map(|bytes| TextColumn::with_capacity(rows, enough(bytes))).collect(),
            lines: Vec::with_capacity(rows),
        }
    }

    fn learn(&self, rows: &Rows) {
        self.rows.fetch_max(rows.lines.len(), Ordering::Relaxed);
        for (bytes, column) in self.bytes.iter().zip(&rows.columns) {
            bytes.fetch_max(column.bytes(), Ordering::Relaxed);
        }
    }
}

/// The rows of a chunk while they are read.
struct Rows {
    columns: Vec<TextColumn>,
    lines: Vec<i64>,
}

impl Parser {
    /// The names' number: how many fields a record must have.
    fn width(&self) -> usize {
        self.schema.fields().len() - 2
    }

    /// Reads the records of `chunk`.
    pub(super) fn parse(&self, chunk: &Chunk) -> Result<Part> {
        let text = &chunk.text;
        let clean = memchr(0, text).is_none() && std::str::from_utf8(text).is_ok();
        let mut rows = self.room.columns();
        let (mut bad, mut fields) = (Vec::new(), Vec::with_capacity(self.width()));
        let mut offsets = Offsets::new(self.encoded, chunk.offset);
        let (mut at, mut line, mut resync, mut records) = (chunk.start, chunk.line, 0, 0);
        while at < text.len() {
            let text = if at < resync { &text[..resync] } else { &text[..] };
            let mut record = self.dialect.split(text, at, &mut fields);
            records += u64::from(!record.blank);
            let reason = if record.blank {
                None
            } else if !record.balanced {
                Some("unbalanced quote".to_owned())
            } else if fields.len() != self.width() {
                // A quote that was closed by chance may have swallowed good records: only the first line is given up.
                if record.lines > 1 && self.width() > 1 {
                    resync = resync.max(record.end);
                    (record.end, record.lines) = (self.dialect.line_end(text, at), 1);
                }
                Some(format!("{} fields instead of {}", fields.len(), self.width()))
            } else if clean {
                None
            } else {
                self.encoded.flaw(&text[at..record.end])
            };
            if let Some(reason) = reason {
                let raw = self.encoded.show(trim_newline(&text[at..record.end]));
                bad.push(BadRow { line, byte_offset: offsets.of(text, at), reason, raw });
            } else if !record.blank {
                self.push(&mut rows, text, &fields);
                rows.lines.push(line as i64);
            }
            (at, line) = (record.end, line + record.lines);
        }
        self.found.add(records);
        self.room.learn(&rows);
        Ok(Part { rows: self.finish(rows)?, bad })
    }

    fn push(&self, rows: &mut Rows, text: &[u8], fields: &[Field]) {
        for (column, field) in rows.columns.iter_mut().zip(fields) {
            let value = field.of(text);
            if value.is_empty() || self.null_values.iter().any(|null| null.as_bytes() == value) {
                column.push_null();
            } else if field.doubled {
                column.push_with(|out| undouble(value, self.dialect.quote.unwrap_or_default(), out));
            } else {
                column.push(value);
            }
        }
    }

    fn finish(&self, rows: Rows) -> Result<RecordBatch> {
        let height = rows.lines.len();
        let mut arrays = Vec::with_capacity(self.width() + 2);
        for column in rows.columns {
            arrays.push(Arc::new(column.finish()?) as ArrayRef);
        }
        arrays.push(Arc::new(TextColumn::repeat(&self.file, height)?));
        arrays.push(Arc::new(Int64Array::from(rows.lines)));
        RecordBatch::try_new(Arc::clone(&self.schema), arrays)
            .map_err(|error| Error::new(Kind::Internal, "the rows do not fit their columns").source(error))
    }
}

fn trim_newline(record: &[u8]) -> &[u8] {
    let record = record.strip_suffix(b"\n").unwrap_or(record);
    record.strip_suffix(b"\r").unwrap_or(record)
}
