//! The rows of the table `comparisons` that say something new about their cluster, kept while all of them arrive.

use std::hash::Hasher;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, RecordBatch, UInt32Array};
use datafusion::arrow::compute::{cast, concat, take_record_batch};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::arrow::error::ArrowError;
use rustc_hash::{FxHashMap, FxHasher};

use super::cluster::Clusters;
use super::input::Text;
use super::records::Records;
use crate::error::{Error, Kind, Result};

const TABLE: &str = "comparisons";

/// What has arrived.
pub(super) struct Comparisons {
    schema: Option<SchemaRef>,
    batches: Vec<RecordBatch>,
    /// Per kept row.
    rows: Vec<Row>,
    /// Cluster and hash of what a row says → the row.
    known: FxHashMap<(u32, u64), u32>,
    /// Per record: whether its row has arrived.
    arrived: Vec<bool>,
    /// Records that are asked for, and what their rows say once they have arrived.
    asked: Vec<(u32, Option<(u32, u64)>)>,
}

#[derive(Clone, Copy)]
struct Row {
    /// None where a record that comes first says the same.
    record: Option<u32>,
    root: u32,
}

/// The rows to compare, in the order of their records.
pub(super) struct Distinct {
    pub(super) table: RecordBatch,
    /// Per row.
    pub(super) records: Vec<u32>,
    /// Per row: its cluster, numbered in the order of their first records.
    pub(super) groups: Vec<u32>,
    /// Per group: the root of its cluster.
    pub(super) roots: Vec<u32>,
    /// Of each record that was asked for, in their order: the row that says what it says; none if it has no row.
    pub(super) asked: Vec<Option<u32>>,
}

impl Comparisons {
    /// No rows, of so many records.
    pub(super) fn new(records: usize) -> Self {
        let arrived = vec![false; records];
        let known = FxHashMap::default();
        Self { schema: None, batches: Vec::new(), rows: Vec::new(), known, arrived, asked: Vec::new() }
    }

    /// Asks where these records come to lie; before any row arrives.
    pub(super) fn ask(&mut self, records: &[u32]) {
        self.asked = records.iter().map(|&record| (record, None)).collect();
    }

    /// Keeps the rows of a batch that say something new; those of unknown records say nothing.
    ///
    /// # Errors
    /// `Check` if a record is there twice or has no id, `Config` if there is no column `record_id` or another one cannot be
    /// read as text.
    pub(super) fn add(&mut self, batch: &RecordBatch, records: &Records, clusters: &mut Clusters) -> Result<()> {
        let batches = std::slice::from_ref(batch);
        let ids = Text::columns(batches, TABLE, "record_id")?.remove(0);
        let columns = compared(batches)?;
        let (mut kept, mut next) = (Vec::new(), 0);
        for row in 0..ids.len() {
            let id = ids.require(row, 0, TABLE, "record_id")?;
            let Some(record) = records.find_next(id, &mut next) else { continue };
            if std::mem::replace(&mut self.arrived[record as usize], true) {
                return Err(twice());
            }
            let root = clusters.root(record);
            let said = (root, hash(&columns, row));
            self.asked.iter_mut().filter(|asked| asked.0 == record).for_each(|asked| asked.1 = Some(said));
            // Two different rows of one hash would cost a row that is compared, and join nobody.
            if self.is_new(record, said) {
                self.rows.push(Row { record: Some(record), root });
                kept.push(row as u32);
            }
        }
        let kept = take_record_batch(batch, &UInt32Array::from(kept)).and_then(|kept| {
            let schema = self.schema.get_or_insert_with(|| as_texts(&kept.schema()));
            let texts = kept.columns().iter().zip(schema.fields());
            let texts = texts.map(|(column, field)| cast(column, field.data_type())).collect::<Result<_, _>>()?;
            RecordBatch::try_new(Arc::clone(schema), texts)
        });
        self.batches.push(kept.map_err(|error| unreadable(error.into()))?);
        Ok(())
    }

    /// Whether a row says something new; of those that say the same, the first record's counts.
    fn is_new(&mut self, record: u32, said: (u32, u64)) -> bool {
        let row = self.rows.len() as u32;
        let Some(known) = self.known.insert(said, row) else { return true };
        let earlier = &mut self.rows[known as usize];
        if earlier.record.is_some_and(|earlier| earlier < record) {
            self.known.insert(said, known);
            return false;
        }
        earlier.record = None;
        true
    }

