//! Values that stand for a missing one, though nobody has listed them: the 1st of January 2000, `homeless`, 000-0000.

use rustc_hash::FxHashSet;

use super::super::kind::Kind;
use super::Prepared;
use crate::identity::dictionary::NONE;
use crate::parallel;

/// Of the records that have a value, so large a part has this one, at least.
const SHARE: f64 = 0.01;
/// It is so many times as frequent as a value is on average.
const TIMES: f64 = 20.0;
/// So many given names have it.
const NAMES: usize = 20;

impl Prepared {
    /// Finds what so many people have of which each has an own one that it stands for none. Two records may have it because they
    /// are one person's, but that one has it and the other another one says nothing.
    pub(super) fn find_placeholders(&mut self, threads: usize) {
        let Some(given) = self.given else { return };
        let names = std::mem::take(&mut self.comparisons[given].values);
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
                let named: FxHashSet<u32> = bearers.map(|(_, &name)| name).filter(|&name| name != NONE).collect();
                named.len() >= NAMES
            });
            comparison.placeholders = frequent;
        });
        self.comparisons[given].values = names;
    }
}
