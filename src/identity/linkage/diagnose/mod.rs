//! What a person should see of a linkage before trusting it: what the columns hold, which pairs were compared and how many
//! were missed, what the model learnt, how the pairs' weights are spread, and the customers that hang by a thread.
//!
//! It looks on: nothing here changes who is who.

mod columns;
mod doubts;
mod learnt;
mod recall;

use datafusion::arrow::array::RecordBatch;
use serde::Serialize;

use super::Settings;
use super::candidates::Candidates;
use super::model;
use super::prepare::Prepared;
use super::score::{self, Scored};
use super::table::Table;
pub use columns::Column;
pub use doubts::{Attribute, Doubt};
pub(crate) use learnt::comparisons;
pub use learnt::{Comparison, Level, State};
use recall::Found;

/// What was seen.
#[derive(Debug, Clone, Serialize)]
pub struct Diagnostics {
    /// In the order of the input, without `record_id` and `source`.
    pub columns: Vec<Column>,
    /// Which pairs were compared.
    pub blocking: Blocking,
    /// Of all pairs of records, how many the model takes for one person's.
    pub prior: f64,
    /// What the model learnt of each comparison.
    pub comparisons: Vec<Comparison>,
    /// The match weight that `Settings::threshold` asks for.
    pub threshold: f32,
    /// Compared pairs by match weight, in bins of one bit; the first and the last have all that is beyond them.
    pub weights: Vec<Bin>,
    /// The customers whose weakest link is the weakest, the weakest first.
    pub doubts: Vec<Doubt>,
}

/// Which pairs were compared.
#[derive(Debug, Clone, Serialize)]
pub struct Blocking {
    /// All pairs that the records make.
    pub possible: u64,
    /// Pairs that were compared.
    pub compared: u64,
    /// The rules, from the one that makes the fewest pairs; none where all pairs are compared.
    pub rules: Vec<Rule>,
    /// Of the pairs of one person's records, which part the rules make, as estimated; none if there are too few to tell.
    pub recall: Option<f64>,
}

/// Records that agree in all parts of a rule are compared.
#[derive(Debug, Clone, Serialize)]
pub struct Rule {
    /// What records agree in.
    pub parts: Vec<String>,
    /// Pairs that agree, about.
    pub pairs: u64,
    /// Pairs that no earlier rule makes.
    pub fresh: u64,
    /// Matches expected among the fresh pairs.
    pub matches: f64,
    /// Matches expected among the pairs that no other rule makes.
    pub alone: f64,
    /// Groups that were too large to be compared for that alone.
    pub left_out: usize,
}

/// Compared pairs whose match weight is at least `from`, and less than one more.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bin {
    /// In bits.
    pub from: i32,
    /// All of them.
    pub pairs: u64,
    /// Those that are of one customer.
    pub together: u64,
}

/// The outermost bins begin here.
const WEIGHTS: (i32, i32) = (-40, 39);

/// What [`diagnose`] looks at.
pub(crate) struct Linked<'a> {
    pub(crate) records: &'a RecordBatch,
    pub(crate) settings: &'a Settings,
    pub(crate) table: &'a Table,
    pub(crate) prepared: &'a Prepared,
    pub(crate) scored: &'a Scored<'a>,
    pub(crate) candidates: &'a Candidates<'a>,
    /// Per record: its cluster.
    pub(crate) clusters: &'a [u32],
    pub(crate) threshold: f32,
}

/// Probabilities are summed in fixed point, so that sums do not depend on their order.
const ONE: u64 = 1 << 20;

fn fixed(probability: f64) -> u64 {
    (probability * ONE as f64).round() as u64
}

fn float(fixed: u64) -> f64 {
    fixed as f64 / ONE as f64
}

