//! What a model learns from: the distinct rows of a history with how many customers have each.
//!
//! The likelihood of every model here depends on a customer only through two or three numbers, and with days as the unit
//! those repeat, so ten million customers become some hundred thousand rows. Counts are whole numbers and rows are sorted
//! before anything is summed: the order of rows and of merges never shows in a result.

use std::hash::BuildHasherDefault;

use rustc_hash::FxHasher;

use crate::error::{Error, Kind, Result};

type Counts<const K: usize> = std::collections::HashMap<[u64; K], u64, BuildHasherDefault<FxHasher>>;

/// Distinct rows of `K` numbers, each with its number of customers.
#[derive(Debug, Clone, Default)]
pub struct Sample<const K: usize> {
    counts: Counts<K>,
}

impl<const K: usize> Sample<K> {
    /// Adds `row` for `customers` customers. Use the models' own row types, which check what they hold.
    pub fn add(&mut self, row: impl Into<[f64; K]>, customers: u64) {
        // Adding zero turns -0.0 into 0.0, so that equal numbers have equal bits.
        let key = row.into().map(|value| (value + 0.0).to_bits());
        if customers > 0 {
            let count = self.counts.entry(key).or_default();
            *count = count.saturating_add(customers);
        }
    }

    /// The number of distinct rows.
    pub fn distinct(&self) -> usize {
        self.counts.len()
    }

    /// The number of customers.
    pub fn customers(&self) -> u64 {
        self.counts.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// The memory that it holds, in bytes.
    pub fn size_bytes(&self) -> usize {
        self.counts.capacity() * (size_of::<([u64; K], u64)>() + 1)
    }

    /// The distinct rows with their counts, sorted by the first number, then the second, and so on.
    pub fn rows(&self) -> Vec<([f64; K], u64)> {
        let mut rows: Vec<_> = self.counts.iter().map(|(key, count)| (key.map(ordered), *count)).collect();
        // No two keys are equal.
        rows.sort_unstable();
        rows.into_iter().map(|(key, count)| (key.map(|key| f64::from_bits(unordered(key))), count)).collect()
    }

    /// The rows, in any order, as `K + 1` columns of equal length, the last of which counts customers: the state of an
    /// aggregate.
    pub fn to_columns(&self) -> Vec<Vec<f64>> {
        let mut columns: Vec<Vec<f64>> = (0..=K).map(|_| Vec::with_capacity(self.counts.len())).collect();
        for (key, count) in &self.counts {
            let row = key.iter().map(|bits| f64::from_bits(*bits)).chain([*count as f64]);
            columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
        }
        columns
    }

    /// Adds the sample whose [`Sample::to_columns`] these are.
    ///
    /// # Errors
    /// `Internal` when they are not `K + 1` columns of equal length.
    pub fn add_columns<C: AsRef<[f64]>>(&mut self, columns: &[C]) -> Result<()> {
        let length = columns.first().map_or(0, |column| column.as_ref().len());
        if columns.len() != K + 1 || columns.iter().any(|column| column.as_ref().len() != length) {
            return Err(Error::new(Kind::Internal, "the state of a fit has columns of different lengths"));
        }
        // Rows come in the order of their hashes: a table that grew with them would be full where they are, and search long.
        self.counts.reserve(length);
        for at in 0..length {
            let row: [f64; K] = std::array::from_fn(|column| columns[column].as_ref()[at]);
            self.add(row, columns[K].as_ref()[at] as u64);
        }
        Ok(())
    }
}

const SIGN: u64 = 1 << 63;

/// The bits of a number as a whole number that is in the same order.
fn ordered(bits: u64) -> u64 {
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

/// The bits of which [`ordered`] made the whole number.
fn unordered(order: u64) -> u64 {
    if order & SIGN == 0 { !order } else { order & !SIGN }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_repeat_as_counts_whatever_the_order_of_rows_and_merges() {
        let rows = [[1.0, 7.0, 30.0], [0.0, 0.0, 12.0], [1.0, 7.0, 30.0], [-0.0, 0.0, 12.0], [2.0, 9.0, 30.0]];
        let mut all = Sample::default();
        for row in &rows {
            all.add(*row, 1);
        }
        let (mut left, mut right) = (Sample::default(), Sample::default());
        rows.iter().rev().enumerate().for_each(|(at, row)| [&mut left, &mut right][at % 2].add(*row, 1));
        right.add_columns(&left.to_columns()).unwrap();
        assert_eq!(all.rows(), [([0.0, 0.0, 12.0], 2), ([1.0, 7.0, 30.0], 2), ([2.0, 9.0, 30.0], 1)]);
        assert_eq!(right.rows(), all.rows());
        assert_eq!((all.distinct(), all.customers()), (3, 5));
    }

    #[test]
    fn the_state_comes_back_from_its_columns() {
        let mut sample = Sample::default();
        sample.add([3.0, 19.5], 4);
        sample.add([1.0, 8.25], 1);
        sample.add([3.0, -1e300], 2);
        sample.add([3.0, -2.5], 1);
        let columns = sample.to_columns();
        let mut again = Sample::<2>::default();
        again.add_columns(&columns).unwrap();
        assert_eq!(again.rows(), [([1.0, 8.25], 1), ([3.0, -1e300], 2), ([3.0, -2.5], 1), ([3.0, 19.5], 4)]);
        assert!(Sample::<3>::default().add_columns(&columns).is_err());
    }
}
