//! The maximum of a log-likelihood in a few positive parameters: Newton's method on their logarithms.
//!
//! The gradient is the model's own; the Hessian is, too, or the gradient's forward difference, which costs one evaluation for
//! each parameter. Directions in which the surface does not curve down are turned around (modified Newton: Nocedal, Wright
//! 2006, section 3.4), and steps are shortened until the likelihood rises. On the logarithmic scale no unit matters.

use std::num::NonZero;

use super::eigen::{Matrix, eigen};
use crate::parallel;

/// A log-likelihood: its value, with the gradient in the parameters themselves.
pub(super) type Evaluated<const N: usize> = (f64, [f64; N]);

/// Where the search ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Optimum<const N: usize> {
    pub(super) parameters: [f64; N],
    pub(super) log_likelihood: f64,
    pub(super) converged: bool,
    /// Standard errors of the parameters' logarithms: 0.1 means ten per cent. Infinite where the surface is flat.
    pub(super) log_errors: [f64; N],
}

impl<const N: usize> Optimum<N> {
    /// Whether the data say, within a factor of twenty, how large each parameter is.
    pub(super) fn is_identified(&self) -> bool {
        self.converged && self.log_errors.iter().all(|error| *error < 3.0)
    }
}

const ITERATIONS_MAX: usize = 100;
/// A step is halved at most so often.
const TRIES_MAX: usize = 40;
/// The longest step, in logarithms: a factor of seven.
const STEP_MAX: f64 = 2.0;
/// Parameters stay within these: beyond, a model is indistinguishable from its limit.
const BOUNDS: (f64, f64) = (-18.0, 18.0);
/// A search ends when the next step promises less than this, or than this share of the value, which rounding may hide.
const GAIN_MIN: f64 = 1e-9;
const GAIN_SHARE_MIN: f64 = 2e-13;
/// A search ends earlier where the surface is flat in some direction, which is then a parameter that nobody can tell: when
/// the step promises less than the first number, and a factor e in the parameters costs less than the second.
const FLAT: (f64, f64) = (1e-4, 1e-2);

/// Above this many rows, a search starts where a search on a part of them ended.
const PILOT_ROWS: usize = 2048;

/// Rows are summed up in pieces of so many, side by side. The cuts, and the order in which the pieces are added up, depend
/// on nothing else, so that the sum has the same bits on any number of threads.
const PIECE_ROWS: usize = 4096;

/// Of very many rows, one of so many tells how the surface bends, which need not be known as well as the slope.
const ROWS_PER_BEND: usize = 16;

/// A row of a log-likelihood.
pub(super) trait Row: Clone + Sync {
    /// How many customers it stands for.
    fn weight(&self) -> f64;
}

impl<T: Clone + Sync> Row for (T, f64) {
    fn weight(&self) -> f64 {
        self.1
    }
}

impl Row for (f64, f64, f64) {
    fn weight(&self) -> f64 {
        self.2
    }
}

/// The maximum of `f`, a sum over `rows`, found from the best of `starts`.
///
/// Of many rows every n-th is searched first, which leads close to the top for little. Of very many, every n-th says from
/// there on how the surface bends, while the slope is that of all: where it is zero depends on the slope alone. Rows are
/// sorted, so that these parts are fair ones.
pub(super) fn maximise<T: Row, const N: usize>(
    rows: &[T],
    starts: &[[f64; N]],
    f: impl Fn(&[T], &[f64; N]) -> Evaluated<N> + Sync,
) -> Optimum<N> {
    let bend = |rows: &[T], logs: &[f64; N], slope: &[f64; N]| {
        hessian(&|at: &[f64; N]| total(threads(), rows, at, &f), logs, slope)
    };
    search(rows, starts, threads(), &f, &bend)
}

/// Rows of a model whose second derivatives are so plain that they are given: of fewer, the sum is there before a thread is.
const CURVED_ROWS: usize = 65_536;

