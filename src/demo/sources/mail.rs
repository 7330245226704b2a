//! The e-mail tool: a log with one row per thing that happened to a message, under its own subscriber numbers. It comes
//! out of the tool's own warehouse, as Parquet, with times that are times.

use super::super::chance::{Chance, shuffled};
use super::super::moment::{DAY, Day, Moment};
use super::super::person::Person;
use super::super::row_group::Kind;
use super::super::sheet::{Output, Sheet};
use super::super::world::World;
use super::super::write::{put_clock_iso, put_id};
use super::truth;

pub(in super::super) const COLUMNS: [(&str, Kind); 6] = [
    ("message_id", Kind::Text),
    ("subscriber", Kind::Text),
    ("email", Kind::Text),
    ("campaign", Kind::Text),
    ("event", Kind::Text),
    ("event_time", Kind::Time),
];

/// How many messages one subscriber can have.
const MESSAGES: u64 = 64;
const SUBSCRIBER_DIGITS: u32 = 8;
const THEMES: [&str; 6] =
    ["New arrivals", "Tea time", "Members' week", "Seasonal gifts", "We miss you", "Home stories"];

/// Writes the newsletters sent to `person` since `since`; returns when they unsubscribed, if they did.
pub(in super::super) fn messages(
    world: &World,
    person: &Person,
    since: Moment,
    output: &mut Output,
    chance: &mut Chance,
) -> Option<Moment> {
    let email = person.email.at(since);
    let opens = chance.beta(2.0, 3.0);
    let (mut sequence, mut unsubscribed) = (0, None);
    for month in months(since.day(), world.end.day()) {
        if unsubscribed.is_some() || sequence == MESSAGES {
            break;
        }
        if !chance.yes(0.3) {
            continue;
        }
        let sent = month.start().plus(9 * 3_600 + chance.between(0, 3_600));
        let message = shuffled(person.number * MESSAGES + sequence, 10, 36);
        sequence += 1;
        let (year, number, _) = month.civil();
        let campaign = format!("{year}-{number:02} {}", THEMES[(year as usize * 12 + number as usize) % THEMES.len()]);
        let mut log = |event: &str, at: Moment| {
            let at = world.capped(at);
            output
                .rows(Sheet::MailMessages)
                .delimited(at.key(), b',')
                .id("M", message, 10)
                .with(|bytes| put_subscriber(bytes, person.number))
                .text(email)
                .text(&campaign)
                .text(event)
                .with(|bytes| put_clock_iso(bytes, at))
                .end();
        };
        log("sent", sent);
        if person.email.at(sent) != email && chance.yes(0.8) {
            log("bounced", sent.plus(40));
            break;
        }
        if chance.yes(opens) {
            let opened = sent.plus(chance.between(300, 2 * DAY));
            log("opened", opened);
            if chance.yes(0.22) {
                log("clicked", opened.plus(chance.between(5, 300)));
            } else if chance.yes(0.012) {
                log("unsubscribed", opened.plus(60));
                unsubscribed = Some(world.capped(opened.plus(60)));
            }
        } else if chance.yes(0.001) {
            log("complained", sent.plus(3_600));
            break;
        }
    }
    if sequence > 0 {
        truth::record(output, person.number, |bytes| {
            bytes.extend_from_slice(b"mail:");
            put_subscriber(bytes, person.number);
        });
    }
    unsubscribed
}

fn put_subscriber(bytes: &mut Vec<u8>, number: u64) {
    put_id(bytes, "", shuffled(number, SUBSCRIBER_DIGITS, 24), SUBSCRIBER_DIGITS as usize);
}

/// The fifth of every month after that of `first` and before `end`.
fn months(first: Day, end: Day) -> impl Iterator<Item = Day> {
    let next = |day: &Day| Some(Day(day.0 - day.civil().2 as i32 + 36).fifth());
    std::iter::successors(next(&first), next).take_while(move |day| *day < end)
}
