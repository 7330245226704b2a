//! Which groups of records, each known to be one person, are one person together: what identifiers could not tell.
//!
//! Groups are judged by the mean weight of the pairs between them, best first, as records are in `cluster`: one record
//! that happens to be like another says little if the rest of its group speaks against it.

use rustc_hash::FxHashMap;

use super::cluster::Edge;
use crate::identity::union_find::UnionFind;

/// How to judge groups; weights are match weights, with the prior in them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// Groups whose mean weight is above it are one person.
    pub(crate) accept: f32,
    /// Below that, groups whose mean weight is above it are doubtful.
    pub(crate) doubt: f32,
    /// No pair speaks louder than this.
    pub(crate) weight_max: f32,
    /// More groups than this that hang together are cut at a higher weight before they are judged.
    pub(crate) groups_max: usize,
}

/// What is proposed, each best first.
#[derive(Debug, Default)]
pub(crate) struct Proposals {
    /// Pairs of records that stand for groups which are one person. Together they join no two groups twice.
    pub(crate) links: Vec<Edge>,
    /// Pairs of records that stand for groups which may be one person.
    pub(crate) doubtful: Vec<Edge>,
}

/// Pairs between two large groups are judged by so many records of each: those that say most.
const REPRESENTATIVES: usize = 8;

/// Judges the groups that `edges` connect. `group_of` has the group of each record, numbered from 0; `filled` says in how
/// many comparisons a record has a value; `apart` whether two groups must not meet.
pub(crate) fn propose(
    group_of: &[u32],
    edges: &[Edge],
    rules: &Rules,
    filled: &dyn Fn(u32) -> usize,
    apart: &mut dyn FnMut(u32, u32) -> bool,
    score: &dyn Fn(u32, u32) -> f32,
) -> Proposals {
    let between = best_between(group_of, edges, rules.doubt);
    let mut judge = Judge { rules, members: representatives(group_of, &between, filled), apart, score, best: &between };
    let mut proposals = Proposals::default();
    let groups = group_of.iter().max().map_or(0, |&group| group as usize + 1);
    let mut merged = UnionFind::new(groups);
    let pairs: Vec<(u32, u32)> = sorted(&between);
    judge.split(&pairs, rules.accept, &mut merged, &mut proposals.links);
    judge.doubt(&pairs, &mut merged, &mut proposals.doubtful);
    let best_first = |one: &Edge, other: &Edge| {
        let ids = |edge: &Edge| (edge.left, edge.right);
        other.weight.total_cmp(&one.weight).then_with(|| ids(one).cmp(&ids(other)))
    };
    proposals.links.sort_by(best_first);
    proposals.doubtful.sort_by(best_first);
    proposals
}

/// Per pair of groups, the smaller number first: the best edge between them.
type Between = FxHashMap<(u32, u32), Edge>;

fn best_between(group_of: &[u32], edges: &[Edge], least: f32) -> Between {
    let mut between = Between::default();
    for edge in edges.iter().filter(|edge| edge.weight > least) {
        let (left, right) = (group_of[edge.left as usize], group_of[edge.right as usize]);
        if left != right {
            let best = between.entry((left.min(right), left.max(right))).or_insert(*edge);
            if (edge.weight, best.left, best.right) > (best.weight, edge.left, edge.right) {
                *best = *edge;
            }
        }
    }
    between
}

fn sorted(between: &Between) -> Vec<(u32, u32)> {
    let mut pairs: Vec<(u32, u32)> = between.keys().copied().collect();
    pairs.sort_unstable();
    pairs
}

/// Per group that is to be judged: the records that stand for it.
fn representatives(group_of: &[u32], between: &Between, filled: &dyn Fn(u32) -> usize) -> FxHashMap<u32, Vec<u32>> {
    let mut members: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    for &(left, right) in between.keys() {
        members.entry(left).or_default();
        members.entry(right).or_default();
    }
    for (record, group) in group_of.iter().enumerate() {
        if let Some(records) = members.get_mut(group) {
            records.push(record as u32);
        }
    }
    for records in members.values_mut().filter(|records| records.len() > REPRESENTATIVES) {
        records.sort_by_key(|&record| (std::cmp::Reverse(filled(record)), record));
        records.truncate(REPRESENTATIVES);
    }
    members
}

