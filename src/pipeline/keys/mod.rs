//! The keys of a table: none may stand in two rows.

mod duplicates;
mod hashes;
mod sorted;

use datafusion::arrow::array::ArrayRef;

pub(super) use duplicates::forbid;
pub use duplicates::repeated_keys;
use hashes::KeyHashes;
use sorted::SortedKeys;

use crate::error::Result;

/// The keys that have come so far.
pub(super) enum KeysSeen {
    InAnyOrder(KeyHashes),
    Sorted(SortedKeys),
}

impl KeysSeen {
    /// Nothing yet of rows that come in any order, or by their key.
    pub(super) fn new(are_sorted: bool) -> Self {
        if are_sorted { Self::Sorted(SortedKeys::default()) } else { Self::InAnyOrder(KeyHashes::new()) }
    }

    /// Takes the keys of `rows` rows, column by column. Without columns there is no key.
    pub(super) fn add(&mut self, key: &[ArrayRef], rows: usize) -> Result<()> {
        match self {
            Self::InAnyOrder(hashes) => hashes.add(key, rows),
            Self::Sorted(keys) => keys.add(key, rows),
        }
    }

    /// Whether a key may have come twice.
    pub(super) fn may_have_equals(self) -> bool {
        match self {
            Self::InAnyOrder(hashes) => hashes.have_equals(),
            Self::Sorted(keys) => keys.have_equals(),
        }
    }
}
