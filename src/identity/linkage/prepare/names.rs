//! Given, family and further names: they share their values, so that swapped ones are found.

use super::super::kind::{Kind, by_name, is_of_another, says_initials};
use super::super::table::{Table, TextColumn};
use super::{Comparison, How, Plan, generic};
use crate::identity::dictionary::{AT_A_TIME, Dictionary, NONE};
use crate::identity::lists::Lists;
use crate::names::{self, Name, Order, Script};

/// Columns with names, by what they hold.
pub(super) struct Columns<'a> {
    given: Vec<&'a TextColumn>,
    /// Whether the given names are initials, some of them.
    are_initials: bool,
    family: Vec<&'a TextColumn>,
    /// Of the family names, those that are further parts of the first one.
    more_families: Vec<&'a TextColumn>,
    middle: Vec<&'a TextColumn>,
    full: Vec<&'a TextColumn>,
    /// Addresses, which are made of names here and there.
    emails: Vec<&'a TextColumn>,
}

/// Whole names that are looked at for their order, at most, per column.
const ORDER_ROWS_MAX: usize = 20_000;

/// Whether a text is initials without what stands between them: `JB`.
fn is_run(text: &str) -> bool {
    (2..=4).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_uppercase())
        && !names::is_given(&text.to_lowercase())
}

impl<'a> Columns<'a> {
    pub(super) fn of(plan: &Plan, table: &'a Table) -> Self {
        let columns = || table.columns.iter().zip(&plan.columns);
        let of = |kind: Kind| columns().filter(|(_, (_, own))| *own == kind).map(|(column, _)| column).collect();
        let family: Vec<&TextColumn> = of(Kind::Family);
        // They are called the same but for a number.
        let stem = |column: &TextColumn| column.name.trim_end_matches(|c: char| !c.is_alphabetic()).to_owned();
        let is_named = |column: &TextColumn| by_name(&column.name) == Some(Kind::Family);
        let is_more = |column: &&&TextColumn| {
            column.name != stem(column) && stem(column) == stem(family[0]) && is_named(column) && is_named(family[0])
        };
        let given: Vec<&TextColumn> = of(Kind::Given);
        Self {
            are_initials: given.iter().any(|column| says_initials(&column.name)),
            given,
            more_families: family.iter().skip(1).filter(is_more).copied().collect(),
            family,
            middle: of(Kind::Middle),
            full: of(Kind::FullName),
            emails: columns()
                .filter(|(column, (_, kind))| *kind == Kind::Email && !is_of_another(&column.name))
                .map(|(column, _)| column)
                .collect(),
        }
    }

    /// Whether people have names at all.
    pub(super) fn are_there(&self) -> bool {
        !(self.given.is_empty() && self.family.is_empty() && self.full.is_empty())
    }

    /// The order in which most of the whole names stand.
    pub(super) fn order(&self) -> Order {
        names::order(self.full.iter().flat_map(|column| column.sample(ORDER_ROWS_MAX)))
    }

    /// All that is written in a row, in bytes; empty if nothing is.
    fn written(&self, row: usize, bytes: &mut Vec<u8>) {
        bytes.clear();
        let columns = [&self.given, &self.family, &self.middle, &self.full].into_iter().flatten();
        for column in columns {
            bytes.extend_from_slice(column.text(row).unwrap_or_default().as_bytes());
            bytes.push(0);
        }
        if bytes.iter().all(|&byte| byte == 0) {
            bytes.clear();
        }
    }

    /// The e-mail address in a row.
    fn address(&self, row: usize) -> Option<&str> {
        self.emails.iter().find_map(|column| column.text(row))
    }

