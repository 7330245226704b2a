//! Counting pairs, item by item.

use std::ops::Range;

use super::baskets::{Baskets, gather};
use super::lines::Lines;
use crate::parallel::fold;

/// How many pairs a thread writes down before it counts them, at four bytes each.
const PAIRS_AT_ONCE: u64 = 8 << 20;

/// What counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// A pair in fewer baskets is of no interest.
    pub baskets_min: u32,
    /// A basket of more distinct items is left out.
    pub items_max: usize,
    /// Threads to work in. They do not change the answer.
    pub threads: usize,
}

/// Two items that are in baskets together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// The smaller one.
    pub item: u32,
    /// The greater one.
    pub other: u32,
    /// Baskets with both.
    pub baskets: u32,
}

/// What was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// Baskets that count.
    pub baskets: u64,
    /// Baskets with more than [`Limits::items_max`] items, left out of everything else here.
    pub large_baskets: u64,
    /// Items in too few baskets to be in a pair, but in one.
    pub rare_items: u64,
    /// Per item: the baskets with it.
    pub by_item: Vec<u32>,
    /// The pairs in at least [`Limits::baskets_min`] baskets, sorted.
    pub pairs: Vec<Pair>,
}

/// Counts the pairs of items in `lines`. `places` says which place each item has in the order of the answer, where items are
/// known by their places.
///
/// For a range of items at a time, what comes behind each of them in its baskets is written down, item by item, and then counted
/// in an array with a place for each item. Memory is read and written from front to back, there is no hash table, and it takes
/// no more of it than the lines do, however many pairs there are.
///
/// # Panics
/// When there are 2³² lines or more.
pub fn count(lines: &Lines, places: &[u32], limits: &Limits) -> Counts {
    assert!(u32::try_from(lines.len()).is_ok(), "lines are numbered below 2³²");
    let mut gathered = gather(lines, places, limits);
    let (baskets, large_baskets) = (gathered.baskets, gathered.large_baskets);
    let by_item = std::mem::take(&mut gathered.by_item);
    let enough = limits.baskets_min.max(1);
    let frequent: Vec<u32> = (0..).zip(&by_item).filter(|(_, n)| **n >= enough).map(|(item, _)| item).collect();
    let mut number = vec![None; places.len()];
    (0..).zip(&frequent).for_each(|(at, item)| number[*item as usize] = Some(at));
    let rare_items = by_item.iter().filter(|n| (1..enough).contains(*n)).count() as u64;

    let kept = gathered.keep(&number, limits.threads);
    let behind = behind(&kept, frequent.len(), limits.threads);
    let ranges = ranges(&behind);
    let mut found: Vec<(usize, Vec<Pair>)> = fold(limits.threads, ranges.len(), |own: &mut Vec<_>, at| {
        own.push((at, pairs_of(&kept, &ranges[at], &behind, enough)));
    })
    .concat();
    found.sort_unstable_by_key(|(at, _)| *at);
    let named = |pair: Pair| Pair { item: frequent[pair.item as usize], other: frequent[pair.other as usize], ..pair };
    let pairs = found.into_iter().flat_map(|(_, pairs)| pairs).map(named).collect();
    Counts { baskets, large_baskets, rare_items, by_item, pairs }
}

/// Per item: how many items come behind it, in all its baskets.
fn behind(baskets: &[Baskets], items: usize, threads: usize) -> Vec<u64> {
    let of_part = |own: &mut Vec<u64>, part: usize| {
        own.resize(items, 0);
        for basket in baskets[part].iter() {
            for (item, rest) in basket.iter().zip((0..basket.len()).rev()) {
                own[*item as usize] += rest as u64;
            }
        }
    };
    let mut behind = vec![0; items];
    for own in fold(threads, baskets.len(), of_part) {
        behind.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
    }
    behind
}

/// The items in consecutive ranges with at most [`PAIRS_AT_ONCE`] pairs, or one item.
fn ranges(behind: &[u64]) -> Vec<Range<usize>> {
    let (mut ranges, mut start, mut sum) = (Vec::new(), 0, 0);
    for (item, pairs) in behind.iter().enumerate() {
        if sum + pairs > PAIRS_AT_ONCE && start < item {
            ranges.push(start..item);
            (start, sum) = (item, 0);
        }
        sum += pairs;
    }
    ranges.push(start..behind.len());
    ranges
}

/// The pairs whose smaller item is in `range`, sorted.
fn pairs_of(baskets: &[Baskets], range: &Range<usize>, behind: &[u64], enough: u32) -> Vec<Pair> {
    let mut counter = Counter { counts: vec![0; behind.len()], seen: Vec::new(), pairs: Vec::new(), enough };
    let places = || {
        let in_range = move |(at, item): (usize, &u32)| {
            let item = (*item as usize).wrapping_sub(range.start);
            (item < range.len()).then_some((at, item))
        };
        baskets.iter().flat_map(Baskets::iter).flat_map(move |basket| {
            basket.iter().enumerate().filter_map(in_range).map(move |(at, item)| (item, &basket[at + 1..]))
        })
    };
    if range.len() == 1 {
        // However many there are, they need not be written down.
        places().for_each(|(_, others)| counter.add(others));
        counter.take(range.start as u32);
        return counter.pairs;
    }
    let mut bounds = vec![0];
    for pairs in &behind[range.clone()] {
        bounds.push(bounds[bounds.len() - 1] + *pairs as usize);
    }
    let mut next = bounds.clone();
    let mut written = vec![0; bounds[range.len()]];
    for (item, others) in places() {
        for other in others {
            written[next[item]] = *other;
            next[item] += 1;
        }
    }
    for (item, bounds) in range.clone().zip(bounds.windows(2)) {
        counter.add(&written[bounds[0]..bounds[1]]);
        counter.take(item as u32);
    }
    counter.pairs
}

/// Counts the partners of one item after another.
struct Counter {
    counts: Vec<u32>,
    seen: Vec<u32>,
    pairs: Vec<Pair>,
    enough: u32,
}

impl Counter {
    #[inline]
    fn add(&mut self, others: &[u32]) {
        for other in others {
            let count = &mut self.counts[*other as usize];
            if *count == 0 {
                self.seen.push(*other);
            }
            *count += 1;
        }
    }

    /// What was added since the last time are the partners of `item`.
    fn take(&mut self, item: u32) {
        self.seen.sort_unstable();
        for other in self.seen.drain(..) {
            let baskets = std::mem::take(&mut self.counts[other as usize]);
            if baskets >= self.enough {
                self.pairs.push(Pair { item, other, baskets });
            }
        }
    }
}
