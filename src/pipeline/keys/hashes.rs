//! The hashes of a table's keys, by which it is known that no key comes twice.

use std::sync::Mutex;

use datafusion::arrow::array::ArrayRef;
use datafusion::common::hash_utils::{RandomState, create_hashes};

use crate::engine::explain_without_sql;
use crate::error::Result;

/// Leading bits of a hash that say which part it belongs to: parts small enough to sort in a core's cache.
const PART_BITS: u32 = 8;

/// Eight bytes for each row, in parts by their leading bits, which can be sorted side by side.
pub(in crate::pipeline) struct KeyHashes {
    parts: Vec<Vec<u64>>,
    of_batch: Vec<u64>,
}

impl KeyHashes {
    pub(super) fn new() -> Self {
        Self { parts: vec![Vec::new(); 1 << PART_BITS], of_batch: Vec::new() }
    }

    /// Takes the keys of `rows` rows, column by column. Without columns there is no key.
    pub(super) fn add(&mut self, key: &[ArrayRef], rows: usize) -> Result<()> {
        if key.is_empty() {
            return Ok(());
        }
        self.of_batch.clear();
        self.of_batch.resize(rows, 0);
        create_hashes(key, &RandomState::with_seed(0), &mut self.of_batch)
            .map_err(|error| explain_without_sql(&error))?;
        for hash in &self.of_batch {
            self.parts[(hash >> (u64::BITS - PART_BITS)) as usize].push(*hash);
        }
        Ok(())
    }

    /// Whether two hashes are equal: two keys may be.
    pub(super) fn have_equals(self) -> bool {
        let waiting = Mutex::new(self.parts.into_iter());
        let next = || waiting.lock().ok().and_then(|mut parts| parts.next());
        let work = || std::iter::from_fn(next).any(has_equals);
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            // What could not be looked at may hold some.
            workers.into_iter().any(|worker| worker.join().unwrap_or(true))
        })
    }
}

fn has_equals(mut hashes: Vec<u64>) -> bool {
    hashes.sort_unstable();
    hashes.windows(2).any(|pair| pair[0] == pair[1])
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::{Int64Array, StringArray};

    use super::*;

    /// Whether keys of a text and a number, a batch at a time, have equals.
    fn have_equals(batches: &[Vec<(&str, i64)>]) -> bool {
        let mut hashes = KeyHashes::new();
        for keys in batches {
            let texts = StringArray::from_iter_values(keys.iter().map(|(text, _)| text));
            let numbers = Int64Array::from_iter_values(keys.iter().map(|(_, number)| *number));
            hashes.add(&[Arc::new(texts), Arc::new(numbers)], keys.len()).expect("hashes");
        }
        hashes.have_equals()
    }

    #[test]
    fn a_key_that_comes_again_in_another_batch_is_seen() {
        let numbered = |text: &'static str| (0..10_000).map(|number| (text, number)).collect::<Vec<_>>();
        assert!(!have_equals(&[numbered("a"), numbered("b")]));
        assert!(have_equals(&[numbered("a"), numbered("b"), vec![("a", 9_999)]]));
    }
}
