//! `privacy retain`: old rows go, what is made of their sums stays as it was, all in one commit.

use std::collections::BTreeMap;

use clap::Args as ClapArgs;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;

use super::super::context::Context;
use super::super::output::{counted, print, print_json, thousands};
use super::super::refresh::publish;
use crate::error::{Error, Kind, Result};
use crate::lake::{Manifest, Notice, TableName};
use crate::land::{Expired, Expiry};
use crate::pipeline::{self, Decision, Pipeline, RunOptions, past};
use crate::project::{Source, Span};

/// Layers whose tables hold what sources said, not what was made of it.
const OF_SOURCES: [&str; 2] = ["raw", "quarantine"];

/// Drop rows that are older than their source may keep them. Without --yes it only says which.
///
/// How long a source keeps its rows is `retain` under `[sources.<name>]` of onefold.toml, counted back from `--as-of`; whole
/// days go. Of events the sums by day stay, as `clean.past_event_summaries`, and every table but `clean.events` must be the same
/// without the rows as with them: if one is not, nothing goes, and the message says which. The rows themselves cannot be
/// had back. Earlier runs hold them until `onefold gc` takes their files.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  onefold privacy retain              say what would go, and whether anything else would change\n  onefold refresh && onefold privacy retain --yes && onefold gc --yes     as a nightly job"
)]
pub(super) struct Args {
    /// Drop it.
    #[arg(long)]
    yes: bool,
}

/// What went, or would go, as `--json` prints it.
#[derive(Debug, Default, Serialize)]
struct Report {
    /// The run that was committed without the rows; none if none went.
    run: Option<u64>,
    sources: Vec<Expired>,
    /// Rows of `clean.past_event_summaries`: all sums that are kept by now.
    summaries: u64,
    /// Tables that are the same without the rows.
    tables: usize,
}

