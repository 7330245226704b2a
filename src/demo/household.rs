//! Who lives together: couples, parents and children, twins, siblings, flat mates; and what they share.

use super::accounts;
use super::address::Address;
use super::chance::{Chance, Purpose, Weighted};
use super::moment::{Country, Day};
use super::names::{self, Culture, Sex, Spelling};
use super::person::{Person, Timeline, email_address, mail_letters};
use super::phone::Phone;
use super::world::World;

use std::sync::LazyLock;

static SIZES: LazyLock<Weighted<u64>> = LazyLock::new(|| Weighted::new([(1, 62), (2, 22), (3, 10), (4, 6)]));
static CULTURES: LazyLock<Weighted<Culture>> = LazyLock::new(|| {
    Weighted::new([(Culture::English, 52), (Culture::Chinese, 16), (Culture::Vietnamese, 16), (Culture::Romanian, 16)])
});

/// How the members of a household belong together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bond {
    /// Two adults, then their grown-up children, of whom the first two may be twins.
    Family { twins: bool },
    /// Brothers and sisters; the first two may be twins.
    Siblings { twins: bool },
    /// Nobody is related.
    FlatMates,
}

/// The people of the household whose first member is customer `number`; at most `room` of them.
pub(super) fn members(world: &World, number: u64, room: u64) -> Vec<Person> {
    let mut chance = Chance::new(world.seed, Purpose::Household, number);
    let chance = &mut chance;
    let size = (*SIZES.draw(chance)).min(room);
    let culture = *CULTURES.draw(chance);
    let country = country(culture, chance);
    let bond = match chance.unit() {
        share if share < 0.72 => Bond::Family { twins: chance.yes(0.3) },
        share if share < 0.82 => Bond::Siblings { twins: chance.yes(0.5) },
        _ => Bond::FlatMates,
    };
    let mut people: Vec<Person> = Vec::with_capacity(size as usize);
    let home = home(world, country, chance);
    for member in 0..size {
        let person = draw(world, number + member, culture, country, &home, bond, &people, chance);
        people.push(person);
    }
    if size > 1 && bond != Bond::FlatMates {
        share(&mut people, number, country, chance);
    }
    people
}

/// Most people buy from where their language is at home, many from Britain.
fn country(culture: Culture, chance: &mut Chance) -> Country {
    if chance.yes(0.35) {
        return Country::Britain;
    }
    match culture {
        Culture::English => Country::Britain,
        Culture::Chinese => Country::China,
        Culture::Romanian => Country::Romania,
        Culture::Vietnamese => Country::Vietnam,
    }
}

/// One household in six moves house while it is a customer.
fn home(world: &World, country: Country, chance: &mut Chance) -> Timeline<Address> {
    let mut home = Timeline::steady(Address::draw(country, chance));
    if chance.yes(0.16) {
        home.change(world.moment(chance), Address::draw(country, chance));
    }
    home
}

/// Draws the next member, given those who are there already.
fn draw(
    world: &World,
    number: u64,
    culture: Culture,
    country: Country,
    home: &Timeline<Address>,
    bond: Bond,
    others: &[Person],
    chance: &mut Chance,
) -> Person {
    let position = others.len();
    let is_child = matches!(bond, Bond::Family { .. }) && position >= 2;
    let sex = match (bond, others.first()) {
        (Bond::Family { .. }, Some(first)) if position == 1 => opposite(first.sex),
        _ if chance.yes(0.55) => Sex::Female,
        _ => Sex::Male,
    };
    let birth = birth(world, bond, others, is_child, chance);
    let given = loop {
        let given = names::given(culture, sex, chance);
        if others.iter().all(|other| other.given != given) {
            break given;
        }
    };
    let family = family_name(world, culture, bond, others, sex, chance);
    let joined = world.joining_moment(chance);
    let job = chance.yes(0.035).then(|| accounts::job(world, number, chance));
    let mut email = Timeline::steady(email_address((&given, family.at(joined)), number, false, country, chance));
    if chance.yes(0.14) {
        let at = world.moment(chance);
        email.change(at, email_address((&given, family.at(at)), number, true, country, chance));
    }
    if let Some(job) = &job {
        let local = format!("{}.{}{number}", mail_letters(&given.latin), mail_letters(&family.at(joined).latin));
        email = Timeline::steady(format!("{local}@{}", job.domain));
    }
    let mut phone = Timeline::steady(Phone::mobile(country, number, 0));
    if chance.yes(0.1) {
        phone.change(world.moment(chance), Phone::mobile(country, number, 1));
    }
    let home = if position > 0 && chance.yes(0.06) { self::home(world, country, chance) } else { home.clone() };
    let nickname = names::nickname(&given.native, chance);
    Person {
        number,
        culture,
        country,
        sex,
        birth,
        given,
        family,
        nickname,
        email,
        phone,
        home,
        landline: None,
        family_email: None,
        job,
        device: number,
        joined,
    }
}

