//! What must hold for every model of buying: on customers simulated from the model's own story, with a fixed seed.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Beta, Distribution, Exp, Gamma};

use super::*;

const SEED: u64 = 20_050_401;

fn gamma(shape: f64, rate: f64, chance: &mut ChaCha8Rng) -> f64 {
    Gamma::new(shape, 1.0 / rate).unwrap().sample(chance)
}

/// When a customer leaves: after a purchase with a probability, the first included or not, or after a time.
enum Leaving {
    AfterPurchase { p: f64, first_too: bool },
    AfterTime(f64),
    Never,
}

/// The history of a customer who buys at `rate` for as long as he is alive.
fn live(rate: f64, leaving: &Leaving, age: f64, chance: &mut ChaCha8Rng) -> History {
    let (mut frequency, mut recency) = (0.0, 0.0);
    let end = if let Leaving::AfterTime(time) = leaving { age.min(*time) } else { age };
    let leaves = |is_first: bool, chance: &mut ChaCha8Rng| match leaving {
        Leaving::AfterPurchase { p, first_too } => (!is_first || *first_too) && chance.random::<f64>() < *p,
        _ => false,
    };
    let mut alive = !leaves(true, chance);
    while alive {
        let next = recency + Exp::new(rate).unwrap().sample(chance);
        if next > end {
            break;
        }
        (frequency, recency) = (frequency + 1.0, next);
        alive = !leaves(false, chance);
    }
    History::new(frequency, recency, age).unwrap()
}

/// Customers between 20 and 80 weeks old; purchase rates have r = 0.8 and α = 5.
fn simulate(customers: usize, leaving: impl Fn(&mut ChaCha8Rng) -> Leaving) -> Histories {
    let mut chance = ChaCha8Rng::seed_from_u64(SEED);
    let mut sample = Histories::default();
    for _ in 0..customers {
        let rate = gamma(0.8, 5.0, &mut chance).max(1e-9);
        let leaving = leaving(&mut chance);
        let age = 20.0 + 60.0 * chance.random::<f64>();
        sample.add(live(rate, &leaving, age, &mut chance), 1);
    }
    sample
}

fn beta_leaving(first_too: bool) -> impl Fn(&mut ChaCha8Rng) -> Leaving {
    move |chance| Leaving::AfterPurchase { p: Beta::new(0.9, 2.7).unwrap().sample(chance), first_too }
}

fn gamma_leaving(chance: &mut ChaCha8Rng) -> Leaving {
    Leaving::AfterTime(Exp::new(gamma(1.2, 30.0, chance).max(1e-9)).unwrap().sample(chance))
}

fn recovers<M: BuyingModel + std::fmt::Debug>(sample: &Histories, truth: &[f64]) -> Fit<M> {
    let fit = M::fit(sample);
    assert!(fit.converged && fit.identified, "{fit:?}, seed {SEED}");
    for (ours, truth) in fit.parameters.values().iter().zip(truth) {
        assert!((ours / truth).ln().abs() < 0.25, "{fit:?} is not {truth:?}, seed {SEED}");
    }
    fit
}

#[test]
fn a_fit_finds_the_parameters_that_made_the_customers() {
    recovers::<Nbd>(&simulate(10_000, |_| Leaving::Never), &[0.8, 5.0]);
    recovers::<BgNbd>(&simulate(10_000, beta_leaving(false)), &[0.8, 5.0, 0.9, 2.7]);
    recovers::<MbgNbd>(&simulate(10_000, beta_leaving(true)), &[0.8, 5.0, 0.9, 2.7]);
    recovers::<ParetoNbd>(&simulate(10_000, gamma_leaving), &[0.8, 5.0, 1.2, 30.0]);
}

#[test]
fn customers_who_never_leave_are_not_said_to() {
    let sample = simulate(3_000, |_| Leaving::Never);
    let fit = MbgNbd::fit(&sample);
    assert!(!fit.identified && fit.converged, "{fit:?}");
    assert_eq!(fit.parameters.p_alive(&History::new(1.0, 2.0, 70.0).unwrap()), 1.0);
    assert!((fit.log_likelihood - Nbd::fit(&sample).log_likelihood).abs() < 1e-9);
}

