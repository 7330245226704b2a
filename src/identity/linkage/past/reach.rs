//! Which pairs new, changed and gone records reach: who shares a key with them.

use datafusion::arrow::buffer::ScalarBuffer;
use rustc_hash::{FxHashMap, FxHashSet};

use super::super::BLOCK_MAX;

/// What the records of one rule come to.
#[derive(Debug, Default)]
pub(super) struct Reach {
    /// Pairs that have to be compared: one of them is new or changed, or their block was too large before.
    pub(super) pairs: Vec<(u32, u32)>,
    /// Keys of more records than are compared, sorted.
    pub(super) large: Vec<u64>,
    /// Records whose block has become too large.
    pub(super) closed: Vec<u32>,
}

/// Keys that are looked for, so that most others are passed by at a glance.
struct Wanted {
    bits: Vec<u64>,
    keys: FxHashSet<u64>,
}

/// Bits that a key is looked up by first.
const BITS: u32 = 20;

impl Wanted {
    fn new(keys: FxHashSet<u64>) -> Self {
        let mut bits = vec![0; 1 << (BITS - 6)];
        for &key in &keys {
            let (word, bit) = Self::place(key);
            bits[word] |= bit;
        }
        Self { bits, keys }
    }

    fn place(key: u64) -> (usize, u64) {
        let place = (key >> (64 - BITS)) as usize;
        (place / 64, 1 << (place % 64))
    }

    fn has(&self, key: u64) -> bool {
        let (word, bit) = Self::place(key);
        self.bits[word] & bit != 0 && self.keys.contains(&key)
    }
}

impl Reach {
    /// `keys` are those of all records, of which `fresh` are new or changed; `gone` are keys of records that are not there
    /// any more, `large` those that were of too many.
    pub(super) fn of(keys: &ScalarBuffer<u64>, fresh: &[bool], gone: &[u64], large: &[u64]) -> Self {
        let mut lost: FxHashMap<u64, usize> = FxHashMap::default();
        for &key in gone.iter().filter(|&&key| key != 0) {
            *lost.entry(key).or_default() += 1;
        }
        let own = keys.iter().zip(fresh).filter(|&(&key, &is_fresh)| is_fresh && key != 0).map(|(&key, _)| key);
        let wanted = Wanted::new(own.chain(lost.keys().copied()).collect());
        let mut rows: Vec<(u64, u32)> = keys.iter().copied().zip(0..).filter(|&(key, _)| wanted.has(key)).collect();
        rows.sort_unstable();
        let large = large.iter().copied().filter(|key| !wanted.keys.contains(key)).collect();
        let mut reach = Self { large, ..Self::default() };
        for block in rows.chunk_by(|one, other| one.0 == other.0) {
            let is_fresh = |&(_, record): &(u64, u32)| fresh[record as usize];
            let added = block.iter().filter(|row| is_fresh(row)).count();
            let was_large = block.len() - added + lost.get(&block[0].0).copied().unwrap_or_default() > BLOCK_MAX;
            if block.len() > BLOCK_MAX {
                reach.large.push(block[0].0);
                if !was_large {
                    reach.closed.extend(block.iter().map(|&(_, record)| record));
                }
                continue;
            }
            for (at, left) in block.iter().enumerate() {
                let others = block[at + 1..].iter().filter(|right| was_large || is_fresh(left) || is_fresh(right));
                reach.pairs.extend(others.map(|right| (left.1, right.1)));
            }
        }
        reach.large.sort_unstable();
        reach
    }
}
