//! The Gaussian hypergeometric function, in the one form in which expected purchases need it.

/// ∑ₙ≥₁ (ε + 1)ₙ₋₁ (d)ₙ / ((c + 1)ₙ₋₁ n!) zⁿ, for 0 ≤ z < 1 and c > −1.
///
/// It is c (₂F₁(ε, d; c; z) − 1) / ε without the two holes of that form, at ε = 0 and at c = 0.
pub(super) fn hypergeometric_excess(epsilon: f64, d: f64, c: f64, z: f64) -> f64 {
    // Near one the series needs thousands of terms. A large c makes them small again.
    if z <= 0.95 || c > 100.0 {
        return series(epsilon, d, c, z);
    }
    let mut at = 0.5;
    let mut value = series(epsilon, d, c, at);
    let mut slope = slope_of_series(epsilon, d, c, at);
    while at < z {
        let step = (0.5 * (1.0 - at)).min(z - at);
        (value, slope) = continued(epsilon, d, c, at, step, (value, slope));
        at = if z - at <= step { z } else { at + step };
    }
    value
}

/// The sum itself.
fn series(epsilon: f64, d: f64, c: f64, z: f64) -> f64 {
    let mut term = d * z;
    let mut sum = term;
    let mut n = 1.0;
    while term.abs() > 1e-16 * sum.abs() && n < 1e6 {
        // The quotient does not wait for the term before: the processor works on several at once.
        term *= (epsilon + n) * (d + n) * z / ((c + n) * (n + 1.0));
        n += 1.0;
        sum += term;
    }
    sum
}

/// The derivative of the sum in z.
fn slope_of_series(epsilon: f64, d: f64, c: f64, z: f64) -> f64 {
    let (mut term, mut sum, mut n) = (d, d, 1.0);
    while term.abs() > 1e-17 * sum.abs() && n < 1e6 {
        term *= (epsilon + n) * (d + n) / ((c + n) * n) * z;
        n += 1.0;
        sum += term;
    }
    sum
}

/// The value and derivative at z + h from those at z: the Taylor series whose coefficients follow from the differential
/// equation z(1−z)y″ + (c − (ε+d+1)z)y′ − εd y = cd. It converges for h < 1 − z.
fn continued(epsilon: f64, d: f64, c: f64, z: f64, h: f64, (value, slope): (f64, f64)) -> (f64, f64) {
    let (mut before, mut last) = (value, slope * h);
    let (mut sum, mut slope) = (value + last, last);
    let mut source = c * d;
    for k in 0..2000 {
        let n = f64::from(k);
        let middle = (n + 1.0) * (n * (1.0 - 2.0 * z) + c - (epsilon + d + 1.0) * z);
        let next = h * (h * ((n + epsilon) * (n + d) * before + source) - middle * last)
            / (z * (1.0 - z) * (n + 2.0) * (n + 1.0));
        source = 0.0;
        (before, last) = (last, next);
        sum += next;
        slope += (n + 2.0) * next;
        if (before.abs() + next.abs()) * (n + 2.0) <= 1e-17 * (sum.abs() + slope.abs()) {
            break;
        }
    }
    (sum, slope / h)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact values by mpmath with 60 digits: (ε, d, c, z, value).
    const EXACT: [(f64, f64, f64, f64, f64); 9] = [
        (-0.2, 1.9, 5.2, 0.3, 0.605_572_897_150_630_9),
        (0.0, 1.5, 4.5, 0.9, 1.789_476_314_762_443_7),
        (-0.2, 1.98, 2.22, 0.96, 4.120_068_907_888_458_5),
        (-0.2, 1.98, 2.22, 0.999_999, 5.857_491_663_668_761),
        (0.5, -2.3, 0.7, 0.99, -1.134_828_452_657_632_7),
        (-0.999, 3.0, 3.5, 0.97, 2.912_085_654_932_908_6),
        (-0.7, 0.2, -0.4, 0.99, 0.525_811_680_172_338_7),
        (3.0, 7.0, 150.0, 0.999, 7.814_159_995_412_339),
        (0.0, 2.0, 5.0, 0.9999, 2.916_166_741_517_398_6),
    ];

    #[test]
    fn equals_the_exact_values() {
        for (epsilon, d, c, z, exact) in EXACT {
            let ours = hypergeometric_excess(epsilon, d, c, z);
            assert!((ours / exact - 1.0).abs() < 1e-12, "{epsilon} {d} {c} {z}: {ours} is not {exact}");
        }
    }
}