    /// Puts the rows in the order of their records; none if there are no rows.
    ///
    /// # Errors
    /// `Config` if batches differ in their columns.
    pub(super) fn finish(self) -> Result<Option<Distinct>> {
        let asked: Vec<Option<u32>> =
            self.asked.iter().map(|(_, said)| self.known.get(said.as_ref()?).copied()).collect();
        drop((self.known, self.arrived));
        let Some(schema) = self.schema else { return Ok(None) };
        let mut table = whole(&schema, self.batches).map_err(|error| unreadable(error.into()))?;
        let rows = self.rows.iter().zip(0_u32..);
        let mut order: Vec<(u32, u32)> = rows.filter_map(|(row, at)| Some((row.record?, at))).collect();
        if order.len() < self.rows.len() || !order.is_sorted() {
            order.sort_unstable();
            let order = UInt32Array::from_iter_values(order.iter().map(|&(_, at)| at));
            table = take_record_batch(&table, &order).map_err(|error| unreadable(error.into()))?;
        }
        let (mut roots, mut group_of_root) = (Vec::new(), FxHashMap::default());
        let group = |&(_, at): &(u32, u32)| {
            let root = self.rows[at as usize].root;
            *group_of_root.entry(root).or_insert_with(|| {
                roots.push(root);
                roots.len() as u32 - 1
            })
        };
        let groups = order.iter().map(group).collect();
        let place = |row: u32| order.iter().position(|&(_, at)| at == row).map(|place| place as u32);
        let asked = asked.into_iter().map(|row| place(row?)).collect();
        Ok(Some(Distinct { table, records: order.iter().map(|&(record, _)| record).collect(), groups, roots, asked }))
    }
}

/// The batches as one, column after column, so that no more than one column is held twice.
fn whole(schema: &SchemaRef, batches: Vec<RecordBatch>) -> std::result::Result<RecordBatch, ArrowError> {
    let mut columns: Vec<Vec<ArrayRef>> = vec![Vec::with_capacity(batches.len()); schema.fields().len()];
    for batch in batches {
        for (parts, part) in columns.iter_mut().zip(batch.columns()) {
            parts.push(Arc::clone(part));
        }
    }
    let whole = |parts: Vec<ArrayRef>| concat(&parts.iter().map(AsRef::as_ref).collect::<Vec<&dyn Array>>());
    let columns = columns.into_iter().map(whole).collect::<std::result::Result<_, _>>()?;
    RecordBatch::try_new(Arc::clone(schema), columns)
}

/// Texts in a form that holds nothing beside them.
fn as_texts(schema: &Schema) -> SchemaRef {
    let field = |field: &Arc<Field>| match field.data_type() {
        DataType::Utf8 | DataType::Utf8View => Arc::new(field.as_ref().clone().with_data_type(DataType::LargeUtf8)),
        _ => Arc::clone(field),
    };
    Arc::new(Schema::new(schema.fields().iter().map(field).collect::<Vec<_>>()))
}

/// The columns that records are compared in.
fn compared(batches: &[RecordBatch]) -> Result<Vec<Text>> {
    let schema = batches[0].schema();
    let fields = schema.fields().iter();
    let fields = fields
        .filter(|field| !["record_id", "source"].contains(&field.name().as_str()) && !field.data_type().is_nested());
    fields.map(|field| Ok(Text::columns(batches, TABLE, field.name())?.remove(0))).collect()
}

fn hash(columns: &[Text], row: usize) -> u64 {
    let mut hasher = FxHasher::default();
    for column in columns {
        hasher.write(column.get(row).unwrap_or_default().as_bytes());
        hasher.write_u8(0xff);
    }
    hasher.finish()
}

fn twice() -> Error {
    Error::new(Kind::Check, "a record id appears twice")
        .with("table", "match.comparisons")
        .hint("one row per record: group by `record_id` in the stage's SQL")
}

fn unreadable(error: Box<dyn std::error::Error + Send + Sync>) -> Error {
    Error::new(Kind::Config, "the table `comparisons` cannot be read").source(error)
}
