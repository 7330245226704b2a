//! sBG, shifted beta-geometric: Fader, Hardie (2007), How to Project Customer Retention, Journal of Interactive Marketing
//! 21(1). For subscriptions, where one sees who leaves.
//!
//! At the end of each period a customer leaves with a probability of his own, beta distributed over customers with α and
//! β. Those likely to leave do so early, which is why retention rises with tenure though nobody changes.

use super::gamma::Rising;
use super::model::{Fit, parameters};
use super::optimise::{Evaluated, maximise};
use super::sample::Sample;
use crate::error::{Error, Kind, Result};

parameters! {
    /// The mean probability to leave at the end of the first period is α / (α + β).
    Sbg {
        /// The first parameter of the probability to leave.
        alpha,
        /// The second parameter of the probability to leave.
        beta
    }
}

/// How long a customer has been, or was, a subscriber.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tenure {
    /// Periods: those paid by who has left, or the renewals so far of who has not. A whole number.
    pub periods: f64,
    /// Whether the customer left at the end of these.
    pub ended: bool,
}

impl Tenure {
    /// A tenure that can exist.
    ///
    /// # Errors
    /// `Sql` when periods are negative or not whole, or when a customer left before the first period ended.
    pub fn new(periods: f64, ended: bool) -> Result<Self> {
        let refuse =
            |message: &str, hint: &str| Err(Error::new(Kind::Sql, message).with("periods", periods).hint(hint));
        if !periods.is_finite() || periods < 0.0 || periods.fract() != 0.0 {
            return refuse("a tenure is not a whole number of periods", "count the periods that were paid");
        }
        if ended && periods == 0.0 {
            return refuse("a customer left without a paid period", "count the period in which the customer left");
        }
        Ok(Self { periods, ended })
    }
}

impl From<[f64; 2]> for Tenure {
    fn from([ended, periods]: [f64; 2]) -> Self {
        Self { periods, ended: ended > 0.0 }
    }
}

impl From<Tenure> for [f64; 2] {
    fn from(tenure: Tenure) -> Self {
        // Those who are there first, those who left after them, each by ascending periods.
        [f64::from(u8::from(tenure.ended)), tenure.periods]
    }
}

/// The tenures of a customer base.
pub type Tenures = Sample<2>;

impl Sbg {
    /// Fits the parameters by maximum likelihood.
    pub fn fit(tenures: &Tenures) -> Fit<Self> {
        let rows: Vec<(Tenure, f64)> =
            tenures.rows().iter().map(|(row, count)| ((*row).into(), *count as f64)).collect();
        let n = tenures.customers();
        if !rows.iter().any(|(tenure, _)| tenure.ended) {
            return Fit::nothing(n, "no customer has left: nothing to learn from");
        }
        if !rows.iter().any(|(tenure, _)| tenure.periods > f64::from(u8::from(tenure.ended))) {
            return Fit::nothing(n, "no customer has stayed for a second period: nothing to learn from");
        }
        let starts = [[1.0, 3.0], [0.5, 0.5], [5.0, 50.0], [0.1, 1.0]];
        let optimum = maximise(&rows, &starts, |rows, &[alpha, beta]| evaluate(rows, alpha, beta));
        let [alpha, beta] = optimum.parameters;
        Fit::of(&optimum, Self { alpha, beta }, n, 0.0)
    }

    /// The log-likelihood of one customer's tenure (equations 5 and 6).
    pub fn log_likelihood(&self, tenure: &Tenure) -> f64 {
        evaluate(&[(*tenure, 1.0)], self.alpha, self.beta).0
    }

    /// The share of new customers still there after `periods`: S(t).
    pub fn survival(&self, periods: u32) -> f64 {
        (0..periods).map(|t| self.retention(t + 1)).product()
    }

    /// The share of those there after t − 1 periods who are there after t ≥ 1: (β + t − 1) / (α + β + t − 1).
    pub fn retention(&self, period: u32) -> f64 {
        let before = f64::from(period.max(1) - 1);
        (self.beta + before) / (self.alpha + self.beta + before)
    }

    /// Expected renewals within the next `horizon` periods of a customer who has renewed `renewals` times, each discounted
    /// by (1 + `rate`)^−t at the end of period t; `rate` is per period. Times the price of a period it is the CLV. Fader,
    /// Hardie (2010), Customer-Base Valuation in a Contractual Setting, equation 6, up to a horizon.
    pub fn expected_renewals(&self, renewals: u32, horizon: u32, rate: f64) -> f64 {
        let mut there = 1.0;
        let mut sum = 0.0;
        for t in 1..=horizon {
            there *= self.retention(renewals.saturating_add(t)) / (1.0 + rate);
            sum += there;
            // What is left cannot be seen any more, however long the horizon.
            if rate > 0.0 && there < 1e-17 * sum * rate {
                break;
            }
        }
        sum
    }
}

