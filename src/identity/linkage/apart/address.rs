//! Addresses in one text, `66 High Ln, Leeds, LS1 4LA`, beside records that have the postcode or the city in a column of its
//! own.

use std::ops::Range;
use std::sync::Arc;

use datafusion::arrow::array::{Array, LargeStringArray};
use rustc_hash::{FxHashMap, FxHashSet};

use super::super::kind::{Kind, by_name, kinds_of};
use super::super::table::{Table, TextColumn};
use crate::names::ascii;
use crate::parallel;

/// Rows of a column that are looked at to tell how its postcodes are made.
const ROWS_MAX: usize = 20_000;

/// A shape of postcodes that is as rare is a slip of the pen.
const SHAPE_MIN: f64 = 0.05;

/// Characters of a postcode, at least; a number of fewer is of a house.
const POSTCODE_MIN: usize = 4;

/// Words of a postcode, and of a city, at most.
const POSTCODE_WORDS: usize = 2;
const CITY_WORDS: usize = 4;

/// What stands between the parts of an address.
const BETWEEN: [char; 3] = [',', ';', '|'];

/// What columns of their own show of postcodes and cities.
struct Places {
    /// What postcodes are made of: `a99aa`, `99-999`.
    shapes: FxHashSet<String>,
    /// Cities that several records have.
    cities: FxHashSet<String>,
}

/// An address and what was taken out of it.
#[derive(Debug)]
struct Parts {
    rest: String,
    postcode: String,
    city: String,
}

impl Table {
    /// Takes the postcode and the city out of addresses of records that have none in a column, where others have.
    pub(super) fn take_addresses_apart(&mut self, threads: usize) {
        // Postcodes and cities are known by the names of their columns only.
        let lacks = [Kind::Postcode, Kind::City].map(|kind| {
            let named = self.columns.iter().filter(|column| by_name(&column.name) == Some(kind));
            lacking(&named.collect::<Vec<_>>(), self.records())
        });
        if !lacks.iter().flatten().any(|&lacks| lacks) {
            return;
        }
        let kinds = kinds_of(&self.columns, threads).kinds;
        let of = |kind: Kind| -> Vec<&TextColumn> {
            let all = self.columns.iter().zip(&kinds).filter(|(_, own)| **own == kind);
            all.map(|(column, _)| column).filter(|column| !is_of_birth(&column.name)).collect()
        };
        let (postcodes, cities) = (of(Kind::Postcode), of(Kind::City));
        let lacks = [lacking(&postcodes, self.records()), lacking(&cities, self.records())];
        let places = Places::of(&postcodes, &cities);
        for at in (0..kinds.len()).filter(|&at| kinds[at] == Kind::Address) {
            let column = &self.columns[at];
            let texts: Vec<Option<&str>> = column.rows().collect();
            let apart = parallel::map(threads, texts.len(), 16_384, |range| {
                let lacks = |row: usize| [lacks[0][row], lacks[1][row]];
                let of = |row: usize| Some((row, Parts::of(texts[row]?, lacks(row), &places)?));
                range.filter_map(of).collect::<Vec<(usize, Parts)>>()
            });
            let apart: Vec<(usize, Parts)> = apart.into_iter().flatten().collect();
            if apart.is_empty() {
                continue;
            }
            let mut taken = apart.iter().peekable();
            let rest = texts.iter().enumerate().map(|(row, text)| {
                let parts = taken.next_if(|(taken, _)| *taken == row);
                parts.map_or(*text, |(_, parts)| Some(&*parts.rest).filter(|rest| !rest.is_empty()))
            });
            let rest: LargeStringArray = rest.collect();
            let part = |of: fn(&Parts) -> &str| -> LargeStringArray {
                let mut taken = apart.iter().peekable();
                let part = |row: usize| {
                    let parts = taken.next_if(|(taken, _)| *taken == row);
                    parts.map(|(_, parts)| of(parts)).filter(|part| !part.is_empty())
                };
                (0..texts.len()).map(part).collect()
            };
            let name = column.name.clone();
            let found = [
                (format!("{name}: postcode"), part(|parts| &parts.postcode), Kind::Postcode),
                (format!("{name}: city"), part(|parts| &parts.city), Kind::City),
            ];
            self.columns[at] = TextColumn::of(name, rest, Some(Kind::Address), Arc::clone(&self.order));
            for (name, texts, kind) in found.into_iter().filter(|(_, texts, _)| texts.null_count() < texts.len()) {
                self.columns.push(TextColumn::of(name, texts, Some(kind), Arc::clone(&self.order)));
            }
        }
    }
}

