//! Compares clusters with the truth, without making pairs: from the counts of records per (customer, person).

mod curve;

use datafusion::arrow::array::RecordBatch;
use rustc_hash::FxHashMap;

use super::input::Text;
use crate::error::Result;
pub use curve::{Point, curve};

/// How right something is, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// What part of what was put together belongs together. 1 if nothing was put together.
    pub precision: f64,
    /// What part of what belongs together was put together. 1 if nothing belongs together.
    pub recall: f64,
    /// Their harmonic mean.
    pub f1: f64,
}

/// Clusters against the truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evaluation {
    /// Records whose person is known; all figures are about these.
    pub records: usize,
    /// Different people among them.
    pub persons: usize,
    /// Different customers among them.
    pub customers: usize,
    /// Over all pairs of records.
    pub pairwise: Score,
    /// Customers that are all records of one person and of nobody else, over all customers and over all people.
    pub clusters: Score,
    /// B³: over records, the mean part of the record's cluster that is right (Bagga and Baldwin, 1998).
    pub b_cubed: Score,
}

/// Evaluates `identities` (`record_id`, `customer_id`) against `truth` (`record_id`, `person_id`).
///
/// A record of the truth without a customer counts as a customer of its own; records without a person are left out. Of
/// several rows about one record in `identities` the first counts.
///
/// # Errors
/// `Config` if a column is missing.
pub fn evaluate(identities: &[RecordBatch], truth: &[RecordBatch]) -> Result<Evaluation> {
    let predicted = columns(identities, "identities", "customer_id")?;
    let truth = columns(truth, "truth", "person_id")?;
    let mut customer_of: FxHashMap<&str, u32> = FxHashMap::default();
    let mut customer_numbers = Numbers::default();
    for (record, customer) in rows(&predicted) {
        customer_of.entry(record).or_insert_with(|| customer_numbers.of(customer));
    }
    let mut person_numbers = Numbers::default();
    let mut cells: Vec<(u32, u32)> = Vec::with_capacity(customer_of.len());
    for (record, person) in rows(&truth) {
        let customer = customer_of.get(record).copied().unwrap_or_else(|| customer_numbers.fresh());
        cells.push((customer, person_numbers.of(person)));
    }
    Ok(score(cells, customer_numbers.next, person_numbers.next))
}

/// Figures from the (customer, person) of each record.
fn score(mut cells: Vec<(u32, u32)>, customers: u32, persons: u32) -> Evaluation {
    let mut by_customer = vec![0_u64; customers as usize];
    let mut by_person = vec![0_u64; persons as usize];
    for &(customer, person) in &cells {
        by_customer[customer as usize] += 1;
        by_person[person as usize] += 1;
    }
    cells.sort_unstable();
    let (mut pairs, mut exact, mut right_of_customer, mut right_of_person) = (0, 0, 0.0, 0.0);
    for cell in cells.chunk_by(|left, right| left == right) {
        let records = cell.len() as f64;
        pairs += pairs_among(cell.len() as u64);
        let whole = [by_customer[cell[0].0 as usize], by_person[cell[0].1 as usize]];
        exact += usize::from(whole == [cell.len() as u64; 2]);
        right_of_customer += records * records / by_customer[cell[0].0 as usize] as f64;
        right_of_person += records * records / by_person[cell[0].1 as usize] as f64;
    }
    let part = |part: f64, whole: f64| if whole == 0.0 { 1.0 } else { part / whole };
    let all_pairs = |counts: &[u64]| counts.iter().map(|&count| pairs_among(count)).sum::<u64>() as f64;
    let (pairs, records) = (pairs as f64, cells.len() as f64);
    let customers = by_customer.iter().filter(|&&records| records > 0).count();
    Evaluation {
        records: cells.len(),
        persons: persons as usize,
        customers,
        clusters: Score::of(part(exact as f64, customers as f64), part(exact as f64, f64::from(persons))),
        pairwise: Score::of(part(pairs, all_pairs(&by_customer)), part(pairs, all_pairs(&by_person))),
        b_cubed: Score::of(part(right_of_customer, records), part(right_of_person, records)),
    }
}

fn pairs_among(records: u64) -> u64 {
    records * records.saturating_sub(1) / 2
}

impl Score {
    fn of(precision: f64, recall: f64) -> Self {
        let sum = precision + recall;
        Self { precision, recall, f1: if sum == 0.0 { 0.0 } else { 2.0 * precision * recall / sum } }
    }
}

/// Numbers different texts in the order in which they come.
#[derive(Default)]
struct Numbers<'a> {
    known: FxHashMap<&'a str, u32>,
    next: u32,
}

