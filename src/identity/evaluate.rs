//! Compares clusters with the truth, without making pairs: from the counts of records per (customer, person).

use datafusion::arrow::array::RecordBatch;
use rustc_hash::FxHashMap;

use super::input::Text;
use crate::error::Result;

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
    let (mut pairs, mut right_of_customer, mut right_of_person) = (0, 0.0, 0.0);
    for cell in cells.chunk_by(|left, right| left == right) {
        let records = cell.len() as f64;
        pairs += pairs_among(cell.len() as u64);
        right_of_customer += records * records / by_customer[cell[0].0 as usize] as f64;
        right_of_person += records * records / by_person[cell[0].1 as usize] as f64;
    }
    let part = |part: f64, whole: f64| if whole == 0.0 { 1.0 } else { part / whole };
    let all_pairs = |counts: &[u64]| counts.iter().map(|&count| pairs_among(count)).sum::<u64>() as f64;
    let (pairs, records) = (pairs as f64, cells.len() as f64);
    Evaluation {
        records: cells.len(),
        persons: persons as usize,
        customers: by_customer.iter().filter(|&&records| records > 0).count(),
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
