//! Logistic regression: the probability of a label, given traits (Cox 1958), with a ridge penalty (le Cessie, van
//! Houwelingen 1992), by Newton's method.
//!
//! Traits are standardised, so that coefficients can be compared: each says by how much one standard deviation more moves
//! the log-odds. The penalty, half the sum of the squared coefficients, is that of one row against thousands; it gives a
//! finite and unique maximum where traits repeat one another or separate the labels, where there would be none.

use super::cholesky::Cholesky;
use super::rows::Rows;
use super::scale::Scale;

/// Half of this times the squared length of the coefficients is taken off the log-likelihood. The intercept is free.
const RIDGE: f64 = 1.0;
const ITERATIONS_MAX: usize = 50;
/// The search ends when the next step promises less.
const GAIN_MIN: f64 = 1e-9;
/// So many rows of the rarer label are wanted for each trait: with fewer, coefficients are those of chance (Vittinghoff,
/// McCulloch 2007).
const RARER_PER_TRAIT_MIN: f64 = 5.0;

/// The outcome of a fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Logistic {
    /// The log-odds of a row that is usual in every trait; NaN where there was nothing to learn from.
    pub intercept: Coefficient,
    /// One for each trait.
    pub coefficients: Vec<Coefficient>,
    /// The rows that it has learnt from.
    pub n: u64,
    /// Those of them with the label.
    pub positives: u64,
    /// The log-likelihood, without the penalty.
    pub log_likelihood: f64,
    /// Whether the search ended at the maximum.
    pub converged: bool,
    /// Whether there are enough rows with and without the label for so many traits.
    pub identified: bool,
    /// What a user must know before using the probabilities.
    pub warning: Option<String>,
}

/// What a trait says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coefficient {
    /// How the trait is put on the common scale.
    pub scale: Scale,
    /// What one standard deviation more adds to the log-odds.
    pub coefficient: f64,
    /// Its standard error.
    pub error: f64,
}

impl Coefficient {
    /// What `value` adds to the log-odds.
    pub fn adds(&self, value: f64) -> f64 {
        self.coefficient * self.scale.standardise(value)
    }
}

/// The probability with these log-odds.
pub fn probability(log_odds: f64) -> f64 {
    if log_odds >= 0.0 { 1.0 / (1.0 + (-log_odds).exp()) } else { log_odds.exp() / (1.0 + log_odds.exp()) }
}

/// Fits to `rows` of the label, 0 or 1, followed by the traits.
pub fn logistic(rows: &Rows) -> Logistic {
    let mut rows = rows.settled();
    let scales = Scale::of(&rows, 1);
    let (mut n, mut positives) = (0.0, 0.0);
    for (row, weight) in rows.iter() {
        n += weight;
        positives += weight * row[0];
    }
    if positives == 0.0 || positives == n {
        return nothing(&scales, n, positives);
    }
    let width = rows.width();
    for row in rows.values_mut().chunks_exact_mut(width) {
        row[1..].iter_mut().zip(&scales).for_each(|(value, scale)| *value = scale.standardise(*value));
    }
    let top = climb(&rows, (positives / (n - positives)).ln());
    let errors = Cholesky::of(&top.at.curvature, width)
        .map_or(vec![f64::NAN; width], |curvature| curvature.inverse_diagonal().into_iter().map(f64::sqrt).collect());
    let coefficient = |at: usize, scale| Coefficient { scale, coefficient: top.coefficients[at], error: errors[at] };
    let rarer = positives.min(n - positives);
    let wanted = RARER_PER_TRAIT_MIN * scales.len() as f64;
    let warning = if !top.converged {
        Some("the search for the best coefficients did not end: compare the probabilities with a holdout".to_owned())
    } else if rarer < wanted {
        let rarer_is = if positives <= n - positives { "with" } else { "without" };
        Some(format!(
            "{rarer} of {n} rows are {rarer_is} the label: {} traits want {wanted} or more, the coefficients may be those \
             of chance",
            scales.len()
        ))
    } else {
        None
    };
    Logistic {
        intercept: coefficient(0, Scale { mean: 0.0, deviation: 1.0 }),
        coefficients: scales.iter().enumerate().map(|(at, scale)| coefficient(at + 1, *scale)).collect(),
        n: n as u64,
        positives: positives as u64,
        log_likelihood: top.at.log_likelihood,
        converged: top.converged,
        identified: top.converged && rarer >= wanted,
        warning,
    }
}

