//! The web shop: accounts as nested JSON, one file of orders and one of order lines a year, gzipped. Orders carry the
//! buyer's local time with its offset, and either the account or what a guest typed into the checkout.

use super::super::buying::{Currency, Line, Order, Place, Status, totals};
use super::super::chance::{Chance, shuffled};
use super::super::claim::{Claim, Habits};
use super::super::moment::{DAY, Moment};
use super::super::person::Person;
use super::super::sheet::{Output, Sheet};
use super::super::world::World;
use super::super::write::{put_date_iso, put_id, put_json_string, put_number, put_time_iso};
use super::{products, truth};

pub(in super::super) const ORDERS_HEAD: &str = "order_no,placed_at,updated_at,status,customer_id,guest_name,\
    guest_email,guest_phone,ship_street,ship_city,ship_postcode,ship_country,discount,amount,currency,refund_of\n";
pub(in super::super) const LINES_HEAD: &str = "order_no,line,product_no,quantity,unit_price,discount,amount,currency\n";

/// People type their own data, and a letter from the shop goes astray if it is wrong.
const ACCOUNT: Habits = Habits {
    latin: 0.35,
    nickname: 0.12,
    typo: 0.02,
    email: 1.0,
    phone: 0.6,
    birth: 0.3,
    address: 0.85,
    placeholder: 0.004,
};
/// In a hurry.
const GUEST: Habits =
    Habits { nickname: 0.2, typo: 0.05, email: 0.97, phone: 0.55, birth: 0.0, address: 1.0, ..ACCOUNT };

/// How many accounts one customer can have.
const ACCOUNTS: u64 = 2;
const ACCOUNT_DIGITS: u32 = 8;
/// How many order numbers one customer can have: orders and returns, on the web and at the tills.
pub(in super::super) const ORDERS: u64 = 1_024;
pub(in super::super) const ORDER_DIGITS: u32 = 11;

/// The number of a customer's `sequence`-th order, or of the return of it.
fn order_number(person: &Person, sequence: u64, is_return: bool) -> u64 {
    shuffled(person.number * ORDERS + sequence * 2 + u64::from(is_return), ORDER_DIGITS, 31)
}

/// Writes the shop accounts of `person` and returns their numbers.
pub(in super::super) fn accounts(world: &World, person: &Person, output: &mut Output, chance: &mut Chance) -> Vec<u64> {
    let accounts = if chance.yes(0.05) { 2 } else { 1 };
    let numbers: Vec<u64> =
        (0..accounts).map(|account| shuffled(person.number * ACCOUNTS + account, ACCOUNT_DIGITS, 22)).collect();
    for (at, number) in numbers.iter().enumerate() {
        let created = if at == 0 { person.joined } else { Moment(chance.between(person.joined.0, world.end.0)) };
        let updated = if chance.yes(0.5) { created } else { Moment(chance.between(created.0, world.end.0)) };
        let claim = Claim::draw(person, updated, &ACCOUNT, chance);
        account(person, &claim, *number, (created, updated), output, chance);
        truth::record(output, person.number, |bytes| put_id(bytes, "shop:", *number, ACCOUNT_DIGITS as usize));
    }
    numbers
}

fn account(
    person: &Person,
    claim: &Claim,
    number: u64,
    (created, updated): (Moment, Moment),
    output: &mut Output,
    chance: &mut Chance,
) {
    let verified = chance.yes(0.7);
    let newsletter = chance.yes(0.5);
    let mut row = output
        .rows(Sheet::ShopCustomers)
        .object(created.key())
        .with("id", |bytes| {
            bytes.push(b'"');
            put_id(bytes, "", number, ACCOUNT_DIGITS as usize);
            bytes.push(b'"');
        })
        .maybe("email", claim.email.as_deref())
        .boolean("email_verified", verified)
        .nested("name", |name| name.text("first", &claim.given).text("last", &claim.family));
    row = match claim.birth {
        Some(day) => row.with("birthday", |bytes| {
            bytes.push(b'"');
            put_date_iso(bytes, day);
            bytes.push(b'"');
        }),
        None => row,
    };
    if let Some(phone) = &claim.phone {
        row = row.text("phone", phone);
    }
    if let Some(postal) = &claim.postal {
        row = row.nested("address", |address| {
            address
                .text("street", &postal.street)
                .text("city", postal.city)
                .text("region", postal.region)
                .text("postcode", &postal.postcode)
        });
    }
    row.text("country", person.country.iso())
        .text("locale", person.culture.language())
        .nested("preferences", |preferences| {
            preferences
                .boolean("newsletter", newsletter)
                .with("interests", |bytes| {
                    bytes.push(b'[');
                    put_json_string(bytes, chance.pick(&["tea", "coffee", "home", "gifts"]));
                    bytes.push(b']');
                })
                .with("visits", |bytes| put_number(bytes, i64::from(chance.below(40))))
        })
        .with("created_at", |bytes| put_json_time(bytes, created, person))
        .with("updated_at", |bytes| put_json_time(bytes, updated, person))
        .end_line();
}

