//! What no weight outvotes: decisions of people, sources in which nobody is twice, and values of which a person has one.

use rustc_hash::{FxHashMap, FxHashSet};

use super::cluster::Edge;
use super::kind::Kind;
use super::levels::{COMPARISONS_MAX, DIFFERENT, NULL, Pattern};
use super::model::Model;
use super::prepare::Prepared;
use super::table::{Table, TextColumn};
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::identity::dictionary::NONE;
use crate::identity::union_find::UnionFind;

/// What somebody decided about two records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The id of the one record.
    pub left: String,
    /// That of the other.
    pub right: String,
    /// Whether they are one person, whatever speaks against it; else they are two, whatever speaks for one.
    pub one_person: bool,
}

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

/// The constraints of a table.
pub(crate) struct Constraints<'a> {
    prepared: &'a Prepared,
    /// Pairs that are one person, the smaller record first, sorted.
    pub(crate) together: Vec<(u32, u32)>,
    /// Pairs that are not, the smaller record first.
    apart: FxHashSet<(u32, u32)>,
    /// Per record: its source if nobody is in it twice, else none.
    single: Vec<Option<u32>>,
    /// Comparisons in which one person's records do not differ.
    reliable: Vec<usize>,
    /// Comparisons whose values nobody changes, though they may be written wrongly.
    lasting: Vec<usize>,
    /// What was taken for certain because the records show it, in words.
    pub(crate) rules: Vec<String>,
}

impl<'a> Constraints<'a> {
    /// What people decided, of the records of `table`; the rest is found later.
    ///
    /// # Errors
    /// `Usage` when a decision is about a record that there is not, or decisions contradict each other.
    pub(crate) fn new(table: &Table, prepared: &'a Prepared, decided: &[Decided]) -> Result<Self> {
        let mut constraints = Self {
            prepared,
            together: Vec::new(),
            apart: FxHashSet::default(),
            single: vec![None; prepared.records],
            reliable: Vec::new(),
            lasting: Vec::new(),
            rules: Vec::new(),
        };
        let find = |id: &str| {
            let missing = || Error::new(ErrorKind::Usage, format!("there is no record `{}`", id.escape_debug()));
            table.find(id).ok_or_else(|| missing().hint("decisions name records by `record_id`"))
        };
        for decision in decided {
            let (left, right) = (find(&decision.left)?, find(&decision.right)?);
            let pair = (left.min(right), left.max(right));
            if decision.one_person {
                constraints.together.push(pair);
            } else {
                _ = constraints.apart.insert(pair);
            }
        }
        constraints.together.sort_unstable();
        constraints.check(table)?;
        Ok(constraints)
    }

    /// Decisions must not put two records together and keep them apart.
    fn check(&self, table: &Table) -> Result<()> {
        let mut sets = UnionFind::new(self.prepared.records);
        for &(left, right) in &self.together {
            let roots = (sets.find(left), sets.find(right));
            if roots.0 != roots.1 {
                sets.union(roots.0, roots.1);
            }
        }
        let mut apart: Vec<&(u32, u32)> = self.apart.iter().collect();
        apart.sort_unstable();
        match apart.into_iter().find(|&&(left, right)| sets.find(left) == sets.find(right)) {
            None => Ok(()),
            Some(&(left, right)) => {
                let [left, right] = [left, right].map(|record| table.id(record as usize).escape_debug().to_string());
                let text = format!("decisions say that `{left}` and `{right}` are one person, and that they are two");
                Err(Error::new(ErrorKind::Usage, text).hint("take one of the decisions back"))
            }
        }
    }

    /// Takes each source as one in which nobody is twice if `all`, else those that show it.
    pub(crate) fn find_single(&mut self, sources: &TextColumn, edges: &[Edge], all: bool) {
        let (mut names, mut numbers) = (Vec::new(), FxHashMap::default());
        let source_of: Vec<u32> = (0..self.prepared.records)
            .map(|record| {
                let name = sources.text(record).unwrap_or_default();
                *numbers.entry(name).or_insert_with(|| {
                    names.push(name);
                    names.len() as u32 - 1
                })
            })
            .collect();
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
        let records = self.prepared.records as f64;
        let is_single: Vec<bool> = (0..names.len())
            .map(|source| {
                // If it did not matter where a record is from.
                let expected = across[source] * (held[source] - 1.0) / 2.0 / (records - held[source]).max(1.0);
                let few = within[source] <= WITHIN_MAX * expected.min(across[source]);
                all || (names.len() > 1 && across[source] >= ACROSS_MIN && expected >= ACROSS_MIN / 2.0 && few)
            })
            .collect();
        if !all {
            let mut found: Vec<&str> =
                names.iter().zip(&is_single).filter(|(_, single)| **single).map(|(name, _)| *name).collect();
            found.sort_unstable();
            let rule = |name: &&str| {
                format!(
                    "nobody is in `{}` twice: many of its records are in other sources, and as good as none is alike another of its own",
                    name.escape_debug()
                )
            };
            self.rules.extend(found.iter().map(rule));
        }
        self.single = source_of.into_iter().map(|source| Some(source).filter(|&at| is_single[at as usize])).collect();
    }

    /// Finds the values that a person has one of: birth dates and national ids, if pairs that are sure without them hardly
    /// ever differ in them. Juniors are no seniors, by definition.
    pub(crate) fn find_reliable(&mut self, model: &Model, edges: &[Edge]) {
        for (at, comparison) in self.prepared.comparisons.iter().enumerate() {
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
            let (pairs, different) = self.sure_without(model, edges, at);
            let is_reliable = (different + 0.5) / (pairs + 1.0) <= DIFFERENT_MAX;
            // A state's number is one person's unless the records say otherwise; whether a birth date is, they must show.
            if is_reliable || (comparison.is_national && different == 0.0) {
                self.reliable.push(at);
                self.rules.push(format!("nobody has two different values of `{}`", comparison.name));
            }
        }
    }

    /// Pairs that have both values of a comparison and are surely one person without it, and how many of them differ.
    fn sure_without(&self, model: &Model, edges: &[Edge], at: usize) -> (f64, f64) {
        let (mut pairs, mut different) = (0.0, 0.0);
        for edge in edges.iter().step_by(edges.len().div_ceil(EDGES_MAX).max(1)) {
            let mut pattern: Pattern = [NULL; COMPARISONS_MAX];
            self.prepared.levels(edge.left, edge.right, &mut pattern);
            let level = std::mem::replace(&mut pattern[at], NULL);
            let rarity = model.rarity(self.prepared, edge.left, edge.right, &pattern);
            if level != NULL && model.weight(&pattern, rarity) > SURE {
                pairs += 1.0;
                different += f64::from(u8::from(level == DIFFERENT));
            }
        }
        (pairs, different)
    }

    /// Whether two records must not be one person's.
    pub(crate) fn apart(&self, left: u32, right: u32) -> bool {
        let single = self.single[left as usize];
        if single.is_some() && single == self.single[right as usize] {
            return true;
        }
        self.differ(&self.reliable, left, right) || self.apart.contains(&(left.min(right), left.max(right)))
    }

    /// Whether two records differ in what nobody changes. If they are one person's, it is they that must show it: a third
    /// record without the value may be of either.
    pub(crate) fn contradict(&self, left: u32, right: u32) -> bool {
        self.differ(&self.lasting, left, right)
    }

    /// Whether people decided that two records are one person's.
    pub(crate) fn decided_together(&self, left: u32, right: u32) -> bool {
        self.together.binary_search(&(left.min(right), left.max(right))).is_ok()
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
