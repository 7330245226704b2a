//! Which pairs of records are compared: those that agree in one of several keys, cheap and selective keys first.
//!
//! Keys are made of *atoms*, small parts of values (a phonetic key, a year), alone and two by two. A rule's price is the
//! number of pairs it makes, counted among a sample of the records; rules are taken by price until the budget is spent.
//! A pair counts for the first rule that makes it, which is found by comparing the atoms, so that no set of pairs is ever
//! held.

mod atoms;
mod blocks;

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use super::BLOCK_MAX;
use super::chance::mix;
use super::prepare::Prepared;
use crate::parallel;
use atoms::Atom;
use blocks::{Blocking, Found, OneIn, PARTS, Row, Rule};

pub(crate) struct Candidates<'a> {
    prepared: &'a Prepared,
    threads: usize,
    pub(crate) atoms: Vec<Atom>,
    pub(crate) rules: Vec<Rule>,
    /// All pairs are compared: the table is small.
    pub(crate) all: bool,
    /// Of rules that were not kept: see [`Candidates::left_out`].
    dropped: Vec<(Vec<usize>, usize)>,
}

/// Which records are compared, whatever they are.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Keying {
    /// All are compared with all.
    pub(crate) all: bool,
    /// Comparisons, and which part of their values.
    atoms: Vec<(usize, String)>,
    /// Per rule: its atoms.
    rules: Vec<Vec<usize>>,
}

/// A pair that is a match, and others like it.
pub(crate) struct Match {
    /// One of its records.
    pub(crate) record: u32,
    /// The atoms in which its records agree.
    pub(crate) agree: u64,
    /// How many matches it stands for.
    pub(crate) weight: f64,
}

/// Tables with up to so many pairs need no rules.
const ALL_PAIRS_MAX: f64 = 1_200_000.0;

/// Records that rules are priced on, about.
const SAMPLE: usize = 80_000;

/// Rules that make fewer fresh pairs per record are not worth the look at all records.
const FRESH_MIN: f64 = 0.001;

/// Pairs that a match is worth.
const WORTH: f64 = 1000.0;
/// Up to so many pairs, a part of their worth is enough: as large a part as they are of these.
const CHEAP: f64 = 4_000_000.0;
/// What it costs to block a record by a rule, in pairs.
const PASS: f64 = 0.3;

/// Rows of a sample that are held at a time, about, unless there are two per record.
const ROWS: u64 = 8_000_000;

/// From so small a sample on, rules are looked at together.
const FEW: u64 = 4;

/// Of records that are all compared, so many are compared with all at a time.
const EVERY: usize = 64;

/// Atoms at most.
const ATOMS_MAX: usize = 64;

impl<'a> Candidates<'a> {
    /// Chooses rules until they make about `budget` different pairs.
    pub(crate) fn plan(prepared: &'a Prepared, threads: usize, budget: f64) -> Self {
        let all = super::model::pairs(prepared.records) <= ALL_PAIRS_MAX;
        let mut plan = Self { prepared, threads, atoms: Vec::new(), rules: Vec::new(), all, dropped: Vec::new() };
        if all {
            return plan;
        }
        plan.atoms = atoms::atoms(prepared);
        plan.atoms.truncate(ATOMS_MAX);
        let one_in = prepared.records.div_ceil(SAMPLE) as u64;
        let sample: Vec<u32> =
            (0..prepared.records as u32).filter(|&record| mix(u64::from(record)).is_multiple_of(one_in)).collect();
        let part = sample.len() as f64 / prepared.records as f64;
        let keys = plan.keys(&sample);
        let block_max = ((BLOCK_MAX as f64 * part) as usize).max(2);
        let mut spent = 0.0;
        for mut rule in plan.priced(&keys, block_max, budget, part * part) {
            let found = plan.pairs(&keys, &rule, block_max, || 0u64, |count, _, _, _| *count += 1);
            rule.fresh = found.iter().map(|found| found.state).sum::<u64>() as f64 / (part * part);
            if spent + rule.fresh > budget {
                break;
            }
            if rule.fresh > FRESH_MIN * prepared.records as f64 {
                spent += rule.fresh;
                rule.large = large(&found);
                plan.rules.push(rule);
            }
        }
        plan
    }

