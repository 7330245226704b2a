//! The customers that hang by a thread: those whose records are held together by the weakest link.

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use serde::Serialize;

use super::super::cluster::Edge;
use super::super::explain::{Waterfall, explain};
use super::super::score;
use super::Linked;
use crate::parallel;

/// A customer of several records, and the link without which it would be two.
#[derive(Debug, Clone, Serialize)]
pub struct Doubt {
    /// The weakest link's match weight.
    pub weight: f32,
    /// The two records of the weakest link, then the others, as many as are shown.
    pub records: Vec<String>,
    /// How many more there are.
    pub more: usize,
    /// What the records say, column by column; personal values, which `--json` leaves to the report.
    #[serde(skip)]
    pub attributes: Vec<Attribute>,
    /// Why the weakest link has its weight.
    #[serde(skip)]
    pub waterfall: Waterfall,
}

/// What the records of a customer say in one column.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// The column.
    pub column: String,
    /// One value a record.
    pub values: Vec<Option<String>>,
}

/// How many customers are shown, and how many records of each.
const DOUBTS: usize = 10;
const RECORDS: usize = 6;

pub(super) fn doubts(linked: &Linked<'_>) -> Vec<Doubt> {
    let mut members: Vec<(u32, u32)> = linked.clusters.iter().copied().zip(0..).collect();
    members.sort_unstable();
    let clusters: Vec<&[(u32, u32)]> =
        members.chunk_by(|one, other| one.0 == other.0).filter(|all| all.len() > 1).collect();
    let weakest = parallel::map(linked.settings.threads, clusters.len(), 256, |range| {
        clusters[range].iter().map(|cluster| weakest(linked, cluster)).collect::<Vec<Edge>>()
    });
    let mut weakest: Vec<(Edge, &[(u32, u32)])> = weakest.into_iter().flatten().zip(clusters).collect();
    weakest.sort_by(|(one, _), (other, _)| one.weight.total_cmp(&other.weight).then(one.left.cmp(&other.left)));
    weakest.truncate(DOUBTS);
    weakest.into_iter().map(|(edge, cluster)| doubt(linked, edge, cluster)).collect()
}

/// The weakest of the links that hold a cluster together, if each record is held by its strongest (the least edge of a
/// maximum spanning tree; Prim 1957).
fn weakest(linked: &Linked<'_>, cluster: &[(u32, u32)]) -> Edge {
    let weight = |left: u32, right: u32| score::weight(linked.prepared, &linked.scored.model, left, right);
    let first = cluster[0].1;
    let link = |record: u32| Edge { left: first, right: record, weight: weight(first, record) };
    let mut outside: Vec<Edge> = cluster[1..].iter().map(|&(_, record)| link(record)).collect();
    let mut weakest = outside[0];
    weakest.weight = f32::INFINITY;
    while let Some(next) = (0..outside.len()).max_by(|&one, &other| {
        outside[one].weight.total_cmp(&outside[other].weight).then(outside[other].right.cmp(&outside[one].right))
    }) {
        let joined = outside.swap_remove(next);
        if joined.weight < weakest.weight {
            weakest = joined;
        }
        for edge in &mut outside {
            let (left, right) = (joined.right, edge.right);
            let weight = weight(left.min(right), left.max(right));
            if weight > edge.weight {
                *edge = Edge { left, right, weight };
            }
        }
    }
    Edge { left: weakest.left.min(weakest.right), right: weakest.left.max(weakest.right), ..weakest }
}

fn doubt(linked: &Linked<'_>, edge: Edge, cluster: &[(u32, u32)]) -> Doubt {
    let others = cluster.iter().map(|&(_, record)| record).filter(|record| ![edge.left, edge.right].contains(record));
    let shown: Vec<u32> = [edge.left, edge.right].into_iter().chain(others).take(RECORDS).collect();
    let of = |column: &super::super::table::TextColumn| Attribute {
        column: column.name.clone(),
        values: shown.iter().map(|&record| column.text(record as usize).map(str::to_owned)).collect(),
    };
    let attributes = linked.table.columns.iter().map(of).filter(|row| row.values.iter().any(Option::is_some));
    Doubt {
        weight: edge.weight,
        records: shown.iter().map(|&record| linked.table.id(record as usize).to_owned()).collect(),
        more: cluster.len() - shown.len(),
        attributes: source(linked, &shown).into_iter().chain(attributes).collect(),
        waterfall: explain(linked.prepared, &linked.scored.model, edge.left, edge.right),
    }
}

/// Where the records are from, which the linkage itself does not look at.
fn source(linked: &Linked<'_>, shown: &[u32]) -> Option<Attribute> {
    let sources = cast(linked.records.column_by_name("source")?, &DataType::Utf8).ok()?;
    let sources = sources.as_string::<i32>();
    let value = |&record: &u32| {
        let row = linked.table.order[record as usize] as usize;
        sources.is_valid(row).then(|| sources.value(row).to_owned())
    };
    Some(Attribute { column: "source".to_owned(), values: shown.iter().map(value).collect() })
}