/// As [`maximise`], of a model that gives its second derivatives in the parameters as well.
pub(super) fn maximise_curved<T: Row, const N: usize>(
    rows: &[T],
    starts: &[[f64; N]],
    f: impl Fn(&[T], &[f64; N]) -> Evaluated<N> + Sync,
    second: impl Fn(&[T], &[f64; N]) -> Matrix<N> + Sync,
) -> Optimum<N> {
    let threads = if rows.len() < CURVED_ROWS { 1 } else { threads() };
    let bend = |rows: &[T], logs: &[f64; N], slope: &[f64; N]| {
        let p = logs.map(f64::exp);
        let pieces = parallel::map(threads, rows.len(), PIECE_ROWS, |piece| second(&rows[piece], &p));
        let sum = |i: usize, j: usize| pieces.iter().map(|piece| piece[i][j]).sum::<f64>();
        let in_logs = |i: usize, j: usize| p[i] * p[j] * sum(i, j) + if i == j { slope[i] } else { 0.0 };
        std::array::from_fn(|i| std::array::from_fn(|j| in_logs(i, j)))
    };
    search(rows, starts, threads, &f, &bend)
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// `bend` gives the Hessian of the sum over some rows at logarithms of the parameters where its gradient is this.
fn search<T: Row, const N: usize>(
    rows: &[T],
    starts: &[[f64; N]],
    threads: usize,
    f: &(impl Fn(&[T], &[f64; N]) -> Evaluated<N> + Sync),
    bend: &impl Fn(&[T], &[f64; N], &[f64; N]) -> Matrix<N>,
) -> Optimum<N> {
    let whole = |at: &[f64; N]| total(threads, rows, at, f);
    if rows.len() > 2 * PILOT_ROWS {
        let every = |n: usize| -> Vec<T> { rows.iter().step_by(n).cloned().collect() };
        let weight = |rows: &[T]| rows.iter().map(Row::weight).sum::<f64>();
        let pilot_rows = every(rows.len() / PILOT_ROWS);
        let pilot =
            from_best(starts, &|at: &[f64; N]| f(&pilot_rows, at), &|logs, slope| bend(&pilot_rows, logs, slope));
        let optimum = if rows.len() < ROWS_PER_BEND * PILOT_ROWS {
            climb(&pilot.parameters, &whole, |logs, slope| bend(rows, logs, slope))
        } else {
            let part_rows = every(ROWS_PER_BEND);
            let scale = weight(rows) / weight(&part_rows);
            let part = |at: &[f64; N]| total(threads, &part_rows, at, f);
            climb(&pilot.parameters, &whole, |logs, _| {
                bend(&part_rows, logs, &in_logs(&part, logs).1).map(|row| row.map(|bend| scale * bend))
            })
        };
        if optimum.converged {
            return optimum;
        }
    }
    from_best(starts, &whole, &|logs, slope| bend(rows, logs, slope))
}

/// The sum over all rows.
fn total<T: Sync, const N: usize>(
    threads: usize,
    rows: &[T],
    at: &[f64; N],
    f: &(impl Fn(&[T], &[f64; N]) -> Evaluated<N> + Sync),
) -> Evaluated<N> {
    if rows.len() <= PIECE_ROWS {
        return f(rows, at);
    }
    let parts = parallel::map(threads, rows.len(), PIECE_ROWS, |piece| f(&rows[piece], at));
    parts.into_iter().fold((0.0, [0.0; N]), |(value, gradient), (more, slope)| {
        (value + more, std::array::from_fn(|i| gradient[i] + slope[i]))
    })
}

/// The best maximum found from the most promising start; two others are tried in turn while it is not identified.
fn from_best<const N: usize>(
    starts: &[[f64; N]],
    f: &impl Fn(&[f64; N]) -> Evaluated<N>,
    bend: &impl Fn(&[f64; N], &[f64; N]) -> Matrix<N>,
) -> Optimum<N> {
    let mut ranked: Vec<(f64, &[f64; N])> = starts.iter().map(|start| (finite(f(start).0), start)).collect();
    // A stable sort, so that equal starts keep their order.
    ranked.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let mut best: Option<Optimum<N>> = None;
    for (_, start) in ranked.into_iter().take(3) {
        let optimum = climb(start, f, bend);
        if best.is_none_or(|best| optimum.log_likelihood > best.log_likelihood + 1e-6) {
            best = Some(optimum);
        }
        if best.is_some_and(|best| best.is_identified()) {
            break;
        }
    }
    best.expect("there is at least one start")
}

/// Climbs from `start`; `bend` gives the Hessian at logarithms of the parameters where the gradient is this.
fn climb<const N: usize>(
    start: &[f64; N],
    f: &impl Fn(&[f64; N]) -> Evaluated<N>,
    bend: impl Fn(&[f64; N], &[f64; N]) -> Matrix<N>,
) -> Optimum<N> {
    let mut logs = start.map(|value| value.ln().clamp(BOUNDS.0, BOUNDS.1));
    let (mut value, mut gradient) = in_logs(f, &logs);
    let mut converged = false;
    let mut curvature = [[0.0; N]; N];
    for _ in 0..ITERATIONS_MAX {
        curvature = bend(&logs, &gradient);
        let (curvatures, directions) = eigen(&curvature);
        let (step, promised) = newton_step(&curvatures, &directions, &gradient);
        let is_flat = curvatures.iter().any(|curvature| *curvature > -FLAT.1);
        converged = promised < GAIN_MIN + GAIN_SHARE_MIN * value.abs() || (is_flat && promised < FLAT.0);
        // A last step that rounding hides is not worth to be tried in pieces.
        let tries = if converged { 1 } else { TRIES_MAX };
        let Some((next, at)) = line_search(f, &logs, value, &step, promised, tries) else {
            // What rounding forbids to climb is a top.
            converged |= promised < 1e-6 + 1e-11 * value.abs();
            break;
        };
        logs = next;
        (value, gradient) = at;
        if converged {
            break;
        }
    }
    // The last step was too short to bend the surface.
    let log_errors = standard_errors(&curvature);
    Optimum {
        parameters: logs.map(f64::exp),
        log_likelihood: value,
        converged: converged && value.is_finite(),
        log_errors,
    }
}

/// The first of so many ever shorter steps that climbs, with the value and gradient there.
fn line_search<const N: usize>(
    f: &impl Fn(&[f64; N]) -> Evaluated<N>,
    logs: &[f64; N],
    value: f64,
    step: &[f64; N],
    promised: f64,
    tries: usize,
) -> Option<([f64; N], Evaluated<N>)> {
    let mut length = 1.0;
    for _ in 0..tries {
        let next = std::array::from_fn(|i| (logs[i] + length * step[i]).clamp(BOUNDS.0, BOUNDS.1));
        let at = in_logs(f, &next);
        if at.0 >= value + 1e-4 * length * promised {
            return Some((next, at));
        }
        length *= 0.5;
    }
    None
}

/// The value and the gradient in the parameters' logarithms.
fn in_logs<const N: usize>(f: &impl Fn(&[f64; N]) -> Evaluated<N>, logs: &[f64; N]) -> Evaluated<N> {
    let parameters = logs.map(f64::exp);
    let (value, gradient) = f(&parameters);
    (finite(value), std::array::from_fn(|i| gradient[i] * parameters[i]))
}

fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::NEG_INFINITY }
}

