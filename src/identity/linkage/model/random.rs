//! How often levels are reached by random pairs, and by random pairs that agree in a comparison.

use super::super::chance::below;
use super::super::kind::Kind;
use super::super::levels::{COMPARISONS_MAX, LEVELS, Pattern};
use super::super::prepare::Prepared;
use super::{depends, is_stratum};
use crate::identity::dictionary::NONE;
use crate::parallel;

/// Pairs drawn at most.
const PAIRS_MAX: usize = 1_000_000;
/// Pairs drawn at most that agree in one comparison.
const AGREEING_MAX: usize = 40_000;

/// Shares per level among the pairs where both records have values.
pub(crate) struct Rates {
    /// Per comparison.
    pub(crate) rates: Vec<[f64; LEVELS]>,
    /// Per comparison and comparison that agrees, if that was drawn: see [`Self::draw_agreeing`].
    pub(crate) given: Vec<Vec<Option<[f64; LEVELS]>>>,
    /// Pairs drawn.
    pub(crate) drawn: usize,
}

type Counts = Vec<[u64; LEVELS]>;

impl Rates {
    pub(crate) fn new(prepared: &Prepared, threads: usize) -> Self {
        let records = prepared.records as u64;
        let all = records * records.saturating_sub(1) / 2;
        let drawn = if all as usize <= PAIRS_MAX { all as usize } else { PAIRS_MAX };
        let pair = |at: u64| {
            if all <= PAIRS_MAX as u64 {
                triangle(at)
            } else {
                let left = below(2 * at, records);
                let right = below(2 * at + 1, records - 1);
                (left as u32, (right + u64::from(right >= left)) as u32)
            }
        };
        let levels = |left: u32, right: u32, levels: &mut Pattern| {
            prepared.fetch(left, right);
            prepared.levels(left, right, levels);
        };
        let counts = count(prepared, threads, drawn, pair, levels);
        let mut rates = Self {
            rates: Vec::new(),
            given: vec![vec![None; prepared.comparisons.len()]; prepared.comparisons.len()],
            drawn,
        };
        for (comparison, counts) in prepared.comparisons.iter().zip(&counts) {
            let exact = usize::from(super::super::levels::exact(comparison.how));
            let total: u64 = counts[1..].iter().sum();
            let mut row = [0.0; LEVELS];
            let levels = super::super::levels::names(comparison.how).len();
            for level in 1..levels {
                row[level] = (counts[level] as f64 + 0.1) / (total as f64 + 0.1 * levels as f64);
            }
            // Agreement is counted rather than drawn: random pairs agree too seldom in what identifies people.
            let filled = comparison.filled();
            let agreeing: f64 =
                comparison.counts.iter().map(|&count| f64::from(count) * (f64::from(count) - 1.0).max(0.0)).sum();
            let agree = (agreeing / (filled * (filled - 1.0)).max(1.0)).max(0.5 / (filled * filled).max(1.0));
            let rest: f64 = row[1..].iter().sum::<f64>() - row[exact];
            for rate in &mut row[1..levels] {
                *rate *= (1.0 - agree) / rest.max(1e-300);
            }
            row[exact] = agree;
            rates.rates.push(row);
        }
        rates
    }

