//! The lines of baskets as they come.

use std::ops::Range;

/// Marks the first line of a run.
const FIRST: u32 = 1 << 31;

/// Lines of baskets, four bytes each. Lines of one basket that follow each other are a *run* and share the sixteen bytes of
/// its key; a basket may have several runs, and an item several lines.
#[derive(Debug, Clone, Default)]
pub struct Lines {
    /// Per run: the basket.
    keys: Vec<u128>,
    /// Per line: the item, and whether a run begins.
    items: Vec<u32>,
}

impl Lines {
    fn with_capacity(runs: usize, lines: usize) -> Self {
        Self { keys: Vec::with_capacity(runs), items: Vec::with_capacity(lines) }
    }

    /// Adds a line.
    ///
    /// # Panics
    /// When the item is 2³¹ or more.
    #[inline]
    pub fn push(&mut self, basket: u128, item: u32) {
        assert!(item < FIRST, "items are numbered below 2³¹");
        if self.keys.last() == Some(&basket) {
            self.items.push(item);
        } else {
            self.keys.push(basket);
            self.items.push(item | FIRST);
        }
    }

    /// Adds the lines of another, whose items become what `number` says.
    pub fn append(&mut self, other: &Self, number: &[u32]) {
        self.keys.extend_from_slice(&other.keys);
        self.items.extend(other.items.iter().map(|item| renumbered(*item, number)));
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Bytes on the heap.
    pub fn size(&self) -> usize {
        self.keys.capacity() * size_of::<u128>() + self.items.capacity() * size_of::<u32>()
    }

    /// The columns that [`Self::from_columns`] takes: the key of each run, and each line's item and whether a run begins.
    pub fn columns(&self) -> (&[u128], &[u32]) {
        (&self.keys, &self.items)
    }

    /// Lines from their columns; none if these are not what [`Self::columns`] gave.
    pub fn from_columns(keys: Vec<u128>, items: Vec<u32>) -> Option<Self> {
        let runs = items.iter().filter(|item| *item & FIRST != 0).count();
        let begins = items.first().is_none_or(|item| item & FIRST != 0);
        (begins && runs == keys.len()).then_some(Self { keys, items })
    }

    /// How many runs there are.
    pub(super) fn runs(&self) -> usize {
        self.keys.len()
    }

    /// Where the lines of each run begin, and those of the last one end.
    pub(super) fn starts(&self) -> Vec<u32> {
        let mut starts = Vec::with_capacity(self.keys.len() + 1);
        starts.extend((0_u32..).zip(&self.items).filter(|(_, item)| *item & FIRST != 0).map(|(at, _)| at));
        starts.push(self.items.len() as u32);
        starts
    }

    /// Some of 2^`bits` parts of the lines by the leading bits of their baskets: all lines of a basket are in one part. Items
    /// become what `number` says. `starts` are those of [`Self::starts`].
    pub(super) fn parts(&self, starts: &[u32], bits: u32, range: Range<usize>, number: &[u32]) -> Vec<Self> {
        let runs = || {
            let bounds = starts.windows(2).map(|bounds| bounds[0] as usize..bounds[1] as usize);
            self.keys.iter().zip(bounds).filter_map(|(key, lines)| {
                let part = key.checked_shr(u128::BITS - bits).unwrap_or(0) as usize;
                range.contains(&part).then(|| (part - range.start, *key, lines))
            })
        };
        let mut sizes = vec![(0, 0); range.len()];
        for (part, _, lines) in runs() {
            sizes[part].0 += 1;
            sizes[part].1 += lines.len();
        }
        let mut parts: Vec<Self> = sizes.into_iter().map(|(runs, lines)| Self::with_capacity(runs, lines)).collect();
        for (part, key, lines) in runs() {
            parts[part].keys.push(key);
            parts[part].items.extend(self.items[lines].iter().map(|item| renumbered(*item, number)));
        }
        parts
    }

    /// The runs by basket, all runs of one together; `bits` leading bits of the baskets are the same.
    pub(super) fn sorted_runs(&self, bits: u32) -> Vec<u32> {
        // Thirty-two bits of a key and the number of the run are sorted much faster than whole keys.
        let prefix = |run: u32| ((self.keys[run as usize] << bits) >> 96) as u64;
        let mut sorted: Vec<u64> = (0..self.keys.len() as u32).map(|run| prefix(run) << 32 | u64::from(run)).collect();
        sorted.sort_unstable();
        let mut runs: Vec<u32> = sorted.into_iter().map(|run| run as u32).collect();
        for alike in runs.chunk_by_mut(|one, other| prefix(*one) == prefix(*other)) {
            if alike.len() > 1 {
                alike.sort_unstable_by_key(|run| (self.keys[*run as usize], *run));
            }
        }
        runs
    }

    /// Whether two runs are of one basket.
    pub(super) fn are_one(&self, one: u32, other: u32) -> bool {
        self.keys[one as usize] == self.keys[other as usize]
    }

    /// The items of the lines from `start` to `end`.
    pub(super) fn items(&self, start: u32, end: u32) -> impl Iterator<Item = u32> {
        self.items[start as usize..end as usize].iter().map(|item| item & !FIRST)
    }
}

/// A line whose item is another.
#[inline]
fn renumbered(line: u32, number: &[u32]) -> u32 {
    number[(line & !FIRST) as usize] | line & FIRST
}
