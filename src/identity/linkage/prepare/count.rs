//! How common values are: by records, by people, by country.

use rustc_hash::FxHashMap;

use super::super::kind::Kind;
use super::{Comparison, How, Prepared};
use crate::identity::dictionary::NONE;
use crate::names::soundex;
use crate::parallel;

/// Of the numbers that several records have, so many belong to people of several names if they are not a person's own.
const OF_SEVERAL: f64 = 0.6;
/// Fewer shared numbers say nothing of it, if the column's name says what they are.
const SHARED_MIN: usize = 20;
/// The same if the name does not.
const SHARED_MIN_GUESSED: usize = 5;

impl Comparison {
    /// Whether most values that several records hold are held by several people.
    fn is_of_several(&self) -> bool {
        let shared = self.counts.iter().zip(&self.people).filter(|(count, _)| **count > 1.0);
        let (mut all, mut of_several) = (0, 0);
        for (_, &people) in shared {
            all += 1;
            of_several += usize::from(people > 1);
        }
        let least = if self.guessed { SHARED_MIN_GUESSED } else { SHARED_MIN };
        all >= least && of_several as f64 > OF_SEVERAL * all as f64
    }
}

impl Prepared {
    /// Counts by how many people the values that identify are held: an address or a number of a whole office says little.
    pub(super) fn count_people(&mut self, threads: usize) {
        let Some(given) = self.given else { return };
        let names = &self.comparisons[given];
        let keys: Vec<u32> = (0..names.texts.len()).map(|name| self.sound(names, name)).collect();
        let name_of: Vec<u32> = names.values.iter().map(|&name| keys[name as usize]).collect();
        parallel::fill(threads, &mut self.comparisons, 1, |_, comparison| {
            let comparison = &mut comparison[0];
            if !matches!(comparison.kind, Kind::Id | Kind::Email | Kind::Phone | Kind::Address) {
                return;
            }
            let mut held: Vec<(u32, u32)> = comparison
                .values
                .iter()
                .zip(&name_of)
                .flat_map(|(value, &name)| comparison.parts(value).iter().map(move |&value| (value, name)))
                .filter(|&(value, name)| value != NONE && name != 0)
                .collect();
            held.sort_unstable();
            held.dedup();
            comparison.people = vec![0; comparison.texts.len()];
            for (value, _) in held {
                comparison.people[value as usize] += 1;
            }
        });
        for comparison in &mut self.comparisons {
            if comparison.kind == Kind::Id && !comparison.is_national && comparison.is_of_several() {
                comparison.kind = Kind::Group;
                comparison.people = Vec::new();
                let is_of = |name: &str| comparison.name == name || comparison.name.split('+').any(|one| one == name);
                let of = self.plan.columns.iter_mut().filter(|(name, _)| is_of(name));
                of.for_each(|(_, kind)| *kind = Kind::Group);
            }
        }
    }

    /// Counts the records that have both names in common, by each of them: they may be one person's, whose own records do
    /// not make a name a common one.
    pub(super) fn count_namesakes(&mut self, threads: usize) {
        let (Some(given), Some(family)) = (self.given, self.family) else { return };
        let names = [given, family];
        let sounds = parallel::map(threads, 2, 1, |range| self.sounds(names[range.start]));
        let namesakes = parallel::map(threads, 2, 1, |range| {
            let (at, beside) = (names[range.start], &sounds[1 - range.start]);
            let values = (0..self.records as u32).map(|record| self.values(record)[at]);
            let both = values.zip(beside.iter().copied()).filter(|one| one.0 != NONE && one.1 != NONE);
            let mut both: Vec<(u32, u32)> = both.collect();
            both.sort_unstable();
            let counts = &self.comparisons[at].counts;
            let mut namesakes = vec![0.0; counts.len()];
            for alike in both.chunk_by(|one, other| one == other) {
                let (value, count) = (alike[0].0 as usize, alike.len() as f32);
                namesakes[value] += count * (count - 1.0) / counts[value];
            }
            namesakes
        });
        for (at, namesakes) in names.into_iter().zip(namesakes) {
            self.comparisons[at].namesakes = namesakes;
        }
    }

    /// Per record: a number by which names that sound alike fall together; none where there is no name.
    fn sounds(&self, at: usize) -> Vec<u32> {
        let names = &self.comparisons[at];
        let sounds: Vec<u32> = (0..names.texts.len()).map(|name| self.sound(names, name)).collect();
        (0..self.records as u32).map(|record| sounds[self.values(record)[at] as usize]).collect()
    }

    fn sound(&self, names: &Comparison, name: usize) -> u32 {
        let roots = if names.how == How::Given { &self.forms.given_roots } else { &self.forms.family_roots };
        match roots[name].first() {
            Some(&root) => root + (1 << 31),
            None => soundex(std::str::from_utf8(&names.texts[name]).unwrap_or("")),
        }
    }

    /// Counts names by country: one that is rare in a table may be common where it comes from.
    pub(super) fn count_within(&mut self, threads: usize) {
        let of = |kind: Kind| {
            self.comparisons.iter().position(|comparison| comparison.kind == kind && comparison.texts.len() <= 500)
        };
        let Some(stratum) = of(Kind::Country).or_else(|| of(Kind::Region)) else { return };
        self.stratum = Some(stratum);
        self.within = vec![FxHashMap::default(); self.comparisons.len()];
        let (comparisons, names) = (&self.comparisons, [self.given, self.family]);
        parallel::fill(threads, &mut self.within, 1, |at, within| {
            if !names.contains(&Some(at)) {
                return;
            }
            for (&value, &place) in comparisons[at].values.iter().zip(&comparisons[stratum].values) {
                if value != NONE && place != NONE {
                    *within[0].entry((value, place)).or_default() += 1.0;
                }
            }
        });
    }

    /// How probable it is that another person's record has this name, among records of the same country if both are.
    /// `one_person` says which part of the records with both names in common is one person's.
    pub(crate) fn common(&self, at: usize, value: u32, places: [u32; 2], one_person: f32) -> f32 {
        let comparison = &self.comparisons[at];
        let count = comparison.counts[value as usize];
        let namesakes = comparison.namesakes.get(value as usize).map_or(0.0, |others| others * one_person);
        let share = (count - 1.0 - namesakes).max(1.0) / self.filled[at];
        match self.stratum {
            Some(stratum) if places[0] == places[1] && places[0] != NONE => {
                let held = self.within[at].get(&(value, places[0])).copied().unwrap_or(0.0);
                let others = held - 1.0 - namesakes * held / count.max(1.0);
                share.max(others / self.comparisons[stratum].counts[places[0] as usize])
            }
            _ => share,
        }
    }

    /// What the counts of values come to.
    pub(crate) fn count(&mut self) {
        self.filled = self.comparisons.iter().map(|comparison| comparison.filled() as f32).collect();
        let usual = |comparison: &Comparison| {
            let filled = comparison.filled();
            let agreeing: f64 = comparison
                .counts
                .iter()
                .map(|&count| f64::from(count))
                .map(|count| count * (count - 1.0).max(0.0))
                .sum();
            (agreeing / (filled * (filled - 1.0)).max(1.0)).max(0.5 / (filled * filled).max(1.0)) as f32
        };
        self.usual = self.comparisons.iter().map(usual).collect();
        let namesakes = |comparison: &Comparison| -> f64 {
            let pairs = comparison.namesakes.iter().zip(&comparison.counts);
            pairs.map(|(others, count)| f64::from(others * count)).sum()
        };
        self.namesakes = self.comparisons.iter().map(namesakes).collect();
    }
}
