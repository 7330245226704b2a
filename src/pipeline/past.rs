//! What stays of events whose rows are gone: `clean.past_event_summaries`, which `onefold privacy retain` writes. Runs
//! carry it over, and `clean.event_summaries` reads it, so that nothing that is made from sums tells the difference.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Date32Type};
use datafusion::functions_aggregate::expr_fn::max;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, cast as cast_to, col, lit};
use datafusion::scalar::ScalarValue;
use futures::TryStreamExt;
use jiff::civil::Date;

use super::graph::Pipeline;
use super::materialise::Workshop;
use super::query;
use super::stage::{Stage, Work};
use crate::engine::{Session, SessionOptions, explain_for_log, explain_without_sql};
use crate::error::Result;
use crate::lake::{Lake, Manifest, TableName};
use crate::progress::Silent;
use crate::project::{Params, Project, SqlFile};

/// The table's name.
pub fn table() -> TableName {
    TableName { schema: "clean".into(), table: "past_event_summaries".into() }
}

/// The table that says what events sum up to.
fn summaries() -> TableName {
    TableName { schema: "clean".into(), table: "event_summaries".into() }
}

/// The table of the events themselves.
pub fn events() -> TableName {
    TableName { schema: "clean".into(), table: "events".into() }
}

/// The table's node in the graph.
pub(super) fn stage() -> Stage {
    Stage {
        name: table(),
        work: Work::Commands("`onefold privacy retain`"),
        inputs: BTreeSet::new(),
        params: BTreeSet::new(),
        key: ["record_id", "started_at", "source", "session_id", "product_id"].map(str::to_owned).to_vec(),
        summary: "What events sum up to whose rows are gone.".into(),
        taken: BTreeMap::new(),
    }
}

/// Puts into the draft's table what the draft's `clean.event_summaries` holds of the events of each raw table in `before`
/// up to its day, which is left out, and what the table held already. Gives its rows. The caller commits the draft.
///
/// # Errors
/// What the lake, and the SQL that makes `clean.events`, say.
pub async fn keep(
    project: &Project,
    pipeline: &Pipeline,
    params: &Params,
    lake: &Lake,
    draft: &mut Manifest,
    before: &BTreeMap<TableName, Date>,
) -> Result<u64> {
    let session = Session::new(&SessionOptions::of(&project.config.limits, lake))?;
    for (name, table) in &draft.tables {
        session.show(lake, &name.parse()?, table).await?;
    }
    session.show_empty_quarantines(draft)?;
    let read = [table(), summaries()].into_iter().filter_map(|name| draft.table(&name));
    lake.check(read.flat_map(|table| table.files.clone()).collect()).await?;
    let workshop = Workshop { session: &session, lake, contract: &pipeline.contract, params, progress: &Silent };
    // From which day on, in days since 1970, the events of each source are still to be summed up.
    let mut open = ends(&session).await?;
    for (raw, day) in before {
        let day = (*day - jiff::civil::date(1970, 1, 1)).get_days();
        for source in sources(&workshop, pipeline, raw).await? {
            let open = open.entry(source).or_insert(day);
            *open = day.max(*open);
        }
    }
    let failed = |error| explain_without_sql(&error);
    let is_closed = open.into_iter().map(|(source, day)| {
        let day_begun = cast_to(col("started_at"), DataType::Date32);
        col("source").eq(lit(source)).and(day_begun.lt(lit(ScalarValue::Date32(Some(day)))))
    });
    let is_closed = is_closed.reduce(Expr::or).unwrap_or_else(|| lit(false));
    let closed = session.context().table(summaries().to_string()).await.and_then(|rows| rows.filter(is_closed));
    let stage = Stage { inputs: BTreeSet::from([summaries()]), ..stage() };
    let kept = workshop.store_plan(&stage, closed.map_err(failed)?.logical_plan(), &[], draft).await?;
    let rows = kept.rows();
    draft.tables.insert(table().to_string(), kept);
    Ok(rows)
}

/// The day after the last one that is summed up for good, in days since 1970, by source.
async fn ends(session: &Session) -> Result<BTreeMap<String, i32>> {
    let failed = |error| explain_without_sql(&error);
    let past = session.context().table(table().to_string()).await.map_err(failed)?;
    let last = max(cast_to(col("started_at"), DataType::Date32)).alias("last");
    let ends = past.aggregate(vec![col("source")], vec![last]).map_err(failed)?;
    let mut found = BTreeMap::new();
    for batch in rows(session, ends.logical_plan()).await? {
        let days = batch.column(1).as_primitive::<Date32Type>();
        found.extend(texts(&batch)?.into_iter().zip(days.values().iter().map(|day| day + 1)));
    }
    Ok(found)
}

/// What `clean.events` calls the sources of the events that it makes of `raw`.
async fn sources(workshop: &Workshop<'_>, pipeline: &Pipeline, raw: &TableName) -> Result<BTreeSet<String>> {
    let failed = |error| explain_without_sql(&error);
    let Some(stage) = pipeline.maker(&events()) else { return Ok(BTreeSet::new()) };
    let Work::Sql(parts) = &stage.work else { return Ok(BTreeSet::new()) };
    let contract = workshop.contract.table(&stage.name);
    let reads = |part: &SqlFile| Stage::read(part).is_ok_and(|part| part.inputs.contains(raw));
    let mut found = BTreeSet::new();
    for part in parts.iter().filter(|part| reads(part)) {
        let plan = query::part_plan(workshop, stage, part, contract).await?;
        let distinct = LogicalPlanBuilder::from(plan)
            .project(vec![col("source")])
            .and_then(LogicalPlanBuilder::distinct)
            .and_then(LogicalPlanBuilder::build);
        for batch in rows(workshop.session, &distinct.map_err(failed)?).await? {
            found.extend(texts(&batch)?);
        }
    }
    Ok(found)
}

async fn rows(session: &Session, plan: &LogicalPlan) -> Result<Vec<RecordBatch>> {
    let stream = session.stream(session.physical_plan(plan).await?)?;
    stream.try_collect().await.map_err(|error| explain_for_log(&error))
}

/// The texts of the first column.
fn texts(batch: &RecordBatch) -> Result<Vec<String>> {
    let texts = cast(batch.column(0), &DataType::Utf8).map_err(|error| explain_without_sql(&error.into()))?;
    let texts = texts.as_string::<i32>();
    Ok((0..texts.len()).map(|row| texts.value(row).to_owned()).collect())
}
