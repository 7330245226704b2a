//! One column, or several that say one thing, as numbers: what was written is cleaned by kind, each distinct value once.

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::chance::text_hash;
use super::super::kind::Kind;
use super::super::table::{Table, TextColumn};
use super::attributes::{Attribute, Combine, parts};
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
    /// See [`Attribute`].
    pub(crate) is_national: bool,
    /// Per record: its value, 0 for none. Empty once all is prepared: see [`super::Prepared::values`].
    pub(crate) values: Vec<u32>,
    /// Per value: its bytes.
    pub(crate) texts: Lists<u8>,
    /// Per value: its words, as numbers into `words`, sorted.
    pub(crate) tokens: Lists<u32>,
    /// Per word: a hash of it.
    pub(crate) words: Vec<u64>,
    /// Per word: how much it says, in bits.
    pub(crate) rarity: Vec<f32>,
    /// Per word: whether several records hold it.
    pub(crate) shared: Vec<bool>,
    /// Per value: how many records hold it, alone or among several.
    pub(crate) counts: Vec<f32>,
    /// Per value of a name: with how many others that have it, on average, a record has its other name in common; empty
    /// where names are of one part.
    pub(crate) namesakes: Vec<f32>,
    /// Values that are several: numbers or addresses of one record.
    pub(crate) sets: Sets,
    /// Values that stand for a missing one.
    pub(crate) placeholders: FxHashSet<u32>,
    /// How many records have a value.
    pub(super) filled: f64,
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
    /// The columns of an attribute as numbers. Dates are read as most of their source's in their column are.
    pub(super) fn of(attribute: &Attribute, table: &Table) -> Self {
        let Attribute { kind, combine, .. } = *attribute;
        let columns: Vec<&TextColumn> = attribute.columns.iter().map(|&at| &table.columns[at]).collect();
        let records = table.records();
        let how = how(kind).unwrap_or_default();
        let dates = Dates::of(&attribute.dates, table.sources.as_ref());
        let clean = |texts: &[(usize, &str)], row: usize, out: &mut Vec<u8>| match (kind, combine) {
            (Kind::BirthDate, Combine::All) => {
                let texts: Vec<&str> = texts.iter().map(|&(_, text)| text).collect();
                out.extend(date::of_parts(&texts).into_iter().flatten());
            }
            (Kind::BirthDate | Kind::Date, _) => {
                let (column, text) = texts[0];
                match date::digits(text, dates.order(column, row)) {
                    Some(digits) => out.extend(digits),
                    None if kind == Kind::BirthDate => out.extend(date::year(text).into_iter().flatten()),
                    None => {}
                }
            }
            (Kind::Address, _) => clean::address(texts.iter().map(|&(_, text)| text), out),
            (Kind::Generation, _) => {
                out.extend(texts.iter().find_map(|(_, text)| names::generation(text)).unwrap_or_default().bytes());
            }
            _ => clean::one(kind, texts[0].1, out),
        };
        // What was written is cleaned once, however many records have it.
        let (mut written, mut numbers) = (Dictionary::new(), vec![NONE]);
        let (mut dictionary, mut sets) = (Dictionary::new(), Sets::default());
        let mut values = Vec::with_capacity(records);
        let (mut texts, mut set, mut out) = (Vec::new(), Vec::new(), Vec::new());
        let mut wholes: [Vec<u8>; AT_A_TIME] = Default::default();
        for start in (0..records).step_by(AT_A_TIME) {
            let rows = start..records.min(start + AT_A_TIME);
            for (row, whole) in rows.clone().zip(&mut wholes) {
                whole.clear();
                // A date is another one by its column and its source.
                whole.extend(dates.source(row).map(u32::to_le_bytes).into_iter().flatten());
                let mark = whole.len();
                for (at, text) in columns.iter().enumerate().filter_map(|(at, column)| Some((at, column.text(row)?))) {
                    whole.extend_from_slice(text.as_bytes());
                    whole.extend([0, at as u8]);
                }
                if whole.len() == mark {
                    whole.clear();
                }
            }
            written.fetch(wholes[..rows.len()].iter().map(Vec::as_slice));
            for (row, whole) in rows.zip(&wholes) {
                let number = written.number(whole) as usize;
                if number == numbers.len() {
                    texts.clear();
                    texts.extend(columns.iter().enumerate().filter_map(|(at, column)| Some((at, column.text(row)?))));
                    numbers.push(if combine == Combine::Each {
                        set.clear();
                        for text in texts.iter().flat_map(|(_, text)| parts(kind, text)) {
                            out.clear();
                            clean::one(kind, text, &mut out);
                            set.push(dictionary.number(&out));
                        }
                        sets.number(&mut set, &mut dictionary)
                    } else {
                        out.clear();
                        clean(&texts, row, &mut out);
                        dictionary.number(&out)
                    });
                }
                values.push(numbers[number]);
            }
        }
        let mut comparison = Self {
            name: columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join("+"),
            kind,
            how,
            is_national: attribute.is_national,
            guessed: attribute.guessed,
            values,
            texts: dictionary.texts,
            sets,
            ..Self::default()
        };
        if how == How::Words {
            comparison.tokenise();
        }
        comparison
    }

    /// Whether its values tell any record from another.
    pub(super) fn says_something(&self) -> bool {
        match self.how {
            How::Given | How::Family | How::OtherNames => self.values.iter().any(|&value| value != NONE),
            _ => self.texts.len() > 2,
        }
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
        self.words = dictionary.texts.iter().map(text_hash).collect();
        self.shared = held.iter().map(|&count| count > 1).collect();
        self.rarity = held.iter().map(|&count| rarity(self.values.len(), count.max(1))).collect();
    }

    /// Counts how many records hold each value, alone or among several.
    pub(super) fn count(&mut self) {
        self.counts = vec![0.0; self.texts.len()];
        for &value in &self.values {
            self.counts[value as usize] += 1.0;
        }
        self.counts[NONE as usize] = 0.0;
        self.filled = self.counts.iter().map(|&count| f64::from(count)).sum();
        for (&set, parts) in &self.sets.0 {
            let held = std::mem::take(&mut self.counts[set as usize]);
            for &part in parts {
                self.counts[part as usize] += held;
            }
        }
    }

    /// How many records have a value.
    pub(crate) fn filled(&self) -> f64 {
        self.filled
    }

    /// The values in a value, which may be several.
    pub(crate) fn parts<'a>(&'a self, value: &'a u32) -> &'a [u32] {
        self.sets.0.get(value).map_or(std::slice::from_ref(value), |parts| parts)
    }

    /// Whether a value is several.
    pub(crate) fn is_set(&self, value: u32) -> bool {
        self.sets.0.contains_key(&value)
    }

    /// What two values that are the same, or have something in common, have in common: of several, what fewest hold.
    pub(crate) fn in_common(&self, one: u32, other: u32) -> u32 {
        let others = self.parts(&other);
        let shared = self.parts(&one).iter().copied().filter(|part| others.contains(part));
        shared.min_by_key(|&part| self.held(part)).unwrap_or(one)
    }

    /// The value that stands for one where others are looked for who hold it: of several, what most hold.
    pub(crate) fn most_held(&self, value: u32) -> u32 {
        self.parts(&value).iter().max_by_key(|&&part| self.held(part)).copied().unwrap_or(value)
    }

    /// How many records hold a value; of two that as many hold, another one.
    fn held(&self, value: u32) -> (u64, &[u8]) {
        (self.counts[value as usize] as u64, &self.texts[value as usize])
    }
}

