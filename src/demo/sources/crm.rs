//! The CRM: typed by sales staff into a German product. Semicolons, a byte order mark, day-first dates, columns with
//! spaces in their names; duplicates, placeholders in mandatory fields, test rows that nobody removed, and rows with a
//! field too many.

use super::super::accounts::{self, CUSTOMERS_PER_ACCOUNT};
use super::super::chance::{Chance, shuffled};
use super::super::claim::{Claim, Habits};
use super::super::moment::{DAY, Moment};
use super::super::names::Sex;
use super::super::person::Person;
use super::super::sheet::{Output, Sheet};
use super::super::world::World;
use super::super::write::{put_date_day_first, put_date_iso, put_id};
use super::{is_spoilt, truth};

pub(in super::super) const CONTACTS_HEAD: &str = "\u{feff}Customer No;Salutation;First Name;Last Name;Date of Birth;\
    Sex;E-mail;Telephone;Street;City;County;Postcode;Country;Company;Job Title;Account No;Loyalty Card;Language;\
    Created On;Changed On;National ID\n";
pub(in super::super) const ACCOUNTS_HEAD: &str =
    "\u{feff}Account No;Name;Website;Industry;Employees;Owner;Renewal Date;Changed On\n";

const HABITS: Habits = Habits {
    latin: 0.3,
    nickname: 0.12,
    typo: 0.06,
    email: 0.78,
    phone: 0.75,
    birth: 0.5,
    address: 0.85,
    placeholder: 0.03,
};

/// How many rows one customer can have, test rows included.
const ROWS: u64 = 4;
const DIGITS: u32 = 8;
/// One row in so many was copied to add a word.
const REMARKS: u64 = 61;

/// Writes the contact rows of `person` and returns their numbers. `card` is a loyalty card that sales may have noted.
pub(in super::super) fn contacts(
    world: &World,
    person: &Person,
    card: Option<&str>,
    output: &mut Output,
    chance: &mut Chance,
) -> Vec<u64> {
    let rows = if chance.yes(0.1) { 2 + u64::from(chance.yes(0.2)) } else { 1 };
    let numbers: Vec<u64> = (0..rows).map(|row| shuffled(person.number * ROWS + row, DIGITS, 21)).collect();
    for number in &numbers {
        let created = Moment(chance.between(person.joined.0 - 30 * DAY, world.end.0).max(world.start.0));
        let changed = Moment(chance.between(created.0, world.end.0));
        let claim = Claim::draw(person, changed, &HABITS, chance);
        let card = card.filter(|_| chance.yes(0.4));
        contact(person, &claim, *number, card, (created, changed), output, chance);
        if chance.yes(0.015) {
            // An export that ran twice: the same customer again, changed since.
            let later = Moment(chance.between(changed.0, world.end.0));
            let claim = Claim::draw(person, later, &HABITS, chance);
            contact(person, &claim, *number, card, (created, later), output, chance);
        }
        truth::record(output, person.number, |bytes| put_id(bytes, "crm:", *number, DIGITS as usize));
    }
    numbers
}

fn contact(
    person: &Person,
    claim: &Claim,
    number: u64,
    card: Option<&str>,
    (created, changed): (Moment, Moment),
    output: &mut Output,
    chance: &mut Chance,
) {
    let swapped = claim.latin && person.culture.family_first() && chance.yes(0.08);
    let (first, last) = if swapped { (&claim.family, &claim.given) } else { (&claim.given, &claim.family) };
    let salutation = if person.sex == Sex::Female { chance.pick(&["Ms", "Mrs", "Miss"]) } else { "Mr" };
    let sex = if person.sex == Sex::Female { "F" } else { "M" };
    let postal = claim.postal.as_ref();
    let job = person.job.as_ref();
    output
        .rows(Sheet::CrmContacts)
        .delimited(created.key(), b';')
        .id("", number, DIGITS as usize)
        .maybe(chance.yes(0.7).then_some(salutation))
        .text(first)
        .text(last)
        .with(|bytes| {
            if let Some(day) = claim.birth {
                put_date_day_first(bytes, day, b'.');
            }
        })
        .maybe(chance.yes(0.6).then_some(sex))
        .maybe(claim.email.as_deref())
        .maybe(claim.phone.as_deref())
        .maybe(postal.map(|postal| &*postal.street))
        .maybe(postal.map(|postal| postal.city))
        .maybe(postal.map(|postal| postal.region))
        .maybe(postal.map(|postal| &*postal.postcode))
        .text(person.country.iso())
        .maybe(job.map(|job| &*job.company))
        .maybe(job.map(|job| job.title))
        .with(|bytes| {
            if let Some(job) = job {
                put_id(bytes, "A", job.account, 6);
            }
        })
        .maybe(card)
        .text(person.culture.language())
        .with(|bytes| put_date_day_first(bytes, created.day(), b'.'))
        .with(|bytes| put_date_day_first(bytes, changed.day(), b'.'))
        .maybe(person.national_id().filter(|_| !number.is_multiple_of(3)).as_deref())
        .end();
    if is_spoilt(person, number, REMARKS) {
        // Somebody copied the row in a spreadsheet and noted something behind the last column.
        output.rows(Sheet::CrmContacts).repeat_spoilt(|row| {
            row.truncate(row.len() - 1);
            row.extend_from_slice(b";call back after the holidays\n");
        });
    }
}

/// Writes a row that is nobody: somebody tried the form.
pub(in super::super) fn junk(world: &World, customer: u64, output: &mut Output, chance: &mut Chance) {
    let number = shuffled(customer * ROWS + ROWS - 1, DIGITS, 21);
    let created = world.moment(chance);
    let (first, last) = chance.pick(&[
        ("Test", "Test"),
        ("asdf", "asdf"),
        ("xxx", "xxx"),
        ("Mickey", "Mouse"),
        ("Walk-in", "Customer"),
        ("DO NOT", "USE"),
    ]);
    output
        .rows(Sheet::CrmContacts)
        .delimited(created.key(), b';')
        .id("", number, DIGITS as usize)
        .maybe(None)
        .text(first)
        .text(last)
        .text("01.01.1900")
        .maybe(None)
        .text(chance.pick(&["test@test.com", "noemail@noemail.com", "asdf@asdf.com", ""]))
        .text("0000000000")
        .maybe(None)
        .maybe(None)
        .maybe(None)
        .maybe(None)
        .text("GB")
        .maybe(None)
        .maybe(None)
        .maybe(None)
        .maybe(None)
        .maybe(None)
        .with(|bytes| put_date_day_first(bytes, created.day(), b'.'))
        .with(|bytes| put_date_day_first(bytes, created.day(), b'.'))
        .maybe(None)
        .end();
    truth::junk(output, customer, |bytes| put_id(bytes, "crm:", number, DIGITS as usize));
}

/// Writes the company of this customer number, if it is the first that has it.
pub(in super::super) fn account(world: &World, customer: u64, output: &mut Output) {
    if !customer.is_multiple_of(CUSTOMERS_PER_ACCOUNT) {
        return;
    }
    let account = accounts::account(world, customer / CUSTOMERS_PER_ACCOUNT);
    output
        .rows(Sheet::CrmAccounts)
        .delimited(account.number, b';')
        .id("A", account.number, 6)
        .text(&account.name)
        .text(&format!("https://www.{}/", account.domain))
        .text(account.industry)
        .text(account.size)
        .text(account.owner)
        .with(|bytes| put_date_iso(bytes, account.renews))
        .with(|bytes| put_date_day_first(bytes, account.updated.day(), b'.'))
        .end();
}
