//! Names of people in any language and script: how they are shown, folded for comparing, taken apart, and which other
//! names and spellings stand for the same person. Pure functions of texts: nothing of columns, pairs or models.
//!
//! What this room cannot know: how a Japanese given name in kanji is read (it is held against kanji only), which tone a
//! Vietnamese name written without marks had, and which vowels an Arabic or Hebrew name has.

mod address;
mod affixes;
mod countries;
mod couple;
mod fold;
mod forms;
mod order;
mod script;
mod show;
mod spelling;
mod tables;

#[cfg(test)]
mod tests;

pub(crate) use address::of_address;
pub(crate) use affixes::{Of, generation, title};
pub(crate) use countries::{CountryKey, country};
pub(crate) use fold::{ascii, fold, is_apostrophe, soundex};
pub(crate) use forms::{bare, family_in, family_roots, given_in, given_roots, is_family, is_given, is_wife_of};
pub(crate) use order::{Name, Order, is_whole, is_whole_han, of_parts, order, part, whole, with_particles};
pub(crate) use script::{Script, is_han, is_kana};
pub(crate) use show::normalize;
pub(crate) use spelling::{key, korean, plain, skeletons};
