//! Which record is which: ids and sources in front of what the files say, and customers in front of what comes out.

use std::fmt::Write;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Float64Array, RecordBatch, StringArray, StringBuilder};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, Int32Type, Int64Type, Schema};

use super::super::landed::missing;
use super::Args;
use super::read::{Files, ID, TABLE};
use crate::engine::explain_without_sql;
use crate::error::{Error, Kind, Result};
use crate::identity::linkage::Linkage;
use crate::lake::layout::LINE;

/// The column that says where a record is from.
fn source_column(args: &Args) -> &str {
    args.source.as_deref().unwrap_or("source")
}

/// The columns that say which record it is, and nothing of who somebody is.
pub(super) fn ids(files: &Files) -> impl Iterator<Item = String> {
    files.tables.iter().filter_map(|(_, id)| id.clone())
}

/// The rows of the files with `record_id` and `source` in front.
///
/// # Errors
/// `Usage` when a column that was named is not there, `Check` when a record has no id.
pub(super) fn records(files: &Files, args: &Args) -> Result<RecordBatch> {
    let (rows, source) = (&files.rows, source_column(args));
    let schema = rows.schema();
    let names = || schema.fields().iter().map(|field| field.name().as_str()).filter(|name| !is_ours(name));
    for name in args.source.iter().chain(&args.ignore) {
        if !names().any(|known| known == name) {
            return Err(missing(name, names()));
        }
    }
    let failed = |error: datafusion::arrow::error::ArrowError| explain_without_sql(&error.into());
    let sources = rows.column_by_name(source).cloned().ok_or_else(|| missing(source, names()))?;
    let sources = cast(&sources, &DataType::Utf8).map_err(failed)?;
    let ids = record_ids(files, &sources, args)?;
    let mut fields = vec![Arc::new(Field::new("record_id", ids.data_type().clone(), true))];
    let mut columns = vec![ids];
    fields.push(Arc::new(Field::new("source", sources.data_type().clone(), true)));
    columns.push(sources);
    let is_id = |name: &str| name == "record_id" && files.tables.iter().all(|(_, id)| id.as_deref() == Some(name));
    for (field, column) in schema.fields().iter().zip(rows.columns()) {
        if !is_ours(field.name()) && field.name() != source && !is_id(field.name()) {
            fields.push(Arc::clone(field));
            columns.push(Arc::clone(column));
        }
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(failed)
}

/// Whether a column was put there while the files became one table.
fn is_ours(name: &str) -> bool {
    [ID, TABLE, LINE].contains(&name)
}

/// What each record is called: by its file, or else its number there; of several files, behind its source.
fn record_ids(files: &Files, sources: &ArrayRef, args: &Args) -> Result<ArrayRef> {
    let rows = &files.rows;
    let column = |name: &str| rows.column_by_name(name).expect("is there since the files were read");
    let (ids, sources) = (cast(column(ID), &DataType::Utf8), sources.as_string::<i32>());
    let ids = ids.map_err(|error| explain_without_sql(&error.into()))?;
    let ids = ids.as_string::<i32>();
    let (tables, lines) = (column(TABLE).as_primitive::<Int32Type>(), column(LINE).as_primitive::<Int64Type>());
    for (number, (file, id)) in (0..).zip(&files.tables) {
        let is_nameless = |row: &usize| tables.value(*row) == number && ids.value(*row).trim().is_empty();
        let nameless =
            id.as_ref().and_then(|_| (0..rows.num_rows()).filter(is_nameless).map(|row| lines.value(row)).min());
        if let (Some(line), Some(id)) = (nameless, id) {
            let id = id.escape_debug();
            return Err(Error::new(
                Kind::Check,
                format!("a record of `{file}` has no id: `{id}` is empty in line {line}"),
            )
            .hint("`--id` names the column that tells records apart; a file without one has its rows numbered"));
        }
    }
    if let [(_, Some(_))] = files.tables[..] {
        return Ok(Arc::new(ids.clone()));
    }
    let many = files.tables.len() > 1;
    let (mut names, mut number) = (StringBuilder::new(), 0);
    for row in 0..rows.num_rows() {
        // Where sources are given, files may have the same.
        let starts = row > 0 && args.source.is_none() && tables.value(row - 1) != tables.value(row);
        number = if starts { 1 } else { number + 1 };
        if many {
            _ = write!(names, "{}:", if sources.is_null(row) { "" } else { sources.value(row) });
        }
        match &files.tables[tables.value(row) as usize] {
            (_, Some(_)) => _ = names.write_str(ids.value(row)),
            (_, None) => _ = write!(names, "{number}"),
        }
        names.append_value("");
    }
    Ok(Arc::new(names.finish()))
}

/// The records with their customers: `record_id`, `source`, `customer_id`, `confidence`, and the input's columns.
pub(super) fn result(records: &RecordBatch, linkage: &Linkage) -> Result<RecordBatch> {
    let ids = linkage.customer_ids.iter().map(ToString::to_string);
    let customers: ArrayRef = Arc::new(StringArray::from_iter_values(ids));
    let confidence: ArrayRef = Arc::new(Float64Array::from_iter_values(linkage.confidences.iter().copied()));
    let mut columns = vec![
        (records.schema().field(0).clone(), Arc::clone(records.column(0))),
        (records.schema().field(1).clone(), Arc::clone(records.column(1))),
        (Field::new("customer_id", customers.data_type().clone(), false), customers),
        (Field::new("confidence", confidence.data_type().clone(), false), confidence),
    ];
    let taken = ["record_id", "source", "customer_id", "confidence"];
    for (field, column) in records.schema().fields().iter().zip(records.columns()).skip(2) {
        // What the input calls so is another thing than what was found.
        let name = if taken.contains(&field.name().as_str()) {
            format!("input_{}", field.name())
        } else {
            field.name().clone()
        };
        columns.push((field.as_ref().clone().with_name(name), Arc::clone(column)));
    }
    let (fields, arrays): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(|error| explain_without_sql(&error.into()))
}
