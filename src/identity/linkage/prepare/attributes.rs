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
/// Of numbers that are given to people, which are many more than there are people, so many are enough, at least three of
/// them: two files may have few people in common.
const SHARED_NUMBERS_MIN: f64 = 0.01;
/// Numbers that are given out one after the other are the same in any two columns: so many times as many as would be by
/// chance say something.
const CHANCE: f64 = 10.0;

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
    let least = one.len().min(other.len()) as f64;
    match kind {
        Kind::Id => {
            let by_chance = one.len() as f64 * other.len() as f64 / span(one.iter().chain(&other));
            shared >= 3 && shared as f64 >= (SHARED_NUMBERS_MIN * least).max(CHANCE * by_chance)
        }
        _ => shared > 0 && shared as f64 >= SHARED_MIN * least,
    }
}

/// How many numbers there are from the lowest to the highest value; without end where most values are no numbers.
fn span<'a>(values: impl Iterator<Item = &'a Vec<u8>>) -> f64 {
    let (mut low, mut high, mut numbers, mut all) = (f64::MAX, f64::MIN, 0, 0);
    for value in values {
        let digits = value.iter().filter(|byte| byte.is_ascii_digit()).map(|&byte| char::from(byte));
        let number: Option<f64> = digits.collect::<String>().parse().ok();
        (all, numbers) = (all + 1, numbers + usize::from(number.is_some()));
        (low, high) = number.map_or((low, high), |number| (low.min(number), high.max(number)));
    }
    if 2 * numbers > all { high - low + 1.0 } else { f64::INFINITY }
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
    use datafusion::arrow::array::{Array, LargeStringArray};

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

    fn column(values: impl Iterator<Item = String>) -> TextColumn {
        let texts: LargeStringArray = values.map(Some).collect();
        let order: Vec<u32> = (0..texts.len() as u32).collect();
        TextColumn::of("no".into(), texts, None, order.into())
    }

    #[test]
    fn numbers_of_two_files_are_one_column_if_more_are_in_both_than_by_chance() {
        let share = |one: &mut dyn Iterator<Item = String>, other: &mut dyn Iterator<Item = String>| {
            share(Kind::Id, &column(one), &column(other))
        };
        let counted = |start: u64| (start..start + 1000).map(|number| format!("c{number}"));
        let account = |at: u64| format!("AE{:02}{:019}", at % 97, at * 7_919_104_729_131);
        assert!(!share(&mut counted(1), &mut counted(1)), "given out one after the other");
        assert!(!share(&mut counted(1), &mut counted(500)));
        // Of a thousand accounts with 21 digits, forty are of both files, or one.
        assert!(share(&mut (0..1000).map(account), &mut (960..1960).map(account)));
        assert!(!share(&mut (0..1000).map(account), &mut (999..1999).map(account)));
        let letter = |at: u64| char::from(b'a' + (at % 26) as u8);
        let names = |start: u64| (start..start + 100).map(|at| format!("user{}{}", letter(at / 26), letter(at)));
        assert!(share(&mut names(0), &mut names(50)), "names have no numbers to follow");
    }
}
