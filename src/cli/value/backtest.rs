//! `value backtest`: what a model would have said, and what came.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde::Serialize;

use super::super::Global;
use super::super::context::Context;
use super::super::landed::refuse_input;
use super::super::lookup::params_of;
use super::super::output::{print, print_json, say};
use super::super::picture;
use super::draw;
use super::fit::positive;
use super::models::{Fitted, Model, Tested, Trial, Unit, fit_spend};
use super::transactions::{Buyer, Columns, Transactions, shift};
use crate::engine::{Session, SessionOptions};
use crate::error::{Error, Kind, Result};
use crate::value::{Holdout, Payer, Spend, Spends};

/// Test models of lifetime value: fit them on the time up to a date, and compare what they expect with what came after it,
/// in orders and in money.
///
/// The holdout is the time before `--as-of`, `--horizon` long; models see only what was before it. In a project the
/// transactions are the purchases of its newest run in the reporting currency; with `--file`, those of a file. Shown are
/// the orders and the spend (by Gamma–Gamma) of all customers, and of those who had bought so and so often; a model must
/// beat the naive guess that each goes on at the own pace.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  onefold value backtest --horizon 180\n  onefold value backtest --file orders.csv --svg backtest.svg\n  onefold value backtest --file orders.csv --model mbg_nbd,bg_nbd,pareto_nbd --unit week --horizon 39"
)]
pub(super) struct Args {
    /// A file of transactions, in place of the project's.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    columns: Columns,
    /// Models to compare; the chart is of the first.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "mbg_nbd")]
    model: Vec<Model>,
    /// The unit of times and of `--horizon`.
    #[arg(long, value_enum, default_value = "day")]
    unit: Unit,
    /// How long the holdout is, in units. Default: a third of the time that there is, but no more than a year.
    #[arg(long, value_name = "N", value_parser = positive, allow_negative_numbers = true)]
    horizon: Option<f64>,
    /// Look at an older run of the project.
    #[arg(long, value_name = "N", conflicts_with = "file")]
    run: Option<u64>,
    /// The file for the chart, as SVG.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

/// What was found, as `--json` prints it.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) of: String,
    /// The holdout begins on this day, up to which models are fitted …
    pub(super) calibrated_until: String,
    /// … and ends before this one.
    pub(super) as_of: String,
    pub(super) unit: &'static str,
    pub(super) horizon: f64,
    pub(super) customers: usize,
    pub(super) models: Vec<Tested>,
    /// Gamma–Gamma, fitted on the calibration; none without amounts.
    pub(super) spend_model: Option<Fitted>,
    pub(super) warnings: Vec<String>,
    pub(super) svg: Option<PathBuf>,
}

pub(super) async fn run(global: &Global, args: &Args) -> Result<()> {
    if let Some(svg) = &args.svg {
        picture::refuse_other_than_svg(svg)?;
        refuse_input(args.file.as_slice(), "--svg", svg)?;
    }
    let (transactions, bound) = match &args.file {
        Some(file) => (Transactions::of_file(global, file, &args.columns).await?, None),
        None => of_project(global, args).await?,
    };
    let as_of = global.as_of.or(bound).map_or_else(|| transactions.end(), Ok)?;
    let there = transactions.days_before(as_of);
    let length = match args.horizon {
        Some(horizon) => (horizon * args.unit.days()).round() as i64,
        None => (there / 3).clamp(1, 365),
    };
    if length < 1 || length >= there {
        let message = format!("there are {there} days before {as_of}, and the holdout would have {length} of them");
        return Err(Error::new(Kind::Usage, message).hint("give a shorter `--horizon`, or a later `--as-of`"));
    }
    let cut = shift(as_of, -length)?;
    let buyers = transactions.buyers(cut, as_of).await?;
    let repeats = transactions.repeats(cut, as_of).await?;
    let mut trial = trial(&buyers, &repeats, args.unit, length, days_seen(&buyers));
    let (models, spend_model) = tokio::task::block_in_place(|| {
        let spend_model =
            if transactions.has_amounts { Some(add_money(&mut trial, &buyers, args.unit)?) } else { None };
        let models: Vec<Tested> = args.model.iter().map(|model| model.test(&trial)).collect();
        Ok::<_, Error>((models, spend_model))
    })?;
    let report = Report {
        of: transactions.title.clone(),
        calibrated_until: cut.to_string(),
        as_of: as_of.to_string(),
        unit: args.unit.plural(),
        horizon: trial.horizon,
        customers: buyers.len(),
        models,
        spend_model,
        warnings: transactions.warnings.clone(),
        svg: args.svg.clone(),
    };
    let chart = draw::chart(&report);
    if let Some(file) = &args.svg {
        picture::save(&chart.draw(picture::SLIDE), file)?;
    }
    if global.json {
        return print_json(&report);
    }
    report.warnings.iter().for_each(|warning| say(&format!("warning: {warning}")));
    draw::warn(report.models.iter().map(|tested| &tested.fit).chain(&report.spend_model));
    if global.quiet { Ok(()) } else { print(&draw::backtest(&report, &chart)) }
}

/// The purchases of a project's run, and its date.
async fn of_project(global: &Global, args: &Args) -> Result<(Transactions, Option<jiff::civil::Date>)> {
    let context = Context::open(global)?;
    let snapshot = context.snapshot(args.run).await?;
    let session = Session::new(&SessionOptions::of(&context.project.config.limits, &context.lake))?;
    session.attach(&snapshot).await?;
    let manifest = &snapshot.manifest;
    let title = format!("{}, run {}", context.project.config.name, manifest.run);
    let params = params_of(manifest);
    let transactions = Transactions::of_project(session, context.project.sql.clone(), &params, title).await?;
    Ok((transactions, manifest.as_of.as_ref().and_then(|date| date.parse().ok())))
}

/// Fits what customers spend on an order, and adds it with what they spent to `trial`.
fn add_money(trial: &mut Trial, buyers: &[Buyer], unit: Unit) -> Result<Fitted> {
    let mut spends = Spends::default();
    let mut payers = Vec::with_capacity(buyers.len());
    for buyer in buyers {
        if let Some(mean) = buyer.mean_spend {
            spends.add(Spend::new(buyer.history.frequency, mean)?, 1);
        }
        let (history, mean_spend) = (buyer.history_in(unit), buyer.mean_spend.unwrap_or(0.0));
        payers.push(Payer { history, mean_spend, later_spend: buyer.later_spend });
    }
    let (fitted, spend) = fit_spend(&spends);
    trial.money = Some((payers, spend));
    Ok(fitted)
}

/// How many days of the calibration the oldest customer has seen.
fn days_seen(buyers: &[Buyer]) -> f64 {
    buyers.iter().map(|buyer| buyer.history.age).fold(0.0, f64::max)
}

/// The tracking plot has about so many points.
const POINTS: f64 = 60.0;

fn trial(buyers: &[Buyer], repeats: &[(f64, u64)], unit: Unit, length: i64, seen: f64) -> Trial {
    let mut trial = Trial { horizon: length as f64 / unit.days(), ..Trial::default() };
    for buyer in buyers {
        let history = buyer.history_in(unit);
        trial.customers.add(Holdout { history, orders: buyer.later }, 1);
        trial.histories.add(history, 1);
    }
    for (day, purchases) in repeats {
        trial.repeats.add([day / unit.days()], *purchases);
    }
    // Whole days, and such that the holdout ends at a point.
    let step = ((seen + length as f64) / POINTS).ceil().max(1.0);
    let steps = (length as f64 / step).ceil().max(1.0);
    trial.step = trial.horizon / steps;
    trial
}
