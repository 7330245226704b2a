//! What makes a table a segment: it is a set of customers, each of whom exists and stands in it once.

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::{DataType, FieldRef, Int64Type, Schema, SchemaRef};
use datafusion::logical_expr::LogicalPlan;
use futures::TryStreamExt;

use super::stage::Stage;
use crate::engine::{Session, explain_for_log};
use crate::error::{Error, Kind, Result};
use crate::lake::ranges::CUSTOMER_ID;
use crate::lake::{Manifest, TableName};
use crate::project::Params;

/// The layer of segments.
const SCHEMA: &str = "segment";

/// The table that has all customers.
const IDENTITIES: &str = "match.identities";

/// Whether the table is a segment.
pub(super) fn is_segment(name: &TableName) -> bool {
    name.schema == SCHEMA
}

/// The key that a stage's file gives it. A segment's need not be said.
///
/// # Errors
/// `Config` when it says another one.
pub(super) fn key(stage: &Stage) -> Result<Vec<String>> {
    if !is_segment(&stage.name) {
        return Ok(stage.key.clone());
    }
    match &stage.key[..] {
        [] => Ok(vec![CUSTOMER_ID.to_owned()]),
        [only] if only == CUSTOMER_ID => Ok(stage.key.clone()),
        other => {
            let message = format!("the key of the segment `{}` must be `{CUSTOMER_ID}`", stage.name.table);
            Err(Error::new(Kind::Config, format!("{message}, not `{}`", other.join(", "))).hint(
                "a segment is a set of customers; a table with several rows a customer belongs to `sql/profile/`",
            ))
        }
    }
}

/// A segment needs a column of customers.
///
/// # Errors
/// `Config` when there is none, or it cannot hold customer ids.
pub(super) fn need_customers(name: &TableName, plan: &LogicalPlan) -> Result<()> {
    if !is_segment(name) {
        return Ok(());
    }
    let wrong = |what: String| {
        Error::new(Kind::Config, format!("the segment `{}` {what}", name.table))
            .hint("a segment is a set of customers: add `customer_id` to its SELECT, as profile.customers has it")
    };
    let field = plan.schema().field_with_unqualified_name(CUSTOMER_ID);
    let data_type = field.map_err(|_| wrong(format!("has no column `{CUSTOMER_ID}`")))?.data_type();
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Ok(()),
        _ => Err(wrong(format!("has a `{CUSTOMER_ID}` that is no text, and so no customer's id"))),
    }
}

/// The schema that a table is stored in: in a segment everybody is somebody.
pub(super) fn stored_schema(name: &TableName, schema: SchemaRef) -> SchemaRef {
    if !is_segment(name) {
        return schema;
    }
    let field = |field: &FieldRef| {
        let nullable = field.is_nullable() && field.name() != CUSTOMER_ID;
        field.as_ref().clone().with_nullable(nullable)
    };
    Schema::new(schema.fields().iter().map(field).collect::<Vec<_>>()).into()
}

/// Every customer of a segment that this run computed must be one of `match.identities`, if that has been made.
///
/// # Errors
/// `Check` when some are not.
pub(super) async fn need_known_customers(session: &Session, stages: &[Stage], draft: &Manifest) -> Result<()> {
    let computed = |name: &TableName| draft.table(name).is_some_and(|table| table.run == draft.run);
    if draft.tables.contains_key(IDENTITIES) {
        for stage in stages.iter().filter(|stage| is_segment(&stage.name) && computed(&stage.name)) {
            need_known(session, &stage.name).await?;
        }
    }
    Ok(())
}

async fn need_known(session: &Session, name: &TableName) -> Result<()> {
    let sql = format!(
        "SELECT count(*) AS strangers, min({CUSTOMER_ID}) AS example FROM {name} AS s
         WHERE NOT EXISTS (SELECT 1 FROM {IDENTITIES} AS i WHERE i.{CUSTOMER_ID} = s.{CUSTOMER_ID})"
    );
    let plan = session.plan(&sql, &Params::default()).await?;
    let rows = session.stream(session.physical_plan(&plan).await?)?;
    let batches: Vec<_> = rows.try_collect().await.map_err(|error| explain_for_log(&error))?;
    let Some(batch) = batches.iter().find(|batch| batch.num_rows() > 0) else { return Ok(()) };
    let strangers = batch.column(0).as_primitive::<Int64Type>().value(0);
    if strangers == 0 {
        return Ok(());
    }
    let example = batch.column(1).as_string_view().value(0).to_owned();
    let message = format!("{strangers} rows of the segment `{}` name a customer who does not exist", name.table);
    Err(Error::new(Kind::Check, message)
        .with("such as", example)
        .hint("take `customer_id` from a table of `profile`, `rfm` or `match`"))
}
