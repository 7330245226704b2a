//! What was learnt and compared before, so that only records that are new or changed have to be compared.
//!
//! A fit is kept as it was learnt: what columns hold, how common values are, what agreements weigh, by which rules records are
//! compared. By the same fit, whoever did not change weighs the same, and only groups that new or changed records touch are
//! clustered again: the customers are those that comparing all would give.

mod changes;
mod follow;
mod reach;
mod tables;

#[cfg(test)]
mod tests;

use datafusion::arrow::array::LargeStringArray;
use datafusion::arrow::buffer::ScalarBuffer;
use serde::{Deserialize, Serialize};

use super::Settings;
use super::candidates::{Candidates, Keying};
use super::cluster::Edge;
use super::constraints::Certain;
use super::customers::Customers;
use super::decisions::Decisions;
use super::model::Model;
use super::prepare::{Known, Prepared};
use super::score::Scored;
use super::table::Table;
pub(super) use follow::Followed;

/// What is learnt from records, and holds for others like them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Fit {
    pub(super) known: Known,
    pub(super) model: Model,
    keying: Keying,
    pub(super) certain: Certain,
    /// What the fit warned of.
    pub(super) warnings: Vec<String>,
}

/// What was settled, so that another setting is another question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Settled {
    ignore: Vec<String>,
    threshold: f64,
    one_per_source: bool,
}

impl Settled {
    fn of(settings: &Settings) -> Self {
        let Settings { threshold, one_per_source, .. } = *settings;
        let mut ignore = settings.ignore.clone();
        ignore.sort_unstable();
        ignore.dedup();
        Self { ignore, threshold, one_per_source }
    }
}

/// What was learnt and compared.
#[derive(Debug, Clone)]
pub struct Past {
    pub(super) fit: Fit,
    settled: Settled,
    /// How many records the fit was learnt from, and how many are others since.
    learnt_from: usize,
    others_since: usize,
    /// By id.
    ids: LargeStringArray,
    /// Per record: a hash of what it says.
    hashes: ScalarBuffer<u64>,
    /// Per rule and record: its key.
    keys: Vec<ScalarBuffer<u64>>,
    /// Per rule: keys of more records than are compared, sorted.
    large: Vec<Vec<u64>>,
    /// Pairs that are likely enough, by record.
    edges: Vec<Edge>,
    pub(super) customers: Customers,
    decisions: Decisions,
    /// Some records, and hashes of what was read of them.
    probe: Vec<(u32, u64)>,
}

/// Records that are read again, to see whether they are read as before, about.
const PROBE: usize = 100;

impl Past {
    /// What is kept of records from which a fit was learnt.
    pub(super) fn of(
        table: &Table,
        prepared: &Prepared,
        scored: &Scored<'_>,
        candidates: &Candidates<'_>,
        parts: (Certain, Customers, Decisions, Vec<String>),
        settings: &Settings,
    ) -> Self {
        let (certain, customers, decisions, warnings) = parts;
        let (known, model) = (prepared.known(settings.threads), scored.model.clone());
        Self {
            fit: Fit { known, model, keying: candidates.keying(), certain, warnings },
            settled: Settled::of(settings),
            learnt_from: table.records(),
            others_since: 0,
            ids: ids(table),
            hashes: changes::hashes(table, settings.threads).into(),
            keys: candidates.rule_keys().into_iter().map(ScalarBuffer::from).collect(),
            large: candidates.large(),
            edges: scored.edges.clone(),
            customers,
            decisions,
            probe: some(table.records()).map(|record| (record, prepared.reading(record))).collect(),
        }
    }

    /// How many records there were.
    pub fn records(&self) -> usize {
        self.hashes.len()
    }
}

/// Some of so many records, of everywhere.
fn some(records: usize) -> impl Iterator<Item = u32> {
    (0..records as u32).step_by(records.div_ceil(PROBE).max(1))
}

fn ids(table: &Table) -> LargeStringArray {
    LargeStringArray::from_iter_values((0..table.records()).map(|record| table.id(record)))
}
