//! Integrals of smooth functions, by Gauss–Legendre rules of eight nodes on panels.

/// Nodes and weights on [-1, 1]; the other half is their mirror image.
const RULE: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_2, 0.101_228_536_290_376_26),
];

/// The nodes of one panel with their weights, ascending.
pub(super) fn panel(from: f64, to: f64) -> [(f64, f64); 8] {
    let (centre, half) = (0.5 * (from + to), 0.5 * (to - from));
    std::array::from_fn(|at| {
        let (sign, (node, weight)) = if at < 4 { (-1.0, RULE[3 - at]) } else { (1.0, RULE[at - 4]) };
        (centre + sign * half * node, half * weight)
    })
}

/// ∫ f from `from` to `to` over `panels` panels of one width.
pub(super) fn integrate(from: f64, to: f64, panels: usize, mut f: impl FnMut(f64) -> f64) -> f64 {
    let width = (to - from) / panels as f64;
    let mut sum = 0.0;
    for at in 0..panels {
        let start = from + at as f64 * width;
        sum += panel(start, start + width).iter().map(|(node, weight)| weight * f(*node)).sum::<f64>();
    }
    sum
}

/// ∫ f(t) dt from 0 to `to`, for an f that changes over times of the order of `scale` + t, as rates do that fall with age.
pub(super) fn integrate_ageing(to: f64, scale: f64, mut f: impl FnMut(f64) -> f64) -> f64 {
    if to <= 0.0 {
        return 0.0;
    }
    // In v = ln(1 + t / scale) such functions are smooth everywhere; panels of 0.7 double the age.
    let end = (to / scale).ln_1p();
    let panels = (end / 0.7).ceil().clamp(1.0, 200.0) as usize;
    integrate(0.0, end, panels, |v| scale * v.exp() * f(scale * v.exp_m1()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn are_exact_to_fourteen_digits() {
        assert!((integrate(0.0, 2.0, 2, f64::exp) - (2.0_f64.exp() - 1.0)).abs() < 1e-14);
        let hyperbola = integrate_ageing(1e4, 0.1, |t| 1.0 / (0.1 + t));
        assert!((hyperbola - 1e5_f64.ln_1p()).abs() < 1e-12, "{hyperbola}");
        assert_eq!(integrate_ageing(0.0, 1.0, f64::exp), 0.0);
    }
}
