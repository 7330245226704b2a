//! One value as text.

use std::fmt::Write as _;

use datafusion::arrow::array::{Array, ArrayRef, RecordBatch};
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::util::display::{ArrayFormatter, DurationFormat, FormatOptions};

use super::encode_error;
use crate::error::Result;

/// For whom a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// A time is `2026-01-31 09:30:00`.
    Person,
    /// A time is `2026-01-31T09:30:00`, ISO 8601.
    Program,
}

impl Reader {
    fn options(self) -> FormatOptions<'static> {
        let options = FormatOptions::new().with_display_error(true).with_duration_format(DurationFormat::Pretty);
        match self {
            Self::Program => options.with_null("null"),
            Self::Person => options
                .with_null("NULL")
                .with_timestamp_format(Some("%Y-%m-%d %H:%M:%S%.f"))
                .with_timestamp_tz_format(Some("%Y-%m-%d %H:%M:%S%.f%:z"))
                .with_datetime_format(Some("%Y-%m-%d %H:%M:%S%.f")),
        }
    }
}

/// The values of a batch as texts.
pub(super) struct Cells<'a> {
    columns: Vec<(&'a ArrayRef, ArrayFormatter<'a>)>,
}

impl<'a> Cells<'a> {
    /// # Errors
    /// `Sql` when a column is of a type that has no text.
    pub(super) fn new(batch: &'a RecordBatch, reader: Reader) -> Result<Self> {
        let options = reader.options();
        let columns = batch.columns().iter().map(|column| {
            let formatter = ArrayFormatter::try_new(column.as_ref(), &options).map_err(encode_error)?;
            Ok((column, formatter))
        });
        Ok(Self { columns: columns.collect::<Result<_>>()? })
    }

    /// How many columns there are.
    pub(super) fn columns(&self) -> usize {
        self.columns.len()
    }

    /// Appends a value to `text` and says whether there was one: a NULL leaves it as it is.
    pub(super) fn append(&self, row: usize, column: usize, text: &mut String) -> Result<bool> {
        let (array, formatter) = &self.columns[column];
        if array.is_null(row) || array.data_type() == &DataType::Null {
            return Ok(false);
        }
        formatter.value(row).write(text).map_err(encode_error)?;
        Ok(true)
    }

    /// The values of one row; none for a NULL.
    pub(super) fn row(&self, row: usize) -> impl Iterator<Item = Option<String>> {
        self.columns.iter().map(move |(column, formatter)| {
            let is_null = column.is_null(row) || column.data_type() == &DataType::Null;
            (!is_null).then(|| formatter.value(row).to_string())
        })
    }
}

/// Whether values of the type are set flush right.
pub(super) fn is_number(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => is_number(values),
        data_type => data_type.is_numeric(),
    }
}

/// The text with its control characters and the marks that turn the direction of writing made visible: no value may
/// move the cursor, colour the screen or break a line.
pub(in crate::repl) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            c if c.is_control() || is_direction_mark(c) => {
                // Writing into a string cannot fail.
                let _ = write!(escaped, "\\u{{{:x}}}", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}

/// Unicode's embeddings, overrides and isolates, and the separators that some terminals break lines at.
fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}
