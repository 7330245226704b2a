//! The likelihood that a customer has left, for Pareto/NBD, as a power series: fast where α and β are of one size.
//!
//! With A = r + s + x and z = (α − β) / (α + t), the integral of [`super::pareto_integral`] from t to ∞ is
//! (α+t)⁻ᴬ / A · S(z), where S(z) = ₂F₁(A, s + 1; A + 1; z) = ∑ cₙ A / (A + n) zⁿ and cₙ = (s + 1)ₙ / n! (Fader, Hardie 2005,
//! equation A2). A likelihood computes the coefficients once for all customers with as many purchases.

use super::gamma::ln_1p;
use super::history::History;
use super::pareto_nbd::ParetoNbd;

/// What it means for the log-likelihood that the customer may have left: ln(1 + odds), with its gradient in r, α, s, β.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Left {
    pub(super) ln_one_and_odds: f64,
    pub(super) gradient: [f64; 4],
}

/// Whether the series converges fast and without cancelling digits.
pub(super) fn converges(at: &ParetoNbd, recency: f64) -> bool {
    let z = argument(at, recency);
    z.abs() <= 0.6 && at.s <= 20.0 && (z >= 0.0 || (at.s + 1.0) * -z <= 1.5)
}

fn argument(at: &ParetoNbd, t: f64) -> f64 {
    (at.alpha - at.beta) / (at.alpha + t)
}

/// The odds that the customer has left, where the series converges.
pub(super) fn odds(at: &ParetoNbd, history: &History) -> f64 {
    let History { frequency, recency, age } = *history;
    let shape = at.r + at.s + frequency;
    let growth = ln_1p((age - recency) / (at.alpha + recency));
    let left = (shape * growth).exp() * sum(at.s, shape, argument(at, recency)) - sum(at.s, shape, argument(at, age));
    let ratio = (at.beta + age) / (at.alpha + age);
    (at.s / shape * (at.s * ratio.ln()).exp() * left).max(0.0)
}

/// S(z).
fn sum(s: f64, shape: f64, z: f64) -> f64 {
    let (mut term, mut sum, mut n) = (1.0, 1.0, 0.0);
    loop {
        term *= (s + 1.0 + n) / (n + 1.0) * z;
        n += 1.0;
        let part = term * shape / (shape + n);
        sum += part;
        if part.abs() <= 1e-17 || part.is_nan() {
            return sum;
        }
    }
}

/// The series of all customers with the same frequency.
pub(super) struct Series<'a> {
    at: &'a ParetoNbd,
    shape: f64,
    /// The coefficients of zⁿ, n ≥ 1, in S and its derivatives in A and in s, and of zⁿ⁻¹ in that in z.
    terms: Vec<[f64; 4]>,
}

/// What depends on the age only.
pub(super) struct Now {
    ln_purchase: f64,
    ln_ratio: f64,
    per_purchase: f64,
    per_leave: f64,
    scale: f64,
    z: f64,
    sums: [f64; 4],
}

impl<'a> Series<'a> {
    pub(super) fn new(at: &'a ParetoNbd, frequency: f64) -> Self {
        let shape = at.r + at.s + frequency;
        let (mut c, mut harmonic) = (1.0, 0.0);
        let terms = (0..MOST_TERMS).map(|n| {
            let n = f64::from(n);
            harmonic += 1.0 / (at.s + 1.0 + n);
            c *= (at.s + 1.0 + n) / (n + 1.0);
            let n = n + 1.0;
            let k = c * shape / (shape + n);
            [k, c * n / (shape + n).powi(2), k * harmonic, k * n]
        });
        Self { at, shape, terms: terms.collect() }
    }

    /// S and its derivatives in A, in s and in z.
    fn sums(&self, z: f64) -> [f64; 4] {
        let (mut sums, mut power) = ([1.0, 0.0, 0.0, 0.0], 1.0);
        for [k, in_shape, in_s, in_z] in &self.terms {
            sums[3] += in_z * power;
            power *= z;
            sums[0] += k * power;
            sums[1] += in_shape * power;
            sums[2] += in_s * power;
            if (in_z * power).abs() < 1e-17 {
                break;
            }
        }
        sums
    }

    pub(super) fn now(&self, age: f64) -> Now {
        let ParetoNbd { alpha, s, beta, .. } = *self.at;
        let (purchase, leave) = (alpha + age, beta + age);
        let ln_ratio = (leave / purchase).ln();
        let z = argument(self.at, age);
        Now {
            ln_purchase: purchase.ln(),
            ln_ratio,
            per_purchase: 1.0 / purchase,
            per_leave: 1.0 / leave,
            scale: s / self.shape * (s * ln_ratio).exp(),
            z,
            sums: self.sums(z),
        }
    }

    /// None where the series does not converge or the odds are too large for a number.
    pub(super) fn left(&self, now: &Now, recency: f64) -> Option<Left> {
        let (ParetoNbd { alpha, s, .. }, shape) = (*self.at, self.shape);
        let growth = now.ln_purchase - (alpha + recency).ln();
        if shape * growth > 300.0 || !converges(self.at, recency) {
            return None;
        }
        let (grown, z, per_purchase) = ((shape * growth).exp(), argument(self.at, recency), 1.0 / (alpha + recency));
        let [then, then_shape, then_s, then_z] = self.sums(z).map(|sum| sum * grown);
        let [last, last_shape, last_s, last_z] = now.sums;
        let odds = (now.scale * (then - last)).max(0.0);
        let in_shape = growth * then + then_shape - last_shape;
        let in_alpha = then * shape * (now.per_purchase - per_purchase) + then_z * (1.0 - z) * per_purchase
            - last_z * (1.0 - now.z) * now.per_purchase;
        let in_beta = last_z * now.per_purchase - then_z * per_purchase;
        let gradient = [
            now.scale * in_shape - odds / shape,
            now.scale * in_alpha - odds * s * now.per_purchase,
            now.scale * (in_shape + then_s - last_s) + odds * (1.0 / s - 1.0 / shape + now.ln_ratio),
            now.scale * in_beta + odds * s * now.per_leave,
        ];
        Some(Left { ln_one_and_odds: ln_1p(odds), gradient: gradient.map(|slope| slope / (1.0 + odds)) })
    }
}

/// Enough for |z| = 0.6 and any s that [`converges`] lets through, or for positive z up to s = 20.
const MOST_TERMS: u32 = 160;