fn hessian<const N: usize>(f: &impl Fn(&[f64; N]) -> Evaluated<N>, logs: &[f64; N], gradient: &[f64; N]) -> Matrix<N> {
    const STEP: f64 = 1e-5;
    let mut rows = [[0.0; N]; N];
    for (i, row) in rows.iter_mut().enumerate() {
        let mut moved = *logs;
        moved[i] += STEP;
        let there = in_logs(f, &moved).1;
        *row = std::array::from_fn(|j| (there[j] - gradient[j]) / STEP);
    }
    std::array::from_fn(|i| std::array::from_fn(|j| 0.5 * (rows[i][j] + rows[j][i])))
}

/// The step uphill and the gain that a paraboloid promises from it.
fn newton_step<const N: usize>(curvatures: &[f64; N], directions: &Matrix<N>, gradient: &[f64; N]) -> ([f64; N], f64) {
    let floor = 1e-8 * curvatures.iter().fold(0.0_f64, |most, curvature| most.max(curvature.abs())).max(1e-8);
    let mut step = [0.0; N];
    for (curvature, direction) in curvatures.iter().zip(directions) {
        let slope: f64 = gradient.iter().zip(direction).map(|(g, d)| g * d).sum();
        let length = (slope / curvature.abs().max(floor)).clamp(-STEP_MAX, STEP_MAX);
        step.iter_mut().zip(direction).for_each(|(s, d)| *s += length * d);
    }
    let promised = 0.5 * gradient.iter().zip(&step).map(|(g, s)| g * s).sum::<f64>();
    (step, if promised.is_nan() { f64::INFINITY } else { promised })
}

/// From the inverse of the information matrix, which is minus the Hessian.
fn standard_errors<const N: usize>(hessian: &Matrix<N>) -> [f64; N] {
    let (curvatures, directions) = eigen(hessian);
    std::array::from_fn(|i| {
        let variance: f64 = (0..N)
            .filter(|k| directions[*k][i] != 0.0)
            .map(|k| if curvatures[k] < 0.0 { directions[k][i].powi(2) / -curvatures[k] } else { f64::INFINITY })
            .sum();
        variance.sqrt()
    })
}

/// Fails unless the gradient of `f` is what its values say.
#[cfg(test)]
pub(super) fn check_gradient<const N: usize>(at: [f64; N], f: impl Fn(&[f64; N]) -> Evaluated<N>) {
    let gradient = f(&at).1;
    for i in 0..N {
        let step = 1e-4 * at[i];
        let moved = |by: f64| f(&std::array::from_fn(|j| if i == j { at[j] + by * step } else { at[j] })).0;
        // Of fourth order.
        let slope = (8.0 * (moved(1.0) - moved(-1.0)) - (moved(2.0) - moved(-2.0))) / (12.0 * step);
        assert!((gradient[i] - slope).abs() <= 1e-7 * (1.0 + slope.abs()), "{i}: {} is not {slope}", gradient[i]);
    }
}

