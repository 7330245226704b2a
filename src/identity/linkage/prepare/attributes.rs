//! Which columns are one attribute that records are compared in: `phone` of one file and `mobile` of another, or the several
//! numbers of one record.

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use super::super::kind::{Kind, is_of_another};
use super::super::table::TextColumn;
use super::{clean, date};

/// How several columns, or what a cell holds, come to one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Combine {
    /// Each text is a value by itself, and so is each part of a list in it.
    Each,
    /// The first text that there is: no row has several.
    First,
    /// All texts together.
    All,
}

/// Columns that say one thing of a record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Attribute {
    /// By their places in the table.
    pub(super) columns: Vec<usize>,
    pub(super) kind: Kind,
    /// Whether the kind of each was found from the values alone.
    pub(super) guessed: bool,
    pub(super) combine: Combine,
    /// Whether it is a number that a state gives each person one of, or each organisation where records are of these.
    pub(super) is_national: bool,
    /// Of dates, per column: how they are written.
    pub(super) dates: Vec<date::Orders>,
}

/// Rows whose values are held against those of another column, about.
const ROWS: usize = 20_000;
/// Columns that are one are both filled in so many of the rows in which the one is that is filled less, at most.
const BOTH_MAX: f64 = 0.01;
/// Of the distinct values of columns that are one, though nothing but these says so, so many are in the other as well.
const SHARED_MIN: f64 = 0.1;
/// Numbers that are given out one after the other are the same in any two columns: of those up to the highest, the values
/// of a column that says something are fewer.
const DENSE: f64 = 0.1;

/// Puts columns of one kind together: texts of which a record may have several, and others where no row has two, as where
/// each of several files has a name of its own for them. Each of `found` is a column's place, its kind and whether that was
/// guessed.
pub(super) fn together(columns: &[TextColumn], found: impl Iterator<Item = (usize, Kind, bool)>) -> Vec<Attribute> {
    let mut all: Vec<Attribute> = Vec::new();
    for (at, kind, guessed) in found {
        match all.iter_mut().find(|one| one.kind == kind && one.takes(columns, at, guessed)) {
            Some(one) => {
                one.columns.push(at);
                one.guessed &= guessed;
            }
            None => {
                let combine = if matches!(kind, Kind::Email | Kind::Phone) { Combine::Each } else { Combine::First };
                all.push(Attribute {
                    columns: vec![at],
                    kind,
                    guessed,
                    combine,
                    is_national: false,
                    dates: Vec::new(),
                });
            }
        }
    }
    all
}

impl Attribute {
    /// Whether another column of the same kind belongs to these.
    fn takes(&self, columns: &[TextColumn], at: usize, guessed: bool) -> bool {
        let column = &columns[at];
        let any = |test: &dyn Fn(&TextColumn) -> bool| self.columns.iter().any(|&one| test(&columns[one]));
        let both_named = !guessed && !self.guessed;
        if is_of_another(&column.name) || any(&|one| is_of_another(&one.name)) {
            return false;
        }
        match self.kind {
            Kind::Email | Kind::Phone => both_named || any(&|one| share(self.kind, one, column)),
            Kind::BirthDate
            | Kind::Postcode
            | Kind::City
            | Kind::Region
            | Kind::Country
            | Kind::Sex
            | Kind::Company => {
                !any(&|one| meet(one, column)) && (both_named || any(&|one| share(self.kind, one, column)))
            }
            // Two numbers of one name may still be of two states.
            Kind::Id => !any(&|one| meet(one, column)) && any(&|one| share(self.kind, one, column)),
            _ => false,
        }
    }
}

/// Whether rows have both.
fn meet(one: &TextColumn, other: &TextColumn) -> bool {
    let (filled, both) = one.beside(other);
    both as f64 > BOTH_MAX * filled[0].min(filled[1]) as f64
}

/// Whether many values are in both, and not because any number is.
fn share(kind: Kind, one: &TextColumn, other: &TextColumn) -> bool {
    let [one, other] = [one, other].map(|column| {
        let mut values = FxHashSet::default();
        for text in column.sample(ROWS) {
            let mut value = Vec::new();
            clean::one(kind, text, &mut value);
            if !value.is_empty() {
                values.insert(value);
            }
        }
        values
    });
    let shared = one.intersection(&other).count();
    let is_dense = kind == Kind::Id && [&one, &other].into_iter().any(are_counted);
    !is_dense && shared > 0 && shared as f64 >= SHARED_MIN * one.len().min(other.len()) as f64
}

/// Whether values are numbers that were given out one after the other.
fn are_counted(values: &FxHashSet<Vec<u8>>) -> bool {
    let mut numbers: Vec<f64> = values
        .iter()
        .filter_map(|value| {
            let digits = value.iter().filter(|byte| byte.is_ascii_digit()).map(|&byte| char::from(byte));
            digits.collect::<String>().parse().ok()
        })
        .collect();
    numbers.sort_unstable_by(f64::total_cmp);
    let span = numbers.first().zip(numbers.last()).map_or(0.0, |(low, high)| high - low);
    numbers.len() as f64 > DENSE * span
}

/// The values in a text that may be a list of them, also one of JSON.
pub(in super::super) fn parts(kind: Kind, text: &str) -> impl Iterator<Item = &str> {
    let is_json = text.starts_with('[');
    // Phone numbers are also written with spaces and slashes in them.
    let ends = move |c: char| {
        matches!(c, ';' | '|' | ',' | '\n' | '\r')
            || kind == Kind::Email && matches!(c, ' ' | '/')
            || is_json && matches!(c, '"' | '[' | ']')
    };
    text.split(ends).map(str::trim).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_may_hold_a_list() {
        let of = |kind, text| parts(kind, text).collect::<Vec<_>>();
        assert_eq!(of(Kind::Phone, "030/123 456; +44 20 7946 0001"), ["030/123 456", "+44 20 7946 0001"]);
        assert_eq!(of(Kind::Phone, "0721000111, 0722000222"), ["0721000111", "0722000222"]);
        assert_eq!(of(Kind::Email, "ana@a.org, ana@b.org"), ["ana@a.org", "ana@b.org"]);
        assert_eq!(of(Kind::Email, "Ana Pop <ana@a.org>"), ["Ana", "Pop", "<ana@a.org>"]);
        assert_eq!(of(Kind::Phone, r#"["+40721000111","030/123 456"]"#), ["+40721000111", "030/123 456"]);
    }

    #[test]
    fn numbers_given_out_one_after_the_other_are_known() {
        let of = |numbers: &mut dyn Iterator<Item = u64>| -> FxHashSet<Vec<u8>> {
            numbers.map(|number| format!("c{number}").into_bytes()).collect()
        };
        assert!(are_counted(&of(&mut (1000..2000))));
        assert!(are_counted(&of(&mut (1000..2000).step_by(7))));
        assert!(!are_counted(&of(&mut (0..1000).map(|at| at * 7919 + at % 13))));
        // Accounts have more digits than a number of the machine, and some values have none.
        let accounts = ["AE660514774891777686250", "AE650220187428868918132", "AE180316868166129537088"];
        assert!(!are_counted(&accounts.iter().map(|text| text.as_bytes().to_vec()).collect()));
        assert!(!are_counted(&["ana", "ion"].iter().map(|text| text.as_bytes().to_vec()).collect()));
    }
}
