//! `match preview` and `match diff`: how many customers merge or split by a change of rules or data, and the largest.

use clap::Args as ClapArgs;
use datafusion::arrow::array::RecordBatch;
use serde::Serialize;

use super::super::context::Context;
use super::super::lookup::Lookup;
use super::super::output::{Align, print, print_json, table, thousands};
use crate::engine::{Session, SessionOptions};
use crate::error::{Error, Kind, Result};
use crate::identity::diff::{Change, Diff, diff as compare};
use crate::lake::{Manifest, TableName};
use crate::pipeline::{self, Pipeline, RunOptions};
use crate::project::Params;

/// Show what the next run would change in who is who, without changing anything.
///
/// Computes up to `match.identities` by the SQL, settings and decisions as they are now, from what has landed, and compares
/// with the newest run: how many customers would merge or split, and the largest.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Example:\n  onefold match preview --limit 20     after a change below sql/match/ or in [match]"
)]
pub(super) struct PreviewArgs {
    /// How many customers to show of each kind.
    #[arg(long, default_value_t = 5, value_name = "N")]
    limit: usize,
}

/// Show what changed in who is who between two runs.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Example:\n  onefold match diff 41 42")]
pub(super) struct DiffArgs {
    /// The earlier run.
    #[arg(value_name = "RUN")]
    before: u64,
    /// The later run.
    #[arg(value_name = "RUN")]
    after: u64,
    /// How many customers to show of each kind.
    #[arg(long, default_value_t = 5, value_name = "N")]
    limit: usize,
}

pub(super) async fn diff(context: &Context, args: &DiffArgs) -> Result<()> {
    let before = context.snapshot(Some(args.before)).await?.manifest;
    let after = context.snapshot(Some(args.after)).await?.manifest;
    let diff = compare(&identities(context, &before).await?, &identities(context, &after).await?)?;
    tell(context, &diff, args.limit, &format!("run {}", args.before), &format!("run {}", args.after))
}

pub(super) async fn preview(context: &Context, args: &PreviewArgs) -> Result<()> {
    let head = context.head().await?;
    let pipeline = Pipeline::read(&context.project)?;
    let before = identities(context, &head).await?;
    let mut draft = head.next(context.lake.writer(), "match preview", context.now());
    let after = attempt(context, &pipeline, &mut draft).await;
    // Nothing of it was committed, so nothing of it stays.
    context.lake.discard().await;
    tell(context, &compare(&before, &after?)?, args.limit, &format!("run {}", head.run), "the next run")
}

async fn attempt(context: &Context, pipeline: &Pipeline, draft: &mut Manifest) -> Result<Vec<RecordBatch>> {
    let options = RunOptions { select: vec![format!("+{}", name()?)], force: false, unchecked: true };
    let (project, progress) = (&context.project, context.progress.as_ref());
    Box::pin(pipeline::run(project, pipeline, &context.params, &context.lake, draft, &options, progress)).await?;
    identities(context, draft).await
}

fn name() -> Result<TableName> {
    TableName::new("match", "identities")
}

/// Who is who in a run.
async fn identities(context: &Context, manifest: &Manifest) -> Result<Vec<RecordBatch>> {
    let name = name()?;
    let table = manifest.table(&name).ok_or_else(|| {
        let message = format!("run {} does not say who is who", manifest.run);
        Error::new(Kind::Usage, message).hint("`onefold run` computes it; `onefold history` lists the runs")
    })?;
    let session = Session::new(&SessionOptions::default())?;
    session.register(&context.lake, &name, &table.files).await?;
    let lookup = Lookup { sql: &context.project.sql, session: &session };
    lookup.batches("SELECT record_id, customer_id FROM match.identities", &Params::default()).await
}

#[derive(Serialize)]
struct Report<'a> {
    customers_before: usize,
    customers_after: usize,
    records_new: usize,
    records_gone: usize,
    customers_merged: usize,
    customers_split: usize,
    merged: &'a [Change],
    split: &'a [Change],
}

fn tell(context: &Context, diff: &Diff, limit: usize, before: &str, after: &str) -> Result<()> {
    let first = |changes: &'_ [Change]| changes.len().min(limit);
    if context.json {
        return print_json(&Report {
            customers_before: diff.customers.0,
            customers_after: diff.customers.1,
            records_new: diff.records.0,
            records_gone: diff.records.1,
            customers_merged: diff.merged.len(),
            customers_split: diff.split.len(),
            merged: &diff.merged[..first(&diff.merged)],
            split: &diff.split[..first(&diff.split)],
        });
    }
    let header = [("", Align::Left), (before, Align::Right), (after, Align::Right)];
    let count = |number: usize| thousands(number as u64);
    let mut text = table(&header, &[vec!["customers".into(), count(diff.customers.0), count(diff.customers.1)]]);
    text.push_str(&format!(
        "\n  {} new records, {} gone\n  {} customers merged from several\n  {} customers split into several\n",
        count(diff.records.0),
        count(diff.records.1),
        count(diff.merged.len()),
        count(diff.split.len())
    ));
    text.push_str(&largest(&diff.merged, limit, "merged", "from"));
    text.push_str(&largest(&diff.split, limit, "split", "into"));
    print(&text)
}

/// The largest changes of one kind, with the first few customers on the other side.
fn largest(changes: &[Change], limit: usize, what: &str, where_from: &str) -> String {
    const OTHERS: usize = 4;
    if changes.is_empty() || limit == 0 {
        return String::new();
    }
    let header = [(what, Align::Left), ("records", Align::Right), (where_from, Align::Left)];
    let row = |change: &Change| {
        let others = change.others.iter().take(OTHERS).map(|(id, records)| format!("{id} ({records})"));
        let mut others = others.collect::<Vec<_>>().join(", ");
        if change.others.len() > OTHERS {
            others.push_str(&format!(" and {} more", change.others.len() - OTHERS));
        }
        vec![change.customer_id.clone(), thousands(change.records as u64), others]
    };
    let rows: Vec<_> = changes.iter().take(limit).map(row).collect();
    let more = changes.len().saturating_sub(limit);
    let more = if more > 0 { format!("  … and {} more: --limit\n", thousands(more as u64)) } else { String::new() };
    format!("\n{}{more}", table(&header, &rows))
}
