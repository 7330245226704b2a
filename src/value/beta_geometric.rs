//! What BG/NBD and MBG/NBD share: purchases are Poisson with gamma distributed rates, and after a purchase a customer
//! leaves with a probability p of his own, beta distributed with a and b.
//!
//! The models differ in one point. In MBG/NBD customers may leave after their first purchase, too, so that a history
//! holds one more chance to leave (`first` = 1). In BG/NBD they may not (`first` = 0).

use super::gamma::{Rising, ln_1p};
use super::history::{History, Scaled};
use super::hypergeometric::hypergeometric_excess;
use super::model::{Fit, Parameters};
use super::nbd::{self, counts};
use super::optimise::{Evaluated, maximise};

/// Parameters of either model.
#[derive(Debug, Clone, Copy)]
pub(super) struct BetaGeometric {
    /// How many chances to leave come with the first purchase.
    pub(super) first: f64,
    pub(super) r: f64,
    pub(super) alpha: f64,
    pub(super) a: f64,
    pub(super) b: f64,
}

impl BetaGeometric {
    /// Chances to leave that the customer has had, if he is alive.
    fn chances(&self, history: &History) -> f64 {
        history.frequency + self.first
    }

    /// The odds that the customer has left after his last purchase.
    fn odds_left(&self, history: &History) -> f64 {
        if self.chances(history) == 0.0 {
            return 0.0;
        }
        let silence = (history.age - history.recency) / (self.alpha + history.recency);
        let per_chance = self.a / (self.b + self.chances(history) - 1.0);
        per_chance * ((self.r + history.frequency) * ln_1p(silence)).exp()
    }

    /// P(alive): Fader, Hardie, Lee (2008), "Computing P(alive) using the BG/NBD model".
    pub(super) fn p_alive(&self, history: &History) -> f64 {
        1.0 / (1.0 + self.odds_left(history))
    }

    pub(super) fn log_likelihood(&self, history: &History) -> f64 {
        evaluate(&[(*history, 1.0)], self).0
    }

    /// The probability that who is alive buys within `horizon`: customers leave after a purchase and never before, so that
    /// he will make the next one.
    pub(super) fn p_order_if_alive(&self, frequency: f64, age: f64, horizon: f64) -> f64 {
        nbd::p_next(self.r + frequency, self.alpha + age, horizon)
    }

    /// Expected purchases of a customer who is alive: BG/NBD paper, equation 10, rearranged so that nothing cancels.
    ///
    /// With R = r + x, c = a + b + chances − 1 and z = t / (α + T + t) the papers have
    /// c / (a − 1) · [1 − (1−z)ᴿ ₂F₁(R, c − a + 1; c; z)]. Euler's transformation turns it into
    /// c / (a − 1) · [1 − (1−z)ᵃ⁻¹ ₂F₁(a − 1, c − R; c; z)], whose series is short and has no hole at a = 1.
    pub(super) fn orders_if_alive(&self, frequency: f64, age: f64, horizon: f64) -> f64 {
        let rate = self.r + frequency;
        let z = horizon / (self.alpha + age + horizon);
        let epsilon = self.a - 1.0;
        let c = self.a + self.b + (frequency + self.first) - 1.0;
        let d = c - rate;
        if !(-4.0..1e3).contains(&d) {
            return self.orders_by_counts(rate, z, c);
        }
        let ln_rest = (-z).ln_1p();
        let grown = (epsilon * ln_rest).exp_m1();
        let linear = if epsilon == 0.0 { -ln_rest } else { -grown / epsilon };
        c * linear - (grown + 1.0) * hypergeometric_excess(epsilon, d, c, z)
    }

