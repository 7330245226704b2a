//! One run: what has changed is computed, the rest carried over, the checks held.

use std::collections::BTreeSet;
use std::time::Instant;

use serde::Serialize;

use super::check;
use super::decide::{Decision, decide, fingerprint};
use super::graph::Pipeline;
use super::identity;
use super::materialise::Workshop;
use super::segment;
use super::select::select;
use super::stage::{Stage, Work};
use crate::engine::{Session, SessionOptions};
use crate::error::{Error, Kind, Result};
use crate::lake::layout::{LAYERS, QUARANTINE};
use crate::lake::{DataFile, Fingerprint, Lake, Manifest, TableName};
use crate::memory;
use crate::progress::Progress;
use crate::project::{AS_OF, Params, Project, Value};

/// What to run.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    /// The stages to compute, as `--select` names them; empty for all.
    pub select: Vec<String>,
    /// Compute stages even if nothing has changed.
    pub force: bool,
    /// Hold no check: for a run that nobody will commit.
    pub unchecked: bool,
}

/// What a run did.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RunReport {
    /// The stages in running order.
    pub stages: Vec<StageReport>,
    /// How many checks were held.
    pub checks: usize,
    /// What the checks that only warn found.
    pub warnings: Vec<String>,
}

/// What became of one stage.
#[derive(Debug, Clone, Serialize)]
pub struct StageReport {
    /// The stage.
    pub stage: String,
    /// What was done, and why.
    #[serde(flatten)]
    pub decision: Decision,
    /// Rows of its table; none in a plan.
    pub rows: Option<u64>,
    /// How long it took.
    pub elapsed_ms: u64,
}

/// What a run would do with the draft's tables, at most: it carries over the readers of a stage whose rows come out
/// equal, which nobody can know before.
pub fn plan(
    project: &Project,
    pipeline: &Pipeline,
    params: &Params,
    draft: &Manifest,
    options: &RunOptions,
) -> Result<Vec<StageReport>> {
    let selected = select(pipeline, &options.select)?;
    let mut moving = BTreeSet::new();
    let mut reports = Vec::new();
    for stage in &pipeline.stages {
        let now = prints(project, pipeline, stage, params, draft)?;
        let decision = choose(stage, &now, draft, &moving, &selected, options);
        if matches!(decision, Decision::Compute(_)) {
            moving.extend(stage.outputs().iter().cloned());
        }
        reports.push(StageReport { stage: stage.name.to_string(), decision, rows: None, elapsed_ms: 0 });
    }
    Ok(reports)
}

