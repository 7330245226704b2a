//! Brings together the rows that show the same identifier: one block per (kind, value), strongest kinds first.
//!
//! Rows are sorted by a 64-bit hash of kind and value, then compared, so that the hash never decides anything. Values
//! leave this module only as a hash.

use std::cmp::Ordering;
use std::hash::BuildHasher;

use datafusion::arrow::array::RecordBatch;
use rustc_hash::{FxBuildHasher, FxHashSet};

use super::Settings;
use super::input::Text;
use super::kinds::{KindIndex, Kinds};
use super::records::prefix;
use crate::error::{Error, Kind, Result};

/// More kinds of identifier are a mistake.
const KINDS_MAX: usize = 1000;

/// The columns of the table `identifiers`, one entry per batch.
pub(super) struct Identifiers {
    pub(super) records: Vec<Text>,
    kinds: Vec<Text>,
    values: Vec<Text>,
}

/// Where an identifier row lies, and the hash of its kind and value.
#[derive(Clone, Copy)]
struct Place {
    hash: u64,
    batch: u32,
    row: u32,
}

/// One kind and value that at least two rows show.
pub(super) struct Block<'a> {
    pub(super) kind: KindIndex,
    pub(super) value: &'a str,
    /// Of the value, for sorting.
    prefix: u128,
    start: usize,
    rows: u32,
}

/// All blocks, strongest kind first, then by value.
pub(super) struct Blocks<'a> {
    pub(super) kinds: Kinds,
    pub(super) in_order: Vec<Block<'a>>,
    rows: Vec<Place>,
}

impl Identifiers {
    /// Finds the columns `record_id`, `kind` and `value`.
    pub(super) fn read(batches: &[RecordBatch]) -> Result<Self> {
        let column = |name| Text::columns(batches, "identifiers", name);
        Ok(Self { records: column("record_id")?, kinds: column("kind")?, values: column("value")? })
    }

    /// Groups the rows; a row without kind or value only says that its record exists.
    ///
    /// # Errors
    /// `Check` if there are more kinds than anybody means to have.
    pub(super) fn blocks(&self, settings: &Settings) -> Result<Blocks<'_>> {
        let mut rows = Vec::with_capacity(self.records.iter().map(Text::len).sum());
        let mut found: Vec<&str> = Vec::new();
        for (batch, (kinds, values)) in self.kinds.iter().zip(&self.values).enumerate() {
            for row in 0..values.len() {
                let (Some(kind), Some(value)) = (kinds.get(row), values.get(row).filter(|value| !value.is_empty()))
                else {
                    continue;
                };
                if !found.contains(&kind) {
                    found.push(kind);
                    if found.len() > KINDS_MAX {
                        return Err(too_many_kinds());
                    }
                }
                rows.push(Place { hash: FxBuildHasher.hash_one((kind, value)), batch: batch as u32, row: row as u32 });
            }
        }
        rows.sort_unstable_by_key(|row| row.hash);
        let kinds = Kinds::new(settings, &found);
        let mut blocks = self.runs(&mut rows, &kinds);
        blocks.sort_unstable_by(|left, right| {
            let key = |block: &Block<'_>| (block.kind, block.prefix);
            key(left).cmp(&key(right)).then_with(|| left.value.cmp(right.value))
        });
        Ok(Blocks { kinds, in_order: blocks, rows })
    }

    /// Cuts the sorted rows into blocks of at least two.
    fn runs(&self, rows: &mut [Place], kinds: &Kinds) -> Vec<Block<'_>> {
        let mut blocks = Vec::new();
        let mut start = 0;
        while start < rows.len() {
            let hash = rows[start].hash;
            let same_hash = rows[start..].iter().take_while(|row| row.hash == hash).count();
            if same_hash > 1 {
                self.cut(&mut rows[start..start + same_hash], start, kinds, &mut blocks);
            }
            start += same_hash;
        }
        blocks
    }

    /// Adds the blocks among rows of one hash: nearly always one, several if hashes collide.
    fn cut<'a>(&'a self, rows: &mut [Place], start: usize, kinds: &Kinds, blocks: &mut Vec<Block<'a>>) {
        if rows.iter().any(|row| self.compare(row, &rows[0]).is_ne()) {
            rows.sort_unstable_by(|left, right| self.compare(left, right));
        }
        let mut at = start;
        for run in rows.chunk_by(|left, right| self.compare(left, right).is_eq()) {
            if run.len() > 1 {
                let (kind, value) = self.identifier(&run[0]);
                let (kind, rows) = (kinds.index(kind), run.len() as u32);
                blocks.push(Block { kind, value, prefix: prefix(value), start: at, rows });
            }
            at += run.len();
        }
    }

    fn compare(&self, left: &Place, right: &Place) -> Ordering {
        self.identifier(left).cmp(&self.identifier(right))
    }

    fn identifier(&self, row: &Place) -> (&str, &str) {
        let (batch, row) = (row.batch as usize, row.row as usize);
        let why = "rows without kind or value were left out";
        (self.kinds[batch].get(row).expect(why), self.values[batch].get(row).expect(why))
    }
}

