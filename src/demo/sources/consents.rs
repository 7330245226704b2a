//! The consent register: statements only ever added, each under the key of the system where it was given. Some came in a
//! second time, by a gateway that knows no UTF-8.

use super::super::chance::{Chance, shuffled};
use super::super::moment::{DAY, Moment};
use super::super::person::Person;
use super::super::sheet::{Output, Sheet};
use super::super::world::World;
use super::super::write::{put_clock_iso, put_id};
use super::{is_spoilt, shop, truth};

pub(in super::super) const HEAD: &str =
    "statement,subject_type,subject,purpose,channel,answer,effective,given_where,notice,proof\n";

/// How many statements one customer can make.
const STATEMENTS: u64 = 16;
/// One statement in so many came in by the gateway too.
const RELAYED: u64 = 199;
/// In code page 1252, and in UTF-8 no letter.
const NO_BREAK_SPACE: u8 = 0xa0;

/// Whose statement it is, as the register knows them.
enum Subject<'a> {
    Account(u64),
    Contact(u64),
    Card(&'a str),
    Email(&'a str),
}

/// Writes what `person` agreed to and took back, under the records that the sources have of them.
pub(in super::super) fn write(
    world: &World,
    person: &Person,
    (accounts, contacts, cards): (&[u64], &[u64], &[(Moment, String)]),
    unsubscribed: Option<Moment>,
    output: &mut Output,
    chance: &mut Chance,
) {
    let mut register = Register { person, sequence: 0, output };
    if let Some(account) = accounts.first() {
        let granted = chance.yes(0.62);
        register.add(&Subject::Account(*account), ("marketing", "email", granted), person.joined, "account form");
        if granted && chance.yes(0.1) {
            let at = Moment(chance.between(person.joined.0, world.end.0));
            register.add(&Subject::Account(*account), ("marketing", "email", false), at, "account settings");
        }
    }
    if let Some((since, card)) = cards.first() {
        register.add(&Subject::Card(card), ("marketing", "sms", chance.yes(0.45)), *since, "till form");
        register.add(&Subject::Card(card), ("profiling", "", chance.yes(0.8)), *since, "till form");
    }
    if let Some(contact) = contacts.first() {
        let at = world.capped(person.joined.plus(chance.between(0, 20 * DAY)));
        register.add(&Subject::Contact(*contact), ("marketing", "phone", chance.yes(0.4)), at, "sales call");
    }
    if let Some(at) = unsubscribed {
        let email = person.email.at(at);
        register.add(&Subject::Email(email), ("marketing", "email", false), at, "unsubscribe link");
    }
}

struct Register<'a> {
    person: &'a Person,
    sequence: u64,
    output: &'a mut Output,
}

impl Register<'_> {
    fn add(&mut self, subject: &Subject<'_>, (purpose, channel, granted): (&str, &str, bool), at: Moment, place: &str) {
        let number = shuffled(self.person.number * STATEMENTS + self.sequence, 9, 37);
        self.sequence += 1;
        let kind = match subject {
            Subject::Account(_) => "shop_customer",
            Subject::Contact(_) => "crm_contact",
            Subject::Card(_) => "loyalty_card",
            Subject::Email(_) => "email",
        };
        let (year, _, _) = at.day().civil();
        self.output
            .rows(Sheet::Consents)
            .delimited(at.key(), b',')
            .id("C", number, 9)
            .text(kind)
            .with(|bytes| match subject {
                Subject::Account(number) => shop::put_account(bytes, *number),
                Subject::Contact(number) => put_id(bytes, "", *number, 8),
                Subject::Card(text) | Subject::Email(text) => bytes.extend_from_slice(text.as_bytes()),
            })
            .text(purpose)
            .text(channel)
            .text(if granted { "yes" } else { "no" })
            .with(|bytes| {
                put_clock_iso(bytes, at);
                bytes.push(b'Z');
            })
            .text(place)
            .with(|bytes| put_id(bytes, "privacy-", year as u64, 4))
            .with(|bytes| put_id(bytes, "vault/", number, 9))
            .end();
        if is_spoilt(self.person, number, RELAYED) {
            self.output.rows(Sheet::Consents).repeat_spoilt(|row| {
                row.iter_mut().filter(|byte| **byte == b' ').for_each(|space| *space = NO_BREAK_SPACE);
            });
        }
        if matches!(subject, Subject::Email(_)) {
            truth::record(self.output, self.person.number, |bytes| put_id(bytes, "consents:C", number, 9));
        }
    }
}
