//! Sources of which the newest row of each key counts: the rule that goes with the table, checked before it is committed.

use arrow::datatypes::Schema;
use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::Int64Type;

use crate::engine::{Session, SessionOptions, explain_for_log, explain_without_sql};
use crate::error::{Error, Kind, Result, nearest};
use crate::lake::layout::{FILE, LINE, SUPERSEDED};
use crate::lake::{Lake, Newest, Table, TableName};
use crate::project::{Params, Project, Source};

/// The aspect of a table's fingerprint that the rule is.
pub(super) const ASPECT: &str = "[key]";

/// The rule of a source, as text; none if all its rows count.
pub(super) fn print(source: &Source) -> Option<String> {
    (!source.key.is_empty()).then(|| format!("{:?} newest by {:?}", source.key, source.newest_by))
}

/// # Errors
/// `Config` when there is an order but nothing that it is the order of.
pub(super) fn check(name: &str, source: &Source) -> Result<()> {
    if source.newest_by.is_empty() || !source.key.is_empty() {
        return Ok(());
    }
    let error = Error::new(Kind::Config, "`newest_by` says which row of a key is the newest, and there is no `key`");
    Err(error
        .with("source", name)
        .with("key", format!("sources.{name}.newest_by"))
        .hint("name the columns that say what a row is about, such as `key = [\"Customer No\"]`"))
}

/// # Errors
/// `Check` when a file, or the table of a database, lacks a column of the key.
pub(super) fn has_key((name, source): (&str, &Source), file: &str, schema: &Schema) -> Result<()> {
    let Some(missing) = missing(source, schema) else { return Ok(()) };
    let what = if source.url.is_some() { "table" } else { "file" };
    let error = Error::new(Kind::Check, format!("the {what} lacks the column `{missing}` of the key"));
    Err(lacks(error.with("source", name).with(what, file), missing, schema, name))
}

/// The first column of the key that there is not.
fn missing<'a>(source: &'a Source, schema: &Schema) -> Option<&'a String> {
    source.key.iter().find(|column| schema.index_of(column).is_err())
}

fn lacks(error: Error, missing: &str, schema: &Schema, name: &str) -> Error {
    let names = schema.fields().iter().map(|field| field.name().as_str());
    let names: Vec<&str> = names.filter(|name| ![FILE, LINE].contains(name)).collect();
    let error = error.detail(format!("  it has: {}", names.join(", ")));
    match nearest(missing, names) {
        Some(near) => error.hint(format!("did you mean `{near}`? mend `key` under `[sources.{name}]`, or the source")),
        None => error.hint(format!("mend `key` under `[sources.{name}]`, or the source")),
    }
}

/// The rule of `table`, the raw table of the source, with the count of the rows that it supersedes.
///
/// # Errors
/// `Config` when no file has a column of the key or an expression is wrong, `Check` when an expression cannot be computed
/// of a row.
pub(super) async fn rule(
    project: &Project,
    source: &Source,
    lake: &Lake,
    name: &TableName,
    table: &Table,
) -> Result<Option<Newest>> {
    if source.key.is_empty() {
        return Ok(None);
    }
    let mut rule = Newest { key: source.key.clone(), by: source.newest_by.clone(), superseded: 0 };
    let session = Session::new(&SessionOptions::of(&project.config.limits, lake))?;
    session.register(lake, name, &table.files).await?;
    let landed = session.context().table(name.to_string()).await.map_err(|error| explain_without_sql(&error))?;
    if let Some(missing) = missing(source, landed.schema().as_arrow()) {
        let error = Error::new(Kind::Config, format!("the source lacks the column `{missing}` of its key"));
        let error = error.with("source", &name.table).with("key", format!("sources.{}.key", name.table));
        return Err(lacks(error, missing, landed.schema().as_arrow(), &name.table));
    }
    let ruled = Table { newest: Some(rule.clone()), ..table.clone() };
    let key = format!("sources.{}.newest_by", name.table);
    session.show(lake, name, &ruled).await.map_err(|error| error.with("source", &name.table).with("key", &key))?;
    let sql = format!("SELECT count(*) FROM {SUPERSEDED}.{}", name.table);
    let plan = session.plan(&sql, &Params::default()).await?;
    let failed = |error| explain_for_log(&error).with("source", &name.table).with("key", &key);
    let counts = session.frame(plan).collect().await.map_err(failed)?;
    let counts = counts.iter().flat_map(|batch| batch.column(0).as_primitive::<Int64Type>().values());
    rule.superseded = counts.sum::<i64>() as u64;
    Ok(Some(rule))
}