/// P(left at t) = B(α+1, β+t−1) / B(α, β) and S(t) = B(α, β+t) / B(α, β), as rising factorials; rows are sorted by
/// whether they ended, then by periods.
fn evaluate(rows: &[(Tenure, f64)], alpha: f64, beta: f64) -> Evaluated<2> {
    let (mut stayed, mut asked) = (Rising::new(beta), Rising::new(alpha + beta));
    let (mut sum, mut d_alpha, mut d_beta, mut has_ended) = (0.0, 0.0, 0.0, false);
    for (Tenure { periods, ended }, weight) in rows {
        let renewed = periods - f64::from(u8::from(*ended));
        if *ended && !has_ended {
            has_ended = true;
            (stayed, asked) = (Rising::new(beta), Rising::new(alpha + beta));
        }
        stayed.advance(renewed);
        asked.advance(*periods);
        sum += weight * (stayed.ln - asked.ln);
        d_alpha -= weight * asked.derivative;
        d_beta += weight * (stayed.derivative - asked.derivative);
        if *ended {
            sum += weight * alpha.ln();
            d_alpha += weight / alpha;
        }
    }
    (sum, [d_alpha, d_beta])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::optimise::check_gradient;

    /// Survivors of 1,000 customers after 0, 1, … 7 years, as published, and the fit of the published note.
    fn check(survivors: [u32; 8], alpha: f64, beta: f64, log_likelihood: f64) {
        let mut sample = Tenures::default();
        for (year, pair) in survivors.windows(2).enumerate() {
            sample.add(Tenure::new(year as f64 + 1.0, true).unwrap(), u64::from(pair[0] - pair[1]));
        }
        sample.add(Tenure::new(7.0, false).unwrap(), u64::from(survivors[7]));
        let fit = Sbg::fit(&sample);
        assert!(fit.converged && fit.identified && fit.n == 1000, "{fit:?}");
        assert!((fit.log_likelihood - log_likelihood).abs() < 1e-6, "{fit:?}");
        assert!((fit.parameters.alpha / alpha - 1.0).abs() < 1e-5, "{fit:?}");
        assert!((fit.parameters.beta / beta - 1.0).abs() < 1e-5, "{fit:?}");
    }

    #[test]
    fn the_published_cohorts_give_the_published_parameters() {
        let regular = [1000, 631, 468, 382, 326, 289, 262, 241];
        check(regular, 0.704_077_319_261_049_9, 1.182_043_073_780_956_9, -1_680.265_188_463_286_2);
        let high_end = [1000, 869, 743, 653, 593, 551, 517, 491];
        check(high_end, 0.668_088_387_227_895_7, 3.806_095_501_915_106, -1_611.158_147_391_155_1);
    }

    #[test]
    fn the_gradient_is_that_of_the_likelihood() {
        let rows = [(2.0, false, 5.0), (7.0, false, 241.0), (1.0, true, 369.0), (2.0, true, 163.0)]
            .map(|(periods, ended, weight)| (Tenure { periods, ended }, weight));
        check_gradient([0.7, 1.18], |&[alpha, beta]| evaluate(&rows, alpha, beta));
    }

    #[test]
    fn survival_is_that_of_the_published_projection() {
        let regular = Sbg { alpha: 0.704_077_319_261_049_9, beta: 1.182_043_073_780_956_9 };
        assert!((regular.survival(1) - 0.626_706_056_591_919_6).abs() < 1e-14);
        assert!((regular.survival(12) - 0.170_037_449_756_870_05).abs() < 1e-14);
        assert_eq!(regular.survival(0), 1.0);
        assert!(regular.retention(2) > regular.retention(1));
    }

    #[test]
    fn renewals_without_discount_are_the_sum_of_survival() {
        let model = Sbg { alpha: 0.7, beta: 1.2 };
        let sum: f64 = (4..=8).map(|t| model.survival(t) / model.survival(3)).sum();
        assert!((model.expected_renewals(3, 5, 0.0) - sum).abs() < 1e-14);
        assert!(model.expected_renewals(3, 5, 0.1) < sum);
        assert_eq!(model.expected_renewals(3, 0, 0.1), 0.0);
    }

    #[test]
    fn nothing_is_learnt_where_nobody_has_left() {
        let mut sample = Tenures::default();
        sample.add(Tenure::new(4.0, false).unwrap(), 20);
        let fit = Sbg::fit(&sample);
        assert_eq!(fit.warning.as_deref(), Some("no customer has left: nothing to learn from"));
        assert!(!fit.converged && fit.parameters.alpha.is_nan());
    }
}
