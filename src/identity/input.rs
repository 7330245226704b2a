//! Reads columns of record batches by name, whatever string encoding they arrive in.
//!
//! Nothing here copies a string: values are borrowed from the batches for as long as the resolution runs. Messages name
//! the table, the column and the row, never a value.

use datafusion::arrow::array::StringViewArray;
use datafusion::arrow::array::{Array, ArrayRef, AsArray, Int64Array, LargeStringArray, RecordBatch, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int64Type};

use crate::error::{Error, Kind, Result, nearest};

/// A column of strings in one of Arrow's encodings; everything that is not a plain string array (dictionaries, dates,
/// numbers) is cast to a view array once.
pub(super) enum Text {
    /// 32-bit offsets.
    Utf8(StringArray),
    /// 64-bit offsets.
    Large(LargeStringArray),
    /// Views, DataFusion's default.
    View(StringViewArray),
}

impl Text {
    /// The column `name` of each batch.
    ///
    /// # Errors
    /// `Config` if a batch has no such column or it cannot be read as text.
    pub(super) fn columns(batches: &[RecordBatch], table: &'static str, name: &str) -> Result<Vec<Self>> {
        batches.iter().map(|batch| Self::of(column(batch, table, name)?, table, name)).collect()
    }

    /// As [`Text::columns`]; nothing for a batch that lacks it.
    ///
    /// # Errors
    /// `Config` if it cannot be read as text.
    pub(super) fn columns_if_any(
        batches: &[RecordBatch],
        table: &'static str,
        name: &str,
    ) -> Result<Vec<Option<Self>>> {
        batches
            .iter()
            .map(|batch| batch.column_by_name(name).map(|array| Self::of(array, table, name)).transpose())
            .collect()
    }

    fn of(array: &ArrayRef, table: &'static str, name: &str) -> Result<Self> {
        Ok(match array.data_type() {
            DataType::Utf8 => Self::Utf8(array.as_string::<i32>().clone()),
            DataType::LargeUtf8 => Self::Large(array.as_string::<i64>().clone()),
            DataType::Utf8View => Self::View(array.as_string_view().clone()),
            _ => Self::View(cast_to(array, &DataType::Utf8View, table, name)?.as_string_view().clone()),
        })
    }

    /// The value of a row, or nothing where it is null.
    pub(super) fn get(&self, row: usize) -> Option<&str> {
        match self {
            Self::Utf8(array) => array.is_valid(row).then(|| array.value(row)),
            Self::Large(array) => array.is_valid(row).then(|| array.value(row)),
            Self::View(array) => array.is_valid(row).then(|| array.value(row)),
        }
    }

    /// The value of a row that must not be null; `before` is the number of rows in earlier batches.
    ///
    /// # Errors
    /// `Check` if it is null.
    pub(super) fn require(&self, row: usize, before: usize, table: &'static str, name: &str) -> Result<&str> {
        self.get(row).ok_or_else(|| {
            Error::new(Kind::Check, "a value that must be there is null")
                .with("table", table)
                .with("column", name)
                .with("row", before + row + 1)
                .hint("leave such rows out in the stage's SQL")
        })
    }

    /// Rows of the column.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Utf8(array) => array.len(),
            Self::Large(array) => array.len(),
            Self::View(array) => array.len(),
        }
    }
}

/// The integer column `name` of each batch; nothing for a batch that lacks it.
///
/// # Errors
/// `Config` if it cannot be read as BIGINT.
pub(super) fn integers(batches: &[RecordBatch], table: &'static str, name: &str) -> Result<Vec<Option<Int64Array>>> {
    let read = |array| Ok(cast_to(array, &DataType::Int64, table, name)?.as_primitive::<Int64Type>().clone());
    batches.iter().map(|batch| batch.column_by_name(name).map(read).transpose()).collect()
}

/// The column `name` as an array.
fn column<'a>(batch: &'a RecordBatch, table: &'static str, name: &str) -> Result<&'a ArrayRef> {
    batch.column_by_name(name).ok_or_else(|| {
        let schema = batch.schema();
        let error = Error::new(Kind::Config, format!("table `{table}` has no column `{name}`"));
        match nearest(name, schema.fields().iter().map(|field| field.name().as_str())) {
            Some(meant) => error.hint(format!("did you mean `{meant}`?")),
            None => error.hint("add it to the stage's SQL"),
        }
    })
}

fn cast_to(array: &ArrayRef, to: &DataType, table: &'static str, name: &str) -> Result<ArrayRef> {
    cast(array, to).map_err(|cause| {
        Error::new(Kind::Config, format!("column `{name}` of table `{table}` cannot be read as {to}"))
            .with("type", array.data_type())
            .source(cause)
            .hint("cast it in the stage's SQL")
    })
}
