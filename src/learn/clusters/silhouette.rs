//! The silhouette of a clustering (Rousseeuw 1987): for each row, how much nearer it is on average to the rows of its own
//! cluster (a) than to those of the next one (b), as (b − a) / max(a, b).

use super::super::rows::Rows;
use super::centres::{Centres, Nearest};

/// The mean silhouette of `rows`, few enough to compare each with each; NaN for fewer than two clusters. A row that is alone
/// in its cluster has a silhouette of 0.
pub(super) fn mean(rows: &Rows, centres: &Centres) -> f64 {
    let near = Nearest::of(centres);
    let cluster_of: Vec<usize> = rows.iter().filter_map(|(row, _)| near.find(row).map(|(at, _)| at)).collect();
    let mut weights = vec![0.0; centres.len()];
    cluster_of.iter().zip(rows.weights()).for_each(|(at, weight)| weights[*at] += weight);
    if weights.iter().filter(|weight| **weight > 0.0).count() < 2 {
        return f64::NAN;
    }
    let (mut sum, mut total) = (0.0, 0.0);
    let mut apart = vec![0.0; weights.len()];
    for ((row, weight), own) in rows.iter().zip(&cluster_of) {
        apart.fill(0.0);
        for ((other, other_weight), cluster) in rows.iter().zip(&cluster_of) {
            let squares: f64 = row.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum();
            apart[*cluster] += other_weight * squares.sqrt();
        }
        let others = apart.iter().zip(&weights).enumerate().filter(|(at, (_, weight))| at != own && **weight > 0.0);
        let next = others.map(|(_, (apart, weight))| apart / weight).fold(f64::INFINITY, f64::min);
        let company = weights[*own] - 1.0;
        if company > 0.0 {
            let own = apart[*own] / company;
            let larger = own.max(next);
            sum += if larger > 0.0 { weight * (next - own) / larger } else { 0.0 };
        }
        total += weight;
    }
    sum / total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_mean_over_rows() {
        let mut rows = Rows::new(1);
        for (value, weight) in [(0.0, 1.0), (1.0, 1.0), (10.0, 2.0), (40.0, 1.0)] {
            rows.add(&[value], weight);
        }
        let mut centres = Centres::none(1);
        for centre in [[0.5], [10.0], [40.0]] {
            centres.push(&centre);
        }
        // 0: own 1, next 10; 1: own 1, next 9; both tens: own 0; 40 is alone.
        let wanted = (9.0 / 10.0 + 8.0 / 9.0 + 1.0 + 1.0 + 0.0) / 5.0;
        assert!((mean(&rows, &centres) - wanted).abs() < 1e-15);
        assert!(mean(&rows, &Centres::mean(&rows)).is_nan());
    }
}
