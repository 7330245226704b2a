//! How well a model follows a whole customer base: cumulative orders over time, and how many customers bought how often.

use serde::Serialize;

use super::history::Histories;
use super::model::BuyingModel;
use super::sample::Sample;

/// A point in time of the tracking plot.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Tracked {
    /// The time after the end of the calibration window; negative within it.
    pub until: f64,
    /// Repeat purchase periods of all customers up to then, as they came.
    pub actual: f64,
    /// The same as the model expects from the customers' ages alone: ∑ E[X(t)].
    pub expected: f64,
}

/// Cumulative repeat purchase periods, actual and expected, every `step` from the first customer to `horizon` after the
/// calibration. `orders` are the times of the repeat purchase periods, counted from the end of the calibration (negative
/// before it), of the customers in `histories`.
pub fn track<M: BuyingModel>(
    model: &M,
    histories: &Histories,
    orders: &Sample<1>,
    step: f64,
    horizon: f64,
) -> Vec<Tracked> {
    let ages = ages(histories);
    let oldest = ages.last().map_or(0.0, |(age, _)| *age);
    let before = if step > 0.0 { (oldest / step).ceil() as i64 } else { return Vec::new() };
    // A horizon of whole steps, but for the last digit of the division, ends with a point.
    let slack = 1e-9;
    let after = (horizon / step + slack).floor().max(0.0) as i64;
    let orders = orders.rows();
    let (mut at, mut actual) = (0, 0.0);
    (-before..=after)
        .map(|point| {
            let until = point as f64 * step;
            while let Some((_, count)) = orders.get(at).filter(|([time], _)| *time <= until + slack * step) {
                actual += *count as f64;
                at += 1;
            }
            let there = ages.iter().filter(|(age, _)| age + until > 0.0);
            let expected =
                there.map(|(age, customers)| customers * model.expected_orders_since_first(age + until)).sum();
            Tracked { until, actual, expected }
        })
        .collect()
}

/// A number of repeat purchase periods of the frequency plot.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Counted {
    /// The number of repeat purchase periods, or the lowest one of the last group.
    pub frequency: u32,
    /// Whether higher numbers are in it, too.
    pub or_more: bool,
    /// How many customers have it.
    pub actual: f64,
    /// How many customers the model expects to have it, from their ages alone.
    pub expected: f64,
}

/// How many customers have 0, 1, …, `last` or more repeat purchase periods, actual and expected.
pub fn frequencies<M: BuyingModel>(model: &M, histories: &Histories, last: u32) -> Vec<Counted> {
    let mut counted: Vec<Counted> = (0..=last)
        .map(|frequency| Counted { frequency, or_more: frequency == last, actual: 0.0, expected: 0.0 })
        .collect();
    for ([frequency, ..], count) in histories.rows() {
        counted[(frequency as usize).min(last as usize)].actual += count as f64;
    }
    for (age, customers) in ages(histories) {
        let probabilities = model.distribution(age, last as usize);
        let below: f64 = probabilities[..last as usize].iter().sum();
        for (row, probability) in counted.iter_mut().zip(probabilities) {
            row.expected += customers * if row.or_more { 1.0 - below } else { probability };
        }
    }
    counted
}

/// The distinct ages, ascending, with how many customers have each.
fn ages(histories: &Histories) -> Vec<(f64, f64)> {
    let mut sample = Sample::<1>::default();
    for ([_, age, _], count) in &histories.rows() {
        sample.add([*age], *count);
    }
    sample.rows().iter().map(|([age], count)| (*age, *count as f64)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{History, Nbd};

    fn base() -> Histories {
        let mut histories = Histories::default();
        histories.add(History::new(0.0, 0.0, 10.0).unwrap(), 3);
        histories.add(History::new(2.0, 12.0, 20.0).unwrap(), 1);
        histories
    }

    #[test]
    fn orders_add_up_over_time_beside_what_was_expected() {
        let model = Nbd { r: 1.0, alpha: 40.0 };
        let mut orders = Sample::<1>::default();
        for time in &[-11.0, -8.0, 3.0] {
            orders.add([*time], 1);
        }
        let points = track(&model, &base(), &orders, 10.0, 10.0);
        let rows: Vec<_> = points.iter().map(|p| (p.until, p.actual, p.expected)).collect();
        // One customer from -20 on, three more from -10 on, each with an order in 40.
        assert_eq!(rows, [(-20.0, 0.0, 0.0), (-10.0, 1.0, 0.25), (0.0, 2.0, 1.25), (10.0, 3.0, 2.25)]);
    }

    #[test]
    fn expected_numbers_of_customers_sum_to_all_of_them() {
        let counted = frequencies(&Nbd { r: 1.0, alpha: 40.0 }, &base(), 2);
        assert_eq!(counted.iter().map(|row| row.actual).collect::<Vec<_>>(), [3.0, 0.0, 1.0]);
        assert!(counted[2].or_more && (counted.iter().map(|row| row.expected).sum::<f64>() - 4.0).abs() < 1e-14);
        // A geometric distribution: P(0) = α / (α + T).
        assert!((counted[0].expected - (3.0 * 0.8 + 40.0 / 60.0)).abs() < 1e-14);
    }
}