    /// The same as a sum of positive terms: ∑ⱼ P(more than j purchases if nobody left) · P(not left in j chances). For
    /// parameters for which the short series would cancel digits; it has as many terms as purchases are possible.
    fn orders_by_counts(&self, rate: f64, z: f64, c: f64) -> f64 {
        let ln_none = rate * (-z).ln_1p();
        let (mut none_left, mut beyond) = (1.0, -ln_none.exp_m1());
        // The probability of n purchases starts too small for a number where many are expected. The rest of its exponent
        // is put off until it has grown; before that it does not count.
        let mut put_off = (ln_none + 600.0).min(0.0);
        let mut p = (ln_none - put_off).exp();
        let (least, expected) = (1e-17 * beyond, rate * z / (1.0 - z));
        let (mut sum, mut n) = (0.0, 0.0);
        while beyond > least && n < MOST_COUNTS {
            sum += beyond * none_left;
            p *= (rate + n) / (n + 1.0) * z;
            n += 1.0;
            if put_off < 0.0 && p > 1e-130 {
                let back = put_off.max(-300.0);
                (p, put_off) = (p * back.exp(), put_off - back);
            }
            if put_off == 0.0 {
                beyond -= p;
                // Rounding may leave a remainder where nothing is left.
                if n > expected && p < least * (1.0 - z) {
                    break;
                }
            }
            none_left *= (c - self.a + n) / (c + n);
        }
        sum
    }

    /// E[X(t)], BG/NBD paper, equation 9.
    pub(super) fn expected_orders_since_first(&self, age: f64) -> f64 {
        if age <= 0.0 {
            return 0.0;
        }
        self.p_alive(&History::NEW) * self.orders_if_alive(0.0, 0.0, age)
    }

    /// P(X(t) = x), BG/NBD paper, equation 8.
    pub(super) fn distribution(&self, age: f64, most: usize) -> Vec<f64> {
        // The probability to survive as many chances as x purchases bring, and to leave at the last of them.
        let mut survived = if self.first == 0.0 { 1.0 } else { self.b / (self.a + self.b) };
        let mut left = 1.0 - survived;
        let mut beyond = 1.0;
        let mut chances = self.first;
        let mut probabilities = Vec::with_capacity(most + 1);
        for p in counts(self.r, self.alpha, age).take(most + 1) {
            probabilities.push(survived * p + left * beyond);
            beyond -= p;
            left = survived * self.a / (self.a + self.b + chances);
            survived *= (self.b + chances) / (self.a + self.b + chances);
            chances += 1.0;
        }
        probabilities
    }
}

/// A sum over numbers of purchases ends here, after some milliseconds.
const MOST_COUNTS: f64 = 1e6;

/// Where the search starts: few and many who leave, in agreement and at odds about how likely they do.
const LEAVING: [(f64, f64); 5] = [(0.8, 2.4), (0.3, 0.6), (0.05, 0.5), (1.5, 10.0), (4.0, 8.0)];

/// Fits either model; `parameters` makes the model's own from r, α, a, b.
pub(super) fn fit<P: Parameters>(scaled: &Scaled, n: u64, first: f64, parameters: fn([f64; 4]) -> P) -> Fit<P> {
    if let Some(why) = scaled.hopeless() {
        return Fit::nothing(n, why);
    }
    let never = nbd::optimum(scaled);
    let [r, alpha] = never.parameters;
    let starts: Vec<[f64; 4]> =
        [0.6, 1.2].iter().flat_map(|share| LEAVING.map(|(a, b)| [r * share, alpha * share * share, a, b])).collect();
    let optimum = maximise(&scaled.rows, &starts, |rows, &[r, alpha, a, b]| {
        evaluate(rows, &BetaGeometric { first, r, alpha, a, b })
    });
    if !Fit::<P>::shows_dropout(&optimum, &never, n) {
        return Fit::without_dropout(&never, parameters([r, alpha * scaled.unit, 0.0, 1.0]), n, scaled.density());
    }
    let [r, alpha, a, b] = optimum.parameters;
    Fit::of(&optimum, parameters([r, alpha * scaled.unit, a, b]), n, scaled.density())
}