    /// The name in a row.
    fn name(&self, row: usize, order: Order) -> Name {
        let first = |columns: &[&TextColumn]| columns.iter().find_map(|column| column.text(row).map(str::to_owned));
        let mut given = first(&self.given).unwrap_or_default();
        if self.are_initials && is_run(&given) {
            given = given.chars().flat_map(|c| [c, ' ']).collect();
        }
        let mut family = first(&self.family).unwrap_or_default();
        // `apellido1`, `apellido2`.
        for more in self.more_families.iter().filter_map(|column| column.text(row)) {
            if family.is_empty() {
                more.clone_into(&mut family);
            } else if family != more {
                family.push(' ');
                family.push_str(more);
            }
        }
        let mut rest = Vec::new();
        // The whole name in the place of a part of it.
        if !self.given.is_empty() && given.is_empty() && names::is_whole(&family) {
            let whole = names::whole(&family, Order::GivenFirst);
            (given, family) = (whole.given, whole.family);
            rest.push(whole.rest);
        }
        for text in self.middle.iter().filter_map(|column| column.text(row)) {
            // `van der`, which others write in front of the family name.
            match names::with_particles(text, &family) {
                Some(whole) => family = whole,
                None => rest.push(names::part(text, false)),
            }
        }
        let spelled = |columns: &[&'a TextColumn]| {
            columns.iter().filter_map(|column| column.text(row)).find(|text| is_spelled(text))
        };
        if let (Some(read), true) = (spelled(&self.given), self.given.len() > 1 && names::is_whole_han(&family)) {
            // `姓: 竹田直樹`, and of the given name only how it is read.
            let whole = names::whole(&family, Order::FamilyFirst);
            if given == read && !whole.given.is_empty() && !whole.family.is_empty() {
                (given, family) = (own(&whole.given), own(&whole.family));
            }
        }
        let mut name = names::of_parts(&given, &family);
        for (part, columns) in [(&mut name.given, &self.given), (&mut name.family, &self.family)] {
            if let (Some((_, own)), Some(read)) = (part.split_once('/'), spelled(columns)) {
                *part = format!("{}/{own}", names::part(read, false));
            }
        }
        name.rest = rest.join(" ");
        // Initials stand for a given name that is not said.
        if let (true, Some((initial, further))) = (name.given.is_empty(), initials(&name.rest)) {
            (name.given, name.rest) = (initial, further);
        }
        for text in self.full.iter().filter_map(|column| column.text(row)) {
            let whole = names::whole(text, order);
            if name.given.is_empty() && name.family.is_empty() {
                name = Name { rest: format!("{} {}", name.rest, whole.rest), ..whole };
            } else if let Some(read) = reading(&name, &whole) {
                name.given.insert_str(0, &read);
            } else {
                let [given, family] = [&whole.given, &whole.family].map(|part| names::bare(part));
                name.rest = format!("{} {given} {} {family}", name.rest, whole.rest);
            }
        }
        if generic::is_name(&name.given, &name.family) { Name::default() } else { name }
    }
}

/// Whether a text is in kana, which say how a name is read.
fn is_spelled(text: &str) -> bool {
    let mut letters = text.chars().filter(|c| c.is_alphabetic()).peekable();
    letters.peek().is_some() && letters.all(|c| names::is_kana(c) || ('\u{ff66}'..='\u{ff9f}').contains(&c))
}

/// The letters that a part is written in.
fn own(part: &str) -> String {
    part.split_once('/').map_or(part, |(_, own)| own).to_owned()
}

/// What is known of each name by its number.
#[derive(Default)]
pub(crate) struct Forms {
    /// Numbers of the full names that it may stand for as a given name, sorted.
    pub(crate) given_roots: Lists<u32>,
    /// The same as a family name.
    pub(crate) family_roots: Lists<u32>,
    /// Its key, by which spellings fall together; 0 for none.
    pub(crate) keys: Vec<u32>,
    /// In which script it is written.
    pub(crate) scripts: Vec<Script>,
    /// The languages in which it is a well-known given name, a bit each.
    pub(crate) given_in: Vec<u64>,
    /// The same of family names.
    pub(crate) family_in: Vec<u64>,
    /// Its plainest spelling; 0 for none.
    pub(crate) plain: Vec<u32>,
    /// How many bytes of it are ASCII, before its own letters.
    pub(crate) lengths: Vec<u32>,
}

