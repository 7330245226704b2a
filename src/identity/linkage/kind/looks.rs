//! What the values of a column look like.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

use super::super::prepare::attributes::parts;
use super::super::prepare::date;
use super::super::table::TextColumn;
use super::Kind;
use crate::names::{self, Of, ascii};

/// Rows that are looked at, at most: enough to tell what a column holds.
const ROWS_MAX: usize = 60_000;

/// What the values look like, as shares of those that are not null.
pub(super) struct Looks {
    /// Rows that were looked at.
    pub(super) looked: usize,
    pub(super) filled: usize,
    pub(super) distinct: usize,
    pub(super) email: f64,
    pub(super) date: f64,
    /// Six digits that may be a date: `850304`. Other numbers look like that, too, but for a column's name.
    pub(super) short_date: f64,
    /// Years that somebody may be born in.
    pub(super) birth_year: f64,
    /// Years in which nine of ten dates lie; 0 where these are few.
    pub(super) years: u32,
    pub(super) digits: f64,
    /// Numbers with a fraction, and addresses of machines.
    pub(super) measures: f64,
    pub(super) with_digit: f64,
    /// Phone numbers, one or several.
    pub(super) phone: f64,
    /// Filled up with zeros in front, as no phone number is.
    pub(super) padded: f64,
    pub(super) letters: f64,
    pub(super) words: f64,
    /// Of two to four words, as names of people are.
    pub(super) few_words: f64,
    /// With a word that is a name known.
    pub(super) names: f64,
    pub(super) given_names: f64,
    /// With a word that says what an organisation is: `GmbH`, `school`.
    pub(super) organisations: f64,
    /// Titles that say whether somebody is a man or a woman: `Mrs`, `Herr`.
    pub(super) titles: f64,
    /// What tells a father from a son of his name: `Jr`, `III`.
    pub(super) generations: f64,
    pub(super) length: f64,
    /// Digits of each, on average.
    pub(super) only_digits: f64,
    pub(super) number_and_words: f64,
}

impl Looks {
    /// Whether these are several words each, without digits.
    pub(super) fn are_phrases(&self) -> bool {
        self.letters > 0.8 && self.with_digit < 0.2 && self.words > 1.5
    }

    /// Whether these are names of organisations rather than of people.
    pub(super) fn are_organisations(&self) -> bool {
        self.organisations > 0.35
    }

    pub(super) fn of(column: &TextColumn) -> Self {
        let mut sorted: Vec<&str> = column.sample(ROWS_MAX).collect();
        let filled = sorted.len();
        sorted.sort_unstable();
        sorted.dedup();
        let distinct = sorted.len();
        // Distinct values in an order that does not favour a letter: every so-manyth.
        let step = (distinct / 2000).max(1);
        let sample: Vec<&str> = sorted.into_iter().step_by(step).collect();
        let count = sample.len().max(1) as f64;
        let share = |test: &dyn Fn(&str) -> bool| sample.iter().filter(|value| test(value)).count() as f64 / count;
        let mean =
            |measure: &dyn Fn(&str) -> usize| sample.iter().map(|value| measure(value)).sum::<usize>() as f64 / count;
        let digits = |value: &str| value.chars().filter(char::is_ascii_digit).count();
        let letters = |value: &str| value.chars().filter(|c| c.is_alphabetic()).count();
        let date = share(&|value| date::shaped(value));
        let every = column.len().div_ceil(ROWS_MAX).max(1);
        Self {
            looked: column.len().div_ceil(every),
            filled,
            distinct,
            email: share(&|value| value.contains('@') && !value.ends_with('@')),
            date,
            short_date: share(&date::is_six_digits),
            birth_year: share(&|value| date::year(value).is_some()),
            years: if date > 0.5 { years(&sample) } else { 0 },
            measures: share(&is_measure),
            digits: share(&|value| digits(value) * 2 > value.chars().count()),
            with_digit: share(&|value| digits(value) > 0),
            phone: share(&|value| parts(Kind::Phone, value).all(is_phone)),
            padded: share(&|value| value.starts_with("000")),
            letters: share(&|value| letters(value) * 4 > value.chars().count() * 3),
            names: share(&|value| ascii(value).split(' ').any(|word| names::is_given(word) || names::is_family(word))),
            given_names: share(&|value| {
                ascii(value).split(' ').any(|word| names::is_given(word) && !names::is_family(word))
            }),
            few_words: share(&|value| (2..=4).contains(&value.split_whitespace().count())),
            organisations: share(&is_organisation),
            words: mean(&|value| value.split_whitespace().count()),
            titles: share(&|value| matches!(names::title(value), Some(Of::Men | Of::Women))),
            generations: share(&|value| names::generation(value).is_some() && !value.contains(' ')),
            only_digits: mean(&digits),
            length: mean(&|value| value.chars().count()),
            number_and_words: share(&|value| digits(value) > 0 && letters(value) > 3 && value.contains(' ')),
        }
    }
}

/// Whether a text is nothing but digits and what stands between the digits of a phone number.
fn is_phone(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit() || " ()+-./".contains(c))
        && text.bytes().filter(u8::is_ascii_digit).count() >= 6
}

/// Whether a text is a number with a fraction, such as a degree of longitude, or four numbers as machines have on a network.
fn is_measure(text: &str) -> bool {
    let numbers = text.strip_prefix('-').unwrap_or(text).split(['.', ',']);
    let parts = numbers.clone().count();
    let of_machine = parts == 4 && numbers.clone().all(|part| part.parse::<u8>().is_ok());
    (parts == 2 || of_machine)
        && numbers.clone().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

/// Years in which nine of ten of these dates lie, from the twentieth to the last but twentieth.
fn years(texts: &[&str]) -> u32 {
    let mut votes = date::Votes::default();
    votes.extend(texts.iter().copied());
    let order = votes.order().unwrap_or_default();
    let year = |digits: [u8; 8]| digits[..4].iter().fold(0, |year, digit| year * 10 + u32::from(digit - b'0'));
    let mut years: Vec<u32> = texts.iter().filter_map(|text| date::digits(text, order)).map(year).collect();
    years.sort_unstable();
    let margin = years.len() / 20;
    match years[..] {
        [] => 0,
        _ => years[years.len() - 1 - margin] - years[margin],
    }
}

/// Words in names of organisations, from `organisation_words.csv`.
struct Words {
    spaced: FxHashSet<String>,
    /// Of scripts without spaces.
    joined: Vec<&'static str>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Words { spaced: FxHashSet::default(), joined: Vec::new() };
    for line in include_str!("../../../../data/organisation_words.csv").lines().skip(1) {
        let Some((language, list)) = line.split_once(',') else { continue };
        if matches!(language, "zh" | "ja") {
            words.joined.extend(list.split('|'));
        } else {
            words.spaced.extend(list.split('|').map(ascii));
        }
    }
    words
});

fn is_organisation(text: &str) -> bool {
    ascii(text).split(' ').any(|word| WORDS.spaced.contains(word))
        || !text.is_ascii() && WORDS.joined.iter().any(|word| text.contains(word))
}
