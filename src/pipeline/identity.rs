//! The identity engine as a stage: `match.identifiers`, `match.comparisons` and `match.records` in, who is who out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};
use futures::TryStreamExt;

use super::materialise::{Workshop, write_batches};
use super::stage::{Stage, Work};
use crate::engine::{Session, explain_without_sql};
use crate::error::Result;
use crate::identity::linkage::Waterfall;
use crate::identity::{Decided, Resolver, Scoring, Settings};
use crate::lake::{Manifest, Table, TableName};
use crate::memory;
use crate::progress::Unit;
use crate::project::{Matching, Params};

/// The tables that the engine makes, the one that stages read first.
const OUTPUTS: [&str; 9] =
    ["identities", "aliases", "block_report", "edges", "fit", "history", "model", "refusals", "reviews"];

/// The tables that it reads.
const INPUTS: [&str; 4] = ["comparisons", "identifiers", "overrides", "records"];

fn table(name: &str) -> TableName {
    TableName { schema: "match".into(), table: name.into() }
}

/// Whether the engine makes `name`.
pub(super) fn makes(name: &TableName) -> bool {
    name.schema == "match" && OUTPUTS.contains(&name.table.as_str())
}

/// The engine's node in the graph.
pub(super) fn stage() -> Stage {
    Stage {
        name: table(OUTPUTS[0]),
        work: Work::Identity(OUTPUTS.map(table).to_vec()),
        inputs: INPUTS.map(table).into(),
        params: BTreeSet::new(),
        key: vec!["record_id".into()],
        summary: "Which customer each record belongs to, decided by the identity engine.".into(),
        taken: BTreeMap::new(),
    }
}

/// Resolves the records of the draft's run. Customer ids stay those of the run before, which the draft still holds.
pub(super) async fn compute(
    workshop: &Workshop<'_>,
    stage: &Stage,
    matching: &Matching,
    draft: &Manifest,
) -> Result<BTreeMap<TableName, Table>> {
    let started = Instant::now();
    // Nothing else takes as much, and in other pieces than the queries before.
    memory::give_back();
    workshop.progress.begin(&stage.name.to_string(), None, Unit::Rows);
    let settings = settings(workshop.session, matching, draft.run);
    let mut decided = decide(workshop.session, &settings, &[]).await?;
    memory::give_back();
    // Older runs have not all of them.
    let identities = "* EXCLUDE (confidence, reason)";
    previous(workshop, draft, "identities", identities, |batches| decided.previous(batches)).await?;
    let mut aliases = Vec::new();
    previous(workshop, draft, "aliases", "*", keep(&mut aliases)).await?;
    let resolution = tokio::task::block_in_place(|| decided.finish(&aliases))?;
    memory::give_back();
    let mut history = Vec::new();
    previous(workshop, draft, "history", "*", keep(&mut history)).await?;
    history.push(with_run(&resolution.history, draft.run)?);
    let outputs = [
        ("identities", vec![resolution.identities]),
        ("aliases", vec![resolution.aliases]),
        ("block_report", vec![resolution.block_report]),
        ("edges", vec![resolution.edges]),
        ("fit", vec![resolution.fit]),
        ("history", history),
        ("model", vec![resolution.model]),
        ("refusals", vec![resolution.refusals]),
        ("reviews", vec![resolution.reviews]),
    ];
    let mut tables = BTreeMap::new();
    for (name, batches) in outputs {
        let name = table(name);
        let file = write_batches(workshop, &name, &batches, draft).await?;
        if name == stage.name {
            workshop.progress.advance(&name.to_string(), file.rows);
        }
        let inputs = stage.inputs.iter().map(ToString::to_string).collect();
        let elapsed_ms = if name == stage.name { started.elapsed().as_millis() as u64 } else { 0 };
        tables.insert(name, Table { run: draft.run, files: vec![file], inputs, elapsed_ms, ..Table::default() });
    }
    Ok(tables)
}

/// Why pairs of records have the match weight that they have, by what is learnt from all records of the run that the session
/// shows; none if one of the two is not compared. It takes as long as telling all records apart.
///
/// # Errors
/// `Usage` if a record is unknown.
pub async fn explain(
    session: &Session,
    matching: &Matching,
    run: u64,
    pairs: &[[&str; 2]],
) -> Result<Vec<Option<Waterfall>>> {
    let settings = settings(session, matching, run);
    let mut waterfalls = decide(session, &settings, pairs).await?.waterfalls().to_vec();
    waterfalls.resize(pairs.len(), None);
    Ok(waterfalls)
}