impl Forms {
    /// Whether a name is so many letters.
    pub(crate) fn are_letters(&self, name: u32, letters: u32) -> bool {
        self.lengths[name as usize] == letters && self.scripts[name as usize] == Script::Letters
    }

    fn of(texts: &[String]) -> Self {
        let mut forms = Self::default();
        let [mut roots, mut keys, mut plain] = [(); 3].map(|()| Dictionary::new());
        let mut numbers = |names: &[String]| {
            let mut numbers: Vec<u32> = names.iter().map(|name| roots.number(name.as_bytes())).collect();
            numbers.sort_unstable();
            numbers
        };
        for text in texts {
            let (bare, own) = text.split_once('/').unwrap_or((text, ""));
            forms.given_roots.push(&numbers(names::given_roots(text)));
            forms.family_roots.push(&numbers(names::family_roots(text)));
            forms.keys.push(keys.number(names::key(bare).as_bytes()));
            forms.scripts.push(Script::of(own));
            // What is left of an Arabic name without its vowels may be any name.
            let known = if Script::of(own) == Script::Abjad { "" } else { bare };
            forms.given_in.push(names::given_in(known));
            forms.family_in.push(names::family_in(known));
            forms.plain.push(plain.number(names::plain(bare).as_bytes()));
            forms.lengths.push(bare.len() as u32);
        }
        forms
    }
}

/// How a given name in characters is read that says nothing of it by itself, if this is the same name as it is read.
fn reading(name: &Name, read: &Name) -> Option<String> {
    let [family, given, other] =
        [&name.family, &read.given, &read.family].map(|part| names::bare(part).replace(' ', ""));
    if !name.given.starts_with('/') || family.is_empty() {
        return None;
    }
    // Without a space the family name comes first.
    let joined = || given.strip_prefix(&family).map(str::to_owned);
    let found = match &other {
        other if *other == family => Some(given.clone()),
        other if other.is_empty() => joined(),
        _ if given == family => Some(other),
        _ => None,
    };
    found.filter(|read| !read.is_empty())
}

/// The first of initials, and the others; none if the words are others.
fn initials(words: &str) -> Option<(String, String)> {
    let mut letters = words.split_whitespace();
    let first = letters.next().filter(|word| word.len() == 1)?;
    letters.clone().all(|word| word.len() == 1).then(|| (first.to_owned(), letters.collect::<Vec<_>>().join(" ")))
}

/// The words of a part, without the letters that they are written in.
fn words(part: &str) -> impl Iterator<Item = &str> {
    names::bare(part).split(' ').filter(|word| !word.is_empty())
}

/// The names of all records.
#[derive(Default)]
pub(super) struct Names {
    /// See [`super::Prepared`].
    pub(super) written: Vec<u32>,
    pub(super) all: Lists<u32>,
    pub(super) forms: Forms,
    /// Given, family and further names.
    pub(super) comparisons: [Comparison; 3],
    /// Records whose name is only shown by their e-mail address, in order.
    pub(super) shown: Vec<u32>,
}

