//! Who every record truly belongs to. No stage reads it; precision and recall are measured against it.

use super::super::sheet::{Output, Sheet};
use super::super::write::put_padded;

/// `people.csv`: one row per record.
pub(in super::super) const PEOPLE_HEAD: &str = "record_id,person_id\n";
/// `customers.csv`: one row per person. `orders` counts all orders, known and anonymous, cancelled ones included;
/// `alive` says whether the person has not left for good by the end of the data.
pub(in super::super) const CUSTOMERS_HEAD: &str = "person_id,orders,spend,alive\n";

/// Digits of a person's id.
const PERSON_DIGITS: usize = 8;

/// Says that the record, whose id `record` appends, is about customer `number`.
pub(in super::super) fn record(output: &mut Output, number: u64, record: impl FnOnce(&mut Vec<u8>)) {
    output.rows(Sheet::TruthPeople).delimited(number, b',').with(record).id("P", number, PERSON_DIGITS).end();
}

/// Says that the record, whose id `record` appends, is about nobody: a test row or the like.
pub(in super::super) fn junk(output: &mut Output, number: u64, record: impl Fn(&mut Vec<u8>)) {
    let rows = output.rows(Sheet::TruthPeople);
    rows.delimited(number, b',')
        .with(&record)
        .with(|bytes| {
            bytes.extend_from_slice(b"junk-");
            record(bytes);
        })
        .end();
}

/// Says how customer `number` truly buys; `spend` in pence.
pub(in super::super) fn customer(output: &mut Output, number: u64, orders: usize, spend: i64, alive: bool) {
    output
        .rows(Sheet::TruthCustomers)
        .delimited(number, b',')
        .with(|bytes| {
            bytes.push(b'P');
            put_padded(bytes, number, PERSON_DIGITS);
        })
        .number(orders as i64)
        .money(spend, b'.')
        .text(if alive { "true" } else { "false" })
        .end();
}
