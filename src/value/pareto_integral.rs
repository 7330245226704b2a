//! The likelihood that a customer has left between the last purchase and now, for Pareto/NBD:
//! I = s ∫ (α+τ)^−(r+x) (β+τ)^−(s+1) dτ over τ from t_x to T.
//!
//! The papers write it as the difference of two ₂F₁, which loses digits when they are close, needs two cases, and has no
//! handy gradient. The integral itself has a smooth integrand: in v = ln(m + τ), with m the smaller of α and β, it is
//! close to an exponential function, and Gauss–Legendre panels give it to fourteen digits. It serves where the power series
//! of [`super::pareto_series`] does not converge.

use super::history::History;
use super::pareto_nbd::ParetoNbd;
use super::pareto_series::Left;
use super::quadrature::panel;

/// The logarithm of the odds that the customer has left before now, I over the likelihood (α+T)^−(r+x) (β+T)^−s of being
/// alive.
pub(super) fn ln_odds(at: &ParetoNbd, history: &History) -> f64 {
    with_gradient(at, history).0
}

/// What it means for the log-likelihood that the customer may have left.
pub(super) fn left(at: &ParetoNbd, history: &History) -> Left {
    let (ln_odds, gradient) = with_gradient(at, history);
    let odds = ln_odds.exp();
    let (p_left, ln_one_and_odds) = if odds < 1e15 { (odds / (1.0 + odds), odds.ln_1p()) } else { (1.0, ln_odds) };
    Left { ln_one_and_odds, gradient: gradient.map(|slope| slope * p_left) }
}

fn with_gradient(at: &ParetoNbd, history: &History) -> (f64, [f64; 4]) {
    let &ParetoNbd { r, alpha, s, beta } = at;
    let History { frequency, recency, age } = *history;
    let shape = r + frequency;
    if age <= recency || s <= 0.0 {
        return (f64::NEG_INFINITY, [0.0; 4]);
    }
    let smaller = alpha.min(beta);
    let start = smaller + recency;
    let end = ((age - recency) / start).ln_1p();
    // No panel spans more than a factor e, nor lets the integrand fall by more than e⁻³.
    let width = 1.0_f64.min(3.0 / (shape + s));
    let (purchase, leave) = (alpha + recency, beta + recency);
    let (mut total, mut mean) = (0.0, [0.0; 4]);
    let mut from = 0.0;
    while from < end {
        let to = if end - from < 1.1 * width { end } else { from + width };
        let mut part = 0.0;
        for (v, weight) in panel(from, to) {
            // Everything relative to its value at the last purchase, so that nothing overflows.
            let since = start * v.exp_m1();
            let (purchase_growth, leave_growth) =
                if alpha <= beta { (v, (since / leave).ln_1p()) } else { ((since / purchase).ln_1p(), v) };
            let per_purchase = 1.0 / (purchase + since);
            let per_leave = 1.0 / (leave + since);
            let density = weight * (start + since) * per_leave * (-shape * purchase_growth - s * leave_growth).exp();
            part += density;
            mean[0] += density * purchase_growth;
            mean[1] += density * per_purchase;
            mean[2] += density * leave_growth;
            mean[3] += density * per_leave;
        }
        total += part;
        from = to;
        // From a shape of one on, the integrand only falls.
        if shape >= 1.0 && part * (end - from) < 1e-17 * total * width {
            break;
        }
    }
    let (purchase_growth, leave_growth) = (((age - recency) / purchase).ln_1p(), ((age - recency) / leave).ln_1p());
    let gradient = [
        purchase_growth - mean[0] / total,
        shape * (1.0 / (alpha + age) - mean[1] / total),
        1.0 / s + leave_growth - mean[2] / total,
        s / (beta + age) - (s + 1.0) * mean[3] / total,
    ];
    (s.ln() + total.ln() + shape * purchase_growth + s * leave_growth, gradient)
}
