//! Groups of records become customers, and what the model thinks of them.

use std::collections::BTreeMap;

use super::cluster::{self, Edge, Settings};
use super::constraints::Constraints;
use super::table::Table;
use super::{Linkage, probability};
use crate::identity::CustomerId;
use crate::parallel;

/// Which records are one customer's, and what holds them together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Customers {
    /// Per record: its cluster, named by its smallest record.
    pub(crate) cluster_of: Vec<u32>,
    /// Per record: the weight of its strongest link to another record of its cluster, or of one that is alone, to any record
    /// whose it may be; −∞ if there is none.
    pub(crate) strongest: Vec<f32>,
    /// Per record: how probable its links to later records of its cluster are, all in all, in [`FIXED`]ths.
    pub(crate) right: Vec<u64>,
}

/// Sums in fixed point do not depend on their order.
const FIXED: f64 = (1 << 20) as f64;

impl Customers {
    /// Clusters so many records, of which some pairs are weighed already.
    pub(crate) fn of(
        records: usize,
        edges: &[Edge],
        settings: &Settings,
        constraints: &Constraints<'_>,
        weight: &(impl Fn(u32, u32) -> f32 + Sync),
    ) -> Self {
        let cluster_of = cluster::cluster(records, edges, settings, constraints, weight);
        // What people decided is beyond doubt.
        let weight = |left: u32, right: u32| {
            if constraints.decided_together(left, right) { f32::INFINITY } else { weight(left, right) }
        };
        let mut sorted: Vec<(u32, u32)> = cluster_of.iter().copied().zip(0..).collect();
        sorted.sort_unstable();
        let groups: Vec<&[(u32, u32)]> =
            sorted.chunk_by(|one, other| one.0 == other.0).filter(|group| group.len() > 1).collect();
        let bonds = parallel::map(settings.threads, groups.len(), 256, |range| {
            let mut bonds: Vec<(u32, f32, u64)> = Vec::new();
            for group in &groups[range] {
                let start = bonds.len();
                bonds.extend(group.iter().map(|&(_, record)| (record, f32::NEG_INFINITY, 0)));
                let own = &mut bonds[start..];
                for left in 0..own.len() {
                    for right in left + 1..own.len() {
                        let weight = weight(own[left].0, own[right].0);
                        own[left].2 += (probability(weight) * FIXED) as u64;
                        for at in [left, right] {
                            own[at].1 = own[at].1.max(weight);
                        }
                    }
                }
            }
            bonds
        });
        let mut strongest = vec![f32::NEG_INFINITY; records];
        let mut right = vec![0; records];
        for edge in edges.iter().filter(|edge| !constraints.apart(edge.left, edge.right)) {
            for record in [edge.left, edge.right].map(|record| record as usize) {
                strongest[record] = edge.weight.max(strongest[record]);
            }
        }
        // Who is not alone is as sure as what holds him in his group.
        for (record, own, own_right) in bonds.into_iter().flatten() {
            strongest[record as usize] = own;
            right[record as usize] = own_right;
        }
        Self { cluster_of, strongest, right }
    }

    /// The customers under the ids of the input's rows, with what the model, which expects so many matches, thinks of them.
    pub(crate) fn told(&self, table: &Table, matches: Option<f64>, threads: usize) -> Linkage {
        let records = self.cluster_of.len();
        let mut sizes = vec![0_u32; records];
        self.cluster_of.iter().for_each(|&cluster| sizes[cluster as usize] += 1);
        // A cluster is named by its smallest record, and its customer after that.
        let mut ids = vec![CustomerId::of("", 0); records];
        parallel::fill(threads, &mut ids, 16_384, |start, ids| {
            let named = ids.iter_mut().zip(start..).filter(|&(_, record)| sizes[record] > 0);
            named.for_each(|(id, record)| *id = CustomerId::of(table.id(record), 0));
        });
        let right = self.right.iter().sum::<u64>() as f64 / FIXED;
        let pairs: u64 = sizes.iter().map(|&size| u64::from(size)).map(|size| size * size.saturating_sub(1) / 2).sum();
        let matches = matches.filter(|&matches| matches > 0.0);
        let mut told = Linkage {
            customer_ids: vec![CustomerId::of("", 0); records],
            confidences: vec![1.0; records],
            customers: sizes.iter().filter(|&&size| size > 0).count(),
            sizes: count(&sizes),
            expected_precision: (pairs > 0).then(|| right / pairs as f64),
            expected_recall: matches.map(|matches| (right / matches).min(1.0)),
            ..Linkage::default()
        };
        for (record, &row) in table.order.iter().enumerate() {
            let cluster = self.cluster_of[record] as usize;
            told.customer_ids[row as usize] = ids[cluster];
            let linked = probability(self.strongest[record]);
            told.confidences[row as usize] = if sizes[cluster] > 1 { linked } else { 1.0 - linked };
        }
        told
    }
}

/// How often each size but 0 occurs.
fn count(sizes: &[u32]) -> BTreeMap<usize, usize> {
    let mut counts = BTreeMap::new();
    for &size in sizes.iter().filter(|&&size| size > 0) {
        *counts.entry(size as usize).or_default() += 1;
    }
    counts
}
