//! Keys as bytes whose order is the order of rows, and sorting by them.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::interleave_record_batch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::row::{RowConverter, Rows, SortField};
use datafusion::error::Result;

use super::super::texts::{in_one_piece, of_schema};

/// Makes the keys of batches of one schema.
pub(super) struct Keys {
    converter: RowConverter,
    columns: Vec<usize>,
    schema: SchemaRef,
}

/// Rows with their keys.
pub(super) struct Piece {
    pub(super) batch: RecordBatch,
    pub(super) keys: Rows,
}

/// How many heads of a key are looked at before keys are compared as they are: long ones would go deep.
const HEADS_MAX: usize = 8;

/// Where a row lies: which piece, which row of it.
pub(super) type Place = (u32, u32);

impl Keys {
    pub(super) fn new(schema: &SchemaRef, columns: &[usize]) -> Result<Self> {
        let fields = columns.iter().map(|at| SortField::new(schema.field(*at).data_type().clone()));
        Ok(Self {
            converter: RowConverter::new(fields.collect())?,
            columns: columns.to_vec(),
            schema: Arc::clone(schema),
        })
    }

    /// The piece of a batch that [`gather`] made.
    pub(super) fn of_gathered(&self, batch: &RecordBatch) -> Result<Arc<Piece>> {
        self.of(of_schema(batch, &self.schema)?)
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
///
/// Places are sorted by the heads of their keys, and those with equal heads by what follows, and so on: a key, which
/// mostly is not in the cache, is looked at once for each sixteen bytes of it and not for each comparison.
pub(super) fn sort(pieces: &[Arc<Piece>], places: &mut [Place]) {
    let Some((first, rest)) = places.split_first() else { return };
    let first = key(pieces, *first);
    let shared = rest.iter().fold(first.len(), |shared, place| common(&first[..shared], key(pieces, *place)));
    let mut entries: Vec<_> = places.iter().map(|place| (Head::of(key(pieces, *place), shared), *place)).collect();
    sort_from(pieces, &mut entries, shared, HEADS_MAX);
    for (place, (_, sorted)) in places.iter_mut().zip(entries) {
        *place = sorted;
    }
}

/// Sorts entries whose keys are equal before the byte `from`, at which their heads begin; `heads` may still be looked at.
fn sort_from(pieces: &[Arc<Piece>], entries: &mut [(Head, Place)], from: usize, heads: usize) {
    entries.sort_by_key(|(head, _)| *head);
    let next = from + size_of::<Head>();
    for equal in entries.chunk_by_mut(|one, two| one.0 == two.0) {
        // No key is the beginning of another one: where one ends, all that are equal up to there end.
        if equal.len() < 2 || key(pieces, equal[0].1).len() <= next {
            continue;
        }
        if heads == 0 {
            equal.sort_by(|(_, one), (_, two)| key(pieces, *one)[next..].cmp(&key(pieces, *two)[next..]));
            continue;
        }
        for (head, place) in equal.iter_mut() {
            *head = Head::of(key(pieces, *place), next);
        }
        sort_from(pieces, equal, next, heads - 1);
    }
}

/// The rows at `places`, in that order, as one batch with its texts in one piece.
pub(super) fn gather(pieces: &[Arc<Piece>], places: &[Place]) -> Result<RecordBatch> {
    let batches: Vec<_> = pieces.iter().map(|piece| &piece.batch).collect();
    let places: Vec<_> = places.iter().map(|(piece, row)| (*piece as usize, *row as usize)).collect();
    in_one_piece(&interleave_record_batch(&batches, &places)?)
}

/// How many bytes both begin with.
fn common(one: &[u8], two: &[u8]) -> usize {
    one.iter().zip(two).take_while(|(one, two)| one == two).count()
}

/// Sixteen bytes of a key as numbers of the same order; a key that ends before is filled up with zeros. Two numbers, because
/// one of twice the size would be aligned to twice the size.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Head(u64, u64);

impl Head {
    fn of(key: &[u8], from: usize) -> Self {
        let bytes = key.get(from..).unwrap_or_default();
        let mut head = [0; size_of::<Self>()];
        let length = bytes.len().min(head.len());
        head[..length].copy_from_slice(&bytes[..length]);
        let number = |half: usize| u64::from_be_bytes(std::array::from_fn(|at| head[half * 8 + at]));
        Self(number(0), number(1))
    }
}
