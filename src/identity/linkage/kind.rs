//! What a column holds, found from its name and its values.

use super::fold::fold;
use super::prepare::{date, names};
use super::table::TextColumn;

/// What the values of a column say about a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    Nothing,
}

impl Kind {
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

/// Words in a column's name and what they make of it; the first that fits decides, so narrow ones come first.
const NAMES: &[(&[&str], Kind)] = &[
    (
        &[
            "category",
            "status",
            "type",
            "role",
            "class",
            "segment",
            "tier",
            "occupation",
            "profession",
            "job",
            "beruf",
            "language",
            "locale",
            "marital",
        ],
        Kind::Category,
    ),
    (&["salutation", "title", "anrede", "suffix", "honorific"], Kind::Category),
    (&["email", "mail", "courriel"], Kind::Email),
    (
        &[
            "phone",
            "tel",
            "telephone",
            "mobile",
            "cell",
            "fax",
            "telefon",
            "mobil",
            "telefono",
            "msisdn",
            "handy",
            "portable",
        ],
        Kind::Phone,
    ),
    (
        &[
            "dob",
            "birth date",
            "birthdate",
            "date of birth",
            "born",
            "birthday",
            "geburtsdatum",
            "data nasterii",
            "ngay sinh",
            "dateofbirth",
            "birth day",
            "date naissance",
            "fecha nacimiento",
            "nascimento",
        ],
        Kind::BirthDate,
    ),
    (&["birth place", "birthplace", "place of birth", "geburtsort"], Kind::City),
    (
        &[
            "maiden",
            "family",
            "surname",
            "last",
            "lastname",
            "nachname",
            "apellido",
            "nume",
            "cognome",
            "nom",
            "lname",
            "ho",
            "secondname",
            "familyname",
            "achternaam",
        ],
        Kind::Family,
    ),
    (&["middle", "middlename", "mname"], Kind::Middle),
    (
        &[
            "given",
            "first",
            "forename",
            "firstname",
            "fname",
            "vorname",
            "prenom",
            "prenume",
            "ten",
            "nome",
            "givenname",
            "voornaam",
            "christian",
        ],
        Kind::Given,
    ),
    (
        &[
            "org",
            "organisation",
            "organization",
            "company",
            "employer",
            "firm",
            "business",
            "firma",
            "societe",
            "cong ty",
        ],
        Kind::Company,
    ),
    (&["sex", "gender", "geschlecht", "gen"], Kind::Sex),
    (&["post", "postcode", "zip", "postal", "zipcode", "plz", "postcod", "cod postal"], Kind::Postcode),
    (
        &[
            "city",
            "town",
            "suburb",
            "locality",
            "village",
            "ort",
            "stadt",
            "ville",
            "oras",
            "ciudad",
            "municipality",
            "localitate",
        ],
        Kind::City,
    ),
    (&["country", "nationality", "land", "tara", "pays"], Kind::Country),
    (&["county", "state", "region", "province", "judet", "district", "bundesland"], Kind::Region),
    (
        &[
            "street",
            "address",
            "addr",
            "address1",
            "address2",
            "line1",
            "line2",
            "strasse",
            "adresa",
            "adresse",
            "direccion",
            "road",
            "house",
            "dia chi",
            "building",
        ],
        Kind::Address,
    ),
    (
        &[
            "ssn",
            "nin",
            "passport",
            "national",
            "social",
            "soc",
            "tax",
            "licence",
            "license",
            "loyalty",
            "card",
            "iban",
            "cnp",
            "lei",
            "id",
            "identifier",
            "no",
            "number",
            "member",
            "customer",
            "account",
            "key",
        ],
        Kind::Id,
    ),
    (&["name", "fullname", "displayname", "customername", "contact", "person"], Kind::FullName),
    (&["year", "amount", "age", "price", "points", "count", "score", "visits", "balance", "total"], Kind::Number),
    (&["date", "created", "updated", "changed", "joined", "time", "timestamp"], Kind::Date),
];

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

/// The kind of a column.
pub(crate) fn kind_of(column: &TextColumn) -> Kind {
    let looks = Looks::of(column);
    if looks.filled < 2 || looks.distinct < 2 {
        return Kind::Nothing;
    }
    let named = by_name(&column.name);
    match named {
        Some(kind) if fits(kind, &looks) => refine(kind, &column.name, &looks),
        _ => by_values(&looks),
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
    format!(" {} ", fold(&split))
}

fn by_name(name: &str) -> Option<Kind> {
    let words = words(name);
    let has = |word: &&str| words.contains(&format!(" {word} "));
    let found = NAMES.iter().find(|(known, _)| known.iter().any(&has)).map(|&(_, kind)| kind);
    let all_name = ["full", "whole", "complete"].iter().any(&has) && (has(&"name") || has(&"nume"));
    let both = has(&"first") && (has(&"surname") || has(&"last") || has(&"family"));
    match found {
        Some(Kind::Address) if has(&"type") => Some(Kind::Category),
        Some(Kind::Phone | Kind::Id | Kind::Email) if has(&"type") || has(&"verified") => Some(Kind::Category),
        Some(Kind::Id) if has(&"country") || has(&"state") => Some(Kind::Category),
        Some(Kind::Country | Kind::Region) if ["passport", "license", "licence", "tax", "national"].iter().any(has) => {
            Some(Kind::Category)
        }
        Some(Kind::Given | Kind::Family) if both || all_name => Some(Kind::FullName),
        _ if all_name => Some(Kind::FullName),
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
            names: share(&|value| fold(value).split(' ').any(|word| names::is_given(word) || names::is_family(word))),
            given_names: share(&|value| {
                fold(value).split(' ').any(|word| names::is_given(word) && !names::is_family(word))
            }),
            words: mean(&|value| value.split_whitespace().count()),
            length: mean(&|value| value.chars().count()),
            number_and_words: share(&|value| digits(value) > 0 && letters(value) > 3 && value.contains(' ')),
        }
    }
}
