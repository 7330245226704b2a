//! Small parts of values, by kind, in which records of one person mostly agree.

use super::super::chance::text_hash;
use super::super::kind::Kind;
use super::super::prepare::{Comparison, How, Prepared};
use crate::names::soundex;

/// Part of a value: a number per value of a comparison; 0 for none.
pub(crate) struct Atom {
    pub(crate) comparison: usize,
    /// Which part, in words: empty for the whole value.
    pub(crate) part: &'static str,
    pub(super) keys: Vec<u32>,
}

/// The atoms of all comparisons.
pub(super) fn atoms(prepared: &Prepared) -> Vec<Atom> {
    let mut atoms = Vec::new();
    for (at, comparison) in prepared.comparisons.iter().enumerate() {
        let mut push = |part: &'static str, key: &dyn Fn(&[u8]) -> u32| {
            let text = |value: u32| &comparison.texts[comparison.most_held(value) as usize];
            let of = |text: &[u8]| if text.is_empty() { 0 } else { key(text) };
            let keys: Vec<u32> = (0..comparison.texts.len() as u32).map(|value| of(text(value))).collect();
            atoms.push(Atom { comparison: at, part, keys });
        };
        let whole: &dyn Fn(&[u8]) -> u32 = &|text| hash(text);
        match comparison.how {
            How::Given | How::Family => {
                push("", whole);
                push("sound", &|text| soundex(std::str::from_utf8(text).unwrap_or("")));
                push("beginning", &|text| if text.len() >= 3 { hash(&text[..3]) } else { 0 });
                push("end", &|text| if text.len() >= 4 { hash(&text[text.len() - 3..]) } else { 0 });
            }
            How::Date => {
                push("", whole);
                // Of some only the year is known.
                let part = |text: &[u8], part: &dyn Fn(&[u8]) -> u32| if text.len() == 8 { part(text) } else { 0 };
                push("year and month", &|text| part(text, &|text| hash(&text[..6])));
                let day = |text: &[u8]| if &text[4..] == b"0101" { 0 } else { hash(&text[4..]) };
                push("month and day", &|text| part(text, &day));
                push("year and day", &|text| part(text, &|text| hash(&[&text[..4], &text[6..]].concat())));
            }
            How::Email => {
                push("", whole);
                push("before the @", &|text| {
                    let local = text.iter().position(|&byte| byte == b'@').unwrap_or(text.len());
                    if local >= 4 { hash(&text[..local]) } else { 0 }
                });
                push("beginning", &|text| hash(&text[..text.len().min(6)]));
            }
            How::Phone => {
                push("", whole);
                push("last digits", &|text| hash(&text[text.len() - 6..]));
                push("but for the last two digits", &|text| hash(&text[..text.len() - 2]));
            }
            How::Code => {
                push("", whole);
                push("beginning", &|text| if text.len() >= 4 { hash(&text[..text.len() * 3 / 5]) } else { 0 });
                if comparison.kind == Kind::Id {
                    push("end", &|text| if text.len() >= 5 { hash(&text[text.len() - 4..]) } else { 0 });
                }
            }
            How::Short => {
                push("", whole);
                push("beginning", &|text| hash(&text[..text.len().min(4)]));
            }
            How::Words => {
                push("", whole);
                push("numbers", &|text| {
                    let numbers: Vec<&[u8]> = text
                        .split(|&byte| byte == b' ')
                        .filter(|word| word.first().is_some_and(u8::is_ascii_digit))
                        .collect();
                    if numbers.is_empty() { 0 } else { hash(&numbers.concat()) }
                });
                push("longest word", &|text| {
                    let words = text.split(|&byte| byte == b' ').filter(|word| word.iter().all(u8::is_ascii_lowercase));
                    words
                        .max_by_key(|word| (word.len(), *word))
                        .map_or(0, |word| if word.len() >= 3 { hash(word) } else { 0 })
                });
            }
            How::OtherNames | How::Exact => push("", whole),
        }
        if comparison.how == How::Words {
            let words: Vec<[u32; RARE]> =
                (0..comparison.texts.len()).map(|value| rare_words(comparison, value)).collect();
            for (place, part) in [(0, "a rare word"), (1, "another rare word")] {
                atoms.push(Atom { comparison: at, part, keys: words.iter().map(|words| words[place]).collect() });
            }
        }
    }
    atoms
}

/// Atoms of rare words per value.
const RARE: usize = 2;
/// Words of a value that are held to be rare.
const RAREST: usize = 4;

/// Of the rarest words of a value that others have as well, those that come first and last in an order that is nobody's:
/// values with most of these words in common mostly have one of the two in common (a MinHash; Broder, 1997).
fn rare_words(comparison: &Comparison, value: usize) -> [u32; RARE] {
    let mut words: Vec<u32> =
        comparison.tokens[value].iter().copied().filter(|&word| comparison.shared[word as usize]).collect();
    let rarity = |word: u32| comparison.rarity[word as usize];
    let hash = |word: u32| comparison.words[word as usize];
    words.sort_by(|&one, &other| rarity(other).total_cmp(&rarity(one)).then(hash(one).cmp(&hash(other))));
    words.truncate(RAREST);
    let mixed = || words.iter().map(|&word| (hash(word) >> 32) as u32 | 1);
    [mixed().min(), mixed().max()].map(Option::unwrap_or_default)
}

/// Never 0.
fn hash(text: &[u8]) -> u32 {
    (text_hash(text) >> 32) as u32 | 1
}
