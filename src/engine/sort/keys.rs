//! Keys as bytes whose order is the order of rows, and sorting by them.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::interleave_record_batch;
use datafusion::arrow::datatypes::Schema;
use datafusion::arrow::row::{RowConverter, Rows, SortField};
use datafusion::error::Result;

/// Makes the keys of batches of one schema.
pub(super) struct Keys {
    converter: RowConverter,
    columns: Vec<usize>,
}

/// Rows with their keys.
pub(super) struct Piece {
    pub(super) batch: RecordBatch,
    pub(super) keys: Rows,
}

/// Where a row lies: which piece, which row of it.
pub(super) type Place = (u32, u32);

impl Keys {
    pub(super) fn new(schema: &Schema, columns: &[usize]) -> Result<Self> {
        let fields = columns.iter().map(|at| SortField::new(schema.field(*at).data_type().clone()));
        Ok(Self { converter: RowConverter::new(fields.collect())?, columns: columns.to_vec() })
    }

    pub(super) fn of(&self, batch: RecordBatch) -> Result<Arc<Piece>> {
        let columns: Vec<_> = self.columns.iter().map(|at| batch.column(*at).clone()).collect();
        Ok(Arc::new(Piece { keys: self.converter.convert_columns(&columns)?, batch }))
    }
}

impl Piece {
    /// The key of a row.
    pub(super) fn key(&self, row: usize) -> &[u8] {
        self.keys.row(row).data()
    }
}

/// The key of the row at `place`.
pub(super) fn key(pieces: &[Arc<Piece>], (piece, row): Place) -> &[u8] {
    pieces[piece as usize].key(row as usize)
}

/// Brings places into the order of their keys. Runs that are in order already cost a comparison a row.
pub(super) fn sort(pieces: &[Arc<Piece>], places: &mut [Place]) {
    let Some((first, rest)) = places.split_first() else { return };
    let first = key(pieces, *first);
    let shared = rest.iter().fold(first.len(), |shared, place| common(&first[..shared], key(pieces, *place)));
    // Most rows are told apart by the bytes after what all keys begin with, without a look at the keys: sixteen, because
    // the id of a customer or record takes up to that many, and another look is a miss of the cache.
    let mut entries: Vec<_> = places.iter().map(|place| (Head::of(&key(pieces, *place)[shared..]), *place)).collect();
    entries.sort_by(|(one, one_place), (two, two_place)| {
        one.cmp(two).then_with(|| key(pieces, *one_place)[shared..].cmp(&key(pieces, *two_place)[shared..]))
    });
    for (place, (_, sorted)) in places.iter_mut().zip(entries) {
        *place = sorted;
    }
}

/// The rows at `places`, in that order, as one batch.
pub(super) fn gather(pieces: &[Arc<Piece>], places: &[Place]) -> Result<RecordBatch> {
    let batches: Vec<_> = pieces.iter().map(|piece| &piece.batch).collect();
    let places: Vec<_> = places.iter().map(|(piece, row)| (*piece as usize, *row as usize)).collect();
    Ok(interleave_record_batch(&batches, &places)?)
}

/// How many bytes both begin with.
fn common(one: &[u8], two: &[u8]) -> usize {
    one.iter().zip(two).take_while(|(one, two)| one == two).count()
}

/// The first sixteen bytes as numbers of the same order; a shorter key is filled up with zeros. Two numbers, because one
/// of twice the size would be aligned to twice the size.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Head(u64, u64);

impl Head {
    fn of(bytes: &[u8]) -> Self {
        let mut first = [0; 16];
        let length = bytes.len().min(16);
        first[..length].copy_from_slice(&bytes[..length]);
        let number = |half: usize| u64::from_be_bytes(std::array::from_fn(|at| first[half * 8 + at]));
        Self(number(0), number(1))
    }
}
