//! `gc`: removes what no kept run needs. It says what would go, and does it only when told to.

use std::time::Duration;

use clap::Args as ClapArgs;
use serde::Serialize;

use super::context::Context;
use super::output::{bytes, print, print_json, thousands};
use crate::error::Result;
use crate::lake::{Garbage, Keep};

/// Remove the files that no kept run needs. Without --yes it only says which.
///
/// The files of the newest runs stay (`keep_runs` under `[gc]` of onefold.toml), and whatever is younger than the grace
/// time (`grace_hours`): a refresh may be writing it, a reader may be reading it. The list of runs stays complete.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  onefold gc                      say what would go\n  onefold gc --yes --keep-runs 3"
)]
pub(super) struct Args {
    /// Remove it.
    #[arg(long)]
    yes: bool,
    /// The files of this many newest runs stay. Default: as in onefold.toml, else 10.
    #[arg(long, value_name = "N")]
    keep_runs: Option<usize>,
    /// What is younger stays. Default: as in onefold.toml, else 24. 0 only while nothing else uses the lake.
    #[arg(long, value_name = "HOURS")]
    grace_hours: Option<u64>,
    /// List every file.
    #[arg(long)]
    files: bool,
}

#[derive(Debug, Serialize)]
struct Report {
    /// Whether it was removed.
    removed: bool,
    bytes: u64,
    #[serde(flatten)]
    garbage: Garbage,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<()> {
    let settings = &context.project.config.gc;
    let hours = args.grace_hours.unwrap_or(settings.grace_hours);
    let keep = Keep {
        runs: args.keep_runs.unwrap_or(settings.keep_runs),
        grace: Duration::from_secs(hours.saturating_mul(60 * 60)),
    };
    // Whose lake it is, is asked before anything is deleted.
    context.head().await?;
    let lake = &context.lake;
    let garbage = if args.yes { lake.collect_garbage(&keep).await? } else { lake.garbage(&keep).await? };
    let report = Report { removed: args.yes, bytes: garbage.bytes(), garbage };
    if context.json { print_json(&report) } else { print(&draw(&report, args.files)) }
}

fn draw(report: &Report, all_files: bool) -> String {
    let mut text = String::new();
    let objects = report.garbage.objects.iter().chain(&report.garbage.leftovers);
    if all_files {
        objects.clone().for_each(|object| text.push_str(&format!("  {}\n", object.path)));
    }
    let (files, size) = (thousands(objects.count() as u64), bytes(report.bytes));
    let kept = format!("runs from {} on are kept", report.garbage.kept_from);
    text.push_str(&if report.removed {
        format!("removed {files} files, {size}; {kept}\n")
    } else {
        format!("{files} files, {size}, would be removed by `onefold gc --yes`; {kept}\n")
    });
    text
}
