//! Which record is which: ids and sources in front of what the files say, and customers in front of what comes out.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, LargeStringArray, RecordBatch, StringArray, StringBuilder, new_null_array,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};

use super::Args;
use super::read::{Table, in_one_piece};
use crate::engine::explain_without_sql;
use crate::error::{Error, Kind, Result};
use crate::identity::linkage::Linkage;

/// The columns that say which record it is, and nothing of who somebody is.
pub(super) fn ids(tables: &[Table]) -> impl Iterator<Item = String> {
    tables.iter().filter_map(|table| Some(table.names[table.id?].clone()))
}

/// The rows of the files as one table, their columns joined by name, with `record_id` and `source` in front. A column that is
/// of another type in another file is a text, so that nothing of it is lost. No more than one column is held twice.
///
/// # Errors
/// `Check` when a record has no id.
pub(super) fn records(mut tables: Vec<Table>, args: &Args) -> Result<RecordBatch> {
    let failed = |error: ArrowError| explain_without_sql(&error.into());
    let source = args.source.as_deref().unwrap_or("source");
    let sources = sources(&tables, source).map_err(failed)?;
    let ids = record_ids(&tables, &sources, args)?;
    let mut fields = vec![Field::new("record_id", DataType::Utf8, true), Field::new("source", DataType::Utf8, true)];
    let mut columns: Vec<ArrayRef> = vec![Arc::new(ids), Arc::new(sources)];
    let is_id = |name: &str| tables.iter().all(|table| table.id.is_some_and(|id| table.names[id] == name));
    let is_in_front = |name: &str| name == source || name == "record_id" && is_id(name);
    let mut kinds = kinds(&tables);
    kinds.retain(|(name, _)| !is_in_front(name));
    for (name, kind) in kinds {
        let part = |table: &mut Table| match table.names.iter().position(|known| *known == name) {
            Some(at) => as_kind(&std::mem::replace(&mut table.columns[at], new_null_array(&DataType::Null, 0)), &kind),
            None => Ok(new_null_array(&kind, table.lines.len())),
        };
        let parts: std::result::Result<Vec<ArrayRef>, ArrowError> = tables.iter_mut().map(part).collect();
        let whole = parts.and_then(|parts| in_one_piece(&parts)).map_err(failed)?;
        fields.push(Field::new(name, whole.data_type().clone(), true));
        columns.push(whole);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(failed)
}

/// The names of the columns as they come, and a type that holds what all files say in each.
fn kinds(tables: &[Table]) -> Vec<(String, DataType)> {
    let (mut names, mut kinds) = (Vec::new(), BTreeMap::<&str, DataType>::new());
    for (name, column) in tables.iter().flat_map(|table| table.names.iter().zip(&table.columns)) {
        let own = column.data_type();
        let kind = kinds.entry(name).or_insert_with(|| {
            names.push(name);
            own.clone()
        });
        *kind = match (&*kind, own) {
            (kind, own) if kind == own || own.is_null() => kind.clone(),
            (DataType::Null, own) => own.clone(),
            (kind, own) if kind.is_signed_integer() && own.is_signed_integer() => DataType::Int64,
            _ => DataType::LargeUtf8,
        };
    }
    names.into_iter().map(|name| (name.clone(), kinds[name.as_str()].clone())).collect()
}

/// A column in a type that [`kinds`] found: whatever it is, it can be a text.
fn as_kind(column: &ArrayRef, kind: &DataType) -> std::result::Result<ArrayRef, ArrowError> {
    let own = column.data_type();
    if *kind != DataType::LargeUtf8 || own.is_string() || own.is_null() {
        return cast(column, kind);
    }
    let options = FormatOptions::default();
    let texts = ArrayFormatter::try_new(column, &options)?;
    let text = |row: usize| column.is_valid(row).then(|| texts.value(row).to_string());
    Ok(Arc::new((0..column.len()).map(text).collect::<LargeStringArray>()))
}

/// Where each record is from: what its file says in a column of this name, else the file.
fn sources(tables: &[Table], column: &str) -> std::result::Result<StringArray, ArrowError> {
    let mut sources = StringBuilder::new();
    for table in tables {
        let said = table.names.iter().position(|name| name == column);
        let said = said.map(|at| as_kind(&table.columns[at], &DataType::LargeUtf8)).transpose()?;
        for row in 0..table.lines.len() {
            match &said {
                Some(said) => sources.append_option(said.is_valid(row).then(|| said.as_string::<i64>().value(row))),
                None => sources.append_value(&table.name),
            }
        }
    }
    Ok(sources.finish())
}

/// What each record is called: by its file, or else its number there; of several files, behind its source.
fn record_ids(tables: &[Table], sources: &StringArray, args: &Args) -> Result<StringArray> {
    let (mut names, mut at, mut number) = (StringBuilder::new(), 0, 0);
    for table in tables {
        let ids = table.id.map(|id| as_kind(&table.columns[id], &DataType::LargeUtf8)).transpose();
        let ids = ids.map_err(|error| explain_without_sql(&error.into()))?;
        let ids = ids.as_ref().map(AsArray::as_string::<i64>);
        // Where sources are given, files may have the same.
        number = if args.source.is_some() { number } else { 0 };
        for (row, line) in table.lines.iter().enumerate() {
            if tables.len() > 1 {
                _ = write!(names, "{}:", if sources.is_null(at) { "" } else { sources.value(at) });
            }
            (at, number) = (at + 1, number + 1);
            match ids.map(|ids| if ids.is_null(row) { "" } else { ids.value(row) }) {
                None => _ = write!(names, "{number}"),
                Some(id) if id.trim().is_empty() => return Err(nameless(table, *line)),
                Some(id) => _ = names.write_str(id),
            }
            names.append_value("");
        }
    }
    Ok(names.finish())
}

fn nameless(table: &Table, line: i64) -> Error {
    let id = table.id.map_or("", |id| &table.names[id]).escape_debug();
    Error::new(Kind::Check, format!("a record of `{}` has no id: `{id}` is empty in line {line}", table.name))
        .hint("`--id` names the column that tells records apart; a file without one has its rows numbered")
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
