//! `demo`: a sample shop, everything run, and a report that a person enjoys reading.

use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use nu_ansi_term::{Color, Style};
use serde::Serialize;

use super::Global;
use super::context::Context;
use super::lookup::{Lookup, Row, count_of, text_of};
use super::output::{Align, paint, print, print_json, say, seconds, table, thousands};
use super::refresh::{JobReport, job};
use crate::chart::terminal;
use crate::demo::{self, Options};
use crate::engine::{Session, SessionOptions};
use crate::error::{Error, Kind, Result};
use crate::identity::evaluate::{Evaluation, evaluate};
use crate::pipeline::RunOptions;
use crate::progress::Unit;
use crate::project::{CONFIG_FILE, Params};

/// Make a sample shop with several sources, run everything, and show what came out.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  onefold demo\n  onefold demo big-shop --customers 100000 --seed 42")]
pub(super) struct Args {
    /// The folder to make.
    #[arg(value_name = "DIR", default_value = "onefold-demo")]
    dir: PathBuf,
    /// How many people the shop has, up to 10,000,000.
    #[arg(long, default_value_t = Options::default().customers, value_name = "N")]
    customers: u64,
    /// Same seed, same shop.
    #[arg(long, default_value_t = Options::default().seed, value_name = "S")]
    seed: u64,
    /// Make the files, and run nothing.
    #[arg(long)]
    files_only: bool,
}

/// How many lapsed high-value customers are shown.
const PEOPLE_SHOWN: usize = 10;

#[derive(Serialize)]
struct Report {
    job: JobReport,
    records: usize,
    customers: usize,
    pairwise_precision: f64,
    pairwise_recall: f64,
    pairwise_f1: f64,
    labels: Vec<Row>,
    lifecycle: Vec<Row>,
    lapsed_high_value: Vec<Row>,
}

pub(super) async fn run(global: &Global, args: Args) -> Result<()> {
    refuse_foreign(&args.dir)?;
    let mut options = Options { customers: args.customers, seed: args.seed, ..Options::default() };
    if let Some(as_of) = global.as_of {
        options.as_of = as_of;
    }
    let progress = super::progress::progress(global.quiet || global.json);
    let task = format!("make {} people", thousands(options.customers));
    progress.begin(&task, Some(options.customers), Unit::Rows);
    let so_far = std::cell::Cell::new(0);
    let summary = tokio::task::block_in_place(|| {
        demo::generate(&args.dir, &options, &|now| {
            progress.advance(&task, now.customers - so_far.replace(now.customers));
        })
    })?;
    progress.finish(&task, &format!("{} rows in {} files", thousands(summary.rows()), summary.files.len()));
    drop(progress);
    if args.files_only {
        if !global.quiet {
            say(&format!("made {}; next: cd {} && onefold refresh", args.dir.display(), args.dir.display()));
        }
        return Ok(());
    }
    let global = Global { project: args.dir.clone(), as_of: Some(options.as_of), ..global.clone() };
    let context = Context::open(&global)?;
    let mut job = job(&context, "demo", Some(&[]), Some(RunOptions::default())).await?;
    if let Some(error) = job.failure() {
        return Err(error);
    }
    if global.quiet && !global.json {
        return Ok(());
    }
    let report = report(&context, &args.dir, job).await?;
    if global.json { print_json(&report) } else { print(&draw(&report, &args.dir)) }
}

/// A folder that holds something else is not written into.
fn refuse_foreign(dir: &Path) -> Result<()> {
    let is_empty = std::fs::read_dir(dir).map_or(true, |mut entries| entries.next().is_none());
    if is_empty || dir.join("truth").is_dir() && dir.join(CONFIG_FILE).is_file() {
        return Ok(());
    }
    Err(Error::new(Kind::Usage, "the folder is not empty and not a demo")
        .with("folder", dir.display())
        .hint("name a folder that does not exist yet: `onefold demo DIR`"))
}

async fn report(context: &Context, dir: &Path, job: JobReport) -> Result<Report> {
    let session = Session::new(&SessionOptions { files: true, ..SessionOptions::default() })?;
    session.attach(&context.snapshot(None).await?).await?;
    let lookup = Lookup { sql: &context.project.sql, session: &session };
    let none = Params::default();
    let evaluation = score(&lookup, dir).await?;
    Ok(Report {
        job,
        records: evaluation.records,
        customers: evaluation.customers,
        pairwise_precision: evaluation.pairwise.precision,
        pairwise_recall: evaluation.pairwise.recall,
        pairwise_f1: evaluation.pairwise.f1,
        labels: lookup.rows("label_counts", &none).await?,
        lifecycle: lookup.rows("lifecycle_counts", &none).await?,
        lapsed_high_value: lookup.rows("lapsed_high_value", &none).await?,
    })
}

/// The matching against the generator's truth, which no stage has seen.
async fn score(lookup: &Lookup<'_>, dir: &Path) -> Result<Evaluation> {
    let none = Params::default();
    let identities = lookup.batches("SELECT record_id, customer_id FROM match.identities", &none).await?;
    let truth = std::path::absolute(dir.join("truth/people.csv"))
        .map_err(|error| Error::new(Kind::Store, "cannot find the truth").source(error))?;
    let path = truth.to_string_lossy().replace('\'', "''");
    let sql = format!(
        "SELECT CAST(record_id AS VARCHAR) AS record_id, CAST(person_id AS VARCHAR) AS person_id FROM '{path}'"
    );
    let truth = lookup.batches(&sql, &none).await?;
    evaluate(&identities, &truth)
}

