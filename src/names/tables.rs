//! The tables of `data/` that are about names, each read once.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::fold::ascii;

/// The fields of each line but the header.
fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().skip(1).map(|line| line.split(',').collect())
}

/// Simplified Chinese for traditional and Japanese characters.
static SIMPLIFIED: LazyLock<FxHashMap<char, char>> = LazyLock::new(|| {
    let pair = |row: Vec<&str>| Some((row.first()?.chars().next()?, row.get(1)?.chars().next()?));
    rows(include_str!("../../data/han_variants.csv")).filter_map(pair).collect()
});

/// A text in simplified characters.
pub(super) fn simplified(text: &str) -> String {
    text.chars().map(|c| SIMPLIFIED.get(&c).copied().unwrap_or(c)).collect()
}

/// How a family name in Chinese characters or Hangul is read where it is not read character by character.
pub(super) struct CjkFamily {
    pub(super) latin: &'static str,
    pub(super) language: &'static str,
}

static CJK: LazyLock<FxHashMap<&'static str, CjkFamily>> = LazyLock::new(|| {
    let row = |row: Vec<&'static str>| {
        let &[name, language, latin] = &row[..] else { return None };
        Some((name, CjkFamily { latin, language }))
    };
    rows(include_str!("../../data/cjk_family_names.csv")).filter_map(row).collect()
});

/// The family name in the table, in simplified characters.
pub(super) fn cjk_family(name: &str) -> Option<&'static CjkFamily> {
    CJK.get(name)
}

/// Names in ASCII without spaces, with the languages in which they are well known.
pub(super) type Known = FxHashMap<String, Vec<&'static str>>;

/// Adds the names of a cell, separated by `|`.
fn add(known: &mut Known, language: &'static str, names: &'static str) {
    for name in names.split('|').map(ascii).filter(|name| !name.is_empty()) {
        let languages = known.entry(name.replace(' ', "")).or_default();
        if !languages.contains(&language) {
            languages.push(language);
        }
    }
}

/// Adds the names of one part out of a table of part, language and names.
fn add_part(known: &mut Known, table: &'static str, part: &str) {
    for row in rows(table) {
        if let &[_, language, names] = &row[..]
            && row[0] == part
        {
            add(known, language, names);
        }
    }
}

/// The languages of given names.
static LANGUAGES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut languages: Vec<&str> = GIVEN.values().flatten().copied().collect();
    languages.sort_unstable();
    languages.dedup();
    languages
});

/// A bit of its own for each language.
pub(super) fn bit(language: &str) -> u64 {
    LANGUAGES.binary_search(&language).map_or(0, |at| 1 << (at % 64))
}

const KNOWN_NAMES: &str = include_str!("../../data/known_names.csv");
const SPELLINGS: &str = include_str!("../../data/name_spellings.csv");
const NICKNAMES: &str = include_str!("../../data/nicknames.csv");

/// Given names that are well known, with their nicknames and other spellings.
pub(super) static GIVEN: LazyLock<Known> = LazyLock::new(|| {
    let mut names = Known::default();
    for row in rows(include_str!("../../data/given_names.csv")) {
        add(&mut names, row[0], row[4]);
    }
    for row in rows(NICKNAMES) {
        add(&mut names, row[2], row[0]);
        add(&mut names, row[2], row[1]);
    }
    add_part(&mut names, KNOWN_NAMES, "given");
    add_part(&mut names, SPELLINGS, "given");
    names
});

/// Family names that are well known.
pub(super) static FAMILY: LazyLock<Known> = LazyLock::new(|| {
    let mut names = Known::default();
    for row in rows(include_str!("../../data/family_names.csv")) {
        add(&mut names, row[0], row[2]);
    }
    for CjkFamily { latin, language } in CJK.values() {
        add(&mut names, language, latin);
    }
    add_part(&mut names, KNOWN_NAMES, "family");
    add_part(&mut names, SPELLINGS, "family");
    names
});

/// Which names a name may stand for.
pub(super) struct Roots {
    pub(super) given: FxHashMap<String, Vec<String>>,
    pub(super) family: FxHashMap<String, Vec<String>>,
}

/// From nicknames and spellings, by name in ASCII without spaces.
pub(super) static ROOTS: LazyLock<Roots> = LazyLock::new(|| {
    let mut spelled = Roots { given: FxHashMap::default(), family: FxHashMap::default() };
    for row in rows(SPELLINGS) {
        let &[part, _, spellings] = &row[..] else { continue };
        let of_part = if part == "given" { &mut spelled.given } else { &mut spelled.family };
        let names: Vec<String> = spellings.split('|').map(|name| ascii(name).replace(' ', "")).collect();
        for name in &names {
            of_part.entry(name.clone()).or_default().push(names[0].clone());
        }
    }
    let mut given = spelled.given.clone();
    for row in rows(NICKNAMES) {
        let &[name, nickname, _] = &row[..] else { continue };
        let [name, nickname] = [name, nickname].map(ascii);
        // Aleksandr is Alexander's other spelling, and so Alex is short for both.
        let roots = spelled.given.get(&name).into_iter().flatten().chain([&name]).cloned();
        let roots: Vec<String> = roots.collect();
        given.entry(nickname).or_default().extend(roots.iter().cloned());
        given.entry(name).or_default().extend(roots);
    }
    for roots in given.values_mut().chain(spelled.family.values_mut()) {
        roots.sort_unstable();
        roots.dedup();
    }
    Roots { given, family: spelled.family }
});