impl Names {
    /// Makes the comparisons of names; `order` is that of most whole ones.
    pub(super) fn of(columns: &Columns<'_>, order: Order, records: usize) -> Self {
        if !columns.are_there() {
            return Self::default();
        }
        // What was written is read once, however many records have it; number 0 is nothing.
        let (mut written, mut readings) = (Dictionary::new(), Readings::new());
        let (mut numbers, mut shown) = (Vec::with_capacity(records), Vec::new());
        let mut wholes: [Vec<u8>; AT_A_TIME] = Default::default();
        for start in (0..records).step_by(AT_A_TIME) {
            let rows = start..records.min(start + AT_A_TIME);
            for (row, whole) in rows.clone().zip(&mut wholes) {
                columns.written(row, whole);
            }
            written.fetch(wholes[..rows.len()].iter().map(Vec::as_slice));
            for (row, whole) in rows.zip(&wholes) {
                let mut number = written.number(whole);
                if number as usize == readings.len() {
                    readings.add(&columns.name(row, order));
                }
                // Who does not say it may show it.
                if readings.is_nothing(number)
                    && let Some(address) = columns.address(row)
                    && let Some(name) = names::of_address(address)
                {
                    number = written.number(&[&[ADDRESS], address.as_bytes()].concat());
                    if number as usize == readings.len() {
                        readings.add(&name);
                    }
                    shown.push(row as u32);
                } else if readings.lacks_letters(number)
                    && let Some(shown) = columns.address(row).and_then(names::of_address)
                    && let Some(name) = spelled_out(columns.name(row, order), shown)
                {
                    let Name { given, family, rest } = &name;
                    number =
                        written.number([given, family, rest].map(|part| format!("\u{1}{part}")).concat().as_bytes());
                    if number as usize == readings.len() {
                        readings.add(&name);
                    }
                }
                numbers.push(number);
            }
        }
        drop(written);
        let Readings { mut names, rest_names, rest_tokens, parts, all: all_names } = readings;
        let mut texts: Vec<String> =
            names.texts.iter().map(|text| String::from_utf8_lossy(text).into_owned()).collect();
        let tokens: Lists<u32> = texts
            .iter()
            .map(|text| {
                let mut words: Vec<u32> = words(text).map(|word| names.number(word.as_bytes())).collect();
                words.sort_unstable();
                words
            })
            .collect();
        // Words of names are names.
        texts.extend((texts.len()..names.len()).map(|at| String::from_utf8_lossy(&names.texts[at]).into_owned()));
        let made = |name: &str, kind, how, part: usize, texts: &Lists<u8>, tokens: &Lists<u32>| {
            let values = numbers.iter().map(|&number| parts[number as usize][part]).collect();
            let (name, texts, tokens) = (name.to_owned(), texts.clone(), tokens.clone());
            Comparison { name, kind, how, values, texts, tokens, ..Comparison::default() }
        };
        let comparisons = [
            made("given name", Kind::Given, How::Given, 0, &names.texts, &tokens),
            made("family name", Kind::Family, How::Family, 1, &names.texts, &tokens),
            made("other names", Kind::Middle, How::OtherNames, 2, &rest_names.texts, &rest_tokens),
        ];
        Self { written: numbers, all: all_names, forms: Forms::of(&texts), comparisons, shown }
    }
}

/// Words beside a given name in an address that are no family name: `lisa.privat@…`.
const NO_NAMES: [&str; 12] =
    ["privat", "private", "work", "job", "home", "mail", "email", "business", "shop", "news", "web", "online"];

/// A name of which a part is missing or an initial, if an address says the whole of it: `Renate`, `renate.pop@…`.
fn spelled_out(name: Name, shown: Name) -> Option<Name> {
    let is_short = |part: &str| part.len() < 2;
    let may_be = |part: &str, whole: &str| {
        part == whole || is_short(part) && whole.starts_with(part) || is_short(whole) && part.starts_with(whole)
    };
    // An initial alone is anybody's.
    let says_enough = [&name.given, &name.family].iter().any(|part| !is_short(part))
        || !name.given.is_empty() && !name.family.is_empty();
    let is_name = |word: &str| !generic::is_mailbox(word) && !NO_NAMES.contains(&word);
    let are_names = (!is_short(&name.given) || names::is_given(&shown.given))
        && (!is_short(&name.family) || is_name(&shown.family));
    let is_said = are_names && says_enough && may_be(&name.given, &shown.given) && may_be(&name.family, &shown.family);
    let longer = |part: String, whole: String| if is_short(&part) { whole } else { part };
    is_said.then(|| Name {
        given: longer(name.given, shown.given),
        family: longer(name.family, shown.family),
        rest: name.rest,
    })
}

