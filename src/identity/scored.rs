//! The scored tier: puts together what identifiers could not, by how alike the records are.

use super::Scoring;
use super::cluster::Clusters;
use super::comparisons::Distinct;
use super::kinds::KindIndex;
use super::linkage::diagnose::Comparison;
use super::linkage::tier::{self, Tier};
use super::linkage::{Waterfall, probability};
use crate::error::Result;

/// What the scored tier leaves to tell.
#[derive(Default)]
pub(super) struct Scored {
    /// Pairs of records whose customers may be one, by record.
    pub(super) doubtful: Vec<Doubt>,
    /// What each agreement weighs.
    pub(super) weights: Vec<Comparison>,
    pub(super) fit: Fit,
    /// Why the pairs that were asked for have the match weight that they have; none if a record is not compared.
    pub(super) waterfalls: Vec<Option<Waterfall>>,
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

/// Compares records and offers links between clusters, the surest first.
///
/// # Errors
/// `Config` if a column cannot be read as text.
pub(super) fn score(
    distinct: Option<Distinct>,
    clusters: &mut Clusters,
    kind: KindIndex,
    settings: &Scoring,
) -> Result<Scored> {
    let Some(Distinct { table, records, groups, roots, asked }) = distinct else { return Ok(Scored::default()) };
    let rows = table.num_rows();
    let mut found = Tier::default();
    if rows > 1 {
        let mut apart =
            |left: u32, right: u32| clusters.obstacle(roots[left as usize], roots[right as usize]).is_some();
        let explain = asked.chunks_exact(2).map(|pair| Some([pair[0]?, pair[1]?])).collect();
        let Scoring { accept, doubt, threads } = *settings;
        let settings = tier::Settings { accept, doubt, threads, explain };
        found = tier::judge(table, &groups, &mut apart, &settings)?;
    }
    let record = |row: u32| records[row as usize];
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
        records: rows as i64,
        pairs: found.pairs as i64,
        prior: found.prior,
        matches: found.matches,
        links,
        warnings: found.warnings,
    };
    Ok(Scored { doubtful, weights: found.weights, fit, waterfalls: found.waterfalls })
}
