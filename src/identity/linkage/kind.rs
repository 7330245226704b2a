//! What a column holds, found from its name and its values.

mod birth;
mod looks;

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

use super::table::TextColumn;
use crate::names::ascii;
use crate::parallel;
use looks::Looks;

/// What the values of a column say about a person.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
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
    /// Of several people together: a household's number, an office's code.
    Group,
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
    const ALL: [Self; 22] = [
        Self::Given, Self::Middle, Self::Generation, Self::Family, Self::FullName, Self::BirthDate, Self::Date, Self::Email,
        Self::Phone, Self::Address, Self::Postcode, Self::City, Self::Region, Self::Country, Self::Id, Self::Group, Self::Company,
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
            Self::Group => "group",
            Self::Company => "company",
            Self::Sex => "sex",
            Self::Category => "category",
            Self::Text => "text",
            Self::Number => "number",
            Self::Nothing => "nothing",
        }
    }
}

/// The kinds of columns, in their order.
pub(crate) struct Kinds {
    pub(crate) kinds: Vec<Kind>,
    /// Per column: its name does not say what it holds.
    pub(crate) guessed: Vec<bool>,
    /// The columns of year, month and day of a birth date that has no column of its own.
    pub(crate) born: Option<[usize; 3]>,
}

/// Names are known by their words in so many of the values, or the column only happens to have such words.
const NAMES_MIN: f64 = 0.5;

/// The kinds of columns, found from their names and values.
pub(crate) fn kinds_of(columns: &[TextColumn], threads: usize) -> Kinds {
    let found = parallel::map(threads, columns.len(), 1, |range| {
        let column = &columns[range.start];
        let looks = Looks::of(column);
        if let Some(kind) = column.kind {
            return (kind, true, looks);
        }
        let named = match by_name(&column.name) {
            // `Account`: a number, or, as sales tools have it, a company.
            Some(Kind::Id)
                if words(&column.name).contains(" account ")
                    && looks.letters > 0.8
                    && looks.given_names < NAMES_SEEN_MIN =>
            {
                Some(Kind::Company)
            }
            // `customer`, `member`: a number, or somebody's name.
            Some(Kind::Id) if looks.few_words > 0.8 && by_values(&looks) == Kind::Text => Some(Kind::FullName),
            named => named.filter(|kind| fits(*kind, &looks)),
        };
        (kind_of(column, named, &looks), named.is_some(), looks)
    });
    let found = without_other_places(columns, without_others(columns, found));
    let found = with_others_beside(columns, found);
    let any = |kind: Kind| found.iter().any(|(other, ..)| *other == kind);
    let (given, family) = (any(Kind::Given), any(Kind::Family));
    let has_names = found.iter().any(|&(kind, named, _)| named && is_name(kind));
    let has_sex = any(Kind::Sex);
    let has_contacts = names_contacts(&found);
    let settle = |(kind, named, looks): &(Kind, bool, Looks)| match *kind {
        // Where the names of people are said to be, words of another column that are names, too, are none.
        kind if is_name(kind) && has_names && !named && looks.names < NAMES_MIN => Kind::Text,
        kind if is_name(kind) && has_contacts => Kind::Text,
        // `Mr` and `Mrs`, where nothing else says it.
        Kind::Category if !has_sex && looks.titles >= TITLES_MIN => Kind::Sex,
        // `Vorname` and `Name`, `voornaam` and `naam`: one word beside a given name is the family's.
        Kind::FullName if given && !family && looks.words < 1.5 => Kind::Family,
        // `nome`, `nombre`, `tên`, `nume`: the given name or the family name only where there is another.
        Kind::Given if !family && looks.words > 1.7 => Kind::FullName,
        Kind::Family if !given && looks.words > 1.7 => Kind::FullName,
        kind => kind,
    };
    let mut kinds: Vec<Kind> = found.iter().map(settle).collect();
    let is_born = |at: usize| kinds[at] == Kind::BirthDate;
    let born = birth::parts(columns).filter(|parts| (0..kinds.len()).all(|at| !is_born(at) || parts.contains(&at)));
    for at in born.into_iter().flatten() {
        kinds[at] = Kind::BirthDate;
    }
    let guessed = found.iter().map(|&(_, named, _)| !named).collect();
    Kinds { kinds, guessed, born }
}

