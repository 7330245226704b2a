//! What a column holds, found from its name and its values.

use std::sync::LazyLock;

use super::prepare::date;
use super::table::TextColumn;
use crate::names::{self, ascii};
use crate::parallel;

/// What the values of a column say about a person.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Given,
    Middle,
    /// Junior, senior, the third.
    Generation,
    Family,
    FullName,
    BirthDate,
    Date,
    Email,
    Phone,
    Address,
    Postcode,
    City,
    Region,
    Country,
    Id,
    Company,
    Sex,
    Category,
    Text,
    Number,
    /// Says nothing: always the same, or always another.
    #[default]
    Nothing,
}

impl Kind {
    #[rustfmt::skip]
    const ALL: [Self; 21] = [
        Self::Given, Self::Middle, Self::Generation, Self::Family, Self::FullName, Self::BirthDate, Self::Date, Self::Email,
        Self::Phone, Self::Address, Self::Postcode, Self::City, Self::Region, Self::Country, Self::Id, Self::Company,
        Self::Sex, Self::Category, Self::Text, Self::Number, Self::Nothing,
    ];

    /// Whether two people seldom have the same value. Where no column is of such a kind, nobody can be recognised.
    pub(crate) fn tells_people_apart(self) -> bool {
        use Kind::{Address, BirthDate, Company, Email, Family, FullName, Given, Id, Phone};
        matches!(self, Given | Family | FullName | BirthDate | Email | Phone | Address | Id | Company)
    }

    /// As people call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Given => "given name",
            Self::Middle => "middle name",
            Self::Generation => "generation",
            Self::Family => "family name",
            Self::FullName => "whole name",
            Self::BirthDate => "birth date",
            Self::Date => "date",
            Self::Email => "e-mail",
            Self::Phone => "phone",
            Self::Address => "address",
            Self::Postcode => "postcode",
            Self::City => "city",
            Self::Region => "region",
            Self::Country => "country",
            Self::Id => "identifier",
            Self::Company => "company",
            Self::Sex => "sex",
            Self::Category => "category",
            Self::Text => "text",
            Self::Number => "number",
            Self::Nothing => "nothing",
        }
    }
}

/// Rows that are looked at, at most.
const ROWS_MAX: usize = 60_000;

/// What the values look like, as shares of those that are not null.
struct Looks {
    filled: usize,
    distinct: usize,
    email: f64,
    date: f64,
    digits: f64,
    with_digit: f64,
    /// Nothing but digits and what stands between the digits of a phone number.
    phone: f64,
    letters: f64,
    words: f64,
    /// With a word that is a name known.
    names: f64,
    given_names: f64,
    length: f64,
    number_and_words: f64,
}

/// The kinds of columns, in their order.
pub(crate) fn kinds_of(columns: &[TextColumn], threads: usize) -> Vec<Kind> {
    let found = parallel::map(threads, columns.len(), 1, |range| {
        let looks = Looks::of(&columns[range.start]);
        (kind_of(&columns[range.start], &looks), looks.words)
    });
    let any = |kind: Kind| found.iter().any(|(other, _)| *other == kind);
    let (given, family) = (any(Kind::Given), any(Kind::Family));
    let settle = |&(kind, words): &(Kind, f64)| match kind {
        // `Vorname` and `Name`, `voornaam` and `naam`: one word beside a given name is the family's.
        Kind::FullName if given && !family && words < 1.5 => Kind::Family,
        // `nome`, `nombre`, `tên`, `nume`: the given name or the family name only where there is another.
        Kind::Given if !family && words > 1.7 => Kind::FullName,
        Kind::Family if !given && words > 1.7 => Kind::FullName,
        kind => kind,
    };
    found.iter().map(settle).collect()
}

/// The kind of a column.
fn kind_of(column: &TextColumn, looks: &Looks) -> Kind {
    if looks.filled < 2 || looks.distinct < 2 {
        return Kind::Nothing;
    }
    let named = by_name(&column.name);
    match named {
        Some(kind) if fits(kind, looks) => refine(kind, &column.name, looks),
        _ => by_values(looks),
    }
}

/// The words of a column's name: split at punctuation, white space and camel humps.
fn words(name: &str) -> String {
    let mut split = String::new();
    let mut lower = false;
    for c in name.chars() {
        if c.is_uppercase() && lower {
            split.push(' ');
        }
        lower = c.is_lowercase();
        split.push(c);
    }
    format!(" {} ", ascii(&split))
}

/// What words in a column's name make of it, from `column_words.csv`.
struct Words {
    /// Words in ASCII, between spaces: those of more words first, then the narrower kinds.
    spaced: Vec<(String, Kind)>,
    /// Words of scripts without spaces, the longer first.
    joined: Vec<(&'static str, Kind)>,
    /// Words for numbers that a state gives each person one of.
    national: Vec<String>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Words { spaced: Vec::new(), joined: Vec::new(), national: Vec::new() };
    // The table's kinds are in order, narrow ones first.
    for line in include_str!("../../../data/column_words.csv").lines().skip(1) {
        let &[named, language, list] = &line.split(',').collect::<Vec<_>>()[..] else { continue };
        let is_national = named == "national id";
        let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.name() == named || is_national && *kind == Kind::Id)
        else {
            continue;
        };
        for word in list.split('|') {
            let spaced = format!(" {} ", ascii(word));
            if is_national {
                words.national.push(if matches!(language, "zh" | "ja") { word.to_owned() } else { spaced.clone() });
            }
            if matches!(language, "zh" | "ja") {
                words.joined.push((word, kind));
            } else {
                words.spaced.push((spaced, kind));
            }
        }
    }
    words.spaced.sort_by_key(|(word, _)| std::cmp::Reverse(word.matches(' ').count()));
    words.joined.sort_by_key(|(word, _)| std::cmp::Reverse(word.chars().count()));
    words
});