/// The same customers give the same model: in days as in years, counted as in rows, in any order.
fn does_not_depend_on_form<M: BuyingModel + std::fmt::Debug + PartialEq>(sample: &Histories) {
    let fit = M::fit(sample);
    let (mut days, mut twice, mut backwards) = (Histories::default(), Histories::default(), Histories::default());
    for (row, count) in sample.rows().iter().rev() {
        let history = History::from(*row);
        backwards.add(history, *count);
        days.add(History { recency: history.recency * 7.0, age: history.age * 7.0, ..history }, *count);
        twice.add(history, *count);
        twice.add(history, *count);
    }
    assert_eq!(M::fit(&backwards), fit, "{}: the order of rows shows", M::NAME);
    let (by_day, of_twice) = (M::fit(&days), M::fit(&twice));
    assert!((of_twice.log_likelihood / 2.0 / fit.log_likelihood - 1.0).abs() < 1e-10, "{of_twice:?} {fit:?}");
    let orders: f64 = sample.rows().iter().map(|(row, count)| row[0] * *count as f64).sum();
    let expected = fit.log_likelihood - orders * 7.0_f64.ln();
    assert!((by_day.log_likelihood / expected - 1.0).abs() < 1e-10, "{by_day:?} {fit:?}");
    let (week, day) = (History::new(3.0, 20.0, 50.0).unwrap(), History::new(3.0, 140.0, 350.0).unwrap());
    let in_weeks = fit.parameters.clv(&week, 30.0, 52.0, 0.1, 52.1775);
    let in_days = by_day.parameters.clv(&day, 30.0, 364.0, 0.1, 365.2425);
    assert!((in_days / in_weeks - 1.0).abs() < 1e-6, "{}: {in_days} by days, {in_weeks} by weeks", M::NAME);
}

#[test]
fn neither_unit_nor_order_nor_repetition_changes_a_model() {
    does_not_depend_on_form::<Nbd>(&simulate(2_000, |_| Leaving::Never));
    does_not_depend_on_form::<BgNbd>(&simulate(2_000, beta_leaving(false)));
    does_not_depend_on_form::<MbgNbd>(&simulate(2_000, beta_leaving(true)));
    does_not_depend_on_form::<ParetoNbd>(&simulate(2_000, gamma_leaving));
}

/// Longer horizons bring more, fresh customers are more alive, nothing comes of no time, and discount only takes.
fn behaves<M: BuyingModel + std::fmt::Debug>(model: &M) {
    let of = |frequency: f64, recency: f64, age: f64| History::new(frequency, recency, age).unwrap();
    for (frequency, recency, age) in
        [(0.0, 0.0, 0.0), (0.0, 0.0, 50.0), (1.0, 0.5, 300.0), (7.0, 40.0, 41.0), (400.0, 100.0, 101.0)]
    {
        let history = of(frequency, recency, age);
        let p_alive = model.p_alive(&history);
        assert!((0.0..=1.0).contains(&p_alive), "{model:?} {history:?} {p_alive}");
        assert_eq!(model.expected_orders(&history, 0.0), 0.0);
        let mut before = 0.0;
        for horizon in [1e-6, 0.1, 1.0, 13.0, 52.0, 1e3, 1e5, 1e7] {
            let orders = model.expected_orders(&history, horizon);
            assert!(
                orders > 0.0 && orders >= before && orders.is_finite(),
                "{model:?} {history:?} {horizon}: {orders} after {before}"
            );
            before = orders;
        }
        // At once, all who are alive buy at the mean rate of those like them.
        let slope = model.expected_orders(&history, 1e-9) / 1e-9;
        let halved = model.expected_orders(&history, 5e-10) / 5e-10;
        assert!((slope / halved - 1.0).abs() < 1e-5, "{model:?} {history:?} {slope} {halved}");
        let mut before = 0.0;
        for horizon in [1e-6, 1.0, 52.0, 1e5] {
            let (p, orders) = (model.p_order(&history, horizon), model.expected_orders(&history, horizon));
            assert!(
                p >= before && p <= p_alive * (1.0 + 1e-12) && p <= orders * (1.0 + 1e-9),
                "{model:?} {history:?} {p}"
            );
            before = p;
        }
        // In no time nobody buys twice.
        assert!((model.p_order(&history, 1e-9) / 1e-9 / slope - 1.0).abs() < 1e-4, "{model:?} {history:?}");
        let undiscounted = model.clv(&history, 2.0, 52.0, 0.0, 52.0);
        assert!((undiscounted - 2.0 * model.expected_orders(&history, 52.0)).abs() < 1e-12 * undiscounted);
        let discounted = model.clv(&history, 2.0, 52.0, 0.1, 52.0);
        assert!(discounted < undiscounted && discounted > undiscounted / 1.1, "{model:?} {history:?} {discounted}");
    }
    assert!(model.p_alive(&of(3.0, 30.0, 60.0)) <= model.p_alive(&of(3.0, 50.0, 60.0)));
    assert_eq!(model.p_alive(&of(5.0, 60.0, 60.0)).to_bits(), model.p_alive(&of(5.0, 60.0, 60.0)).to_bits());
}

