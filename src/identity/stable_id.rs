//! Gives every cluster a customer id that stays the same from run to run.
//!
//! A cluster takes the id that most of its records had; between equal claims the older id wins, then the smaller one,
//! then the cluster with the smaller record. Each id goes to one cluster at most. A cluster that gets none takes back an id
//! that its records bore before they came to the customer from whom they part, and that leads there: who was put together
//! by mistake is afterwards who he was before. So does a record that was gone and is there again, with the last id that it
//! named. Else the cluster takes a fresh id, which no customer has ever had.

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
    /// Per present record that was once another customer's: whose, the last first.
    former: FxHashMap<u32, Vec<CustomerId>>,
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
    /// Former ids and the clusters of the records that bore them, where these part from the customer to whom the ids led, or
    /// are there again.
    pub(super) returning: Vec<(CustomerId, u32)>,
    /// Per record that was once another customer's: whose, the last first.
    pub(super) former: FxHashMap<u32, Vec<CustomerId>>,
}

/// So many former customers of a record are remembered.
const FORMER_MAX: usize = 4;

/// The identities of the previous run while they arrive.
#[derive(Default)]
pub(super) struct Identities {
    /// Per row: the present record, if it is still there, and its customer.
    rows: Vec<(Option<u32>, CustomerId)>,
    /// Per present record that was once another customer's: whose, the last first.
    former: FxHashMap<u32, Vec<CustomerId>>,
    /// When each customer was created.
    since: FxHashMap<CustomerId, i64>,
}

impl Identities {
    /// Adds rows of `record_id`, `customer_id`, and `since` and `former_customer_ids` if they have them.
    ///
    /// # Errors
    /// `Config` if a column is missing, `Corrupt` if a customer id is not one of ours.
    pub(super) fn add(&mut self, batches: &[RecordBatch], records: &Records) -> Result<()> {
        let (table, name) = ("previous identities", "customer_id");
        let record_ids = Text::columns(batches, table, "record_id")?;
        let customer_ids = Text::columns(batches, table, name)?;
        let since = integers(batches, table, "since")?;
        let former = Text::columns_if_any(batches, table, "former_customer_ids")?;
        let mut next = 0;
        for (batch, customers) in customer_ids.iter().enumerate() {
            for row in 0..customers.len() {
                let id = customer_id(customers.require(row, self.rows.len() - row, table, name)?)?;
                let since =
                    since[batch].as_ref().filter(|since| since.is_valid(row)).map_or(0, |since| since.value(row));
                self.since.entry(id).and_modify(|known| *known = since.min(*known)).or_insert(since);
                let record = record_ids[batch].get(row).and_then(|record| records.find_next(record, &mut next));
                let former = former[batch].as_ref().and_then(|former| former.get(row));
                if let (Some(record), Some(former)) = (record, former) {
                    let ids: Vec<CustomerId> = former.split(' ').map(customer_id).collect::<Result<_>>()?;
                    self.former.insert(record, ids);
                }
                self.rows.push((record, id));
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
        let (former, aliases) = (identities.former, read_aliases(aliases)?);
        Ok(Self { ids, since, records: counts, customer_of, former, aliases })
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
        let mut own: FxHashMap<u32, CustomerId> = FxHashMap::default();
        for &(id, cluster) in &returning {
            own.entry(cluster).or_insert(id);
        }
        let mut used = self.used();
        let mut fresh = |record: u32| {
            CustomerId::named_by(records.id(record)).find(|&id| used.insert(id)).expect("the attempts never end")
        };
        let clusters = (0..).zip(&continues).zip(&partition.first);
        let (ids, since) = clusters
            .map(|((cluster, &customer), &record)| match self.ids.get(customer as usize) {
                Some(&id) => (id, self.since[customer as usize]),
                None => (own.get(&cluster).copied().unwrap_or_else(|| fresh(record)), run),
            })
            .unzip();
        let ids: Vec<CustomerId> = ids;
        let former = self.former_of(&ids, partition);
        Customers { ids, since, continues, returning, former }
    }

    /// The former ids that return, each with the cluster that has the best claim to it, in the order in which clusters may
    /// take them: those that were borne last, then with the record that the id is named by, then with most bearers.
    fn returning(&self, continues: &[u32], partition: &Partition, records: &Records) -> Vec<(CustomerId, u32)> {
        if self.aliases.is_empty() {
            return Vec::new();
        }
        let leads: FxHashMap<CustomerId, Option<CustomerId>> = self.aliases.iter().copied().collect();
        // Per id and cluster: how long ago, not by its namer, and how many bore it.
        let mut claims: FxHashMap<(CustomerId, u32), (usize, bool, u32)> = FxHashMap::default();
        let mut claim = |id: CustomerId, cluster: u32, ago: usize, record: u32| {
            let names_it = CustomerId::named_by(records.id(record)).take(FORMER_MAX).any(|named| named == id);
            let claim = claims.entry((id, cluster)).or_insert((ago, true, 0));
            *claim = (claim.0.min(ago), claim.1 && !names_it, claim.2 + 1);
        };
        let parting = (0..).zip(partition.cluster_of.iter().zip(&self.customer_of));
        for (record, (&cluster, &customer)) in parting {
            match self.ids.get(customer as usize) {
                // It was gone: the last id that it named, if that ended with its bearers.
                None => {
                    let named = CustomerId::named_by(records.id(record)).take_while(|id| leads.contains_key(id)).last();
                    if let Some(id) = named.filter(|id| leads[id].is_none()) {
                        claim(id, cluster, 0, record);
                    }
                }
                Some(&from) if continues[cluster as usize] != customer => {
                    let borne = self.former.get(&record).into_iter().flatten().enumerate();
                    for (ago, &id) in borne.filter(|(_, id)| leads.get(id) == Some(&Some(from))) {
                        claim(id, cluster, ago, record);
                    }
                }
                Some(_) => {}
            }
        }
        let mut claims: Vec<_> = claims.into_iter().collect();
        claims.sort_unstable_by_key(|&((id, cluster), (ago, is_not_named, bearers))| {
            (ago, is_not_named, Reverse(bearers), cluster, id)
        });
        let mut taken = FxHashSet::default();
        claims.into_iter().map(|(claim, _)| claim).filter(|&(id, _)| taken.insert(id)).collect()
    }

    /// Whose each record was before, now that it has these customers.
    fn former_of(&self, ids: &[CustomerId], partition: &Partition) -> FxHashMap<u32, Vec<CustomerId>> {
        let mut former = FxHashMap::default();
        for (record, (&cluster, &customer)) in (0..).zip(partition.cluster_of.iter().zip(&self.customer_of)) {
            let now = ids[cluster as usize];
            let last = self.ids.get(customer as usize).copied().filter(|&last| last != now);
            let before = self.former.get(&record).into_iter().flatten().copied();
            let mut borne: Vec<CustomerId> = Vec::new();
            for id in last.into_iter().chain(before).filter(|&id| id != now) {
                if borne.len() < FORMER_MAX && !borne.contains(&id) {
                    borne.push(id);
                }
            }
            if !borne.is_empty() {
                former.insert(record, borne);
            }
        }
        former
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