/// Whether a column's name says that it holds numbers that a state gives each person one of.
pub(crate) fn is_national(name: &str) -> bool {
    let words = words(name);
    WORDS.national.iter().any(|word| words.contains(word) || name.contains(word))
}

fn by_name(name: &str) -> Option<Kind> {
    let words = words(name);
    let has = |word: &&str| words.contains(&format!(" {word} "));
    let spaced = WORDS.spaced.iter().find(|(known, _)| words.contains(known)).map(|&(_, kind)| kind);
    let joined = || WORDS.joined.iter().find(|(known, _)| name.contains(known)).map(|&(_, kind)| kind);
    let found = if name.is_ascii() { spaced } else { joined().or(spaced) };
    let both = has(&"first") && (has(&"surname") || has(&"last") || has(&"family"));
    match found {
        Some(Kind::Address) if has(&"type") => Some(Kind::Category),
        Some(Kind::Phone | Kind::Id | Kind::Email) if has(&"type") || has(&"verified") => Some(Kind::Category),
        Some(Kind::Id) if has(&"country") || has(&"state") => Some(Kind::Category),
        Some(Kind::Country | Kind::Region) if ["passport", "license", "licence", "tax", "national"].iter().any(has) => {
            Some(Kind::Category)
        }
        Some(Kind::Given | Kind::Family) if both => Some(Kind::FullName),
        found => found,
    }
}

fn fits(kind: Kind, looks: &Looks) -> bool {
    match kind {
        Kind::Email => looks.email > 0.5,
        Kind::Phone => looks.phone > 0.5 && looks.length >= 5.0,
        Kind::BirthDate | Kind::Date => looks.date > 0.5,
        Kind::Given | Kind::Family | Kind::Middle | Kind::FullName | Kind::City => looks.letters > 0.5,
        Kind::Address => true,
        Kind::Company => looks.letters > 0.5,
        Kind::Postcode => looks.with_digit > 0.5 && looks.length <= 12.0,
        Kind::Region | Kind::Country | Kind::Sex => looks.letters > 0.5 || looks.distinct < 100,
        Kind::Id => looks.digits > 0.3 || looks.distinct * 2 > looks.filled,
        Kind::Number => looks.digits > 0.5,
        _ => true,
    }
}

fn refine(kind: Kind, name: &str, looks: &Looks) -> Kind {
    let words = words(name);
    match kind {
        // `street_number` is part of an address, `customer_no` with few values a category.
        Kind::Id if looks.distinct * 20 < looks.filled => Kind::Category,
        Kind::Sex if looks.distinct > 30 => Kind::Category,
        Kind::FullName if looks.words < 1.2 => {
            if words.contains(" user ") {
                Kind::Id
            } else {
                Kind::FullName
            }
        }
        kind => kind,
    }
}

fn by_values(looks: &Looks) -> Kind {
    let repeats = looks.filled as f64 / looks.distinct as f64;
    if looks.email > 0.5 {
        Kind::Email
    } else if looks.date > 0.8 {
        Kind::Date
    } else if looks.phone > 0.8 && looks.length >= 9.0 && repeats < 20.0 {
        if looks.length <= 16.0 { Kind::Phone } else { Kind::Id }
    } else if looks.distinct <= 2 + looks.filled / 50 {
        Kind::Category
    } else if looks.digits > 0.8 {
        if looks.length >= 5.0 { Kind::Id } else { Kind::Number }
    } else if looks.number_and_words > 0.5 {
        Kind::Address
    } else if looks.letters > 0.8 && looks.words < 3.5 {
        match (looks.names, looks.given_names) {
            (..0.15, _) => Kind::Text,
            _ if looks.words > 1.6 => Kind::FullName,
            (names, given) if given * 2.0 > names => Kind::Given,
            _ => Kind::Family,
        }
    } else if looks.digits > 0.3 && looks.words < 1.5 {
        Kind::Id
    } else {
        Kind::Text
    }
}

impl Looks {
    fn of(column: &TextColumn) -> Self {
        // Rows of everywhere: enough to tell what a column holds.
        let every = column.len().div_ceil(ROWS_MAX).max(1);
        let mut sorted: Vec<&str> = (0..column.len()).step_by(every).filter_map(|row| column.text(row)).collect();
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
        Self {
            filled,
            distinct,
            email: share(&|value| value.contains('@') && !value.ends_with('@')),
            date: share(&|value| date::shaped(value)),
            digits: share(&|value| digits(value) * 2 > value.chars().count()),
            with_digit: share(&|value| digits(value) > 0),
            phone: share(&|value| {
                value.chars().all(|c| c.is_ascii_digit() || " ()+-./".contains(c)) && digits(value) >= 6
            }),
            letters: share(&|value| letters(value) * 4 > value.chars().count() * 3),
            names: share(&|value| ascii(value).split(' ').any(|word| names::is_given(word) || names::is_family(word))),
            given_names: share(&|value| {
                ascii(value).split(' ').any(|word| names::is_given(word) && !names::is_family(word))
            }),
            words: mean(&|value| value.split_whitespace().count()),
            length: mean(&|value| value.chars().count()),
            number_and_words: share(&|value| digits(value) > 0 && letters(value) > 3 && value.contains(' ')),
        }
    }
}
