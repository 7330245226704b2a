//! The tills: one tab-separated row per line of a receipt, in the shops' local time, month first, with a decimal comma,
//! and with the loyalty card number if one was swiped.

use super::super::buying::{Line, Order, Place};
use super::super::chance::{Chance, shuffled};
use super::super::moment::{Country, Moment};
use super::super::person::Person;
use super::super::sheet::{Output, Sheet};
use super::super::world::World;
use super::super::write::put_time_till;
use super::{products, shop, truth};

pub(in super::super) const HEAD: &str =
    "Receipt\tStore\tSold At\tCard\tLine\tProduct\tQty\tPrice\tDiscount\tAmount\tReturn Of\n";

/// The till's own card, swiped when the customer has none: nobody.
const STAFF_CARD: &str = "2999999999997";

/// Writes the receipts of `person`, who has these loyalty `cards`, each with the moment since which it is used.
pub(in super::super) fn receipts(
    world: &World,
    person: &Person,
    cards: &[(Moment, String)],
    orders: &[Order],
    output: &mut Output,
    chance: &mut Chance,
) {
    let mut seen = vec![false; cards.len()];
    for order in orders {
        let Place::Store(store) = order.place else { continue };
        let held = cards.iter().rposition(|(since, _)| *since <= order.at);
        let card = match held.filter(|_| chance.yes(0.9)) {
            Some(at) => {
                seen[at] = true;
                Some(&*cards[at].1)
            }
            None => chance.yes(0.1).then_some(STAFF_CARD),
        };
        let number = |is_return| {
            let sequence = order.sequence * 2 + u64::from(is_return);
            shuffled(person.number * shop::ORDERS + sequence, shop::ORDER_DIGITS, 32)
        };
        let receipt = Receipt { number: number(false), store, at: order.at, card, return_of: None };
        write(world, &receipt, order.lines(), 1, output);
        if let Some(at) = order.returned {
            let back = Receipt { number: number(true), at, return_of: Some(receipt.number), ..receipt };
            write(world, &back, &order.lines()[..order.returned_lines], -1, output);
        }
    }
    for ((_, card), _) in cards.iter().zip(seen).filter(|(_, seen)| *seen) {
        truth::record(output, person.number, |bytes| {
            bytes.extend_from_slice(b"tills:");
            bytes.extend_from_slice(card.as_bytes());
        });
    }
}

struct Receipt<'a> {
    number: u64,
    store: u32,
    at: Moment,
    card: Option<&'a str>,
    return_of: Option<u64>,
}

fn write(world: &World, receipt: &Receipt<'_>, lines: &[Line], sign: i64, output: &mut Output) {
    let digits = shop::ORDER_DIGITS as usize;
    let rows = output.rows(Sheet::TillReceipts(world.sheets.year(receipt.at.day())));
    for (at, line) in lines.iter().enumerate() {
        let mut row = rows
            .delimited(receipt.at.key(), b'\t')
            .id("R", receipt.number, digits)
            .id("S", u64::from(receipt.store), 2)
            .with(|bytes| put_time_till(bytes, receipt.at, Country::Britain))
            .maybe(receipt.card)
            .number(at as i64 + 1)
            .id("", u64::from(line.product), products::DIGITS)
            .number(sign * line.quantity)
            .money(line.unit_price, b',')
            .money(line.discount, b',')
            .money(sign * line.amount(), b',');
        row = match receipt.return_of {
            Some(number) => row.id("R", number, digits),
            None => row.text(""),
        };
        row.end();
    }
}