    /// The candidates among other records by rules that were chosen before.
    pub(crate) fn keyed(prepared: &'a Prepared, threads: usize, keying: &Keying) -> Self {
        let mut all = atoms::atoms(prepared);
        let mut atom = |(comparison, part): &(usize, String)| {
            let at = all.iter().position(|atom| atom.comparison == *comparison && atom.part == part);
            all.swap_remove(at.expect("what is read as before has the parts that it had"))
        };
        let atoms = keying.atoms.iter().map(&mut atom).collect();
        let rule = |atoms: &Vec<usize>| Rule::of(atoms.clone());
        let rules = keying.rules.iter().map(rule).collect();
        Self { prepared, threads, atoms, rules, all: keying.all, dropped: Vec::new() }
    }

    /// The rules that were chosen.
    pub(crate) fn keying(&self) -> Keying {
        Keying {
            all: self.all,
            atoms: self.atoms.iter().map(|atom| (atom.comparison, atom.part.to_owned())).collect(),
            rules: self.rules.iter().map(|rule| rule.atoms.clone()).collect(),
        }
    }

    /// Per rule: the key of each record, 0 for none. Records with one key are compared, unless they are too many.
    pub(crate) fn rule_keys(&self) -> Vec<Vec<u64>> {
        let of = |rule: &Rule| {
            let mut keys = vec![0; self.prepared.records];
            parallel::fill(self.threads, &mut keys, 16_384, |start, keys| {
                for (key, record) in keys.iter_mut().zip(start as u32..) {
                    *key = rule.key(|atom| self.atom(record, atom));
                }
            });
            keys
        };
        self.rules.iter().map(of).collect()
    }

    /// Per rule: the keys of more records than are compared, sorted.
    pub(crate) fn large(&self) -> Vec<Vec<u64>> {
        let sorted = |rule: &Rule| {
            let mut keys: Vec<u64> = rule.large.iter().copied().collect();
            keys.sort_unstable();
            keys
        };
        self.rules.iter().map(sorted).collect()
    }

    /// All rules that make pairs, but not too many, the cheapest first. `keys` have such a part of all pairs.
    fn priced(&self, keys: &Keys, block_max: usize, budget: f64, part: f64) -> Vec<Rule> {
        let width = self.atoms.len();
        let mut rules: Vec<Rule> = (0..width).map(|atom| Rule::of(vec![atom])).collect();
        for one in 0..width {
            for other in one + 1..width {
                if self.atoms[one].comparison != self.atoms[other].comparison {
                    rules.push(Rule::of(vec![one, other]));
                }
            }
        }
        let prices = parallel::map(self.threads, rules.len(), 1, |range| keys.price(&rules[range.start], block_max));
        for (rule, pairs) in rules.iter_mut().zip(prices) {
            rule.pairs = pairs / part;
        }
        rules.retain(|rule| rule.pairs > 0.0 && rule.pairs <= budget);
        rules.sort_by(|one, other| one.pairs.total_cmp(&other.pairs).then_with(|| one.atoms.cmp(&other.atoms)));
        rules
    }

    /// The atom of a record.
    fn atom(&self, record: u32, atom: usize) -> u32 {
        let atom = &self.atoms[atom];
        atom.keys[self.prepared.values(record)[atom.comparison] as usize]
    }

    fn keys(&self, records: &[u32]) -> Keys {
        let width = self.atoms.len();
        let mut keys = vec![0; records.len() * width];
        parallel::fill(self.threads, &mut keys, 16_384 * width.max(1), |start, keys| {
            for (&record, keys) in records[start / width..].iter().zip(keys.chunks_exact_mut(width)) {
                keys.iter_mut().enumerate().for_each(|(atom, key)| *key = self.atom(record, atom));
            }
        });
        Keys { width, keys }
    }

    /// Pairs of a rule by their places in `keys` that no rule of the plan makes.
    fn pairs<T: Send>(
        &self,
        keys: &Keys,
        rule: &Rule,
        block_max: usize,
        start: impl Fn() -> T + Sync,
        visit: impl Fn(&mut T, u32, u32, u64) + Sync,
    ) -> Vec<Found<T>> {
        let blocking = Blocking::new(block_max, &self.rules, keys.width);
        let pieces = blocks::parts(self.threads, keys.records(), |at| rule.key(|atom| keys.of(at)[atom]));
        let atoms = |at: u32, atoms: &mut Vec<u32>| atoms.extend_from_slice(keys.of(at));
        parallel::map(self.threads, PARTS, 1, |range| {
            blocking.pairs(blocks::part(&pieces, range.start), atoms, &start, &visit)
        })
    }

