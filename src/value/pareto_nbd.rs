//! Pareto/NBD: Schmittlein, Morrison, Colombo (1987), Counting Your Customers: Who Are They and What Will They Do Next?,
//! Management Science 33(1).
//!
//! Purchases are Poisson with gamma distributed rates (r, α), and a customer leaves after an exponential time whose rate
//! is gamma distributed (s, β): leaving has nothing to do with buying. Formulas as in Fader, Hardie (2005), "A Note on
//! Deriving the Pareto/NBD Model and Related Expressions".

use super::exponential_integral::scaled_exponential_integral;
use super::gamma::Rising;
use super::history::{Histories, History, Scaled};
use super::model::{BuyingModel, Fit, parameters};
use super::nbd;
use super::optimise::{Evaluated, maximise};
use super::pareto_series::Series;
use super::quadrature::integrate_ageing;
use super::{pareto_integral, pareto_series};

parameters! {
    /// Purchase rates are gamma distributed with r and α, the rates of leaving with s and β.
    ParetoNbd {
        /// The shape of the purchase rates: small where customers differ much.
        r,
        /// The rate parameter of the purchase rates, in units of time.
        alpha,
        /// The shape of the rates of leaving. Zero: nobody leaves.
        s,
        /// The rate parameter of the rates of leaving, in units of time.
        beta
    }
}

impl ParetoNbd {
    /// Discounted expected residual transactions (DERT): the present value, in orders, of all that the customer will ever
    /// buy, at a discount rate of `delta` per unit of time, continuously compounded: (1 + δ)^units_per_year is one plus
    /// the yearly rate for δ → ln(1 + rate) / units_per_year. Infinite for δ = 0 and s ≤ 1.
    ///
    /// Fader, Hardie, Lee (2005), RFM and CLV: Using Iso-Value Curves for Customer Base Analysis, equation 2, with
    /// Ψ(s, s; y) = y¹⁻ˢ eʸ Eₛ(y), where Eₛ is the generalised exponential integral.
    pub fn residual_orders(&self, history: &History, delta: f64) -> f64 {
        let after = self.beta + history.age;
        let rate = (self.r + history.frequency) / (self.alpha + history.age);
        self.p_alive(history) * rate * after * scaled_exponential_integral(self.s, delta * after)
    }

    /// Expected time as a customer within the next `horizon`, of a customer who is alive:
    /// ((β+T) / (s−1)) · [1 − ((β+T) / (β+T+t))^(s−1)], without the hole at s = 1.
    fn expected_stay(&self, age: f64, horizon: f64) -> f64 {
        let after = self.beta + age;
        let (excess, growth) = (self.s - 1.0, (horizon / after).ln_1p());
        if excess == 0.0 { after * growth } else { -after * (-excess * growth).exp_m1() / excess }
    }
}

impl BuyingModel for ParetoNbd {
    const NAME: &'static str = "pareto_nbd";

    fn fit(histories: &Histories) -> Fit<Self> {
        let (scaled, n) = (Scaled::new(histories), histories.customers());
        if let Some(why) = scaled.hopeless() {
            return Fit::nothing(n, why);
        }
        let never = nbd::optimum(&scaled);
        let [r, alpha] = never.parameters;
        let starts = [(0.6, 0.5), (0.6, 0.1), (0.6, 3.0), (1.5, 1.0), (0.15, 0.5), (5.0, 5.0)]
            .map(|(s, beta)| [1.3 * r, 0.9 * alpha, s, beta]);
        let optimum =
            maximise(&scaled.rows, &starts, |rows, &[r, alpha, s, beta]| evaluate(rows, &Self { r, alpha, s, beta }));
        if !Fit::<Self>::shows_dropout(&optimum, &never, n) {
            let parameters = Self { r, alpha: alpha * scaled.unit, s: 0.0, beta: alpha * scaled.unit };
            return Fit::without_dropout(&never, parameters, n, scaled.density());
        }
        let [r, alpha, s, beta] = optimum.parameters;
        let parameters = Self { r, alpha: alpha * scaled.unit, s, beta: beta * scaled.unit };
        Fit::of(&optimum, parameters, n, scaled.density())
    }

    fn log_likelihood(&self, history: &History) -> f64 {
        evaluate(&[(*history, 1.0)], self).0
    }

    fn p_alive(&self, history: &History) -> f64 {
        let odds = if pareto_series::converges(self, history.recency) {
            pareto_series::odds(self, history)
        } else {
            pareto_integral::ln_odds(self, history).exp()
        };
        1.0 / (1.0 + odds)
    }

    fn orders_if_alive(&self, frequency: f64, age: f64, horizon: f64) -> f64 {
        let rate = (self.r + frequency) / (self.alpha + age);
        rate * self.expected_stay(age, horizon)
    }

    fn shows_dropout(&self) -> bool {
        self.s > 0.0
    }

    /// ∫ E[λ e^(−(λ+μ)t)] dt: the next purchase comes at t, before which nothing was bought and nobody left.
    fn p_order_if_alive(&self, frequency: f64, age: f64, horizon: f64) -> f64 {
        let (shape, bought, left) = (self.r + frequency, self.alpha + age, self.beta + age);
        // Frequent buyers make their next purchase soon.
        let scale = (bought / (1.0 + shape)).min(left / (1.0 + self.s));
        integrate_ageing(horizon, scale, |t| {
            let stays = (-shape * (t / bought).ln_1p() - self.s * (t / left).ln_1p()).exp();
            shape / (bought + t) * stays
        })
    }

