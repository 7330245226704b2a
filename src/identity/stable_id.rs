//! Gives every cluster a customer id that stays the same from run to run.
//!
//! A cluster takes the id that most of its records had; between equal claims the older id wins, then the smaller one,
//! then the cluster with the smaller record. Each id goes to one cluster at most. A cluster that gets none takes back the
//! old id of a record that parts from the customer to whom that id led, or is there again: who was put together by mistake
//! is afterwards who he was before. Else it takes a fresh id, which no customer has ever had.

use std::cmp::Reverse;

use datafusion::arrow::array::{Array, RecordBatch};
use rustc_hash::{FxHashMap, FxHashSet};

use super::cluster::Partition;
use super::customer_id::CustomerId;
use super::input::{Text, integers};
use super::records::Records;
use crate::error::{Error, Kind, Result};

/// "No customer" where a customer's number is expected.
pub(super) const NOBODY: u32 = u32::MAX;

/// The customers of the previous run, oldest first.
pub(super) struct Previous {
    /// Ids, in the order of `since`, then of the id.
    pub(super) ids: Vec<CustomerId>,
    /// The run in which each was created.
    since: Vec<i64>,
    /// How many records each had.
    pub(super) records: Vec<i64>,
    /// Per present record: its customer in the previous run, or [`NOBODY`].
    customer_of: Vec<u32>,
    /// Ids that nobody bears any more → who bears what they stood for; nothing: nobody.
    pub(super) aliases: Vec<(CustomerId, Option<CustomerId>)>,
}

/// How many records of a cluster belonged to a customer of the previous run.
pub(super) struct Overlap {
    pub(super) cluster: u32,
    pub(super) customer: u32,
    pub(super) records: u32,
}

/// The customers of this run: one per cluster, in the order of clusters.
pub(super) struct Customers {
    pub(super) ids: Vec<CustomerId>,
    pub(super) since: Vec<i64>,
    /// Per cluster: the previous customer that it continues, or [`NOBODY`].
    pub(super) continues: Vec<u32>,
    /// Old ids of records that part from the customer to whom the ids led, or are there again, and their clusters.
    pub(super) returning: Vec<(CustomerId, u32)>,
}

/// The identities of the previous run while they arrive.
#[derive(Default)]
pub(super) struct Identities {
    /// Per row: the present record, if it is still there, and its customer.
    rows: Vec<(Option<u32>, CustomerId)>,
    /// When each customer was created.
    since: FxHashMap<CustomerId, i64>,
}

impl Identities {
    /// Adds rows of `record_id`, `customer_id`, and `since` if they have it.
    ///
    /// # Errors
    /// `Config` if a column is missing, `Corrupt` if a customer id is not one of ours.
    pub(super) fn add(&mut self, batches: &[RecordBatch], records: &Records) -> Result<()> {
        let (table, name) = ("previous identities", "customer_id");
        let record_ids = Text::columns(batches, table, "record_id")?;
        let customer_ids = Text::columns(batches, table, name)?;
        let since = integers(batches, table, "since")?;
        let mut next = 0;
        for (batch, customers) in customer_ids.iter().enumerate() {
            for row in 0..customers.len() {
                let id = customer_id(customers.require(row, self.rows.len() - row, table, name)?)?;
                let since =
                    since[batch].as_ref().filter(|since| since.is_valid(row)).map_or(0, |since| since.value(row));
                self.since.entry(id).and_modify(|known| *known = since.min(*known)).or_insert(since);
                self.rows
                    .push((record_ids[batch].get(row).and_then(|record| records.find_next(record, &mut next)), id));
            }
        }
        Ok(())
    }
}

impl Previous {
    /// The customers of `identities`; aliases are `old_customer_id`, `customer_id`.
    ///
    /// # Errors
    /// `Corrupt` if a customer id is not one of ours.
    pub(super) fn new(identities: Identities, aliases: &[RecordBatch], records: usize) -> Result<Self> {
        let mut order: Vec<(i64, CustomerId)> = identities.since.iter().map(|(&id, &since)| (since, id)).collect();
        order.sort_unstable();
        let number: FxHashMap<CustomerId, u32> = order.iter().map(|&(_, id)| id).zip(0..).collect();
        let mut customer_of = vec![NOBODY; records];
        let mut counts = vec![0; order.len()];
        for (record, id) in identities.rows {
            counts[number[&id] as usize] += 1;
            if let Some(record) = record {
                let customer = &mut customer_of[record as usize];
                *customer = number[&id].min(*customer);
            }
        }
        let (since, ids) = order.into_iter().unzip();
        Ok(Self { ids, since, records: counts, customer_of, aliases: read_aliases(aliases)? })
    }