fn put_json_time(bytes: &mut Vec<u8>, at: Moment, person: &Person) {
    bytes.push(b'"');
    put_time_iso(bytes, at, person.country);
    bytes.push(b'"');
}

/// Writes the web orders of `person`, who has these shop `accounts`.
pub(in super::super) fn orders(
    world: &World,
    person: &Person,
    accounts: &[u64],
    orders: &[Order],
    output: &mut Output,
    chance: &mut Chance,
) {
    for order in orders.iter().filter(|order| order.place == Place::Web) {
        let account = match accounts {
            [] => None,
            [only] => Some(*only),
            several => Some(chance.pick(several)),
        };
        let buyer = match account.filter(|_| !chance.yes(0.04)) {
            Some(account) => Buyer::Account(account),
            None => Buyer::Guest(Box::new(Claim::draw(person, order.at, &GUEST, chance))),
        };
        write(world, person, &buyer, order, output, chance);
    }
}

/// Who stands on an order.
enum Buyer {
    Account(u64),
    Guest(Box<Claim>),
}

fn write(world: &World, person: &Person, buyer: &Buyer, order: &Order, output: &mut Output, chance: &mut Chance) {
    let number = order_number(person, order.sequence, false);
    if matches!(buyer, Buyer::Guest(_)) {
        truth::record(output, person.number, |bytes| put_id(bytes, "shop_guest:W", number, ORDER_DIGITS as usize));
    }
    let currency = order.currency;
    let head = Head { number, at: order.at, updated: order.at, status: "open", currency, refund_of: None };
    let status = match order.status {
        Status::Open => "open",
        Status::Completed => "completed",
        Status::Cancelled => "cancelled",
    };
    // The nightly export now and then caught an order before it was packed, and then again.
    if order.status != Status::Open && chance.yes(0.015) {
        row(world, person, buyer, &head, order.lines(), 1, output);
    }
    let updated = world.capped(order.at.plus(chance.between(3_600, 3 * DAY)));
    row(world, person, buyer, &Head { updated, status, ..head }, order.lines(), 1, output);
    lines(world, &head, order.lines(), 1, output);
    if let Some(at) = order.returned {
        let back = order_number(person, order.sequence, true);
        let head = Head { number: back, at, updated: at, status: "returned", refund_of: Some(number), ..head };
        let returned = &order.lines()[..order.returned_lines];
        row(world, person, buyer, &head, returned, -1, output);
        lines(world, &head, returned, -1, output);
    }
}

/// What stands on an order besides people and goods.
#[derive(Clone, Copy)]
struct Head {
    number: u64,
    at: Moment,
    updated: Moment,
    status: &'static str,
    currency: Currency,
    refund_of: Option<u64>,
}

/// Writes one order; `sign` is -1 for a return.
fn row(world: &World, person: &Person, buyer: &Buyer, head: &Head, lines: &[Line], sign: i64, output: &mut Output) {
    let (amount, discount) = totals(lines);
    let guest = match buyer {
        Buyer::Guest(claim) => Some(claim),
        Buyer::Account(_) => None,
    };
    let postal = guest.and_then(|claim| claim.postal.as_ref());
    output
        .rows(Sheet::ShopOrders(world.sheets.year(head.at.day())))
        .delimited(head.at.key(), b',')
        .id("W", head.number, ORDER_DIGITS as usize)
        .with(|bytes| put_time_iso(bytes, head.at, person.country))
        .with(|bytes| put_time_iso(bytes, head.updated, person.country))
        .text(head.status)
        .with(|bytes| {
            if let Buyer::Account(number) = buyer {
                put_id(bytes, "", *number, ACCOUNT_DIGITS as usize);
            }
        })
        .maybe(guest.map(|claim| claim.full_name()).as_deref())
        .maybe(guest.and_then(|claim| claim.email.as_deref()))
        .maybe(guest.and_then(|claim| claim.phone.as_deref()))
        .maybe(postal.map(|postal| &*postal.street))
        .maybe(postal.map(|postal| postal.city))
        .maybe(postal.map(|postal| &*postal.postcode))
        .text(person.country.iso())
        .money(discount, b'.')
        .money(sign * amount, b'.')
        .text(head.currency.iso())
        .with(|bytes| {
            if let Some(number) = head.refund_of {
                put_id(bytes, "W", number, ORDER_DIGITS as usize);
            }
        })
        .end();
}

fn lines(world: &World, head: &Head, lines: &[Line], sign: i64, output: &mut Output) {
    let rows = output.rows(Sheet::ShopLines(world.sheets.year(head.at.day())));
    for (at, line) in lines.iter().enumerate() {
        rows.delimited(head.at.key(), b',')
            .id("W", head.number, ORDER_DIGITS as usize)
            .number(at as i64 + 1)
            .id("", u64::from(line.product), products::DIGITS)
            .number(sign * line.quantity)
            .money(line.unit_price, b'.')
            .money(line.discount, b'.')
            .money(sign * line.amount(), b'.')
            .text(head.currency.iso())
            .end();
    }
}

/// The account number as the shop writes it.
pub(in super::super) fn put_account(bytes: &mut Vec<u8>, account: u64) {
    put_id(bytes, "", account, ACCOUNT_DIGITS as usize);
}
