//! What people decided about pairs of records.

use rustc_hash::FxHashSet;

use super::table::Table;
use crate::error::{Error, Kind, Result};
use crate::identity::union_find::UnionFind;

/// What somebody decided about two records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The id of the one record.
    pub left: String,
    /// That of the other.
    pub right: String,
    /// Whether they are one person, whatever speaks against it; else they are two, whatever speaks for one.
    pub one_person: bool,
}

/// The decisions about the records of a table.
#[derive(Debug, Clone, Default)]
pub(crate) struct Decisions {
    /// Pairs that are one person, the smaller record first, sorted.
    pub(crate) together: Vec<(u32, u32)>,
    /// Pairs that are not, the smaller record first.
    pub(crate) apart: FxHashSet<(u32, u32)>,
}

impl Decisions {
    /// Finds the records that are meant.
    ///
    /// # Errors
    /// `Usage` when a decision is about a record that there is not, or decisions contradict each other.
    pub(crate) fn read(table: &Table, decided: &[Decided]) -> Result<Self> {
        let mut decisions = Self::default();
        let find = |id: &str| {
            let missing = || Error::new(Kind::Usage, format!("there is no record `{}`", id.escape_debug()));
            table.find(id).ok_or_else(|| missing().hint("decisions name records by `record_id`"))
        };
        for decision in decided {
            let (left, right) = (find(&decision.left)?, find(&decision.right)?);
            let pair = (left.min(right), left.max(right));
            if decision.one_person {
                decisions.together.push(pair);
            } else {
                _ = decisions.apart.insert(pair);
            }
        }
        decisions.together.sort_unstable();
        decisions.check(table)?;
        Ok(decisions)
    }

    /// Decisions must not put two records together and keep them apart.
    fn check(&self, table: &Table) -> Result<()> {
        let mut sets = UnionFind::new(table.records());
        for &(left, right) in &self.together {
            sets.join(left, right);
        }
        let mut apart: Vec<&(u32, u32)> = self.apart.iter().collect();
        apart.sort_unstable();
        match apart.into_iter().find(|&&(left, right)| sets.find(left) == sets.find(right)) {
            None => Ok(()),
            Some(&(left, right)) => {
                let [left, right] = [left, right].map(|record| table.id(record as usize).escape_debug().to_string());
                let text = format!("decisions say that `{left}` and `{right}` are one person, and that they are two");
                Err(Error::new(Kind::Usage, text).hint("take one of the decisions back"))
            }
        }
    }

    /// The decisions about some of the records, which are sorted, by their places among them.
    pub(crate) fn among(&self, records: &[u32]) -> Self {
        let place = |record: u32| records.binary_search(&record).ok().map(|at| at as u32);
        let pair = |&(left, right): &(u32, u32)| Some((place(left)?, place(right)?));
        Self {
            together: self.together.iter().filter_map(pair).collect(),
            apart: self.apart.iter().filter_map(pair).collect(),
        }
    }
}