    /// Counts shared records of clusters and previous customers; sorted by cluster, then customer.
    pub(super) fn overlaps(&self, partition: &Partition) -> Vec<Overlap> {
        let pairs = partition.cluster_of.iter().zip(&self.customer_of).filter(|&(_, &customer)| customer != NOBODY);
        let mut pairs: Vec<(u32, u32)> = pairs.map(|(&cluster, &customer)| (cluster, customer)).collect();
        pairs.sort_unstable();
        let runs = pairs.chunk_by(|left, right| left == right);
        runs.map(|run| Overlap { cluster: run[0].0, customer: run[0].1, records: run.len() as u32 }).collect()
    }

    /// Gives every cluster its id; `run` is the run in which fresh ids are created.
    pub(super) fn assign(&self, overlaps: &[Overlap], partition: &Partition, records: &Records, run: i64) -> Customers {
        let mut claims: Vec<&Overlap> = overlaps.iter().collect();
        claims.sort_unstable_by_key(|claim| (Reverse(claim.records), claim.customer, claim.cluster));
        let mut continues = vec![NOBODY; partition.first.len()];
        let mut taken = vec![false; self.ids.len()];
        for claim in claims {
            let (cluster, customer) = (claim.cluster as usize, claim.customer as usize);
            if continues[cluster] == NOBODY && !taken[customer] {
                continues[cluster] = claim.customer;
                taken[customer] = true;
            }
        }
        let returning = self.returning(&continues, partition, records);
        // The smallest record's is the last to be told of a cluster.
        let own: FxHashMap<u32, CustomerId> = returning.iter().rev().map(|&(id, cluster)| (cluster, id)).collect();
        let mut used = self.used();
        let mut fresh = |record: u32| {
            let record_id = records.id(record);
            let mut attempts = (0..).map(|attempt| CustomerId::of(record_id, attempt));
            attempts.find(|&id| used.insert(id)).expect("the attempts never end")
        };
        let clusters = (0..).zip(&continues).zip(&partition.first);
        let (ids, since) = clusters
            .map(|((cluster, &customer), &record)| match self.ids.get(customer as usize) {
                Some(&id) => (id, self.since[customer as usize]),
                None => (own.get(&cluster).copied().unwrap_or_else(|| fresh(record)), run),
            })
            .unzip();
        Customers { ids, since, continues, returning }
    }

    /// Per record that gave its name to an id that nobody bears: the id and the record's cluster, if it parts from the
    /// customer to whom the id led, or was gone and is there again.
    fn returning(&self, continues: &[u32], partition: &Partition, records: &Records) -> Vec<(CustomerId, u32)> {
        if self.aliases.is_empty() {
            return Vec::new();
        }
        let leads: FxHashMap<CustomerId, Option<CustomerId>> = self.aliases.iter().copied().collect();
        let parting = (0..).zip(partition.cluster_of.iter().zip(&self.customer_of));
        let parting =
            parting.filter(|&(_, (&cluster, &customer))| customer == NOBODY || continues[cluster as usize] != customer);
        let returns = |(record, (&cluster, &customer)): (u32, (&u32, &u32))| {
            let id = CustomerId::of(records.id(record), 0);
            (leads.get(&id)? == &self.ids.get(customer as usize).copied()).then_some((id, cluster))
        };
        parting.filter_map(returns).collect()
    }

    /// Every id that a customer has or had.
    fn used(&self) -> FxHashSet<CustomerId> {
        let aliases = self.aliases.iter().flat_map(|&(old, id)| [Some(old), id]).flatten();
        self.ids.iter().copied().chain(aliases).collect()
    }
}

fn read_aliases(batches: &[RecordBatch]) -> Result<Vec<(CustomerId, Option<CustomerId>)>> {
    let table = "previous aliases";
    let old = Text::columns(batches, table, "old_customer_id")?;
    let current = Text::columns(batches, table, "customer_id")?;
    let rows = old.iter().zip(&current).flat_map(|(old, current)| (0..old.len()).map(move |row| (old, current, row)));
    rows.map(|(old, current, row)| {
        let old = customer_id(old.require(row, 0, table, "old_customer_id")?)?;
        Ok((old, current.get(row).map(customer_id).transpose()?))
    })
    .collect()
}

fn customer_id(text: &str) -> Result<CustomerId> {
    text.parse().map_err(|cause| {
        Error::new(Kind::Corrupt, "the previous run holds a customer id that Onefold did not make").source(Box::<
            dyn std::error::Error + Send + Sync,
        >::from(
            cause
        ))
    })
}
