//! Backtest: fit on a calibration window, predict the holdout window after it, and compare with what came, in orders and in
//! money.

use serde::Serialize;

use super::gamma_gamma::{GammaGamma, Spend};
use super::history::{Histories, History};
use super::model::{BuyingModel, Fit};
use super::sample::Sample;

/// A customer's history up to the end of the calibration, and the purchase periods in the holdout after it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Holdout {
    /// The history in the calibration window.
    pub history: History,
    /// Purchase periods in the holdout window. A whole number.
    pub orders: f64,
}

impl From<Holdout> for [f64; 4] {
    fn from(holdout: Holdout) -> Self {
        let [frequency, age, recency] = holdout.history.into();
        [frequency, age, recency, holdout.orders]
    }
}

impl From<[f64; 4]> for Holdout {
    fn from([frequency, age, recency, orders]: [f64; 4]) -> Self {
        Self { history: [frequency, age, recency].into(), orders }
    }
}

/// The customers of a backtest: those who first bought in the calibration window.
pub type Holdouts = Sample<4>;

/// What a model had said of the orders, and what came.
#[derive(Debug, Clone, PartialEq)]
pub struct Backtest<M> {
    /// The model, fitted on the calibration window alone.
    pub fit: Fit<M>,
    /// Purchase periods in the holdout.
    pub orders: Compared,
}

/// What came in the holdout beside what was expected, in purchase periods or in money.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// Customers with 0, 1, …, 6, and with 7 or more repeat purchase periods in the calibration. Empty groups are left out.
    pub by_frequency: Vec<Bucket>,
    /// All customers: what came in the holdout.
    pub actual: f64,
    /// All customers: what was predicted of it.
    pub expected: f64,
    /// `expected` over `actual`, less one: 0.1 means that ten per cent too many were predicted. NaN where none came.
    pub bias: f64,
    /// Mean absolute error of a customer's prediction.
    pub mean_absolute_error: f64,
    /// The same if each customer just went on at the rate of the calibration, x / T: what a model must beat.
    pub mean_absolute_error_naive: f64,
}

/// A group of customers by their repeat purchase periods in the calibration window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bucket {
    /// The frequency, or the lowest one of the last group.
    pub frequency: u32,
    /// Whether higher frequencies are in it, too.
    pub or_more: bool,
    /// How many customers it has.
    pub customers: u64,
    /// Mean of a customer in the holdout, as it came.
    pub actual_mean: f64,
    /// Mean of a customer in the holdout, as predicted.
    pub expected_mean: f64,
}

/// Frequencies from here on are one group.
const LAST_BUCKET: u32 = 7;

/// Fits `M` on the calibration and compares its predictions for the `horizon` after it, in the unit of the histories.
pub fn backtest<M: BuyingModel>(customers: &Holdouts, horizon: f64) -> Backtest<M> {
    let rows: Vec<(Holdout, u64)> = customers.rows().iter().map(|(row, count)| ((*row).into(), *count)).collect();
    let mut histories = Histories::default();
    for (holdout, count) in &rows {
        histories.add(holdout.history, *count);
    }
    let fit = M::fit(&histories);
    let mut sums = Sums::default();
    for (Holdout { history, orders }, count) in &rows {
        let expected = fit.parameters.expected_orders(history, horizon);
        sums.add(history, *count, Outcome { actual: *orders, expected, naive: own_pace(history, horizon) });
    }
    Backtest { fit, orders: sums.compare() }
}

/// A customer's history and spend up to the end of the calibration, and what was spent in the holdout after it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Payer {
    /// The history in the calibration window.
    pub history: History,
    /// The mean amount of the repeat purchase periods in it; 0 without one.
    pub mean_spend: f64,
    /// Spent in the holdout window, in money.
    pub later_spend: f64,
}

/// Compares with what `payers` spent in the `horizon` after the calibration: their expected purchase periods by `model`, each
/// for the amount that `spend` expects. The naive guess is that each goes on at the own pace, for the own mean amount.
/// Both models are to be fitted on the calibration alone.
pub fn backtest_spend<M: BuyingModel>(model: &M, spend: &GammaGamma, payers: &[Payer], horizon: f64) -> Compared {
    let mut payers = payers.to_vec();
    // Whatever the order of customers, the sums are the same.
    payers.sort_unstable_by(|a, b| {
        let numbers = |payer: &Payer| {
            let [frequency, age, recency] = payer.history.into();
            [frequency, age, recency, payer.mean_spend, payer.later_spend]
        };
        let differing =
            numbers(a).into_iter().zip(numbers(b)).map(|(a, b)| a.total_cmp(&b)).find(|order| order.is_ne());
        differing.unwrap_or(std::cmp::Ordering::Equal)
    });
    let mut sums = Sums::default();
    for Payer { history, mean_spend, later_spend } in &payers {
        let amount = spend.expected_spend(&Spend { frequency: history.frequency, mean: *mean_spend });
        let expected = model.expected_orders(history, horizon) * amount;
        let naive = own_pace(history, horizon) * mean_spend;
        sums.add(history, 1, Outcome { actual: *later_spend, expected, naive });
    }
    sums.compare()
}

/// The purchase periods of a customer who goes on at the rate of the calibration.
fn own_pace(history: &History, horizon: f64) -> f64 {
    if history.age > 0.0 { history.frequency / history.age * horizon } else { 0.0 }
}

