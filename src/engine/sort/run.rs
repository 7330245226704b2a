//! A sorted run, in memory or on disk.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::ipc::reader::FileReader;
use datafusion::arrow::ipc::writer::FileWriter;
use datafusion::common::internal_datafusion_err;
use datafusion::error::Result;
use datafusion::execution::SpillFile;
use datafusion::execution::disk_manager::DiskManager;
use datafusion::execution::memory_pool::MemoryReservation;

use super::super::texts::schema_in_one_piece;
use super::keys::{Keys, Piece, Place, gather, key};
use super::range::KeyRange;

/// Rows between two keys that are known without a look at the rows. Whole blocks are read, and those at the ends of a
/// range twice; gathering a block looks at every piece of the run, so that small ones cost more.
const BLOCK_ROWS: usize = 4096;

/// Rows in the order of their keys.
pub(super) struct Run {
    rows: Rows,
    /// The key of the first row of every block.
    pub(super) block_keys: Vec<Vec<u8>>,
    /// Bytes of its rows.
    pub(super) bytes: usize,
}

enum Rows {
    Memory {
        pieces: Vec<Arc<Piece>>,
        places: Vec<Place>,
        /// Held for its `Drop`, which gives the memory back.
        _memory: MemoryReservation,
    },
    /// A batch for each block, in Arrow's file format.
    Disk(Arc<dyn SpillFile>),
}

impl Run {
    pub(super) fn in_memory(
        pieces: Vec<Arc<Piece>>,
        places: Vec<Place>,
        bytes: usize,
        memory: MemoryReservation,
    ) -> Self {
        let block_keys = block_keys(&pieces, &places);
        Self { rows: Rows::Memory { pieces, places, _memory: memory }, block_keys, bytes }
    }

    pub(super) fn on_disk(
        pieces: &[Arc<Piece>],
        places: &[Place],
        bytes: usize,
        disk: &Arc<DiskManager>,
    ) -> Result<Self> {
        let first = pieces.first().ok_or_else(|| internal_datafusion_err!("a run has no rows"))?;
        let file = disk.create_tmp_file("sorting by key")?;
        let object = BufWriter::with_capacity(1 << 20, file.open_writer()?);
        let mut writer = FileWriter::try_new(object, &schema_in_one_piece(first.batch.schema_ref()))?;
        for block in places.chunks(BLOCK_ROWS) {
            writer.write(&gather(pieces, block)?)?;
        }
        writer.finish()?;
        let object = writer.get_mut();
        object.flush()?;
        object.get_mut().finish()?;
        Ok(Self { rows: Rows::Disk(file), block_keys: block_keys(pieces, places), bytes })
    }

    /// The rows of a range: their places, in order, in some pieces.
    pub(super) fn within(&self, range: &KeyRange, keys: &Keys) -> Result<(Vec<Arc<Piece>>, Vec<Place>)> {
        match &self.rows {
            Rows::Memory { pieces, places, .. } => {
                let (start, end) = range.bounds(places.len(), |at| key(pieces, places[at]));
                Ok((pieces.clone(), places[start..end].to_vec()))
            }
            Rows::Disk(file) => {
                let (start, end) = range.bounds(self.block_keys.len(), |at| self.block_keys[at].as_slice());
                // Rows of the range may end the block before the first one that begins in it.
                let blocks = read(file.as_ref(), start.saturating_sub(1), end)?;
                let pieces = blocks.iter().map(|block| keys.of_gathered(block)).collect::<Result<Vec<_>>>()?;
                let mut places = Vec::new();
                for (piece, at) in pieces.iter().zip(0..) {
                    let (start, end) = range.bounds(piece.batch.num_rows(), |row| piece.key(row));
                    places.extend((start..end).map(|row| (at, row as u32)));
                }
                Ok((pieces, places))
            }
        }
    }
}

fn block_keys(pieces: &[Arc<Piece>], places: &[Place]) -> Vec<Vec<u8>> {
    places.iter().step_by(BLOCK_ROWS).map(|place| key(pieces, *place).to_vec()).collect()
}

/// The blocks from `start` up to `end`.
fn read(file: &dyn SpillFile, start: usize, end: usize) -> Result<Vec<RecordBatch>> {
    if start >= end {
        return Ok(Vec::new());
    }
    let path = file.path().ok_or_else(|| internal_datafusion_err!("a spilled run is not a local file"))?;
    let mut reader = FileReader::try_new(File::open(path)?, None)?;
    reader.set_index(start)?;
    Ok(reader.take(end - start).collect::<std::result::Result<_, _>>()?)
}
