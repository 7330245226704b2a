//! A chunk of CSV → the rows that could be read and the records that could not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use arrow::datatypes::SchemaRef;
use memchr::{memchr, memchr_iter};

use super::fields::{Dialect, Field, Quotes, Record, undouble};
use crate::error::{Error, Kind, Result};
use crate::land::chunk::Chunk;
use crate::land::column::TextColumn;
use crate::land::encoded::{Encoded, Offsets};
use crate::land::input::Meter;
use crate::land::part::Part;
use crate::land::quarantine::BadRow;

/// Of the lines that a stray quote has joined, one in so many may be damaged itself.
const WRONG_ONE_IN: u64 = 10;

/// So many lines that are right prove, whatever the first line is, that they are records.
const MANY: u64 = 10;

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
        let mut offsets = Offsets::new(self.encoded, chunk.offset, &chunk.known);
        let (mut at, mut line, mut records) = (chunk.start, chunk.line, 0);
        // Up to where a stray quote had joined what are records, and up to where nobody knows what they are.
        let (mut joined, mut unknown) = (0, 0);
        while at < text.len() {
            let (text, last) = if at < joined { (&text[..joined], false) } else { (&text[..], chunk.last) };
            let is_unknown = at < unknown;
            let mut record = match is_unknown {
                true => self.dialect.line(text, at),
                false => self.dialect.split(text, at, last, &mut fields),
            };
            records += u64::from(!record.blank);
            let mut reason = self.damage(&record, &fields);
            if is_unknown {
                reason = Some("behind an unbalanced quote".to_owned());
            } else if reason.is_some() && record.lines > 1 {
                let first = self.dialect.line(text, at);
                if self.is_joined(&text[..record.end], first.end, &record, at) {
                    (joined, record) = (joined.max(record.end), first);
                } else if record.quotes == Quotes::Open {
                    (unknown, record) = (record.end, first);
                }
            }
            if reason.is_none() && !clean {
                reason = self.encoded.flaw(&text[at..record.end]);
            }
            if let Some(reason) = reason.filter(|_| !record.blank) {
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

    /// Why a record cannot be a row, as far as its quotes and its fields tell.
    fn damage(&self, record: &Record, fields: &[Field]) -> Option<String> {
        if record.quotes != Quotes::Right {
            return Some("unbalanced quote".to_owned());
        }
        let is_right = record.blank || fields.len() == self.width();
        (!is_right).then(|| format!("{} fields instead of {}", fields.len(), self.width()))
    }

    /// Whether a stray quote in the first line of the damaged `record`, which begins at `start` and ends with `text`,
    /// has joined lines that are records: from `second` on, all but one in ten must be right. A few are proof only if
    /// the first line has all its fields, which one that ends within a field seldom has, and a single one only if the
    /// record's quotes are wrong. Otherwise they are text of a field.
    fn is_joined(&self, text: &[u8], second: usize, record: &Record, start: usize) -> bool {
        let (mut right, mut wrong, mut at, mut fields) = (0, 0, second, Vec::with_capacity(self.width()));
        while at < text.len() && wrong * WRONG_ONE_IN <= record.lines {
            let inner = self.dialect.split(text, at, false, &mut fields);
            let is_right = self.damage(&inner, &fields).is_none();
            right += u64::from(is_right && !inner.blank);
            wrong += u64::from(!is_right);
            at = if is_right { inner.end } else { self.dialect.line(text, at).end };
        }
        let few = if record.quotes == Quotes::Right { 2 } else { 1 };
        let is_few = right >= few && self.fields_of(&text[..second], start) >= self.width();
        wrong * WRONG_ONE_IN <= right && (right >= MANY || is_few)
    }

    /// How many fields the line at `start`, with which `text` ends, has, if a field that is open at its end is not quoted.
    fn fields_of(&self, text: &[u8], start: usize) -> usize {
        let mut fields = Vec::with_capacity(self.width());
        self.dialect.split(text, start, false, &mut fields);
        let rest = fields.last().map_or(start, |last| last.end as usize);
        fields.len() + usize::from(fields.is_empty()) + memchr_iter(self.dialect.delimiter, &text[rest..]).count()
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
