//! Numbers of different kinds on one scale: as standard deviations from the mean.

use super::rows::Rows;

/// What is usual of a trait.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// The mean of all that is known.
    pub mean: f64,
    /// Its standard deviation; 1 where all are the same, so that nothing is divided by nothing.
    pub deviation: f64,
}

impl Scale {
    /// The scales of the columns of `rows` from column `first` on.
    pub(super) fn of(rows: &Rows, first: usize) -> Vec<Self> {
        (first..rows.width()).map(|column| Self::of_column(rows, column)).collect()
    }

    fn of_column(rows: &Rows, column: usize) -> Self {
        let known = || rows.iter().map(|(row, weight)| (row[column], weight)).filter(|(value, _)| !value.is_nan());
        let (mut count, mut sum) = (0.0, 0.0);
        for (value, weight) in known() {
            count += weight;
            sum += weight * value;
        }
        if count == 0.0 {
            return Self { mean: 0.0, deviation: 1.0 };
        }
        let mean = sum / count;
        let squares: f64 = known().map(|(value, weight)| weight * (value - mean) * (value - mean)).sum();
        let deviation = (squares / count).sqrt();
        // What rounding leaves of a constant is no deviation.
        let is_constant = deviation <= 1e-12 * mean.abs() || !deviation.is_finite();
        Self { mean, deviation: if is_constant { 1.0 } else { deviation } }
    }

    /// The value in standard deviations from the mean; nothing is known of NaN, which counts as usual.
    pub fn standardise(&self, value: f64) -> f64 {
        if value.is_finite() { (value - self.mean) / self.deviation } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_counts_as_usual_and_a_constant_says_nothing() {
        let mut rows = Rows::new(3);
        for (row, weight) in
            [([1.0, 0.1, f64::NAN], 3.0), ([f64::NAN, 0.1, f64::NAN], 5.0), ([5.0, 0.1, f64::NAN], 1.0)]
        {
            rows.add(&row, weight);
        }
        let scales = Scale::of(&rows, 0);
        assert_eq!(scales[0], Scale { mean: 2.0, deviation: 3.0_f64.sqrt() });
        assert_eq!(scales[0].standardise(f64::NAN), 0.0);
        assert_eq!(scales[1].deviation, 1.0);
        assert!(scales[1].standardise(0.1).abs() < 1e-12);
        assert_eq!(scales[2], Scale { mean: 0.0, deviation: 1.0 });
    }
}
