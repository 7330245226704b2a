//! Hashes of rows, by which it is known what has landed before, in whichever order the database gives it.

use std::collections::{BTreeMap, HashMap};

use arrow::array::{RecordBatch, UInt32Array};
use arrow::compute::take_record_batch;
use arrow::datatypes::{FieldRef, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::row::{RowConverter, SortField};
use serde_json::Value;

use crate::error::{Error, Kind, Result};
use crate::land::part::Part;

/// Hashes rows by the values of some columns.
pub(super) struct RowHasher {
    converter: RowConverter,
    columns: Vec<String>,
}

impl RowHasher {
    /// For rows of `schema`, by all columns but `_file` and `_line`, with which it ends.
    pub(super) fn new(schema: &Schema) -> Result<Self> {
        Self::common(schema, schema)
    }

    /// For rows of either schema, by the columns but `_file` and `_line` that both have.
    pub(super) fn common(schema: &Schema, other: &Schema) -> Result<Self> {
        let own = &schema.fields()[..schema.fields().len().saturating_sub(2)];
        let is_common =
            |field: &&FieldRef| other.field_with_name(field.name()).is_ok_and(|o| o.data_type() == field.data_type());
        let fields: Vec<&FieldRef> = own.iter().filter(is_common).collect();
        let sorted = fields.iter().map(|field| SortField::new(field.data_type().clone())).collect();
        let columns = fields.iter().map(|field| field.name().clone()).collect();
        Ok(Self { converter: RowConverter::new(sorted).map_err(failed)?, columns })
    }

    /// A hash for each row.
    pub(super) fn hashes(&self, batch: &RecordBatch) -> Result<Vec<u128>> {
        let columns = self.columns.iter().filter_map(|name| batch.column_by_name(name).cloned());
        let rows = self.converter.convert_columns(&columns.collect::<Vec<_>>()).map_err(failed)?;
        Ok(rows.iter().map(|row| hash(row.data())).collect())
    }

    /// The hash of a row that is in quarantine, there as one JSON object.
    fn hash_of_bad(&self, raw: &str) -> u128 {
        let Ok(mut row) = serde_json::from_str::<BTreeMap<String, Value>>(raw) else { return hash(raw.as_bytes()) };
        row.retain(|name, _| self.columns.contains(name));
        hash(format!("{row:?}").as_bytes())
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

/// Rows that have landed, in sets of those that have the same columns, the most columns first. A column that came later
/// does not make a row another one.
#[derive(Default)]
pub(super) struct Landed(Vec<Set>);

/// How often each row has landed, by its hash.
pub(super) struct Set {
    hasher: RowHasher,
    counts: HashMap<u128, usize>,
}

impl Landed {
    /// The set of the rows that `hasher` is for.
    pub(super) fn set(&mut self, hasher: RowHasher) -> &mut Set {
        let at = self.0.iter().position(|set| set.hasher.columns == hasher.columns).unwrap_or_else(|| {
            let at = self.0.partition_point(|set| set.hasher.columns.len() >= hasher.columns.len());
            self.0.insert(at, Set { hasher, counts: HashMap::new() });
            at
        });
        &mut self.0[at]
    }

    /// The rows of `part` that have not landed, and their hashes by `hasher`. Each landed row is one row of the
    /// database.
    pub(super) fn leave_new(&mut self, hasher: &RowHasher, part: Part) -> Result<(Part, Vec<u128>)> {
        let known: Vec<Vec<u128>> = self.0.iter().map(|set| set.hasher.hashes(&part.rows)).collect::<Result<_>>()?;
        let has = |set: &mut Set, hashes: &[u128], row: usize| hashes.get(row).is_some_and(|hash| set.take(*hash));
        let mut is_new = |row| !self.0.iter_mut().zip(&known).any(|(set, hashes)| has(set, hashes, row));
        let hashes = hasher.hashes(&part.rows)?.into_iter().enumerate();
        let (at, mut hashes): (Vec<u32>, Vec<u128>) =
            hashes.filter(|(row, _)| is_new(*row)).map(|(row, hash)| (row as u32, hash)).unzip();
        let rows = if at.len() == part.rows.num_rows() {
            part.rows
        } else {
            take_record_batch(&part.rows, &UInt32Array::from(at)).map_err(failed)?
        };
        let mut bad = part.bad;
        bad.retain(|row| !self.0.iter_mut().any(|set| set.take(set.hasher.hash_of_bad(&row.raw))));
        hashes.extend(bad.iter().map(|row| hash(row.raw.as_bytes())));
        Ok((Part { rows, bad }, hashes))
    }
}

impl Set {
    /// Takes landed rows in.
    pub(super) fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        for hash in self.hasher.hashes(batch)? {
            *self.counts.entry(hash).or_default() += 1;
        }
        Ok(())
    }

    /// The same of a row that is in quarantine.
    pub(super) fn add_bad(&mut self, raw: &str) {
        *self.counts.entry(self.hasher.hash_of_bad(raw)).or_default() += 1;
    }

    /// Takes a row out; whether it was there.
    fn take(&mut self, hash: u128) -> bool {
        match self.counts.get_mut(&hash) {
            Some(count @ 1..) => {
                *count -= 1;
                true
            }
            _ => false,
        }
    }
}

fn failed(error: ArrowError) -> Error {
    Error::new(Kind::Internal, "rows cannot be compared").source(error)
}
