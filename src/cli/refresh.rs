//! `land`, `run` and `refresh`: one draft of the next manifest, one commit.

use std::time::Instant;

use clap::Args;
use serde::Serialize;

use super::balance::Balance;
use super::context::Context;
use super::output::{print_json, say, seconds, thousands};
use crate::error::{Error, Result};
use crate::lake::{Manifest, Notice, TableName};
use crate::land::{self, Failure, SourceReport};
use crate::pipeline::{self, Decision, Pipeline, RunOptions, RunReport};

/// Land sources: read what is new in their files into raw tables.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  onefold land crm_contacts shop_orders")]
pub(super) struct LandArgs {
    /// The sources to land. Default: all.
    sources: Vec<String>,
}

/// Run the stages: compute what has changed, from raw tables to segments, in one commit.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  onefold run\n  onefold run --select rfm.scores+     and all that reads it\n  onefold run --as-of 2026-01-01"
)]
pub(super) struct RunArgs {
    #[command(flatten)]
    stages: StageArgs,
}

/// Land, then run: what a scheduled job calls.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  onefold refresh --quiet || mail -s 'refresh failed' me@example.org")]
pub(super) struct RefreshArgs {
    #[command(flatten)]
    stages: StageArgs,
}

/// Which stages to compute.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct StageArgs {
    /// Only these stages: `rfm.scores`, a layer, `rfm.*`; `+x` with all that x reads, `x+` with all that reads x.
    #[arg(long, value_name = "STAGE", num_args = 1..)]
    pub(super) select: Vec<String>,
    /// Compute stages even if nothing has changed.
    #[arg(long)]
    pub(super) force: bool,
}

impl From<StageArgs> for RunOptions {
    fn from(args: StageArgs) -> Self {
        Self { select: args.select, force: args.force, unchecked: false }
    }
}

/// What a job did, as `--json` prints it.
#[derive(Debug, Default, Serialize)]
pub(super) struct JobReport {
    /// The run that was committed; none if nothing had changed.
    pub(super) run: Option<u64>,
    pub(super) as_of: Option<String>,
    pub(super) sources: Vec<SourceReport>,
    /// The sources that did not land.
    pub(super) failed: Vec<Failure>,
    #[serde(flatten)]
    pub(super) stages: RunReport,
    /// The tables that were published anew.
    pub(super) published: Vec<String>,
    /// Where the orders went; none if nothing had changed.
    pub(super) balance: Option<Balance>,
    pub(super) elapsed_ms: u64,
}

impl JobReport {
    /// The failures as one error, if there are any; they are taken out.
    pub(super) fn failure(&mut self) -> Option<Error> {
        let failed = std::mem::take(&mut self.failed);
        let chosen = self.sources.len() + failed.len();
        land::as_one(failed, chosen)
    }
}

pub(super) async fn land(context: &Context, args: &LandArgs) -> Result<()> {
    tell(context, job(context, "land", Some(&args.sources), None).await?)
}

pub(super) async fn run(context: &Context, args: RunArgs) -> Result<()> {
    tell(context, job(context, "run", None, Some(args.stages.into())).await?)
}

pub(super) async fn refresh(context: &Context, args: RefreshArgs) -> Result<()> {
    tell(context, job(context, "refresh", Some(&[]), Some(args.stages.into())).await?)
}

/// Lands `sources` (empty: all), computes stages, commits once if anything has changed, and publishes. Sources that do
/// not land stay as they were, and the report names them; if none lands, that is the error.
pub(super) async fn job(
    context: &Context,
    command: &str,
    sources: Option<&[String]>,
    stages: Option<RunOptions>,
) -> Result<JobReport> {
    let started = Instant::now();
    let lake = &context.lake;
    // What is wrong in the SQL should be said before an hour of landing.
    let pipeline = Pipeline::read(&context.project)?;
    let head = context.head().await?;
    let mut draft = head.next(lake.writer(), command, context.now());
    let mut report = JobReport::default();
    let outcome = Box::pin(attempt(context, &pipeline, &head, &mut draft, &mut report, sources, stages)).await;
    if outcome.is_err() {
        // Of a commit whose outcome is open, the lake knows that nothing may be deleted.
        lake.discard().await;
    }
    outcome?;
    report.published = publish(context, if report.run.is_some() { &draft } else { &head }).await?;
    if report.run.is_some() && report.as_of.is_some() {
        report.balance = Box::pin(balance(context, &draft)).await;
    }
    report.elapsed_ms = started.elapsed().as_millis() as u64;
    Ok(report)
}