/// What stands in front of an address among what is written of names.
const ADDRESS: u8 = 1;

/// How what was written is read; number 0 is nothing.
struct Readings {
    names: Dictionary,
    /// Further names of one person, as one text.
    rest_names: Dictionary,
    /// Per number of further names: the names.
    rest_tokens: Lists<u32>,
    /// Per reading: given name, family name, further names.
    parts: Vec<[u32; 3]>,
    /// Per reading: all names in it, sorted.
    all: Lists<u32>,
}

impl Readings {
    fn new() -> Self {
        let nothing = || -> Lists<u32> { std::iter::once(&[]).collect() };
        let (names, rest_names) = (Dictionary::new(), Dictionary::new());
        Self { names, rest_names, rest_tokens: nothing(), parts: vec![[NONE; 3]], all: nothing() }
    }

    fn len(&self) -> usize {
        self.parts.len()
    }

    /// Whether nothing was read.
    fn is_nothing(&self, number: u32) -> bool {
        self.parts[number as usize] == [NONE; 3]
    }

    /// Whether there is a name, and a part of it is missing or an initial.
    fn lacks_letters(&self, number: u32) -> bool {
        let [given, family, _] = self.parts[number as usize];
        let is_short = |part: u32| self.names.texts[part as usize].len() < 2;
        !self.is_nothing(number) && (is_short(given) || is_short(family))
    }

    /// Adds a reading.
    fn add(&mut self, name: &Name) {
        let names = &mut self.names;
        let own: Vec<&str> = words(&name.given).chain(words(&name.family)).collect();
        let mut rest: Vec<&str> = words(&name.rest).filter(|word| !own.contains(word)).collect();
        rest.sort_unstable();
        rest.dedup();
        let mut all: Vec<u32> = own.iter().chain(&rest).map(|word| names.number(word.as_bytes())).collect();
        let (given, family) = (names.number(name.given.as_bytes()), names.number(name.family.as_bytes()));
        let joined = self.rest_names.number(rest.join(" ").as_bytes());
        if joined as usize == self.rest_tokens.len() {
            let mut tokens: Vec<u32> = rest.iter().map(|word| names.number(word.as_bytes())).collect();
            tokens.sort_unstable();
            self.rest_tokens.push(&tokens);
        }
        self.parts.push([given, family, joined]);
        all.sort_unstable();
        all.dedup();
        self.all.push(&all);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_spells_out_what_a_name_leaves_out() {
        let of = |given: &str, family: &str, address| {
            let name = Name { given: given.into(), family: family.into(), rest: String::new() };
            spelled_out(name, names::of_address(address)?).map(|name| [name.given, name.family])
        };
        let named = |given: &str, family: &str| Some([given.to_owned(), family.to_owned()]);
        assert_eq!(of("renate", "", "renate.schmidt@web.de"), named("renate", "schmidt"));
        assert_eq!(of("k", "mayer", "kai.mayer@web.de"), named("kai", "mayer"));
        assert_eq!(of("michel", "", "m.martin@orange.fr"), named("michel", "martin"));
        assert_eq!(of("", "schmidt", "renate.schmidt@web.de"), named("renate", "schmidt"));
        assert_eq!(of("david", "p", "david.price@aol.com"), named("david", "price"));
        for (given, family, address) in [
            ("michael", "", "rachel.acker@gmail.com"),
            ("anna", "s", "anna.martin@web.de"),
            ("r", "", "renate.schmidt@web.de"),
            ("renate", "", "info@web.de"),
            ("lisa", "", "lisa.privat@gmx.de"),
        ] {
            assert_eq!(of(given, family, address), None, "{given} {family} {address}");
        }
    }
}