fn settings(session: &Session, matching: &Matching, run: u64) -> Settings {
    Settings {
        run: run as i64,
        block_records_max: matching.block_records_max,
        vetoes: matching.veto.clone(),
        scoring: Scoring {
            accept: matching.link_probability,
            doubt: matching.review_probability,
            threads: session.threads(),
        },
        ..Settings::default()
    }
}

/// Who belongs together, before anybody has an id; `asked` are pairs of records to explain.
async fn decide<'a>(session: &Session, settings: &'a Settings, asked: &[[&str; 2]]) -> Result<Decided<'a>> {
    let mut resolver = Resolver::new(settings);
    let records = session.plan("SELECT * FROM match.records", &Params::default()).await?;
    pour(session, &needed(records, &settings.vetoes)?, |batches| resolver.records(batches)).await?;
    let identifiers = "SELECT record_id, kind, value FROM match.identifiers";
    read(session, identifiers, |batches| resolver.identifiers(batches)).await?;
    let mut overrides = Vec::new();
    let decisions = "SELECT left_record, right_record, decision FROM match.overrides";
    read(session, decisions, keep(&mut overrides)).await?;
    // What reading left behind may not fit beside what follows.
    memory::give_back();
    let mut joined = tokio::task::block_in_place(|| resolver.join(&overrides, &[]))?;
    joined = joined.asking(asked)?;
    if !asked.is_empty() || !matches!(settings.scoring, Scoring { accept: 1.0, doubt: 1.0, .. }) {
        memory::give_back();
        read(session, "SELECT * FROM match.comparisons", |batches| joined.comparisons(batches)).await?;
    }
    memory::give_back();
    tokio::task::block_in_place(|| joined.score())
}

/// The events with the run in which they happened, in front.
fn with_run(history: &RecordBatch, run: u64) -> Result<RecordBatch> {
    let runs = Int64Array::from_value(run as i64, history.num_rows());
    let fields = [Arc::new(Field::new("run", DataType::Int64, false))].into_iter();
    let schema = Schema::new(fields.chain(history.schema().fields().iter().cloned()).collect::<Vec<_>>());
    let columns = [Arc::new(runs) as ArrayRef].into_iter().chain(history.columns().iter().cloned()).collect();
    RecordBatch::try_new(Arc::new(schema), columns).map_err(|error| explain_without_sql(&error.into()))
}

/// Rows that are read at a time: enough to divide among threads, few beside the tables.
const ROWS_AT_A_TIME: usize = 1 << 18;

/// Columns of one of our tables as the run before left it; no rows if there was no such run.
async fn previous(
    workshop: &Workshop<'_>,
    draft: &Manifest,
    name: &str,
    columns: &str,
    take: impl FnMut(&[RecordBatch]) -> Result<()>,
) -> Result<()> {
    let Some(before) = draft.table(&table(name)) else { return Ok(()) };
    workshop.session.register(workshop.lake, &table(name), &before.files).await?;
    read(workshop.session, &format!("SELECT {columns} FROM match.{name}"), take).await
}

/// The records with the columns that veto. One that the table lacks is left to the engine to miss: its message names the
/// nearest.
fn needed(records: LogicalPlan, vetoes: &[String]) -> Result<LogicalPlan> {
    let is_read = |name: &String| name == "record_id" || vetoes.contains(name);
    let columns = records.schema().columns().into_iter().filter(|column| is_read(&column.name)).map(Expr::Column);
    let columns: Vec<_> = columns.collect();
    let plan = LogicalPlanBuilder::from(records).project(columns).and_then(LogicalPlanBuilder::build);
    plan.map_err(|error| explain_without_sql(&error))
}

/// Keeps small tables as a whole.
fn keep(batches: &mut Vec<RecordBatch>) -> impl FnMut(&[RecordBatch]) -> Result<()> {
    |more| {
        batches.extend_from_slice(more);
        Ok(())
    }
}

async fn read(session: &Session, sql: &str, take: impl FnMut(&[RecordBatch]) -> Result<()>) -> Result<()> {
    pour(session, &session.plan(sql, &Params::default()).await?, take).await
}

/// Hands the rows of a query over while they are read.
async fn pour(session: &Session, plan: &LogicalPlan, mut take: impl FnMut(&[RecordBatch]) -> Result<()>) -> Result<()> {
    let mut stream = session.stream(session.physical_plan(plan).await?)?;
    let (mut waiting, mut rows) = (Vec::new(), 0);
    while let Some(batch) = stream.try_next().await.map_err(|error| explain_without_sql(&error))? {
        rows += batch.num_rows();
        waiting.push(batch);
        if rows >= ROWS_AT_A_TIME {
            tokio::task::block_in_place(|| take(&waiting))?;
            waiting.clear();
            rows = 0;
        }
    }
    tokio::task::block_in_place(|| take(&waiting))
}
