//! The silhouette of a clustering (Rousseeuw 1987): for each row, how much nearer it is on average to the rows of its own
//! cluster (a) than to those of the next one (b), as (b − a) / max(a, b).

use super::super::rows::Rows;
use super::centres::{Centres, Nearest};

/// The mean over rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Silhouette {
    pub(super) mean: f64,
    /// Its standard error, by how much the rows differ.
    pub(super) error: f64,
}

/// The silhouette of `rows`, few enough to compare each with each; NaN for fewer than two clusters. A row that is alone in
/// its cluster has a silhouette of 0.
pub(super) fn silhouette(rows: &Rows, centres: &Centres) -> Silhouette {
    let near = Nearest::of(centres);
    let cluster_of: Vec<usize> = rows.iter().filter_map(|(row, _)| near.find(row).map(|(at, _)| at)).collect();
    let mut weights = vec![0.0; centres.len()];
    cluster_of.iter().zip(rows.weights()).for_each(|(at, weight)| weights[*at] += weight);
    if weights.iter().filter(|weight| **weight > 0.0).count() < 2 {
        return Silhouette { mean: f64::NAN, error: f64::NAN };
    }
    let (mut sum, mut squares, mut total) = (0.0, 0.0, 0.0);
    let mut apart = vec![0.0; weights.len()];
    for ((row, weight), own) in rows.iter().zip(&cluster_of) {
        apart.fill(0.0);
        for ((other, other_weight), cluster) in rows.iter().zip(&cluster_of) {
            let square: f64 = row.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum();
            apart[*cluster] += other_weight * square.sqrt();
        }
        let others = apart.iter().zip(&weights).enumerate().filter(|(at, (_, weight))| at != own && **weight > 0.0);
        let next = others.map(|(_, (apart, weight))| apart / weight).fold(f64::INFINITY, f64::min);
        let company = weights[*own] - 1.0;
        if company > 0.0 {
            let own = apart[*own] / company;
            let larger = own.max(next);
            let silhouette = if larger > 0.0 { (next - own) / larger } else { 0.0 };
            sum += weight * silhouette;
            squares += weight * silhouette * silhouette;
        }
        total += weight;
    }
    let mean = sum / total;
    Silhouette { mean, error: ((squares / total - mean * mean).max(0.0) / total).sqrt() }
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
        let squares = (0.81 + 64.0 / 81.0 + 1.0 + 1.0) / 5.0;
        let found = silhouette(&rows, &centres);
        assert!((found.mean - wanted).abs() < 1e-15);
        assert!((found.error - ((squares - wanted * wanted) / 5.0_f64).sqrt()).abs() < 1e-15);
        assert!(silhouette(&rows, &Centres::mean(&rows)).mean.is_nan());
    }
}
