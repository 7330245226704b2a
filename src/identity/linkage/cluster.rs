//! Clusters out of match weights: records are put together while the evidence for it, summed over all pairs between two
//! groups, outweighs the evidence against it (greedy additive edge contraction for correlation clustering; Bansal, Blum
//! and Chawla 2004; Keuper et al. 2015), by mean weight, best groups first.

use super::constraints::Constraints;
use crate::identity::union_find::UnionFind;
use crate::parallel;

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

/// Groups that a record could belong to are as likely within so much, in 1024ths of a bit.
const TIE: i64 = 512;

/// No weight that was learnt is higher.
const THRESHOLD_MAX: f32 = 1000.0;

/// Per record: its cluster, named by its smallest record.
pub(crate) fn cluster(
    records: usize,
    edges: &[Edge],
    settings: &Settings,
    constraints: &Constraints<'_>,
    score: &(impl Fn(u32, u32) -> f32 + Sync),
) -> Vec<u32> {
    let all: Vec<u32> = (0..records as u32).collect();
    let mut components = Vec::new();
    let decided = constraints.together().iter().map(|&(left, right)| Edge { left, right, weight: f32::INFINITY });
    let edges: Vec<Edge> = edges.iter().copied().chain(decided).collect();
    split(&all, &edges, settings.threshold, settings, &mut components);
    let clustered = parallel::map(settings.threads, components.len(), 64, |range| {
        let of = |component: &Vec<u32>| Contraction::new(component, settings, constraints, score).run();
        components[range].iter().flat_map(of).collect::<Vec<_>>()
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
    let local = |record: u32| {
        // Where all records are members, each is at its own place.
        let is_there = members.get(record as usize) == Some(&record);
        if is_there { Some(record) } else { members.binary_search(&record).ok().map(|at| at as u32) }
    };
    for edge in edges.iter().filter(|edge| edge.weight > threshold) {
        if let (Some(left), Some(right)) = (local(edge.left), local(edge.right)) {
            sets.join(left, right);
        }
    }
    let mut by_root: Vec<(u32, u32)> = (0..members.len() as u32).map(|at| (sets.find(at), at)).collect();
    by_root.sort_unstable();
    for component in by_root.chunk_by(|one, other| one.0 == other.0).filter(|component| component.len() > 1) {
        let inside: Vec<u32> = component.iter().map(|&(_, at)| members[at as usize]).collect();
        // What people decided cannot be cut.
        if inside.len() > settings.component_max && threshold < THRESHOLD_MAX {
            let holds = |record: u32| inside.binary_search(&record).is_ok();
            let within: Vec<Edge> =
                edges.iter().filter(|edge| holds(edge.left) && holds(edge.right)).copied().collect();
            split(&inside, &within, threshold + 1.0, settings, components);
        } else {
            components.push(inside);
        }
    }
}

/// The groups of a component, put together two by two.
struct Contraction<'a> {
    members: &'a [u32],
    /// Per pair of groups, by their places: the sum of the weights between them, in fixed point, so that it does not depend
    /// on their order; none for groups that stay apart.
    sums: Vec<Option<i64>>,
    /// Per pair of groups: whether they must not meet; others stay apart because nobody can tell whose a record is, which says
    /// nothing of a third one.
    apart: Vec<bool>,
    /// Per group: how many records it has.
    size: Vec<i64>,
    /// Per record: its group, which is the place of one of its records.
    root: Vec<usize>,
    /// Groups that there still are.
    alive: Vec<usize>,
}

impl<'a> Contraction<'a> {
    fn new(
        members: &'a [u32],
        settings: &Settings,
        constraints: &Constraints<'_>,
        score: &impl Fn(u32, u32) -> f32,
    ) -> Self {
        let count = members.len();
        let fixed = |weight: f32| {
            ((weight - settings.threshold).clamp(-settings.weight_max, settings.weight_max) * 1024.0) as i64
        };
        let (mut sums, mut must_not_meet) = (vec![Some(0); count * count], vec![false; count * count]);
        for left in 0..count {
            for right in left + 1..count {
                let (one, other) = (members[left], members[right]);
                let weight = score(one, other);
                let apart = constraints.apart(one, other) || weight <= 0.0 && constraints.contradict(one, other);
                let sum = (!apart).then(|| fixed(weight));
                sums[left * count + right] = sum;
                sums[right * count + left] = sum;
                must_not_meet[left * count + right] = apart;
                must_not_meet[right * count + left] = apart;
            }
        }
        let places: Vec<usize> = (0..count).collect();
        let (apart, size) = (must_not_meet, vec![1; count]);
        let mut contraction = Self { members, sums, apart, size, root: places.clone(), alive: places };
        let place = |record: u32| members.binary_search(&record).ok();
        for &(left, right) in constraints.together() {
            if let (Some(left), Some(right)) = (place(left), place(right)) {
                let (left, right) = (contraction.root[left], contraction.root[right]);
                if left != right {
                    contraction.join(left.min(right), left.max(right));
                }
            }
        }
        contraction
    }

    /// The members with their clusters.
    fn run(mut self) -> Vec<(u32, u32)> {
        while let Some((left, right)) = self.best() {
            let doubtful = [(left, right), (right, left)].map(|(one, other)| (one, self.rivals(one, other)));
            match doubtful.into_iter().find(|(_, rivals)| rivals.len() > 1) {
                None => self.join(left, right),
                Some((one, rivals)) => rivals.into_iter().for_each(|rival| self.keep_apart(one, rival)),
            }
        }
        self.members.iter().zip(self.root).map(|(&member, root)| (member, self.members[root])).collect()
    }

    /// The two groups with the greatest mean weight above the threshold.
    fn best(&self) -> Option<(usize, usize)> {
        let mut best = (0, None);
        for (at, &left) in self.alive.iter().enumerate() {
            for &right in &self.alive[at + 1..] {
                if let Some(sum) = self.sums[left * self.members.len() + right] {
                    let mean = sum * 64 / (self.size[left] * self.size[right]);
                    if mean > best.0 {
                        best = (mean, Some((left, right)));
                    }
                }
            }
        }
        best.1
    }

    /// The groups to which a group belongs as well as to `own`, which must not meet it, and `own` itself. Where there are
    /// two, nobody can tell whose it is, and it stays apart from all.
    fn rivals(&self, doubtful: usize, own: usize) -> Vec<usize> {
        let count = self.members.len();
        let mean = |one: usize, other: usize| {
            self.sums[one * count + other].map(|sum| sum / (self.size[one] * self.size[other]))
        };
        let best = mean(doubtful, own).unwrap_or_default();
        let is_rival = |third: usize| {
            third != doubtful
                && self.apart[own * count + third]
                && mean(doubtful, third).is_some_and(|mean| mean > 0 && mean + TIE >= best)
        };
        self.alive.iter().copied().filter(|&third| third == own || is_rival(third)).collect()
    }

    /// Forbids two groups to meet.
    fn keep_apart(&mut self, one: usize, other: usize) {
        let count = self.members.len();
        self.sums[one * count + other] = None;
        self.sums[other * count + one] = None;
    }

    fn join(&mut self, left: usize, right: usize) {
        let count = self.members.len();
        for &other in self.alive.iter().filter(|&&other| other != left && other != right) {
            let both = self.sums[left * count + other].zip(self.sums[right * count + other]);
            let sum = both.map(|(one, other)| one + other);
            self.sums[left * count + other] = sum;
            self.sums[other * count + left] = sum;
            let apart = self.apart[left * count + other] || self.apart[right * count + other];
            self.apart[left * count + other] = apart;
            self.apart[other * count + left] = apart;
        }
        self.size[left] += self.size[right];
        self.alive.retain(|&one| one != right);
        self.root.iter_mut().filter(|root| **root == right).for_each(|root| *root = left);
    }
}
