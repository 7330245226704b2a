//! Puts records together, strongest evidence first, and keeps apart what must not meet.
//!
//! Every tier of matching ends here: a tier offers links in its order of strength, and a link that an obstacle forbids
//! is refused and reported. So a chain between two people who must stay apart is cut at its weakest link: the last one
//! in the order of strength, and among equals the last one in the order of values.

use super::kinds::{Evidence, KindIndex, OVERRIDE};
use super::union_find::UnionFind;
use super::veto::{Guard, Obstacle, UNLINK};

/// Evidence that put two clusters together. All edges are a spanning forest: they say why records are together, with no
/// edge too many.
#[derive(Clone, Copy)]
pub(super) struct Edge {
    pub(super) left: u32,
    pub(super) right: u32,
    pub(super) kind: KindIndex,
    /// How sure it makes us, 0 to 1.
    pub(super) weight: f64,
}

/// Evidence that was not followed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Refusal {
    pub(super) left: u32,
    pub(super) right: u32,
    pub(super) kind: KindIndex,
    pub(super) obstacle: Obstacle,
}

/// Clusters in the making.
pub(super) struct Clusters {
    sets: UnionFind,
    guard: Guard,
    edges: Vec<Edge>,
    refusals: Vec<Refusal>,
    /// Per record.
    evidence: Vec<Evidence>,
}

/// What became of the records.
pub(super) struct Partition {
    /// Per record: its cluster. Clusters are numbered in the order of their smallest records.
    pub(super) cluster_of: Vec<u32>,
    /// Per cluster: its smallest record.
    pub(super) first: Vec<u32>,
    /// Sorted by left and right record.
    pub(super) edges: Vec<Edge>,
    /// Sorted; only those whose records did not come together in another way.
    pub(super) refusals: Vec<Refusal>,
    /// Per record: the kinds of identifier that it shares with others of its cluster.
    pub(super) evidence: Vec<Evidence>,
}

impl Clusters {
    /// Every record alone.
    pub(super) fn new(records: usize, guard: Guard) -> Self {
        let evidence = vec![Evidence::default(); records];
        Self { sets: UnionFind::new(records), guard, edges: Vec::new(), refusals: Vec::new(), evidence }
    }

    /// Follows a person's `unlink`; comes before every link.
    pub(super) fn unlink(&mut self, left: u32, right: u32) {
        self.guard.unlink(left, right);
    }

    /// Follows a person's `link`: it overrules vetoes, but not an `unlink`.
    pub(super) fn force(&mut self, left: u32, right: u32) {
        let roots = (self.sets.find(left), self.sets.find(right));
        if self.guard.unlinked(&mut self.sets, roots.0, roots.1) {
            self.refuse(left, right, OVERRIDE, UNLINK);
        } else {
            self.union(left, right, OVERRIDE, 1.0);
        }
    }

    /// Offers a link between two records; gives the obstacle if there is one.
    pub(super) fn link(&mut self, left: u32, right: u32, kind: KindIndex, weight: f64) -> Option<Obstacle> {
        let roots = (self.sets.find(left), self.sets.find(right));
        if roots.0 == roots.1 {
            return None;
        }
        let obstacle = self.guard.obstacle(&mut self.sets, roots.0, roots.1);
        if obstacle.is_none() {
            self.union(left, right, kind, weight);
        }
        obstacle
    }

    /// Offers a link, and reports it if there is an obstacle; says whether it was followed.
    pub(super) fn offer(&mut self, left: u32, right: u32, kind: KindIndex, weight: f64) -> bool {
        let obstacle = self.link(left, right, kind, weight);
        if let Some(obstacle) = obstacle {
            self.refuse(left, right, kind, obstacle);
        }
        obstacle.is_none()
    }

    /// The record that stands for the cluster of this one, for as long as nothing is linked.
    pub(super) fn root(&mut self, record: u32) -> u32 {
        self.sets.find(record)
    }

    /// What stands between two roots, if anything.
    pub(super) fn obstacle(&mut self, left: u32, right: u32) -> Option<Obstacle> {
        self.guard.obstacle(&mut self.sets, left, right)
    }

    /// Offers to put all records of a block together; `members` are different and in order. Says whether there were
    /// obstacles among them.
    pub(super) fn join(&mut self, members: &[u32], kind: KindIndex, weight: f64) -> bool {
        let roots: Vec<u32> = members.iter().map(|&member| self.sets.find(member)).collect();
        if self.guard.contested(&roots) {
            let refused = self.join_contested(members, &roots, kind, weight);
            self.note_shared(members, kind);
            return refused;
        }
        for &member in &members[1..] {
            self.union(members[0], member, kind, weight);
        }
        for &member in members {
            self.evidence[member as usize].add(kind);
        }
        false
    }