/// Computes the stages into `draft`, which holds the tables of the run before and the raw tables of this one. The
/// caller commits it.
///
/// # Errors
/// Whatever a stage or a check says; nothing has become visible then.
pub async fn run(
    project: &Project,
    pipeline: &Pipeline,
    params: &Params,
    lake: &Lake,
    draft: &mut Manifest,
    options: &RunOptions,
    progress: &dyn Progress,
) -> Result<RunReport> {
    let selected = select(pipeline, &options.select)?;
    if options.select.is_empty() {
        forget_orphans(pipeline, draft);
    }
    memory::keep_freed();
    let session = Session::new(&SessionOptions::of(&project.config.limits, lake))?;
    register_sources(&session, lake, draft).await?;
    let workshop = Workshop { session: &session, lake, contract: &pipeline.contract, params, progress };
    let mut report = RunReport::default();
    let mut checked = BTreeSet::new();
    progress.job("run", pipeline.stages.len());
    for stage in &pipeline.stages {
        let now = prints(project, pipeline, stage, params, draft)?;
        let decision = choose(stage, &now, draft, &BTreeSet::new(), &selected, options);
        let started = Instant::now();
        match &decision {
            Decision::Compute(_) => {
                need_inputs(stage, draft)?;
                check_files(stage, lake, draft, &mut checked).await?;
                compute(&workshop, project, stage, &now, draft)
                    .await
                    .map_err(|error| session.name_spill(error).with("stage", &stage.name))?;
            }
            Decision::Carry | Decision::Skip => {}
        }
        for name in stage.outputs() {
            if let Some(table) = draft.table(name) {
                session.register(lake, name, &table.files).await?;
            }
        }
        let rows = draft.table(&stage.name).map(crate::lake::Table::rows);
        let elapsed_ms = started.elapsed().as_millis() as u64;
        progress.finish(&stage.name.to_string(), &summary(&decision, rows, elapsed_ms));
        // Half as much again as queries may use is what most large stages leave behind: given back after each of them, it
        // would be zeroed for the next.
        memory::give_back_above(session.memory_bytes_max() / 2 * 3);
        report.stages.push(StageReport { stage: stage.name.to_string(), decision, rows, elapsed_ms });
    }
    if let Some(notice) = other_dates(&report, &pipeline.stages, params, draft) {
        progress.notice(&notice);
    }
    if options.unchecked {
        return Ok(report);
    }
    segment::need_known_customers(&session, &pipeline.stages, draft).await?;
    for check in &pipeline.checks {
        if check.inputs.iter().all(|input| is_there(input, draft)) {
            check_files(check, lake, draft, &mut checked).await?;
            if let Some(warning) = check::hold(&session, check, params, &pipeline.contract).await? {
                progress.notice(&warning);
                report.warnings.push(warning);
            }
            report.checks += 1;
        }
    }
    draft.as_of = match params.get(AS_OF) {
        Some(Value::Date(as_of)) => Some(as_of.to_string()),
        _ => None,
    };
    draft.params = params.iter().map(|(name, value)| (name.to_owned(), value.to_string())).collect();
    Ok(report)
}

/// Says which tables were left as they are although they are of another date than this run.
fn other_dates(report: &RunReport, stages: &[Stage], params: &Params, draft: &Manifest) -> Option<String> {
    let aspect = format!("${AS_OF}");
    let as_of = params.get(AS_OF)?.to_string();
    let is_of_another = |stage: &&Stage| {
        let then = draft.table(&stage.name).and_then(|table| table.fingerprint.get(&aspect));
        then.is_some_and(|then| *then != as_of)
    };
    let skipped = stages.iter().zip(&report.stages).filter(|(_, report)| report.decision == Decision::Skip);
    let others: Vec<&Stage> = skipped.map(|(stage, _)| stage).filter(is_of_another).collect();
    let (count, first) = (others.len(), others.first()?);
    let then = draft.table(&first.name)?.fingerprint.get(&aspect)?.clone();
    Some(format!(
        "{count} tables that were not selected are of another date than this run ({as_of}), such as `{}` ({then}); \
         `onefold run` brings all to one date",
        first.name
    ))
}

fn prints(
    project: &Project,
    pipeline: &Pipeline,
    stage: &Stage,
    params: &Params,
    draft: &Manifest,
) -> Result<Fingerprint> {
    let mut prints = fingerprint(stage, &pipeline.contract, params, draft)?;
    if let Work::Identity(_) = stage.work {
        let settings = serde_json::to_string(&project.config.matching)
            .map_err(|error| Error::new(Kind::Internal, "the settings of `[match]` cannot be written").source(error))?;
        prints.insert("[match]".into(), settings);
    }
    Ok(prints)
}

fn choose(
    stage: &Stage,
    now: &Fingerprint,
    draft: &Manifest,
    moving: &BTreeSet<TableName>,
    selected: &BTreeSet<TableName>,
    options: &RunOptions,
) -> Decision {
    if !selected.contains(&stage.name) {
        return Decision::Skip;
    }
    match decide(stage, now, draft, moving) {
        Decision::Carry if options.force && !matches!(stage.work, Work::Commands(_)) => {
            Decision::Compute(vec!["it was asked for".into()])
        }
        decision => decision,
    }
}

