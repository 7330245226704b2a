//! Ranges of keys, and the rows of all runs that lie in one.

use datafusion::arrow::array::RecordBatch;
use datafusion::error::Result;

use super::keys::{Keys, gather, sort};
use super::run::Run;

/// Rows of the batches that leave.
const BATCH_ROWS: usize = 8192;

/// Keys from one on and below another; none is no bound.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct KeyRange {
    from: Option<Vec<u8>>,
    below: Option<Vec<u8>>,
}

/// Cuts the keys of all runs into ranges in their order, of about `range_bytes` of rows each.
pub(super) fn cut(runs: &[Run], range_bytes: usize) -> Vec<KeyRange> {
    let mut known: Vec<_> = runs.iter().flat_map(|run| &run.block_keys).collect();
    known.sort_unstable();
    let ranges = runs.iter().map(|run| run.bytes).sum::<usize>() / range_bytes + 1;
    let step = known.len().div_ceil(ranges).max(1);
    let mut bounds: Vec<Vec<u8>> = known.into_iter().step_by(step).skip(1).cloned().collect();
    // Many rows of one key are one range.
    bounds.dedup();
    let froms = std::iter::once(None).chain(bounds.iter().cloned().map(Some));
    let belows = bounds.iter().cloned().map(Some).chain(std::iter::once(None));
    froms.zip(belows).map(|(from, below)| KeyRange { from, below }).collect()
}

impl KeyRange {
    /// Where the range starts and ends among `count` keys in order.
    pub(super) fn bounds<'a>(&self, count: usize, key: impl Fn(usize) -> &'a [u8]) -> (usize, usize) {
        let below = |bound: &[u8]| partition_point(count, |at| key(at) < bound);
        (self.from.as_deref().map_or(0, below), self.below.as_deref().map_or(count, below))
    }

    /// The rows of all runs in this range, in order.
    pub(super) fn rows(&self, runs: &[Run], keys: &Keys) -> Result<Vec<RecordBatch>> {
        let (mut pieces, mut places) = (Vec::new(), Vec::new());
        let mut sorted = true;
        for run in runs {
            let (of_run, places_of_run) = run.within(self, keys)?;
            let before = pieces.len() as u32;
            sorted &= places.is_empty() || places_of_run.is_empty();
            pieces.extend(of_run);
            places.extend(places_of_run.into_iter().map(|(piece, row)| (before + piece, row)));
        }
        if !sorted {
            sort(&pieces, &mut places);
        }
        places.chunks(BATCH_ROWS).map(|places| gather(&pieces, places)).collect()
    }
}

/// How many of `0..count`, of which the first ones are `below`, are.
fn partition_point(count: usize, below: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low.midpoint(high);
        if below(middle) { low = middle + 1 } else { high = middle }
    }
    low
}
