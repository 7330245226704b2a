//! The distinct values of a column: cleaned once, numbered from 1 in order of first appearance.

use std::hash::Hasher;

use rustc_hash::FxHasher;

use super::lists::Lists;

/// No value.
pub(crate) const NONE: u32 = 0;

/// As many values as are worth fetching at a time: see [`Dictionary::fetch`].
pub(crate) const AT_A_TIME: usize = 16;

/// A slot without a number: no value has the number 0.
const FREE: u64 = 0;

/// Distinct values by number; 0 stands for no value. A hash table of numbers, open to the next free slot, so that each
/// text is held once.
pub(crate) struct Dictionary {
    /// Numbers below their hashes, at or after the slot of their hash; 0 where free. As many as a power of two, at most
    /// half of them used.
    slots: Vec<u64>,
    /// Per value: its bytes.
    pub(crate) texts: Lists<u8>,
}

impl Dictionary {
    pub(crate) fn new() -> Self {
        Self { slots: vec![FREE; 64], texts: std::iter::once(&[]).collect() }
    }

    /// The number of a value; an empty one is none.
    pub(crate) fn number(&mut self, text: &[u8]) -> u32 {
        if text.is_empty() {
            return NONE;
        }
        let hash = hash(text);
        let at = self.slot(text, hash);
        if self.slots[at] != FREE {
            return self.slots[at] as u32;
        }
        let number = u32::try_from(self.len()).expect("fewer than 4 billion values fit in memory");
        self.slots[at] = u64::from(hash) << 32 | u64::from(number);
        self.texts.push(text);
        if self.len() * 2 > self.slots.len() {
            self.grow();
        }
        number
    }

    /// The number of a value, if it is known; an empty one is not.
    pub(crate) fn find(&self, text: &[u8]) -> Option<u32> {
        Some(self.slots[self.slot(text, hash(text))] as u32).filter(|&number| number != NONE)
    }

    /// Looks where values lie that are to be numbered next, so that the processor fetches all of them at once: with a
    /// dictionary that is larger than its caches it would wait for each.
    pub(crate) fn fetch<'t>(&self, texts: impl Iterator<Item = &'t [u8]>) {
        let mut seen = 0;
        for text in texts {
            let slot = self.slots[hash(text) as usize & (self.slots.len() - 1)];
            seen ^= self.texts[slot as u32 as usize].first().map_or(slot, |&byte| u64::from(byte));
        }
        std::hint::black_box(seen);
    }

    /// Where a value lies, or the free slot where it belongs.
    fn slot(&self, text: &[u8], hash: u32) -> usize {
        let mut at = hash as usize & (self.slots.len() - 1);
        while self.slots[at] != FREE {
            let number = self.slots[at] as u32;
            if (self.slots[at] >> 32) as u32 == hash && &self.texts[number as usize] == text {
                break;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        at
    }

    fn grow(&mut self) {
        let size = self.slots.len() * 2;
        for slot in std::mem::replace(&mut self.slots, vec![FREE; size]) {
            if slot != FREE {
                let mut at = (slot >> 32) as usize & (size - 1);
                while self.slots[at] != FREE {
                    at = (at + 1) & (size - 1);
                }
                self.slots[at] = slot;
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }
}

fn hash(text: &[u8]) -> u32 {
    let mut hasher = FxHasher::default();
    hasher.write(text);
    (hasher.finish() ^ hasher.finish() >> 32) as u32
}
