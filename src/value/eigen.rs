//! Eigenvalues of small symmetric matrices, by Jacobi's rotations (Golub, Van Loan 2013, section 8.5).

/// A square matrix, row by row.
pub(super) type Matrix<const N: usize> = [[f64; N]; N];

/// The eigenvalues of a symmetric matrix and, in the same order, its eigenvectors of length one.
pub(super) fn eigen<const N: usize>(symmetric: &Matrix<N>) -> ([f64; N], Matrix<N>) {
    let mut a = *symmetric;
    let mut vectors: Matrix<N> = std::array::from_fn(|i| std::array::from_fn(|j| f64::from(u8::from(i == j))));
    // Convergence is quadratic; four rows need about six sweeps.
    for _ in 0..30 {
        for (p, q) in (0..N).flat_map(|p| (p + 1..N).map(move |q| (p, q))) {
            if a[p][q] != 0.0 {
                rotate(&mut a, &mut vectors, p, q);
            }
        }
    }
    (std::array::from_fn(|i| a[i][i]), vectors)
}

/// Rotates the plane of rows `p` and `q` such that `a[p][q]` vanishes.
fn rotate<const N: usize>(a: &mut Matrix<N>, vectors: &mut Matrix<N>, p: usize, q: usize) {
    let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
    let tangent = theta.signum() / (theta.abs() + theta.hypot(1.0));
    let cosine = 1.0 / tangent.hypot(1.0);
    let sine = tangent * cosine;
    for row in a.iter_mut() {
        (row[p], row[q]) = (cosine * row[p] - sine * row[q], sine * row[p] + cosine * row[q]);
    }
    for matrix in [a, vectors] {
        let (above, below) = (matrix[p], matrix[q]);
        matrix[p] = std::array::from_fn(|column| cosine * above[column] - sine * below[column]);
        matrix[q] = std::array::from_fn(|column| sine * above[column] + cosine * below[column]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rebuild_the_matrix() {
        let matrix = [[4.0, 1.0, -2.0], [1.0, 2.0, 0.0], [-2.0, 0.0, -3.0]];
        let (values, vectors) = eigen(&matrix);
        for i in 0..3 {
            for j in 0..3 {
                let rebuilt: f64 = (0..3).map(|k| values[k] * vectors[k][i] * vectors[k][j]).sum();
                assert!((rebuilt - matrix[i][j]).abs() < 1e-13);
            }
        }
    }
}
