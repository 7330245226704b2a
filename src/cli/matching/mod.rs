//! `match`: why records are one customer or not, what a change of the rules would do, and overruling it.

mod changes;
mod decide;
mod evaluate;
mod explain;
mod records;
mod review;

use clap::{Args as ClapArgs, Subcommand};

use super::context::Context;
use crate::error::Result;

/// Who is who: explain it, overrule it, compare and measure it.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  onefold match explain crm:1042\n  onefold match unlink crm:1042 shop:77 --note 'father and son'\n  onefold match review\n  onefold match preview"
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Explain(explain::Args),
    Link(decide::LinkArgs),
    Unlink(decide::UnlinkArgs),
    Forget(decide::ForgetArgs),
    Preview(changes::PreviewArgs),
    Diff(changes::DiffArgs),
    Evaluate(evaluate::Args),
    Review(review::Args),
}

pub(super) async fn run(context: &Context, args: Args) -> Result<()> {
    match args.command {
        Command::Explain(args) => explain::run(context, &args).await,
        Command::Link(args) => decide::link(context, &args).await,
        Command::Unlink(args) => decide::unlink(context, &args).await,
        Command::Forget(args) => decide::forget(context, &args).await,
        Command::Preview(args) => Box::pin(changes::preview(context, &args)).await,
        Command::Diff(args) => changes::diff(context, &args).await,
        Command::Evaluate(args) => evaluate::run(context, &args).await,
        Command::Review(args) => Box::pin(review::run(context, &args)).await,
    }
}
