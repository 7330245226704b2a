//! Keys that stand in more than one row: which they are, for the person who has to mend it.

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;

use super::super::materialise::Workshop;
use super::hashes::KeyHashes;
use crate::engine::{Session, explain_without_sql};
use crate::error::{Error, Kind, Result};
use crate::lake::TableName;
use crate::project::Params;

/// How many keys are shown.
const KEYS_SHOWN: usize = 5;

/// Finds the keys of a registered table that several rows have.
///
/// # Errors
/// `Check` with the first of them when there are any. Columns with personal data are not shown.
pub(in crate::pipeline) async fn forbid(workshop: &Workshop<'_>, table: &TableName, key: &[String]) -> Result<()> {
    let mut found = stream(workshop.session, &repeated(table, key)).await?;
    let (mut keys, mut shown) = (0, Vec::new());
    while let Some(batch) = found.next().await {
        let batch = batch.map_err(|error| explain_without_sql(&error))?;
        for row in 0..batch.num_rows().min(KEYS_SHOWN - shown.len()) {
            shown.push(show(workshop, table, &batch, row)?);
        }
        keys += batch.num_rows();
    }
    if keys == 0 {
        return Ok(());
    }
    let stand = if keys == 1 { "1 key of" } else { &format!("{keys} keys of") };
    let verb = if keys == 1 { "stands" } else { "stand" };
    let key = key.join(", ");
    Err(Error::new(Kind::Check, format!("{stand} `{table}` {verb} in more than one row; its key is ({key})"))
        .detail(format!("the first:\n{}", shown.join("\n")))
        .hint(format!("keep one row a key, as by `QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY …) = 1`")))
}

/// How many keys of a registered table stand in more than one row. Only when two hashes are equal are the keys themselves
/// compared.
pub async fn repeated_keys(session: &Session, table: &TableName, key: &[String]) -> Result<usize> {
    let mut hashes = KeyHashes::new();
    let mut keys = stream(session, &format!("SELECT {} FROM {table}", quoted(key))).await?;
    while let Some(batch) = keys.next().await {
        let batch = batch.map_err(|error| explain_without_sql(&error))?;
        hashes.add(batch.columns(), batch.num_rows())?;
    }
    if !hashes.have_equals() {
        return Ok(0);
    }
    let (mut found, mut count) = (stream(session, &repeated(table, key)).await?, 0);
    while let Some(batch) = found.next().await {
        count += batch.map_err(|error| explain_without_sql(&error))?.num_rows();
    }
    Ok(count)
}

/// The query for the keys that several rows have, and how many.
fn repeated(table: &TableName, key: &[String]) -> String {
    let columns = quoted(key);
    format!("SELECT count(*) AS rows, {columns} FROM {table} GROUP BY {columns} HAVING count(*) > 1 ORDER BY {columns}")
}

fn quoted(key: &[String]) -> String {
    key.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

async fn stream(session: &Session, sql: &str) -> Result<SendableRecordBatchStream> {
    let plan = session.plan(sql, &Params::default()).await?;
    session.stream(session.physical_plan(&plan).await?)
}

/// A key on one line, and how many rows have it.
fn show(workshop: &Workshop<'_>, table: &TableName, batch: &RecordBatch, row: usize) -> Result<String> {
    let contract = workshop.contract.table(table);
    let is_personal = |name: &str| {
        contract.is_some_and(|table| table.columns.iter().any(|column| column.personal && column.name == name))
    };
    let mut parts = Vec::new();
    for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()).skip(1) {
        let options = FormatOptions::default().with_null("null");
        let value = match is_personal(field.name()) {
            true => "…".to_owned(),
            false => ArrayFormatter::try_new(column.as_ref(), &options)
                .and_then(|formatter| formatter.value(row).try_to_string())
                .map_err(|error| explain_without_sql(&error.into()))?,
        };
        parts.push(format!("{} {value}", field.name()));
    }
    Ok(format!("  {}: {} rows", parts.join(", "), batch.column(0).as_primitive::<Int64Type>().value(row)))
}
