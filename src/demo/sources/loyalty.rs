//! The loyalty scheme: an old server that knows no letters beyond code page 1252, writes whole names in one field, and
//! points in a file of their own, whose transfer breaks off now and then. Who buys on account has shown their papers.

use super::super::buying::{Order, Place, totals};
use super::super::chance::{Chance, shuffled};
use super::super::claim::{Claim, Habits};
use super::super::moment::{DAY, Moment};
use super::super::names::Culture;
use super::super::person::Person;
use super::super::sheet::{Output, Sheet};
use super::super::world::World;
use super::super::write::{put_date_day_first, put_date_iso, put_time};
use super::{is_spoilt, truth};

pub(in super::super) const MEMBERS_HEAD: &str =
    "Card;Name;Born;Mobile;Mail;Address;Town;Postcode;Country;Joined;Tier;Points;NI Number\n";
pub(in super::super) const MOVEMENTS_HEAD: &str = "movement_no,card,moved_at,points,reason,tier\n";

const HABITS: Habits = Habits {
    latin: 0.2,
    nickname: 0.08,
    typo: 0.04,
    email: 0.6,
    phone: 0.82,
    birth: 0.7,
    address: 0.6,
    placeholder: 0.02,
};

/// Chinese has no letters that the server could lose the marks of.
const HABITS_CHINESE: Habits = Habits { latin: 1.0, ..HABITS };

/// How many cards one customer can have.
const CARDS: u64 = 2;
/// How many movements a card's owner can have: one for each order and return, rewards, and the welcome.
const MOVEMENTS: u64 = 2_048;
/// One movement in so many was under way when the transfer broke off.
const BREAKS: u64 = 401;

/// Draws the cards of `person`: when each came into use, and its number. Some lose their card and get another.
pub(in super::super) fn cards(world: &World, person: &Person, chance: &mut Chance) -> Vec<(Moment, String)> {
    let mut cards = vec![(person.joined.plus(-DAY).max(world.start), card_number(person.number * CARDS))];
    if chance.yes(0.07) {
        cards.push((Moment(chance.between(person.joined.0, world.end.0)), card_number(person.number * CARDS + 1)));
    }
    cards
}

/// An EAN-13 of the range that shops use for themselves, check digit included.
fn card_number(running: u64) -> String {
    let body = format!("29{:010}", shuffled(running, 10, 23));
    let sum: u32 =
        body.bytes().enumerate().map(|(at, digit)| u32::from(digit - b'0') * if at % 2 == 0 { 1 } else { 3 }).sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// Writes the membership of each card and its movements of points.
pub(in super::super) fn write(
    world: &World,
    person: &Person,
    cards: &[(Moment, String)],
    orders: &[Order],
    output: &mut Output,
    chance: &mut Chance,
) {
    let mut sequence = 0;
    for (at, (since, card)) in cards.iter().enumerate() {
        let until = cards.get(at + 1).map_or(world.end, |(next, _)| *next);
        let (points, tier) = movements(person, card, (*since, until), orders, &mut sequence, output);
        member(person, (*since, card), points, tier, output, chance);
        truth::record(output, person.number, |bytes| {
            bytes.extend_from_slice(b"loyalty:");
            bytes.extend_from_slice(card.as_bytes());
        });
    }
}

fn member(
    person: &Person,
    (since, card): (Moment, &str),
    points: i64,
    tier: &str,
    output: &mut Output,
    chance: &mut Chance,
) {
    let habits = if person.culture == Culture::Chinese { &HABITS_CHINESE } else { &HABITS };
    let claim = Claim::draw(person, since, habits, chance);
    let postal = claim.postal.as_ref();
    output
        .rows(Sheet::LoyaltyMembers)
        .delimited(since.key(), b';')
        .text(card)
        .text(&legacy(&claim.full_name()).to_uppercase())
        .with(|bytes| {
            if let Some(day) = claim.birth {
                put_date_day_first(bytes, day, b'/');
            }
        })
        .maybe(claim.phone.as_deref())
        .maybe(claim.email.as_deref())
        .maybe(postal.map(|postal| legacy(&postal.street)).as_deref())
        .maybe(postal.map(|postal| legacy(postal.city)).as_deref())
        .maybe(postal.map(|postal| &*postal.postcode))
        .text(person.country.iso())
        .with(|bytes| put_date_day_first(bytes, since.day(), b'/'))
        .text(tier)
        .number(points)
        .maybe(person.national_id().map(|id| id.replace(' ', "")).as_deref())
        .end();
}

/// Writes what came onto and off one card; returns the balance and the tier.
fn movements(
    person: &Person,
    card: &str,
    (since, until): (Moment, Moment),
    orders: &[Order],
    sequence: &mut u64,
    output: &mut Output,
) -> (i64, &'static str) {
    let mut write = |at: Moment, points: i64, reason: &str, tier: &str, output: &mut Output| {
        let number = shuffled(person.number * MOVEMENTS + *sequence, 11, 33);
        *sequence += 1;
        output
            .rows(Sheet::LoyaltyMovements)
            .delimited(at.key(), b',')
            .id("", number, 11)
            .text(card)
            .with(|bytes| {
                put_date_iso(bytes, at.day());
                bytes.push(b' ');
                put_time(bytes, at);
            })
            .number(points)
            .text(reason)
            .text(tier)
            .end();
        if is_spoilt(person, number, BREAKS) {
            // The next attempt brought the row whole; of this one, half is left.
            output.rows(Sheet::LoyaltyMovements).repeat_spoilt(|row| {
                row.truncate(row.len() / 2);
                row.push(b'\n');
            });
        }
    };
    let (mut balance, mut earned) = (50, 50);
    write(since, 50, "welcome", tier(earned), output);
    let in_store = |order: &&Order| matches!(order.place, Place::Store(_)) && order.at >= since && order.at < until;
    for order in orders.iter().filter(in_store) {
        let points = totals(order.lines()).0 / 100;
        balance += points;
        earned += points;
        write(order.at, points, "purchase", tier(earned), output);
        if balance >= 500 {
            balance -= 500;
            write(order.at, -500, "reward", tier(earned), output);
        }
    }
    (balance, tier(earned))
}

fn tier(earned: i64) -> &'static str {
    match earned {
        ..400 => "bronze",
        400..1_500 => "silver",
        _ => "gold",
    }
}

/// `text` with letters of code page 1252 only; others lose their marks.
fn legacy(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut text, letter| {
        match letter {
            '\0'..='\x7f' | 'à'..='ö' | 'ø'..='ÿ' | 'À'..='Ö' | 'Ø'..='ß' => text.push(letter),
            _ => text.push_str(any_ascii::any_ascii_char(letter)),
        }
        text
    })
}
