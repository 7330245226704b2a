//! Numbers every record of the project by the order of its id, so that no result depends on the order of arrival.

use datafusion::arrow::array::{RecordBatch, StringViewArray, StringViewBuilder};
use rustc_hash::FxHashMap;

use super::input::Text;
use crate::error::{Error, Kind, Result};

/// All records, numbered `0..n` in the order of their ids.
pub(super) struct Records<'a> {
    /// The ids in order.
    pub(super) ids: Vec<&'a str>,
    /// Record id → number in order of arrival.
    arrivals: FxHashMap<&'a str, u32>,
    /// Number in order of arrival → number.
    rank: Vec<u32>,
}

/// The record of each row, by batch.
pub(super) struct Rows {
    /// Of the table `records`.
    pub(super) records: Vec<Vec<u32>>,
    /// Of the table `identifiers`.
    pub(super) identifiers: Vec<Vec<u32>>,
}

/// Records numbered in order of arrival, while more of them arrive.
#[derive(Default)]
pub(super) struct Arrivals<'a> {
    ids: Vec<&'a str>,
    numbers: FxHashMap<&'a str, u32>,
}

impl<'a> Arrivals<'a> {
    /// Numbers each row's record.
    ///
    /// # Errors
    /// `Check` if a record id is null.
    pub(super) fn add(&mut self, columns: &'a [Text], table: &'static str) -> Result<Vec<Vec<u32>>> {
        let mut before = 0;
        let mut numbers = Vec::with_capacity(columns.len());
        for column in columns {
            let rows = 0..column.len();
            numbers.push(
                rows.map(|row| Ok(self.number(column.require(row, before, table, "record_id")?)))
                    .collect::<Result<_>>()?,
            );
            before += column.len();
        }
        Ok(numbers)
    }

    fn number(&mut self, id: &'a str) -> u32 {
        let next = u32::try_from(self.ids.len()).expect("fewer than 4 billion records fit in memory");
        let number = *self.numbers.entry(id).or_insert(next);
        if number == next {
            self.ids.push(id);
        }
        number
    }

    /// Puts the records in the order of their ids.
    pub(super) fn sort(self) -> Records<'a> {
        let mut order: Vec<(u128, u32)> = self.ids.iter().zip(0..).map(|(id, number)| (prefix(id), number)).collect();
        order.sort_unstable_by(|left, right| {
            let ids = || self.ids[left.1 as usize].cmp(self.ids[right.1 as usize]);
            left.0.cmp(&right.0).then_with(ids)
        });
        let mut rank = vec![0; order.len()];
        for (&(_, number), place) in order.iter().zip(0..) {
            rank[number as usize] = place;
        }
        let ids = order.iter().map(|&(_, number)| self.ids[number as usize]).collect();
        Records { ids, arrivals: self.numbers, rank }
    }
}

/// The first 16 bytes as a number that sorts as they do: most comparisons end here, without a look at the string.
pub(super) fn prefix(id: &str) -> u128 {
    let mut bytes = [0; 16];
    let length = id.len().min(16);
    bytes[..length].copy_from_slice(&id.as_bytes()[..length]);
    u128::from_be_bytes(bytes)
}

impl<'a> Records<'a> {
    /// Records of the table `records` and the table `identifiers` together, and the record of each row of both.
    ///
    /// # Errors
    /// `Check` if a record id is null or the table `records` holds one twice.
    pub(super) fn number(records: &'a [Text], identifiers: &'a [Text]) -> Result<(Self, Rows)> {
        let mut arrivals = Arrivals::default();
        let count = records.iter().map(Text::len).sum();
        arrivals.numbers.reserve(count);
        let records = arrivals.add(records, "records")?;
        if arrivals.ids.len() != count {
            return Err(Error::new(Kind::Check, "a record id appears twice")
                .with("table", "records")
                .with("rows", count)
                .with("different record ids", arrivals.ids.len())
                .hint("one row per record: group by `record_id` in the stage's SQL"));
        }
        let mut rows = Rows { records, identifiers: arrivals.add(identifiers, "identifiers")? };
        let sorted = arrivals.sort();
        for number in rows.records.iter_mut().chain(&mut rows.identifiers).flatten() {
            *number = sorted.rank[*number as usize];
        }
        Ok((sorted, rows))
    }

    /// The number of a record, or nothing if the project does not hold it any more.
    pub(super) fn find(&self, id: &str) -> Option<u32> {
        self.arrivals.get(id).map(|&number| self.rank[number as usize])
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The ids as a column; row = number.
    pub(super) fn column(&self) -> StringViewArray {
        let mut builder = StringViewBuilder::with_capacity(self.len()).with_fixed_block_size(1 << 20);
        self.ids.iter().for_each(|id| builder.append_value(id));
        builder.finish()
    }
}

/// Reads the column `record_id`.
pub(super) fn record_ids(batches: &[RecordBatch], table: &'static str) -> Result<Vec<Text>> {
    Text::columns(batches, table, "record_id")
}