/// Whether a column says where somebody was born.
fn is_of_birth(name: &str) -> bool {
    let name = name.to_lowercase();
    ["birth", "born", "gebur", "naissance", "nacimiento", "nascimento", "nascita", "urodz", "naster"]
        .iter()
        .any(|word| name.contains(word))
}

/// Per row of the input: whether it has a value in none of the columns, though there are some.
fn lacking(columns: &[&TextColumn], rows: usize) -> Vec<bool> {
    let mut lacks = vec![!columns.is_empty(); rows];
    for column in columns {
        lacks.iter_mut().zip(column.rows()).for_each(|(lacks, text)| {
            *lacks &= text.is_none_or(|text| text.trim().is_empty());
        });
    }
    lacks
}

impl Places {
    fn of(postcodes: &[&TextColumn], cities: &[&TextColumn]) -> Self {
        let (mut seen, mut shapes) = (0, FxHashMap::default());
        for postcode in postcodes.iter().flat_map(|column| column.sample(ROWS_MAX)) {
            let shape = shape(postcode);
            if shape.len() >= POSTCODE_MIN {
                seen += 1;
                *shapes.entry(shape).or_insert(0) += 1;
            }
        }
        shapes.retain(|_, times| f64::from(*times) > SHAPE_MIN * f64::from(seen));
        // What was written is folded once, however many records have it.
        let mut written: FxHashMap<&str, u32> = FxHashMap::default();
        cities.iter().flat_map(|column| column.texts()).for_each(|city| *written.entry(city).or_default() += 1);
        let mut folded: FxHashMap<String, u32> = FxHashMap::default();
        for (city, times) in written {
            *folded.entry(ascii(city)).or_default() += times;
        }
        folded.retain(|city, times| *times > 1 && city.len() > 1);
        Self { shapes: shapes.into_keys().collect(), cities: folded.into_keys().collect() }
    }

    /// Where the postcode stands among the words of an address: the last that looks like one. A number may be of a house or
    /// a flat, unless it has the city beside it, or the address ends with it and has another number.
    fn postcode(&self, words: &[&str]) -> Option<Range<usize>> {
        let has_digit = |word: &&str| word.bytes().any(|byte| byte.is_ascii_digit());
        let is_postcode = |range: &Range<usize>| {
            let (before, run, behind) = (&words[..range.start], &words[range.clone()], &words[range.end..]);
            let (Some((last, others)), true) = (run.split_last(), run.iter().any(has_digit)) else { return false };
            let shape = shape(&run.join(" "));
            if others.iter().any(|word| word.ends_with(BETWEEN)) || !self.shapes.contains(&shape) {
                return false;
            }
            let ends = behind.is_empty() && before.iter().any(has_digit) && shape.len() > POSTCODE_MIN;
            shape.contains('a')
                || ends
                || !last.ends_with(BETWEEN) && self.begin_with_city(behind)
                || self.end_with_city(before)
        };
        last(words.len(), POSTCODE_WORDS, is_postcode)
    }

