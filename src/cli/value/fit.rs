//! `value fit`: the models of any transactions, and what each customer will probably buy.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args as ClapArgs;
use serde::Serialize;

use super::super::Global;
use super::super::landed::refuse_result;
use super::super::output::{print, print_json, say};
use super::draw;
use super::models::{Fitted, Model, Unit, fit_spend};
use super::predict::{Ahead, predict};
use super::transactions::{Columns, Transactions};
use crate::error::{Error, Kind, Result};
use crate::repl::save;
use crate::value::{Histories, Spend, Spends};

/// Fit models of lifetime value to a file of transactions: no project needed.
///
/// A row is a transaction of a customer on a date, for an amount. Several on a day are one purchase. Models are of when
/// customers buy and until when, and (Gamma–Gamma) of how much they spend; each is fitted by maximum likelihood. The
/// warnings say what not to trust. `--out` has a row for each customer: history, probability to be a customer still,
/// the orders, the spend and the value to expect, discounted, and where that puts the customer. Test it first with `onefold value backtest --file`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  onefold value fit orders.csv\n  onefold value fit orders.csv --out predictions.parquet --horizon 730\n  onefold value fit sales.csv --customer \"Client No\" --date Sold --date-format %d.%m.%Y --decimal-mark ,\n  onefold value fit orders.csv --model mbg_nbd,bg_nbd,pareto_nbd --unit week"
)]
pub(super) struct Args {
    /// A CSV, TSV, NDJSON, JSON or Parquet file, also .gz and .zst.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    columns: Columns,
    /// Models of when customers buy; predictions are by the first.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "mbg_nbd")]
    model: Vec<Model>,
    /// The unit of parameters and of `--horizon`. Predictions of the same time are the same in every unit.
    #[arg(long, value_enum, default_value = "day")]
    unit: Unit,
    /// How far to look ahead, in units. Default: a year of 365 days, 52 weeks, 12 months.
    #[arg(long, value_name = "N", value_parser = positive, allow_negative_numbers = true)]
    horizon: Option<f64>,
    /// The yearly discount rate of values: 0.1 is 10 %.
    #[arg(long, value_name = "RATE", default_value_t = 0.1, value_parser = rate, allow_negative_numbers = true)]
    discount: f64,
    /// The file for the predictions; its ending says the format.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn positive(text: &str) -> std::result::Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| "it is a number above zero, such as 365".to_owned())
}

fn rate(text: &str) -> std::result::Result<f64, String> {
    let number = text.parse().ok().filter(|rate: &f64| (0.0..=10.0).contains(rate));
    number.ok_or_else(|| "it is a yearly rate, such as 0.1 for 10 %".to_owned())
}

/// What was found, as `--json` prints it.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) file: String,
    pub(super) as_of: String,
    pub(super) unit: &'static str,
    pub(super) horizon: f64,
    pub(super) discount: f64,
    pub(super) transactions: u64,
    pub(super) customers: usize,
    pub(super) models: Vec<Fitted>,
    /// By the first model, of all customers: how many are customers still, and what they will buy within the horizon.
    pub(super) expected_alive: Option<f64>,
    pub(super) expected_orders: f64,
    pub(super) expected_value: Option<f64>,
    /// Of amounts, if a column says it.
    pub(super) currency: Option<String>,
    pub(super) warnings: Vec<String>,
    pub(super) out: Option<PathBuf>,
    pub(super) elapsed_ms: u64,
}

pub(super) async fn run(global: &Global, args: &Args) -> Result<()> {
    let started = Instant::now();
    refuse(args)?;
    let transactions = Transactions::of_file(global, &args.file, &args.columns).await?;
    let as_of = global.as_of.map_or_else(|| transactions.end(), Ok)?;
    let buyers = transactions.buyers(as_of, as_of).await?;
    let (mut histories, mut spends) = (Histories::default(), Spends::default());
    for buyer in &buyers {
        histories.add(buyer.history_in(args.unit), 1);
        if let Some(mean) = buyer.mean_spend {
            spends.add(Spend::new(buyer.history.frequency, mean)?, 1);
        }
    }
    let year = match args.unit {
        Unit::Day => 365.0,
        Unit::Week => 52.0,
        Unit::Month => 12.0,
        Unit::Year => 1.0,
    };
    let ahead = Ahead { unit: args.unit, horizon: args.horizon.unwrap_or(year), discount: args.discount };
    let (mut models, mut first) = (Vec::new(), None);
    let (spend, predictions) = tokio::task::block_in_place(|| {
        for model in &args.model {
            let (fitted, predicts) = model.fit(&histories);
            models.push(fitted);
            first.get_or_insert(predicts);
        }
        let spend = transactions.has_amounts.then(|| fit_spend(&spends));
        let model = first.as_deref().ok_or_else(|| Error::new(Kind::Usage, "no model was named"))?;
        let predictions = predict(&buyers, model, spend.as_ref().map(|(_, model)| model), ahead)?;
        Ok::<_, Error>((spend, predictions))
    })?;
    models.extend(spend.map(|(fitted, _)| fitted));
    if let Some(out) = &args.out {
        save(&out.to_string_lossy(), std::slice::from_ref(&predictions.rows))?;
    }
    let report = Report {
        file: transactions.title.clone(),
        as_of: as_of.to_string(),
        unit: args.unit.plural(),
        horizon: ahead.horizon,
        discount: ahead.discount,
        transactions: transactions.rows,
        customers: buyers.len(),
        models,
        expected_alive: predictions.alive,
        expected_orders: predictions.orders,
        expected_value: predictions.value,
        currency: transactions.currency.clone(),
        warnings: transactions.warnings.clone(),
        out: args.out.clone(),
        elapsed_ms: started.elapsed().as_millis() as u64,
    };
    if global.json {
        return print_json(&report);
    }
    report.warnings.iter().for_each(|warning| say(&format!("warning: {warning}")));
    draw::warn(&report.models);
    if global.quiet { Ok(()) } else { print(&draw::fit(&report)) }
}

/// What is wrong with the file for the result should be said before the work, and the input is never written over.
fn refuse(args: &Args) -> Result<()> {
    args.out.as_ref().map_or(Ok(()), |out| refuse_result(std::slice::from_ref(&args.file), "--out", out))
}
