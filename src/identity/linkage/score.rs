//! From prepared columns to scored pairs.

use super::candidates::{Candidates, Match};
use super::cluster::Edge;
use super::kind::Kind;
use super::levels::{COMPARISONS_MAX, Pattern};
use super::model::Model;
use super::model::em::{Counted, Fit, Patterns};
use super::model::random::Rates;
use super::model::scorer::Scorer;
use super::prepare::Prepared;
use crate::parallel;
use crate::progress::{Progress, Unit};

/// Pairs with their weights, and the model that weighed them.
pub(crate) struct Scored<'a> {
    pub(crate) model: Model,
    /// Pairs whose weight is above the threshold, in the order of their records.
    pub(crate) edges: Vec<Edge>,
    /// How many pairs were compared.
    pub(crate) compared: u64,
    /// How the model was learnt; the last counts.
    pub(crate) fits: Vec<Fit>,
    /// See [`Candidates::left_out`].
    pub(crate) left_out: Vec<(Vec<usize>, usize)>,
    /// Which pairs were compared, for who wants to look at them again.
    pub(crate) candidates: Option<Candidates<'a>>,
}

/// Candidate pairs per record at most, up to so many records; of more, pairs that agree by chance grow with their square,
/// and so does what may be looked at to choose among the rules.
const PAIRS_PER_RECORD: f64 = 40.0;
const RECORDS: f64 = 2_500_000.0;
/// Candidate pairs that the model learns from, about.
const LEARN: f64 = 1_000_000.0;

/// What takes long, as it is told.
const LEARN_TASK: &str = "learn what agreements weigh";
const COMPARE_TASK: &str = "compare records";

/// Less probable matches are not looked for.
const LIKELY: f64 = 0.1;

/// A candidate pair that the model learns from.
struct Sampled {
    /// The atoms in which its records agree.
    agree: u64,
    left: u32,
    right: u32,
    pattern: Pattern,
}

/// Learns a model from candidate pairs and weighs them. Pairs of one group (`known`, by record) teach the model and are
/// not weighed: nobody asks about them. `keep` the candidates to look at them again.
pub(crate) fn score<'a>(
    prepared: &'a Prepared,
    known: Option<&[u32]>,
    threshold: f32,
    threads: usize,
    keep: bool,
    progress: &dyn Progress,
) -> Scored<'a> {
    progress.begin(LEARN_TASK, None, Unit::Pairs);
    let records = prepared.records as f64;
    let budget = PAIRS_PER_RECORD * records * (records / RECORDS).max(1.0);
    let mut candidates = Candidates::plan(prepared, threads, budget);
    let mut rates = Rates::new(prepared, threads);
    rates.draw_agreeing(prepared, threads);
    let planned: f64 = candidates.rules.iter().map(|rule| rule.fresh).sum();
    let one_in = (planned / LEARN).ceil().max(1.0) as u64;
    let sampled = candidates.sample(one_in, Vec::new, |pairs: &mut Vec<Sampled>, left, right, agree| {
        let mut pattern: Pattern = [0; COMPARISONS_MAX];
        prepared.fetch(left, right);
        prepared.levels(left, right, &mut pattern);
        pairs.push(Sampled { agree, left, right, pattern });
    });
    let learnt_from = sampled.iter().map(Vec::len).sum::<usize>() as u64;
    progress.advance(LEARN_TASK, learnt_from);
    let (model, fits) = learn(prepared, &rates, &sampled, one_in, threads);
    if !candidates.all {
        candidates.narrow(matches(prepared, &model, &sampled, one_in, threads));
    }
    progress.finish(LEARN_TASK, &format!("{learnt_from} pairs"));
    progress.begin(COMPARE_TASK, Some(candidates.pairs_to_visit()), Unit::Pairs);
    let scorer = Scorer::new(prepared, &model, threshold);
    let parts = candidates.visit(
        || (Vec::new(), 0u64),
        |(edges, compared): &mut (Vec<Edge>, u64), left, right| {
            if known.is_some_and(|group_of| group_of[left as usize] == group_of[right as usize]) {
                return;
            }
            *compared += 1;
            if let Some(weight) = scorer.weight_above(left, right) {
                edges.push(Edge { left: left.min(right), right: left.max(right), weight });
            }
        },
        |pairs| progress.advance(COMPARE_TASK, pairs),
    );
    let compared = parts.iter().map(|part| part.1).sum();
    progress.finish(COMPARE_TASK, &format!("{compared} pairs"));
    let mut edges: Vec<Edge> = parts.into_iter().flat_map(|part| part.0).collect();
    edges.sort_unstable_by_key(|edge| (edge.left, edge.right));
    let left_out = candidates.left_out();
    Scored { model, edges, compared, fits, left_out, candidates: keep.then_some(candidates) }
}

