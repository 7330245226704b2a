//! Gamma–Gamma: Fader, Hardie (2013), The Gamma-Gamma Model of Monetary Value.
//!
//! The amounts of a customer's orders are gamma distributed with shape p and a rate of the customer's own, which is gamma
//! distributed over customers with q and v. The more orders a customer has, the more his own mean counts against that of
//! all. It assumes that how much is spent has nothing to do with how often.

use super::eigen::Matrix;
use super::gamma::{digamma, ln_gamma, trigamma};
use super::model::{Fit, parameters};
use super::optimise::{Evaluated, Row, maximise_curved};
use super::sample::Sample;
use crate::error::{Error, Kind, Result};

parameters! {
    /// The mean amount of a random customer is p·v / (q − 1).
    GammaGamma {
        /// The shape of the amounts of one customer: large where his orders are alike.
        p,
        /// The shape of the customers' rates: large where customers are alike.
        q,
        /// The rate parameter of the customers' rates, in money.
        v
    }
}

/// A customer's mean spend.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spend {
    /// Purchase periods whose mean is `mean`: the repeat ones by custom, x. A whole number.
    pub frequency: f64,
    /// The mean amount of these, in money.
    pub mean: f64,
}

impl Spend {
    /// A spend that can exist.
    ///
    /// # Errors
    /// `Sql` when a number is not finite or the frequency is negative.
    pub fn new(frequency: f64, mean: f64) -> Result<Self> {
        if !(frequency.is_finite() && mean.is_finite() && frequency >= 0.0) {
            return Err(Error::new(Kind::Sql, "a spend has a negative frequency or a missing number")
                .with("frequency", frequency)
                .with("mean", mean)
                .hint("leave such customers out with WHERE"));
        }
        Ok(Self { frequency, mean })
    }

    /// Whether the model can learn from it: only positive means of at least one purchase are gamma distributed.
    fn is_informative(&self) -> bool {
        self.frequency > 0.0 && self.mean > 0.0
    }
}

impl From<[f64; 2]> for Spend {
    fn from([frequency, mean]: [f64; 2]) -> Self {
        Self { frequency, mean }
    }
}

impl From<Spend> for [f64; 2] {
    fn from(spend: Spend) -> Self {
        [spend.frequency, spend.mean]
    }
}

/// The spends of a customer base.
pub type Spends = Sample<2>;

impl GammaGamma {
    /// Fits the parameters by maximum likelihood. Customers without a purchase or with a mean of zero or less are left out
    /// and not counted in `n`.
    pub fn fit(spends: &Spends) -> Fit<Self> {
        let rows: Vec<(Spend, f64)> = spends
            .rows()
            .iter()
            .map(|(row, count)| (Spend::from(*row), *count as f64))
            .filter(|(spend, _)| spend.is_informative())
            .collect();
        let n: f64 = rows.iter().map(|(_, weight)| weight).sum();
        if n < 3.0 {
            return Fit::nothing(
                n as u64,
                "fewer than three customers have a positive mean spend: nothing to learn from",
            );
        }
        // In units of the mean amount the search is the same for every currency.
        let unit = rows.iter().map(|(spend, weight)| weight * spend.mean).sum::<f64>() / n;
        let rows: Vec<Informative> =
            rows.iter().map(|(s, weight)| Informative::new(s.frequency, s.mean / unit, *weight)).collect();
        let starts = [(2.0, 3.0), (6.0, 3.0), (1.0, 1.5), (20.0, 10.0)].map(|(p, q)| [p, q, (q - 1.0) / p]);
        let optimum = maximise_curved(&rows, &starts, evaluate, curvature);
        let [p, q, v] = optimum.parameters;
        let mut fit = Fit::of(&optimum, Self { p, q, v: v * unit }, n as u64, -n * unit.ln());
        if q <= 1.0 && fit.warning.is_none() {
            let warning = "customers differ so much that the mean spend of a new one is not finite (q ≤ 1): expected spend \
                           is given only where a customer has orders enough";
            fit.warning = Some(warning.to_owned());
        }
        fit
    }

    /// The log-likelihood of one customer's mean spend (equation 1a); zero where there is nothing to learn from.
    pub fn log_likelihood(&self, spend: &Spend) -> f64 {
        let row = Informative::new(spend.frequency, spend.mean, 1.0);
        if spend.is_informative() { evaluate(&[row], &[self.p, self.q, self.v]).0 } else { 0.0 }
    }

    /// The expected amount of the customer's orders (equation 5): between his own mean and that of all customers. Without
    /// purchases it is the latter. Infinite where p·x + q ≤ 1.
    pub fn expected_spend(&self, spend: &Spend) -> f64 {
        let total = if spend.frequency > 0.0 { spend.frequency * spend.mean } else { 0.0 };
        let weight = self.p * spend.frequency + self.q - 1.0;
        if weight > 0.0 { self.p * (self.v + total) / weight } else { f64::INFINITY }
    }
}