    fn expected_orders_since_first(&self, age: f64) -> f64 {
        if age <= 0.0 { 0.0 } else { self.r / self.alpha * self.expected_stay(0.0, age) }
    }

    /// P(X(t) = x): those still there have bought for all the time, the others until they left.
    fn distribution(&self, age: f64, most: usize) -> Vec<f64> {
        let there = (-self.s * (age / self.beta).ln_1p()).exp();
        let mut probabilities: Vec<f64> =
            nbd::counts(self.r, self.alpha, age).take(most + 1).map(|p| p * there).collect();
        let scale = self.alpha.min(self.beta);
        for (x, probability) in probabilities.iter_mut().enumerate() {
            *probability += integrate_ageing(age, scale, |t| {
                let leaving = self.s / (self.beta + t) * (-self.s * (t / self.beta).ln_1p()).exp();
                nbd::counts(self.r, self.alpha, t).nth(x).unwrap_or(0.0) * leaving
            });
        }
        probabilities
    }

    fn time_scale(&self, age: f64) -> f64 {
        self.alpha.min(self.beta) + age
    }
}

/// The log-likelihood and its gradient in r, α, s, β. As for BG/NBD, L = A · (1 + odds), where A is the likelihood of being
/// alive and the odds are those of having left.
fn evaluate(rows: &[(History, f64)], at: &ParetoNbd) -> Evaluated<4> {
    let &ParetoNbd { r, alpha, s, beta } = at;
    let (ln_alpha, ln_beta, mut rising) = (alpha.ln(), beta.ln(), Rising::new(r));
    let (mut sum, mut gradient) = (0.0, [0.0; 4]);
    // Rows of one frequency and age stand together.
    let same = |(one, _): &(History, f64), (other, _): &(History, f64)| one.frequency == other.frequency;
    for of_frequency in rows.chunk_by(same) {
        let x = of_frequency[0].0.frequency;
        rising.advance(x);
        let series = Series::new(at, x);
        for of_age in of_frequency.chunk_by(|(one, _), (other, _)| one.age == other.age) {
            let age = of_age[0].0.age;
            let now = series.now(age);
            let (mut weights, mut values, mut slopes) = (0.0, 0.0, [0.0; 4]);
            for (history, weight) in of_age {
                let left = series.left(&now, history.recency).unwrap_or_else(|| pareto_integral::left(at, history));
                weights += weight;
                values += weight * left.ln_one_and_odds;
                slopes.iter_mut().zip(left.gradient).for_each(|(slope, of_row)| *slope += weight * of_row);
            }
            let (ln_purchase, ln_leave) = ((alpha + age).ln(), (beta + age).ln());
            let alive = rising.ln + r * (ln_alpha - ln_purchase) - x * ln_purchase + s * (ln_beta - ln_leave);
            sum += weights * alive + values;
            gradient[0] += weights * (rising.derivative + ln_alpha - ln_purchase) + slopes[0];
            gradient[1] += weights * (r / alpha - (r + x) / (alpha + age)) + slopes[1];
            gradient[2] += weights * (ln_beta - ln_leave) + slopes[2];
            gradient[3] += weights * s * (1.0 / beta - 1.0 / (beta + age)) + slopes[3];
        }
    }
    (sum, gradient)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::history::examples;
    use crate::value::optimise::check_gradient;

    #[test]
    fn the_gradient_is_that_of_the_likelihood() {
        // By the series, and where α and β differ too much for it.
        for at in [[0.55, 10.58, 0.61, 11.67], [0.55, 40.0, 0.61, 0.5], [2.0, 0.3, 3.0, 60.0]] {
            check_gradient(at, |&[r, alpha, s, beta]| evaluate(&examples(), &ParetoNbd { r, alpha, s, beta }));
        }
    }

    /// The series and the integral are two ways to the same number.
    #[test]
    fn both_ways_to_the_odds_of_having_left_agree() {
        for (alpha, beta) in [(10.58, 11.67), (11.67, 10.58), (8.0, 5.0), (6.0, 9.0)] {
            let at = ParetoNbd { r: 0.55, alpha, s: 0.61, beta };
            for (frequency, recency, age) in
                [(0.0, 0.0, 38.86), (2.0, 30.43, 38.86), (26.0, 12.5, 31.0), (1.0, 3.0, 3.0)]
            {
                let history = History::new(frequency, recency, age).unwrap();
                let by_integral = pareto_integral::ln_odds(&at, &history).exp();
                let by_series = pareto_series::odds(&at, &history);
                assert!((by_series - by_integral).abs() <= 1e-12 * (1.0 + by_integral), "{at:?} {history:?}");
                let series = Series::new(&at, frequency);
                let (left, other) =
                    (series.left(&series.now(age), recency).unwrap(), pareto_integral::left(&at, &history));
                for (slope, exact) in left.gradient.iter().zip(other.gradient) {
                    assert!((slope - exact).abs() <= 1e-12 * (1.0 + exact.abs()), "{at:?} {history:?} {slope} {exact}");
                }
            }
        }
    }
}