/// The columns whose names mean one thing where another kind of name stands beside them, and else another.
fn with_others_beside(columns: &[TextColumn], mut found: Vec<(Kind, bool, Looks)>) -> Vec<(Kind, bool, Looks)> {
    let is_beside = |column: &TextColumn, is_such: &dyn Fn(Kind) -> bool| {
        found.iter().zip(columns).any(|((kind, named, _), other)| {
            *named && is_such(*kind) && other.name != column.name && {
                let ([filled, _], both) = column.beside(other);
                2 * both > filled
            }
        })
    };
    let kind = |(column, (kind, ..)): (&TextColumn, &(Kind, bool, Looks))| match kind {
        // `презиме` is the family's in Serbia and Croatia, and the father's in Bulgaria, where `фамилия` is beside it.
        Kind::Family
            if words(&column.name).contains(" prezime ") && is_beside(column, &|kind| kind == Kind::Family) =>
        {
            Kind::Middle
        }
        // Initials where there is no given name.
        Kind::Middle
            if says_initials(&column.name)
                && !is_beside(column, &|kind| matches!(kind, Kind::Given | Kind::FullName)) =>
        {
            Kind::Given
        }
        kind => *kind,
    };
    let kinds: Vec<Kind> = columns.iter().zip(&found).map(kind).collect();
    found.iter_mut().zip(kinds).for_each(|(found, kind)| found.0 = kind);
    found
}

/// Whether a column's name says that it holds initials.
pub(crate) fn says_initials(name: &str) -> bool {
    let words = words(name);
    [" initials ", " initial ", " initialen ", " voorletters "].iter().any(|word| words.contains(word))
}

fn is_name(kind: Kind) -> bool {
    matches!(kind, Kind::Given | Kind::Family | Kind::FullName)
}

fn is_place(kind: Kind) -> bool {
    matches!(kind, Kind::Address | Kind::Postcode | Kind::City | Kind::Region | Kind::Country)
}

/// The columns without the names of others than those whom the records are about, a father's or a guardian's, and without
/// where goods are sent to where it is also said where somebody lives.
fn without_others(columns: &[TextColumn], mut found: Vec<(Kind, bool, Looks)>) -> Vec<(Kind, bool, Looks)> {
    let names = |of: &dyn Fn(&str) -> bool| -> Vec<usize> {
        (0..found.len()).filter(|&at| is_name(found[at].0) && of(&columns[at].name)).collect()
    };
    let own = names(&|name| !is_of_another(name) && !is_of_delivery(name));
    let others = names(&is_of_another);
    let is_child = |&at: &usize| is_of_child(&columns[at].name);
    // Of a parent and a child, whoever is named first is the one.
    let (kept, left_out) = match (own.first(), others.first()) {
        (Some(own_first), Some(other_first)) if other_first < own_first && own.iter().all(is_child) => (others, own),
        _ => (own, others),
    };
    for at in left_out {
        // A name that only looks like one is not kept for want of a better one; two files may each have one of these columns.
        if kept.iter().any(|&kept| meet(&columns[at], &columns[kept])) || kept.is_empty() && !found[at].1 {
            found[at].0 = Kind::Text;
        }
    }
    for at in (0..found.len()).filter(|&at| is_of_delivery(&columns[at].name)) {
        let kind = found[at].0;
        let is_same = |other: Kind| is_name(kind) && is_name(other) || kind == other;
        let is_own = |other: usize| {
            is_same(found[other].0) && !is_of_delivery(&columns[other].name) && meet(&columns[at], &columns[other])
        };
        if (is_name(kind) || kind == Kind::Company || is_place(kind)) && (0..found.len()).any(is_own) {
            found[at].0 = Kind::Nothing;
        }
    }
    found
}