impl<'a> Numbers<'a> {
    fn of(&mut self, text: &'a str) -> u32 {
        let number = *self.known.entry(text).or_insert(self.next);
        self.next = self.next.max(number + 1);
        number
    }

    fn fresh(&mut self) -> u32 {
        self.next += 1;
        self.next - 1
    }
}

fn columns(batches: &[RecordBatch], table: &'static str, label: &str) -> Result<(Vec<Text>, Vec<Text>)> {
    Ok((Text::columns(batches, table, "record_id")?, Text::columns(batches, table, label)?))
}

/// The rows that have both values.
fn rows((records, labels): &(Vec<Text>, Vec<Text>)) -> impl Iterator<Item = (&str, &str)> {
    let batches = records.iter().zip(labels);
    batches
        .flat_map(|(records, labels)| (0..records.len()).filter_map(|row| Some((records.get(row)?, labels.get(row)?))))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::{ArrayRef, StringArray};

    use super::*;

    fn table(label: &str, rows: impl IntoIterator<Item = (String, Option<String>)>) -> [RecordBatch; 1] {
        let (records, labels): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
        let columns: [(&str, ArrayRef); 2] =
            [("record_id", Arc::new(StringArray::from(records))), (label, Arc::new(StringArray::from(labels)))];
        [RecordBatch::try_from_iter(columns).unwrap()]
    }

    /// Rows from text such as `a=1 b=2`; nothing behind the sign is null.
    fn rows(text: &str) -> impl Iterator<Item = (String, Option<String>)> {
        let pairs = text.split(' ').map(|pair| pair.split_once('=').unwrap());
        pairs.map(|(record, label)| (record.to_owned(), Some(label.to_owned()).filter(|label| !label.is_empty())))
    }

    fn close(left: f64, right: f64) {
        assert!((left - right).abs() < 1e-12, "{left} is not {right}");
    }

    #[test]
    fn agrees_with_figures_made_by_hand() {
        // Found: {a,b} {c,d}, and e and f alone, because no identity is known. The truth says nothing about g and h.
        let truth = table("person_id", rows("a=1 b=1 c=1 d=2 e=2 f=3 h="));
        let found = table("customer_id", rows("a=X b=X c=Y d=Y g=Z"));
        let evaluation = evaluate(&found, &truth).unwrap();
        assert_eq!((evaluation.records, evaluation.persons, evaluation.customers), (6, 3, 4));
        close(evaluation.pairwise.precision, 1.0 / 2.0);
        close(evaluation.pairwise.recall, 1.0 / 4.0);
        close(evaluation.pairwise.f1, 1.0 / 3.0);
        // Only f is a person and a customer.
        close(evaluation.clusters.precision, 1.0 / 4.0);
        close(evaluation.clusters.recall, 1.0 / 3.0);
        // Precision: a, b, e, f are all right, c and d half. Recall: a and b 2/3, c 1/3, d and e 1/2, f 1.
        close(evaluation.b_cubed.precision, 5.0 / 6.0);
        close(evaluation.b_cubed.recall, (2.0 / 3.0 + 2.0 / 3.0 + 1.0 / 3.0 + 0.5 + 0.5 + 1.0) / 6.0);
    }

    #[test]
    fn agrees_with_an_independent_computation() {
        // The expected figures are a SQL computation of the same definitions over the same 500 records.
        let truth = table("person_id", (0..500).map(|n| (n.to_string(), Some((n * n % 97).to_string()))));
        let known = (0..500).filter(|n| n % 5 != 0);
        let found = known.map(|n| (n.to_string(), Some((n * n % 97 / 2 * 3 + n % 3).to_string())));
        let evaluation = evaluate(&table("customer_id", found), &truth).unwrap();
        close(evaluation.pairwise.precision, 0.639_741_518_578_352_2);
        close(evaluation.pairwise.recall, 0.171_058_315_334_773_23);
        close(evaluation.pairwise.f1, 0.269_938_650_306_748_46);
        close(evaluation.b_cubed.precision, 0.848_923_809_523_809_6);
        close(evaluation.b_cubed.recall, 0.251_830_303_030_302_96);
        close(evaluation.b_cubed.f1, 0.388_433_234_568_561_55);
    }

    #[test]
    fn nothing_found_is_precise_and_recalls_nothing() {
        let evaluation = evaluate(&[], &table("person_id", rows("a=1 b=1"))).unwrap();
        assert_eq!(evaluation.pairwise, Score { precision: 1.0, recall: 0.0, f1: 0.0 });
        assert_eq!(evaluation.b_cubed, Score { precision: 1.0, recall: 0.5, f1: 2.0 / 3.0 });
    }
}
