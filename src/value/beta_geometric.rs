//! What BG/NBD and MBG/NBD share: purchases are Poisson with gamma distributed rates, and after a purchase a customer
//! leaves with a probability p of his own, beta distributed with a and b.
//!
//! The models differ in one point. In MBG/NBD customers may leave after their first purchase, too, so that a history
//! holds one more chance to leave (`first` = 1). In BG/NBD they may not (`first` = 0).

use super::gamma::Rising;
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
        per_chance * ((self.r + history.frequency) * silence.ln_1p()).exp()
    }

    /// P(alive): Fader, Hardie, Lee (2008), "Computing P(alive) using the BG/NBD model".
    pub(super) fn p_alive(&self, history: &History) -> f64 {
        1.0 / (1.0 + self.odds_left(history))
    }

    pub(super) fn log_likelihood(&self, history: &History) -> f64 {
        evaluate(&[(*history, 1.0)], self).0
    }

    /// Expected purchases: BG/NBD paper, equation 10, rearranged so that nothing cancels (see [`Self::if_alive`]).
    pub(super) fn expected_orders(&self, history: &History, horizon: f64) -> f64 {
        if horizon <= 0.0 {
            return 0.0;
        }
        self.p_alive(history) * self.if_alive(history, horizon)
    }

    /// Expected purchases of a customer who is alive.
    ///
    /// With R = r + x, c = a + b + chances − 1 and z = t / (α + T + t) the papers have
    /// c / (a − 1) · [1 − (1−z)ᴿ ₂F₁(R, c − a + 1; c; z)]. Euler's transformation turns it into
    /// c / (a − 1) · [1 − (1−z)ᵃ⁻¹ ₂F₁(a − 1, c − R; c; z)], whose series is short and has no hole at a = 1.
    fn if_alive(&self, history: &History, horizon: f64) -> f64 {
        let rate = self.r + history.frequency;
        let z = horizon / (self.alpha + history.age + horizon);
        let epsilon = self.a - 1.0;
        let c = self.a + self.b + self.chances(history) - 1.0;
        let d = c - rate;
        if !(-4.0..1e3).contains(&d) {
            return self.if_alive_by_counts(rate, z, c);
        }
        let ln_rest = (-z).ln_1p();
        let grown = (epsilon * ln_rest).exp_m1();
        let linear = if epsilon == 0.0 { -ln_rest } else { -grown / epsilon };
        c * linear - (grown + 1.0) * hypergeometric_excess(epsilon, d, c, z)
    }

    /// The same as a sum of positive terms: ∑ⱼ P(more than j purchases if nobody left) · P(not left in j chances).
    fn if_alive_by_counts(&self, rate: f64, z: f64, c: f64) -> f64 {
        let mut none_left = 1.0;
        let mut p = (rate * (-z).ln_1p()).exp();
        let mut beyond = 1.0 - p;
        let mut sum = 0.0;
        let mut n = 0.0;
        while beyond > 1e-17 && n < 1e6 {
            sum += beyond * none_left;
            p *= (rate + n) / (n + 1.0) * z;
            n += 1.0;
            beyond -= p;
            none_left *= (c - self.a + n) / (c + n);
        }
        sum
    }

    /// E[X(t)], BG/NBD paper, equation 9.
    pub(super) fn expected_orders_since_first(&self, age: f64) -> f64 {
        self.expected_orders(&History::NEW, age)
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
    if optimum.log_likelihood - never.log_likelihood < Fit::<P>::GAIN_OF_DROPOUT {
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
            let (left, ln_one_and_odds) = if odds < 1e15 {
                (odds / (1.0 + odds), odds.ln_1p())
            } else {
                (1.0, per_chance.ln() + shape * silence)
            };
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