/// Of the values of a street, so many have a number.
const STREETS_MIN: f64 = 0.3;

/// Of the rows with a value that is left out, so many have one in the column that is kept: nobody is left without.
const BOTH_MIN: f64 = 0.8;

/// Whether nearly all rows with a value of one column have one of the other, too.
fn meet(one: &TextColumn, other: &TextColumn) -> bool {
    let ([filled, _], both) = one.beside(other);
    both as f64 > BOTH_MIN * filled as f64
}

/// The columns with one place for each record: of `Mailing Street` and `Other Street`, or `Home City` and `Business City`, those
/// that are filled most.
fn without_other_places(columns: &[TextColumn], mut found: Vec<(Kind, bool, Looks)>) -> Vec<(Kind, bool, Looks)> {
    // By the first word of their names.
    let mut places: Vec<(String, Vec<usize>)> = Vec::new();
    for at in (0..found.len()).filter(|&at| is_place(found[at].0) && found[at].1) {
        let word = words(&columns[at].name).split_whitespace().next().unwrap_or_default().to_owned();
        match places.iter_mut().find(|(known, _)| *known == word) {
            Some((_, columns)) => columns.push(at),
            None => places.push((word, vec![at])),
        }
    }
    let street = |columns: &[usize]| {
        let is_street = |&at: &usize| found[at].0 == Kind::Address && found[at].2.number_and_words > STREETS_MIN;
        columns.iter().copied().filter(is_street).max_by_key(|&at| (found[at].2.filled, std::cmp::Reverse(at)))
    };
    // `street` and `city` by themselves are no two places.
    let whole = places.into_iter().filter(|(_, columns)| columns.len() > 1);
    let mut places: Vec<(usize, Vec<usize>)> =
        whole.filter_map(|(_, columns)| Some((street(&columns)?, columns))).collect();
    places.sort_by_key(|&(street, _)| (std::cmp::Reverse(found[street].2.filled), street));
    let Some((main, others)) = places.split_first() else { return found };
    let others: Vec<usize> = others
        .iter()
        .filter(|(street, _)| meet(&columns[*street], &columns[main.0]))
        .flat_map(|(_, columns)| columns.clone())
        .collect();
    for at in others {
        found[at].0 = Kind::Nothing;
    }
    found
}

/// Of the records of companies, so many have the company's name, and no more than so many a person's.
const COMPANIES: (f64, f64) = (0.95, 0.7);

/// Whether the records are of companies, and the people in them whoever answers the phone: nearly all say which company it
/// is, and many no person.
fn names_contacts(found: &[(Kind, bool, Looks)]) -> bool {
    let filled = |test: &dyn Fn(Kind, bool) -> bool| {
        let of = found.iter().filter(|&&(kind, named, _)| test(kind, named));
        of.map(|(_, _, looks)| looks.filled as f64 / looks.looked.max(1) as f64).fold(0.0, f64::max)
    };
    let company = filled(&|kind, named| kind == Kind::Company && named);
    let person = filled(&|kind, _| matches!(kind, Kind::Given | Kind::Family | Kind::FullName));
    company >= COMPANIES.0 && person <= COMPANIES.1
}

/// The kind of a column, whose name says this.
fn kind_of(column: &TextColumn, named: Option<Kind>, looks: &Looks) -> Kind {
    if looks.filled < 2 || looks.distinct < 2 {
        return Kind::Nothing;
    }
    match named.map_or_else(|| by_values(looks), |kind| refine(kind, &column.name, looks)) {
        Kind::Category | Kind::Text if tells_generations(column, looks) => Kind::Generation,
        Kind::Id | Kind::Group if numbers_rows(column, looks) => Kind::Nothing,
        Kind::Phone if named.is_none() && numbers_rows(column, looks) => Kind::Nothing,
        kind => kind,
    }
}

