//! What was counted of values among all records, so that a few of them can be prepared by themselves and weigh the same.
//!
//! A value is known by a hash of its text, and only if several records hold it: of the others there is nothing to know.

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use super::super::chance::{mix, text_hash};
use super::super::kind::Kind;
use super::comparison::rarity;
use super::{Plan, Prepared};
use crate::identity::dictionary::NONE;
use crate::parallel;

/// How records are read, and what was counted of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Known {
    pub(crate) plan: Plan,
    pub(crate) comparisons: Vec<Counts>,
    /// The comparison by whose values names differ in how common they are.
    stratum: Option<usize>,
    /// The share of a template of e-mail addresses that nobody else has.
    own_template: f32,
    /// By hash of a template that several addresses have: its share.
    #[serde(skip)]
    pub(crate) templates: FxHashMap<u64, f32>,
}

/// What was counted in one comparison.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Counts {
    kind: Kind,
    /// How many records have a value.
    filled: f64,
    usual: f32,
    namesakes: f64,
    /// How much a word says that no other record holds.
    rarest: f32,
    has_namesakes: bool,
    has_people: bool,
    /// By hash of a value.
    #[serde(skip)]
    pub(crate) values: FxHashMap<u64, Value>,
    /// By hash of a word that several records hold: how much it says.
    #[serde(skip)]
    pub(crate) words: FxHashMap<u64, f32>,
    /// By hash of a name and that of a place: how many records hold both.
    #[serde(skip)]
    pub(crate) within: FxHashMap<u64, f32>,
}

/// What was counted of a value; see [`super::Comparison`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Value {
    pub(crate) count: f32,
    pub(crate) namesakes: f32,
    pub(crate) people: u32,
    pub(crate) is_placeholder: bool,
}

/// A value that nobody else holds.
const ALONE: Value = Value { count: 1.0, namesakes: 0.0, people: 1, is_placeholder: false };

impl Known {
    /// The columns that the records have, in their order.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &str> {
        self.plan.columns.iter().map(|(name, _)| name.as_str())
    }
}

impl Prepared {
    /// What was counted.
    pub(crate) fn known(&self, threads: usize) -> Known {
        let counts = parallel::map(threads, self.comparisons.len(), 1, |range| self.counts(range.start));
        let own = self.template_share.iter().skip(1).copied().fold(f32::INFINITY, f32::min);
        let own = if own.is_finite() { own } else { 0.0 };
        let shares = self.template_texts.iter().zip(&self.template_share).skip(1).filter(|(_, share)| **share > own);
        Known {
            plan: self.plan.clone(),
            comparisons: counts,
            stratum: self.stratum,
            own_template: own,
            templates: shares.map(|(text, &share)| (text_hash(text), share)).collect(),
        }
    }

    /// A hash of what is read of a record.
    pub(crate) fn reading(&self, record: u32) -> u64 {
        let values = self.comparisons.iter().zip(self.values(record));
        values.fold(0, |hash, (comparison, &value)| both(hash, text_hash(&comparison.texts[value as usize])))
    }

    fn counts(&self, at: usize) -> Counts {
        let comparison = &self.comparisons[at];
        let value = |value: usize| Value {
            count: comparison.counts[value],
            namesakes: comparison.namesakes.get(value).copied().unwrap_or_default(),
            people: comparison.people.get(value).copied().unwrap_or_default(),
            is_placeholder: comparison.placeholders.contains(&(value as u32)),
        };
        let shared = (1..comparison.texts.len()).filter(|&at| comparison.counts[at] > 1.0);
        let words = comparison.words.iter().zip(&comparison.rarity).zip(&comparison.shared);
        let places = |&(name, place): &(u32, u32)| {
            let places = &self.comparisons[self.stratum.unwrap_or_default()].texts;
            both(text_hash(&comparison.texts[name as usize]), text_hash(&places[place as usize]))
        };
        let within = self.within.get(at).into_iter().flatten().filter(|(_, count)| **count > 1.0);
        Counts {
            kind: comparison.kind,
            filled: comparison.filled(),
            usual: self.usual[at],
            namesakes: self.namesakes[at],
            rarest: rarity(self.records, 1),
            has_namesakes: !comparison.namesakes.is_empty(),
            has_people: !comparison.people.is_empty(),
            values: shared.map(|at| (text_hash(&comparison.texts[at]), value(at))).collect(),
            words: words.filter(|(_, shared)| **shared).map(|((&word, &rarity), _)| (word, rarity)).collect(),
            within: within.map(|(names, &count)| (places(names), count)).collect(),
        }
    }

    /// Takes what was counted before in place of counting.
    pub(super) fn recall(&mut self, known: &Known, threads: usize) {
        let counts = &known.comparisons;
        self.stratum = known.stratum;
        let share = |text: &[u8]| known.templates.get(&text_hash(text)).copied().unwrap_or(known.own_template);
        self.template_share = self.template_texts.iter().map(share).collect();
        self.template_share.resize(self.template_share.len().max(1), 0.0);
        self.template_share[NONE as usize] = 0.0;
        parallel::fill(threads, &mut self.comparisons, 1, |at, comparison| {
            let (counts, comparison) = (&counts[at], &mut comparison[0]);
            let of = |text: &[u8]| counts.values.get(&text_hash(text)).copied().unwrap_or(ALONE);
            let values: Vec<Value> = comparison.texts.iter().map(of).collect();
            comparison.kind = counts.kind;
            comparison.filled = counts.filled;
            comparison.counts = values.iter().map(|value| value.count).collect();
            comparison.counts[NONE as usize] = 0.0;
            if counts.has_namesakes {
                comparison.namesakes = values.iter().map(|value| value.namesakes).collect();
            }
            if counts.has_people {
                comparison.people = values.iter().map(|value| value.people).collect();
            }
            let placeholders = (0..).zip(&values).filter(|(_, value)| value.is_placeholder);
            comparison.placeholders = placeholders.map(|(at, _)| at).collect::<FxHashSet<u32>>();
            let rarity = |word: &u64| counts.words.get(word).copied();
            comparison.shared = comparison.words.iter().map(|word| rarity(word).is_some()).collect();
            comparison.rarity = comparison.words.iter().map(|word| rarity(word).unwrap_or(counts.rarest)).collect();
        });
        self.filled = counts.iter().map(|counts| counts.filled as f32).collect();
        self.usual = counts.iter().map(|counts| counts.usual).collect();
        self.namesakes = counts.iter().map(|counts| counts.namesakes).collect();
        self.recall_within(known);
    }

    fn recall_within(&mut self, known: &Known) {
        let Some(stratum) = self.stratum else { return };
        let places: Vec<u64> = self.comparisons[stratum].texts.iter().map(text_hash).collect();
        let mut within = vec![FxHashMap::default(); self.comparisons.len()];
        for at in [self.given, self.family].into_iter().flatten() {
            let names: Vec<u64> = self.comparisons[at].texts.iter().map(text_hash).collect();
            for record in 0..self.records as u32 {
                let values = self.values(record);
                let (name, place) = (values[at], values[stratum]);
                let held = known.comparisons[at].within.get(&both(names[name as usize], places[place as usize]));
                if let Some(&held) = held.filter(|_| name != NONE && place != NONE) {
                    within[at].insert((name, place), held);
                }
            }
        }
        self.within = within;
    }
}

/// A hash of two that stand in this order.
fn both(one: u64, other: u64) -> u64 {
    mix(one.wrapping_mul(3) ^ other)
}