    /// Calls `visit` with one in so many pairs of each rule, and in which atoms they agree.
    pub(crate) fn sample<T: Send>(
        &self,
        one_in: u64,
        start: impl Fn() -> T + Sync,
        visit: impl Fn(&mut T, u32, u32, u64) + Sync,
    ) -> Vec<T> {
        if self.all {
            return self.every(start, |state, left, right| visit(state, left, right, 0));
        }
        let atoms = |record: u32, atoms: &mut Vec<u32>| {
            atoms.extend((0..self.atoms.len()).map(|atom| self.atom(record, atom)));
        };
        let blocking = |at: usize| Blocking::new(BLOCK_MAX, &self.rules[..at], self.atoms.len());
        let sample = OneIn::new(one_in);
        let mut states = Vec::new();
        if one_in < FEW {
            for (at, rule) in self.rules.iter().enumerate() {
                let pieces = blocks::parts(self.threads, self.prepared.records, |record| {
                    sample.sampled(rule.key(|atom| self.atom(record, atom)))
                });
                let blocking = blocking(at);
                states.extend(parallel::map(self.threads, PARTS, 1, |range| {
                    blocking.pairs(blocks::part(&pieces, range.start), atoms, &start, &visit).state
                }));
            }
            return states;
        }
        // Of many rules at a time, few rows each, so that the atoms of a record are looked up once for all of them.
        let together = (2 * one_in).max(ROWS * one_in / self.prepared.records as u64) as usize;
        for (first, rules) in self.rules.chunks(together).enumerate().map(|(at, rules)| (at * together, rules)) {
            let rows = self.rows(rules, sample);
            states.extend(parallel::map(self.threads, rules.len(), 1, |range| {
                let rows = rows.iter().flat_map(|piece| &piece[range.start]).copied().collect();
                blocking(first + range.start).pairs(rows, atoms, &start, &visit).state
            }));
        }
        states
    }

    /// Per piece of the records and rule: the rows of the keys in the sample.
    fn rows(&self, rules: &[Rule], sample: OneIn) -> Vec<Vec<Vec<Row>>> {
        parallel::map(self.threads, self.prepared.records, 65_536, |range| {
            let mut rows: Vec<Vec<Row>> = vec![Vec::new(); rules.len()];
            let mut atoms = vec![0; self.atoms.len()];
            let mut mixed = vec![0; self.atoms.len()];
            for record in range.start as u32..range.end as u32 {
                for (at, (atom, mixed)) in atoms.iter_mut().zip(&mut mixed).enumerate() {
                    *atom = self.atom(record, at);
                    *mixed = mix(u64::from(*atom));
                }
                for (rule, rows) in rules.iter().zip(&mut rows) {
                    let key = sample.sampled(rule.key_of(&atoms, &mixed));
                    if key != 0 {
                        rows.push((key, record));
                    }
                }
            }
            rows
        })
    }

    /// Keeps the rules that are worth their price, one after the other that finds most for it (a greedy cover; Chvátal,
    /// 1979), and the atoms that they need. `matches` are some of the pairs that are matches.
    pub(crate) fn narrow(&mut self, mut matches: Vec<Match>) {
        let price = |rule: &Rule| PASS * self.prepared.records as f64 + rule.pairs;
        let finds = |rule: &Rule, mask: u64, pair: &Match| {
            pair.agree & mask == mask && !rule.leaves_out(|atom| self.atom(pair.record, atom))
        };
        let worth = |rule: &Rule, matches: &[Match]| {
            let mask = rule.mask();
            let found = matches.iter().filter(|pair| finds(rule, mask, pair)).map(|pair| pair.weight).sum::<f64>();
            found * WORTH / price(rule)
        };
        let mut spent = 0.0;
        let (mut rules, mut kept) = (self.rules.clone(), Vec::new());
        while !rules.is_empty() {
            let worths = parallel::map(self.threads, rules.len(), 1, |range| worth(&rules[range.start], &matches));
            let best = (0..rules.len()).rev().max_by(|&one, &other| worths[one].total_cmp(&worths[other]));
            let least = (spent / CHEAP).min(1.0);
            let Some(best) = best.filter(|&best| worths[best] > least) else { break };
            let rule = rules.remove(best);
            spent += price(&rule);
            let mask = rule.mask();
            matches.retain(|pair| !finds(&rule, mask, pair));
            kept.push(rule);
        }
        self.dropped = rules.iter().filter_map(|rule| self.large_of(rule)).collect();
        self.rules = kept;
        self.rules.sort_by(|one, other| one.pairs.total_cmp(&other.pairs).then_with(|| one.atoms.cmp(&other.atoms)));
        let used: FxHashSet<usize> = self.rules.iter().flat_map(|rule| rule.atoms.iter().copied()).collect();
        let place: Vec<usize> = (0..self.atoms.len()).filter(|atom| used.contains(atom)).collect();
        for atom in self.rules.iter_mut().flat_map(|rule| &mut rule.atoms) {
            *atom = place.partition_point(|place| place < atom);
        }
        let mut at = 0..;
        self.atoms.retain(|_| at.next().is_some_and(|at| used.contains(&at)));
    }

