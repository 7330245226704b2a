//! The generalised exponential integral, which is how the present value of an endless, ageing customer looks.

use super::quadrature::integrate;

/// eʸ Eₛ(y) = ∫ e^(−yt) (1 + t)^(−s) dt over t from 0 to ∞, for s ≥ 0 and y > 0.
///
/// Olver et al. (2010), NIST Handbook of Mathematical Functions, 8.19. For y = 0 it is 1 / (s − 1), infinite for s ≤ 1.
pub(super) fn scaled_exponential_integral(s: f64, y: f64) -> f64 {
    if y <= 0.0 {
        return if s > 1.0 { 1.0 / (s - 1.0) } else { f64::INFINITY };
    }
    if y > 1.0 { continued_fraction(s, y) } else { quadrature(s, y) }
}

/// Equation 8.19.17 in its even form, by Lentz's method.
fn continued_fraction(s: f64, y: f64) -> f64 {
    let mut b = y + s;
    let mut d = 1.0 / b;
    let mut c = f64::INFINITY;
    let mut value = d;
    for k in 1..10_000 {
        let k = f64::from(k);
        let a = -k * (s - 1.0 + k);
        b += 2.0;
        d = 1.0 / (a * d + b);
        c = b + a / c;
        value *= c * d;
        if (c * d - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

/// In v = ln(1 + t) the integrand e^(−yt − (s−1)v) is smooth, and it has vanished where either exponent reaches 45.
fn quadrature(s: f64, y: f64) -> f64 {
    let end = (45.0 / y).ln_1p().min(45.0 / (s - 1.0).max(1e-9));
    let panels = (end * (2.5 + s / 3.0)).ceil() as usize;
    integrate(0.0, end, panels, |v| (-y * v.exp_m1() - (s - 1.0) * v).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact values by mpmath with 30 digits, on both sides of the change of method and at whole s.
    #[test]
    fn equals_the_exact_values() {
        for (s, y, exact) in EXACT {
            let ours = scaled_exponential_integral(s, y);
            assert!((ours / exact - 1.0).abs() < 1e-13, "s {s} y {y}: {ours} is not {exact}");
        }
        assert_eq!(scaled_exponential_integral(2.5, 0.0), 1.0 / 1.5);
        assert_eq!(scaled_exponential_integral(0.6, 0.0), f64::INFINITY);
    }

    const EXACT: [(f64, f64, f64); 8] = [
        (0.6062, 0.1359, 2.864_839_452_411_059),
        (1.0, 0.5, 0.922_910_632_483_730_5),
        (2.0, 0.01, 0.959_214_885_565_435_8),
        (0.3, 1.5, 0.585_677_453_034_389_5),
        (1.5, 1.0, 0.484_255_687_717_375_8),
        (3.0, 20.0, 0.043_709_099_192_168_34),
        (1e-05, 0.002, 499.971_747_429_668_14),
        (40.0, 0.2, 0.025_506_798_319_294_494),
    ];
}
