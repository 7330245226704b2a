//! What no weight outvotes: decisions of people, sources in which nobody is twice, and values of which a person has one.

use serde::{Deserialize, Serialize};

use super::cluster::Edge;
use super::decisions::Decisions;
use super::kind::Kind;
use super::levels::{COMPARISONS_MAX, DIFFERENT, NULL, Pattern};
use super::model::Model;
use super::prepare::Prepared;
use super::table::TextColumn;
use crate::identity::dictionary::NONE;

/// The match weight of a pair that is surely one person: odds of a hundred to one.
const SURE: f32 = 6.6;
/// Sure pairs across sources that are enough to expect some within each.
const ACROSS_MIN: f64 = 30.0;
/// Of the sure pairs that would lie within a source if it were like the others, so many may, at most.
const WITHIN_MAX: f64 = 0.02;
/// Of pairs that are sure without a value that each person has one of, so many may differ in it.
const DIFFERENT_MAX: f64 = 0.02;
/// Of one person's pairs, so many may differ in what nobody changes, or it is not written with care.
const LASTING_MAX: f64 = 0.05;
/// Pairs that are looked at for that, at most.
const EDGES_MAX: usize = 50_000;

/// What the records show to be so without exception, and is taken for certain.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Certain {
    /// Nobody is twice in any source.
    all_single: bool,
    /// Sources in which nobody is twice.
    single: Vec<String>,
    /// Comparisons in which one person's records do not differ.
    reliable: Vec<usize>,
    /// Comparisons whose values nobody changes, though they may be written wrongly.
    lasting: Vec<usize>,
    /// All that in words.
    pub(crate) rules: Vec<String>,
}

impl Certain {
    /// Looks at pairs that are likely matches.
    pub(crate) fn find(
        prepared: &Prepared,
        model: &Model,
        edges: &[Edge],
        sources: Option<&TextColumn>,
        all_single: bool,
    ) -> Self {
        let mut certain = Self { all_single, ..Self::default() };
        certain.find_reliable(prepared, model, edges);
        if let Some(sources) = sources.filter(|_| !all_single) {
            certain.find_single(sources, edges);
        }
        certain
    }

    /// Finds the sources in which nobody is twice.
    fn find_single(&mut self, sources: &TextColumn, edges: &[Edge]) {
        let (names, source_of) = sources.numbered();
        let mut held = vec![0.0; names.len()];
        for &source in &source_of {
            held[source as usize] += 1.0;
        }
        let (mut within, mut across) = (vec![0.0; names.len()], vec![0.0; names.len()]);
        for edge in edges.iter().filter(|edge| edge.weight > SURE) {
            let [left, right] = [edge.left, edge.right].map(|record| source_of[record as usize] as usize);
            if left == right {
                within[left] += 1.0;
            } else {
                across[left] += 1.0;
                across[right] += 1.0;
            }
        }
        let records = source_of.len() as f64;
        let is_single = |source: usize| {
            // If it did not matter where a record is from.
            let expected = across[source] * (held[source] - 1.0) / 2.0 / (records - held[source]).max(1.0);
            let few = within[source] <= WITHIN_MAX * expected.min(across[source]);
            names.len() > 1 && across[source] >= ACROSS_MIN && expected >= ACROSS_MIN / 2.0 && few
        };
        self.single = (0..names.len()).filter(|&at| is_single(at)).map(|at| names[at].to_owned()).collect();
        self.single.sort_unstable();
        let rule = |name: &String| {
            format!(
                "nobody is in `{}` twice: many of its records are in other sources, and as good as none is alike another of its own",
                name.escape_debug()
            )
        };
        self.rules.extend(self.single.iter().map(rule));
    }

