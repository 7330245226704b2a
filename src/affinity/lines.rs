//! The lines of baskets as they come.

use std::ops::Range;

/// Lines of baskets, four bytes each. Lines of one basket that follow each other are a *run* and share the twenty bytes of its
/// key and its end; a basket may have several runs, and an item several lines.
#[derive(Debug, Clone, Default)]
pub struct Lines {
    /// Per run: the basket.
    keys: Vec<u128>,
    /// Per run: where its lines end.
    ends: Vec<u32>,
    /// Per line: the item.
    items: Vec<u32>,
}

impl Lines {
    fn with_capacity(runs: usize, lines: usize) -> Self {
        Self { keys: Vec::with_capacity(runs), ends: Vec::with_capacity(runs), items: Vec::with_capacity(lines) }
    }

    /// Adds a line. Those behind the 2³²th are not numbered: see [`super::count`].
    #[inline]
    pub fn push(&mut self, basket: u128, item: u32) {
        self.items.push(item);
        let end = self.items.len() as u32;
        match (self.keys.last(), self.ends.last_mut()) {
            (Some(last), Some(last_end)) if *last == basket => *last_end = end,
            _ => {
                self.keys.push(basket);
                self.ends.push(end);
            }
        }
    }

    /// Adds lines in the form of [`Self::columns`], whose items become what `number` says; none if they are not such.
    pub fn append(
        &mut self,
        keys: impl ExactSizeIterator<Item = u128>,
        ends: &[u32],
        items: &[u32],
        number: &[u32],
    ) -> Option<()> {
        let before = u32::try_from(self.items.len()).ok()?;
        let fits =
            ends.is_sorted() && ends.last().map_or(0, |end| *end as usize) == items.len() && keys.len() == ends.len();
        fits.then_some(())?;
        self.keys.extend(keys);
        self.ends.extend(ends.iter().map(|end| before.wrapping_add(*end)));
        self.items.reserve(items.len());
        for item in items {
            self.items.push(*number.get(*item as usize)?);
        }
        Some(())
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
        self.keys.capacity() * size_of::<u128>() + (self.ends.capacity() + self.items.capacity()) * size_of::<u32>()
    }

    /// The key of each run, where its lines end, and each line's item.
    pub fn columns(&self) -> (&[u128], &[u32], &[u32]) {
        (&self.keys, &self.ends, &self.items)
    }

    /// How many runs there are.
    pub(super) fn runs(&self) -> usize {
        self.keys.len()
    }

    /// The baskets of the runs, and the items of each.
    fn iter(&self) -> impl Iterator<Item = (u128, &[u32])> {
        let mut start = 0;
        self.keys.iter().zip(&self.ends).map(move |(key, end)| {
            let items = &self.items[start..*end as usize];
            start = *end as usize;
            (*key, items)
        })
    }

    /// Some of 2^`bits` parts of the lines by the leading bits of their baskets: all lines of a basket are in one part. Items
    /// become what `number` says.
    pub(super) fn parts(&self, bits: u32, range: Range<usize>, number: &[u32]) -> Vec<Self> {
        // Keys are hashes: parts are about as large as each other.
        let of_part = |all: usize| (all >> bits) + (all >> bits) / 8 + 16;
        let (runs, lines) = (of_part(self.runs()), of_part(self.len()));
        let mut parts: Vec<Self> = range.clone().map(|_| Self::with_capacity(runs, lines)).collect();
        for (key, items) in self.iter() {
            let part = key.checked_shr(u128::BITS - bits).unwrap_or(0) as usize;
            if let Some(part) = part.checked_sub(range.start).and_then(|part| parts.get_mut(part)) {
                part.items.extend(items.iter().map(|item| number[*item as usize]));
                part.keys.push(key);
                part.ends.push(part.items.len() as u32);
            }
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

    /// The items of a run.
    pub(super) fn items(&self, run: u32) -> &[u32] {
        let start = run.checked_sub(1).map_or(0, |before| self.ends[before as usize]);
        &self.items[start as usize..self.ends[run as usize] as usize]
    }
}
