//! The lines of baskets as they come.

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

    /// The lines in 2^`bits` parts by the leading bits of their baskets, so that all lines of a basket are in one part. Items
    /// become what `number` says.
    pub(super) fn parts(&self, bits: u32, number: &[u32]) -> Vec<Self> {
        let part = |key: u128| key.checked_shr(u128::BITS - bits).unwrap_or(0) as usize;
        let mut sizes = vec![(0, 0); 1 << bits];
        self.each_run(|key, run| {
            let (runs, lines) = &mut sizes[part(key)];
            *runs += 1;
            *lines += run.len();
        });
        let mut parts: Vec<Self> = sizes.into_iter().map(|(runs, lines)| Self::with_capacity(runs, lines)).collect();
        self.each_run(|key, run| {
            let part = &mut parts[part(key)];
            part.keys.push(key);
            part.items.extend(run.iter().map(|item| renumbered(*item, number)));
        });
        parts
    }

    /// Runs by key: each with its basket and where its lines begin.
    pub(super) fn sorted_runs(&self) -> Vec<(u128, u32)> {
        let begins = (0_u32..).zip(&self.items).filter(|(_, item)| *item & FIRST != 0).map(|(at, _)| at);
        let mut runs: Vec<(u128, u32)> = self.keys.iter().copied().zip(begins).collect();
        runs.sort_unstable();
        runs
    }

    /// Adds the items of the run that begins at line `start` to `items`.
    #[inline]
    pub(super) fn read_run(&self, start: u32, items: &mut Vec<u32>) {
        let lines = &self.items[start as usize..];
        items.push(lines[0] & !FIRST);
        for item in &lines[1..] {
            if item & FIRST != 0 {
                break;
            }
            items.push(*item);
        }
    }

    fn each_run(&self, mut take: impl FnMut(u128, &[u32])) {
        let mut start = 0;
        for key in &self.keys {
            let rest = &self.items[start + 1..];
            let end = start + 1 + rest.iter().position(|item| item & FIRST != 0).unwrap_or(rest.len());
            take(*key, &self.items[start..end]);
            start = end;
        }
    }
}

/// A line whose item is another.
#[inline]
fn renumbered(line: u32, number: &[u32]) -> u32 {
    number[(line & !FIRST) as usize] | line & FIRST
}