    /// Finds the values that a person has one of: birth dates and national ids, if pairs that are sure without them hardly
    /// ever differ in them. Juniors are no seniors, by definition.
    fn find_reliable(&mut self, prepared: &Prepared, model: &Model, edges: &[Edge]) {
        for (at, comparison) in prepared.comparisons.iter().enumerate() {
            if comparison.kind == Kind::Generation {
                self.reliable.push(at);
                continue;
            }
            if comparison.kind != Kind::BirthDate && !comparison.is_national {
                continue;
            }
            if model.m[at][0][usize::from(DIFFERENT)] <= LASTING_MAX {
                self.lasting.push(at);
            }
            let (pairs, different) = sure_without(prepared, model, edges, at);
            let is_reliable = (different + 0.5) / (pairs + 1.0) <= DIFFERENT_MAX;
            // A state's number is one person's unless the records say otherwise; whether a birth date is, they must show.
            if is_reliable || (comparison.is_national && different == 0.0) {
                self.reliable.push(at);
                self.rules.push(format!("nobody has two different values of `{}`", comparison.name));
            }
        }
    }
}

/// Pairs that have both values of a comparison and are surely one person without it, and how many of them differ.
fn sure_without(prepared: &Prepared, model: &Model, edges: &[Edge], at: usize) -> (f64, f64) {
    let (mut pairs, mut different) = (0.0, 0.0);
    for edge in edges.iter().step_by(edges.len().div_ceil(EDGES_MAX).max(1)) {
        let mut pattern: Pattern = [NULL; COMPARISONS_MAX];
        prepared.levels(edge.left, edge.right, &mut pattern);
        let level = std::mem::replace(&mut pattern[at], NULL);
        let rarity = model.rarity(prepared, edge.left, edge.right, &pattern);
        if level != NULL && model.weight(&pattern, rarity) > SURE {
            pairs += 1.0;
            different += f64::from(u8::from(level == DIFFERENT));
        }
    }
    (pairs, different)
}

/// What holds for the records of a table, whatever their weights are.
pub(crate) struct Constraints<'a> {
    prepared: &'a Prepared,
    certain: &'a Certain,
    decisions: Decisions,
    /// Per record: its source if nobody is in it twice, else none. Empty where there is no such source.
    single: Vec<Option<u32>>,
}

impl<'a> Constraints<'a> {
    pub(crate) fn new(
        prepared: &'a Prepared,
        certain: &'a Certain,
        decisions: Decisions,
        sources: Option<&TextColumn>,
    ) -> Self {
        let mut single = Vec::new();
        if let Some(sources) = sources.filter(|_| certain.all_single || !certain.single.is_empty()) {
            let (names, source_of) = sources.numbered();
            let is_single = |name: &&str| certain.all_single || certain.single.iter().any(|one| one == name);
            let is_single: Vec<bool> = names.iter().map(is_single).collect();
            single = source_of.into_iter().map(|source| Some(source).filter(|&at| is_single[at as usize])).collect();
        }
        Self { prepared, certain, decisions, single }
    }

    /// Pairs that people decided to be one person, the smaller record first.
    pub(crate) fn together(&self) -> &[(u32, u32)] {
        &self.decisions.together
    }

    /// Whether two records must not be one person's.
    pub(crate) fn apart(&self, left: u32, right: u32) -> bool {
        let single = self.single.get(left as usize).copied().flatten();
        if single.is_some() && single == self.single[right as usize] {
            return true;
        }
        self.differ(&self.certain.reliable, left, right)
            || self.decisions.apart.contains(&(left.min(right), left.max(right)))
    }

    /// Whether two records differ in what nobody changes. If they are one person's, it is they that must show it: a third
    /// record without the value may be of either.
    pub(crate) fn contradict(&self, left: u32, right: u32) -> bool {
        self.differ(&self.certain.lasting, left, right)
    }

    /// Whether people decided that two records are one person's.
    pub(crate) fn decided_together(&self, left: u32, right: u32) -> bool {
        self.decisions.together.binary_search(&(left.min(right), left.max(right))).is_ok()
    }

    fn differ(&self, comparisons: &[usize], left: u32, right: u32) -> bool {
        let (ours, theirs) = (self.prepared.values(left), self.prepared.values(right));
        let differs = |at: usize| {
            ours[at] != theirs[at]
                && ours[at] != NONE
                && theirs[at] != NONE
                && self.prepared.level(at, ours[at], theirs[at]) == DIFFERENT
        };
        comparisons.iter().any(|&at| differs(at))
    }
}