/// What came of a customer, and what two had said.
#[derive(Debug, Clone, Copy)]
struct Outcome {
    actual: f64,
    expected: f64,
    naive: f64,
}

/// What is added up over customers.
#[derive(Debug, Default)]
struct Sums {
    buckets: Vec<Bucket>,
    absolute_error: f64,
    absolute_error_naive: f64,
}

impl Sums {
    /// Rows come sorted by frequency.
    fn add(&mut self, history: &History, count: u64, outcome: Outcome) {
        let Outcome { actual, expected, naive } = outcome;
        let frequency = (history.frequency as u32).min(LAST_BUCKET);
        if self.buckets.last().is_none_or(|bucket| bucket.frequency != frequency) {
            let or_more = frequency == LAST_BUCKET;
            self.buckets.push(Bucket { frequency, or_more, customers: 0, actual_mean: 0.0, expected_mean: 0.0 });
        }
        let bucket = self.buckets.last_mut().expect("one was added if there was none");
        let weight = count as f64;
        bucket.customers += count;
        // Sums until all rows are in.
        bucket.actual_mean += weight * actual;
        bucket.expected_mean += weight * expected;
        self.absolute_error += weight * (expected - actual).abs();
        self.absolute_error_naive += weight * (naive - actual).abs();
    }

    fn compare(mut self) -> Compared {
        let sum = |of: fn(&Bucket) -> f64| self.buckets.iter().map(of).sum::<f64>();
        let (customers, actual, expected) = (
            sum(|bucket| bucket.customers as f64),
            sum(|bucket| bucket.actual_mean),
            sum(|bucket| bucket.expected_mean),
        );
        for bucket in &mut self.buckets {
            bucket.actual_mean /= bucket.customers as f64;
            bucket.expected_mean /= bucket.customers as f64;
        }
        Compared {
            by_frequency: self.buckets,
            actual,
            expected,
            bias: if actual > 0.0 { expected / actual - 1.0 } else { f64::NAN },
            mean_absolute_error: self.absolute_error / customers,
            mean_absolute_error_naive: self.absolute_error_naive / customers,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Nbd;

    #[test]
    fn customers_are_compared_by_how_often_they_had_bought() {
        let mut customers = Holdouts::default();
        for (frequency, recency, orders, count) in
            [(0.0, 0.0, 0.0, 60), (0.0, 0.0, 1.0, 20), (1.0, 9.0, 1.0, 20), (8.0, 30.0, 6.0, 3), (9.0, 38.0, 12.0, 1)]
        {
            let history = History::new(frequency, recency, 39.0).unwrap();
            customers.add(Holdout { history, orders }, count);
        }
        let Backtest { fit, orders: report } = backtest::<Nbd>(&customers, 39.0);
        let groups: Vec<_> =
            report.by_frequency.iter().map(|b| (b.frequency, b.or_more, b.customers, b.actual_mean)).collect();
        assert_eq!(groups, [(0, false, 80, 0.25), (1, false, 20, 1.0), (7, true, 4, 7.5)]);
        assert_eq!(report.actual, 70.0);
        // NBD on customers of one age expects as many orders as there were: 20 + 33.
        assert!((report.expected - 53.0).abs() < 1e-4, "{report:?}");
        assert!((report.bias - (53.0 / 70.0 - 1.0)).abs() < 1e-6);
        assert!((report.mean_absolute_error_naive - (20.0 + 6.0 + 3.0) / 104.0).abs() < 1e-12, "{report:?}");
        let zero = fit.parameters.expected_orders(&History::new(0.0, 0.0, 39.0).unwrap(), 39.0);
        assert_eq!(report.by_frequency[0].expected_mean, zero);
    }

    #[test]
    fn money_is_orders_times_the_amount_to_expect() {
        let payer = |frequency, recency, mean_spend, later_spend| Payer {
            history: History::new(frequency, recency, 40.0).unwrap(),
            mean_spend,
            later_spend,
        };
        let payers = [payer(2.0, 30.0, 50.0, 80.0), payer(0.0, 0.0, 0.0, 10.0), payer(0.0, 0.0, 0.0, 0.0)];
        // An order in 40 of everybody, and the more the customer's own mean the more orders there are.
        let (model, spend) = (Nbd { r: 1.0, alpha: 40.0 }, GammaGamma { p: 1.0, q: 3.0, v: 40.0 });
        let found = backtest_spend(&model, &spend, &payers, 40.0);
        let groups: Vec<_> =
            found.by_frequency.iter().map(|b| (b.frequency, b.customers, b.actual_mean, b.expected_mean)).collect();
        // Of nobody who bought again: half an order, for 40 / 2. Of the other: 1.5 orders, for 140 / 4.
        assert_eq!(groups, [(0, 2, 5.0, 10.0), (2, 1, 80.0, 52.5)]);
        assert_eq!((found.actual, found.expected), (90.0, 72.5));
        assert_eq!(found.mean_absolute_error, (10.0 + 0.0 + 27.5) / 3.0);
        assert_eq!(found.mean_absolute_error_naive, (0.0 + 10.0 + 20.0) / 3.0);
        let mut turned = payers;
        turned.reverse();
        assert_eq!(backtest_spend(&model, &spend, &turned, 40.0), found);
    }
}
