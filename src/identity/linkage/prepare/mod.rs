//! Columns of text become columns of numbers: cleaned by kind, each distinct value once.

pub(crate) mod clean;
pub(crate) mod date;
pub(crate) mod dictionary;
pub(crate) mod generic;
pub(crate) mod lists;
pub(crate) mod names;

use std::thread;

use rustc_hash::FxHashMap;

use super::fold::soundex;
use super::kind::{Kind, kind_of};
use super::parallel;
use super::table::{Table, TextColumn};
use dictionary::{Dictionary, NONE};
use lists::Lists;

/// How the values of a comparison are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    Exact,
}

/// One thing that two records are compared in.
pub(crate) struct Comparison {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) how: How,
    /// Per record: its value, 0 for none. Empty once all is prepared: see [`Prepared::values`].
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

/// All that records are compared in.
pub(crate) struct Prepared {
    pub(crate) records: usize,
    pub(crate) comparisons: Vec<Comparison>,
    /// Per record and comparison: its value, so that what two records are compared in lies together.
    values: Vec<u32>,
    /// Per name: numbers of the names it may stand for, sorted.
    pub(crate) roots: Vec<Box<[u32]>>,
    /// Per record: all its names, sorted.
    pub(crate) all_names: Lists<u32>,
    /// Per name: written in Chinese characters.
    pub(crate) han: Vec<bool>,
    /// Per record: how its e-mail address is made of its own name, 0 if it is not.
    pub(crate) templates: Vec<u32>,
    /// Per record: the digits in its e-mail address, 0 if there are none.
    pub(crate) email_digits: Vec<u32>,
    /// Per template: its share among the records with an address.
    pub(crate) template_share: Vec<f32>,
    /// The comparison by whose values names differ in how common they are: the country.
    pub(crate) stratum: Option<usize>,
    /// Per comparison, value and value of the stratum: how many records hold both.
    pub(crate) within: FxHashMap<(u32, u32, u32), f32>,
    pub(crate) given: Option<usize>,
    pub(crate) family: Option<usize>,
    pub(crate) kinds: Vec<(String, Kind)>,
    /// Per comparison: how probable it is that two records agree.
    pub(crate) usual: Vec<f32>,
    /// Per comparison: how many records have a value.
    pub(crate) filled: Vec<f32>,
}

