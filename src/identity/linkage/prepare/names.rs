//! Names of persons in parts: given, family, and the rest; without titles, in ASCII.

use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::fold::{fold, is_han};

/// The cleaned parts of one name, each with single spaces.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) given: String,
    pub(crate) family: String,
    pub(crate) rest: String,
    /// Written in characters each of which is a word: no two different ones are alike.
    pub(crate) han: bool,
}

/// What stands around a name: titles from `honorifics.csv`, and suffixes.
static TITLES: LazyLock<FxHashSet<String>> = LazyLock::new(|| {
    let table = include_str!("../../../../data/honorifics.csv").lines().skip(1);
    let titles = table.filter_map(|line| line.split(',').next()).map(fold).filter(|title| !title.contains(' '));
    titles.chain(["jr", "sr", "junior", "senior", "ii", "iii", "esq"].map(String::from)).collect()
});

/// Per short or long form of a name: the names it may stand for.
static NICKNAMES: LazyLock<FxHashMap<String, Vec<String>>> = LazyLock::new(|| {
    let mut roots: FxHashMap<String, Vec<String>> = FxHashMap::default();
    for line in include_str!("../../../../data/nicknames.csv").lines().skip(1) {
        let mut parts = line.split(',').map(fold);
        if let (Some(name), Some(short)) = (parts.next(), parts.next()) {
            roots.entry(short).or_default().push(name.clone());
            roots.entry(name.clone()).or_default().push(name);
        }
    }
    for names in roots.values_mut() {
        names.sort_unstable();
        names.dedup();
    }
    roots
});

/// The full names that a name may stand for, sorted; empty if it is not in the table.
pub(crate) fn roots(name: &str) -> &'static [String] {
    NICKNAMES.get(name).map_or(&[], Vec::as_slice)
}

/// Placeholders for no name.
fn is_nobody(folded: &str) -> bool {
    matches!(folded, "unknown" | "n a" | "na" | "null" | "none" | "test" | "not known" | "anonymous" | "xxx" | "nan")
}

/// One part of a name that has its own column.
pub(crate) fn part(text: &str) -> String {
    let folded = fold(text);
    if is_nobody(&folded) || !folded.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return String::new();
    }
    let kept: Vec<&str> = folded.split(' ').filter(|word| !TITLES.contains(*word)).collect();
    if kept.is_empty() { folded } else { kept.join(" ") }
}

/// A whole name: `Given … Family`, `Family, Given …`, or a name in Chinese characters.
pub(crate) fn whole(text: &str) -> Name {
    let han: Vec<char> = text.chars().filter(|c| !c.is_whitespace() && !"·,".contains(*c)).collect();
    if (2..=4).contains(&han.len()) && han.iter().all(|&c| is_han(c)) {
        let joined = |part: &[char]| fold(&part.iter().collect::<String>());
        return Name { family: joined(&han[..1]), given: joined(&han[1..]), rest: String::new(), han: true };
    }
    if let Some((family, given)) = text.split_once([',', '，'])
        && part(family).split(' ').count() <= 2
        && !part(given).is_empty()
    {
        let given = part(given);
        let (first, rest) = given.split_once(' ').unwrap_or((&given, ""));
        return Name { given: first.into(), family: part(family), rest: rest.into(), han: false };
    }
    let folded = part(text);
    let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
    match words[..] {
        [] => Name::default(),
        [one] => Name { given: one.into(), ..Name::default() },
        [first, ref rest @ .., last] => {
            Name { given: first.into(), family: last.into(), rest: rest.join(" "), han: false }
        }
    }
}

fn known(table: &'static str, column: usize) -> FxHashSet<String> {
    table.lines().skip(1).filter_map(|line| line.split(',').nth(column)).map(fold).collect()
}

static GIVEN: LazyLock<FxHashSet<String>> = LazyLock::new(|| {
    let mut names = known(include_str!("../../../../data/given_names.csv"), 4);
    names.extend(NICKNAMES.keys().cloned());
    names
});

static FAMILY: LazyLock<FxHashSet<String>> =
    LazyLock::new(|| known(include_str!("../../../../data/family_names.csv"), 2));

/// Whether a folded word is a well-known given name.
pub(crate) fn is_given(word: &str) -> bool {
    GIVEN.contains(word)
}

/// Whether a folded word is a well-known family name.
pub(crate) fn is_family(word: &str) -> bool {
    FAMILY.contains(word)
}

/// Which of several people of one name is meant: junior, senior.
pub(crate) fn generation(text: &str) -> Option<&'static str> {
    fold(text).split(' ').skip(1).find_map(|word| match word {
        "jr" | "junior" => Some("junior"),
        "sr" | "senior" => Some("senior"),
        "iii" => Some("iii"),
        _ => None,
    })
}
