//! Linear equations with a symmetric, positive definite matrix, by Cholesky's decomposition (Golub, Van Loan 2013, section
//! 4.2).

/// The lower triangle L with A = L Lᵀ.
pub(super) struct Cholesky {
    size: usize,
    lower: Vec<f64>,
}

impl Cholesky {
    /// Decomposes a matrix of `size` rows, laid row by row, of which the lower triangle is read; none if it is not positive
    /// definite.
    pub(super) fn of(matrix: &[f64], size: usize) -> Option<Self> {
        let mut lower = vec![0.0; size * size];
        for row in 0..size {
            for column in 0..=row {
                let known = dot(&lower[row * size..][..column], &lower[column * size..][..column]);
                let rest = matrix[row * size + column] - known;
                lower[row * size + column] = if row == column {
                    (rest > 0.0 && rest.is_finite()).then(|| rest.sqrt())?
                } else {
                    rest / lower[column * size + column]
                };
            }
        }
        Some(Self { size, lower })
    }

    /// The x with A x = `right`.
    pub(super) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let Self { size, lower } = self;
        let mut x = right.to_vec();
        for row in 0..*size {
            let known = dot(&lower[row * size..][..row], &x[..row]);
            x[row] = (x[row] - known) / lower[row * size + row];
        }
        for row in (0..*size).rev() {
            let known: f64 = (row + 1..*size).map(|below| lower[below * size + row] * x[below]).sum();
            x[row] = (x[row] - known) / lower[row * size + row];
        }
        x
    }

    /// The diagonal of the inverse of A.
    pub(super) fn inverse_diagonal(&self) -> Vec<f64> {
        let unit = |at: usize| (0..self.size).map(|other| f64::from(u8::from(other == at))).collect::<Vec<_>>();
        (0..self.size).map(|at| self.solve(&unit(at))[at]).collect()
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_what_it_should_and_refuses_the_rest() {
        let matrix = [4.0, 0.0, 0.0, 2.0, 3.0, 0.0, -2.0, 1.0, 6.0];
        let cholesky = Cholesky::of(&matrix, 3).unwrap();
        let x = cholesky.solve(&[4.0, 6.0, 5.0]);
        for (got, wanted) in x.iter().zip([1.0, 1.0, 1.0]) {
            assert!((got - wanted).abs() < 1e-14, "{x:?}");
        }
        // The inverse by hand: the adjugate over the determinant, 24.
        for (got, wanted) in cholesky.inverse_diagonal().iter().zip([17.0, 20.0, 8.0]) {
            assert!((got - wanted / 24.0).abs() < 1e-14, "{got} {wanted}");
        }
        assert!(Cholesky::of(&[1.0, 0.0, 1.0, 1.0], 2).is_none());
    }
}
