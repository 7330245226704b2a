//! The distinct values of a column: cleaned once, numbered from 1 in order of first appearance.

use std::hash::Hasher;

use rustc_hash::FxHasher;

use super::lists::Lists;

/// No value.
pub(crate) const NONE: u32 = 0;

/// Distinct values by number; 0 stands for no value. A hash table of numbers, open to the next free slot, so that each
/// text is held once.
pub(crate) struct Dictionary {
    /// Numbers, at or after the slot of their hash; 0 where free. As many as a power of two, at most half of them used.
    slots: Vec<u32>,
    /// Per value: its hash.
    hashes: Vec<u32>,
    /// Per value: its bytes.
    pub(crate) texts: Lists<u8>,
}

impl Dictionary {
    pub(crate) fn new() -> Self {
        Self { slots: vec![NONE; 64], hashes: vec![0], texts: std::iter::once(&[]).collect() }
    }

    /// The number of a value; an empty one is none.
    pub(crate) fn number(&mut self, text: &[u8]) -> u32 {
        if text.is_empty() {
            return NONE;
        }
        let hash = hash(text);
        let slot = self.slot(text, hash);
        if self.slots[slot] != NONE {
            return self.slots[slot];
        }
        let number = u32::try_from(self.len()).expect("fewer than 4 billion values fit in memory");
        self.slots[slot] = number;
        self.hashes.push(hash);
        self.texts.push(text);
        if self.len() * 2 > self.slots.len() {
            self.grow();
        }
        number
    }

    /// The number of a value, if it is known; an empty one is not.
    pub(crate) fn find(&self, text: &[u8]) -> Option<u32> {
        Some(self.slots[self.slot(text, hash(text))]).filter(|&number| number != NONE)
    }

    /// Where a value lies, or the free slot where it belongs.
    fn slot(&self, text: &[u8], hash: u32) -> usize {
        let mut slot = hash as usize & (self.slots.len() - 1);
        loop {
            let number = self.slots[slot] as usize;
            if number == NONE as usize || (self.hashes[number] == hash && &self.texts[number] == text) {
                return slot;
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }

    fn grow(&mut self) {
        let size = self.slots.len() * 4;
        self.slots = vec![NONE; size];
        for (number, &hash) in self.hashes.iter().enumerate().skip(1) {
            let mut slot = hash as usize & (size - 1);
            while self.slots[slot] != NONE {
                slot = (slot + 1) & (size - 1);
            }
            self.slots[slot] = number as u32;
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
