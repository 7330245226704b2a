//! `plan`: what would run, and why, before it runs.

use clap::Args as ClapArgs;

use super::context::Context;
use super::output::{Align, print, print_json, table};
use super::refresh::StageArgs;
use crate::error::Result;
use crate::pipeline::{self, Decision, Pipeline};

/// Show what a run would compute, and why.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Example:\n  onefold plan --select +segment.lapsed_high_value")]
pub(super) struct Args {
    #[command(flatten)]
    stages: StageArgs,
    /// Show the stages that would not run, too.
    #[arg(long)]
    all: bool,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<()> {
    let pipeline = Pipeline::read(&context.project)?;
    let draft = context.head().await?.next(context.lake.writer(), "plan", context.now());
    let stages = pipeline::plan(&context.project, &pipeline, &context.params, &draft, &args.stages.into())?;
    if context.json {
        return print_json(&stages);
    }
    let mut rows = Vec::new();
    let mut computed = 0;
    for stage in &stages {
        let (action, why) = match &stage.decision {
            Decision::Compute(reasons) => {
                computed += 1;
                ("compute", reasons.join("; "))
            }
            Decision::Carry => ("keep", "nothing has changed".to_owned()),
            Decision::Skip => ("keep", "not selected".to_owned()),
        };
        if args.all || action == "compute" {
            rows.push(vec![stage.stage.clone(), action.to_owned(), why]);
        }
    }
    let mut text = String::new();
    if !rows.is_empty() {
        text.push_str(&table(&[("stage", Align::Left), ("action", Align::Left), ("why", Align::Left)], &rows));
        text.push('\n');
    }
    text.push_str(&format!(
        "{computed} of {} stages would be computed, {} checks held. New files in the sources are not looked for: `onefold refresh` lands them first.\n",
        stages.len(),
        pipeline.checks.len()
    ));
    print(&text)
}
