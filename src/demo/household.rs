//! Who lives together: couples, parents and children, twins, siblings, flat mates; and what they share.

use super::accounts;
use super::address::Address;
use super::chance::{Chance, Purpose, Weighted};
use super::moment::{Country, Day, Moment};
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

/// A household being made up.
struct Household<'a> {
    world: &'a World,
    /// The customer number of its first member.
    first: u64,
    culture: Culture,
    country: Country,
    bond: Bond,
    home: Timeline<Address>,
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
    let home = home(world, country, chance);
    let household = Household { world, first: number, culture, country, bond, home };
    let mut people: Vec<Person> = Vec::with_capacity(size as usize);
    for _ in 0..size {
        let person = household.next(&people, chance);
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

impl Household<'_> {
    /// Draws the next member, given those who are there already.
    fn next(&self, others: &[Person], chance: &mut Chance) -> Person {
        let number = self.first + others.len() as u64;
        let sex = self.sex(others, chance);
        let birth = self.birth(others, chance);
        let given = loop {
            let given = names::given(self.culture, sex, chance);
            if others.iter().all(|other| other.given != given) {
                break given;
            }
        };
        let family = self.family_name(others, sex, chance);
        let joined = self.world.joining_moment(chance);
        let job = chance.yes(0.035).then(|| accounts::job(self.world, number, chance));
        let email = match &job {
            Some(job) => {
                let (given, family) = (mail_letters(&given.latin), mail_letters(&family.at(joined).latin));
                Timeline::steady(format!("{given}.{family}{number}@{}", job.domain))
            }
            None => self.email(number, &given, &family, joined, chance),
        };
        let mut phone = Timeline::steady(Phone::mobile(self.country, number, 0));
        if chance.yes(0.1) {
            phone.change(self.world.moment(chance), Phone::mobile(self.country, number, 1));
        }
        let moved_out = !others.is_empty() && chance.yes(0.06);
        Person {
            number,
            culture: self.culture,
            country: self.country,
            sex,
            birth,
            nickname: names::nickname(self.culture, &given.native, chance),
            given,
            family,
            email,
            phone,
            home: if moved_out { home(self.world, self.country, chance) } else { self.home.clone() },
            landline: None,
            family_email: None,
            job,
            device: number,
            joined,
        }
    }

    fn sex(&self, others: &[Person], chance: &mut Chance) -> Sex {
        match (self.bond, others) {
            (Bond::Family { .. }, [first]) => opposite(first.sex),
            _ if chance.yes(0.55) => Sex::Female,
            _ => Sex::Male,
        }
    }

    /// Adults are 18 to 85; children are 20 to 38 years younger than their parents; twins share the day.
    fn birth(&self, others: &[Person], chance: &mut Chance) -> Day {
        let years = |low: i64, high: i64, chance: &mut Chance| chance.between(low * 365, high * 365) as i32;
        let today = self.world.end.day().0;
        match (self.bond, others) {
            (Bond::Family { twins: true }, [_, _, twin, ..]) | (Bond::Siblings { twins: true }, [twin]) => twin.birth,
            (Bond::Family { .. }, [parent, _, ..]) => {
                Day((parent.birth.0 + years(20, 38, chance)).min(today - 16 * 365))
            }
            (_, [other, ..]) => Day((other.birth.0 + years(-6, 6, chance)).min(today - 18 * 365)),
            (Bond::Family { .. }, []) => Day(today - years(25, 80, chance)),
            (_, []) => Day(today - years(18, 72, chance)),
        }
    }

    /// Couples mostly share a name in English and Romanian, some since a wedding in these years; children take the
    /// father's; siblings share one.
    fn family_name(&self, others: &[Person], sex: Sex, chance: &mut Chance) -> Timeline<Spelling> {
        let own = names::family(self.culture, chance);
        let of = |person: &Person| person.family.at(self.world.end).clone();
        match (self.bond, others) {
            (Bond::FlatMates, _) | (_, []) => Timeline::steady(own),
            (Bond::Family { .. }, [_]) if self.culture.family_first() || chance.yes(0.25) => Timeline::steady(own),
            (Bond::Family { .. }, [first]) if sex == Sex::Female && chance.yes(0.3) => {
                let mut family = Timeline::steady(own);
                family.change(self.world.moment(chance), of(first));
                family
            }
            (Bond::Family { .. }, [first, second, ..]) => {
                Timeline::steady(of(if second.sex == Sex::Male { second } else { first }))
            }
            (Bond::Family { .. } | Bond::Siblings { .. }, [first, ..]) => Timeline::steady(of(first)),
        }
    }

    /// One person in seven changes their address, and then writes the name that they have by then.
    fn email(
        &self,
        number: u64,
        given: &Spelling,
        family: &Timeline<Spelling>,
        joined: Moment,
        chance: &mut Chance,
    ) -> Timeline<String> {
        let address = |at: Moment, later: bool, chance: &mut Chance| {
            email_address((given, family.at(at)), number, later, self.country, chance)
        };
        let mut email = Timeline::steady(address(joined, false, chance));
        if chance.yes(0.14) {
            let at = self.world.moment(chance);
            email.change(at, address(at, true, chance));
        }
        email
    }
}