/// Of the different values of a column that tells fathers from sons, so many do, and most people have none.
const GENERATIONS: (f64, f64) = (0.8, 0.3);

/// Whether a column tells fathers from sons: tiers and ranks are numbered, too, but everybody has one.
fn tells_generations(column: &TextColumn, looks: &Looks) -> bool {
    let is_named = words(&column.name).contains(" suffix ");
    let is_rare = (looks.filled as f64) < GENERATIONS.1 * looks.looked as f64;
    looks.generations >= GENERATIONS.0 && (is_named || is_rare)
}

/// Of the rows, so many have a number if it is theirs.
const NUMBERED_MIN: f64 = 0.9;

/// Whether a column numbers rows rather than people, as keys and transactions do: as good as each row has a value, and no
/// two have the same. What a state gives each person says who is another person even then.
fn numbers_rows(column: &TextColumn, looks: &Looks) -> bool {
    if looks.distinct < looks.filled || is_national(&column.name) {
        return false;
    }
    let mut seen = FxHashSet::default();
    column.texts().all(|text| seen.insert(text)) && seen.len() as f64 >= NUMBERED_MIN * column.len() as f64
}

/// The words of a column's name: split at punctuation, white space, camel humps, and numbers behind letters.
fn words(name: &str) -> String {
    let mut split = String::new();
    let mut before = ' ';
    for c in name.chars() {
        if c.is_uppercase() && before.is_lowercase() || c.is_ascii_digit() && before.is_alphabetic() {
            split.push(' ');
        }
        before = c;
        split.push(c);
    }
    format!(" {} ", ascii(&split))
}

/// Words without the ending of English plurals.
fn singular(words: &str) -> String {
    let word = |word: &str| word.strip_suffix('s').unwrap_or(word).to_owned();
    format!(" {} ", words.split_whitespace().map(word).collect::<Vec<_>>().join(" "))
}

