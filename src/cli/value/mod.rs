//! `value`: lifetime value of the customers of any transactions, with or without a project.

mod backtest;
mod draw;
mod fit;
mod models;
mod predict;
mod transactions;

use clap::{Args as ClapArgs, Subcommand};

use super::Global;
use crate::error::Result;

/// Lifetime value: fit the models to any transactions, and test them on a holdout period.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  onefold value fit orders.csv --out predictions.csv\n  onefold value backtest --file orders.csv --svg backtest.svg\n  onefold value backtest              in a project, on the orders of its newest run"
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Fit(fit::Args),
    Backtest(backtest::Args),
}

pub(super) async fn run(global: &Global, args: Args) -> Result<()> {
    match args.command {
        Command::Fit(args) => Box::pin(fit::run(global, &args)).await,
        Command::Backtest(args) => Box::pin(backtest::run(global, &args)).await,
    }
}
