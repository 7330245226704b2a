//! Which pairs of records are compared: those that agree in one of several keys, cheap and selective keys first.
//!
//! Keys are made of *atoms*, small parts of values (a phonetic key, a year), alone and two by two. A rule's price is the
//! number of pairs it makes; rules are taken by price until the budget is spent. A pair counts for the first rule that
//! makes it, which is found by comparing the atoms, so that no set of pairs is ever held.

use super::chance::mix;
use super::fold::soundex;
use super::kind::Kind;
use super::parallel;
use super::prepare::{Comparison, How, Prepared};

/// Part of a value, as a number per record; 0 for none.
pub(crate) struct Atom {
    pub(crate) comparison: usize,
    pub(crate) keys: Vec<u32>,
}

/// Records that agree in all atoms are compared.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) atoms: Vec<usize>,
    /// Pairs that agree, before those of earlier rules are taken out.
    pub(crate) pairs: f64,
    /// Pairs that no earlier rule makes.
    pub(crate) fresh: f64,
    mask: u64,
}

impl Rule {
    /// Whether two records are compared by this rule; `agreeing` has a bit for each atom in which they agree.
    pub(crate) fn makes(&self, agreeing: u64) -> bool {
        agreeing & self.mask == self.mask
    }
}

pub(crate) struct Candidates {
    pub(crate) atoms: Vec<Atom>,
    pub(crate) rules: Vec<Rule>,
    /// All pairs are compared: the table is small.
    pub(crate) all: bool,
    pub(crate) block_max: usize,
    records: usize,
    /// Per record and atom: its key.
    keys: Vec<u32>,
}

/// Tables with up to so many pairs need no rules.
const ALL_PAIRS_MAX: f64 = 1_200_000.0;

impl Candidates {
    /// Chooses rules until they make about `budget` different pairs.
    pub(crate) fn plan(prepared: &Prepared, threads: usize, budget: f64) -> Self {
        let records = prepared.records;
        let all = super::model::pairs(records) <= ALL_PAIRS_MAX;
        let mut plan =
            Self { atoms: Vec::new(), rules: Vec::new(), all, block_max: super::BLOCK_MAX, records, keys: Vec::new() };
        if all {
            return plan;
        }
        plan.atoms = atoms(prepared);
        plan.atoms.truncate(64);
        let width = plan.atoms.len();
        plan.keys = vec![0; records * width];
        for (at, atom) in plan.atoms.iter_mut().enumerate() {
            for (row, &key) in atom.keys.iter().enumerate() {
                plan.keys[row * width + at] = key;
            }
            atom.keys = Vec::new();
        }
        let mut rules: Vec<Vec<usize>> = (0..width).map(|atom| vec![atom]).collect();
        for one in 0..width {
            for other in one + 1..width {
                if plan.atoms[one].comparison != plan.atoms[other].comparison {
                    rules.push(vec![one, other]);
                }
            }
        }
        let prices = parallel::map(threads, rules.len(), 1, |range| plan.price(&rules[range.start]));
        let rule = |(atoms, pairs): (Vec<usize>, f64)| Rule {
            mask: atoms.iter().fold(0, |mask, atom| mask | 1 << atom),
            atoms,
            pairs,
            fresh: 0.0,
        };
        let mut priced: Vec<Rule> =
            rules.into_iter().zip(prices).map(rule).filter(|rule| rule.pairs > 0.0 && rule.pairs <= budget).collect();
        priced.sort_by(|one, other| one.pairs.total_cmp(&other.pairs).then_with(|| one.atoms.cmp(&other.atoms)));
        let mut spent = 0.0;
        for mut rule in priced {
            rule.fresh = plan.fresh(&rule, threads);
            if spent + rule.fresh > budget {
                break;
            }
            if rule.fresh > 0.0 {
                spent += rule.fresh;
                plan.rules.push(rule);
            }
        }
        plan
    }

    fn key(&self, rule: &[usize], row: usize) -> u64 {
        let mut key = 0u64;
        for &atom in rule {
            let part = self.keys[row * self.atoms.len() + atom];
            if part == 0 {
                return 0;
            }
            key = mix(key ^ u64::from(part));
        }
        key | 1
    }