    /// Notes what each of the members shares with others of its cluster; not all came together.
    fn note_shared(&mut self, members: &[u32], kind: KindIndex) {
        let mut placed: Vec<(u32, u32)> = members.iter().map(|&member| (self.sets.find(member), member)).collect();
        placed.sort_unstable();
        for together in placed.chunk_by(|one, other| one.0 == other.0).filter(|together| together.len() > 1) {
            for &(_, member) in together {
                self.evidence[member as usize].add(kind);
            }
        }
    }

    /// A block in which people differ. First come those who have a value in each contested veto column: each joins the
    /// first group that nothing forbids, or founds one. Then come the others: one that fits a single group joins it; one
    /// that could be any of several people's goes to none of them, because a value that different people share does not
    /// say whose it is. Those left over stay together as the customer of the value.
    fn join_contested(&mut self, members: &[u32], roots: &[u32], kind: KindIndex, weight: f64) -> bool {
        let columns = self.guard.contested_columns(roots);
        let decided = |guard: &Guard, root: u32| columns.iter().all(|&column| guard.has_value(root, column));
        let (sure, unsure): (Vec<_>, Vec<_>) =
            members.iter().zip(roots).partition(|&(_, &root)| decided(&self.guard, root));
        let refusals = self.refusals.len();
        let mut groups: Vec<u32> = Vec::new();
        for (&member, _) in sure {
            self.settle(&mut groups, member, kind, weight);
        }
        let mut leftover: Vec<u32> = Vec::new();
        for (&member, _) in unsure {
            let fitting: Vec<u32> = groups.iter().copied().filter(|&group| self.fits(group, member)).collect();
            match fitting[..] {
                [] => self.settle(&mut leftover, member, kind, weight),
                [group] => {
                    self.link(group, member, kind, weight);
                }
                [first, ..] => {
                    self.refuse(first, member, kind, columns[0]);
                    self.settle(&mut leftover, member, kind, weight);
                }
            }
        }
        self.refusals.len() > refusals
    }

    /// Links `member` to the first group that nothing forbids, or founds a new group.
    fn settle(&mut self, groups: &mut Vec<u32>, member: u32, kind: KindIndex, weight: f64) {
        let mut refused = None;
        for &group in groups.iter() {
            match self.link(group, member, kind, weight) {
                None => return,
                Some(obstacle) => refused = refused.or(Some((group, obstacle))),
            }
        }
        if let Some((group, obstacle)) = refused {
            self.refuse(group, member, kind, obstacle);
        }
        groups.push(member);
    }

    fn fits(&mut self, left: u32, right: u32) -> bool {
        let roots = (self.sets.find(left), self.sets.find(right));
        roots.0 == roots.1 || self.guard.obstacle(&mut self.sets, roots.0, roots.1).is_none()
    }

    fn union(&mut self, left: u32, right: u32, kind: KindIndex, weight: f64) {
        let roots = (self.sets.find(left), self.sets.find(right));
        if roots.0 != roots.1 {
            let (stays, goes) = self.sets.union(roots.0, roots.1);
            self.guard.merge(stays, goes);
            self.edges.push(Edge { left: left.min(right), right: left.max(right), kind, weight });
        }
    }

    fn refuse(&mut self, left: u32, right: u32, kind: KindIndex, obstacle: Obstacle) {
        self.refusals.push(Refusal { left: left.min(right), right: left.max(right), kind, obstacle });
    }

    /// Numbers the clusters and sorts what is known about them.
    pub(super) fn finish(mut self) -> Partition {
        let records = self.sets.len();
        let mut number_of_root = vec![u32::MAX; records];
        let mut cluster_of = Vec::with_capacity(records);
        let mut first = Vec::new();
        for record in 0..records as u32 {
            let root = self.sets.find(record) as usize;
            if number_of_root[root] == u32::MAX {
                number_of_root[root] = first.len() as u32;
                first.push(record);
            }
            cluster_of.push(number_of_root[root]);
        }
        self.edges.sort_unstable_by_key(|edge| (edge.left, edge.right));
        self.refusals.retain(|refusal| cluster_of[refusal.left as usize] != cluster_of[refusal.right as usize]);
        self.refusals.sort_unstable();
        self.refusals.dedup();
        Partition { cluster_of, first, edges: self.edges, refusals: self.refusals, evidence: self.evidence }
    }
}

impl Partition {
    /// Per cluster: how many records it has.
    pub(super) fn sizes(&self) -> Vec<i64> {
        let mut sizes = vec![0; self.first.len()];
        for &cluster in &self.cluster_of {
            sizes[cluster as usize] += 1;
        }
        sizes
    }
}
