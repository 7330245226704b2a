//! A person as they truly are, and how that changes over the years. Sources never see this; they see claims.

use super::address::Address;
use super::chance::Chance;
use super::moment::{Country, Day, Moment};
use super::names::{Culture, Sex, Spelling};
use super::phone::Phone;

/// A value that changed at most once.
#[derive(Debug, Clone)]
pub(super) struct Timeline<T> {
    first: T,
    changed: Option<(Moment, T)>,
}

impl<T> Timeline<T> {
    /// A value that stays.
    pub(super) fn steady(first: T) -> Self {
        Self { first, changed: None }
    }

    /// Lets it become `value` from `at` on.
    pub(super) fn change(&mut self, at: Moment, value: T) {
        self.changed = Some((at, value));
    }

    /// What held before any change.
    pub(super) fn first(&self) -> &T {
        &self.first
    }

    /// What held at `at`.
    pub(super) fn at(&self, at: Moment) -> &T {
        match &self.changed {
            Some((since, value)) if *since <= at => value,
            _ => &self.first,
        }
    }
}

/// What somebody does at a company that buys.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) account: u64,
    pub(super) company: String,
    pub(super) domain: String,
    pub(super) title: &'static str,
}

/// One true person.
#[derive(Debug, Clone)]
pub(super) struct Person {
    /// The customer number, from 0; the name of the person in the truth.
    pub(super) number: u64,
    pub(super) culture: Culture,
    pub(super) country: Country,
    pub(super) sex: Sex,
    pub(super) birth: Day,
    pub(super) given: Spelling,
    pub(super) family: Timeline<Spelling>,
    pub(super) nickname: Option<&'static str>,
    pub(super) email: Timeline<String>,
    pub(super) phone: Timeline<Phone>,
    pub(super) home: Timeline<Address>,
    /// The household's landline, which others there give as well.
    pub(super) landline: Option<Phone>,
    /// The household's e-mail address, which others there give as well.
    pub(super) family_email: Option<String>,
    pub(super) job: Option<Job>,
    /// The customer whose browser this person uses: usually their own, sometimes the household's tablet.
    pub(super) device: u64,
    /// When the shop first met the person.
    pub(super) joined: Moment,
}

impl Person {
    /// The number of the person's identity card, where the sources ask for it. Its region is one that no authority has, so
    /// that it cannot be anybody's.
    pub(super) fn national_id(&self) -> Option<String> {
        let (year, month, day) = self.birth.civil();
        match self.country {
            Country::China => {
                let (region, serial) = (self.number / 1_000, self.number % 1_000);
                let body = format!("9{region:05}{year:04}{month:02}{day:02}{serial:03}");
                Some(format!("{body}{}", check_character(&body)))
            }
            Country::Vietnam => {
                let century = 2 * ((year - 1_900) / 100) + i32::from(self.sex == Sex::Female);
                Some(format!("9{:02}{century}{:02}{:06}", self.number / 1_000_000, year % 100, self.number % 1_000_000))
            }
            Country::Britain | Country::Romania => None,
        }
    }
}

/// The last character of a Chinese identity number (ISO 7064, MOD 11-2; GB 11643-1999).
fn check_character(body: &str) -> char {
    let sum = body.bytes().fold(0, |sum, digit| (sum + u32::from(digit - b'0')) * 2 % 11);
    char::from(b"10X98765432"[sum as usize])
}

/// E-mail providers, all under names that RFC 2606 keeps free, so that no sample address can be anybody's.
fn providers(country: Country) -> &'static [&'static str] {
    match country {
        Country::Britain => &["postbox.example", "inbox.example", "letters.example", "mail.example.org"],
        Country::Romania => &["posta.example", "scrisori.example", "postbox.example"],
        Country::Vietnam => &["thudientu.example", "hopthu.example", "postbox.example"],
        Country::China => &["youxiang.example", "xinjian.example", "88mail.example"],
    }
}

/// The first or the later address of customer `number`; unlike anybody else's.
pub(super) fn email_address(
    person: (&Spelling, &Spelling),
    number: u64,
    later: bool,
    country: Country,
    chance: &mut Chance,
) -> String {
    // As many digits as the number has: shuffled within them they stay unique.
    let width = number.max(10).ilog10() + 1;
    let suffix = super::chance::shuffled(number, width, 11 + u64::from(later));
    let provider = chance.pick(providers(country));
    let (given, family) = (mail_letters(&person.0.latin), mail_letters(&person.1.latin));
    let local = match (later, chance.below(3)) {
        (false, 0) => format!("{given}.{family}{suffix:0width$}", width = width as usize),
        (false, 1) => format!("{}.{family}{suffix:0width$}", &given[..1], width = width as usize),
        (false, _) => format!("{family}.{given}{suffix:0width$}", width = width as usize),
        (true, 0) => format!("{given}_{family}{suffix:0width$}", width = width as usize),
        (true, _) => format!("{family}_{}{suffix:0width$}", &given[..1], width = width as usize),
    };
    format!("{local}@{provider}")
}

/// Lower-case Latin letters only.
pub(super) fn mail_letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_character_is_that_of_the_standard() {
        // The examples of GB 11643-1999, appendix A.
        assert_eq!(check_character("11010519491231002"), 'X');
        assert_eq!(check_character("44052418800101001"), '4');
    }
}