/// How much a word says that so many of all records hold, in bits: in steps, so that sums do not depend on their order.
pub(super) fn rarity(records: usize, held: u32) -> f32 {
    const STEP: f32 = 1.0 / 1024.0;
    ((records as f32 / held as f32).log2().max(0.1) / STEP).round() * STEP
}

/// What stands between the texts of a set.
pub(crate) const BETWEEN: u8 = b';';

/// Values that are several: the numbers of each, in the order of their texts, by the number of the whole.
#[derive(Debug, Default)]
pub(crate) struct Sets(FxHashMap<u32, Vec<u32>>);

impl Sets {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of a value that is made of these, some of which may be none.
    fn number(&mut self, parts: &mut Vec<u32>, dictionary: &mut Dictionary) -> u32 {
        let text = |part: u32| &dictionary.texts[part as usize];
        parts.retain(|&part| part != NONE);
        parts.sort_unstable_by(|&one, &other| text(one).cmp(text(other)));
        parts.dedup();
        if parts.len() < 2 {
            return parts.first().copied().unwrap_or(NONE);
        }
        let texts: Vec<&[u8]> = parts.iter().map(|&part| text(part)).collect();
        let whole = texts.join(&BETWEEN);
        let number = dictionary.number(&whole);
        self.0.insert(number, parts.clone());
        number
    }
}

/// In which order dates stand, by column and source.
#[derive(Default)]
struct Dates {
    /// Per row: its source, if there are several.
    sources: Vec<u32>,
    /// Per column: the order of most of its dates, and per source that of most of those, if they show one.
    columns: Vec<(date::Order, Vec<Option<date::Order>>)>,
}

impl Dates {
    fn of(orders: &[date::Orders], sources: Option<&TextColumn>) -> Self {
        let several = sources.filter(|_| orders.iter().any(|orders| !orders.own.is_empty()));
        let (names, sources) = several.map(TextColumn::numbered).unwrap_or_default();
        let own = |orders: &date::Orders| names.iter().map(|name| orders.own.get(*name).copied().flatten()).collect();
        Self { sources, columns: orders.iter().map(|orders| (orders.all, own(orders))).collect() }
    }

    /// The source of a row, if there are several.
    fn source(&self, row: usize) -> Option<u32> {
        self.sources.get(row).copied()
    }

    fn order(&self, column: usize, row: usize) -> date::Order {
        let (all, own) = &self.columns[column];
        self.source(row).and_then(|source| own[source as usize]).unwrap_or(*all)
    }
}