/// What words in a column's name make of it, from `column_words.csv`.
#[derive(Default)]
struct Words {
    /// Words in ASCII, between spaces: those of more words first, then the narrower kinds.
    spaced: Vec<(String, Kind)>,
    /// Words of scripts without spaces, the longer first.
    joined: Vec<(&'static str, Kind)>,
    /// Words for numbers that a state gives each person one of.
    national: Vec<String>,
    /// The same for organisations.
    organisation: Vec<String>,
    /// Words for how old somebody is.
    age: Vec<String>,
    /// Words for sons and daughters, pupils among them.
    child: Vec<String>,
    /// How words begin for where and to whom goods are sent.
    delivery: Vec<String>,
}

/// Languages that are written without spaces between words, or with few.
const JOINED: [&str; 4] = ["zh", "ja", "ko", "th"];

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Words::default();
    // The table's kinds are in order, narrow ones first.
    for line in include_str!("../../../data/column_words.csv").lines().skip(1) {
        let &[named, language, list] = &line.split(',').collect::<Vec<_>>()[..] else { continue };
        let (is_national, is_organisation) = (named == "national id", named == "organisation id");
        let is_age = named == "age";
        let is_number =
            |kind: &Kind| (is_national || is_organisation) && *kind == Kind::Id || is_age && *kind == Kind::Number;
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == named || is_number(kind));
        for word in list.split('|') {
            let spaced = format!(" {} ", ascii(word));
            let is_joined = JOINED.contains(&language);
            if is_national {
                words.national.push(if is_joined { word.to_owned() } else { spaced.clone() });
            }
            if is_organisation {
                words.organisation.push(spaced.clone());
            }
            let of_its_own = match named {
                "age" => Some(&mut words.age),
                "child" => Some(&mut words.child),
                "delivery" => Some(&mut words.delivery),
                _ => None,
            };
            if let Some(of_its_own) = of_its_own {
                of_its_own.push(if is_joined { word.to_owned() } else { spaced.clone() });
            }
            let Some(kind) = kind else { continue };
            if is_joined {
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

/// Whether a column's name says that it holds numbers that a register or a state gives each organisation one of.
pub(crate) fn is_of_organisation(name: &str) -> bool {
    let words = words(name);
    WORDS.organisation.iter().any(|word| words.contains(word))
}

/// Whether a column's name says that it holds how old people are.
pub(crate) fn is_age(name: &str) -> bool {
    let words = words(name);
    WORDS.age.iter().any(|word| words.contains(word) || name.contains(word))
}

/// Whether a column's name says that it is about somebody's child.
fn is_of_child(name: &str) -> bool {
    let words = words(name);
    WORDS.child.iter().any(|word| words.contains(word) || name.contains(word))
}

/// Whether a column's name says that it is about where, and to whom, goods are sent.
pub(crate) fn is_of_delivery(name: &str) -> bool {
    let words = words(name);
    WORDS.delivery.iter().any(|word| words.contains(word.trim_end()) || name.contains(word))
}

/// Whether a column's name says that it is about somebody else: a parent, a manager.
pub(crate) fn is_of_another(name: &str) -> bool {
    let words = words(name);
    let mut another = WORDS.spaced.iter().filter(|(_, kind)| *kind == Kind::Group).map(|(word, _)| word);
    // `mother's name` is folded to `mothers name`.
    let singular = singular(&words);
    another.any(|word| words.contains(word) || singular.contains(word))
}

/// What a column's name says that it holds; none if it says nothing.
pub(crate) fn by_name(name: &str) -> Option<Kind> {
    let words = words(name);
    let has = |word: &&str| words.contains(&format!(" {word} "));
    // `phones`, `emails`: of several.
    let spaced = || spaced_kind(&words).or_else(|| spaced_kind(&singular(&words)));
    // `名` is the given name, and part of any other: `町名`.
    let is_there = |known: &str| match known.chars().count() {
        1 => name.split(|c: char| !c.is_alphanumeric()).any(|word| word == known),
        _ => name.contains(known),
    };
    let joined = || WORDS.joined.iter().find(|(known, _)| is_there(known)).map(|&(_, kind)| kind);
    let found = if name.is_ascii() { spaced() } else { joined().or_else(spaced) };
    let found = match found {
        // `data nasc.`, which is no other date.
        None | Some(Kind::Date) => abbreviated(&words).or(found),
        found => found,
    };
    // `imie_nazwisko`, `first_last`.
    let of_word = |kind: Kind| words.split_whitespace().any(|word| spaced_kind(&format!(" {word} ")) == Some(kind));
    let both = of_word(Kind::Given) && of_word(Kind::Family);
    match found {
        // `customer_name`, not `user_name`.
        Some(Kind::Id) if has(&"name") && !has(&"user") => Some(Kind::FullName),
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

/// What words between spaces say that a column holds.
fn spaced_kind(words: &str) -> Option<Kind> {
    WORDS.spaced.iter().find(|(known, _)| words.contains(known)).map(|&(_, kind)| kind)
}

/// Of the different values of a column of titles, so many say whether somebody is a man or a woman.
const TITLES_MIN: f64 = 0.3;

/// Letters of an abbreviation, at least: fewer may be anything.
const ABBREVIATION_MIN: usize = 4;

/// The kind of a column that says who somebody is, in the name of which a word is cut short.
fn abbreviated(words: &str) -> Option<Kind> {
    let is_short = |known: &str, word: &str| known.len() > word.len() + 1 && known.starts_with(word);
    let of = |word: &str| {
        let all = WORDS.spaced.iter().filter(|(_, kind)| kind.tells_people_apart() && *kind != Kind::Id);
        let mut fitting = all.filter(|(known, _)| known.split_whitespace().any(|known| is_short(known, word)));
        let &(_, kind) = fitting.next()?;
        // What may be cut from words of two kinds is of neither.
        fitting.all(|&(_, other)| other == kind).then_some(kind)
    };
    let is_whole = |word: &str| WORDS.spaced.iter().any(|(known, _)| known.trim() == word);
    words.split_whitespace().filter(|word| word.len() >= ABBREVIATION_MIN && !is_whole(word)).find_map(of)
}

/// Birth dates lie further apart than so many years, and those of orders and changes hardly.
const GENERATION: u32 = 30;

/// Names of a column that say no more than that it holds dates.
const PLAIN_DATES: [&str; 5] = ["date", "datum", "data", "fecha", "ngay"];

fn fits(kind: Kind, looks: &Looks) -> bool {
    match kind {
        Kind::Email => looks.email > 0.5,
        Kind::Phone => looks.phone > 0.5 && looks.length >= 5.0,
        // Some are hardly legible, and still nothing else.
        Kind::BirthDate => looks.date + looks.short_date + looks.birth_year > 0.3,
        Kind::Date => looks.date > 0.5,
        // `Contact` may be anything.
        Kind::Given | Kind::Family | Kind::FullName | Kind::City | Kind::Company => {
            looks.letters > 0.5 && looks.email < 0.5
        }
        // Initials are half full stops.
        Kind::Middle => looks.with_digit < 0.2 && looks.email < 0.5,
        Kind::Address => looks.email < 0.5 && looks.date < 0.5 && looks.measures < 0.5,
        Kind::Postcode => looks.with_digit > 0.5 && looks.length <= 12.0,
        Kind::Region | Kind::Country | Kind::Sex => looks.letters > 0.5 || looks.distinct < 100,
        Kind::Id => looks.digits > 0.3 || looks.distinct * 2 > looks.filled && !looks.are_phrases(),
        Kind::Group => looks.digits > 0.3,
        Kind::Number => looks.digits > 0.5,
        _ => true,
    }
}

fn refine(kind: Kind, name: &str, looks: &Looks) -> Kind {
    let words = words(name);
    match kind {
        // `street_number` is part of an address, `customer_no` with few values a category.
        Kind::Id | Kind::Group if looks.distinct * 20 < looks.filled => Kind::Category,
        // `is_company`: yes or no.
        Kind::Company if looks.distinct <= 2 => Kind::Category,
        Kind::Sex if looks.distinct > 30 => Kind::Category,
        Kind::FullName if looks.are_organisations() => Kind::Company,
        Kind::Date if looks.years >= GENERATION && PLAIN_DATES.contains(&words.trim()) => Kind::BirthDate,
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

/// Columns with words that are names in fewer of the values hold something else: words of all kinds are somebody's name.
const NAMES_SEEN_MIN: f64 = 0.3;

/// Digits of a phone number at most.
const PHONE_DIGITS_MAX: f64 = 13.0;

fn by_values(looks: &Looks) -> Kind {
    let repeats = looks.filled as f64 / looks.distinct as f64;
    if looks.email > 0.5 {
        Kind::Email
    } else if looks.measures > 0.8 {
        Kind::Number
    } else if looks.date > 0.8 {
        if looks.years >= GENERATION { Kind::BirthDate } else { Kind::Date }
    } else if looks.phone > 0.8 && looks.padded < 0.5 && looks.length >= 9.0 && repeats < 20.0 {
        if looks.only_digits <= PHONE_DIGITS_MAX { Kind::Phone } else { Kind::Id }
    } else if looks.distinct <= 2 + looks.filled / 50 {
        Kind::Category
    } else if looks.digits > 0.8 {
        if looks.length >= 5.0 { Kind::Id } else { Kind::Number }
    } else if looks.number_and_words > 0.5 {
        Kind::Address
    } else if looks.letters > 0.8 && looks.words < 3.5 {
        match (looks.names, looks.given_names) {
            (..NAMES_SEEN_MIN, _) => Kind::Text,
            _ if looks.are_organisations() => Kind::Company,
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
