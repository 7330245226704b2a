//! `history`: the runs of the lake.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::context::Context;
use super::output::{Align, print, print_json, table, thousands};
use crate::error::{Kind, Result};
use crate::lake::{Manifest, Notice, Table};

/// List the runs of the lake, newest first.
///
/// `kept`: whether the run can still be asked and restored; `onefold gc` removes the files of old runs.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  onefold history\n  onefold sql --run 41      look at an older run\n  onefold restore 41       go back to it"
)]
pub(super) struct Args {
    /// How many runs to show at most.
    #[arg(long, default_value_t = 20, value_name = "N")]
    limit: usize,
}

#[derive(Debug, Default, Serialize)]
struct Entry {
    run: u64,
    command: String,
    committed_at: String,
    as_of: Option<String>,
    /// Tables that the run computed or landed.
    changed: usize,
    /// Rows that it landed.
    landed: u64,
    customers: Option<u64>,
    /// What the user should know about it.
    notices: Vec<Notice>,
    /// Whether its files have not been collected.
    kept: bool,
    /// Whether its manifest cannot be read.
    damaged: bool,
}

impl Entry {
    fn new(manifest: Manifest) -> Self {
        let run = manifest.run;
        let loads = manifest.loads.values().flatten().filter(|load| load.run == run);
        Self {
            run,
            changed: manifest.tables.values().filter(|table| table.run == run).count(),
            landed: loads.map(|load| load.rows_landed).sum(),
            customers: manifest.tables.get("profile.customers").map(Table::rows),
            command: manifest.command,
            committed_at: manifest.committed_at,
            as_of: manifest.as_of,
            notices: manifest.notices,
            ..Self::default()
        }
    }
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<()> {
    let mut entries = Vec::new();
    let kept_from = context.lake.kept_from().await?;
    for run in context.lake.runs().await?.into_iter().rev().take(args.limit) {
        let kept = run >= kept_from;
        entries.push(match context.lake.manifest(run).await {
            Ok(manifest) => Entry { kept, ..Entry::new(manifest) },
            // The others are what the user looks for now.
            Err(error) if error.kind() == Kind::Corrupt => Entry { run, damaged: true, ..Entry::default() },
            Err(error) => return Err(error),
        });
    }
    if context.json {
        return print_json(&entries);
    }
    if entries.is_empty() {
        return print("the lake is empty: `onefold refresh` makes the first run\n");
    }
    let header = [
        ("run", Align::Right),
        ("command", Align::Left),
        ("committed (UTC)", Align::Left),
        ("as of", Align::Left),
        ("tables changed", Align::Right),
        ("rows landed", Align::Right),
        ("customers", Align::Right),
        ("notices", Align::Right),
        ("kept", Align::Left),
    ];
    let rows: Vec<Vec<String>> = entries.iter().map(row).collect();
    print(&format!("{}{}", table(&header, &rows), notices(&entries)))
}

/// What the runs told, a line each.
fn notices(entries: &[Entry]) -> String {
    let mut text = String::new();
    for entry in entries {
        entry.notices.iter().for_each(|notice| text.push_str(&format!("  run {}: {notice}\n", entry.run)));
    }
    if text.is_empty() { text } else { format!("\nnotices\n{text}") }
}

fn row(entry: &Entry) -> Vec<String> {
    vec![
        entry.run.to_string(),
        entry.command.clone(),
        entry.committed_at.chars().take(19).collect::<String>().replace('T', " "),
        entry.as_of.clone().unwrap_or_else(|| "–".into()),
        entry.changed.to_string(),
        thousands(entry.landed),
        entry.customers.map_or_else(|| "–".into(), thousands),
        entry.notices.len().to_string(),
        match (entry.damaged, entry.kept) {
            (true, _) => "damaged",
            (_, true) => "yes",
            (_, false) => "no",
        }
        .to_owned(),
    ]
}
