//! `privacy`: what is held on people, and for how long.

mod retain;

use clap::{Args as ClapArgs, Subcommand};

use super::context::Context;
use crate::error::Result;

/// Privacy: rows that are older than they may be kept.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Example:\n  onefold privacy retain              say which old rows would go")]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Retain(retain::Args),
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<()> {
    match &args.command {
        Command::Retain(args) => Box::pin(retain::run(context, args)).await,
    }
}