    /// Where the city stands: next to where the postcode stood, or between commas.
    fn city(&self, words: &[&str], postcode: Option<usize>) -> Option<Range<usize>> {
        let ends = |at: usize| at == words.len() || words[at - 1].ends_with(BETWEEN);
        let is_city = |range: &Range<usize>| {
            let is_there = postcode.is_some_and(|at| range.start == at || range.end == at)
                || range.start > 0 && ends(range.start) && ends(range.end);
            is_there && self.is_city(&words[range.clone()])
        };
        last(words.len(), CITY_WORDS, is_city)
    }

    fn is_city(&self, words: &[&str]) -> bool {
        self.cities.contains(&ascii(&words.join(" ")))
    }

    fn begin_with_city(&self, words: &[&str]) -> bool {
        (1..=CITY_WORDS.min(words.len())).any(|end| self.is_city(&words[..end]))
    }

    fn end_with_city(&self, words: &[&str]) -> bool {
        (1..=CITY_WORDS.min(words.len())).any(|count| self.is_city(&words[words.len() - count..]))
    }
}

/// The last run of at most so many words that passes, of those with one end the longest.
fn last(words: usize, words_max: usize, passes: impl Fn(&Range<usize>) -> bool) -> Option<Range<usize>> {
    let runs = (1..=words).rev().flat_map(|end| (end.saturating_sub(words_max)..end).map(move |start| start..end));
    runs.into_iter().find(passes)
}

/// What a postcode is made of: letters and digits, and what stands between digits.
fn shape(postcode: &str) -> String {
    let postcode = postcode.trim_end_matches(BETWEEN);
    let has_letters = postcode.contains(char::is_alphabetic);
    let kind = |c: char| match c {
        c if c.is_ascii_digit() => Some('9'),
        c if c.is_alphabetic() => Some('a'),
        // `LS1 4LA` is also written `LS14LA`.
        c => (!has_letters).then_some(c),
    };
    postcode.chars().filter_map(kind).collect()
}

/// Words without what stands between them.
fn plain<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(|word| word.trim_end_matches(BETWEEN)).collect::<Vec<_>>().join(" ")
}

impl Parts {
    /// Takes out of an address what its record lacks: a postcode, a city; none if it has neither.
    fn of(text: &str, [lacks_postcode, lacks_city]: [bool; 2], places: &Places) -> Option<Self> {
        if !lacks_postcode && !lacks_city {
            return None;
        }
        let pieces = text.split_inclusive(|c: char| c.is_whitespace() || BETWEEN.contains(&c)).map(str::trim);
        let mut words: Vec<&str> = pieces.filter(|word| word.contains(char::is_alphanumeric)).collect();
        let at = if lacks_postcode { places.postcode(&words) } else { None };
        let stood = at.as_ref().map(|at| at.start);
        let postcode = at.map(|at| plain(words.drain(at))).unwrap_or_default();
        let at = if lacks_city { places.city(&words, stood) } else { None };
        let city = at.map(|at| plain(words.drain(at))).unwrap_or_default();
        let is_taken = !postcode.is_empty() || !city.is_empty();
        is_taken.then(|| Self { rest: plain(words.into_iter()), postcode, city })
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};

    use super::*;

    /// The columns of addresses and places of a table, row by row, once addresses are taken apart.
    fn apart(rows: &[[&str; 3]]) -> Vec<Vec<String>> {
        let texts = |at: usize| -> ArrayRef {
            Arc::new(rows.iter().map(|row| Some(row[at]).filter(|text| !text.is_empty())).collect::<StringArray>())
        };
        let ids: ArrayRef = Arc::new((0..rows.len()).map(|row| Some(format!("{row:03}"))).collect::<StringArray>());
        let columns = [("record_id", ids), ("address", texts(0)), ("postcode", texts(1)), ("city", texts(2))];
        let records = RecordBatch::try_from_iter(columns).expect("a table");
        let mut table = Table::read(&records, ["record_id", "source"], &[], 1).expect("reads");
        table.take_addresses_apart(1);
        let all =
            |row: usize| table.columns.iter().map(|column| column.text(row).unwrap_or_default().to_owned()).collect();
        (0..rows.len()).map(all).collect()
    }

