//! Counting pairs, item by item.

use std::ops::Range;

use super::baskets::{Baskets, Gathered, Number, gather};
use super::lines::Lines;
use crate::parallel::fold;

/// For how many bytes of pairs a thread writes down before it counts them.
const BYTES_AT_ONCE: u64 = 32 << 20;

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

    // Most shops have so few products that half of the memory does.
    let found = if u16::try_from(frequent.len()).is_ok() {
        find::<u16>(gathered, &number, frequent.len(), enough, limits.threads)
    } else {
        find::<u32>(gathered, &number, frequent.len(), enough, limits.threads)
    };
    let named = |pair: Pair| Pair { item: frequent[pair.item as usize], other: frequent[pair.other as usize], ..pair };
    let pairs = found.into_iter().map(named).collect();
    Counts { baskets, large_baskets, rare_items, by_item, pairs }
}

/// The pairs of so many items that have a `number`, sorted by it.
fn find<N: Number>(gathered: Gathered, number: &[Option<u32>], items: usize, enough: u32, threads: usize) -> Vec<Pair> {
    let kept: Vec<Baskets<N>> = gathered.keep(number, threads);
    let behind = behind(&kept, items, threads);
    let ranges = ranges(&behind, BYTES_AT_ONCE / size_of::<N>() as u64);
    let mut found: Vec<(usize, Vec<Pair>)> = fold(threads, ranges.len(), |own: &mut Vec<_>, at| {
        own.push((at, pairs_of(&kept, &ranges[at], &behind, enough)));
    })
    .concat();
    found.sort_unstable_by_key(|(at, _)| *at);
    found.into_iter().flat_map(|(_, pairs)| pairs).collect()
}

/// Per item: how many items come behind it, in all its baskets.
fn behind<N: Number>(baskets: &[Baskets<N>], items: usize, threads: usize) -> Vec<u64> {
    let of_part = |own: &mut Vec<u64>, part: usize| {
        own.resize(items, 0);
        for basket in baskets[part].iter() {
            for (item, rest) in basket.iter().zip((0..basket.len()).rev()) {
                own[place(*item)] += rest as u64;
            }
        }
    };
    let mut behind = vec![0; items];
    for own in fold(threads, baskets.len(), of_part) {
        behind.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
    }
    behind
}

fn place<N: Number>(item: N) -> usize {
    item.into() as usize
}

/// The items in consecutive ranges with at most so many pairs, or one item.
fn ranges(behind: &[u64], pairs_max: u64) -> Vec<Range<usize>> {
    let (mut ranges, mut start, mut sum) = (Vec::new(), 0, 0);
    for (item, pairs) in behind.iter().enumerate() {
        if sum + pairs > pairs_max && start < item {
            ranges.push(start..item);
            (start, sum) = (item, 0);
        }
        sum += pairs;
    }
    ranges.push(start..behind.len());
    ranges
}

/// The pairs whose smaller item is in `range`, sorted.
fn pairs_of<N: Number>(baskets: &[Baskets<N>], range: &Range<usize>, behind: &[u64], enough: u32) -> Vec<Pair> {
    let mut counter = Counter { counts: vec![0; behind.len()], seen: Vec::new(), pairs: Vec::new(), enough };
    let places = || {
        let in_range = move |(at, item): (usize, &N)| {
            let item = place(*item).wrapping_sub(range.start);
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
    let mut written = vec![N::of(0); bounds[range.len()]];
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
    fn add<N: Number>(&mut self, others: &[N]) {
        for other in others {
            let count = &mut self.counts[place(*other)];
            if *count == 0 {
                self.seen.push((*other).into());
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