/// Lands and computes into `draft`, and commits it if it differs from `head`.
async fn attempt(
    context: &Context,
    pipeline: &Pipeline,
    head: &Manifest,
    draft: &mut Manifest,
    report: &mut JobReport,
    sources: Option<&[String]>,
    stages: Option<RunOptions>,
) -> Result<()> {
    let (project, lake, progress) = (&context.project, &context.lake, context.progress.as_ref());
    if let Some(only) = sources {
        let landed = Box::pin(land::land(project, only, lake, draft, progress)).await?;
        (report.sources, report.failed) = (landed.reports, landed.failures);
        if report.sources.is_empty() {
            return report.failure().map_or(Ok(()), Err);
        }
    }
    draft.notices = of_sources(report);
    let missing = report.failed.iter().find(|failed| !has_landed(draft, &failed.source));
    if let (Some(failed), Some(_)) = (missing, &stages) {
        let text = format!("no stage was computed: `{}` has never landed", failed.source);
        progress.notice(&text);
        draft.notices.push(Notice { source: None, unmet: false, text });
    } else if let Some(options) = stages {
        report.stages =
            Box::pin(pipeline::run(project, pipeline, &context.params, lake, draft, &options, progress)).await?;
        report.as_of = context.as_of().map(|date| date.to_string());
        draft.notices.extend(report.stages.warnings.iter().map(|warning| of_check(warning)));
    }
    if draft.tables != head.tables || draft.loads != head.loads {
        draft.committed_at = context.now().to_string();
        context.committing(draft.run, lake.commit(draft)).await?;
        report.run = Some(draft.run);
    }
    Ok(())
}

/// What landing told, for the manifest.
fn of_sources(report: &JobReport) -> Vec<Notice> {
    let mut notices = Vec::new();
    for source in &report.sources {
        let unmet = source.unmet();
        notices.extend(source.notices.iter().map(|text| Notice {
            source: Some(source.source.clone()),
            unmet: unmet.contains(text),
            text: text.clone(),
        }));
    }
    notices.extend(report.failed.iter().map(|Failure { source, error }| Notice {
        source: Some(source.clone()),
        unmet: false,
        text: format!("did not land and stays as it was: {}; `onefold land {source}` tries again", error.message()),
    }));
    notices
}

/// What a check warned of, without the rows that it shows.
fn of_check(warning: &str) -> Notice {
    let found = warning.lines().next().unwrap_or_default().trim_end_matches('.');
    Notice { source: None, unmet: false, text: format!("{found}; `onefold run` shows the first") }
}

/// Whether there are rows of the source, if only those of an earlier run.
fn has_landed(draft: &Manifest, source: &str) -> bool {
    TableName::new("raw", source).is_ok_and(|table| draft.table(&table).is_some())
}

/// Publishes the head. The commit stands even if this fails; the next run heals it.
pub(super) async fn publish(context: &Context, head: &Manifest) -> Result<Vec<String>> {
    if head.run == 0 {
        return Ok(Vec::new());
    }
    context.lake.publish(head).await.inspect_err(|_| {
        let text = format!(
            "run {} is committed, but `published/` could not be brought up to date; the next run does it",
            head.run
        );
        context.progress.notice(&text);
    })
}

/// Where the orders went. The run is committed: a query of the user's own that fails is told, and fails nothing.
async fn balance(context: &Context, run: &Manifest) -> Option<Balance> {
    match Balance::read(context, run).await {
        Ok(balance) => Some(balance),
        Err(error) => {
            context.progress.notice(&format!("where the orders went cannot be told: {error}"));
            None
        }
    }
}

/// Says what was done, and fails if a source did not land. What is not as expected is told even to those who want to
/// hear nothing else.
fn tell(context: &Context, mut report: JobReport) -> Result<()> {
    if context.quiet || context.json {
        report.sources.iter().flat_map(SourceReport::unmet).for_each(|unmet| say(&format!("notice: {unmet}")));
    }
    if context.json {
        print_json(&report)?;
    } else if !context.quiet {
        say_what(&report);
    }
    match report.failure() {
        Some(error) if context.json => Err(error.reported()),
        Some(error) => Err(error),
        None => Ok(()),
    }
}

fn say_what(report: &JobReport) {
    let landed: u64 = report.sources.iter().map(|source| source.rows_landed).sum();
    let quarantined: u64 = report.sources.iter().map(|source| source.rows_quarantined).sum();
    let computed = report.stages.stages.iter().filter(|stage| matches!(stage.decision, Decision::Compute(_))).count();
    let unchanged = report.stages.stages.len() - computed;
    let mut parts = Vec::new();
    if !report.sources.is_empty() {
        parts.push(format!("{} rows landed", thousands(landed)));
        if quarantined > 0 {
            parts.push(format!("{} quarantined", thousands(quarantined)));
        }
    }
    if !report.stages.stages.is_empty() {
        parts.push(format!("{computed} stages computed, {unchanged} unchanged, {} checks held", report.stages.checks));
    }
    let outcome = match report.run {
        Some(run) => format!("committed run {run}"),
        None => "nothing has changed".to_owned(),
    };
    say(&format!("{outcome}: {} in {}", parts.join(", "), seconds(report.elapsed_ms)));
    for notice in report.balance.iter().flat_map(Balance::notices) {
        say(&notice);
    }
}