#[test]
fn predictions_grow_with_time_and_shrink_with_silence() {
    behaves(&Nbd { r: 0.38, alpha: 12.1 });
    for (a, b) in [(0.79, 2.43), (1.0, 2.0), (3.5, 0.4), (1e-6, 5.0), (0.0, 1.0), (0.02, 1e6)] {
        for (r, alpha) in [(0.24, 4.4), (15.0, 90.0), (0.01, 0.002)] {
            behaves(&BgNbd { r, alpha, a, b });
            behaves(&MbgNbd { r, alpha, a, b });
        }
    }
    for (s, beta) in [(0.6, 11.7), (1.0, 4.0), (3.0, 400.0), (1e-6, 5.0), (0.0, 1.0), (0.6, 0.01)] {
        behaves(&ParetoNbd { r: 0.55, alpha: 10.6, s, beta });
    }
}

/// The distribution of counts sums to one and has the expectation as its mean.
fn counts_agree<M: BuyingModel + std::fmt::Debug>(model: &M) {
    let probabilities = model.distribution(39.0, 400);
    assert!(probabilities.iter().all(|p| *p >= -1e-15), "{model:?}");
    let sum: f64 = probabilities.iter().sum();
    let mean: f64 = (0_u32..).zip(&probabilities).map(|(x, p)| f64::from(x) * p).sum();
    assert!((sum - 1.0).abs() < 1e-10, "{model:?}: {sum}");
    let expected = model.expected_orders_since_first(39.0);
    assert!((mean / expected - 1.0).abs() < 1e-8, "{model:?}: {mean} is not {expected}");
    assert_eq!(model.distribution(39.0, 3), probabilities[..4]);
    let p_order = model.p_order(&History::NEW, 39.0);
    assert!((p_order + probabilities[0] - 1.0).abs() < 1e-12, "{model:?}: {p_order} and {}", probabilities[0]);
}

#[test]
fn the_distribution_of_counts_has_the_expected_mean() {
    counts_agree(&Nbd { r: 0.38, alpha: 12.1 });
    counts_agree(&BgNbd { r: 0.24, alpha: 4.4, a: 0.79, b: 2.43 });
    counts_agree(&MbgNbd { r: 0.52, alpha: 6.2, a: 0.89, b: 1.61 });
    counts_agree(&ParetoNbd { r: 0.55, alpha: 10.6, s: 0.61, beta: 11.7 });
    counts_agree(&BgBb { alpha: 1.2, beta: 0.75, gamma: 0.66, delta: 2.8 });
}

#[test]
fn published_figures_of_customer_one() {
    // Fader, Hardie, Lee (2005): customer 0001 of CDNOW and the parameters of table 2.
    let first = History::new(2.0, 30.43, 38.86).unwrap();
    let bg = BgNbd { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };
    assert!((bg.p_alive(&first) - 0.7266).abs() < 1e-4);
    assert!((bg.expected_orders(&first, 39.0) - 1.226).abs() < 1e-3);
    let pareto = ParetoNbd { r: 0.5533, alpha: 10.5776, s: 0.6062, beta: 11.6673 };
    assert!((pareto.p_alive(&first) - 0.869_119_513_138_016_5).abs() < 1e-12);
    assert!((pareto.expected_orders(&first, 39.0) - 1.455_121).abs() < 2e-5);
    // Fader, Hardie, Lee (2005), RFM and CLV: 15 % a year, compounded continuously by week, is δ = 0.0027.
    assert!((pareto.residual_orders(&first, 0.0027) - 6.482_406_151_571_466).abs() < 1e-11);
}

#[test]
fn nothing_is_learnt_from_nothing() {
    let mut nobody_twice = Histories::default();
    nobody_twice.add(History::new(0.0, 0.0, 30.0).unwrap(), 50);
    for (sample, why) in
        [(Histories::default(), "there are no customers"), (nobody_twice, "no customer bought a second")]
    {
        let fit = MbgNbd::fit(&sample);
        assert!(fit.warning.as_ref().unwrap().starts_with(why), "{fit:?}");
        assert!(!fit.converged && !fit.identified && fit.n == sample.customers());
        assert!(fit.parameters.p_alive(&History::new(1.0, 1.0, 2.0).unwrap()).is_nan());
        assert!(ParetoNbd::fit(&sample).parameters.r.is_nan() && BgNbd::fit(&sample).parameters.b.is_nan());
    }
}
