//! `status`: what the lake holds, where every row of the sources went, and what is out of date.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::balance::Balance as OrderBalance;
use super::context::Context;
use super::output::{Align, bytes, print, print_json, seconds, table, thousands};
use crate::error::Result;
use crate::lake::{Manifest, Notice};
use crate::land::{self, Expectation};
use crate::pipeline::{self, Decision, Pipeline, RunOptions};

/// Show what the lake holds, where every row went, and what is out of date.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  onefold status\n  onefold status --tables --json")]
pub(super) struct Args {
    /// List every table.
    #[arg(long)]
    tables: bool,
}

#[derive(Debug, Serialize)]
struct Report {
    project: String,
    lake: String,
    run: u64,
    as_of: Option<String>,
    committed_at: String,
    sources: Vec<Balance>,
    /// Where the orders went, and who is not scored.
    balance: OrderBalance,
    tables: Vec<TableStatus>,
    /// What the user should know about the newest run.
    notices: Vec<Notice>,
    /// Stages that a run would compute.
    outdated: Vec<String>,
}

/// A source's row balance: `rows_read = rows_landed + rows_quarantined`; of the landed `rows_superseded` do not count, and
/// `rows_expired` are gone.
#[derive(Debug, Serialize)]
struct Balance {
    source: String,
    files: usize,
    rows_read: u64,
    rows_landed: u64,
    rows_quarantined: u64,
    rows_expired: u64,
    rows_superseded: u64,
    /// What is expected of the source, and how it stands.
    expectations: Vec<Expectation>,
}

#[derive(Debug, Serialize)]
struct TableStatus {
    table: String,
    rows: u64,
    bytes: u64,
    run: u64,
    elapsed_ms: u64,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<()> {
    let head = context.head().await?;
    let pipeline = Pipeline::read(&context.project)?;
    let draft = head.next(context.lake.writer(), "status", context.now());
    let planned = pipeline::plan(&context.project, &pipeline, &context.params, &draft, &RunOptions::default())?;
    let outdated = planned.into_iter().filter(|stage| matches!(stage.decision, Decision::Compute(_)));
    let mut sources = Vec::new();
    for source in context.project.config.sources.keys() {
        let expectations = land::expectations(&context.project, source, &context.lake, &draft).await?;
        sources.push(balance(source, &head, expectations));
    }
    let report = Report {
        project: context.project.config.name.clone(),
        lake: context.lake.location().to_owned(),
        run: head.run,
        as_of: head.as_of.clone(),
        committed_at: head.committed_at.clone(),
        sources,
        balance: Box::pin(OrderBalance::read(context, &head)).await?,
        tables: tables(&head),
        notices: head.notices.clone(),
        outdated: outdated.map(|stage| stage.stage).collect(),
    };
    if context.json { print_json(&report) } else { print(&draw(&report, args.tables)) }
}

fn balance(source: &str, head: &Manifest, expectations: Vec<Expectation>) -> Balance {
    let loads = head.loads.get(source).map_or(&[][..], Vec::as_slice);
    let newest = head.tables.get(&format!("raw.{source}")).and_then(|table| table.newest.as_ref());
    Balance {
        source: source.to_owned(),
        files: loads.len(),
        rows_read: loads.iter().map(|load| load.rows_read).sum(),
        rows_landed: loads.iter().map(|load| load.rows_landed).sum(),
        rows_quarantined: loads.iter().map(|load| load.rows_quarantined).sum(),
        rows_expired: loads.iter().map(|load| load.rows_expired).sum(),
        rows_superseded: newest.map_or(0, |newest| newest.superseded),
        expectations,
    }
}

fn tables(head: &Manifest) -> Vec<TableStatus> {
    let status = |(name, table): (&String, &crate::lake::Table)| TableStatus {
        table: name.clone(),
        rows: table.rows(),
        bytes: table.bytes(),
        run: table.run,
        elapsed_ms: table.elapsed_ms,
    };
    head.tables.iter().map(status).collect()
}

fn draw(report: &Report, all_tables: bool) -> String {
    let mut text = format!("project {} · lake {}\n", report.project, report.lake);
    if report.run == 0 {
        text.push_str("nothing has run yet: `onefold refresh` lands the sources and runs the stages\n");
        return text;
    }
    let committed: String = report.committed_at.chars().take(19).collect::<String>().replace('T', " ");
    let total: u64 = report.tables.iter().map(|table| table.bytes).sum();
    text.push_str(&format!(
        "run {} · as of {} · committed {committed} UTC · {} tables, {}\n\n",
        report.run,
        report.as_of.as_deref().unwrap_or("–"),
        report.tables.len(),
        bytes(total)
    ));
    let header = [
        ("source", Align::Left),
        ("files", Align::Right),
        ("read", Align::Right),
        ("landed", Align::Right),
        ("quarantined", Align::Right),
        ("superseded", Align::Right),
    ];
    let rows: Vec<Vec<String>> = report.sources.iter().map(balance_row).collect();
    text.push_str(&table(&header, &rows));
    text.push_str(&unmet(&report.sources));
    text.push_str(&told(report));
    let orders = report.balance.draw();
    if !orders.is_empty() {
        text.push_str(&format!("\n{orders}"));
    }
    for notice in report.balance.notices() {
        text.push_str(&format!("  {notice}\n"));
    }
    if all_tables {
        let header = [
            ("table", Align::Left),
            ("rows", Align::Right),
            ("size", Align::Right),
            ("run", Align::Right),
            ("took", Align::Right),
        ];
        let rows: Vec<Vec<String>> = report.tables.iter().map(table_row).collect();
        text.push_str(&format!("\n{}", table(&header, &rows)));
    }
    text.push('\n');
    match report.outdated.as_slice() {
        [] => text.push_str("every stage is up to date\n"),
        stages => text.push_str(&format!("{} stages are out of date; `onefold plan` says why\n", stages.len())),
    }
    text
}

/// What is not as expected, a line each.
fn unmet(sources: &[Balance]) -> String {
    let mut text = String::new();
    for balance in sources {
        for unmet in balance.expectations.iter().filter(|one| !one.met) {
            text.push_str(&format!("{} is not as expected: {}\n", balance.source, unmet.found));
        }
    }
    if text.is_empty() { text } else { format!("\n{text}") }
}

/// What the newest run told beside what is not as expected, a line each.
fn told(report: &Report) -> String {
    let mut text = String::new();
    for notice in report.notices.iter().filter(|notice| !notice.unmet) {
        text.push_str(&format!("  {notice}\n"));
    }
    if text.is_empty() { text } else { format!("\nnotices of run {}\n{text}", report.run) }
}

fn balance_row(balance: &Balance) -> Vec<String> {
    vec![
        balance.source.clone(),
        balance.files.to_string(),
        thousands(balance.rows_read),
        thousands(balance.rows_landed),
        thousands(balance.rows_quarantined),
        thousands(balance.rows_superseded),
    ]
}

fn table_row(status: &TableStatus) -> Vec<String> {
    let (rows, size) = (thousands(status.rows), bytes(status.bytes));
    vec![status.table.clone(), rows, size, status.run.to_string(), seconds(status.elapsed_ms)]
}
