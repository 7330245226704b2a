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
use crate::engine::{Session, explain_without_sql, in_one_piece};
use crate::error::{Error, Kind, Result};
use crate::identity::{Input, Scoring, Settings, resolve};
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
    let records = read_records(workshop.session, &matching.veto).await?;
    let identifiers = read(workshop.session, "SELECT record_id, kind, value FROM match.identifiers").await?;
    let overrides = read(workshop.session, "SELECT left_record, right_record, decision FROM match.overrides").await?;
    let scoring = Scoring {
        accept: matching.link_probability,
        doubt: matching.review_probability,
        threads: workshop.session.threads(),
    };
    let comparisons = match scoring {
        Scoring { accept: 1.0, doubt: 1.0, .. } => Vec::new(),
        _ => read(workshop.session, "SELECT * FROM match.comparisons").await?,
    };
    let previous_identities = previous(workshop, draft, "identities", "record_id, customer_id, since").await?;
    let previous_aliases = previous(workshop, draft, "aliases", "*").await?;
    let settings = Settings {
        run: draft.run as i64,
        block_records_max: matching.block_records_max,
        vetoes: matching.veto.clone(),
        scoring,
        ..Settings::default()
    };
    // What reading left behind may not fit beside what follows.
    memory::give_back();
    let resolution = tokio::task::block_in_place(|| {
        let input = Input {
            records: &records,
            identifiers: &identifiers,
            comparisons: &comparisons,
            overrides: &overrides,
            previous_identities: &previous_identities,
            previous_aliases: &previous_aliases,
            ..Input::default()
        };
        resolve(input, &settings)
    })?;
    drop((records, identifiers, comparisons, overrides, previous_identities, previous_aliases));
    memory::give_back();
    let previous_history = previous(workshop, draft, "history", "*").await?;
    let history = with_run(&resolution.history, draft.run)?;
    let history: Vec<RecordBatch> = previous_history.into_iter().chain([history]).collect();
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

/// The events with the run in which they happened, in front.
fn with_run(history: &RecordBatch, run: u64) -> Result<RecordBatch> {
    let runs = Int64Array::from_value(run as i64, history.num_rows());
    let fields = [Arc::new(Field::new("run", DataType::Int64, false))].into_iter();
    let schema = Schema::new(fields.chain(history.schema().fields().iter().cloned()).collect::<Vec<_>>());
    let columns = [Arc::new(runs) as ArrayRef].into_iter().chain(history.columns().iter().cloned()).collect();
    RecordBatch::try_new(Arc::new(schema), columns).map_err(|error| explain_without_sql(&error.into()))
}

/// Columns of one of our tables as the run before left it; no rows if there was no such run.
async fn previous(workshop: &Workshop<'_>, draft: &Manifest, name: &str, columns: &str) -> Result<Vec<RecordBatch>> {
    let Some(before) = draft.table(&table(name)) else { return Ok(Vec::new()) };
    workshop.session.register(workshop.lake, &table(name), &before.files).await?;
    read(workshop.session, &format!("SELECT {columns} FROM match.{name}")).await
}

/// The records with the columns that veto. One that the table lacks is left to the engine to miss: its message names the
/// nearest.
async fn read_records(session: &Session, vetoes: &[String]) -> Result<Vec<RecordBatch>> {
    let plan = session.plan("SELECT * FROM match.records", &Params::default()).await?;
    let is_read = |name: &String| name == "record_id" || vetoes.contains(name);
    let columns = plan.schema().columns().into_iter().filter(|column| is_read(&column.name)).map(Expr::Column);
    let columns: Vec<_> = columns.collect();
    let plan = LogicalPlanBuilder::from(plan).project(columns).and_then(LogicalPlanBuilder::build);
    collect(session, &plan.map_err(|error| explain_without_sql(&error))?).await
}

async fn read(session: &Session, sql: &str) -> Result<Vec<RecordBatch>> {
    collect(session, &session.plan(sql, &Params::default()).await?).await
}

async fn collect(session: &Session, plan: &LogicalPlan) -> Result<Vec<RecordBatch>> {
    let stream = session.stream(session.physical_plan(plan).await?)?;
    // Millions of texts, of which each is shorter than its view.
    let in_one_piece = |batch| std::future::ready(in_one_piece(&batch));
    let batches = stream.and_then(in_one_piece).try_collect::<Vec<_>>().await;
    let batches = batches.map_err(|error| explain_without_sql(&error))?;
    if batches.iter().map(RecordBatch::num_rows).sum::<usize>() > u32::MAX as usize {
        return Err(Error::new(Kind::Exhausted, "there are more than 4 billion rows to match"));
    }
    Ok(batches)
}