impl Prepared {
    pub(crate) fn new(table: &Table, threads: usize) -> Self {
        let kinds = parallel::map(threads, table.columns.len(), 1, |range| {
            let column = &table.columns[range.start];
            (column.name.clone(), kind_of(column))
        });
        let of = |kind: Kind| -> Vec<&TextColumn> {
            table.columns.iter().zip(&kinds).filter(|(_, named)| named.1 == kind).map(|(column, _)| column).collect()
        };
        let mut prepared = Self {
            records: table.records(),
            comparisons: Vec::new(),
            values: Vec::new(),
            roots: Vec::new(),
            all_names: Lists::default(),
            han: Vec::new(),
            templates: Vec::new(),
            email_digits: Vec::new(),
            template_share: Vec::new(),
            stratum: None,
            within: FxHashMap::default(),
            given: None,
            family: None,
            kinds: kinds.clone(),
            usual: Vec::new(),
            filled: Vec::new(),
        };
        let mut single: Vec<(Vec<&TextColumn>, Kind)> = table
            .columns
            .iter()
            .zip(&kinds)
            .filter(|(_, (_, kind))| is_single(*kind))
            .map(|(column, (_, kind))| (vec![column], *kind))
            .collect();
        single.push(([Kind::Family, Kind::FullName, Kind::Given].into_iter().flat_map(of).collect(), Kind::Generation));
        single.push((of(Kind::Address), Kind::Address));
        let comparisons = thread::scope(|scope| {
            let others = scope.spawn(|| {
                parallel::map(threads.div_ceil(2), single.len(), 1, |range| {
                    let (columns, kind) = &single[range.start];
                    Comparison::of(columns, *kind, table.records())
                })
            });
            prepared.names(&of(Kind::Given), &of(Kind::Family), &of(Kind::Middle), &of(Kind::FullName));
            others.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        prepared.comparisons.extend(comparisons.into_iter().flatten());
        prepared.email_templates();
        for comparison in &mut prepared.comparisons {
            comparison.count();
        }
        prepared.comparisons.truncate(super::levels::COMPARISONS_MAX);
        prepared.gather(threads);
        prepared.count();
        prepared.count_people();
        prepared.count_within();
        // Each value is held once: they lie side by side by now.
        prepared.comparisons.iter_mut().for_each(|comparison| comparison.values = Vec::new());
        prepared
    }

    /// Lays the values of each record side by side.
    fn gather(&mut self, threads: usize) {
        let rows: Vec<Vec<u32>> = parallel::map(threads, self.records, 65_536, |range| {
            range.flat_map(|row| self.comparisons.iter().map(move |comparison| comparison.values[row])).collect()
        });
        self.values = rows.concat();
    }

    /// The values of a record, one per comparison.
    pub(crate) fn values(&self, record: u32) -> &[u32] {
        let width = self.comparisons.len();
        &self.values[record as usize * width..][..width]
    }

    /// Counts by how many people the values that identify are held: an address or a number of a whole office says little.
    fn count_people(&mut self) {
        let Some(given) = self.given else { return };
        let names = &self.comparisons[given];
        let keys: Vec<u32> = (0..names.texts.len())
            .map(|name| match self.roots[name].first() {
                Some(&root) => root + (1 << 31),
                None => soundex(std::str::from_utf8(&names.texts[name]).unwrap_or("")),
            })
            .collect();
        let name_of: Vec<u32> = names.values.iter().map(|&name| keys[name as usize]).collect();
        for comparison in &mut self.comparisons {
            if !matches!(comparison.kind, Kind::Id | Kind::Email | Kind::Phone | Kind::Address) {
                continue;
            }
            let mut held: Vec<(u32, u32)> = comparison
                .values
                .iter()
                .zip(&name_of)
                .map(|(&value, &name)| (value, name))
                .filter(|&(value, name)| value != NONE && name != 0)
                .collect();
            held.sort_unstable();
            held.dedup();
            comparison.people = vec![0; comparison.texts.len()];
            for (value, _) in held {
                comparison.people[value as usize] += 1;
            }
        }
    }

    /// Counts names by country: one that is rare in a table may be common where it comes from.
    fn count_within(&mut self) {
        let of = |kind: Kind| {
            self.comparisons.iter().position(|comparison| comparison.kind == kind && comparison.texts.len() <= 500)
        };
        let Some(stratum) = of(Kind::Country).or_else(|| of(Kind::Region)) else { return };
        self.stratum = Some(stratum);
        for at in [self.given, self.family].into_iter().flatten() {
            for (&value, &place) in self.comparisons[at].values.iter().zip(&self.comparisons[stratum].values) {
                if value != NONE && place != NONE {
                    *self.within.entry((at as u32, value, place)).or_default() += 1.0;
                }
            }
        }
    }

    /// How probable it is that another record has this value, among records of the same country if both are.
    pub(crate) fn common(&self, at: usize, value: u32, places: [u32; 2]) -> f32 {
        let share = (self.comparisons[at].counts[value as usize] - 1.0).max(1.0) / self.filled[at];
        match self.stratum {
            Some(stratum) if places[0] == places[1] && places[0] != NONE => {
                let held = self.within.get(&(at as u32, value, places[0])).copied().unwrap_or(0.0);
                share.max((held - 1.0) / self.comparisons[stratum].counts[places[0] as usize])
            }
            _ => share,
        }
    }

    /// What the counts of values come to.
    pub(crate) fn count(&mut self) {
        self.filled = self.comparisons.iter().map(|comparison| comparison.filled() as f32).collect();
        let usual = |comparison: &Comparison| {
            let filled = comparison.filled();
            let agreeing: f64 = comparison
                .counts
                .iter()
                .map(|&count| f64::from(count))
                .map(|count| count * (count - 1.0).max(0.0))
                .sum();
            (agreeing / (filled * (filled - 1.0)).max(1.0)).max(0.5 / (filled * filled).max(1.0)) as f32
        };
        self.usual = self.comparisons.iter().map(usual).collect();
    }

    /// Given, family and further names share their values, so that swapped ones are found.
    fn names(&mut self, given: &[&TextColumn], family: &[&TextColumn], middle: &[&TextColumn], full: &[&TextColumn]) {
        if given.is_empty() && family.is_empty() && full.is_empty() {
            return;
        }
        let first = |columns: &[&TextColumn], row: usize| -> Option<String> {
            columns.iter().find_map(|column| column.text(row)).map(String::from)
        };
        let mut dictionary = Dictionary::new();
        let mut han = vec![false];
        let mut cache: FxHashMap<String, names::Name> = FxHashMap::default();
        let (mut givens, mut families, mut rests) = (Vec::new(), Vec::new(), Vec::new());
        let mut rest_dictionary = Dictionary::new();
        let mut rest_tokens: Lists<u32> = std::iter::once(&[]).collect();
        for row in 0..self.records {
            let mut name = names::Name::default();
            if let Some(text) = first(given, row) {
                name.given = names::part(&text);
                name.han |= text.chars().any(super::fold::is_han);
            }
            if let Some(text) = first(family, row) {
                name.family = names::part(&text);
                name.han |= text.chars().any(super::fold::is_han);
            }
            let mut rest = first(middle, row).map(|text| names::part(&text)).unwrap_or_default();
            for column in full {
                let Some(text) = column.text(row) else { continue };
                let whole = cache.entry(text.to_owned()).or_insert_with(|| names::whole(text)).clone();
                if name.given.is_empty() && name.family.is_empty() {
                    rest = format!("{rest} {}", whole.rest);
                    name = whole;
                } else {
                    rest = format!("{rest} {} {} {}", whole.given, whole.rest, whole.family);
                }
            }
            if generic::is_name(&name.given, &name.family) {
                name = names::Name::default();
            }
            let own: Vec<&str> = name.given.split(' ').chain(name.family.split(' ')).collect();
            let mut rest: Vec<&str> = rest.split(' ').filter(|word| !word.is_empty() && !own.contains(word)).collect();
            rest.sort_unstable();
            rest.dedup();
            let mut all: Vec<u32> = own.iter().chain(&rest).map(|word| dictionary.number(word.as_bytes())).collect();
            let [given, family] = [&name.given, &name.family].map(|part| dictionary.number(part.as_bytes()));
            han.resize(dictionary.len(), false);
            han[given as usize] |= name.han;
            han[family as usize] |= name.han;
            givens.push(given);
            families.push(family);
            let joined = rest_dictionary.number(rest.join(" ").as_bytes());
            if joined as usize == rest_tokens.len() {
                let mut tokens: Vec<u32> = rest.iter().map(|word| dictionary.number(word.as_bytes())).collect();
                tokens.sort_unstable();
                rest_tokens.push(&tokens);
            }
            rests.push(joined);
            all.sort_unstable();
            all.dedup();
            all.retain(|&name| name != NONE);
            self.all_names.push(&all);
        }
        let texts: Vec<String> =
            dictionary.texts.iter().map(|text| String::from_utf8_lossy(text).into_owned()).collect();
        for text in &texts {
            let first = text.split(' ').next().unwrap_or_default();
            let mut roots: Vec<u32> =
                names::roots(first).iter().map(|root| dictionary.number(root.as_bytes())).collect();
            roots.sort_unstable();
            self.roots.push(roots.into());
        }
        self.roots.resize_with(dictionary.len(), Box::default);
        han.resize(dictionary.len(), false);
        self.han = han;
        let tokens: Lists<u32> = texts
            .iter()
            .map(|text| {
                let mut words: Vec<u32> = text.split(' ').map(|word| dictionary.number(word.as_bytes())).collect();
                words.sort_unstable();
                words
            })
            .collect();
        let mut push = |name: &str, kind, how, values: Vec<u32>, texts: Lists<u8>, tokens: Lists<u32>| {
            let at = self.comparisons.len();
            let has = values.iter().any(|&value| value != NONE);
            if has {
                let rarity = Vec::new();
                let (counts, people) = (Vec::new(), Vec::new());
                self.comparisons.push(Comparison {
                    name: name.into(),
                    kind,
                    how,
                    values,
                    texts,
                    tokens,
                    rarity,
                    counts,
                    people,
                });
            }
            has.then_some(at)
        };
        let given = push("given name", Kind::Given, How::Given, givens, dictionary.texts.clone(), tokens.clone());
        let family = push("family name", Kind::Family, How::Family, families, dictionary.texts.clone(), tokens);
        push("other names", Kind::Middle, How::OtherNames, rests, rest_dictionary.texts, rest_tokens);
        (self.given, self.family) = (given, family);
        self.roots.resize_with(dictionary.len(), Box::default);
        self.han.resize(dictionary.len(), false);
    }

    /// Finds addresses that are made of their owner's name: between people of one name these say little.
    fn email_templates(&mut self) {
        self.templates = vec![NONE; self.records];
        self.email_digits = vec![NONE; self.records];
        let mut digits = Dictionary::new();
        self.template_share = vec![0.0];
        let Some(email) = self.comparisons.iter().find(|comparison| comparison.how == How::Email) else { return };
        let text = |at: Option<usize>, row: usize| {
            at.map_or("", |at| {
                let comparison = &self.comparisons[at];
                std::str::from_utf8(&comparison.texts[comparison.values[row] as usize]).unwrap_or("")
            })
        };
        let mut dictionary = Dictionary::new();
        let mut counts = vec![0u32];
        let mut filled = 0u32;
        for row in 0..self.records {
            let address = std::str::from_utf8(&email.texts[email.values[row] as usize]).unwrap_or("");
            let Some((local, domain)) = address.split_once('@') else { continue };
            filled += 1;
            self.email_digits[row] = digits.number(&local.bytes().filter(u8::is_ascii_digit).collect::<Vec<u8>>());
            let template = clean::template(local, domain, text(self.given, row), text(self.family, row));
            let number = dictionary.number(template.as_bytes());
            counts.resize(dictionary.len(), 0);
            counts[number as usize] += u32::from(number != NONE);
            self.templates[row] = number;
        }
        self.template_share = counts.iter().map(|&count| count as f32 / filled.max(1) as f32).collect();
    }
}

/// Whether each column of such a kind is a comparison by itself.
fn is_single(kind: Kind) -> bool {
    how(kind).is_some() && !matches!(kind, Kind::Generation | Kind::Address)
}

/// How columns of a kind are compared, unless they are names or say nothing.
fn how(kind: Kind) -> Option<How> {
    Some(match kind {
        Kind::BirthDate | Kind::Date => How::Date,
        Kind::Email => How::Email,
        Kind::Phone => How::Phone,
        Kind::Postcode | Kind::Id => How::Code,
        Kind::City | Kind::Region | Kind::Country => How::Short,
        Kind::Sex | Kind::Category | Kind::Number | Kind::Generation => How::Exact,
        Kind::Company | Kind::Text | Kind::Address => How::Words,
        Kind::Given | Kind::Middle | Kind::Family | Kind::FullName | Kind::Nothing => return None,
    })
}

impl Comparison {
    /// Columns that together are one value; none if they say nothing.
    fn of(columns: &[&TextColumn], kind: Kind, records: usize) -> Option<Self> {
        let how = how(kind).filter(|_| !columns.is_empty())?;
        let day_first = date::order(columns[0].texts().filter(|_| how == How::Date));
        let clean = |texts: &[&str], out: &mut Vec<u8>| match kind {
            Kind::BirthDate | Kind::Date => out.extend(date::digits(texts[0], day_first).into_iter().flatten()),
            Kind::Email => clean::email(texts, out),
            Kind::Phone => clean::phone(texts, out),
            Kind::Postcode | Kind::Id => clean::code(texts, out),
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
        let (mut texts, mut whole, mut out) = (Vec::new(), Vec::new(), Vec::new());
        for row in 0..records {
            texts.clear();
            texts.extend(columns.iter().filter_map(|column| column.text(row)));
            whole.clear();
            for text in &texts {
                whole.extend_from_slice(text.as_bytes());
                whole.push(0);
            }
            let number = written.number(&whole) as usize;
            if number == numbers.len() {
                out.clear();
                clean(&texts, &mut out);
                numbers.push(dictionary.number(&out));
            }
            values.push(numbers[number]);
        }
        if dictionary.len() < 3 {
            return None;
        }
        let mut comparison = Self {
            name: columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join("+"),
            kind,
            how,
            values,
            texts: dictionary.texts,
            tokens: Lists::default(),
            rarity: Vec::new(),
            counts: Vec::new(),
            people: Vec::new(),
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
    fn count(&mut self) {
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