impl Report {
    fn is_nothing(&self) -> bool {
        self.sources.iter().all(Expired::is_nothing)
    }
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<()> {
    let pipeline = Pipeline::read(&context.project)?;
    let head = context.head().await?;
    let mut draft = head.next(context.lake.writer(), "privacy retain", context.now());
    let attempted = Box::pin(attempt(context, &pipeline, &head, &mut draft)).await;
    if !args.yes || attempted.as_ref().map_or(true, Report::is_nothing) {
        context.lake.discard().await;
    }
    let mut report = attempted?;
    if args.yes && !report.is_nothing() {
        draft.committed_at = context.now().to_string();
        context.committing(draft.run, context.lake.commit(&draft)).await?;
        report.run = Some(draft.run);
        publish(context, &draft).await?;
    }
    match (context.json, context.quiet) {
        (true, _) => print_json(&report),
        (false, true) => Ok(()),
        (false, false) => print(&draw(&report)),
    }
}

/// Takes the old rows out of `draft` and keeps their sums, once all tables have proved to be the same without them.
async fn attempt(context: &Context, pipeline: &Pipeline, head: &Manifest, draft: &mut Manifest) -> Result<Report> {
    let (project, lake, params) = (&context.project, &context.lake, &context.params);
    let keeping: Vec<(&String, &Source, &Span)> = project
        .config
        .sources
        .iter()
        .filter_map(|(name, source)| Some((name, source, source.retain.as_ref()?)))
        .collect();
    if keeping.is_empty() {
        let error = Error::new(Kind::Usage, "no source says how long its rows may be kept");
        return Err(error.hint("set `retain = \"400d\"` and `retain_by` under `[sources.<name>]` of onefold.toml"));
    }
    let mut expiries = Vec::new();
    for (name, source, span) in keeping {
        let before = before(context, name, span)?;
        let expiry = Expiry::find(project, (name, source), lake, head, before).await?;
        expiries.push((source, before, expiry));
    }
    let sources = expiries.iter().map(|(_, _, expiry)| expiry.expired.clone()).collect();
    let mut report = Report { sources, ..Report::default() };
    if report.is_nothing() {
        return Ok(report);
    }
    need_all_up_to_date(context, pipeline, draft)?;
    expiries.retain(|(_, _, expiry)| !expiry.expired.is_nothing());
    let mut days = BTreeMap::new();
    for (_, before, expiry) in &expiries {
        days.insert(TableName::new("raw", &expiry.expired.source)?, *before);
    }
    report.summaries = past::keep(project, pipeline, params, lake, draft, &days).await?;
    for (source, _, expiry) in &expiries {
        expiry.drop(project, source, lake, draft).await?;
        draft.notices.push(notice(&expiry.expired));
    }
    let options = RunOptions::default();
    Box::pin(pipeline::run(project, pipeline, params, lake, draft, &options, context.progress.as_ref())).await?;
    report.tables = same(head, draft)?;
    Ok(report)
}

/// The first day that is young enough.
fn before(context: &Context, name: &str, span: &Span) -> Result<Date> {
    let as_of = context.as_of().ok_or_else(|| Error::new(Kind::Usage, "no date says how old a row is"))?;
    as_of.checked_sub(span.days().unwrap_or_default().days()).map_err(|error| {
        let error = Error::new(Kind::Config, "`retain` goes back to before there were dates").source(error);
        error.with("key", format!("sources.{name}.retain"))
    })
}

/// Tables can only be compared with those of the run before if nothing but the rows is another.
fn need_all_up_to_date(context: &Context, pipeline: &Pipeline, draft: &Manifest) -> Result<()> {
    let stages = pipeline::plan(&context.project, pipeline, &context.params, draft, &RunOptions::default())?;
    let outdated = stages.iter().filter(|stage| matches!(stage.decision, Decision::Compute(_))).count();
    if outdated == 0 {
        return Ok(());
    }
    let message = format!("{outdated} stages are out of date: what would change without the rows cannot be told");
    Err(Error::new(Kind::Usage, message).hint("`onefold run` first, with the same `--as-of`; `onefold plan` says why"))
}

/// How many tables that are made of the sources are the same in both.
///
/// # Errors
/// `Check` when one is not that must be.
fn same(before: &Manifest, after: &Manifest) -> Result<usize> {
    let may_change = [past::table().to_string(), past::events().to_string()];
    let made = |name: &str| !OF_SOURCES.iter().any(|layer| name.split('.').next() == Some(layer));
    let compared = after.tables.iter().filter(|(name, _)| made(name) && !may_change.contains(name));
    let (same, other): (Vec<_>, Vec<_>) = compared.partition(|(name, table)| {
        before.tables.get(*name).is_some_and(|before| before.content_hash() == table.content_hash())
    });
    if other.is_empty() {
        return Ok(same.len());
    }
    let first: Vec<String> = other.iter().take(5).map(|(name, _)| format!("`{name}`")).collect();
    let message =
        format!("nothing went: {} tables would change without the old rows, such as {}", other.len(), first.join(", "));
    Err(Error::new(Kind::Check, message).hint(
        "only events may go, whose sums are kept; name the columns that other stages group by in `retain_ends`, or let \
         them read `clean.event_summaries`",
    ))
}

/// What the run's manifest tells of it.
fn notice(expired: &Expired) -> Notice {
    let (rows, before) = (counted(expired.rows, "row"), &expired.before);
    let text = format!("dropped {rows} from before {before}, because of `retain`");
    Notice { source: Some(expired.source.clone()), unmet: false, text }
}

fn draw(report: &Report) -> String {
    let mut text = String::new();
    for expired in &report.sources {
        text.push_str(&line(expired));
    }
    if report.is_nothing() {
        return text + "there is nothing to drop\n";
    }
    text.push_str(&format!(
        "the sums of old events take {}; {} tables are the same without the events\n",
        counted(report.summaries, "row"),
        thousands(report.tables as u64)
    ));
    text.push_str(&match report.run {
        Some(run) => format!("dropped in run {run}; earlier runs hold the rows until `onefold gc` takes their files\n"),
        None => "`onefold privacy retain --yes` drops them\n".to_owned(),
    });
    text
}

fn line(expired: &Expired) -> String {
    let Expired { source, before, rows, files, rows_kept, rows_undated, rows_quarantined, .. } = expired;
    let (rows, files) = (counted(*rows, "row"), counted(*files as u64, "file"));
    let mut text = match (&expired.first_day, &expired.last_day) {
        (Some(first), Some(last)) => format!("{source}: {rows} of {files}, from {first} to {last}"),
        _ => format!("{source}: no rows from before {before}"),
    };
    for (count, what) in [
        (rows_quarantined, "records that could not be read go too"),
        (rows_kept, "older rows stay, the first and the last of their kind"),
        (rows_undated, "without a time stay"),
    ] {
        if *count > 0 {
            text.push_str(&format!("; {} {what}", thousands(*count)));
        }
    }
    text + "\n"
}
