//! The queries of `sql/lookup/`: what `onefold customer` and the demo's report ask of a run. Here they are only asked.

use std::borrow::Cow;

use datafusion::arrow::array::{Array, RecordBatch};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use futures::TryStreamExt;
use serde_json::{Map, Value as Json};

use crate::engine::{Session, explain_without_sql};
use crate::error::{Error, Kind, Result};
use crate::project::{Params, SqlFolder};

/// A row: column → text; nulls are left out.
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
        let formatter = ArrayFormatter::try_new(column, &options)?;
        for (at, row) in rows.iter_mut().enumerate().filter(|(at, _)| column.is_valid(*at)) {
            row.insert(field.name().clone(), Json::String(formatter.value(at).to_string()));
        }
    }
    Ok(rows)
}

/// The text of a column, without control characters, so that a name cannot drive the terminal; empty if it is null.
pub(super) fn text_of<'a>(row: &'a Row, name: &str) -> Cow<'a, str> {
    let text = row.get(name).and_then(Json::as_str).unwrap_or_default();
    if text.contains(char::is_control) { text.replace(char::is_control, " ").into() } else { text.into() }
}
