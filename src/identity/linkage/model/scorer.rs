//! The match weight of a pair where it is high, and little work where it is not: most candidates are no match, and that
//! shows in the first comparisons.

use super::super::levels::{COMPARISONS_MAX, Pattern};
use super::super::prepare::{How, Prepared};
use super::Model;
use crate::identity::dictionary::NONE;

/// Weighs pairs by a model that has been learnt.
pub(crate) struct Scorer<'a> {
    prepared: &'a Prepared,
    model: &'a Model,
    /// Weights that matter are above it.
    least: f32,
    /// Bits for any two records.
    prior: f32,
    /// Per comparison: bits for the same value, before its rarity, and the most for another one.
    most: Vec<[f32; 2]>,
    /// Comparisons other than given and family name: those that are made before them, and after.
    before: Vec<usize>,
    after: Vec<usize>,
}

/// What sums in another order may differ by.
const ROUNDING: f32 = 0.01;

impl<'a> Scorer<'a> {
    pub(crate) fn new(prepared: &'a Prepared, model: &'a Model, least: f32) -> Self {
        let most = |at: usize| {
            let of = |level: usize| {
                let [apart, agreeing] = model.weights[at].person.map(|weights| weights[level]);
                if model.parent[at].is_some() { apart.max(agreeing) } else { apart }
            };
            let exact = usize::from(model.exact[at]);
            [of(exact), (1..exact).map(of).fold(f32::MIN, f32::max)]
        };
        let how = |at: usize| prepared.comparisons[at].how;
        let others = (0..prepared.comparisons.len()).filter(|&at| !matches!(how(at), How::Given | How::Family));
        let (after, mut before): (Vec<usize>, Vec<usize>) =
            others.partition(|&at| matches!(how(at), How::Words | How::OtherNames));
        before.sort_by_key(|&at| match how(at) {
            How::Exact => 0,
            How::Date | How::Phone | How::Code => 1,
            _ => 2,
        });
        Self {
            prepared,
            model,
            least,
            prior: (model.prior / (1.0 - model.prior)).max(1e-300).log2() as f32,
            most: (0..prepared.comparisons.len()).map(most).collect(),
            before,
            after,
        }
    }

    /// The match weight, if it is above the least that matters.
    pub(crate) fn weight_above(&self, left: u32, right: u32) -> Option<f32> {
        let (prepared, model) = (self.prepared, self.model);
        let (ours, theirs) = (prepared.values(left), prepared.values(right));
        let mut bounds = [0.0; COMPARISONS_MAX];
        for (at, bound) in bounds.iter_mut().enumerate().take(ours.len()) {
            *bound = self.bound(at, ours[at], theirs[at]);
        }
        let mut most = self.prior + bounds.iter().sum::<f32>();
        if let (Some(given), Some(family)) = (prepared.given, prepared.family)
            && [(ours[given], theirs[family]), (ours[family], theirs[given])]
                .iter()
                .any(|&(one, other)| one == other && one != NONE)
        {
            // Swapped names, also beside an initial, count like the same ones.
            most = f32::INFINITY;
        }
        let mut pattern: Pattern = [0; COMPARISONS_MAX];
        // Whether the weight may still be high after one more comparison.
        let mut settle = |at: usize, level: u8| {
            if ours[at] != theirs[at] && level != model.exact[at] {
                let [apart, agreeing] = model.weights[at].person.map(|weights| weights[usize::from(level)]);
                let weight = if model.parent[at].is_some() { apart.max(agreeing) } else { apart };
                most += weight - bounds[at];
            }
            most > self.least - ROUNDING
        };
        for &at in &self.before {
            pattern[at] = prepared.level(at, ours[at], theirs[at]);
            if !settle(at, pattern[at]) {
                return None;
            }
        }
        let names = [prepared.given, prepared.family];
        for at in names.into_iter().flatten() {
            pattern[at] = prepared.level(at, ours[at], theirs[at]);
        }
        prepared.swaps(left as usize, right as usize, &mut pattern);
        let hopeless = names.into_iter().flatten().any(|at| !settle(at, pattern[at]));
        if hopeless {
            return None;
        }
        for &at in &self.after {
            pattern[at] = prepared.level(at, ours[at], theirs[at]);
            if !settle(at, pattern[at]) {
                return None;
            }
        }
        let weight = model.weight(&pattern, model.rarity(prepared, left, right, &pattern));
        (weight > self.least).then_some(weight)
    }

    /// The most that the comparison of two values may add.
    fn bound(&self, at: usize, one: u32, other: u32) -> f32 {
        let [same, another] = self.most[at];
        let how = self.prepared.comparisons[at].how;
        if one == other && one != NONE {
            same + self.model.bits_most(self.prepared, at, one)
        } else if one != NONE && other != NONE {
            // Other words in another order are still the same, and so are numbers of which one is.
            let comparison = &self.prepared.comparisons[at];
            if how == How::Words || !comparison.sets.is_empty() && (comparison.is_set(one) || comparison.is_set(other))
            {
                another.max(same + self.model.bits_most(self.prepared, at, one))
            } else {
                another
            }
        } else if matches!(how, How::Given | How::Family) {
            // A name may stand in the other's place.
            another.max(0.0)
        } else {
            0.0
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};

    use super::super::super::score;
    use super::super::super::table::Table;
    use super::*;
    use crate::progress::Silent;

    /// Names in either order, whole or with an initial: what is likely must not be given up on the way.
    #[test]
    fn the_weight_of_a_likely_pair_is_that_of_all_its_columns() {
        let given = ["Ana", "Maria", "Xenia", "Radu", "Mihai", "Teodor"];
        let family = ["Pop", "Samaridi", "Zografou", "Ionescu", "Wendelin", "Quast"];
        let written = |row: usize| {
            let (given, family) = (given[row / 4 % 6], family[row / 24 % 6]);
            match row % 4 {
                0 => format!("{given} {family}"),
                1 => format!("{family} {given}"),
                2 => format!("{}. {family}", &given[..1]),
                _ => format!("{family} {}.", &given[..1]),
            }
        };
        let phone = |row: usize| (!row.is_multiple_of(3)).then(|| format!("07{:08}", row / 4 * 7919));
        let rows = 0..144;
        let ids: ArrayRef = Arc::new(rows.clone().map(|row| Some(format!("{row:03}"))).collect::<StringArray>());
        let names: ArrayRef = Arc::new(rows.clone().map(|row| Some(written(row))).collect::<StringArray>());
        let phones: ArrayRef = Arc::new(rows.map(phone).collect::<StringArray>());
        let columns = [("record_id", ids), ("name", names), ("phone", phones)];
        let records = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, of)| (name, of, true)));
        let table = Table::read(&records.expect("a table"), ["record_id", "source"], &[], 1).expect("reads");
        let prepared = Prepared::new(&table, 1);
        let model = score::score(&prepared, None, 0.0, 1, false, &Silent).model;
        let scorer = Scorer::new(&prepared, &model, 0.0);
        let mut likely = 0;
        for (left, right) in (0..144).flat_map(|left| (left + 1..144).map(move |right| (left, right))) {
            let weight = score::weight(&prepared, &model, left, right);
            likely += u32::from(weight > 0.0);
            assert_eq!(scorer.weight_above(left, right), (weight > 0.0).then_some(weight), "{left} {right}");
        }
        assert!(likely > 50, "{likely} pairs are likely");
    }
}
