//! Disjoint sets of records: union by size, path halving (Tarjan and van Leeuwen, 1984).
//!
//! Which record is the root of a set depends on the order of unions and must never show in a result: results name the
//! smallest record of a set.

/// Disjoint sets over records `0..n`.
pub(super) struct UnionFind {
    parent: Vec<u32>,
    size: Vec<u32>,
}

impl UnionFind {
    /// Every record in a set of its own.
    pub(super) fn new(records: usize) -> Self {
        let records = u32::try_from(records).expect("records are numbered with 32 bits");
        Self { parent: (0..records).collect(), size: vec![1; records as usize] }
    }

    /// How many records there are.
    pub(super) fn len(&self) -> usize {
        self.parent.len()
    }

    /// The root of the record's set.
    pub(super) fn find(&mut self, mut record: u32) -> u32 {
        loop {
            let parent = self.parent[record as usize];
            if parent == record {
                return record;
            }
            let grandparent = self.parent[parent as usize];
            self.parent[record as usize] = grandparent;
            record = grandparent;
        }
    }

    /// Makes one set of the sets of two records.
    pub(super) fn join(&mut self, left: u32, right: u32) {
        let roots = (self.find(left), self.find(right));
        if roots.0 != roots.1 {
            self.union(roots.0, roots.1);
        }
    }

    /// Makes one set of the sets of two different roots; returns the root that stays and the one that does not.
    pub(super) fn union(&mut self, left: u32, right: u32) -> (u32, u32) {
        debug_assert!(left != right && self.parent[left as usize] == left && self.parent[right as usize] == right);
        let left_stays = self.size[left as usize] >= self.size[right as usize];
        let (stays, goes) = if left_stays { (left, right) } else { (right, left) };
        self.parent[goes as usize] = stays;
        self.size[stays as usize] += self.size[goes as usize];
        (stays, goes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_is_one_set() {
        let mut sets = UnionFind::new(5);
        for right in 1..4 {
            let (left, right) = (sets.find(right - 1), sets.find(right));
            sets.union(left, right);
        }
        assert_eq!(sets.find(0), sets.find(3));
        assert_ne!(sets.find(0), sets.find(4));
    }
}