    /// How many pairs [`Candidates::visit`] goes through, about; those that several rules make, several times.
    pub(crate) fn pairs_to_visit(&self) -> u64 {
        let of_rules: f64 = self.rules.iter().map(|rule| rule.pairs).sum();
        (if self.all { super::model::pairs(self.prepared.records) } else { of_rules }) as u64
    }

    /// Calls `visit` with the pairs of all rules, each pair once; gives what `start` made per piece of work, in order. `begun`
    /// hears how many of [`Candidates::pairs_to_visit`] are begun with.
    pub(crate) fn visit<T: Send>(
        &mut self,
        start: impl Fn() -> T + Sync,
        visit: impl Fn(&mut T, u32, u32) + Sync,
        begun: impl Fn(u64) + Sync,
    ) -> Vec<T> {
        if self.all {
            let part = self.pairs_to_visit() / self.prepared.records.div_ceil(EVERY) as u64;
            let start = || {
                begun(part);
                start()
            };
            return self.every(start, visit);
        }
        let records: Vec<u32> = (0..self.prepared.records as u32).collect();
        let keys = self.keys(&records);
        let mut states = Vec::new();
        for mut rule in std::mem::take(&mut self.rules) {
            let part = (rule.pairs / PARTS as f64) as u64;
            let start = || {
                begun(part);
                start()
            };
            let found = self.pairs(&keys, &rule, BLOCK_MAX, start, |state, left, right, _| visit(state, left, right));
            rule.large = large(&found);
            states.extend(found.into_iter().map(|found| found.state));
            self.rules.push(rule);
        }
        states
    }

    fn every<T: Send>(&self, start: impl Fn() -> T + Sync, visit: impl Fn(&mut T, u32, u32) + Sync) -> Vec<T> {
        let records = self.prepared.records;
        parallel::map(self.threads, records, EVERY, |range| {
            let mut state = start();
            for left in range {
                for right in left + 1..records {
                    visit(&mut state, left as u32, right as u32);
                }
            }
            state
        })
    }

    /// The rules that make a pair, by their places; its records, of which this is one, agree in these atoms.
    pub(crate) fn makers(&self, record: u32, agree: u64) -> impl Iterator<Item = usize> {
        let makes = move |rule: &Rule| rule.fits(agree) && !rule.leaves_out(|atom| self.atom(record, atom));
        self.rules.iter().enumerate().filter(move |(_, rule)| makes(rule)).map(|(at, _)| at)
    }

    /// Per rule that left blocks out because they are too large: its comparisons, and how many blocks.
    pub(crate) fn left_out(&self) -> Vec<(Vec<usize>, usize)> {
        self.rules.iter().filter_map(|rule| self.large_of(rule)).chain(self.dropped.iter().cloned()).collect()
    }

    fn large_of(&self, rule: &Rule) -> Option<(Vec<usize>, usize)> {
        let comparisons = rule.atoms.iter().map(|&atom| self.atoms[atom].comparison).collect();
        (!rule.large.is_empty()).then_some((comparisons, rule.large.len()))
    }
}

fn large<T>(found: &[Found<T>]) -> FxHashSet<u64> {
    found.iter().flat_map(|found| &found.large).copied().collect()
}

/// Atoms per record.
struct Keys {
    width: usize,
    keys: Vec<u32>,
}

impl Keys {
    fn of(&self, at: u32) -> &[u32] {
        &self.keys[at as usize * self.width..][..self.width]
    }

    fn records(&self) -> usize {
        self.keys.len() / self.width.max(1)
    }

    /// The number of pairs that a rule makes, about: keys that share a place in the table are few, and are taken for one.
    fn price(&self, rule: &Rule, block_max: usize) -> f64 {
        let size = (self.records() * 4).next_power_of_two();
        let mut counts = vec![0u16; size];
        for at in 0..self.records() as u32 {
            let key = rule.key(|atom| self.of(at)[atom]);
            if key != 0 {
                let count = &mut counts[(key >> 1) as usize & (size - 1)];
                *count = count.saturating_add(1);
            }
        }
        let compared = counts.into_iter().filter(|&count| count > 1 && usize::from(count) <= block_max);
        compared.map(|count| f64::from(count) * (f64::from(count) - 1.0) / 2.0).sum()
    }
}