/// Fails unless the second derivatives are what the gradient of `f` says.
#[cfg(test)]
pub(super) fn check_curvature<const N: usize>(
    at: [f64; N],
    f: impl Fn(&[f64; N]) -> Evaluated<N>,
    second: impl Fn(&[f64; N]) -> Matrix<N>,
) {
    for (i, row) in second(&at).into_iter().enumerate() {
        let step = 1e-4 * at[i];
        let moved = |by: f64| f(&std::array::from_fn(|j| if i == j { at[j] + by * step } else { at[j] })).1;
        let slopes = [-2.0, -1.0, 1.0, 2.0].map(moved);
        for (j, bend) in row.into_iter().enumerate() {
            // Of fourth order.
            let slope = (8.0 * (slopes[2][j] - slopes[1][j]) - (slopes[3][j] - slopes[0][j])) / (12.0 * step);
            assert!((bend - slope).abs() <= 1e-7 * (1.0 + bend.abs()), "{i} {j}: {bend} is not {slope}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_over_many_rows_has_the_same_bits_on_any_number_of_threads() {
        let sum = |rows: &[f64], at: &[f64; 1]| (rows.iter().map(|row| row * at[0]).sum(), [rows.iter().sum()]);
        let whole: Vec<f64> = (0..3 * PIECE_ROWS + 5).map(|row| row as f64).collect();
        // Whole numbers: their sum is exact in any order.
        assert_eq!(total(2, &whole, &[2.0], &sum), sum(&whole, &[2.0]));
        let odd: Vec<f64> = whole.iter().map(|row| (row + 0.1).ln()).collect();
        let bits = |threads| {
            let (value, [slope]) = total(threads, &odd, &[0.3], &sum);
            [value, slope].map(f64::to_bits)
        };
        assert_eq!([bits(2), bits(8)], [bits(1); 2]);
    }

    /// A surface of which every n-th row bends in another way than all of them do.
    #[test]
    fn many_rows_lead_to_the_top_of_all_of_them() {
        let rows: Vec<(f64, f64)> =
            (0..40_000).map(|row| (f64::from(row % 7) - 3.0 + 0.001 * f64::from(row % 16), 1.0)).collect();
        let middle = rows.iter().map(|(x, _)| x).sum::<f64>() / rows.len() as f64;
        // ∑ −(x − ln p)⁴ − (x − ln p)², whose top is not the mean of a part.
        let optimum = maximise(&rows, &[[20.0]], |rows, p| {
            let apart = rows.iter().map(|(x, weight)| (x - p[0].ln(), weight));
            let (mut value, mut slope) = (0.0, 0.0);
            for (d, weight) in apart {
                value -= weight * (d.powi(4) + d * d);
                slope += weight * (4.0 * d.powi(3) + 2.0 * d);
            }
            (value, [slope / p[0]])
        });
        assert!(optimum.converged && optimum.is_identified(), "{optimum:?}");
        let slope: f64 =
            rows.iter().map(|(x, _)| x - optimum.parameters[0].ln()).map(|d| 4.0 * d.powi(3) + 2.0 * d).sum();
        assert!(slope.abs() < 1.0 && (optimum.parameters[0].ln() - middle).abs() < 0.1, "{slope} {optimum:?}");
    }

    #[test]
    fn finds_the_top_of_a_curved_ridge() {
        // Rosenbrock's function in logarithms, upside down: its top is at 1, 1.
        let optimum = maximise(&[((), 1.0)], &[[0.3, 3.0]], |_, p| {
            let (u, v) = (p[0].ln() + 1.0, p[1].ln() + 1.0);
            let value = -(1.0 - u).powi(2) - 100.0 * (v - u * u).powi(2);
            let gradient = [2.0 * (1.0 - u) + 400.0 * u * (v - u * u), -200.0 * (v - u * u)];
            (value, [gradient[0] / p[0], gradient[1] / p[1]])
        });
        assert!(optimum.converged && optimum.is_identified());
        assert!(optimum.parameters.iter().all(|p| (p - 1.0).abs() < 1e-6), "{optimum:?}");
    }

    #[test]
    fn a_parameter_without_effect_is_not_identified() {
        let optimum =
            maximise(&[((), 1.0)], &[[0.5, 0.5]], |_, p| (-p[0].ln().powi(2), [-2.0 * p[0].ln() / p[0], 0.0]));
        assert!(optimum.converged && !optimum.is_identified());
        assert!((optimum.parameters[0] - 1.0).abs() < 1e-6 && optimum.log_errors[1].is_infinite());
    }
}
