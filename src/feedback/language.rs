//! Which language a text is in, of those that there are word lists for.
//!
//! By the commonest words and the letters of each language: texts of a service desk are short, written in haste and
//! often without marks, where counting letter triples (as the language crates do) goes wrong.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::lexicon::{HINTS, TONGUES};
use crate::names::{is_han, is_kana};

/// The language of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// One of [`TONGUES`].
    Known(usize),
    /// No word tells.
    Any,
}

/// What one word says; shared by the languages that have it, so it is divided evenly by many numbers.
const WEIGHT: u32 = 60;
const TONGUES_MAX: usize = 16;

static LETTERS: LazyLock<FxHashMap<char, Vec<usize>>> = LazyLock::new(|| {
    let mut letters: FxHashMap<char, Vec<usize>> = FxHashMap::default();
    for (at, tongue) in TONGUES.iter().enumerate() {
        for letter in tongue.letters.chars() {
            letters.entry(letter).or_default().push(at);
        }
    }
    letters
});

/// Where Chinese is in the table.
static CHINESE: LazyLock<Option<usize>> = LazyLock::new(|| TONGUES.iter().position(|tongue| tongue.code == "zh"));

/// The language that most of the text's words and letters belong to; of several the first of the table.
pub(super) fn of(text: &str, folded: &str) -> Language {
    let mut scores = [0u32; TONGUES_MAX];
    let mut add = |tongues: &[usize]| {
        for tongue in tongues {
            scores[*tongue] += WEIGHT / tongues.len() as u32;
        }
    };
    for word in folded.split(' ') {
        if let Some(tongues) = HINTS.get(word) {
            add(tongues);
        }
    }
    if !text.is_ascii() {
        let mut is_japanese = false;
        for c in text.chars().filter(|c| !c.is_ascii()).flat_map(char::to_lowercase) {
            if let Some(tongues) = LETTERS.get(&c) {
                add(tongues);
            } else if is_han(c) {
                CHINESE.iter().for_each(|chinese| add(&[*chinese]));
            }
            is_japanese |= is_kana(c);
        }
        if let (true, Some(chinese)) = (is_japanese, *CHINESE) {
            scores[chinese] = 0;
        }
    }
    let best = scores.iter().enumerate().rev().max_by_key(|(_, score)| **score);
    match best {
        Some((at, score)) if *score > 0 => Language::Known(at),
        _ => Language::Any,
    }
}
