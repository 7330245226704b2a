//! Clusters out of match weights: records are put together while the evidence for it, summed over all pairs between two
//! groups, outweighs the evidence against it (greedy additive edge contraction for correlation clustering; Bansal, Blum
//! and Chawla 2004; Keuper et al. 2015), by mean weight, best groups first.

use super::parallel;
use crate::identity::union_find::UnionFind;

/// A pair of records and its match weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Edge {
    pub(crate) left: u32,
    pub(crate) right: u32,
    pub(crate) weight: f32,
}

/// How to cluster.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    /// Weights below it speak against a match.
    pub(crate) threshold: f32,
    /// No pair speaks louder than this.
    pub(crate) weight_max: f32,
    /// Groups larger than this are cut at a higher threshold first.
    pub(crate) component_max: usize,
    /// Threads to work on.
    pub(crate) threads: usize,
}

/// Per record: its cluster, named by its smallest record.
pub(crate) fn cluster(
    records: usize,
    edges: &[Edge],
    settings: &Settings,
    score: &(impl Fn(u32, u32) -> f32 + Sync),
) -> Vec<u32> {
    let all: Vec<u32> = (0..records as u32).collect();
    let mut components = Vec::new();
    split(&all, edges, settings.threshold, settings, &mut components);
    let clustered = parallel::map(settings.threads, components.len(), 64, |range| {
        components[range].iter().flat_map(|component| contract(component, settings, score)).collect::<Vec<_>>()
    });
    let mut cluster_of = all;
    for (record, cluster) in clustered.into_iter().flatten() {
        cluster_of[record as usize] = cluster;
    }
    cluster_of
}

/// Finds the groups of records that edges above the threshold hold together, and parts of them where they are too large.
fn split(members: &[u32], edges: &[Edge], threshold: f32, settings: &Settings, components: &mut Vec<Vec<u32>>) {
    let mut sets = UnionFind::new(members.len());
    let local = |record: u32| members.binary_search(&record).ok().map(|at| at as u32);
    for edge in edges.iter().filter(|edge| edge.weight > threshold) {
        if let (Some(left), Some(right)) = (local(edge.left), local(edge.right)) {
            let roots = (sets.find(left), sets.find(right));
            if roots.0 != roots.1 {
                sets.union(roots.0, roots.1);
            }
        }
    }
    let mut by_root: Vec<(u32, u32)> = (0..members.len() as u32).map(|at| (sets.find(at), at)).collect();
    by_root.sort_unstable();
    for component in by_root.chunk_by(|one, other| one.0 == other.0).filter(|component| component.len() > 1) {
        let inside: Vec<u32> = component.iter().map(|&(_, at)| members[at as usize]).collect();
        if inside.len() > settings.component_max {
            let holds = |record: u32| inside.binary_search(&record).is_ok();
            let within: Vec<Edge> =
                edges.iter().filter(|edge| holds(edge.left) && holds(edge.right)).copied().collect();
            split(&inside, &within, threshold + 1.0, settings, components);
        } else {
            components.push(inside);
        }
    }
}

/// The members of a component with their clusters.
fn contract(members: &[u32], settings: &Settings, score: &impl Fn(u32, u32) -> f32) -> Vec<(u32, u32)> {
    let count = members.len();
    // In fixed point, so that sums do not depend on their order.
    let fixed =
        |weight: f32| ((weight - settings.threshold).clamp(-settings.weight_max, settings.weight_max) * 1024.0) as i64;
    let mut sums = vec![0i64; count * count];
    for left in 0..count {
        for right in left + 1..count {
            let weight = fixed(score(members[left], members[right]));
            sums[left * count + right] = weight;
            sums[right * count + left] = weight;
        }
    }
    let mut size = vec![1i64; count];
    let mut root: Vec<usize> = (0..count).collect();
    let mut alive: Vec<usize> = (0..count).collect();
    loop {
        let mut best = (0i64, 0, 0);
        for (at, &left) in alive.iter().enumerate() {
            for &right in &alive[at + 1..] {
                let mean = sums[left * count + right] * 64 / (size[left] * size[right]);
                if mean > best.0 {
                    best = (mean, left, right);
                }
            }
        }
        let (mean, left, right) = best;
        if mean <= 0 {
            break;
        }
        for &other in &alive {
            if other != left && other != right {
                let sum = sums[left * count + other] + sums[right * count + other];
                sums[left * count + other] = sum;
                sums[other * count + left] = sum;
            }
        }
        size[left] += size[right];
        alive.retain(|&one| one != right);
        for one in &mut root {
            if *one == right {
                *one = left;
            }
        }
    }
    members.iter().zip(root).map(|(&member, root)| (member, members[root])).collect()
}
