//! One column, or several that say one thing, as numbers: what was written is cleaned by kind, each distinct value once.

use super::super::kind::{Kind, is_national};
use super::super::table::TextColumn;
use super::{clean, date};
use crate::identity::dictionary::{AT_A_TIME, Dictionary, NONE};
use crate::identity::lists::Lists;
use crate::names;

/// How the values of a comparison are compared.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Given,
    Family,
    /// Further names: middle names, what a whole name has beyond given and family name.
    OtherNames,
    Date,
    Email,
    Phone,
    Code,
    /// Short texts: places.
    Short,
    /// Texts of several words: addresses, companies.
    Words,
    #[default]
    Exact,
}

/// One thing that two records are compared in.
#[derive(Default)]
pub(crate) struct Comparison {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) how: How,
    /// Whether its kind was found from the values alone.
    pub(crate) guessed: bool,
    /// Whether it is a number that a state gives each person one of.
    pub(crate) is_national: bool,
    /// Per record: its value, 0 for none. Empty once all is prepared: see [`super::Prepared::values`].
    pub(crate) values: Vec<u32>,
    /// Per value: its bytes.
    pub(crate) texts: Lists<u8>,
    /// Per value: its words, as numbers into `words`, sorted.
    pub(crate) tokens: Lists<u32>,
    /// Per word: how much it says, from 0 to 1 … in bits of rarity.
    pub(crate) rarity: Vec<f32>,
    /// Per value: how often it is held, counted as people rather than records once these are known.
    pub(crate) counts: Vec<f32>,
    /// Per value: by how many people it is held, judging by their names; empty where a value need not be one person's.
    pub(crate) people: Vec<u32>,
}

/// How columns of a kind are compared, unless they are names or say nothing.
pub(super) fn how(kind: Kind) -> Option<How> {
    Some(match kind {
        Kind::BirthDate | Kind::Date => How::Date,
        Kind::Email => How::Email,
        Kind::Phone => How::Phone,
        Kind::Postcode | Kind::Id | Kind::Group => How::Code,
        Kind::City | Kind::Region | Kind::Country => How::Short,
        Kind::Sex | Kind::Category | Kind::Number | Kind::Generation => How::Exact,
        Kind::Company | Kind::Text | Kind::Address => How::Words,
        Kind::Given | Kind::Middle | Kind::Family | Kind::FullName | Kind::Nothing => return None,
    })
}

impl Comparison {
    /// Columns that together are one value; none if they say nothing.
    pub(super) fn of(columns: &[&TextColumn], kind: Kind, records: usize) -> Option<Self> {
        let how = how(kind).filter(|_| !columns.is_empty())?;
        let dates = (how == How::Date).then(|| columns[0].texts());
        let day_first = date::order(dates.into_iter().flatten());
        let clean = |texts: &[&str], out: &mut Vec<u8>| match kind {
            Kind::BirthDate if columns.len() > 1 => out.extend(date::of_parts(texts).into_iter().flatten()),
            Kind::BirthDate | Kind::Date => out.extend(date::digits(texts[0], day_first).into_iter().flatten()),
            Kind::Email => clean::email(texts, out),
            Kind::Phone => clean::phone(texts, out),
            Kind::Postcode | Kind::Id | Kind::Group => clean::code(texts, out),
            Kind::Sex => clean::sex(texts, out),
            Kind::Company => clean::company(texts, out),
            Kind::Address => clean::address(texts, out),
            Kind::Generation => {
                out.extend(texts.iter().find_map(|text| names::generation(text)).unwrap_or_default().bytes());
            }
            _ => clean::short(texts, out),
        };
        // What was written is cleaned once, however many records have it.
        let (mut written, mut numbers) = (Dictionary::new(), vec![NONE]);
        let mut dictionary = Dictionary::new();
        let mut values = Vec::with_capacity(records);
        let (mut texts, mut out) = (Vec::new(), Vec::new());
        let mut wholes: [Vec<u8>; AT_A_TIME] = Default::default();
        for start in (0..records).step_by(AT_A_TIME) {
            let rows = start..records.min(start + AT_A_TIME);
            for (row, whole) in rows.clone().zip(&mut wholes) {
                whole.clear();
                for text in columns.iter().filter_map(|column| column.text(row)) {
                    whole.extend_from_slice(text.as_bytes());
                    whole.push(0);
                }
            }
            written.fetch(wholes[..rows.len()].iter().map(Vec::as_slice));
            for (row, whole) in rows.zip(&wholes) {
                let number = written.number(whole) as usize;
                if number == numbers.len() {
                    texts.clear();
                    texts.extend(columns.iter().filter_map(|column| column.text(row)));
                    out.clear();
                    clean(&texts, &mut out);
                    numbers.push(dictionary.number(&out));
                }
                values.push(numbers[number]);
            }
        }
        if dictionary.len() < 3 {
            return None;
        }
        let mut comparison = Self {
            name: columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join("+"),
            kind,
            how,
            is_national: kind == Kind::Id && columns.iter().any(|column| is_national(&column.name)),
            values,
            texts: dictionary.texts,
            ..Self::default()
        };
        if how == How::Words {
            comparison.tokenise();
        }
        Some(comparison)
    }

    /// Splits the values into words and finds how much each word says.
    fn tokenise(&mut self) {
        let mut dictionary = Dictionary::new();
        self.tokens = self
            .texts
            .iter()
            .map(|text| {
                let mut words: Vec<u32> =
                    text.split(|&byte| byte == b' ').map(|word| dictionary.number(word)).collect();
                words.retain(|&word| word != NONE);
                words.sort_unstable();
                words.dedup();
                words
            })
            .collect();
        let mut held = vec![0u32; dictionary.len()];
        for &value in &self.values {
            for &word in &self.tokens[value as usize] {
                held[word as usize] += 1;
            }
        }
        let records = self.values.len() as f32;
        self.rarity = held.iter().map(|&count| (records / count.max(1) as f32).log2().max(0.1)).collect();
    }

    /// Counts how many records hold each value.
    pub(super) fn count(&mut self) {
        self.counts = vec![0.0; self.texts.len()];
        for &value in &self.values {
            self.counts[value as usize] += 1.0;
        }
        self.counts[0] = 0.0;
    }

    /// How many records have a value.
    pub(crate) fn filled(&self) -> f64 {
        self.counts.iter().map(|&count| f64::from(count)).sum()
    }
}
