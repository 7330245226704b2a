//! Clicks on the web site: a cookie always, the shop account once somebody logged in. Epoch milliseconds.

use super::super::buying::{Order, Place};
use super::super::chance::{Chance, shuffled};
use super::super::moment::Moment;
use super::super::person::Person;
use super::super::sheet::{Output, Sheet};
use super::super::world::World;
use super::super::write::{put_id, put_number};
use super::{products, shop, truth};

/// How many events one customer can have.
const EVENTS: u64 = 1_024;
const CHANNELS: [&str; 5] = ["direct", "search", "email", "social", "ad"];
const DEVICES: [&str; 3] = ["phone", "desktop", "tablet"];

/// A visit under way.
struct Visit<'a> {
    person: &'a Person,
    /// The account, if the visitor logs in.
    account: Option<u64>,
    logged_in: bool,
    channel: &'static str,
    device: &'static str,
    session: u64,
    at: Moment,
}

/// Writes the visits of `person`: some just before a web order, some that lead to nothing. Returns
/// whether there were any.
pub(in super::super) fn visits(
    world: &World,
    person: &Person,
    accounts: &[u64],
    orders: &[Order],
    output: &mut Output,
    chance: &mut Chance,
) -> bool {
    let mut sequence = 0;
    let device = chance.pick(&DEVICES);
    let mut starts: Vec<(Moment, Option<&Order>)> = orders
        .iter()
        .filter(|order| order.place == Place::Web && !accounts.is_empty() && chance.yes(0.08))
        .map(|order| (order.at.plus(-900), Some(order)))
        .collect();
    for _ in 0..chance.poisson(if accounts.is_empty() { 0.08 } else { 1.2 }) {
        starts.push((Moment(chance.between(person.joined.0, world.end.0 - 1_800)), None));
    }
    for (number, (at, order)) in starts.into_iter().take(60).enumerate() {
        let own = person.device == person.number;
        let account = accounts.first().copied().filter(|_| order.is_some() || !own || chance.yes(0.6));
        // On a tablet that others use as well, everybody but its owner logs in first.
        let logged_in = account.is_some() && (!own || chance.yes(0.3));
        if !own && account.is_none() {
            continue;
        }
        let session = shuffled(person.number * 64 + number as u64, 10, 34);
        let channel = chance.pick(&CHANNELS);
        let visit = Visit { person, account, logged_in, channel, device, session, at };
        write(world, visit, order, &mut sequence, output, chance);
    }
    sequence > 0
}

/// Says whose browser it is that customer `number` owns.
pub(in super::super) fn browser(number: u64, output: &mut Output) {
    truth::record(output, number, |bytes| {
        bytes.extend_from_slice(b"web:");
        put_cookie(bytes, number);
    });
}

/// Writes one visit.
fn write(
    world: &World,
    mut visit: Visit<'_>,
    order: Option<&Order>,
    sequence: &mut u64,
    output: &mut Output,
    chance: &mut Chance,
) {
    let bought = order.map(|order| order.lines()[0].product);
    let product = bought.unwrap_or_else(|| chance.below(world.catalogue.products.len() as u32));
    let mut step = |kind: &str, product: Option<u32>, visit: &mut Visit<'_>, chance: &mut Chance| {
        event(kind, product, visit, sequence, output);
        visit.at = visit.at.plus(chance.between(5, 120));
    };
    step("view", None, &mut visit, chance);
    if chance.yes(0.3) {
        step("search", None, &mut visit, chance);
    }
    step("view", Some(product), &mut visit, chance);
    if visit.account.is_some() && !visit.logged_in {
        visit.logged_in = true;
        step("login", None, &mut visit, chance);
    }
    if order.is_some() || chance.yes(0.35) {
        step("add_to_cart", Some(product), &mut visit, chance);
        if order.is_some() || chance.yes(0.2) {
            step("checkout", None, &mut visit, chance);
        }
        if order.is_some() {
            step("purchase", Some(product), &mut visit, chance);
        }
    }
}

fn event(kind: &str, product: Option<u32>, visit: &Visit<'_>, sequence: &mut u64, output: &mut Output) {
    let number = shuffled(visit.person.number * EVENTS + *sequence, 11, 35);
    *sequence += 1;
    let mut row =
        output.rows(Sheet::WebEvents).object(visit.at.key()).with("event_id", |bytes| put_number(bytes, number as i64));
    row = row.with("ts", |bytes| put_number(bytes, visit.at.0 * 1_000 + (number % 1_000) as i64));
    row = row.text("type", kind).with("cookie", |bytes| {
        bytes.push(b'"');
        put_cookie(bytes, visit.person.device);
        bytes.push(b'"');
    });
    if let Some(account) = visit.account.filter(|_| visit.logged_in) {
        row = row.with("user_id", |bytes| {
            bytes.push(b'"');
            shop::put_account(bytes, account);
            bytes.push(b'"');
        });
    }
    row = row.with("session", |bytes| put_number(bytes, visit.session as i64));
    row = match product {
        Some(product) => row
            .with("page", |bytes| {
                put_id(bytes, "\"/product/", u64::from(product), products::DIGITS);
                bytes.push(b'"');
            })
            .with("product", |bytes| {
                put_id(bytes, "\"", u64::from(product), products::DIGITS);
                bytes.push(b'"');
            }),
        None if kind == "view" => row.text("page", "/"),
        None => row.with("page", |bytes| {
            bytes.extend_from_slice(b"\"/");
            bytes.extend_from_slice(kind.as_bytes());
            bytes.push(b'"');
        }),
    };
    row.nested("client", |client| client.text("device", visit.device).text("referrer", visit.channel)).end_line();
}

/// The cookie of customer `number`'s browser, in hexadecimal.
fn put_cookie(bytes: &mut Vec<u8>, number: u64) {
    // The finaliser of SplitMix64 (Steele, Lea, Flood 2014) is a permutation: no two browsers share a cookie.
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^= mixed >> 31;
    bytes.extend((0..16).rev().map(|nibble| b"0123456789abcdef"[(mixed >> (nibble * 4)) as usize & 15]));
}
