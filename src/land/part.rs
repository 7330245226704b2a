//! What every format is read into: a stream of parts, each with rows for `raw` and rows for `quarantine`.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use futures::stream::BoxStream;

use super::input::Input;
use super::quarantine::BadRow;
use crate::error::Result;
use crate::lake::layout::{FILE, LINE};

/// Some of a file's records, in the file's order.
pub(super) struct Part {
    /// Those that could be read.
    pub(super) rows: RecordBatch,
    /// Those that could not.
    pub(super) bad: Vec<BadRow>,
}

/// A file that is being read.
pub(super) struct Rows {
    /// The columns of every part's rows: the file's own, then `_file` and `_line`.
    pub(super) schema: SchemaRef,
    /// Its records, in order.
    pub(super) parts: BoxStream<'static, Result<Part>>,
    /// What the user should know about the file.
    pub(super) notices: Vec<String>,
}

/// The schema of text columns called `names`; an empty name becomes `column_N`.
pub(super) fn text_schema(input: &Input, names: &[String]) -> Result<SchemaRef> {
    let field = |(at, name): (usize, &String)| {
        let name = if name.is_empty() { format!("column_{}", at + 1) } else { name.clone() };
        Field::new(name, DataType::Utf8, true)
    };
    with_origin(input, names.iter().enumerate().map(field).collect())
}

/// The schema of `fields` and then `_file` and `_line`.
///
/// # Errors
/// `Source` when two columns have one name.
pub(super) fn with_origin(input: &Input, fields: Vec<Field>) -> Result<SchemaRef> {
    add_origin(fields).map_err(|twice| {
        let error = input.error(format!("two columns are called `{}`", twice.escape_debug()));
        error.hint(if [FILE, LINE].contains(&twice.as_str()) {
            "`_file` and `_line` are added to every row: rename the file's own"
        } else {
            "rename one of them in the file, or name all columns in `columns` if the first line is not a header"
        })
    })
}

/// The schema of `fields` and then `_file` and `_line`, or the name that two of them have.
pub(super) fn add_origin(mut fields: Vec<Field>) -> Result<SchemaRef, String> {
    fields.push(Field::new(FILE, DataType::Utf8, false));
    fields.push(Field::new(LINE, DataType::Int64, false));
    let mut seen = BTreeSet::new();
    match fields.iter().find(|field| !seen.insert(field.name().as_str())) {
        Some(twice) => Err(twice.name().clone()),
        None => Ok(Arc::new(Schema::new(fields))),
    }
}
