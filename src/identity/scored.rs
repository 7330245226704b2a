//! The scored tier: puts together what identifiers could not, by how alike the records are.

use std::hash::Hasher;

use datafusion::arrow::array::{RecordBatch, UInt32Array};
use datafusion::arrow::compute::{concat_batches, take_record_batch};
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use super::cluster::Clusters;
use super::input::Text;
use super::kinds::KindIndex;
use super::linkage::diagnose::Comparison;
use super::linkage::probability;
use super::linkage::tier::{self, Tier};
use super::records::Records;
use super::{Scoring, record_ids};
use crate::error::{Error, Kind, Result};

/// What the scored tier leaves to tell.
#[derive(Default)]
pub(super) struct Scored {
    /// Pairs of records whose customers may be one, by record.
    pub(super) doubtful: Vec<Doubt>,
    /// What each agreement weighs.
    pub(super) weights: Vec<Comparison>,
    pub(super) fit: Fit,
}

/// Two records that stand for two customers who may be one.
pub(super) struct Doubt {
    pub(super) left: u32,
    pub(super) right: u32,
    /// Mean match weight of their groups, in bits.
    pub(super) weight: f64,
}

/// How the model was learnt and what came of it.
#[derive(Default)]
pub(super) struct Fit {
    pub(super) records: i64,
    pub(super) pairs: i64,
    pub(super) prior: f64,
    pub(super) matches: f64,
    pub(super) links: i64,
    pub(super) warnings: Vec<String>,
}

/// Compares the records of the table `comparisons` and offers links between clusters, the surest first.
///
/// # Errors
/// `Check` if a record is there twice or has no id, `Config` if the table has no column `record_id` or another one that
/// cannot be read as text.
pub(super) fn score(
    comparisons: &[RecordBatch],
    records: &Records<'_>,
    clusters: &mut Clusters,
    kind: KindIndex,
    settings: &Scoring,
) -> Result<Scored> {
    let Some(first) = comparisons.first() else { return Ok(Scored::default()) };
    let (table, distinct) = {
        let whole = concat_batches(&first.schema(), comparisons).map_err(|error| unreadable(error.into()))?;
        let distinct = Distinct::find(&whole, records, clusters)?;
        let rows = UInt32Array::from_iter_values(distinct.rows.iter().map(|row| row.row));
        (take_record_batch(&whole, &rows).map_err(|error| unreadable(error.into()))?, distinct)
    };
    let (roots, mut found) = (distinct.roots, Tier::default());
    if table.num_rows() > 1 {
        let group_of: Vec<u32> = distinct.rows.iter().map(|row| row.group).collect();
        let mut apart =
            |left: u32, right: u32| clusters.obstacle(roots[left as usize], roots[right as usize]).is_some();
        let settings = tier::Settings { accept: settings.accept, doubt: settings.doubt, threads: settings.threads };
        found = tier::judge(&table, &group_of, &mut apart, &settings)?;
    }
    let record = |row: u32| distinct.rows[row as usize].record;
    let mut links = 0;
    for link in &found.links {
        let linked = clusters.offer(record(link.left), record(link.right), kind, probability(link.weight));
        links += i64::from(linked);
    }
    let mut doubtful: Vec<Doubt> = Vec::new();
    for edge in &found.doubtful {
        let (left, right) = (record(edge.left), record(edge.right));
        let roots = (clusters.root(left), clusters.root(right));
        if roots.0 != roots.1 && clusters.obstacle(roots.0, roots.1).is_none() {
            doubtful.push(Doubt { left: left.min(right), right: left.max(right), weight: f64::from(edge.weight) });
        }
    }
    doubtful.sort_unstable_by_key(|doubt| (doubt.left, doubt.right));
    let fit = Fit {
        records: table.num_rows() as i64,
        pairs: found.pairs as i64,
        prior: found.prior,
        matches: found.matches,
        links,
        warnings: found.warnings,
    };
    Ok(Scored { doubtful, weights: found.weights, fit })
}

/// The rows of the table that say something new about their cluster.
struct Distinct {
    /// In the order of their records.
    rows: Vec<Row>,
    /// Per group: the root of its cluster.
    roots: Vec<u32>,
}

struct Row {
    row: u32,
    record: u32,
    /// Clusters numbered in the order of their first records.
    group: u32,
}

impl Distinct {
    fn find(table: &RecordBatch, records: &Records<'_>, clusters: &mut Clusters) -> Result<Self> {
        const NAME: &str = "comparisons";
        let batches = std::slice::from_ref(table);
        let ids = record_ids(batches, NAME)?.remove(0);
        let mut order = Vec::with_capacity(ids.len());
        for row in 0..ids.len() {
            if let Some(record) = records.find(ids.require(row, 0, NAME, "record_id")?) {
                order.push((record, row as u32));
            }
        }
        order.sort_unstable();
        if order.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err(Error::new(Kind::Check, "a record id appears twice")
                .with("table", "match.comparisons")
                .hint("one row per record: group by `record_id` in the stage's SQL"));
        }
        let schema = table.schema();
        let values = schema.fields().iter().filter(|field| {
            !["record_id", "source"].contains(&field.name().as_str()) && !field.data_type().is_nested()
        });
        let columns = values
            .map(|field| Ok(Text::columns(batches, NAME, field.name())?.remove(0)))
            .collect::<Result<Vec<Text>>>()?;
        let mut groups: FxHashMap<u32, u32> = FxHashMap::default();
        let (mut rows, mut roots, mut known) = (Vec::new(), Vec::new(), FxHashSet::default());
        for (record, row) in order {
            let root = clusters.root(record);
            // Two different rows of one hash would cost a row that is compared, and join nobody.
            if known.insert((root, hash(&columns, row as usize))) {
                let group = *groups.entry(root).or_insert_with(|| {
                    roots.push(root);
                    roots.len() as u32 - 1
                });
                rows.push(Row { row, record, group });
            }
        }
        Ok(Self { rows, roots })
    }
}

fn hash(columns: &[Text], row: usize) -> u64 {
    let mut hasher = FxHasher::default();
    for column in columns {
        hasher.write(column.get(row).unwrap_or_default().as_bytes());
        hasher.write_u8(0xff);
    }
    hasher.finish()
}

fn unreadable(error: Box<dyn std::error::Error + Send + Sync>) -> Error {
    Error::new(Kind::Config, "the table `comparisons` cannot be read").source(error)
}
