//! Where each range of customers begins in a table that is in their order.
//!
//! A customer id is a hash, so that the same ids cut every table into ranges of about the same size, whoever is in it. A
//! data file says with which of its rows each range begins: what is computed customer by customer is computed range by
//! range, and tables are joined range by range, without any row being dealt to where it belongs.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::DataType;

use crate::identity::CustomerId;

/// The column that customers are told by.
pub const CUSTOMER_ID: &str = "customer_id";

/// How many ranges there are.
pub const RANGES: usize = 128;

/// The key of a data file's metadata under which the starts of its ranges stand.
pub const RANGE_STARTS: &str = "onefold.range_starts";

/// The first ids of all ranges but the first one.
pub fn first_ids() -> impl Iterator<Item = String> {
    (1..RANGES).map(|range| CustomerId::at(range, RANGES).to_string())
}

/// Finds the starts of ranges in ids that come in their order, nulls first.
pub(super) struct RangesSeen {
    first_ids: Vec<String>,
    starts: Vec<u64>,
    rows: u64,
}

impl RangesSeen {
    /// Nothing yet of a column of such a type; none when it cannot hold ids.
    pub(super) fn new(data_type: &DataType) -> Option<Self> {
        (*data_type == DataType::Utf8).then(|| Self { first_ids: first_ids().collect(), starts: Vec::new(), rows: 0 })
    }

    pub(super) fn add(&mut self, ids: &ArrayRef) {
        let ids = ids.as_string::<i32>();
        let last = ids.iter().next_back().flatten();
        let seen = self.first_ids[self.starts.len()..].partition_point(|first| last >= Some(first));
        if seen > 0 {
            let texts: Vec<Option<&str>> = ids.iter().collect();
            for first in &self.first_ids[self.starts.len()..][..seen] {
                self.starts.push(self.rows + texts.partition_point(|id| *id < Some(first)) as u64);
            }
        }
        self.rows += ids.len() as u64;
    }

    /// What a data file says of them.
    pub(super) fn describe(mut self) -> String {
        self.starts.resize(self.first_ids.len(), self.rows);
        self.starts.iter().map(u64::to_string).collect::<Vec<_>>().join(",")
    }
}

/// The rows with which all ranges but the first one begin, as a data file of so many rows describes them; none when it says
/// something else.
pub fn range_starts(description: &str, rows: u64) -> Option<Vec<u64>> {
    let starts = description.split(',').map(str::parse).collect::<Result<Vec<u64>, _>>().ok()?;
    (starts.len() == RANGES - 1 && starts.is_sorted() && starts.last() <= Some(&rows)).then_some(starts)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::StringArray;

    use super::*;

    #[test]
    fn a_range_begins_with_the_first_row_of_its_ids_whatever_the_batches() {
        let mut ids: Vec<String> = (0..1000).map(|n| CustomerId::of(&format!("crm:{n}"), 0).to_string()).collect();
        ids.sort();
        for batch in [1, 7, 1000] {
            let mut seen = RangesSeen::new(&DataType::Utf8).expect("texts");
            seen.add(&(Arc::new(StringArray::from(vec![None::<&str>; 2])) as ArrayRef));
            for ids in ids.chunks(batch) {
                seen.add(&(Arc::new(StringArray::from(ids.to_vec())) as ArrayRef));
            }
            let starts = range_starts(&seen.describe(), 1002).expect("starts");
            for (first, start) in first_ids().zip(starts) {
                assert_eq!(ids.iter().filter(|id| **id < first).count() as u64 + 2, start, "{first}");
            }
        }
    }

    #[test]
    fn ranges_without_rows_begin_at_the_end() {
        let mut seen = RangesSeen::new(&DataType::Utf8).expect("texts");
        seen.add(&(Arc::new(StringArray::from(vec!["A", "C00000000001"])) as ArrayRef));
        assert_eq!(range_starts(&seen.describe(), 2), Some(vec![2; RANGES - 1]));
        for wrong in ["", "1,2", &vec!["3"; RANGES - 1].join(","), &vec!["x"; RANGES - 1].join(",")] {
            assert_eq!(range_starts(wrong, 2), None);
        }
    }
}
