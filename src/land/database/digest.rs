//! Hashes of rows, by which it is known what has landed before, in whichever order the database gives it.

use std::collections::HashMap;

use arrow::array::{RecordBatch, UInt32Array};
use arrow::compute::take_record_batch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::row::{RowConverter, SortField};

use crate::error::{Error, Kind, Result};
use crate::land::part::Part;

/// Hashes rows by the values of all columns but `_file` and `_line`.
pub(super) struct RowHasher {
    converter: RowConverter,
    columns: usize,
}

impl RowHasher {
    /// For rows of `schema`, which ends with `_file` and `_line`.
    pub(super) fn new(schema: &SchemaRef) -> Result<Self> {
        let columns = schema.fields().len().saturating_sub(2);
        let fields = schema.fields().iter().take(columns).map(|field| SortField::new(field.data_type().clone()));
        Ok(Self { converter: RowConverter::new(fields.collect()).map_err(failed)?, columns })
    }

    /// A hash for each row.
    pub(super) fn hashes(&self, batch: &RecordBatch) -> Result<Vec<u128>> {
        let rows = self.converter.convert_columns(&batch.columns()[..self.columns]).map_err(failed)?;
        Ok(rows.iter().map(|row| hash(row.data())).collect())
    }
}

/// The first half of BLAKE3.
pub(super) fn hash(bytes: &[u8]) -> u128 {
    let hash = *blake3::hash(bytes).as_bytes();
    hash.first_chunk().map_or(0, |half| u128::from_le_bytes(*half))
}

/// What rows hold, whatever their order: the sum of their hashes.
#[derive(Debug, Default)]
pub(super) struct Content {
    sum: u128,
    rows: u64,
}

impl Content {
    /// Takes rows in, by their hashes.
    pub(super) fn add(&mut self, hashes: &[u128]) {
        self.rows += hashes.len() as u64;
        self.sum = hashes.iter().fold(self.sum, |sum, hash| sum.wrapping_add(*hash));
    }

    /// Rows so far.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// BLAKE3 over the rows, their columns and `parts`, in hex.
    pub(super) fn identity(&self, schema: &SchemaRef, parts: &[&str]) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.rows.to_le_bytes()).update(&self.sum.to_le_bytes());
        let columns = schema.fields().iter().map(|field| format!("{} {}", field.name(), field.data_type()));
        for part in parts.iter().map(ToString::to_string).chain(columns) {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }
}

/// Rows that have landed: how often each, by hash.
#[derive(Debug, Default)]
pub(super) struct Landed(HashMap<u128, usize>);

impl Landed {
    /// Takes landed rows in, by their hashes.
    pub(super) fn add(&mut self, hashes: &[u128]) {
        for hash in hashes {
            *self.0.entry(*hash).or_default() += 1;
        }
    }

    /// Whether the row with this hash has not landed. Each landed row is one row of the database.
    fn is_new(&mut self, hash: u128) -> bool {
        match self.0.get_mut(&hash) {
            Some(count @ 1..) => {
                *count -= 1;
                false
            }
            _ => true,
        }
    }

    /// The rows of `part` that have not landed, and their hashes.
    pub(super) fn leave_new(&mut self, hasher: &RowHasher, part: Part) -> Result<(Part, Vec<u128>)> {
        let hashes = hasher.hashes(&part.rows)?;
        let (at, mut hashes): (Vec<u32>, Vec<u128>) = (0..).zip(hashes).filter(|(_, hash)| self.is_new(*hash)).unzip();
        let rows = if at.len() == part.rows.num_rows() {
            part.rows
        } else {
            take_record_batch(&part.rows, &UInt32Array::from(at)).map_err(failed)?
        };
        let mut bad = part.bad;
        bad.retain(|row| self.is_new(hash(row.raw.as_bytes())));
        hashes.extend(bad.iter().map(|row| hash(row.raw.as_bytes())));
        Ok((Part { rows, bad }, hashes))
    }
}

fn failed(error: ArrowError) -> Error {
    Error::new(Kind::Internal, "rows cannot be compared").source(error)
}
