//! Where a search begins: k-means++ (Arthur, Vassilvitskii 2007), the greedy form. Each centre is a row, drawn with a
//! probability that grows with the square of its distance to the centres before it; of several draws the one is taken that
//! brings the rows nearest.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::super::rows::Rows;
use super::centres::Centres;

/// Anything; the same for ever, so that the same rows have the same clusters.
const SEED: u64 = 1_982;

/// `clusters` centres, or as many as there are different rows. `start` numbers the searches.
pub(super) fn seed(rows: &Rows, clusters: usize, start: u64) -> Centres {
    let mut chance = ChaCha8Rng::seed_from_u64(SEED);
    chance.set_stream(start);
    let draws = 2 + (clusters as f64).ln() as usize;
    let mut centres = Centres::none(rows.width());
    // Before the first centre every row is equally far from all.
    let mut far = vec![1.0; rows.len()];
    while centres.len() < clusters {
        let weighted: Vec<f64> = far.iter().zip(rows.weights()).map(|(far, weight)| far * weight).collect();
        let total: f64 = weighted.iter().sum();
        if total <= 0.0 {
            break;
        }
        let is_first = centres.len() == 0;
        let draw = |_| {
            let row = row(rows, drawn(&weighted, total * chance.random::<f64>()));
            let far: Vec<f64> = rows
                .iter()
                .zip(&far)
                .map(|((other, _), far)| if is_first { apart(row, other) } else { apart(row, other).min(*far) })
                .collect();
            let left: f64 = far.iter().zip(rows.weights()).map(|(far, weight)| far * weight).sum();
            (row, far, left)
        };
        let drawn = (0..draws).map(draw).reduce(|best, other| if other.2 < best.2 { other } else { best });
        let (row, nearer, _) = drawn.expect("there are two draws or more");
        centres.push(row);
        far = nearer;
    }
    centres
}

/// The place that `up_to` reaches when the weights are laid end to end.
fn drawn(weights: &[f64], up_to: f64) -> usize {
    let mut passed = 0.0;
    let reached = weights.iter().position(|weight| {
        passed += weight;
        passed > up_to
    });
    // Rounding may leave a little beyond the end.
    reached.unwrap_or_else(|| weights.iter().rposition(|weight| *weight > 0.0).unwrap_or_default())
}

fn row(rows: &Rows, at: usize) -> &[f64] {
    &rows.values()[at * rows.width()..][..rows.width()]
}

fn apart(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}
