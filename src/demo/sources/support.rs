//! The support desk: one JSON array of tickets, each with what the requester said about themselves. Phone numbers are
//! sometimes proved by a code sent by SMS.
//! What they write is in their own language, from `data/ticket_texts.csv`.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::super::chance::{Chance, shuffled};
use super::super::claim::{Claim, Habits};
use super::super::moment::{DAY, Moment};
use super::super::person::Person;
use super::super::sheet::{Output, Sheet};
use super::super::world::World;
use super::super::write::{put_clock_iso, put_id};
use super::truth;

const HABITS: Habits = Habits {
    latin: 0.5,
    nickname: 0.2,
    typo: 0.03,
    email: 0.9,
    phone: 0.5,
    birth: 0.0,
    address: 0.0,
    placeholder: 0.004,
};

/// How many tickets one customer can have.
const TICKETS: u64 = 64;

/// Topic, and whether it is a complaint.
const TOPICS: [(&str, bool); 8] = [
    ("delivery", true),
    ("delivery", false),
    ("damaged goods", true),
    ("returns", false),
    ("invoice", false),
    ("loyalty", false),
    ("address", false),
    ("product", false),
];

/// Of so many tickets one was never filed under a topic.
const UNFILED: u64 = 7;

type Matter = (&'static str, bool);

/// What people write, by matter and language.
static TEXTS: LazyLock<FxHashMap<(Matter, &'static str), Vec<&'static str>>> = LazyLock::new(|| {
    let table = include_str!("../../../data/ticket_texts.csv");
    // The texts have commas of their own.
    let lines = table.lines().skip(1).map(|line| line.splitn(4, ',').collect::<Vec<_>>());
    lines
        .filter_map(|line| {
            let [topic, mood, language, texts] = line[..] else { return None };
            Some((((topic, mood == "complaint"), language), texts.split('|').collect()))
        })
        .collect()
});

/// What one of those who speak `language` writes; by the ticket's number, which is as good as drawn.
fn text(matter: Matter, language: &'static str, number: u64) -> &'static str {
    let texts = &TEXTS[&(matter, language)];
    texts[(number % texts.len() as u64) as usize]
}

/// Writes the tickets of `person`, who placed so many orders.
pub(in super::super) fn tickets(
    world: &World,
    person: &Person,
    orders: usize,
    output: &mut Output,
    chance: &mut Chance,
) {
    let count = u64::from(chance.poisson(0.04 + 0.02 * orders as f64)).min(TICKETS);
    for sequence in 0..count {
        let opened = Moment(chance.between(person.joined.0, world.end.0));
        let closed = opened.plus(chance.between(1_800, 14 * DAY));
        let mut claim = Claim::draw(person, opened, &HABITS, chance);
        let verified = chance.yes(0.2);
        if verified {
            claim.phone = Some(person.phone.at(opened).typed(true, chance));
        }
        let ticket = Ticket {
            number: shuffled(person.number * TICKETS + sequence, 10, 38),
            opened,
            closed: (closed < world.end && !chance.yes(0.04)).then_some(closed),
            claim,
            verified,
            matter: chance.pick(&TOPICS),
        };
        write(&ticket, person, output);
        truth::record(output, person.number, |bytes| put_id(bytes, "support:T", ticket.number, 10));
    }
}

/// One ticket.
struct Ticket {
    number: u64,
    opened: Moment,
    /// None: still open.
    closed: Option<Moment>,
    claim: Claim,
    /// The phone number was proved.
    verified: bool,
    matter: Matter,
}

fn write(ticket: &Ticket, person: &Person, output: &mut Output) {
    let (topic, complaint) = ticket.matter;
    let topic = (!ticket.number.is_multiple_of(UNFILED)).then_some(topic);
    let text = text(ticket.matter, person.culture.language(), ticket.number);
    let claim = &ticket.claim;
    let row = output
        .rows(Sheet::SupportTickets)
        .object(ticket.opened.key())
        .with("id", |bytes| {
            put_id(bytes, "\"T", ticket.number, 10);
            bytes.push(b'"');
        })
        .nested("requester", |requester| {
            requester
                .text("name", &claim.full_name())
                .maybe("email", claim.email.as_deref())
                .maybe("phone", claim.phone.as_deref())
                .boolean("phone_verified", ticket.verified)
                .text("country", person.country.iso())
        })
        .with("opened_at", |bytes| put_zulu(bytes, ticket.opened));
    let row = match ticket.closed {
        Some(at) => row.with("closed_at", |bytes| put_zulu(bytes, at)),
        None => row.maybe("closed_at", None),
    };
    row.maybe("topic", topic).boolean("complaint", complaint).text("text", text).end();
}

fn put_zulu(bytes: &mut Vec<u8>, at: Moment) {
    bytes.push(b'"');
    put_clock_iso(bytes, at);
    bytes.extend_from_slice(b"Z\"");
}
