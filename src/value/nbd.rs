//! NBD: customers buy at rates of their own and never leave (Ehrenberg 1959).
//!
//! Purchases are Poisson with rate λ, and λ is gamma distributed over customers with shape r and rate α. It is what the
//! models with dropout become when no dropout shows, and what they fall back to.

use super::gamma::Rising;
use super::history::{Histories, History, Scaled};
use super::model::{BuyingModel, Fit, parameters};
use super::optimise::{Evaluated, Optimum, maximise};

parameters! {
    /// The mean purchase rate of a customer is r / α per unit of time.
    Nbd {
        /// The shape of the purchase rates: small where customers differ much.
        r,
        /// The rate parameter of the purchase rates, in units of time.
        alpha
    }
}

impl BuyingModel for Nbd {
    const NAME: &'static str = "nbd";

    fn fit(histories: &Histories) -> Fit<Self> {
        let scaled = Scaled::new(histories);
        let n = histories.customers();
        if let Some(why) = scaled.hopeless() {
            return Fit::nothing(n, why);
        }
        let optimum = optimum(&scaled);
        let [r, alpha] = optimum.parameters;
        Fit::of(&optimum, Self { r, alpha: alpha * scaled.unit }, n, scaled.density())
    }

    fn log_likelihood(&self, history: &History) -> f64 {
        let mut rising = Rising::new(self.r);
        rising.advance(history.frequency);
        rising.ln + self.r * self.alpha.ln() - (self.r + history.frequency) * (self.alpha + history.age).ln()
    }

    /// One: customers never leave.
    fn p_alive(&self, _: &History) -> f64 {
        1.0
    }

    fn orders_if_alive(&self, frequency: f64, age: f64, horizon: f64) -> f64 {
        (self.r + frequency) / (self.alpha + age) * horizon
    }

    fn p_order_if_alive(&self, frequency: f64, age: f64, horizon: f64) -> f64 {
        p_next(self.r + frequency, self.alpha + age, horizon)
    }

    fn shows_dropout(&self) -> bool {
        false
    }

    fn expected_orders_since_first(&self, age: f64) -> f64 {
        self.r / self.alpha * age
    }

    fn distribution(&self, age: f64, most: usize) -> Vec<f64> {
        counts(self.r, self.alpha, age).take(most + 1).collect()
    }

    fn time_scale(&self, age: f64) -> f64 {
        self.alpha + age
    }
}

/// The probability that a customer who is alive, and cannot leave before the next purchase, makes it in the next
/// `horizon`: 1 − (rate / (rate + t))^shape, where shape and rate are those of the purchase rates given the history.
pub(super) fn p_next(shape: f64, rate: f64, horizon: f64) -> f64 {
    -(-shape * (horizon.max(0.0) / rate).ln_1p()).exp_m1()
}

/// P(X = 0), P(X = 1), … of the negative binomial distribution of purchases up to `age`.
pub(super) fn counts(r: f64, alpha: f64, age: f64) -> impl Iterator<Item = f64> {
    let z = age / (alpha + age);
    let none = (r * -(age / alpha).ln_1p()).exp();
    (0..).scan(none, move |p, x| {
        let this = *p;
        let x = f64::from(x);
        *p *= (r + x) / (x + 1.0) * z;
        Some(this)
    })
}

/// The best r and α for scaled times.
pub(super) fn optimum(scaled: &Scaled) -> Optimum<2> {
    let rows = scaled.without_recency();
    let starts = [0.3, 1.0, 5.0].map(|r| [r, r / scaled.rate()]);
    maximise(&rows, &starts, |rows, &[r, alpha]| evaluate(rows, r, alpha))
}

/// ∑ over (frequency, age, customers) of ln (r)ₓ + r ln α − (r + x) ln(α + T).
fn evaluate(rows: &[(f64, f64, f64)], r: f64, alpha: f64) -> Evaluated<2> {
    let (ln_alpha, mut rising) = (alpha.ln(), Rising::new(r));
    let (mut sum, mut d_r, mut d_alpha) = (0.0, 0.0, 0.0);
    for (x, age, weight) in rows {
        rising.advance(*x);
        let ln_age = (alpha + age).ln();
        sum += weight * (rising.ln + r * ln_alpha - (r + x) * ln_age);
        d_r += weight * (rising.derivative + ln_alpha - ln_age);
        d_alpha += weight * (r / alpha - (r + x) / (alpha + age));
    }
    (sum, [d_r, d_alpha])
}

impl Scaled {
    /// Why nothing can be learnt from these histories, if so.
    pub(super) fn hopeless(&self) -> Option<&'static str> {
        if self.customers == 0.0 || self.exposure == 0.0 {
            return Some("there are no customers with an age above zero: nothing to learn from");
        }
        if self.orders == 0.0 {
            return Some("no customer bought a second time: nothing to learn from");
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::optimise::check_gradient;

    #[test]
    fn the_gradient_is_that_of_the_likelihood() {
        let rows = [(0.0, 38.86, 3.0), (0.0, 12.0, 1.0), (2.0, 38.86, 1.0), (26.0, 31.0, 1.0)];
        check_gradient([0.385, 12.07], |&[r, alpha]| evaluate(&rows, r, alpha));
    }
}
