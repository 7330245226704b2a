//! What a person tells a source, and how the source gets it wrong: spelling, nicknames, gaps, stale and made-up values.

use super::address::Address;
use super::chance::Chance;
use super::moment::{Day, Moment};
use super::names::Culture;
use super::person::Person;

/// How carefully a source asks and writes; probabilities from 0 to 1.
pub(super) struct Habits {
    /// Names and addresses come in plain Latin letters.
    pub(super) latin: f64,
    pub(super) nickname: f64,
    pub(super) typo: f64,
    pub(super) email: f64,
    pub(super) phone: f64,
    pub(super) birth: f64,
    pub(super) address: f64,
    /// A placeholder stands in a field that somebody had to fill.
    pub(super) placeholder: f64,
}

/// One record's worth of personal data, as a source has it.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    pub(super) latin: bool,
    pub(super) given: String,
    pub(super) family: String,
    pub(super) birth: Option<Day>,
    pub(super) email: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) postal: Option<Postal>,
    culture: Culture,
    /// In Latin letters some people write the family name first, some last.
    family_first: bool,
}

/// A postal address as written down.
#[derive(Debug, Clone)]
pub(super) struct Postal {
    pub(super) street: String,
    pub(super) city: &'static str,
    pub(super) region: &'static str,
    pub(super) postcode: String,
}

/// 1900-01-01, which stands for "unknown" in more systems than one.
const NO_BIRTH_DATE: Day = Day(-25_567);

impl Claim {
    /// What `person` is on record with at a source with these `habits`, written down at `at`.
    pub(super) fn draw(person: &Person, at: Moment, habits: &Habits, chance: &mut Chance) -> Self {
        let latin = chance.yes(habits.latin);
        let family = person.family.at(at);
        let mut given = if latin { person.given.latin.clone() } else { person.given.native.clone() };
        let mut family = if latin { family.latin.clone() } else { family.native.clone() };
        if let Some(nickname) = person.nickname.filter(|_| chance.yes(habits.nickname)) {
            nickname.clone_into(&mut given);
        }
        if chance.yes(habits.typo) {
            let name = if chance.yes(0.5) { &mut given } else { &mut family };
            *name = misspelt(name, chance);
        }
        let family_first =
            if latin { chance.yes(0.5) } else { person.culture.family_first() } && person.culture.family_first();
        let postal = chance.yes(habits.address).then(|| postal(person.home.at(at), latin, habits, chance));
        Self {
            latin,
            given,
            family,
            birth: birth(person, habits, chance),
            email: email(person, at, habits, chance),
            phone: phone(person, at, habits, chance),
            postal,
            culture: person.culture,
            family_first,
        }
    }

    /// The name in one field.
    pub(super) fn full_name(&self) -> String {
        match (self.culture, self.latin, self.family_first) {
            (Culture::Chinese, false, _) => format!("{}{}", self.family, self.given),
            (_, _, true) => format!("{} {}", self.family, self.given),
            (_, _, false) => format!("{} {}", self.given, self.family),
        }
    }
}

fn birth(person: &Person, habits: &Habits, chance: &mut Chance) -> Option<Day> {
    if !chance.yes(habits.birth) {
        return None;
    }
    if chance.yes(habits.placeholder) {
        return Some(NO_BIRTH_DATE);
    }
    // A digit of the day slips now and then.
    let slip = if chance.yes(habits.typo * 0.3) { chance.between(-9, 10) as i32 } else { 0 };
    Some(Day(person.birth.0 + slip))
}

fn email(person: &Person, at: Moment, habits: &Habits, chance: &mut Chance) -> Option<String> {
    if !chance.yes(habits.email) {
        return None;
    }
    if chance.yes(habits.placeholder * 0.5) {
        let company = person.job.as_ref().map(|job| format!("info@{}", job.domain));
        let made_up = chance.pick(&["test@test.com", "noemail@noemail.com", "info@marlow-lane.example", "n/a"]);
        return Some(company.unwrap_or_else(|| made_up.to_owned()));
    }
    if let Some(email) = person.family_email.as_ref().filter(|_| chance.yes(0.4)) {
        return Some(email.clone());
    }
    let email = person.email.at(at);
    Some(match chance.below(50) {
        0 => email.to_uppercase(),
        1 => format!(" {email}"),
        2 if chance.yes(habits.typo * 4.0) => misspelt(email, chance),
        _ => email.clone(),
    })
}

fn phone(person: &Person, at: Moment, habits: &Habits, chance: &mut Chance) -> Option<String> {
    if !chance.yes(habits.phone) {
        return None;
    }
    if chance.yes(habits.placeholder) {
        return Some(chance.pick(&["0000000000", "0123456789", "1111111111", "n/a"]).to_owned());
    }
    let phone = match &person.landline {
        Some(landline) if chance.yes(0.3) => landline,
        _ => person.phone.at(at),
    };
    Some(phone.typed(false, chance))
}

fn postal(home: &Address, latin: bool, habits: &Habits, chance: &mut Chance) -> Postal {
    let street = home.street(latin, chance.yes(0.35));
    let postcode = match chance.below(12) {
        0 => home.postcode.replace(' ', "").to_lowercase(),
        1 => home.postcode.replace(' ', ""),
        _ => home.postcode.clone(),
    };
    Postal {
        street: if chance.yes(habits.typo) { misspelt(&street, chance) } else { street },
        city: home.city(latin),
        region: home.region(),
        postcode,
    }
}

/// `text` with one slip of the keyboard. Short texts and other scripts than Latin stay as they are: there people choose
/// a wrong character rarely, and every one counts.
pub(super) fn misspelt(text: &str, chance: &mut Chance) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.len() < 4 || letters.iter().any(|letter| *letter as u32 >= 0x2E80) {
        return text.to_owned();
    }
    let at = 1 + chance.below(letters.len() as u32 - 2) as usize;
    match chance.below(4) {
        0 => letters.swap(at, at + 1),
        1 => drop(letters.remove(at)),
        2 => letters.insert(at, letters[at]),
        _ => letters[at] = neighbour(letters[at]),
    }
    letters.into_iter().collect()
}

/// The key beside it on a keyboard.
fn neighbour(letter: char) -> char {
    const KEYS: &str = "qwertyuiopasdfghjklzxcvbnm";
    let lower = letter.to_ascii_lowercase();
    KEYS.find(lower).and_then(|at| KEYS.chars().nth((at + 1) % KEYS.len())).unwrap_or(letter)
}
