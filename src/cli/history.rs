//! `history`: the runs of the lake.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::context::Context;
use super::output::{Align, print, print_json, table, thousands};
use crate::error::Result;

/// List the runs of the lake, newest first.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  onefold history\n  onefold sql --run 41      look at an older run")]
pub(super) struct Args {
    /// How many runs to show at most.
    #[arg(long, default_value_t = 20, value_name = "N")]
    limit: usize,
}

#[derive(Debug, Serialize)]
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
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<()> {
    let mut entries = Vec::new();
    for run in context.lake.runs().await?.into_iter().rev().take(args.limit) {
        let manifest = context.lake.manifest(run).await?;
        let loads = manifest.loads.values().flatten().filter(|load| load.run == run);
        entries.push(Entry {
            run,
            changed: manifest.tables.values().filter(|table| table.run == run).count(),
            landed: loads.map(|load| load.rows_landed).sum(),
            customers: manifest.tables.get("profile.customers").map(crate::lake::Table::rows),
            command: manifest.command,
            committed_at: manifest.committed_at,
            as_of: manifest.as_of,
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
    ];
    let rows: Vec<Vec<String>> = entries.iter().map(row).collect();
    print(&table(&header, &rows))
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
    ]
}
