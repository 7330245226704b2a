//! Compares who is who in two runs: which customers merged and split, by the records that both know.
//!
//! Customers are compared by their records, not by their ids, so that ids that changed hands do not count as change.

use datafusion::arrow::array::RecordBatch;
use rustc_hash::FxHashMap;

use super::input::Text;
use crate::error::Result;

/// What became of customers between two runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diff {
    /// Customers before and after.
    pub customers: (usize, usize),
    /// Records that only the later run has, and those that only the earlier one had.
    pub records: (usize, usize),
    /// Customers of the later run with records of several earlier ones; those with most records first, then by id.
    pub merged: Vec<Change>,
    /// Customers of the earlier run whose records are of several later ones; those with most records first, then by id.
    pub split: Vec<Change>,
}

/// A customer that several came together in, or came out of.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Change {
    /// The customer.
    pub customer_id: String,
    /// How many records it has that both runs know.
    pub records: usize,
    /// The customers on the other side, each with its number of these records; most first, then by id.
    pub others: Vec<(String, usize)>,
}

/// Compares `before` with `after`, both `record_id VARCHAR`, `customer_id VARCHAR`.
///
/// # Errors
/// `Config` if a column is missing.
pub fn diff(before: &[RecordBatch], after: &[RecordBatch]) -> Result<Diff> {
    let (before, after) = (Side::read(before, "before")?, Side::read(after, "after")?);
    let mut then_of: FxHashMap<&str, &str> = before.rows().collect();
    let (then_customers, then_records) = (distinct(then_of.values().copied()), then_of.len());
    let mut cells: Vec<(&str, &str)> = Vec::with_capacity(then_of.len());
    let (mut new, mut now_ids) = (0, Vec::new());
    for (record, now) in after.rows() {
        now_ids.push(now);
        match then_of.remove(record) {
            Some(then) => cells.push((then, now)),
            None => new += 1,
        }
    }
    debug_assert_eq!(then_records, cells.len() + then_of.len());
    let swapped = cells.iter().map(|&(then, now)| (now, then)).collect();
    Ok(Diff {
        customers: (then_customers, distinct(now_ids.into_iter())),
        records: (new, then_of.len()),
        merged: changes(swapped),
        split: changes(cells),
    })
}

struct Side {
    records: Vec<Text>,
    customers: Vec<Text>,
}

impl Side {
    fn read(batches: &[RecordBatch], table: &'static str) -> Result<Self> {
        let column = |name| Text::columns(batches, table, name);
        Ok(Self { records: column("record_id")?, customers: column("customer_id")? })
    }

    fn rows(&self) -> impl Iterator<Item = (&str, &str)> {
        self.records.iter().zip(&self.customers).flat_map(|(records, customers)| {
            (0..records.len()).filter_map(move |row| Some((records.get(row)?, customers.get(row)?)))
        })
    }
}

fn distinct<'a>(ids: impl Iterator<Item = &'a str>) -> usize {
    let mut ids: Vec<_> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids.len()
}

/// Of (customer, customer on the other side) of every record: the customers that face several.
fn changes(mut cells: Vec<(&str, &str)>) -> Vec<Change> {
    cells.sort_unstable();
    let mut changes: Vec<Change> = cells
        .chunk_by(|one, next| one.0 == next.0)
        .filter(|cells| cells.iter().any(|cell| cell.1 != cells[0].1))
        .map(|cells| {
            let others = cells.chunk_by(|one, next| one.1 == next.1).map(|run| (run[0].1.to_owned(), run.len()));
            let mut others: Vec<_> = others.collect();
            others.sort_by(|one, two| two.1.cmp(&one.1).then_with(|| one.0.cmp(&two.0)));
            Change { customer_id: cells[0].0.to_owned(), records: cells.len(), others }
        })
        .collect();
    changes.sort_by(|one, two| two.records.cmp(&one.records).then_with(|| one.customer_id.cmp(&two.customer_id)));
    changes
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::StringArray;

    use super::*;

    /// `a=X b=Y`: record a is of customer X, …
    fn identities(text: &str) -> Vec<RecordBatch> {
        let rows: Vec<_> = text.split_whitespace().filter_map(|row| row.split_once('=')).collect();
        let column =
            |at: fn(&(&str, &str)) -> String| Arc::new(rows.iter().map(|row| Some(at(row))).collect::<StringArray>());
        let columns =
            [("record_id", column(|row| row.0.to_owned()) as _), ("customer_id", column(|row| row.1.to_owned()) as _)];
        vec![RecordBatch::try_from_iter(columns).expect("a batch")]
    }

    fn change(customer_id: &str, records: usize, others: &[(&str, usize)]) -> Change {
        let others = others.iter().map(|(id, records)| ((*id).to_owned(), *records)).collect();
        Change { customer_id: customer_id.to_owned(), records, others }
    }

    #[test]
    fn merges_and_splits_are_told_by_records_and_a_new_name_is_no_change() {
        let before = identities("a=A b=A c=B d=C e=C f=D gone=D");
        let after = identities("a=A b=A c=A d=C e=E f=F new=F");
        let diff = diff(&before, &after).expect("compares");
        assert_eq!(diff.customers, (4, 4));
        assert_eq!(diff.records, (1, 1));
        assert_eq!(diff.merged, [change("A", 3, &[("A", 2), ("B", 1)])]);
        assert_eq!(diff.split, [change("C", 2, &[("C", 1), ("E", 1)])]);
    }

    #[test]
    fn the_largest_comes_first() {
        let diff = diff(&identities("a=A b=B c=C d=D e=D"), &identities("a=X b=X c=Y d=Y e=Y")).expect("compares");
        assert_eq!(diff.merged, [change("Y", 3, &[("D", 2), ("C", 1)]), change("X", 2, &[("A", 1), ("B", 1)])]);
        assert_eq!(diff.split, []);
    }
}