fn opposite(sex: Sex) -> Sex {
    if sex == Sex::Female { Sex::Male } else { Sex::Female }
}

/// Adults are 18 to 85; children are 20 to 38 years younger than their parents; twins share the day.
fn birth(world: &World, bond: Bond, others: &[Person], is_child: bool, chance: &mut Chance) -> Day {
    let years = |low: i64, high: i64, chance: &mut Chance| chance.between(low * 365, high * 365) as i32;
    let twin_of = match bond {
        Bond::Family { twins: true } if others.len() == 3 => others.get(2),
        Bond::Siblings { twins: true } if others.len() == 1 => others.first(),
        _ => None,
    };
    let today = world.end.day().0;
    match (twin_of, others.first()) {
        (Some(twin), _) => twin.birth,
        (None, Some(parent)) if is_child => Day((parent.birth.0 + years(20, 38, chance)).min(today - 16 * 365)),
        (None, Some(other)) => Day((other.birth.0 + years(-6, 6, chance)).min(today - 18 * 365)),
        (None, None) if matches!(bond, Bond::Family { .. }) => Day(today - years(25, 80, chance)),
        (None, None) => Day(today - years(18, 72, chance)),
    }
}

/// Couples mostly share a name in English and Romanian, some since a wedding in these years; children take the
/// father's; siblings share one.
fn family_name(
    world: &World,
    culture: Culture,
    bond: Bond,
    others: &[Person],
    sex: Sex,
    chance: &mut Chance,
) -> Timeline<Spelling> {
    let own = names::family(culture, chance);
    let Some(first) = others.first() else { return Timeline::steady(own) };
    let of = |person: &Person| person.family.at(world.end).clone();
    match (bond, others.len()) {
        (Bond::FlatMates, _) => Timeline::steady(own),
        (Bond::Siblings { .. }, _) => Timeline::steady(of(first)),
        (Bond::Family { .. }, 1) if culture.family_first() || chance.yes(0.25) => Timeline::steady(own),
        (Bond::Family { .. }, 1) => {
            let mut family = Timeline::steady(of(first));
            if sex == Sex::Female && chance.yes(0.3) {
                family = Timeline::steady(own);
                family.change(world.moment(chance), of(first));
            }
            family
        }
        (Bond::Family { .. }, _) => {
            let father = others.iter().take(2).find(|person| person.sex == Sex::Male);
            Timeline::steady(of(father.unwrap_or(first)))
        }
    }
}

/// Some relatives give the same landline, the same e-mail address, or a parent's or partner's mobile.
fn share(people: &mut [Person], number: u64, country: Country, chance: &mut Chance) {
    if chance.yes(0.3) {
        let landline = Phone::landline(country, number);
        people.iter_mut().for_each(|person| person.landline = Some(landline.clone()));
    }
    if chance.yes(0.1) {
        let family = mail_letters(&people[0].family.first().latin);
        let email = format!("family.{family}.{number}@postbox.example");
        people.iter_mut().for_each(|person| person.family_email = Some(email.clone()));
    }
    if chance.yes(0.06) {
        people.iter_mut().for_each(|person| person.device = number);
    }
    if chance.yes(0.05) {
        let phone = people[0].phone.clone();
        if let Some(last) = people.last_mut() {
            last.phone = phone;
        }
    }
}
