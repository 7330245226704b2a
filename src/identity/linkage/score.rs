//! From prepared columns to scored pairs.

use super::candidates::Candidates;
use super::cluster::Edge;
use super::levels::{COMPARISONS_MAX, Pattern};
use super::model::Model;
use super::model::em::{Counted, Fit, Patterns};
use super::model::random::Rates;
use super::prepare::Prepared;

/// Pairs with their weights, and the model that weighed them.
pub(crate) struct Scored {
    pub(crate) model: Model,
    /// Pairs whose weight is worth keeping, in the order of their records.
    pub(crate) edges: Vec<Edge>,
    /// How many pairs were compared.
    pub(crate) compared: u64,
    /// How the model was learnt; the last counts.
    pub(crate) fits: Vec<Fit>,
    /// See [`Candidates::left_out`].
    pub(crate) left_out: Vec<(Vec<usize>, usize)>,
    /// Which pairs were compared, for who wants to look at them again.
    pub(crate) candidates: Option<Candidates>,
}

/// Candidate pairs per record at most.
const PAIRS_PER_RECORD: f64 = 40.0;
/// Candidate pairs that the model learns from at most.
const LEARN_MAX: f64 = 2_000_000.0;
/// Weights below it are not kept.
const KEPT_MIN: f32 = -6.0;

pub(crate) fn score(prepared: &Prepared, threads: usize, keep_candidates: bool) -> Scored {
    let budget = PAIRS_PER_RECORD * prepared.records as f64;
    let candidates = Candidates::plan(prepared, threads, budget);
    let mut rates = Rates::new(prepared, threads);
    rates.draw_agreeing(prepared, threads);
    let mut model = Model::new(prepared, &rates);
    let planned: f64 = if candidates.all {
        super::model::pairs(prepared.records)
    } else {
        candidates.rules.iter().map(|rule| rule.fresh).sum()
    };
    let every = (planned / LEARN_MAX).ceil().max(1.0) as u64;
    let learn: Vec<(u32, u32, Pattern)> = candidates
        .visit(threads, Vec::new, |pairs: &mut Vec<(u32, u32, Pattern)>, left, right| {
            if every == 1 || super::chance::mix(u64::from(left) << 32 | u64::from(right)).is_multiple_of(every) {
                let mut pattern: Pattern = [0; COMPARISONS_MAX];
                prepared.levels(left, right, &mut pattern);
                pairs.push((left, right, pattern));
            }
        })
        .concat();
    let mut fits = Vec::new();
    model.find_parents(&rates);
    let parents = model.parent.clone();
    for held in [false, true] {
        if held {
            // The data show no plausible class of matches: fall back to what is usual, and learn only how many there are.
            model = Model::new(prepared, &rates);
            model.parent.clone_from(&parents);
            model.held = true;
        }
        let counted = count(prepared, &model, &learn, every, threads);
        let fit = model.fit(prepared, &rates, &counted, 60);
        fits.push(fit);
        if fit.implausible.is_none() {
            break;
        }
    }
    let parts = candidates.visit(
        threads,
        || (Vec::new(), 0u64),
        |(edges, compared): &mut (Vec<Edge>, u64), left, right| {
            let weight = weight(prepared, &model, left, right);
            *compared += 1;
            if weight > KEPT_MIN {
                edges.push(Edge { left: left.min(right), right: left.max(right), weight });
            }
        },
    );
    let compared = parts.iter().map(|part| part.1).sum();
    let mut edges: Vec<Edge> = parts.into_iter().flat_map(|part| part.0).collect();
    edges.sort_by_key(|edge| (edge.left, edge.right));
    let left_out = candidates.left_out();
    Scored { model, edges, compared, fits, left_out, candidates: keep_candidates.then_some(candidates) }
}

pub(crate) fn weight(prepared: &Prepared, model: &Model, left: u32, right: u32) -> f32 {
    let mut pattern: Pattern = [0; COMPARISONS_MAX];
    prepared.levels(left, right, &mut pattern);
    model.weight(&pattern, model.rarity(prepared, left, right, &pattern))
}

fn count(
    prepared: &Prepared,
    model: &Model,
    pairs: &[(u32, u32, Pattern)],
    every: u64,
    threads: usize,
) -> Vec<Counted> {
    let parts = super::parallel::map(threads, pairs.len(), 65_536, |range| {
        let mut patterns = Patterns::default();
        for (left, right, pattern) in &pairs[range] {
            patterns.add(*pattern, model.rarity(prepared, *left, *right, pattern));
        }
        patterns
    });
    let mut all = Patterns::default();
    for part in parts {
        all.merge(part);
    }
    let mut counted = all.sorted();
    for counted in &mut counted {
        counted.count *= every as f64;
    }
    counted
}