struct Judge<'a> {
    rules: &'a Rules,
    members: FxHashMap<u32, Vec<u32>>,
    apart: &'a mut dyn FnMut(u32, u32) -> bool,
    score: &'a dyn Fn(u32, u32) -> f32,
    best: &'a Between,
}

impl Judge<'_> {
    /// Judges the groups that hang together by pairs above `threshold`.
    fn split(&mut self, pairs: &[(u32, u32)], threshold: f32, merged: &mut UnionFind, links: &mut Vec<Edge>) {
        let mut sets = UnionFind::new(merged.len());
        let strong: Vec<(u32, u32)> = pairs.iter().copied().filter(|pair| self.best[pair].weight > threshold).collect();
        for &(left, right) in &strong {
            sets.join(left, right);
        }
        let mut by_root: Vec<(u32, (u32, u32))> = strong.iter().map(|&pair| (sets.find(pair.0), pair)).collect();
        by_root.sort_unstable();
        for component in by_root.chunk_by(|one, other| one.0 == other.0) {
            let pairs: Vec<(u32, u32)> = component.iter().map(|&(_, pair)| pair).collect();
            let mut groups: Vec<u32> = pairs.iter().flat_map(|&(left, right)| [left, right]).collect();
            groups.sort_unstable();
            groups.dedup();
            if groups.len() > self.rules.groups_max {
                self.split(&pairs, threshold + 1.0, merged, links);
            } else {
                self.contract(&groups, merged, links);
            }
        }
    }

    /// Puts the two groups with the greatest mean weight together, again and again, while it is above the line.
    fn contract(&mut self, groups: &[u32], merged: &mut UnionFind, links: &mut Vec<Edge>) {
        let count = groups.len();
        // In fixed point, so that sums do not depend on their order; none for groups that must not meet.
        let mut sums: Vec<Option<(i64, i64)>> = vec![None; count * count];
        for left in 0..count {
            for right in left + 1..count {
                let sum = (!(self.apart)(groups[left], groups[right])).then(|| self.sum(groups[left], groups[right]));
                sums[left * count + right] = sum;
                sums[right * count + left] = sum;
            }
        }
        let line = fixed(self.rules.accept);
        let mut parts: Vec<Vec<u32>> = groups.iter().map(|&group| vec![group]).collect();
        let mut alive: Vec<usize> = (0..count).collect();
        loop {
            let mut best = (line, 0, 0);
            for (at, &left) in alive.iter().enumerate() {
                for &right in &alive[at + 1..] {
                    if let Some((sum, pairs)) = sums[left * count + right]
                        && sum / pairs > best.0
                    {
                        best = (sum / pairs, left, right);
                    }
                }
            }
            let (mean, left, right) = best;
            if left == right {
                break;
            }
            for &other in &alive {
                if other != left && other != right {
                    let both = sums[left * count + other].zip(sums[right * count + other]);
                    let sum = both.map(|(one, other)| (one.0 + other.0, one.1 + other.1));
                    sums[left * count + other] = sum;
                    sums[other * count + left] = sum;
                }
            }
            let joined = std::mem::take(&mut parts[right]);
            if let Some(edge) = self.best_of(&parts[left], &joined) {
                links.push(Edge { weight: mean as f32 / FIXED, ..edge });
                let roots = (merged.find(parts[left][0]), merged.find(joined[0]));
                merged.union(roots.0, roots.1);
            }
            parts[left].extend(joined);
            alive.retain(|&one| one != right);
        }
    }

    /// What is left between groups that were not put together, once per pair of merged groups.
    fn doubt(&mut self, pairs: &[(u32, u32)], merged: &mut UnionFind, doubtful: &mut Vec<Edge>) {
        let mut parts: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for &group in self.members.keys() {
            parts.entry(merged.find(group)).or_default().push(group);
        }
        let mut open: Vec<(u32, u32)> = pairs
            .iter()
            .map(|&(left, right)| (merged.find(left), merged.find(right)))
            .map(|(left, right)| (left.min(right), left.max(right)))
            .filter(|(left, right)| left != right)
            .collect();
        open.sort_unstable();
        open.dedup();
        for (left, right) in open {
            let (lefts, rights) = (&parts[&left], &parts[&right]);
            let between: Vec<(u32, u32)> =
                lefts.iter().flat_map(|&left| rights.iter().map(move |&right| (left, right))).collect();
            if between.iter().any(|&(left, right)| (self.apart)(left, right)) {
                continue;
            }
            let add = |all: (i64, i64), one: (i64, i64)| (all.0 + one.0, all.1 + one.1);
            let (sum, count) = between.iter().map(|&(left, right)| self.sum(left, right)).fold((0, 0), add);
            let mean = (sum / count) as f32 / FIXED;
            if let Some(edge) = self.best_of(lefts, rights).filter(|_| mean > self.rules.doubt) {
                doubtful.push(Edge { weight: mean, ..edge });
            }
        }
    }

    /// The sum of the weights between two groups, and of how many pairs.
    fn sum(&self, left: u32, right: u32) -> (i64, i64) {
        let (lefts, rights) = (&self.members[&left], &self.members[&right]);
        let weight = |left: u32, right: u32| {
            fixed((self.score)(left, right).clamp(-self.rules.weight_max, self.rules.weight_max))
        };
        let sum = lefts.iter().flat_map(|&left| rights.iter().map(move |&right| weight(left, right))).sum();
        (sum, (lefts.len() * rights.len()) as i64)
    }

    /// The best edge between two lists of groups.
    fn best_of(&self, lefts: &[u32], rights: &[u32]) -> Option<Edge> {
        let pairs = lefts.iter().flat_map(|&left| rights.iter().map(move |&right| (left.min(right), left.max(right))));
        pairs.filter_map(|pair| self.best.get(&pair)).copied().max_by(|one, other| {
            one.weight.total_cmp(&other.weight).then_with(|| (other.left, other.right).cmp(&(one.left, one.right)))
        })
    }
}

