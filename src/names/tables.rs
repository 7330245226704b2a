//! The tables of `data/` that are about names, each read once.

use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};

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

/// Names by language and text, folded to ASCII.
fn known(table: &'static str, column: usize) -> impl Iterator<Item = (&'static str, String)> {
    rows(table).filter_map(move |row| Some((*row.first()?, ascii(row.get(column)?))))
}

/// Given names that are well known in English and Romanian, with their nicknames and other spellings.
pub(super) static GIVEN: LazyLock<FxHashSet<String>> = LazyLock::new(|| {
    let mut names: FxHashSet<String> =
        known(include_str!("../../data/given_names.csv"), 4).map(|(_, name)| name).collect();
    names.extend(ROOTS.given.keys().cloned());
    names
});

/// Family names that are well known, with their languages.
pub(super) static FAMILY: LazyLock<FxHashMap<String, Vec<&'static str>>> = LazyLock::new(|| {
    let mut names: FxHashMap<String, Vec<&str>> = FxHashMap::default();
    for (language, name) in known(include_str!("../../data/family_names.csv"), 2) {
        names.entry(name).or_default().push(language);
    }
    for &CjkFamily { latin, language } in CJK.values() {
        names.entry(latin.to_owned()).or_default().push(language);
    }
    for row in rows(include_str!("../../data/name_spellings.csv")) {
        if let &["family", language, spellings] = &row[..] {
            for spelling in spellings.split('|') {
                names.entry(ascii(spelling)).or_default().push(language);
            }
        }
    }
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
    for row in rows(include_str!("../../data/name_spellings.csv")) {
        let &[part, _, spellings] = &row[..] else { continue };
        let of_part = if part == "given" { &mut spelled.given } else { &mut spelled.family };
        let names: Vec<String> = spellings.split('|').map(|name| ascii(name).replace(' ', "")).collect();
        for name in &names {
            of_part.entry(name.clone()).or_default().push(names[0].clone());
        }
    }
    let mut given = spelled.given.clone();
    for row in rows(include_str!("../../data/nicknames.csv")) {
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
