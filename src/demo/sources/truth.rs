//! Who every record truly belongs to. No stage reads it; precision and recall are measured against it.

use super::super::buying::{Currency, Order, Status, totals};
use super::super::sheet::{Output, Sheet};
use super::super::write::put_padded;

/// `people.csv`: one row per record.
pub(in super::super) const PEOPLE_HEAD: &str = "record_id,person_id\n";
/// `customers.csv`: one row per person. `orders` counts all orders, known and anonymous, cancelled ones included;
/// `spend` is in pounds, `spend_eur` in euros; `alive` says whether the person has not left for good by the end of the
/// data.
pub(in super::super) const CUSTOMERS_HEAD: &str = "person_id,orders,spend,alive,spend_eur\n";

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

/// Says how customer `number` truly buys, out of these `orders`.
pub(in super::super) fn customer(output: &mut Output, number: u64, orders: &[Order], alive: bool) {
    output
        .rows(Sheet::TruthCustomers)
        .delimited(number, b',')
        .with(|bytes| {
            bytes.push(b'P');
            put_padded(bytes, number, PERSON_DIGITS);
        })
        .number(orders.len() as i64)
        .money(spend(orders, Currency::Pound), b'.')
        .text(if alive { "true" } else { "false" })
        .money(spend(orders, Currency::Euro), b'.')
        .end();
}

/// What the orders in `currency` that went through were worth, returns taken off; in pence or cents.
fn spend(orders: &[Order], currency: Currency) -> i64 {
    orders
        .iter()
        .filter(|order| order.currency == currency && order.status != Status::Cancelled)
        .map(|order| {
            let back = if order.returned.is_some() { totals(&order.lines()[..order.returned_lines]).0 } else { 0 };
            totals(order.lines()).0 - back
        })
        .sum()
}
