//! Which full names a part of a name may stand for.
//!
//! A part is ASCII in small letters; what is written in Chinese characters, Hangul, Arabic or Hebrew carries its own
//! letters behind a slash: `xiaoming/小明`. The ASCII is empty where nobody can know how it is read.

use super::tables::{FAMILY, GIVEN, Known, ROOTS, bit};

/// The ASCII of a part, without its own letters.
pub(crate) fn bare(part: &str) -> &str {
    part.split('/').next().unwrap_or_default()
}

/// The full names that a given name may stand for, sorted; empty if nothing is known. Of several, the first word counts.
pub(crate) fn given_roots(part: &str) -> &'static [String] {
    let bare = bare(part);
    let found = ROOTS.given.get(bare).or_else(|| ROOTS.given.get(&bare.replace(' ', "")));
    let first = || ROOTS.given.get(bare.split(' ').next().unwrap_or_default());
    found.or_else(first).map_or(&[], Vec::as_slice)
}

/// The same for a family name.
pub(crate) fn family_roots(part: &str) -> &'static [String] {
    ROOTS.family.get(bare(part)).map_or(&[], Vec::as_slice)
}

/// Whether a word in ASCII is a well-known given name.
pub(crate) fn is_given(word: &str) -> bool {
    GIVEN.contains_key(word)
}

/// The languages in which a word in ASCII is a well-known given name, a bit each.
pub(crate) fn given_in(word: &str) -> u64 {
    languages(&GIVEN, word)
}

/// The same for family names.
pub(crate) fn family_in(word: &str) -> u64 {
    languages(&FAMILY, word)
}

fn languages(known: &Known, word: &str) -> u64 {
    known.get(word).map_or(0, |languages| languages.iter().fold(0, |all, language| all | bit(language)))
}

/// Whether one of two given names is that of the other's wife, as Hungarians write it: `Tamásné`.
pub(crate) fn is_wife_of(one: &[u8], other: &[u8]) -> bool {
    let of = |wife: &[u8], man: &[u8]| {
        let [is_name, is_man] = [wife, man].map(|name| str::from_utf8(name).is_ok_and(is_given));
        // `Susanne` is a name of her own.
        wife.strip_suffix(b"ne") == Some(man) && man.len() > 2 && is_man && !is_name
    };
    of(one, other) || of(other, one)
}

/// Whether a word in ASCII is a well-known family name.
pub(crate) fn is_family(word: &str) -> bool {
    FAMILY.contains_key(word)
}