    /// One block in so many is looked at in planning; whole blocks, by key, so that their sizes are right.
    fn sampled(&self) -> u64 {
        const SAMPLE: usize = 60_000;
        (self.records / SAMPLE).max(1) as u64
    }

    fn blocks(&self, rule: &[usize], one_in: u64) -> Vec<(u64, u32)> {
        let keys = (0..self.records).map(|row| (self.key(rule, row), row as u32));
        let mut rows: Vec<(u64, u32)> =
            keys.filter(|&(key, _)| key != 0 && (one_in == 1 || (key >> 1) % one_in == 0)).collect();
        rows.sort_unstable();
        rows
    }

    /// The number of pairs that a rule makes.
    fn price(&self, rule: &[usize]) -> f64 {
        let parts = self.sampled();
        let rows = self.blocks(rule, parts);
        let sizes = rows.chunk_by(|one, other| one.0 == other.0).map(|block| block.len() as f64);
        sizes.filter(|&size| size <= self.block_max as f64).map(|size| size * (size - 1.0) / 2.0).sum::<f64>()
            * parts as f64
    }

    /// The number of pairs that no earlier rule makes.
    fn fresh(&self, rule: &Rule, threads: usize) -> f64 {
        let parts = self.sampled();
        let rows = self.blocks(&rule.atoms, parts);
        let counts = self.pairs(&rows, self.rules.len(), threads, || 0u64, |count, _, _| *count += 1);
        counts.iter().sum::<u64>() as f64 * parts as f64
    }

    fn pairs<T: Send>(
        &self,
        rows: &[(u64, u32)],
        rules: usize,
        threads: usize,
        start: impl Fn() -> T + Sync,
        visit: impl Fn(&mut T, u32, u32) + Sync,
    ) -> Vec<T> {
        let blocks: Vec<&[(u64, u32)]> = rows
            .chunk_by(|one, other| one.0 == other.0)
            .filter(|block| block.len() > 1 && block.len() <= self.block_max)
            .collect();
        parallel::map(threads, blocks.len(), 512, |range| {
            let mut state = start();
            for block in &blocks[range] {
                for (at_left, &(_, left)) in block.iter().enumerate() {
                    for &(_, right) in &block[at_left + 1..] {
                        if !self.made_before(rules, left as usize, right as usize) {
                            visit(&mut state, left, right);
                        }
                    }
                }
            }
            state
        })
    }

    /// Calls `visit` with the pairs of all rules, each pair once; gives what `start` made per piece of work, in order.
    pub(crate) fn visit<T: Send>(
        &self,
        threads: usize,
        start: impl Fn() -> T + Sync,
        visit: impl Fn(&mut T, u32, u32) + Sync,
    ) -> Vec<T> {
        if self.all {
            return parallel::map(threads, self.records, 64, |range| {
                let mut state = start();
                for left in range {
                    for right in left + 1..self.records {
                        visit(&mut state, left as u32, right as u32);
                    }
                }
                state
            });
        }
        let mut states = Vec::new();
        for (at, rule) in self.rules.iter().enumerate() {
            let rows = self.blocks(&rule.atoms, 1);
            states.extend(self.pairs(&rows, at, threads, &start, &visit));
        }
        states
    }

    /// Per rule that leaves blocks out because they are too large: its comparisons, and how many blocks.
    pub(crate) fn left_out(&self) -> Vec<(Vec<usize>, usize)> {
        let comparisons = |rule: &Rule| rule.atoms.iter().map(|&atom| self.atoms[atom].comparison).collect();
        let counted = self.rules.iter().map(|rule| (comparisons(rule), self.blocks_left_out(rule)));
        counted.filter(|(_, blocks)| *blocks > 0).collect()
    }

    /// How many blocks of a rule are too large.
    pub(crate) fn blocks_left_out(&self, rule: &Rule) -> usize {
        let rows = self.blocks(&rule.atoms, 1);
        rows.chunk_by(|one, other| one.0 == other.0).filter(|block| block.len() > self.block_max).count()
    }

    /// Whether one of the first rules makes the pair.
    fn made_before(&self, rules: usize, left: usize, right: usize) -> bool {
        let agreeing = self.agreeing(left, right);
        self.rules[..rules].iter().any(|rule| rule.makes(agreeing))
    }