/// Units of a bit.
const FIXED: f32 = 1024.0;

fn fixed(weight: f32) -> i64 {
    (weight * FIXED) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules { accept: 4.0, doubt: 0.0, weight_max: 10.0, groups_max: 400 };

    /// Proposes for records of these groups, whose pairs weigh what the table says, and −10 where it is silent.
    fn judge(group_of: &[u32], weights: &[(u32, u32, f32)], apart: &[(u32, u32)]) -> (Vec<String>, Vec<String>) {
        let weight = |left: u32, right: u32| {
            let found = weights.iter().find(|pair| (pair.0, pair.1) == (left.min(right), left.max(right)));
            found.map_or(-10.0, |pair| pair.2)
        };
        let edges: Vec<Edge> = weights.iter().map(|&(left, right, weight)| Edge { left, right, weight }).collect();
        let mut apart = |left: u32, right: u32| apart.contains(&(left.min(right), left.max(right)));
        let found = propose(group_of, &edges, &RULES, &|_| 1, &mut apart, &weight);
        let told = |edges: &[Edge]| {
            edges.iter().map(|edge| format!("{}-{} {:.1}", edge.left, edge.right, edge.weight)).collect()
        };
        (told(&found.links), told(&found.doubtful))
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    #[test]
    fn groups_are_joined_by_the_mean_of_their_pairs() {
        // Records 0 and 1 are one group; 2 is like both, 3 is like 0 and unlike 1.
        let weights = [(0, 2, 8.0), (1, 2, 6.0), (0, 3, 9.0)];
        let (links, doubtful) = judge(&[0, 0, 1, 2], &weights, &[]);
        assert_eq!(links, texts(&["0-2 7.0"]));
        assert_eq!(doubtful, texts(&[]), "the mean with 3 is below every line");
    }

    #[test]
    fn what_lies_between_the_lines_is_a_question() {
        let (links, doubtful) = judge(&[0, 1, 2], &[(0, 1, 3.0), (1, 2, -1.0)], &[]);
        assert_eq!((links, doubtful), (texts(&[]), texts(&["0-1 3.0"])));
    }

    #[test]
    fn groups_that_must_not_meet_do_not_meet_through_a_third() {
        // 1 is like both; 0 and 2 must stay apart, and the stronger tie wins.
        let (links, doubtful) = judge(&[0, 1, 2], &[(0, 1, 7.0), (1, 2, 9.0)], &[(0, 2)]);
        assert_eq!((links, doubtful), (texts(&["1-2 9.0"]), texts(&[])));
    }
}
