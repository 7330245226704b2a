//! The gamma function and its relatives.

/// ln(1 + x) for x ≥ 0, to the last digits also where x is tiny, in half the time that the system's takes (the rounding of
/// 1 + x is made up for: Kahan).
pub(super) fn ln_1p(x: f64) -> f64 {
    let sum = 1.0 + x;
    if sum.is_infinite() { f64::INFINITY } else { sum.ln() - ((sum - 1.0) - x) / sum }
}

/// ln Γ(x) for x > 0.
pub(super) fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// ln B(a, b) for a, b > 0.
pub(super) fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// ψ(x), the derivative of ln Γ, for x > 0: the recurrence up to 10, then the asymptotic series (Abramowitz, Stegun 1964,
/// 6.3.5 and 6.3.18).
pub(super) fn digamma(mut x: f64) -> f64 {
    let mut below = 0.0;
    while x < 10.0 {
        below += 1.0 / x;
        x += 1.0;
    }
    let y = 1.0 / (x * x);
    let tail = [691.0 / 32760.0, -1.0 / 132.0, 1.0 / 240.0, -1.0 / 252.0, 1.0 / 120.0, -1.0 / 12.0];
    let series = tail.iter().fold(-1.0 / 12.0, |sum, coefficient| sum * y + coefficient);
    x.ln() - 0.5 / x + y * series - below
}

/// The derivative of [`digamma`]: shifted to where its asymptotic series holds (Abramowitz, Stegun 1964, 6.4.6 and 6.4.12).
pub(super) fn trigamma(mut x: f64) -> f64 {
    let mut below = 0.0;
    while x < 10.0 {
        below += 1.0 / (x * x);
        x += 1.0;
    }
    let y = 1.0 / (x * x);
    let tail = [-691.0 / 2730.0, 5.0 / 66.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0];
    let series = tail.iter().fold(7.0 / 6.0, |sum, coefficient| sum * y + coefficient);
    below + 1.0 / x + y * (0.5 + (1.0 / 6.0 + y * series) / x)
}

/// ln (z)ₙ = ln Γ(z + n) − ln Γ(z) and its derivative in z, for n that only grows.
///
/// Adding up keeps the digits that the difference of two ln Γ of a large or a tiny z would lose.
#[derive(Debug, Clone)]
pub(super) struct Rising {
    z: f64,
    n: f64,
    pub(super) ln: f64,
    pub(super) derivative: f64,
}

impl Rising {
    pub(super) fn new(z: f64) -> Self {
        Self { z, n: 0.0, ln: 0.0, derivative: 0.0 }
    }

    /// ln (z)ₙ and its derivative for n = 0, 1, …, `most`.
    pub(super) fn table(z: f64, most: usize) -> Vec<(f64, f64)> {
        let mut rising = Self::new(z);
        (0..=most)
            .map(|n| {
                rising.advance(n as f64);
                (rising.ln, rising.derivative)
            })
            .collect()
    }

    pub(super) fn advance(&mut self, n: f64) {
        while self.n < n {
            let factor = self.z + self.n;
            self.ln += factor.ln();
            self.derivative += 1.0 / factor;
            self.n += 1.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(actual: f64, exact: f64) {
        assert!((actual - exact).abs() <= 1e-14 * exact.abs().max(1.0), "{actual} is not {exact}");
    }

    /// Exact values by mpmath with 30 digits.
    #[test]
    fn equal_the_exact_values() {
        close(ln_gamma(0.25), 1.288_022_524_698_077_4);
        close(ln_gamma(171.5), 709.143_163_030_928_2);
        close(digamma(0.01), -100.560_885_457_868_66);
        close(digamma(1.0), -0.577_215_664_901_532_9);
        close(digamma(3.7), 1.167_153_539_361_514);
        close(digamma(50.0), 3.901_989_673_427_892);
        close(trigamma(0.01), 10_001.621_213_528_313);
        close(trigamma(1.0), std::f64::consts::PI.powi(2) / 6.0);
        close(trigamma(0.5), std::f64::consts::PI.powi(2) / 2.0);
        close(trigamma(50.0), 0.020_201_333_226_697_128);
        close(ln_beta(2.5, 0.75), -0.447_838_109_204_510_84);
        for x in [0.0, 1e-300, 3e-17, 1.1e-16, 2.5e-9, 0.1, 0.7, 3.0, 1e9, 1e300, f64::INFINITY] {
            assert!(ln_1p(x) == x.ln_1p() || (ln_1p(x) / x.ln_1p() - 1.0).abs() < 4e-16, "{x}");
        }
    }

    #[test]
    fn a_rising_factorial_keeps_the_digits_of_a_tiny_argument() {
        let mut rising = Rising::new(1e-12);
        rising.advance(3.0);
        close(rising.ln, 2e-12_f64.ln() + 1.5e-12);
        close(rising.derivative / 1e12, 1.0 + 1.5e-12);
    }
}
