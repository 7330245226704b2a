//! Values that stand for a missing one, though nobody has listed them: the 1st of January 2000, `homeless`, 000-0000.

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::kind::Kind;
use super::Prepared;
use crate::identity::dictionary::NONE;
use crate::{names, parallel};

/// Of the records that have a value, so large a part has this one, at least.
const SHARE: f64 = 0.01;
/// It is so many times as frequent as a value is on average.
const TIMES: f64 = 20.0;
/// So many given names, or names of companies, have it.
const NAMES: usize = 20;

/// So many records have a name that is nobody's, at least.
const NOBODIES: usize = 20;
/// Of the records with its given name, and of those with its family name, so many have both.
const TOGETHER: f64 = 0.9;
/// Of those who have a contact or a birth date, so many have one of their own.
const OWN: f64 = 0.8;

impl Prepared {
    /// Finds what so many people have of which each has an own one that it stands for none. Two records may have it because they
    /// are one person's, but that one has it and the other another one says nothing.
    pub(super) fn find_placeholders(&mut self, threads: usize) {
        // Records are of people, or of companies.
        let companies = self.comparisons.iter().position(|comparison| comparison.kind == Kind::Company);
        let filled = |&at: &usize| self.comparisons[at].filled() as usize;
        let Some(named) = self.given.into_iter().chain(companies).max_by_key(filled) else { return };
        let names = std::mem::take(&mut self.comparisons[named].values);
        parallel::fill(threads, &mut self.comparisons, 1, |_, comparison| {
            let comparison = &mut comparison[0];
            let is_own =
                matches!(comparison.kind, Kind::BirthDate | Kind::Email | Kind::Phone | Kind::Address | Kind::Id);
            if !is_own || !comparison.sets.is_empty() {
                return;
            }
            let held = comparison.counts.iter().filter(|&&count| count > 0.0).count();
            let least = (SHARE * comparison.filled()).max(TIMES * comparison.filled() / held.max(1) as f64);
            let values = &comparison.values;
            let mut frequent: FxHashSet<u32> = (1..)
                .zip(&comparison.counts[1..])
                .filter(|&(_, &count)| f64::from(count) >= least)
                .map(|(at, _)| at)
                .collect();
            frequent.retain(|&value| {
                let bearers = values.iter().zip(&names).filter(|&(&other, _)| other == value);
                let bearing: FxHashSet<u32> = bearers.map(|(_, &name)| name).filter(|&name| name != NONE).collect();
                bearing.len() >= NAMES
            });
            comparison.placeholders = frequent;
        });
        self.comparisons[named].values = names;
    }

    /// Finds names that stand for nobody, `Ticket Holder`: two words that are no names anywhere else, of many who have nothing
    /// in common.
    pub(super) fn find_nobodies(&self) -> Vec<[String; 2]> {
        let (Some(given), Some(family)) = (self.given, self.family) else { return Vec::new() };
        let [given, family] = [given, family].map(|at| &self.comparisons[at]);
        let mut counts = [given, family].map(|names| vec![0_usize; names.texts.len()]);
        let mut rows_of: FxHashMap<(u32, u32), Vec<usize>> = FxHashMap::default();
        let named = || given.values.iter().copied().zip(family.values.iter().copied());
        for (given, family) in named() {
            counts[0][given as usize] += 1;
            counts[1][family as usize] += 1;
        }
        let is_rare = |(one, other): (u32, u32)| {
            let [one, other] = [counts[0][one as usize], counts[1][other as usize]];
            one.min(other) < NOBODIES || (one.min(other) as f64) < TOGETHER * one.max(other) as f64
        };
        for (row, both) in named().enumerate().filter(|&(_, both)| both.0 != NONE && both.1 != NONE && !is_rare(both)) {
            rows_of.entry(both).or_default().push(row);
        }
        let text =
            |names: &super::Comparison, value: u32| String::from_utf8_lossy(&names.texts[value as usize]).into_owned();
        let is_nobody = |&((one, other), ref rows): &((u32, u32), Vec<usize>)| {
            let most = counts[0][one as usize].max(counts[1][other as usize]);
            let is_name = names::is_given(names::bare(&text(given, one)))
                || names::bare(&text(family, other)).split(' ').any(names::is_family);
            rows.len() >= NOBODIES
                && rows.len() as f64 >= TOGETHER * most as f64
                && !is_name
                && self.are_strangers(rows)
        };
        let mut found: Vec<[String; 2]> = rows_of
            .into_iter()
            .filter(is_nobody)
            .map(|((one, other), _)| [text(given, one), text(family, other)])
            .collect();
        found.sort_unstable();
        found
    }

    /// Whether so many records have contacts and birth dates of their own that they are not one person's.
    fn are_strangers(&self, rows: &[usize]) -> bool {
        let kinds = [Kind::Email, Kind::Phone, Kind::BirthDate];
        let held =
            self.comparisons.iter().filter(|comparison| kinds.contains(&comparison.kind)).filter_map(|comparison| {
                let values = rows.iter().map(|&row| comparison.values[row]).filter(|&value| value != NONE);
                let (all, own) = (values.clone().count(), values.collect::<FxHashSet<u32>>().len());
                (2 * all >= NOBODIES).then_some(own as f64 >= OWN * all as f64)
            });
        held.reduce(|all, one| all && one).unwrap_or(false)
    }

    /// Takes the names of nobody for none.
    pub(super) fn forget_nobodies(&mut self) {
        let (Some(given), Some(family)) = (self.given, self.family) else { return };
        if self.plan.nobodies.is_empty() {
            return;
        }
        let find = |at: usize, name: &str| self.comparisons[at].texts.iter().position(|text| text == name.as_bytes());
        let nobodies: FxHashSet<(u32, u32)> = self
            .plan
            .nobodies
            .iter()
            .filter_map(|[one, other]| Some((find(given, one)? as u32, find(family, other)? as u32)))
            .collect();
        let rows: Vec<usize> = (0..self.records)
            .filter(|&row| {
                nobodies.contains(&(self.comparisons[given].values[row], self.comparisons[family].values[row]))
            })
            .collect();
        for comparison in &mut self.comparisons {
            if matches!(comparison.kind, Kind::Given | Kind::Family | Kind::Middle) {
                for &row in &rows {
                    comparison.values[row] = NONE;
                }
            }
        }
        for &row in &rows {
            self.written_names[row] = NONE;
        }
    }
}