    #[test]
    fn what_others_have_in_columns_is_taken_out_of_an_address() {
        let found = apart(&[
            ["66 High Ln", "LS1 4LA", "Leeds"],
            ["1 Low Ln", "LS1 4LB", "LEEDS"],
            ["3 York Road", "HX12 9QQ", "Upper Hopton"],
            ["4 York Road", "HX12 9QQ", "Upper Hopton"],
            ["66 High Ln, Leeds, LS1 4LA", "", ""],
            ["3, York Road, Upper Hopton HX129QQ, England", "", ""],
            ["12 Leeds Road, Halifax", "", ""],
            ["12 Mill Lane, Leeds", "HX1 1AA", ""],
            ["8 Avenue de Leeds", "", ""],
        ]);
        assert_eq!(found[4], ["66 High Ln", "", "", "LS1 4LA", "Leeds"]);
        assert_eq!(found[5], ["3 York Road England", "", "", "HX129QQ", "Upper Hopton"]);
        // Halifax is no city that is known, and Leeds that of a road.
        assert_eq!(found[6], ["12 Leeds Road, Halifax", "", "", "", ""]);
        assert_eq!(found[7], ["12 Mill Lane", "HX1 1AA", "", "", "Leeds"]);
        assert_eq!(found[8], ["8 Avenue de Leeds", "", "", "", ""]);
    }

    #[test]
    fn the_number_of_a_house_is_no_postcode() {
        let found = apart(&[
            ["Hauptstr. 5", "10115", "Berlin"],
            ["Hauptstr. 6", "10115", "Berlin"],
            ["Am Markt 7", "80331", "München"],
            ["Am Markt 8", "80331", "München"],
            ["12345 Main Street", "", ""],
            ["Apt 3, 12345 Main St", "", ""],
            ["Hauptstr. 5, 10115 Berlin", "", ""],
            ["80331 München, Am Markt 7", "", ""],
            ["10115 Berlin", "", ""],
            ["12 Oak St, Springfield, IL 62704", "", ""],
        ]);
        assert_eq!(found[4], ["12345 Main Street", "", "", "", ""]);
        assert_eq!(found[5], ["Apt 3, 12345 Main St", "", "", "", ""]);
        assert_eq!(found[6], ["Hauptstr. 5", "", "", "10115", "Berlin"]);
        assert_eq!(found[7], ["Am Markt 7", "", "", "80331", "München"]);
        assert_eq!(found[8], ["", "", "", "10115", "Berlin"]);
        assert_eq!(found[9], ["12 Oak St Springfield IL", "", "", "62704", ""]);
    }

    #[test]
    fn numbers_of_four_digits_are_postcodes_beside_their_city_only() {
        let found = apart(&[
            ["Bahnhofstr. 5", "1060", "Wien"],
            ["Bahnhofstr. 6", "1060", "Wien"],
            ["Bahnhofstr. 7", "8010", "Graz"],
            ["Bahnhofstr. 8", "8010", "Graz"],
            ["Bahnhofstrasse 12-14", "", ""],
            ["Gumpendorfer Straße 12/34", "", ""],
            ["Flat 12, 34 High St", "", ""],
            ["Unit 4, 1024 Pacific Highway", "", ""],
            ["Postfach 1234", "", ""],
            ["Bahnhofstr. 5, 1060 Wien", "", ""],
        ]);
        for row in &found[4..9] {
            assert_eq!(row[3..], ["", ""], "{row:?}");
        }
        assert_eq!(found[9], ["Bahnhofstr. 5", "", "", "1060", "Wien"]);
    }

    #[test]
    fn addresses_stay_whole_where_nobody_has_columns_for_their_parts() {
        assert_eq!(apart(&[["66 High Ln, Leeds, LS1 4LA", "", ""], ["3 York Road, Leeds", "", ""]])[0].len(), 3);
    }
}