    /// A bit for each atom in which two records agree.
    pub(crate) fn agreeing(&self, left: usize, right: usize) -> u64 {
        let width = self.atoms.len();
        let (left, right) =
            (&self.keys[left * width..(left + 1) * width], &self.keys[right * width..(right + 1) * width]);
        let mut agreeing = 0u64;
        for (at, (&left, &right)) in left.iter().zip(right).enumerate() {
            agreeing |= u64::from(left == right && left != 0) << at;
        }
        agreeing
    }
}

fn atoms(prepared: &Prepared) -> Vec<Atom> {
    let mut atoms = Vec::new();
    for (at, comparison) in prepared.comparisons.iter().enumerate() {
        let mut push = |key: &dyn Fn(&[u8]) -> u32| {
            let keys: Vec<u32> =
                comparison.texts.iter().map(|text| if text.is_empty() { 0 } else { key(text) }).collect();
            let keys: Vec<u32> = comparison.values.iter().map(|&value| keys[value as usize]).collect();
            atoms.push(Atom { comparison: at, keys });
        };
        let whole: &dyn Fn(&[u8]) -> u32 = &|text| hash(text);
        match comparison.how {
            How::Given | How::Family => {
                push(whole);
                push(&|text| soundex(std::str::from_utf8(text).unwrap_or("")));
                push(&|text| if text.len() >= 3 { hash(&text[..3]) } else { 0 });
                push(&|text| if text.len() >= 4 { hash(&text[text.len() - 3..]) } else { 0 });
            }
            How::Date => {
                push(whole);
                push(&|text| hash(&text[..6]));
                push(&|text| if &text[4..] == b"0101" { 0 } else { hash(&text[4..]) });
                push(&|text| hash(&[&text[..4], &text[6..]].concat()));
            }
            How::Email => {
                push(whole);
                push(&|text| {
                    let local = text.iter().position(|&byte| byte == b'@').unwrap_or(text.len());
                    if local >= 4 { hash(&text[..local]) } else { 0 }
                });
                push(&|text| hash(&text[..text.len().min(6)]));
            }
            How::Phone => {
                push(whole);
                push(&|text| hash(&text[text.len() - 6..]));
                push(&|text| hash(&text[..text.len() - 2]));
            }
            How::Code => {
                push(whole);
                push(&|text| if text.len() >= 4 { hash(&text[..text.len() * 3 / 5]) } else { 0 });
                if comparison.kind == Kind::Id {
                    push(&|text| if text.len() >= 5 { hash(&text[text.len() - 4..]) } else { 0 });
                }
            }
            How::Short => {
                push(whole);
                push(&|text| hash(&text[..text.len().min(4)]));
            }
            How::Words => {
                push(whole);
                push(&|text| {
                    let numbers: Vec<&[u8]> = text
                        .split(|&byte| byte == b' ')
                        .filter(|word| word.first().is_some_and(u8::is_ascii_digit))
                        .collect();
                    if numbers.is_empty() { 0 } else { hash(&numbers.concat()) }
                });
                push(&|text| {
                    let words = text.split(|&byte| byte == b' ').filter(|word| word.iter().all(u8::is_ascii_lowercase));
                    words
                        .max_by_key(|word| (word.len(), *word))
                        .map_or(0, |word| if word.len() >= 3 { hash(word) } else { 0 })
                });
            }
            How::OtherNames | How::Exact => push(whole),
        }
    }
    atoms
}

/// What the `nth` atom of a comparison is, in words: empty for the whole value.
pub(crate) fn part(comparison: &Comparison, nth: usize) -> &'static str {
    let parts: &[&str] = match comparison.how {
        How::Given | How::Family => &["", "sound", "beginning", "end"],
        How::Date => &["", "year and month", "month and day", "year and day"],
        How::Email => &["", "before the @", "beginning"],
        How::Phone => &["", "last digits", "but for the last two digits"],
        How::Code => &["", "beginning", "end"],
        How::Short => &["", "beginning"],
        How::Words => &["", "numbers", "longest word"],
        How::OtherNames | How::Exact => &[""],
    };
    parts.get(nth).copied().unwrap_or("part")
}

/// FNV-1a, mixed; never 0.
fn hash(text: &[u8]) -> u32 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for &byte in text {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    }
    (mix(hash) >> 32) as u32 | 1
}
