//! One customer's whole story: which systems get to know them, what they buy, and what each system writes down.

use super::buying::{Habit, Place};
use super::chance::{Chance, Purpose};
use super::household;
use super::moment::Country;
use super::person::Person;
use super::sheet::Output;
use super::sources::{consents, crm, loyalty, mail, shop, support, tills, truth, web};
use super::world::World;

/// Which systems know a customer.
#[expect(clippy::struct_excessive_bools, reason = "each system knows a customer or does not, whatever the others do")]
struct Ties {
    /// Has met the shop but never bought.
    prospect: bool,
    /// The share of orders placed on the web.
    web_share: f64,
    account: bool,
    card: bool,
    contact: bool,
    newsletter: bool,
}

impl Ties {
    fn draw(person: &Person, chance: &mut Chance) -> Self {
        let prospect = chance.yes(0.14);
        let at_home = person.country == Country::Britain;
        let web_share = match chance.unit() {
            _ if !at_home => 1.0,
            share if share < 0.32 => 1.0,
            share if share < 0.62 => 0.0,
            _ => 0.2 + 0.6 * chance.unit(),
        };
        let mut ties = Self {
            prospect,
            web_share,
            account: web_share > 0.0 && chance.yes(if prospect { 0.45 } else { 0.85 }),
            card: web_share < 1.0 && chance.yes(if prospect { 0.08 } else { 0.88 }),
            contact: person.job.is_some() || chance.yes(if prospect { 0.45 } else { 0.3 }),
            newsletter: chance.yes(0.5),
        };
        // Everybody is known somewhere: otherwise they would not be in the data.
        if !ties.account && !ties.card && !ties.contact {
            if prospect {
                ties.contact = true;
            } else if web_share < 1.0 {
                ties.card = true;
            }
        }
        ties
    }
}

/// Writes the customers `first` to `end` - 1, household by household.
pub(super) fn write_range(world: &World, first: u64, end: u64, output: &mut Output) {
    let mut next = first;
    while next < end {
        let people = household::members(world, next, end - next);
        next += people.len() as u64;
        // Whose browsers were used: a tablet that several use is still one record, its owner's.
        let mut devices: Vec<u64> =
            people.iter().filter(|person| write(world, person, output)).map(|person| person.device).collect();
        devices.sort_unstable();
        devices.dedup();
        for device in devices {
            web::browser(device, output);
        }
    }
}

/// Writes one customer; returns whether they visited the web site.
fn write(world: &World, person: &Person, output: &mut Output) -> bool {
    let mut chance = Chance::new(world.seed, Purpose::Customer, person.number);
    let chance = &mut chance;
    let ties = Ties::draw(person, chance);
    let habit = Habit::draw(world, ties.web_share, chance);
    let (orders, alive) =
        if ties.prospect { (Vec::new(), true) } else { habit.orders(world, person.country, person.joined, chance) };
    let accounts = if ties.account { shop::accounts(world, person, output, chance) } else { Vec::new() };
    let cards = if ties.card { loyalty::cards(world, person, chance) } else { Vec::new() };
    let card = cards.first().map(|(_, card)| &**card);
    let contacts = if ties.contact { crm::contacts(world, person, card, output, chance) } else { Vec::new() };
    shop::orders(world, person, &accounts, &orders, output, chance);
    tills::receipts(world, person, &cards, &orders, output, chance);
    loyalty::write(world, person, &cards, &orders, output, chance);
    let visited = web::visits(world, person, &accounts, &orders, output, chance);
    let unsubscribed =
        if ties.newsletter { mail::messages(world, person, person.joined, output, chance) } else { None };
    consents::write(world, person, (&accounts, &contacts, &cards), unsubscribed, output, chance);
    let bought = orders.iter().filter(|order| order.place == Place::Web).count();
    support::tickets(world, person, bought, output, chance);
    crm::account(world, person.number, output);
    if chance.yes(0.004) {
        crm::junk(world, person.number, output, chance);
    }
    truth::customer(output, person.number, &orders, alive);
    visited
}
