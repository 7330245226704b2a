//! Which records are new or changed.

use datafusion::arrow::array::{Array, LargeStringArray};
use twox_hash::XxHash64;

use super::super::table::{Table, TextColumn};
use crate::parallel;

/// How the records of a table came out of those of one before.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// Per record: which it was before; none if it is new or says something else.
    pub(super) before: Vec<Option<u32>>,
    /// Per record of before: which it is now; none if it is gone or said something else.
    pub(super) after: Vec<Option<u32>>,
    /// Records that are new or changed.
    pub(super) fresh: Vec<u32>,
    /// Records of before that are gone or changed.
    pub(super) gone: Vec<u32>,
}

impl Changes {
    /// Both are in the order of their ids.
    pub(super) fn of(ids: &LargeStringArray, hashes: &[u64], table: &Table, own: &[u64]) -> Self {
        let mut changes = Self { before: vec![None; own.len()], after: vec![None; ids.len()], ..Self::default() };
        let (mut old, mut new) = (0, 0);
        while old < ids.len() || new < own.len() {
            let order = match (old < ids.len(), new < own.len()) {
                (true, true) => ids.value(old).cmp(table.id(new)),
                (true, false) => std::cmp::Ordering::Less,
                _ => std::cmp::Ordering::Greater,
            };
            let is_same = order.is_eq() && hashes[old] == own[new];
            if is_same {
                changes.before[new] = Some(old as u32);
                changes.after[old] = Some(new as u32);
            }
            if order.is_le() {
                if !is_same {
                    changes.gone.push(old as u32);
                }
                old += 1;
            }
            if order.is_ge() {
                if !is_same {
                    changes.fresh.push(new as u32);
                }
                new += 1;
            }
        }
        changes
    }
}

/// Per record: a hash of what its columns say, and of its source if there are several: that of a single file may be called
/// otherwise each day.
pub(super) fn hashes(table: &Table, threads: usize) -> Vec<u64> {
    let first = table.sources.as_ref().and_then(|sources| sources.text(0));
    let several = table.sources.iter().filter(|sources| (0..sources.len()).any(|row| sources.text(row) != first));
    let columns: Vec<&TextColumn> = several.chain(&table.columns).collect();
    // Row by row of the input, which lie side by side.
    let mut hashes = vec![0; table.records()];
    parallel::fill(threads, &mut hashes, 16_384, |start, hashes| {
        let mut said = Vec::new();
        for (hash, row) in hashes.iter_mut().zip(start..) {
            said.clear();
            for column in &columns {
                said.extend_from_slice(column.row(row).unwrap_or_default().as_bytes());
                said.push(0);
            }
            *hash = XxHash64::oneshot(0, &said);
        }
    });
    table.order.iter().map(|&row| hashes[row as usize]).collect()
}