/// The log-likelihood (BG/NBD paper, equation 6; MBG/NBD paper, equation 6) and its gradient in r, α, a, b.
///
/// A customer either is alive, or has left after his last purchase: L = A · (1 + odds), where A is the likelihood of
/// being alive, so that the gradient is that of ln A plus P(left) times that of the logarithm of the odds.
pub(super) fn evaluate(rows: &[(History, f64)], at: &BetaGeometric) -> Evaluated<4> {
    let &BetaGeometric { first, r, alpha, a, b } = at;
    let ln_alpha = alpha.ln();
    let (mut rate, mut stay, mut either) = (Rising::new(r), Rising::new(b), Rising::new(a + b));
    let (mut sum, mut gradient) = (0.0, [0.0; 4]);
    for group in rows.chunk_by(|(one, _), (other, _)| one.frequency == other.frequency) {
        let x = group[0].0.frequency;
        let chances = x + first;
        rate.advance(x);
        stay.advance(chances);
        either.advance(chances);
        let shape = r + x;
        let common = rate.ln + r * ln_alpha + stay.ln - either.ln;
        // Without a chance to leave, nobody has left.
        let per_chance = if chances > 0.0 { a / (b + chances - 1.0) } else { 0.0 };
        let (mut weights, mut lefts, mut values, mut d_r, mut d_alpha) = (0.0, 0.0, 0.0, 0.0, 0.0);
        let (mut age, mut ln_age) = (f64::NAN, 0.0);
        for (history, weight) in group {
            if history.age != age {
                age = history.age;
                ln_age = (alpha + age).ln();
            }
            let silence = ln_age - (alpha + history.recency).ln();
            let odds = per_chance * (shape * silence).exp();
            // P(left) and ln(1 + odds) also where the odds are too large for a number.
            let (left, ln_one_and_odds) =
                if odds < 1e15 { (odds / (1.0 + odds), ln_1p(odds)) } else { (1.0, per_chance.ln() + shape * silence) };
            weights += weight;
            lefts += weight * left;
            values += weight * (ln_one_and_odds - shape * ln_age);
            d_r += weight * (left * silence - ln_age);
            d_alpha += weight * (left / (alpha + history.recency) + (1.0 - left) / (alpha + age));
        }
        sum += weights * common + values;
        gradient[0] += weights * (rate.derivative + ln_alpha) + d_r;
        gradient[1] += weights * r / alpha - shape * d_alpha;
        gradient[2] += lefts / a - weights * either.derivative;
        gradient[3] += weights * (stay.derivative - either.derivative);
        if chances > 0.0 {
            gradient[3] -= lefts / (b + chances - 1.0);
        }
    }
    (sum, gradient)
}

