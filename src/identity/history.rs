//! What happened to customers since the previous run, and where their old ids lead.

use std::collections::BTreeMap;

use super::customer_id::CustomerId;
use super::stable_id::{Customers, NOBODY, Overlap, Previous};

/// What happened to a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    /// A customer of whose records none was known.
    Created,
    /// The other customer became part of this one and its id leads here.
    Merged,
    /// Records of the other customer, who goes on, became this new customer.
    Split,
    /// Records went over from the other customer; both go on, or the other went for the greater part elsewhere.
    Moved,
    /// None of the customer's records is left.
    Retired,
}

impl Event {
    /// As the table `history` says it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Merged => "merged",
            Self::Split => "split",
            Self::Moved => "moved",
            Self::Retired => "retired",
        }
    }
}

/// One row of the table `history`; ordered by its key.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) customer: CustomerId,
    pub(super) other: Option<CustomerId>,
    pub(super) event: Event,
    pub(super) records: i64,
}

/// What happened, and the ids that nobody bears any more.
pub(super) struct History {
    pub(super) entries: Vec<Entry>,
    /// Old id → the id that it leads to; nothing: nobody. Sorted, cumulative.
    pub(super) aliases: BTreeMap<CustomerId, Option<CustomerId>>,
}

/// Compares this run with the previous one; `sizes` has the records of each cluster.
pub(super) fn compare(previous: &Previous, overlaps: &[Overlap], customers: &Customers, sizes: &[i64]) -> History {
    let heirs = heirs(previous, overlaps, customers);
    let mut known = vec![false; sizes.len()];
    let mut entries = Vec::new();
    for overlap in overlaps {
        let (cluster, customer) = (overlap.cluster as usize, overlap.customer);
        known[cluster] = true;
        if customers.continues[cluster] == customer {
            continue;
        }
        let event = match heirs[customer as usize] {
            Heir::Cluster(heir) if heir == overlap.cluster => Event::Merged,
            _ if customers.continues[cluster] == NOBODY => Event::Split,
            _ => Event::Moved,
        };
        let other = Some(previous.ids[customer as usize]);
        entries.push(Entry { customer: customers.ids[cluster], other, event, records: i64::from(overlap.records) });
    }
    let created = known.iter().enumerate().filter(|&(_, known)| !known).map(|(cluster, _)| cluster);
    let created = created.map(|cluster| (customers.ids[cluster], Event::Created, sizes[cluster]));
    let retired = heirs.iter().enumerate().filter(|(_, heir)| matches!(heir, Heir::Nobody));
    let retired = retired.map(|(customer, _)| (previous.ids[customer], Event::Retired, previous.records[customer]));
    entries.extend(created.chain(retired).map(|(customer, event, records)| Entry {
        customer,
        other: None,
        event,
        records,
    }));
    entries.sort_unstable();
    History { entries, aliases: aliases(previous, &heirs, customers) }
}

/// Who bears on what a previous customer stood for.
#[derive(Clone, Copy)]
enum Heir {
    /// The cluster that kept the id.
    Itself,
    /// The cluster with most of the records, the one with the smallest record among equals.
    Cluster(u32),
    /// No record is left.
    Nobody,
}

fn heirs(previous: &Previous, overlaps: &[Overlap], customers: &Customers) -> Vec<Heir> {
    let mut most = vec![0; previous.ids.len()];
    let mut heirs = vec![Heir::Nobody; previous.ids.len()];
    for overlap in overlaps {
        let customer = overlap.customer as usize;
        if customers.continues[overlap.cluster as usize] == overlap.customer {
            (heirs[customer], most[customer]) = (Heir::Itself, u32::MAX);
        } else if overlap.records > most[customer] {
            (heirs[customer], most[customer]) = (Heir::Cluster(overlap.cluster), overlap.records);
        }
    }
    heirs
}

/// The old aliases, led on where their customers went or to those who bore them and part from that customer, and the ids
/// that ended in this run; none that somebody bears again.
fn aliases(previous: &Previous, heirs: &[Heir], customers: &Customers) -> BTreeMap<CustomerId, Option<CustomerId>> {
    let ended: BTreeMap<CustomerId, Option<CustomerId>> = previous
        .ids
        .iter()
        .zip(heirs)
        .filter_map(|(&id, heir)| match heir {
            Heir::Itself => None,
            Heir::Cluster(cluster) => Some((id, Some(customers.ids[*cluster as usize]))),
            Heir::Nobody => Some((id, None)),
        })
        .collect();
    let led_on = |id: Option<CustomerId>| id.and_then(|id| ended.get(&id).copied().unwrap_or(Some(id)));
    let returning = customers.returning.iter().map(|&(old, cluster)| (old, Some(customers.ids[cluster as usize])));
    let all = previous.aliases.iter().map(|&(old, id)| (old, led_on(id))).chain(ended.clone()).chain(returning);
    let mut aliases: BTreeMap<CustomerId, Option<CustomerId>> = all.collect();
    aliases.retain(|&old, id| *id != Some(old));
    aliases
}
