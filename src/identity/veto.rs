//! What keeps records apart whatever they share: two different values in a veto column (birth date, national id), and
//! pairs that a person unlinked.
//!
//! Two dates that a slip of the pen tells apart are not different: one person wrote 1985-03-04 and 1985-04-03.

use datafusion::arrow::array::RecordBatch;
use rustc_hash::FxHashMap;

use super::dictionary::{Dictionary, NONE};
use super::input::Text;
use super::records::Records;
use super::union_find::UnionFind;
use crate::error::Result;

/// What stands between two clusters: index 0 is a person's `unlink`, then come the veto columns as declared.
pub(super) type Obstacle = u16;

/// A person said that two records are not the same customer.
pub(super) const UNLINK: Obstacle = 0;

/// Marks an index into `Guard::sets` instead of a value: clusters that a person linked across different values, or that
/// hold a slip of the pen.
const SET: u32 = 1 << 31;

/// What each cluster must not meet; looked up by root.
pub(super) struct Guard {
    columns: Vec<Column>,
    /// Several values of one cluster, sorted.
    sets: Vec<Vec<u32>>,
    /// Per root: records that must stay out of the cluster.
    strangers: FxHashMap<u32, Vec<u32>>,
}

/// A veto column.
struct Column {
    /// Per root: the cluster's value, as a number from 1.
    values: Vec<u32>,
    /// Per value: the date that it is, if it is one.
    dates: Vec<Option<Date>>,
}

/// Year, month and day.
type Date = (u16, u8, u8);

impl Guard {
    /// Guards records by what they hold in the veto columns.
    pub(super) fn new(columns: Vec<VetoColumn>, records: &Records) -> Self {
        let columns = columns.into_iter().map(|column| column.finish(records)).collect();
        Self { columns, sets: Vec::new(), strangers: FxHashMap::default() }
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
        let differ = |column: &Column| {
            let (left, right) = (column.values[left as usize], column.values[right as usize]);
            self.differ(left, right, |left, right| left == right || column.is_slip(left, right))
        };
        (1..).zip(&self.columns).find(|(_, column)| differ(column)).map(|(at, _)| at)
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

    /// The veto columns in which some of these roots are not the same, be it by a slip: of three dates, two may be a slip
    /// away from the first and yet differ from each other.
    pub(super) fn contested_columns(&self, roots: &[u32]) -> Vec<Obstacle> {
        let contested = |column: &Column| {
            let mut values = roots.iter().map(|&root| column.values[root as usize]).filter(|&value| value != NONE);
            values.next().is_some_and(|first| values.any(|value| self.differ(first, value, |one, other| one == other)))
        };
        (1..).zip(&self.columns).filter(|(_, column)| contested(column)).map(|(at, _)| at).collect()
    }

    /// Does the root have a value in this veto column?
    pub(super) fn has_value(&self, root: u32, column: Obstacle) -> bool {
        self.columns[column as usize - 1].values[root as usize] != NONE
    }

    /// Hands what `goes` must not meet to the root that stays.
    pub(super) fn merge(&mut self, stays: u32, goes: u32) {
        for column in 0..self.columns.len() {
            let [left, right] = [stays, goes].map(|root| self.columns[column].values[root as usize]);
            self.columns[column].values[stays as usize] = self.both(left, right);
        }
        if let Some(strangers) = self.strangers.remove(&goes) {
            self.strangers.entry(stays).or_default().extend(strangers);
        }
    }

    /// Two clusters differ if both have values and none of one are the `same` as one of the other.
    fn differ(&self, left: u32, right: u32, same: impl Fn(u32, u32) -> bool) -> bool {
        let meets = |&value: &u32| self.members(&right).iter().any(|&other| same(value, other));
        left != NONE && right != NONE && left != right && !self.members(&left).iter().any(meets)
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

/// A veto column while its rows arrive.
pub(super) struct VetoColumn {
    name: String,
    known: Dictionary,
    /// Per row, in order of arrival: its value.
    values: Vec<u32>,
}

impl VetoColumn {
    /// The column `name` of the table `records`, without rows.
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), known: Dictionary::new(), values: Vec::new() }
    }

    /// Adds rows; an empty value is none.
    ///
    /// # Errors
    /// `Config` if they lack the column.
    pub(super) fn add(&mut self, batches: &[RecordBatch]) -> Result<()> {
        for column in Text::columns(batches, "records", &self.name)? {
            let number = |row| self.known.number(column.get(row).unwrap_or_default().as_bytes());
            self.values.extend((0..column.len()).map(number));
        }
        Ok(())
    }

    /// Puts the values in the order of the records, of which those with rows arrived first.
    fn finish(self, records: &Records) -> Column {
        let mut values = vec![NONE; records.len()];
        for (value, place) in self.values.into_iter().zip(1..) {
            values[records.number(place) as usize] = value;
        }
        let text = |bytes| std::str::from_utf8(bytes).expect("values arrived as text");
        Column { values, dates: self.known.texts.iter().map(|bytes| date(text(bytes))).collect() }
    }
}

impl Column {
    /// Whether two values are dates that one person may have written: in one year, and in the same month, on the same
    /// day of a month, or with day and month swapped. `sql/match/shared_pairs.sql` says the same.
    fn is_slip(&self, left: u32, right: u32) -> bool {
        let date = |value: u32| self.dates[value as usize];
        let (Some((year, month, day)), Some((other_year, other_month, other_day))) = (date(left), date(right)) else {
            return false;
        };
        year == other_year && (month == other_month || day == other_day || (month, day) == (other_day, other_month))
    }
}

/// Reads `1985-03-04` and nothing else: a national id of digits is not a date.
fn date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let shaped = parts.next().is_none() && [year.len(), month.len(), day.len()] == [4, 2, 2];
    let (year, month, day) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    (shaped && (1..=12).contains(&month) && (1..=31).contains(&day)).then_some((year, month, day))
}