async fn compute(
    workshop: &Workshop<'_>,
    project: &Project,
    stage: &Stage,
    now: &Fingerprint,
    draft: &mut Manifest,
) -> Result<()> {
    match &stage.work {
        Work::Sql(parts) => {
            let mut table = workshop.materialise(stage, parts, draft).await?;
            table.fingerprint.clone_from(now);
            draft.tables.insert(stage.name.to_string(), table);
        }
        Work::Identity(_) => {
            for (name, mut table) in identity::compute(workshop, stage, &project.config.matching, draft).await? {
                table.fingerprint.clone_from(now);
                draft.tables.insert(name.to_string(), table);
            }
        }
        Work::Commands(_) => {
            let table = workshop.materialise(stage, &[], draft).await?;
            draft.tables.insert(stage.name.to_string(), table);
        }
        Work::Check(_) => {}
    }
    Ok(())
}

/// A table whose stage is gone goes too. Raw and quarantined rows stay: they are what the sources said.
fn forget_orphans(pipeline: &Pipeline, draft: &mut Manifest) {
    let made: BTreeSet<String> = pipeline.tables().map(ToString::to_string).collect();
    let derived = |name: &str| LAYERS[1..].iter().any(|layer| name.split('.').next() == Some(layer));
    draft.tables.retain(|name, _| !derived(name) || made.contains(name));
}

async fn register_sources(session: &Session, lake: &Lake, draft: &Manifest) -> Result<()> {
    for (name, table) in &draft.tables {
        let name: TableName = name.parse()?;
        if !LAYERS[1..].contains(&name.schema.as_str()) {
            session.show(lake, &name, table).await?;
        }
    }
    session.show_empty_quarantines(draft)
}

/// Whether `name` can be read. A source that has landed has a quarantine, be it empty.
fn is_there(name: &TableName, draft: &Manifest) -> bool {
    draft.table(name).is_some() || name.schema == QUARANTINE && draft.loads.contains_key(&name.table)
}

fn need_inputs(stage: &Stage, draft: &Manifest) -> Result<()> {
    let Some(missing) = stage.inputs.iter().find(|input| !is_there(input, draft)) else { return Ok(()) };
    let error = Error::new(Kind::Usage, format!("`{}` reads `{missing}`, which has not been made", stage.name));
    Err(match missing.schema.as_str() {
        "raw" | QUARANTINE => error
            .hint(format!("`onefold land {}` lands it, `onefold refresh` lands and runs everything", missing.table)),
        _ => error.hint(format!("`onefold run --select +{}` makes it too", stage.name)),
    })
}

/// Holds the hashes of the files that `stage` reads, each once a run, before a row of them is used. What this run wrote
/// was hashed as it was written.
async fn check_files(stage: &Stage, lake: &Lake, draft: &Manifest, checked: &mut BTreeSet<String>) -> Result<()> {
    // The identity engine goes on from its own tables of the run before.
    let own = if matches!(stage.work, Work::Identity(_)) { stage.outputs() } else { &[] };
    let tables = stage.inputs.iter().chain(own).filter_map(|name| draft.table(name));
    let unseen = |file: &&DataFile| !lake.has_begun(file) && checked.insert(file.path.clone());
    let files = tables.flat_map(|table| &table.files).filter(unseen).cloned().collect();
    lake.check(files).await.map_err(|error| error.with("read by", &stage.name))
}

fn summary(decision: &Decision, rows: Option<u64>, elapsed_ms: u64) -> String {
    let rows = rows.map_or_else(|| "no rows".to_owned(), |rows| format!("{rows} rows"));
    match decision {
        Decision::Compute(_) => format!("{rows} in {:.2} s", elapsed_ms as f64 / 1000.0),
        Decision::Carry => format!("{rows}, unchanged"),
        Decision::Skip => "not selected".to_owned(),
    }
}