/// Scores all candidates once more and counts what it sees.
pub(crate) fn diagnose(linked: &Linked<'_>) -> Diagnostics {
    let tally = Tally::of(linked);
    Diagnostics {
        columns: columns::columns(linked),
        blocking: blocking(linked, &tally),
        prior: linked.scored.model.prior,
        comparisons: comparisons(linked.prepared, &linked.scored.model),
        threshold: linked.threshold,
        weights: tally.bins(),
        doubts: doubts::doubts(linked),
    }
}

/// What one look at all candidates counts.
struct Tally {
    /// Per bin: pairs, and those of one customer.
    bins: Vec<[u64; 2]>,
    /// Per rule: fresh pairs, matches among them, matches that no other rule makes.
    rules: Vec<[u64; 3]>,
    found: Found,
}

impl Tally {
    fn new(rules: usize) -> Self {
        let bins = (WEIGHTS.1 - WEIGHTS.0 + 1) as usize;
        Self { bins: vec![[0; 2]; bins], rules: vec![[0; 3]; rules], found: Found::default() }
    }

    fn of(linked: &Linked<'_>) -> Self {
        let (prepared, candidates) = (linked.prepared, linked.candidates);
        let rules = candidates.rules.len();
        let see = |tally: &mut Self, left: u32, right: u32, agree: u64| {
            let weight = score::weight(prepared, &linked.scored.model, left, right);
            let together = linked.clusters[left as usize] == linked.clusters[right as usize];
            let bin = (weight.floor() as i32).clamp(WEIGHTS.0, WEIGHTS.1) - WEIGHTS.0;
            let bin = &mut tally.bins[bin as usize];
            bin[0] += 1;
            bin[1] += u64::from(together);
            let match_of = fixed(super::probability(weight));
            if rules == 0 {
                return;
            }
            let mut makers = candidates.makers(left, agree);
            if let Some(first) = makers.next() {
                let rule = &mut tally.rules[first];
                rule[0] += 1;
                rule[1] += match_of;
                rule[2] += if makers.next().is_none() { match_of } else { 0 };
            }
            tally.found.add(prepared, [left, right], agree, match_of);
        };
        let parts = candidates.sample(1, || Self::new(rules), see);
        parts.into_iter().fold(Self::new(rules), Self::with)
    }

    fn with(mut self, other: Self) -> Self {
        let bins = self.bins.iter_mut().flatten().zip(other.bins.iter().flatten());
        let rules = self.rules.iter_mut().flatten().zip(other.rules.iter().flatten());
        bins.chain(rules).for_each(|(sum, more)| *sum += more);
        self.found.merge(other.found);
        self
    }

    /// From the first bin that has a pair to the last.
    fn bins(&self) -> Vec<Bin> {
        let bins: Vec<Bin> =
            (WEIGHTS.0..).zip(&self.bins).map(|(from, &[pairs, together])| Bin { from, pairs, together }).collect();
        let first = bins.iter().position(|bin| bin.pairs > 0).unwrap_or(0);
        let last = bins.iter().rposition(|bin| bin.pairs > 0).map_or(0, |last| last + 1);
        bins[first..last.max(first)].to_vec()
    }
}

fn blocking(linked: &Linked<'_>, tally: &Tally) -> Blocking {
    let (prepared, candidates) = (linked.prepared, linked.candidates);
    let part = |atom: usize| {
        let atom = &candidates.atoms[atom];
        let name = &prepared.comparisons[atom.comparison].name;
        if atom.part.is_empty() { name.clone() } else { format!("{name}: {}", atom.part) }
    };
    let rules = candidates.rules.iter().zip(&tally.rules).map(|(rule, &[fresh, matches, alone])| Rule {
        parts: rule.atoms.iter().map(|&atom| part(atom)).collect(),
        pairs: rule.pairs as u64,
        fresh,
        matches: float(matches),
        alone: float(alone),
        left_out: rule.large.len(),
    });
    Blocking {
        possible: model::pairs(prepared.records) as u64,
        compared: linked.scored.compared,
        rules: rules.collect(),
        recall: if candidates.all { Some(1.0) } else { tally.found.recall(prepared, candidates) },
    }
}