/// A spend that the model learns from.
#[derive(Debug, Clone, Copy)]
struct Informative {
    frequency: f64,
    mean: f64,
    ln_mean: f64,
    /// How many customers have it.
    weight: f64,
}

impl Informative {
    fn new(frequency: f64, mean: f64, weight: f64) -> Self {
        Self { frequency, mean, ln_mean: mean.ln(), weight }
    }
}

impl Row for Informative {
    fn weight(&self) -> f64 {
        self.weight
    }
}

/// The log-likelihood and its gradient in p, q, v; rows are sorted by frequency.
fn evaluate(rows: &[Informative], &[p, q, v]: &[f64; 3]) -> Evaluated<3> {
    let (ln_v, ln_gamma_q, digamma_q) = (v.ln(), ln_gamma(q), digamma(q));
    let (mut sum, mut gradient) = (0.0, [0.0; 3]);
    for rows in rows.chunk_by(|one, other| one.frequency == other.frequency) {
        let x = rows.first().map_or(f64::NAN, |row| row.frequency);
        let shape = p * x + q;
        let (ln_x, both) = (x.ln(), digamma(shape));
        let common = ln_gamma(shape) - ln_gamma(p * x) - ln_gamma_q + q * ln_v + p * x * ln_x;
        let d_common = [x * (both - digamma(p * x) + ln_x), both - digamma_q + ln_v];
        for &Informative { mean, ln_mean, weight, .. } in rows {
            let total = x * mean + v;
            let ln_total = total.ln();
            sum += weight * (common + (p * x - 1.0) * ln_mean - shape * ln_total);
            gradient[0] += weight * (d_common[0] + x * (ln_mean - ln_total));
            gradient[1] += weight * (d_common[1] - ln_total);
            gradient[2] += weight * (q / v - shape / total);
        }
    }
    (sum, gradient)
}

/// The second derivatives of the log-likelihood in p, q, v; rows are sorted by frequency.
fn curvature(rows: &[Informative], &[p, q, v]: &[f64; 3]) -> Matrix<3> {
    let trigamma_q = trigamma(q);
    let mut sum = [[0.0; 3]; 3];
    for rows in rows.chunk_by(|one, other| one.frequency == other.frequency) {
        let x = rows.first().map_or(f64::NAN, |row| row.frequency);
        let shape = p * x + q;
        let (mut weights, mut shares, mut squares) = (0.0, 0.0, 0.0);
        for &Informative { mean, weight, .. } in rows {
            let share = 1.0 / (x * mean + v);
            weights += weight;
            shares += weight * share;
            squares += weight * share * share;
        }
        let both = trigamma(shape);
        sum[0][0] += weights * x * x * (both - trigamma(p * x));
        sum[0][1] += weights * x * both;
        sum[0][2] -= x * shares;
        sum[1][1] += weights * (both - trigamma_q);
        sum[1][2] += weights / v - shares;
        sum[2][2] += shape * squares - weights * q / (v * v);
    }
    std::array::from_fn(|i| std::array::from_fn(|j| sum[i.min(j)][i.max(j)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::optimise::{check_curvature, check_gradient};

    #[test]
    fn the_derivatives_are_those_of_the_likelihood() {
        let rows = [(1.0, 11.77, 2.0), (1.0, 80.0, 1.0), (2.0, 22.35, 1.0), (9.0, 34.2, 3.0)]
            .map(|(frequency, mean, weight)| Informative::new(frequency, mean, weight));
        check_gradient([6.25, 3.74, 15.4], |at| evaluate(&rows, at));
        check_curvature([6.25, 3.74, 15.4], |at| evaluate(&rows, at), |at| curvature(&rows, at));
    }

    #[test]
    fn expected_spend_lies_between_the_customers_mean_and_that_of_all() {
        let model = GammaGamma { p: 6.25, q: 3.74, v: 15.44 };
        let all = model.expected_spend(&Spend::new(0.0, 0.0).unwrap());
        assert!((all - 6.25 * 15.44 / 2.74).abs() < 1e-12);
        let once = model.expected_spend(&Spend::new(1.0, 100.0).unwrap());
        let often = model.expected_spend(&Spend::new(20.0, 100.0).unwrap());
        assert!(all < once && once < often && often < 100.0, "{all} {once} {often}");
    }

    #[test]
    fn customers_without_a_positive_spend_are_not_counted() {
        let mut spends = Spends::default();
        for (frequency, mean) in [(0.0, 0.0), (2.0, -5.0), (1.0, 10.0), (3.0, 12.0)] {
            spends.add(Spend::new(frequency, mean).unwrap(), 1);
        }
        let fit = GammaGamma::fit(&spends);
        assert_eq!(fit.n, 2);
        assert_eq!(
            fit.warning.unwrap(),
            "fewer than three customers have a positive mean spend: nothing to learn from"
        );
    }
}
