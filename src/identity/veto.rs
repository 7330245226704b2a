//! What keeps records apart whatever they share: two different values in a veto column (birth date, national id), and
//! pairs that a person unlinked.

use datafusion::arrow::array::RecordBatch;
use rustc_hash::FxHashMap;

use super::input::Text;
use super::union_find::UnionFind;
use crate::error::Result;

/// What stands between two clusters: index 0 is a person's `unlink`, then come the veto columns as declared.
pub(super) type Obstacle = u16;

/// A person said that two records are not the same customer.
pub(super) const UNLINK: Obstacle = 0;

/// No value.
const NONE: u32 = 0;
/// Marks an index into `Guard::sets` instead of a value: clusters that a person linked across different values.
const SET: u32 = 1 << 31;

/// What each cluster must not meet; looked up by root.
pub(super) struct Guard {
    /// Per veto column, per root: the cluster's value.
    values: Vec<Vec<u32>>,
    /// Several values of one cluster, sorted.
    sets: Vec<Vec<u32>>,
    /// Per root: records that must stay out of the cluster.
    strangers: FxHashMap<u32, Vec<u32>>,
}

impl Guard {
    /// Reads the veto columns of the table `records`; `numbers` has the record of each row.
    ///
    /// # Errors
    /// `Config` if one is missing.
    pub(super) fn read(
        batches: &[RecordBatch],
        columns: &[String],
        numbers: &[Vec<u32>],
        records: usize,
    ) -> Result<Self> {
        let read = |name: &String| Ok(codes(&Text::columns(batches, "records", name)?, numbers, records));
        let values = columns.iter().map(read).collect::<Result<_>>()?;
        Ok(Self { values, sets: Vec::new(), strangers: FxHashMap::default() })
    }

    /// Keeps the clusters of two records apart for ever.
    pub(super) fn unlink(&mut self, left: u32, right: u32) {
        self.strangers.entry(left).or_default().push(right);
        self.strangers.entry(right).or_default().push(left);
    }

    /// What stands between two roots, if anything.
    pub(super) fn obstacle(&self, sets: &mut UnionFind, left: u32, right: u32) -> Option<Obstacle> {
        if self.unlinked(sets, left, right) {
            return Some(UNLINK);
        }
        (1..)
            .zip(&self.values)
            .find(|(_, column)| self.differ(column[left as usize], column[right as usize]))
            .map(|(at, _)| at)
    }

    /// Did a person unlink a record of one root from one of the other?
    pub(super) fn unlinked(&self, sets: &mut UnionFind, left: u32, right: u32) -> bool {
        let (Some(lefts), Some(rights)) = (self.strangers.get(&left), self.strangers.get(&right)) else {
            return false;
        };
        let (strangers, other) = if lefts.len() <= rights.len() { (lefts, right) } else { (rights, left) };
        strangers.iter().any(|&stranger| sets.find(stranger) == other)
    }

    /// Could there be an obstacle among these roots? Cheap, and false for nearly every block.
    pub(super) fn contested(&self, roots: &[u32]) -> bool {
        !self.contested_columns(roots).is_empty()
            || (!self.strangers.is_empty() && roots.iter().any(|root| self.strangers.contains_key(root)))
    }

    /// The veto columns in which some of these roots differ.
    pub(super) fn contested_columns(&self, roots: &[u32]) -> Vec<Obstacle> {
        let contested = |column: &[u32]| {
            let mut values = roots.iter().map(|&root| column[root as usize]).filter(|&value| value != NONE);
            values.next().is_some_and(|first| values.any(|value| self.differ(first, value)))
        };
        (1..).zip(&self.values).filter(|(_, column)| contested(column)).map(|(at, _)| at).collect()
    }

    /// Does the root have a value in this veto column?
    pub(super) fn has_value(&self, root: u32, column: Obstacle) -> bool {
        self.values[column as usize - 1][root as usize] != NONE
    }

    /// Hands what `goes` must not meet to the root that stays.
    pub(super) fn merge(&mut self, stays: u32, goes: u32) {
        for column in 0..self.values.len() {
            let (left, right) = (self.values[column][stays as usize], self.values[column][goes as usize]);
            self.values[column][stays as usize] = self.both(left, right);
        }
        if let Some(strangers) = self.strangers.remove(&goes) {
            self.strangers.entry(stays).or_default().extend(strangers);
        }
    }

    /// Two clusters differ if both have values and share none.
    fn differ(&self, left: u32, right: u32) -> bool {
        left != NONE
            && right != NONE
            && left != right
            && ((left | right) & SET == 0
                || !self.members(&left).iter().any(|value| self.members(&right).contains(value)))
    }

    fn both(&mut self, left: u32, right: u32) -> u32 {
        if left == right || right == NONE {
            return left;
        }
        if left == NONE {
            return right;
        }
        let mut values = [self.members(&left), self.members(&right)].concat();
        values.sort_unstable();
        values.dedup();
        self.sets.push(values);
        SET | (self.sets.len() - 1) as u32
    }

    fn members<'a>(&'a self, value: &'a u32) -> &'a [u32] {
        if value & SET == 0 { std::slice::from_ref(value) } else { &self.sets[(value & !SET) as usize] }
    }
}

/// Numbers the different values of a column from 1; by record, 0 where there is none.
fn codes(column: &[Text], numbers: &[Vec<u32>], records: usize) -> Vec<u32> {
    let mut known: FxHashMap<&str, u32> = FxHashMap::default();
    let mut codes = vec![NONE; records];
    for (values, numbers) in column.iter().zip(numbers) {
        for (row, &number) in numbers.iter().enumerate() {
            if let Some(value) = values.get(row).filter(|value| !value.is_empty()) {
                let next = known.len() as u32 + 1;
                codes[number as usize] = *known.entry(value).or_insert(next);
            }
        }
    }
    codes
}