fn learn(
    prepared: &Prepared,
    rates: &Rates,
    sampled: &[Vec<Sampled>],
    one_in: u64,
    threads: usize,
) -> (Model, Vec<Fit>) {
    let mut first = Model::new(prepared, rates);
    first.find_parents(prepared, rates);
    // A fit begins with what is usual, whatever one before it came to.
    let fresh = |left_out: &[bool], changing: &[usize], held: bool| {
        let mut model = Model { held, ..first.clone() };
        (0..left_out.len()).filter(|&at| left_out[at]).for_each(|at| model.leave_out(at));
        for &at in changing {
            model.identifies[at] = false;
        }
        model
    };
    let mut fits = Vec::new();
    let mut changing = Vec::new();
    let mut model = fresh(&[], &changing, false);
    loop {
        let counted = count(prepared, &model, sampled, one_in, threads);
        let mut fit = model.fit(prepared, rates, &counted, 60);
        if fit.one_person > 0.0 && fit.implausible.is_none_or(|at| Some(at) != prepared.given) {
            // Who has both names in common is known now, and how rare names are depends on it. That given names are another's
            // less often than it seemed may show that all is plausible.
            model = Model { one_person: fit.one_person, ..fresh(&model.left_out, &changing, model.held) };
            let counted = count(prepared, &model, sampled, one_in, threads);
            fit = model.fit(prepared, rates, &counted, 60);
        }
        fits.push(fit);
        let Some(at) = fit.implausible.filter(|_| !model.held) else { break };
        let (mut left_out, mut held) = (model.left_out.clone(), false);
        // A number that looks like a person's may be anything, an order's or a machine's: who is who, the others say.
        let comparison = &prepared.comparisons[at];
        let is_anything = match comparison.kind {
            Kind::BirthDate => false,
            Kind::Id => !comparison.is_national,
            _ => comparison.guessed,
        };
        let may_change = matches!(comparison.kind, Kind::Phone | Kind::Email);
        let is_number = comparison.kind == Kind::Id && is_anything && !changing.contains(&at);
        if is_number && model.does_without(at) {
            // A new card at each visit: that it is another says little, and that it is the same as much as ever.
            changing.push(at);
        } else if is_anything && model.does_without(at) {
            left_out[at] = true;
        } else if may_change && model.is_carried(prepared) {
            // Some have one number at each shop: that it is another says little where birth dates say who is who.
            changing.push(at);
        } else {
            // The data show no plausible class of matches: fall back to what is usual, and learn only how many there are.
            held = true;
            changing.clear();
        }
        model = fresh(&left_out, &changing, held);
    }
    (model, fits)
}

pub(crate) fn weight(prepared: &Prepared, model: &Model, left: u32, right: u32) -> f32 {
    let mut pattern: Pattern = [0; COMPARISONS_MAX];
    prepared.levels(left, right, &mut pattern);
    model.weight(&pattern, model.rarity(prepared, left, right, &pattern))
}

/// The sampled pairs that are matches, or may be.
fn matches(prepared: &Prepared, model: &Model, sampled: &[Vec<Sampled>], one_in: u64, threads: usize) -> Vec<Match> {
    let parts = parallel::map(threads, sampled.len(), 1, |range| {
        let mut matches = Vec::new();
        for &Sampled { agree, left, right, ref pattern } in sampled[range].iter().flatten() {
            let weight = model.weight(pattern, model.rarity(prepared, left, right, pattern));
            let probability = super::probability(weight);
            if probability > LIKELY {
                matches.push(Match { record: left, agree, weight: probability * one_in as f64 });
            }
        }
        matches
    });
    parts.into_iter().flatten().collect()
}

fn count(prepared: &Prepared, model: &Model, sampled: &[Vec<Sampled>], one_in: u64, threads: usize) -> Vec<Counted> {
    let parts = parallel::fold(threads, sampled.len(), |patterns: &mut Patterns, at| {
        for Sampled { left, right, pattern, .. } in &sampled[at] {
            patterns.add(*pattern, model.rarity(prepared, *left, *right, pattern));
        }
    });
    let mut all = Patterns::default();
    for part in parts {
        all.merge(part);
    }
    let mut counted = all.sorted();
    for counted in &mut counted {
        counted.count *= one_in as f64;
    }
    counted
}