fn draw(report: &Report, dir: &Path) -> String {
    let head = |text: &str| format!("\n{}\n", paint(text, Style::new().bold()));
    let mut text = head("What came in, and where every row went");
    text.push_str(&sources(&report.job));
    text.push_str(&quarantine(&report.job));
    if let Some(balance) = &report.job.balance {
        text.push_str(&format!("\n{}", balance.draw()));
        for notice in balance.notices() {
            text.push_str(&format!("  {notice}\n"));
        }
    }
    let known: u64 = report.lifecycle.iter().map(|row| count_of(row, "customers")).sum();
    text.push_str(&head("Who is who"));
    text.push_str(&format!(
        "  {} records are {} customers, {} of them known by more than a device\n  precision {:.4}, recall {:.4}, F1 {:.4} against the generator's truth, which no stage has seen\n",
        thousands(report.records as u64),
        thousands(report.customers as u64),
        thousands(known),
        report.pairwise_precision,
        report.pairwise_recall,
        report.pairwise_f1
    ));
    text.push_str(&head("Where they stand"));
    text.push_str(&chart(&report.lifecycle, "lifecycle"));
    text.push_str(&head("Buyers by RFM label"));
    text.push_str(&chart(&report.labels, "label"));
    text.push_str(&lapsed(&report.lapsed_high_value));
    text.push_str(&next(dir, report));
    text
}

fn sources(job: &JobReport) -> String {
    let header = [
        ("source", Align::Left),
        ("files", Align::Right),
        ("read", Align::Right),
        ("landed", Align::Right),
        ("quarantined", Align::Right),
    ];
    let line = |name: &str, counts: [u64; 4]| [vec![name.to_owned()], counts.map(thousands).to_vec()].concat();
    let mut rows = Vec::with_capacity(job.sources.len() + 1);
    let mut all = [0; 4];
    for source in &job.sources {
        let files = source.files_landed + source.files_unchanged + source.files_changed;
        let counts = [files as u64, source.rows_read, source.rows_landed, source.rows_quarantined];
        all = std::array::from_fn(|at| all[at] + counts[at]);
        rows.push(line(&source.source, counts));
    }
    rows.push(line("all", all));
    table(&header, &rows)
}

/// Where to look at what could not be read.
fn quarantine(job: &JobReport) -> String {
    let spoilt: Vec<&str> =
        job.sources.iter().filter(|source| source.rows_quarantined > 0).map(|source| &*source.source).collect();
    let Some(first) = spoilt.first() else { return String::new() };
    format!(
        "  Quarantined rows are kept with file, line and reason ({}):\n  SELECT * FROM quarantine.{first}\n",
        spoilt.join(", ")
    )
}

/// A bar for each row's number of customers.
fn chart(rows: &[Row], name: &str) -> String {
    let count = |row: &Row| count_of(row, "customers");
    let most = rows.iter().map(count).max().unwrap_or(1) as f64;
    let mut text = String::new();
    for row in rows {
        let bar = paint(&terminal::bar(count(row) as f64, most, 40), Style::new().fg(Color::Cyan));
        text.push_str(&format!("  {:<20} {:>9} {bar}\n", text_of(row, name), thousands(count(row))));
    }
    text
}

fn lapsed(rows: &[Row]) -> String {
    let currency = rows.first().map_or_else(String::new, |row| text_of(row, "currency").into_owned());
    let value: f64 = rows.iter().filter_map(|row| text_of(row, "monetary").parse::<f64>().ok()).sum();
    let title = format!(
        "Lapsed high-value customers: {}, who spent {} {currency}",
        thousands(rows.len() as u64),
        thousands(value.round() as u64)
    );
    let mut text = format!("\n{}\n", paint(&title, Style::new().bold()));
    let header = [
        ("customer", Align::Left),
        ("name", Align::Left),
        ("label", Align::Left),
        ("spent", Align::Right),
        ("orders", Align::Right),
        ("last, days ago", Align::Right),
        ("reachable", Align::Left),
    ];
    let people: Vec<Vec<String>> = rows.iter().take(PEOPLE_SHOWN).map(person).collect();
    text.push_str(&table(&header, &people));
    text
}

fn person(row: &Row) -> Vec<String> {
    let of = |name: &str| text_of(row, name).into_owned();
    vec![
        of("customer_id"),
        of("full_name"),
        of("label"),
        of("monetary"),
        of("frequency"),
        of("recency_days"),
        of("reachable"),
    ]
}

fn next(dir: &Path, report: &Report) -> String {
    let customer = report.lapsed_high_value.first().map_or_else(|| "ID".into(), |row| text_of(row, "customer_id"));
    let commands = [
        (format!("cd {}", dir.display()), ""),
        ("onefold sql".to_owned(), "ask: \\d lists the tables, \\df the functions"),
        (format!("onefold customer {customer}"), "one person, and where each value comes from"),
        ("onefold lineage segment.lapsed_high_value".to_owned(), "what a segment is made from"),
        ("onefold plan".to_owned(), "what would run after you change a file below sql/"),
    ];
    let mut text = format!("\n{}\n", paint("What to type next", Style::new().bold()));
    for (command, what) in commands {
        let command = format!("  {command:<42}");
        let line = format!("{} {what}", paint(&command, Style::new().fg(Color::Green)));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text.push_str(&format!("\nall of it took {}\n", seconds(report.job.elapsed_ms)));
    text
}
