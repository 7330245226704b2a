//! `restore`: makes the newest run hold what an older one held.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::context::Context;
use super::output::{counted, print_json, say};
use super::refresh::publish;
use crate::error::{Error, Kind, Result};
use crate::lake::{Manifest, Table};

/// Go back to an older run: commit a new run that holds what that one held, and publish it.
///
/// Nothing is deleted, so one can go forward again in the same way. Files that landed since then land again with the next
/// refresh, and stages whose SQL has changed since then are computed again.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  onefold history\n  onefold restore 41")]
pub(super) struct Args {
    /// The run to go back to.
    #[arg(value_name = "N")]
    run: u64,
}

#[derive(Debug, Serialize)]
struct Report {
    /// The run that was committed.
    run: u64,
    /// The run that it is equal to.
    restored: u64,
    published: Vec<String>,
    /// What is to be known of it.
    warnings: Vec<String>,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<()> {
    let old = context.snapshot(Some(args.run)).await?.manifest;
    let newest = context.lake.runs().await?.last().copied().unwrap_or(old.run);
    let head = match context.head().await {
        Ok(head) => Some(head),
        // Where the newest manifest cannot be read, going back is the way out.
        Err(error) if error.kind() == Kind::Corrupt => None,
        Err(error) => return Err(error),
    };
    if head.as_ref().is_some_and(|head| old.tables == head.tables && old.loads == head.loads) {
        return Err(Error::new(Kind::Usage, format!("run {} holds what the newest run {newest} holds", old.run))
            .hint("`onefold history` lists the runs"));
    }
    let work = context.lake.restore(&old, newest, context.now());
    let restored = context.committing(newest + 1, work).await?;
    let warnings = other_decisions(&old, head.as_ref()).into_iter().collect();
    let published = publish(context, &restored).await?;
    let report = Report { run: restored.run, restored: old.run, published, warnings };
    if context.json {
        return print_json(&report);
    }
    if !context.quiet {
        report.warnings.iter().for_each(|warning| say(&format!("warning: {warning}")));
        say(&format!("committed run {}, which is equal to run {}", report.run, report.restored));
    }
    Ok(())
}

/// What becomes of what people decided about who is who since an older run.
fn other_decisions(old: &Manifest, head: Option<&Manifest>) -> Option<String> {
    let decisions = |manifest: &Manifest| manifest.tables.get("match.overrides").cloned();
    let (then, now) = (decisions(old), Some(decisions(head?)?));
    let [was, is] = [&then, &now].map(|table| counted(table.as_ref().map_or(0, Table::rows), "decision"));
    (then != now).then(|| {
        format!(
            "who is who is decided as in run {} again, by {was} in place of {is}: `onefold match link` and `unlink` make those \
             anew that are to hold",
            old.run
        )
    })
}