/// The outcome where nothing can be learnt.
fn nothing(scales: &[Scale], n: f64, positives: f64) -> Logistic {
    let unknown = |scale| Coefficient { scale, coefficient: f64::NAN, error: f64::NAN };
    let why = match (n, positives) {
        (0.0, _) => "there are no rows: nothing to learn from",
        (_, 0.0) => "no row has the label: nothing to learn from",
        _ => "every row has the label: nothing to learn from",
    };
    Logistic {
        intercept: unknown(Scale { mean: 0.0, deviation: 1.0 }),
        coefficients: scales.iter().copied().map(unknown).collect(),
        n: n as u64,
        positives: positives as u64,
        log_likelihood: f64::NAN,
        converged: false,
        identified: false,
        warning: Some(why.to_owned()),
    }
}

struct Top {
    coefficients: Vec<f64>,
    at: Surface,
    converged: bool,
}

/// The penalised log-likelihood around some coefficients.
struct Surface {
    log_likelihood: f64,
    penalised: f64,
    gradient: Vec<f64>,
    /// The negative Hessian, row by row, its lower triangle.
    curvature: Vec<f64>,
}

/// The maximum, from the coefficients of who knows nothing but the share of the label.
fn climb(rows: &Rows, intercept: f64) -> Top {
    let width = rows.width();
    let mut coefficients = vec![0.0; width];
    coefficients[0] = intercept;
    let mut at = surface(rows, &coefficients);
    let mut converged = false;
    for _ in 0..ITERATIONS_MAX {
        let Some(curvature) = Cholesky::of(&at.curvature, width) else { break };
        let step = curvature.solve(&at.gradient);
        let promised = 0.5 * step.iter().zip(&at.gradient).map(|(step, slope)| step * slope).sum::<f64>();
        if promised < GAIN_MIN + 1e-14 * at.penalised.abs() {
            // So near the top rounding hides whether a step climbs, and the last one lands on it.
            coefficients.iter_mut().zip(&step).for_each(|(at, step)| *at += step);
            at = surface(rows, &coefficients);
            converged = true;
            break;
        }
        // The surface curves down everywhere, so that a step short enough climbs.
        let shorter = (0..30).map(|halvings| 0.5_f64.powi(halvings)).find_map(|length| {
            let next: Vec<f64> = coefficients.iter().zip(&step).map(|(at, step)| at + length * step).collect();
            let there = surface(rows, &next);
            (there.penalised >= at.penalised).then_some((next, there))
        });
        let Some((next, there)) = shorter else { break };
        (coefficients, at) = (next, there);
    }
    Top { coefficients, at, converged }
}

fn surface(rows: &Rows, coefficients: &[f64]) -> Surface {
    let width = coefficients.len();
    let (mut log_likelihood, mut gradient, mut curvature) = (0.0, vec![0.0; width], vec![0.0; width * width]);
    for (row, weight) in rows.iter() {
        let (label, traits) = (row[0], &row[1..]);
        let log_odds = coefficients[0] + traits.iter().zip(&coefficients[1..]).map(|(x, b)| x * b).sum::<f64>();
        // ln(1 + e^x) without overflow, and the probability from the same exponential.
        let small = (-log_odds.abs()).exp();
        log_likelihood += weight * (label * log_odds - log_odds.max(0.0) - small.ln_1p());
        let p = if log_odds >= 0.0 { 1.0 } else { small } / (1.0 + small);
        let slope = weight * (label - p);
        let bend = weight * small / ((1.0 + small) * (1.0 + small));
        gradient[0] += slope;
        curvature[0] += bend;
        for (at, x) in traits.iter().enumerate() {
            let below = &mut curvature[(at + 1) * width..][..at + 2];
            let (bend, (first, others)) = (bend * x, below.split_first_mut().expect("it has two or more"));
            gradient[at + 1] += slope * x;
            *first += bend;
            others.iter_mut().zip(traits).for_each(|(sum, other)| *sum += bend * other);
        }
    }
    let mut penalised = log_likelihood;
    for (at, coefficient) in coefficients.iter().enumerate().skip(1) {
        penalised -= 0.5 * RIDGE * coefficient * coefficient;
        gradient[at] -= RIDGE * coefficient;
        curvature[at * width + at] += RIDGE;
    }
    Surface { log_likelihood, penalised, gradient, curvature }
}

#[cfg(test)]
mod tests {
    use super::super::simulate::{Chance, shuffled};
    use super::*;

    const TRUTH: [f64; 4] = [-1.0, 0.8, -0.5, 0.0];