/// Writes the model in which a customer has `$first` chances to leave before the first repeat purchase: its parameters and
/// its [`super::BuyingModel`].
macro_rules! beta_geometric {
    ($name:ident, $prefix:literal, $first:literal) => {
        $crate::value::model::parameters! {
            /// Purchase rates are gamma distributed with r and α, the probability to leave after a purchase is beta
            /// distributed with a and b.
            $name {
                /// The shape of the purchase rates: small where customers differ much.
                r,
                /// The rate parameter of the purchase rates, in units of time.
                alpha,
                /// The first parameter of the probability to leave, whose mean is a / (a + b). Zero: nobody leaves.
                a,
                /// The second parameter of the probability to leave.
                b
            }
        }

        impl $name {
            fn shared(&self) -> $crate::value::beta_geometric::BetaGeometric {
                let Self { r, alpha, a, b } = *self;
                $crate::value::beta_geometric::BetaGeometric { first: $first, r, alpha, a, b }
            }
        }

        impl $crate::value::BuyingModel for $name {
            const NAME: &'static str = $prefix;

            fn fit(histories: &$crate::value::Histories) -> $crate::value::Fit<Self> {
                let parameters = |[r, alpha, a, b]: [f64; 4]| Self { r, alpha, a, b };
                let scaled = $crate::value::history::Scaled::new(histories);
                $crate::value::beta_geometric::fit(&scaled, histories.customers(), $first, parameters)
            }

            fn log_likelihood(&self, history: &$crate::value::History) -> f64 {
                self.shared().log_likelihood(history)
            }

            fn p_alive(&self, history: &$crate::value::History) -> f64 {
                self.shared().p_alive(history)
            }

            fn orders_if_alive(&self, frequency: f64, age: f64, horizon: f64) -> f64 {
                self.shared().orders_if_alive(frequency, age, horizon)
            }

            fn p_order_if_alive(&self, frequency: f64, age: f64, horizon: f64) -> f64 {
                self.shared().p_order_if_alive(frequency, age, horizon)
            }

            fn shows_dropout(&self) -> bool {
                self.a > 0.0
            }

            fn expected_orders_since_first(&self, age: f64) -> f64 {
                self.shared().expected_orders_since_first(age)
            }

            fn distribution(&self, age: f64, most: usize) -> Vec<f64> {
                self.shared().distribution(age, most)
            }

            fn time_scale(&self, age: f64) -> f64 {
                self.alpha + age
            }
        }
    };
}
pub(super) use beta_geometric;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::history::examples;
    use crate::value::optimise::check_gradient;

    #[test]
    fn the_gradient_is_that_of_the_likelihood() {
        for first in [0.0, 1.0] {
            check_gradient([0.24, 4.41, 0.79, 2.43], |&[r, alpha, a, b]| {
                evaluate(&examples(), &BetaGeometric { first, r, alpha, a, b })
            });
        }
    }

    /// The short series and the sum of positive terms are two ways to the same expectation.
    #[test]
    fn both_ways_to_expected_orders_agree() {
        for a in [0.2, 1.0, 1.7] {
            let at = BetaGeometric { first: 1.0, r: 0.52, alpha: 6.18, a, b: 1.61 };
            for (history, _) in examples() {
                let rate = at.r + history.frequency;
                let z = 39.0 / (at.alpha + history.age + 39.0);
                let c = a + at.b + history.frequency;
                let short = at.orders_if_alive(history.frequency, history.age, 39.0);
                let long = at.orders_by_counts(rate, z, c);
                assert!((short / long - 1.0).abs() < 1e-12, "{a} {history:?}: {short} {long}");
            }
        }
    }

    /// Exact values by mpmath with 60 digits, where rates hardly differ, nearly nobody leaves, or many orders are expected.
    #[test]
    fn expected_orders_equal_the_exact_values() {
        for (r, alpha, a, b, [frequency, _, age], horizon, exact) in EXACT {
            let at = BetaGeometric { first: 0.0, r, alpha, a, b };
            let ours = at.orders_if_alive(frequency, age, horizon);
            assert!((ours / exact - 1.0).abs() < 1e-11, "{at:?} {frequency} {age} {horizon}: {ours} is not {exact}");
        }
    }

    type Exact = (f64, f64, f64, f64, [f64; 3], f64, f64);
    const EXACT: [Exact; 8] = [
        (15.0, 90.0, 0.79, 2.43, [400.0, 100.0, 101.0], 52.0, 102.209_760_315_064_6),
        (15.0, 90.0, 0.79, 2.43, [400.0, 100.0, 101.0], 1e4, 2_528.478_138_932_423),
        (0.24, 4.4, 0.02, 1e6, [3.0, 10.0, 30.0], 52.0, 4.897_674_104_699_684),
        (0.24, 4.4, 0.79, 2.43, [0.0, 0.0, 0.0], 1e5, 29.835_744_431_386_59),
        (0.24, 4.4, 1.000_000_1, 2.43, [2.0, 30.43, 38.86], 39.0, 1.623_920_208_299_824),
        (20.0, 3.0, 0.5, 0.5, [1.0, 2.0, 5.0], 52.0, 24.259_194_118_439_35),
        (0.01, 0.002, 3.5, 0.4, [1.0, 0.5, 300.0], 52.0, 0.155_821_564_429_148_3),
        (0.24, 4.4, 0.79, 2.43, [7.0, 40.0, 41.0], 1e-6, 1.594_713_645_201_01e-7),
    ];
}
