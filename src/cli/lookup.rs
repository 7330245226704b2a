//! The queries of `sql/lookup/`: what `onefold customer` and the demo's report ask of a run. Here they are only asked.

use std::borrow::Cow;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use futures::TryStreamExt;
use serde_json::{Map, Value as Json};

use crate::engine::{Session, explain_without_sql};
use crate::error::{Error, Kind, Result};
use crate::lake::Manifest;
use crate::project::{Params, SqlFolder};

/// A row: column → value; nulls are left out. Whole numbers, floats and booleans are those of JSON. Everything else is
/// text, money too: a JSON number is a float to most readers, and 0.10 is none.
pub(super) type Row = Map<String, Json>;

/// A session, and the folder with the queries.
pub(super) struct Lookup<'a> {
    pub(super) sql: &'a SqlFolder,
    pub(super) session: &'a Session,
}

impl Lookup<'_> {
    /// The rows of `sql/lookup/<name>.sql`.
    pub(super) async fn rows(&self, name: &str, params: &Params) -> Result<Vec<Row>> {
        let path = format!("lookup/{name}.sql");
        let file = self.sql.get(&path).ok_or_else(|| Error::new(Kind::Config, format!("`sql/{path}` is missing")))?;
        self.query(&file.text, params).await.map_err(|error| error.with("file", format!("sql/{path}")))
    }

    /// The rows of a query.
    pub(super) async fn query(&self, sql: &str, params: &Params) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        for batch in &self.batches(sql, params).await? {
            rows.extend(rows_of(batch).map_err(|error| explain_without_sql(&error.into()))?);
        }
        Ok(rows)
    }

    /// The result of a query.
    pub(super) async fn batches(&self, sql: &str, params: &Params) -> Result<Vec<RecordBatch>> {
        let plan = self.session.plan(sql, params).await?;
        let stream = self.session.stream(self.session.physical_plan(&plan).await?)?;
        stream.try_collect().await.map_err(|error| explain_without_sql(&error))
    }
}

fn rows_of(batch: &RecordBatch) -> Result<Vec<Row>, ArrowError> {
    let options = FormatOptions::default();
    let mut rows = vec![Row::new(); batch.num_rows()];
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let value = values_of(column, &options)?;
        for (at, row) in rows.iter_mut().enumerate().filter(|(at, _)| column.is_valid(*at)) {
            row.insert(field.name().clone(), value(at));
        }
    }
    Ok(rows)
}

/// What gives the value of a row.
fn values_of<'a>(
    column: &'a ArrayRef,
    options: &FormatOptions<'a>,
) -> Result<Box<dyn Fn(usize) -> Json + 'a>, ArrowError> {
    Ok(match column.data_type() {
        DataType::Boolean => Box::new(|at| Json::Bool(column.as_boolean().value(at))),
        kind if kind.is_integer() => {
            // Counts: beyond the largest BIGINT the cast would make them null, which no count is.
            let numbers = cast(column, &DataType::Int64)?;
            Box::new(move |at| numbers.as_primitive::<Int64Type>().value(at).into())
        }
        kind if kind.is_floating() => {
            let numbers = cast(column, &DataType::Float64)?;
            Box::new(move |at| numbers.as_primitive::<Float64Type>().value(at).into())
        }
        _ => {
            let formatter = ArrayFormatter::try_new(column, options)?;
            Box::new(move |at| Json::String(formatter.value(at).to_string()))
        }
    })
}

/// The text of a column, without control characters, so that a name cannot drive the terminal; empty if it is null.
pub(super) fn text_of<'a>(row: &'a Row, name: &str) -> Cow<'a, str> {
    match row.get(name) {
        None | Some(Json::Null) => Cow::Borrowed(""),
        Some(Json::String(text)) if text.contains(char::is_control) => text.replace(char::is_control, " ").into(),
        Some(Json::String(text)) => text.into(),
        Some(value) => value.to_string().into(),
    }
}

/// The count in a column; zero if it is null.
pub(super) fn count_of(row: &Row, name: &str) -> u64 {
    row.get(name).and_then(Json::as_u64).unwrap_or(0)
}

/// The parameters that the queries are asked with: those of the run that is looked at.
pub(super) fn params_of(manifest: &Manifest) -> Params {
    Params::of_run(&manifest.params)
}
