//! National identity numbers: of the form and with the check digit of their country, but from regions and ranges that no
//! authority has, so that none can be anybody's.
//!
//! They are made from the customer's number, so that two people do not share one. Only the Romanian form has too little
//! room for that: of two people born on one day with numbers 45,954 apart, or a multiple of it, both get the same.

use super::moment::Country;
use super::names::Sex;
use super::person::Person;

impl Person {
    /// The number in the layout of its country, such as `QQ 12 34 56 A`; none for those who never showed their papers.
    pub(super) fn national_id(&self) -> Option<String> {
        // Two of five neighbouring numbers: often two of one household.
        (self.number % 5 < 2).then(|| match self.country {
            Country::Britain => british(self.number),
            Country::Romania => romanian(self),
            Country::Vietnam => vietnamese(self),
            Country::China => chinese(self),
        })
    }
}

/// A National Insurance number. Prefixes that begin with Q are not allocated (HMRC, NIM39110).
fn british(number: u64) -> String {
    let prefix = ["QQ", "QU", "QV"][(number / 4_000_000 % 3) as usize];
    let suffix = char::from(b"ABCD"[(number / 1_000_000 % 4) as usize]);
    let [high, middle, low] = [number / 10_000 % 100, number / 100 % 100, number % 100];
    format!("{prefix} {high:02} {middle:02} {low:02} {suffix}")
}

/// A CNP: sex and century, birth date, county, serial number, check digit (OUG 97/2005). No county is numbered from 53 to
/// 69 or from 71 to 99.
fn romanian(person: &Person) -> String {
    let (year, month, day) = person.birth.civil();
    let sex = 1 + i32::from(person.sex == Sex::Female) + if year < 2_000 { 0 } else { 4 };
    let county = 53 + person.number / 999 % 46;
    let county = if county < 70 { county } else { county + 1 };
    let serial = 1 + person.number % 999;
    let body = format!("{sex}{:02}{month:02}{day:02}{county:02}{serial:03}", year % 100);
    let check = romanian_check_digit(&body);
    format!("{body}{check}")
}

fn romanian_check_digit(body: &str) -> u32 {
    let sum: u32 = body.bytes().zip(b"279146358279").map(|(digit, weight)| value(digit) * value(*weight)).sum();
    if sum % 11 == 10 { 1 } else { sum % 11 }
}

/// A CCCD: province, sex and century, birth year, serial number (Circular 59/2021/TT-BCA). Provinces go up to 096.
fn vietnamese(person: &Person) -> String {
    let (year, _, _) = person.birth.civil();
    let sex = 2 * ((year - 1_900) / 100) + i32::from(person.sex == Sex::Female);
    format!("9{:02}{sex}{:02}{:06}", person.number / 1_000_000, year % 100, person.number % 1_000_000)
}

/// A resident identity number: region, birth date, serial number, check character (GB 11643-1999). Regions that begin
/// with 9 are not assigned.
fn chinese(person: &Person) -> String {
    let (year, month, day) = person.birth.civil();
    let body = format!("9{:05}{year:04}{month:02}{day:02}{:03}", person.number / 1_000, person.number % 1_000);
    let check = chinese_check_character(&body);
    format!("{body}{check}")
}

/// ISO 7064, MOD 11-2.
fn chinese_check_character(body: &str) -> char {
    let sum = body.bytes().fold(0, |sum, digit| (sum + value(digit)) * 2 % 11);
    char::from(b"10X98765432"[sum as usize])
}

fn value(digit: u8) -> u32 {
    u32::from(digit - b'0')
}

#[cfg(test)]
mod tests {
    use super::super::world::World;
    use super::super::{Options, household};
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn check_digits_are_those_of_the_standards() {
        // GB 11643-1999, appendix A.
        assert_eq!(chinese_check_character("11010519491231002"), 'X');
        assert_eq!(chinese_check_character("44052418800101001"), '4');
        // The number that many Romanian test suites use, and one whose remainder is 10.
        assert_eq!(romanian_check_digit("180010122114"), 4);
        assert_eq!(romanian_check_digit("180010122103"), 1);
    }

    #[test]
    fn nobody_shares_a_number_and_neighbours_have_some() {
        let world = World::new(&Options::default());
        let people = (0..20_000).step_by(4).flat_map(|first| household::members(&world, first, 4));
        let ids: Vec<String> = people.filter_map(|person| person.national_id()).collect();
        assert!(ids.len() > 3_000, "{}", ids.len());
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
    }

    #[test]
    fn the_largest_shop_has_numbers_of_the_same_form() {
        assert_eq!(british(0), "QQ 00 00 00 A");
        assert_eq!(british(9_123_456), "QV 12 34 56 B");
    }
}
