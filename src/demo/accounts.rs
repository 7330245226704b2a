//! Companies that buy, and the people who work there. One company for every hundred customer numbers.

use super::chance::{Chance, Purpose};
use super::moment::{Day, Moment};
use super::person::Job;
use super::world::World;

/// How many customer numbers share a company.
pub(super) const CUSTOMERS_PER_ACCOUNT: u64 = 100;

const FIRST: [&str; 24] = [
    "Harbour",
    "Northgate",
    "Blue Heron",
    "Kestrel",
    "Alder",
    "Pennine",
    "Castle",
    "Silverdale",
    "Redwood",
    "Thames",
    "Carpathia",
    "Dunărea",
    "Lotus",
    "Sông Hồng",
    "Golden Bridge",
    "Jade Garden",
    "Willow",
    "Marlow",
    "Highland",
    "Severn",
    "Orchard",
    "Beacon",
    "Falcon",
    "Greenfield",
];
const SECOND: [&str; 16] = [
    "Hotels",
    "Logistics",
    "Consulting",
    "Dental Care",
    "Architects",
    "Software",
    "Catering",
    "Interiors",
    "Events",
    "Engineering",
    "Law",
    "Media",
    "Foods",
    "Energy",
    "Clinics",
    "Schools",
];
const INDUSTRIES: [&str; 16] = [
    "hospitality",
    "logistics",
    "professional services",
    "health",
    "construction",
    "software",
    "hospitality",
    "design",
    "events",
    "engineering",
    "professional services",
    "media",
    "food",
    "energy",
    "health",
    "education",
];
const FORMS: [&str; 5] = ["Ltd", "Limited", "plc", "SRL", "Co., Ltd"];
const SIZES: [&str; 5] = ["1-9", "10-49", "50-249", "250-999", "1000+"];
const OWNERS: [&str; 5] = ["Priya Nair", "Tom Becket", "Ana Moraru", "Minh Trang", "Li Wen"];
const TITLES: [&str; 8] = [
    "Office Manager",
    "Purchasing Lead",
    "Director",
    "Assistant",
    "Head of Operations",
    "Finance Manager",
    "Events Coordinator",
    "Facilities Manager",
];

/// A company.
pub(super) struct Account {
    pub(super) number: u64,
    pub(super) name: String,
    pub(super) domain: String,
    pub(super) industry: &'static str,
    pub(super) size: &'static str,
    pub(super) owner: &'static str,
    pub(super) updated: Moment,
    pub(super) renews: Day,
}

/// The company with this number: the same whoever asks.
pub(super) fn account(world: &World, number: u64) -> Account {
    let mut chance = Chance::new(world.seed, Purpose::Account, number);
    let first = chance.pick(&FIRST);
    let line = chance.below(SECOND.len() as u32) as usize;
    let slug: String =
        any_ascii::any_ascii(first).chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect();
    let trade = SECOND[line].to_ascii_lowercase().replace(' ', "");
    Account {
        number,
        name: format!("{first} {} {}", SECOND[line], chance.pick(&FORMS)),
        domain: format!("{slug}-{trade}-{number}.example"),
        industry: INDUSTRIES[line],
        size: chance.pick(&SIZES),
        owner: chance.pick(&OWNERS),
        updated: world.moment(&mut chance),
        renews: Day(world.end.day().0 + chance.between(-20, 400) as i32),
    }
}

/// A job at the company that customer `number` may work for.
pub(super) fn job(world: &World, number: u64, chance: &mut Chance) -> Job {
    let account = account(world, number / CUSTOMERS_PER_ACCOUNT);
    Job { account: account.number, company: account.name, domain: account.domain, title: chance.pick(&TITLES) }
}