    /// Draws pairs that agree in one comparison after the other on which others may depend, and compares them in those.
    pub(crate) fn draw_agreeing(&mut self, prepared: &Prepared, threads: usize) {
        let of = |test: fn(Kind) -> bool| -> Vec<usize> {
            let comparisons = prepared.comparisons.iter().enumerate();
            comparisons.filter(|(_, comparison)| test(comparison.kind)).map(|(at, _)| at).collect()
        };
        let children = of(depends);
        for parent in of(is_stratum) {
            let holders = holders(prepared, parent);
            let value = |record: u32| prepared.values(record)[parent];
            // Cumulated number of pairs up to each block's end.
            let mut blocks: Vec<(u64, usize, usize)> = Vec::new();
            let (mut total, mut start) = (0u64, 0);
            for block in holders.chunk_by(|&one, &other| value(one) == value(other)) {
                let size = block.len() as u64;
                total += size * (size - 1) / 2;
                blocks.push((total, start, block.len()));
                start += block.len();
            }
            if total < 20 {
                continue;
            }
            let drawn = AGREEING_MAX.min(total as usize);
            let seed = (parent as u64 + 1) << 40;
            let pair = |at: u64| {
                let draw = if total as usize <= AGREEING_MAX { at } else { below(seed + at, total) };
                let block = blocks.partition_point(|&(end, _, _)| end <= draw);
                let (end, start, size) = blocks[block];
                let (left, right) = triangle(end - 1 - draw);
                debug_assert!((right as usize) < size);
                (holders[start + left as usize], holders[start + right as usize])
            };
            let levels = |left: u32, right: u32, levels: &mut Pattern| {
                let (ours, theirs) = (prepared.values(left), prepared.values(right));
                for &at in &children {
                    levels[at] = prepared.level(at, ours[at], theirs[at]);
                }
            };
            let counts = count(prepared, threads, drawn, pair, levels);
            for &child in &children {
                let counts = &counts[child];
                let total: u64 = counts[1..].iter().sum();
                if child != parent && total >= 20 {
                    let mut row = [0.0; LEVELS];
                    for level in 1..LEVELS {
                        let base = self.rates[child][level];
                        // A level that was hardly ever drawn is taken to be as seldom as elsewhere.
                        row[level] = (counts[level] as f64 + 5.0 * base) / (total as f64 + 5.0);
                    }
                    self.given[child][parent] = Some(row);
                }
            }
        }
    }
}

/// The records that have a value in a comparison, those of one value together.
fn holders(prepared: &Prepared, comparison: usize) -> Vec<u32> {
    let counts = &prepared.comparisons[comparison].counts;
    // Where the next holder of each value goes.
    let mut next = vec![0u32; counts.len()];
    let mut filled = 0;
    for (next, &count) in next.iter_mut().zip(counts).skip(1) {
        *next = filled;
        filled += count as u32;
    }
    let mut holders = vec![0; filled as usize];
    for record in 0..prepared.records as u32 {
        let value = prepared.values(record)[comparison];
        if value != NONE {
            holders[next[value as usize] as usize] = record;
            next[value as usize] += 1;
        }
    }
    holders
}

/// The `at`th pair of different numbers in the order (0,1), (0,2), (1,2), (0,3) …
fn triangle(at: u64) -> (u32, u32) {
    let mut right = f64::midpoint(1.0, (1.0 + 8.0 * at as f64).sqrt()) as u64;
    while right * (right - 1) / 2 > at {
        right -= 1;
    }
    while right * (right + 1) / 2 <= at {
        right += 1;
    }
    ((at - right * (right - 1) / 2) as u32, right as u32)
}

/// How often each comparison reaches each level among so many pairs.
fn count(
    prepared: &Prepared,
    threads: usize,
    pairs: usize,
    pair: impl Fn(u64) -> (u32, u32) + Sync,
    levels: impl Fn(u32, u32, &mut Pattern) + Sync,
) -> Counts {
    let comparisons = prepared.comparisons.len();
    let parts = parallel::map(threads, pairs, 16_384, |range| {
        let mut counts: Counts = vec![[0; LEVELS]; comparisons];
        let mut pattern: Pattern = [0; COMPARISONS_MAX];
        for at in range {
            let (left, right) = pair(at as u64);
            levels(left, right, &mut pattern);
            for (counts, &level) in counts.iter_mut().zip(&pattern) {
                counts[usize::from(level)] += 1;
            }
        }
        counts
    });
    let mut total: Counts = vec![[0; LEVELS]; comparisons];
    for part in parts {
        for (total, part) in total.iter_mut().zip(part) {
            for (total, part) in total.iter_mut().zip(part) {
                *total += part;
            }
        }
    }
    total
}
