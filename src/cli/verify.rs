//! `verify`: reads every byte of the lake and says what is not as it was written.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::context::Context;
use super::output::{Align, bytes, print, print_json, table, thousands};
use crate::engine::{Session, SessionOptions};
use crate::error::{Error, Kind, Result};
use crate::lake::{Damaged, Manifest, PUBLISHED, TableName, Verification};
use crate::pipeline::{Contract, repeated_keys};

/// Check the lake: the hash and row count of every file of every run, what is published, and whether the newest run holds
/// the contract, keys included.
///
/// It changes nothing. Exit code 1 when something is damaged. Files that no run names (left by a refresh that failed, or
/// being written by one) are counted and are no damage: `onefold gc` removes them.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  onefold verify\n  onefold verify --run 41 --json")]
pub(super) struct Args {
    /// Check only the files of this run.
    #[arg(long, value_name = "N")]
    run: Option<u64>,
}

#[derive(Debug, Serialize)]
struct Report {
    #[serde(flatten)]
    found: Verification,
    /// Where the newest run's tables differ from the contract. The next run computes them again.
    breaches: Vec<String>,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<()> {
    let found = context.lake.verify(args.run).await?;
    let newest = context.lake.runs().await?.last().copied();
    let breaches = match found.runs.last() {
        Some(run) if Some(*run) == newest => {
            Box::pin(breaches(context, &context.snapshot(newest).await?.manifest, &found.damaged)).await?
        }
        _ => Vec::new(),
    };
    let report = Report { found, breaches };
    if context.json {
        print_json(&report)?;
    } else {
        print(&draw(&report))?;
    }
    match verdict(&report) {
        Some(error) => Err(error.with("lake", context.lake.location()).reported()),
        None => Ok(()),
    }
}

/// The error that stands for all that was found; none if everything is well.
fn verdict(report: &Report) -> Option<Error> {
    let count = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    let (damaged, breaches) = (&report.found.damaged, report.breaches.len());
    let error = match (damaged.len(), breaches) {
        (0, 0) => return None,
        (0, _) => Error::new(Kind::Check, format!("the contract does not hold in {}", count(breaches, "place")))
            .hint(
                "`onefold run` computes the tables again whose contract has changed, `onefold run --force --select TABLE` any",
            ),
        (files, _) => Error::new(Kind::Corrupt, format!("damage was found in {}", count(files, "file"))),
    };
    Some(match damaged.as_slice() {
        [] => error,
        damaged if damaged.iter().all(|damaged| damaged.belongs_to == PUBLISHED) => {
            error.hint("delete what is named: the next `onefold refresh` publishes it again")
        }
        _ => error.hint(
            "bring what is named back from a backup, or go back to an intact run by `onefold restore N`; \
             `onefold run --force --select TABLE` computes a derived table again",
        ),
    })
}

/// Where the tables of `manifest` differ from the contract: in types, in what may be null, in keys.
async fn breaches(context: &Context, manifest: &Manifest, damaged: &[Damaged]) -> Result<Vec<String>> {
    let contract = Contract::read(&context.project.sql)?;
    let limits = SessionOptions::of(&context.project.config.limits, &context.lake);
    // The lake is only looked at: what is spilled lies elsewhere.
    let session = Session::new(&SessionOptions { spill: None, ..limits })?;
    let mut breaches = Vec::new();
    for (name, table) in &manifest.tables {
        let name: TableName = name.parse()?;
        let Some(promised) = contract.table(&name) else { continue };
        let is_readable = |path: &str| damaged.iter().all(|damaged| damaged.path != path);
        let before = breaches.len();
        for file in table.files.iter().filter(|file| is_readable(&file.path)) {
            let schema = context.lake.schema(file).await?;
            breaches.extend(promised.breaches(&schema).into_iter().map(|breach| format!("{name}: {breach}")));
        }
        let is_whole = breaches.len() == before && table.files.iter().all(|file| is_readable(&file.path));
        if is_whole && !promised.key.is_empty() {
            session.register(&context.lake, &name, &table.files).await?;
            let repeated = repeated_keys(&session, &name, &promised.key).await?;
            let key = promised.key.join(", ");
            breaches.extend(
                (repeated > 0).then(|| format!("{name}: {repeated} of its keys ({key}) stand in more than one row")),
            );
        }
    }
    Ok(breaches)
}

fn draw(report: &Report) -> String {
    let found = &report.found;
    let mut text = format!(
        "{}, {} files, {} rows, {} read\n",
        if found.runs.len() == 1 { "1 run".to_owned() } else { format!("{} runs", thousands(found.runs.len() as u64)) },
        thousands(found.files as u64),
        thousands(found.rows),
        bytes(found.bytes)
    );
    if !found.damaged.is_empty() {
        let header = ["file", "of", "run", "expected bytes", "problem"].map(|name| (name, Align::Left));
        let row = |damaged: &Damaged| {
            let expected = damaged.expected_bytes.map_or_else(|| "–".to_owned(), |bytes| bytes.to_string());
            let (path, of) = (damaged.path.clone(), damaged.belongs_to.clone());
            vec![path, of, damaged.run.to_string(), expected, damaged.problem.clone()]
        };
        text.push_str(&format!("\n{}\n", table(&header, &found.damaged.iter().map(row).collect::<Vec<_>>())));
    }
    report.breaches.iter().for_each(|breach| text.push_str(&format!("contract: {breach}\n")));
    found.notices.iter().for_each(|notice| text.push_str(&format!("notice: {notice}\n")));
    if !found.orphans.is_empty() {
        let size = bytes(found.orphans.iter().map(|orphan| orphan.bytes).sum());
        text.push_str(&format!(
            "{} files, {size}, belong to no run; `onefold gc` looks after them\n",
            found.orphans.len()
        ));
    }
    if found.damaged.is_empty() && report.breaches.is_empty() {
        text.push_str("everything is as it was written\n");
    }
    text
}