fn opposite(sex: Sex) -> Sex {
    if sex == Sex::Female { Sex::Male } else { Sex::Female }
}

/// Some relatives give the same landline, the same e-mail address, or a parent's or partner's mobile, or use one tablet.
fn share(people: &mut [Person], number: u64, country: Country, chance: &mut Chance) {
    let landline = chance.yes(0.3).then(|| Phone::landline(country, number));
    let family = mail_letters(&people[0].family.first().latin);
    let email = chance.yes(0.1).then(|| format!("family.{family}.{number}@postbox.example"));
    let tablet = chance.yes(0.06).then_some(number);
    for person in people.iter_mut() {
        person.landline.clone_from(&landline);
        person.family_email.clone_from(&email);
        person.device = tablet.unwrap_or(person.device);
    }
    if chance.yes(0.05) {
        let phone = people[0].phone.clone();
        if let Some(last) = people.last_mut() {
            last.phone = phone;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Options;
    use super::*;

    fn people() -> Vec<Vec<Person>> {
        let world = World::new(&Options::default());
        (0..4_000).map(|number| members(&world, number * 10, 4)).collect()
    }

    #[test]
    fn twins_differ_by_given_name_and_email() {
        let twins: Vec<_> = people()
            .into_iter()
            .filter_map(|people| {
                let (last, before) = (people.last()?.clone(), people.get(people.len().checked_sub(2)?)?.clone());
                let twins = last.birth == before.birth && last.family.first() == before.family.first();
                twins.then_some((last, before))
            })
            .collect();
        assert!(twins.len() > 20, "{}", twins.len());
        for (one, other) in twins {
            assert_ne!(one.given, other.given);
            assert_ne!(one.email.first(), other.email.first());
        }
    }

    #[test]
    fn relatives_share_phones_and_addresses_and_flat_mates_do_not_share_names() {
        let homes = people();
        let count =
            |test: fn(&[Person]) -> bool| homes.iter().filter(|people| people.len() > 1 && test(people)).count();
        assert!(count(|people| people[0].landline.is_some() && people[0].landline == people[1].landline) > 200);
        assert!(count(|people| people[0].family_email.is_some()) > 80);
        assert!(count(|people| people[0].phone.first() == people[people.len() - 1].phone.first()) > 30);
        assert!(count(|people| people[1].device == people[0].number) > 40);
        assert!(count(|people| people[0].family.first() != people[1].family.first()) > 300);
    }

    #[test]
    fn nobody_is_a_child_and_nobody_lives_for_ever() {
        let today = World::new(&Options::default()).end.day().0;
        for person in people().iter().flatten() {
            let years = (today - person.birth.0) / 365;
            assert!((15..=90).contains(&years), "{years}");
        }
    }
}
