//! Brings together the rows that show the same identifier: one block per (kind, value), strongest kinds first.
//!
//! Rows arrive in any pieces and are kept as numbers: a value is held once, however many records show it, and leaves this
//! module only as a hash.

use datafusion::arrow::array::RecordBatch;
use rustc_hash::FxHashSet;

use super::Settings;
use super::dictionary::{AT_A_TIME, Dictionary};
use super::input::Text;
use super::kinds::{KindIndex, Kinds};
use super::records::{Arrivals, Records, prefix};
use crate::error::{Error, Kind, Result};
use crate::parallel;

const TABLE: &str = "identifiers";

/// More kinds of identifier are a mistake.
const KINDS_MAX: usize = 1000;

/// The identifiers that have arrived.
#[derive(Default)]
pub(super) struct Identifiers {
    kinds: Vec<OfKind>,
    rows: usize,
}

/// The identifiers of one kind.
struct OfKind {
    name: String,
    values: Dictionary,
    /// Which record, by its place in the order of arrival, shows which value.
    shown: Vec<Shown>,
}

#[derive(Clone, Copy)]
struct Shown {
    value: u32,
    record: u32,
}

/// The blocks of one kind.
pub(super) struct Blocks {
    pub(super) kind: KindIndex,
    values: Dictionary,
    /// Per value: where its records begin; one more at the end.
    starts: Vec<u32>,
    /// Numbers of records, by value.
    records: Vec<u32>,
    /// The values that at least two rows show, in the order of their texts.
    in_order: Vec<u32>,
}

impl Identifiers {
    /// Adds rows; one without kind or value only says that its record exists.
    ///
    /// # Errors
    /// `Config` if a column is missing, `Check` if a record id is null or empty, or there are more kinds than anybody means
    /// to have.
    pub(super) fn add(&mut self, batches: &[RecordBatch], arrivals: &mut Arrivals) -> Result<()> {
        let column = |name| Text::columns(batches, TABLE, name);
        let (ids, kinds, values) = (column("record_id")?, column("kind")?, column("value")?);
        let mut before = self.rows;
        let (records, shown) = std::thread::scope(|scope| {
            let shown = scope.spawn(|| self.number(&kinds, &values));
            let mut number = |ids: &Text| {
                let places = arrivals.add(ids, before, TABLE);
                before += ids.len();
                places
            };
            let records: Result<Vec<Vec<u32>>> = ids.iter().map(&mut number).collect();
            (records, shown.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        });
        for (record, shown) in records?.into_iter().flatten().zip(shown?) {
            if let Some((kind, value)) = shown {
                self.kinds[kind].shown.push(Shown { value, record });
            }
        }
        self.rows = before;
        if u32::try_from(before).is_err() {
            return Err(Error::new(Kind::Exhausted, "there are more than 4 billion rows to match"));
        }
        Ok(())
    }

    /// The kind and value of each row; none where either is missing.
    fn number(&mut self, kinds: &[Text], values: &[Text]) -> Result<Vec<Option<(usize, u32)>>> {
        let mut numbers = Vec::with_capacity(values.iter().map(Text::len).sum());
        for (kinds, values) in kinds.iter().zip(values) {
            for start in (0..values.len()).step_by(AT_A_TIME) {
                let mut shown = [None; AT_A_TIME];
                let rows = start..values.len().min(start + AT_A_TIME);
                for (row, shown) in rows.clone().zip(&mut shown) {
                    let value = values.get(row).filter(|value| !value.is_empty());
                    if let (Some(kind), Some(value)) = (kinds.get(row), value) {
                        let kind = self.kind(kind)?;
                        self.kinds[kind].values.fetch(std::iter::once(value.as_bytes()));
                        *shown = Some((kind, value));
                    }
                }
                for shown in &shown[..rows.len()] {
                    numbers.push(shown.map(|(kind, value)| (kind, self.kinds[kind].values.number(value.as_bytes()))));
                }
            }
        }
        Ok(numbers)
    }

    fn kind(&mut self, name: &str) -> Result<usize> {
        if let Some(known) = self.kinds.iter().position(|kind| kind.name == name) {
            return Ok(known);
        }
        if self.kinds.len() == KINDS_MAX {
            return Err(too_many_kinds());
        }
        self.kinds.push(OfKind { name: name.to_owned(), values: Dictionary::new(), shown: Vec::new() });
        Ok(self.kinds.len() - 1)
    }

    /// Groups the rows by what they show, strongest kind first.
    pub(super) fn blocks(mut self, records: &Records, settings: &Settings) -> (Kinds, Vec<Blocks>) {
        let found: Vec<&str> = self.kinds.iter().map(|kind| kind.name.as_str()).collect();
        let kinds = Kinds::new(settings, &found);
        self.kinds.sort_by_key(|kind| kinds.index(&kind.name));
        let waiting: Vec<_> = self.kinds.into_iter().map(|kind| std::sync::Mutex::new(Some(kind))).collect();
        let blocks = parallel::map(settings.scoring.threads, waiting.len(), 1, |range| {
            let kind = waiting[range.start].lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
            let kind = kind.expect("each kind is taken once");
            Blocks::of(kinds.index(&kind.name), kind.values, &kind.shown, records)
        });
        (kinds, blocks)
    }
}

fn too_many_kinds() -> Error {
    Error::new(Kind::Check, format!("there are more than {KINDS_MAX} kinds of identifier"))
        .with("table", TABLE)
        .hint("a kind is a word such as `email`; are the columns `kind` and `value` swapped?")
}

impl Blocks {
    fn of(kind: KindIndex, values: Dictionary, shown: &[Shown], records: &Records) -> Self {
        let mut starts = vec![0; values.len() + 1];
        for shown in shown {
            starts[shown.value as usize + 1] += 1;
        }
        (1..starts.len()).for_each(|value| starts[value] += starts[value - 1]);
        let mut free: Vec<u32> = starts.clone();
        let mut of_value = vec![0; shown.len()];
        for shown in shown {
            let at = &mut free[shown.value as usize];
            of_value[*at as usize] = records.number(shown.record);
            *at += 1;
        }
        let shared = (1..values.len() as u32).filter(|&value| starts[value as usize + 1] - starts[value as usize] > 1);
        let text = |value: u32| &values.texts[value as usize];
        let mut in_order: Vec<(u128, u32)> = shared.map(|value| (prefix(text(value)), value)).collect();
        in_order.sort_unstable_by(|one, other| one.0.cmp(&other.0).then_with(|| text(one.1).cmp(text(other.1))));
        let in_order = in_order.into_iter().map(|(_, value)| value).collect();
        Self { kind, values, starts, records: of_value, in_order }
    }

    /// The values that at least two rows show, in the order of their texts.
    pub(super) fn values(&self) -> impl Iterator<Item = u32> {
        self.in_order.iter().copied()
    }

    /// The text of a value.
    pub(super) fn text(&self, value: u32) -> &str {
        std::str::from_utf8(&self.values.texts[value as usize]).expect("values arrived as text")
    }

    /// The different records that show a value, in order, into `members`.
    pub(super) fn members(&self, value: u32, members: &mut Vec<u32>) {
        let [start, end] = [self.starts[value as usize], self.starts[value as usize + 1]];
        members.clear();
        members.extend_from_slice(&self.records[start as usize..end as usize]);
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
