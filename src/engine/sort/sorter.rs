//! Cutting rows into sorted runs.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::execution::disk_manager::DiskManager;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryLimit, MemoryReservation};

use super::keys::{Head, Keys, Piece, Place, sort};
use super::run::Run;
use crate::lake::value_bytes;

/// The share of the memory for queries that sorting may hold: the plan's joins, which cannot spill, need the rest.
const MEMORY_SHARE: usize = 4;

/// What sorting takes a row beside the row and its key: its place, and a copy of it with the head of the key.
const BYTES_PER_PLACE: usize = size_of::<Place>() + size_of::<(Head, Place)>();

/// Takes rows in any order, and gives sorted runs.
pub(super) struct Sorter {
    keys: Arc<Keys>,
    disk: Arc<DiskManager>,
    memory: MemoryReservation,
    memory_bytes_max: usize,
    pieces: Vec<Arc<Piece>>,
    /// Bytes of the rows in `pieces`.
    bytes: usize,
    runs: Vec<Run>,
}

impl Sorter {
    /// The sorter `at` of so many.
    pub(super) fn new(keys: Arc<Keys>, task: &TaskContext, at: usize, sorters: usize) -> Self {
        let memory = MemoryConsumer::new(format!("sort by key [{at}]")).with_can_spill(true);
        let memory_bytes_max = match task.memory_pool().memory_limit() {
            MemoryLimit::Finite(bytes) => bytes / MEMORY_SHARE / sorters,
            MemoryLimit::Infinite | MemoryLimit::Unknown => usize::MAX,
        };
        Self {
            memory_bytes_max,
            keys,
            disk: Arc::clone(&task.runtime_env().disk_manager),
            memory: memory.register(task.memory_pool()),
            pieces: Vec::new(),
            bytes: 0,
            runs: Vec::new(),
        }
    }

    /// Takes rows; when memory is short, what was taken before goes to disk.
    pub(super) fn push(&mut self, batch: RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let bytes: usize = batch.columns().iter().map(value_bytes).sum();
        let piece = self.keys.of(batch)?;
        let needed = bytes + piece.keys.size() + piece.batch.num_rows() * BYTES_PER_PLACE;
        let fits = self.memory.size() + needed <= self.memory_bytes_max && self.memory.try_grow(needed).is_ok();
        if !fits {
            self.spill()?;
            // A batch has to be somewhere, however little there is.
            self.memory.grow(needed);
        }
        self.bytes += bytes;
        self.pieces.push(piece);
        Ok(())
    }

    /// The runs; the last one is in memory.
    pub(super) fn finish(mut self) -> Vec<Run> {
        if let Some((pieces, places)) = self.take() {
            self.runs.push(Run::in_memory(pieces, places, self.bytes, self.memory));
        }
        self.runs
    }

    fn spill(&mut self) -> Result<()> {
        if let Some((pieces, places)) = self.take() {
            self.runs.push(Run::on_disk(&pieces, &places, self.bytes, &self.disk)?);
            self.bytes = 0;
            drop(pieces);
            self.memory.free();
        }
        Ok(())
    }

    fn take(&mut self) -> Option<(Vec<Arc<Piece>>, Vec<Place>)> {
        let pieces = std::mem::take(&mut self.pieces);
        let places = pieces.iter().zip(0..);
        let places = places.flat_map(|(piece, at)| (0..piece.batch.num_rows() as u32).map(move |row| (at, row)));
        let mut places: Vec<Place> = places.collect();
        sort(&pieces, &mut places);
        (!pieces.is_empty()).then_some((pieces, places))
    }
}