    /// Rows whose label has the log-odds of `TRUTH`, in traits of different scales.
    fn simulated(count: usize) -> Vec<[f64; 4]> {
        let mut chance = Chance::new(7);
        let row = |chance: &mut Chance| {
            let z = [chance.normal(), chance.normal(), chance.normal()];
            let log_odds = TRUTH[0] + z.iter().zip(&TRUTH[1..]).map(|(x, b)| x * b).sum::<f64>();
            let label = f64::from(u8::from(chance.uniform() < probability(log_odds)));
            [label, 100.0 + 20.0 * z[0], 0.001 * z[1], z[2] - 5.0]
        };
        (0..count).map(|_| row(&mut chance)).collect()
    }

    #[test]
    fn the_coefficients_are_those_that_made_the_data() {
        let fit = logistic(&Rows::of(&simulated(20_000)));
        assert!(fit.converged && fit.identified && fit.warning.is_none() && fit.n == 20_000, "{fit:?}");
        for (coefficient, truth) in fit.coefficients.iter().zip(&TRUTH[1..]).chain([(&fit.intercept, &TRUTH[0])]) {
            assert!((0.005..0.05).contains(&coefficient.error), "{coefficient:?}");
            assert!((coefficient.coefficient - truth).abs() < 3.0 * coefficient.error, "{coefficient:?} {truth}");
        }
        // With an intercept that is free, the probabilities add up to the labels.
        let expected: f64 = simulated(20_000)
            .iter()
            .map(|row| {
                let traits = fit.coefficients.iter().zip(&row[1..]).map(|(part, value)| part.adds(*value));
                probability(fit.intercept.coefficient + traits.sum::<f64>())
            })
            .sum();
        assert!((expected - fit.positives as f64).abs() < 1e-6, "{expected}");
    }

    #[test]
    fn a_known_maximum_is_found() {
        // Two groups of rows: 30 of 100 and 60 of 100. The odds ratio is 3.5, but for the penalty, which is computed here
        // by hand: at the maximum the gradient is zero.
        let mut two = Rows::new(2);
        for (label, group, count) in [(1.0, 0.0, 30.0), (0.0, 0.0, 70.0), (1.0, 1.0, 60.0), (0.0, 1.0, 40.0)] {
            two.add(&[label, group], count);
        }
        let fit = logistic(&two);
        let b = fit.coefficients[0].coefficient;
        let p = [-b, b].map(|adds| probability(fit.intercept.coefficient + adds));
        assert!((p[0] + p[1] - 0.9).abs() < 1e-9, "{fit:?}");
        assert!((100.0 * (0.6 - p[1]) - 100.0 * (0.3 - p[0]) - b).abs() < 1e-7, "{fit:?}");
        assert!((b - 0.5 * 3.5_f64.ln()).abs() < 0.02, "{fit:?}");
    }

    #[test]
    fn the_order_of_rows_and_their_parts_never_show() {
        let data = simulated(3_000);
        let fit = logistic(&Rows::of(&data));
        let mut merged = Rows::new(4);
        for part in shuffled(&data, 11).chunks(700) {
            merged.merge(&Rows::of(part));
        }
        assert_eq!(logistic(&merged), fit);
    }

    #[test]
    fn labels_that_a_trait_separates_and_traits_that_repeat_have_a_finite_answer() {
        let data: Vec<_> =
            (0..400).map(|at| [f64::from(u8::from(at >= 200)), f64::from(at), f64::from(at), 1.0]).collect();
        let fit = logistic(&Rows::of(&data));
        assert!(fit.converged && fit.identified, "{fit:?}");
        assert!((fit.coefficients[0].coefficient - fit.coefficients[1].coefficient).abs() < 1e-9, "{fit:?}");
        assert!(fit.coefficients[0].coefficient < 20.0 && fit.coefficients[2].coefficient == 0.0, "{fit:?}");
    }

    #[test]
    fn where_there_is_little_to_learn_it_says_so() {
        let warning = |data: &[[f64; 4]]| logistic(&Rows::of(data)).warning.unwrap();
        assert_eq!(warning(&[]), "there are no rows: nothing to learn from");
        assert_eq!(warning(&[[0.0, 1.0, 2.0, 3.0]]), "no row has the label: nothing to learn from");
        assert_eq!(warning(&[[1.0, 1.0, 2.0, 3.0]]), "every row has the label: nothing to learn from");
        let few = logistic(&Rows::of(&simulated(24)));
        let said = few.warning.unwrap();
        assert!(said.contains("the label: 3 traits want 15 or more"), "{said}");
        assert!(few.converged && !few.identified && few.intercept.coefficient.is_finite());
    }
}