fn too_many_kinds() -> Error {
    Error::new(Kind::Check, format!("there are more than {KINDS_MAX} kinds of identifier"))
        .with("table", "identifiers")
        .hint("a kind is a word such as `email`; are the columns `kind` and `value` swapped?")
}

impl Blocks<'_> {
    /// The different records of a block in order, into `members`; `numbers` has the record of every identifier row.
    pub(super) fn members(&self, block: &Block<'_>, numbers: &[Vec<u32>], members: &mut Vec<u32>) {
        members.clear();
        let rows = &self.rows[block.start..block.start + block.rows as usize];
        members.extend(rows.iter().map(|row| numbers[row.batch as usize][row.row as usize]));
        members.sort_unstable();
        members.dedup();
    }
}

/// Why a block was not, or not simply, used.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Action {
    /// The value is a placeholder or belongs to many: skipped.
    Generic,
    /// More records than allowed share the value: skipped.
    TooLarge,
    /// People who must not be one share the value: each keeps the records that are surely theirs.
    Contested,
}

impl Action {
    /// As the block report says it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Generic => "generic",
            Self::TooLarge => "too_large",
            Self::Contested => "contested",
        }
    }
}

/// One line of the block report.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Notice {
    pub(super) kind: KindIndex,
    /// See [`value_hash`].
    pub(super) value_hash: String,
    pub(super) records: i64,
    pub(super) action: Action,
}

impl Notice {
    /// Names the block by hash.
    pub(super) fn new(block: &Block<'_>, kinds: &Kinds, records: usize, action: Action) -> Self {
        let value_hash = value_hash(&kinds.names[block.kind as usize], block.value);
        Self { kind: block.kind, value_hash, records: records as i64, action }
    }
}

/// The first 16 hexadecimal digits of BLAKE3 over kind, a zero byte and value. It lets one look a suspected value up; who
/// can guess all values (phone numbers, say) can undo it, so it is a pseudonym and not anonymous.
pub fn value_hash(kind: &str, value: &str) -> String {
    let hash = blake3::Hasher::new().update(kind.as_bytes()).update(&[0]).update(value.as_bytes()).finalize();
    hash.to_hex()[..16].to_owned()
}

/// Identifier values that belong to nobody in particular.
pub(super) struct Generic {
    kinds: Vec<Text>,
    values: Vec<Text>,
}

impl Generic {
    /// Finds the columns `kind` (null: of every kind) and `value`.
    pub(super) fn read(batches: &[RecordBatch]) -> Result<Self> {
        let column = |name| Text::columns(batches, "generic", name);
        Ok(Self { kinds: column("kind")?, values: column("value")? })
    }

    /// The values as a set to look up in.
    pub(super) fn set(&self) -> FxHashSet<(Option<&str>, &str)> {
        let batches = self.kinds.iter().zip(&self.values);
        let rows =
            batches.flat_map(|(kinds, values)| (0..values.len()).map(move |row| (kinds.get(row), values.get(row))));
        rows.filter_map(|(kind, value)| Some((kind, value?))).collect()
    }
}
