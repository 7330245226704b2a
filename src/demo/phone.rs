//! Phone numbers that are valid by their country's plan, unique to a line, and written in many ways.
//!
//! They are made from a running number, so two people share one only if the generator wants them to. That such a
//! number is in use in reality is chance; nothing here comes from a directory.

use super::chance::Chance;
use super::moment::Country;

/// A phone number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Phone {
    pub(super) country: Country,
    /// The national significant number: no country code, no trunk prefix.
    pub(super) national: String,
    mobile: bool,
}

/// How many mobile numbers one customer can have in a lifetime.
const LINES: u64 = 3;

const MOBILES_GB: [&str; 32] = [
    "7400", "7402", "7411", "7415", "7423", "7429", "7435", "7447", "7468", "7479", "7488", "7512", "7533", "7545",
    "7557", "7581", "7590", "7711", "7719", "7725", "7738", "7742", "7812", "7817", "7825", "7850", "7853", "7876",
    "7889", "7908", "7943", "7958",
];
const LANDLINES_GB: [&str; 12] =
    ["2071", "2072", "2073", "2083", "2085", "1612", "1613", "1214", "1213", "1132", "1133", "1179"];
const LANDLINES_CN: [&str; 16] = [
    "1062", "1065", "1084", "1085", "2152", "2153", "2158", "2162", "2081", "2083", "2085", "2086", "2552", "2558",
    "2782", "2788",
];
const MOBILES_RO: [&str; 5] = ["72", "73", "74", "75", "76"];
const MOBILES_VN: [&str; 12] = ["32", "34", "36", "38", "70", "77", "83", "90", "91", "93", "97", "98"];
const MOBILES_CN: [&str; 12] = ["130", "131", "135", "136", "137", "138", "139", "150", "158", "159", "186", "188"];

impl Phone {
    /// The `line`-th mobile number (0 to 2) of customer `number`.
    pub(super) fn mobile(country: Country, number: u64, line: u64) -> Self {
        let running = number * LINES + line;
        let (prefixes, digits): (&[&str], u32) = match country {
            Country::Britain => (&MOBILES_GB, 6),
            Country::Romania => (&MOBILES_RO, 7),
            Country::Vietnam => (&MOBILES_VN, 7),
            Country::China => (&MOBILES_CN, 8),
        };
        Self { country, national: spread(running, prefixes, digits), mobile: true }
    }

    /// The landline of the household whose first member is customer `number`.
    pub(super) fn landline(country: Country, number: u64) -> Self {
        let (prefixes, digits): (&[&str], u32) = match country {
            Country::Britain => (&LANDLINES_GB, 6),
            Country::Romania => (&["21", "31", "23", "24", "25", "26"], 7),
            Country::Vietnam => (&["243", "283"], 7),
            Country::China => (&LANDLINES_CN, 6),
        };
        Self { country, national: spread(number, prefixes, digits), mobile: false }
    }

    /// In E.164, such as `+447400123456`.
    pub(super) fn e164(&self) -> String {
        format!("+{}{}", self.code(), self.national)
    }

    /// As somebody may type it; from `abroad` always with the country's code.
    pub(super) fn typed(&self, abroad: bool, chance: &mut Chance) -> String {
        let (code, trunk) = (self.code(), self.trunk());
        let groups: &[usize] = match (self.country, self.mobile) {
            (Country::Britain, true) => &[4, 6],
            (Country::Romania, _) => &[3, 3, 3],
            (Country::Vietnam, true) => &[2, 3, 4],
            (Country::China, true) => &[3, 4, 4],
            (Country::Britain | Country::Vietnam | Country::China, false) => &[2, 4, 4],
        };
        let style = if abroad { chance.below(4) } else { chance.below(9) };
        match style {
            0 => self.e164(),
            1 => format!("+{code} {}", grouped(&self.national, groups, " ")),
            2 => format!("00{code} {}", grouped(&self.national, groups, " ")),
            3 if trunk == "0" => format!("+{code} (0){}", grouped(&self.national, groups, " ")),
            3 => format!("00{code}{}", self.national),
            4 | 5 => format!("{trunk}{}", self.national),
            6 => format!("{trunk}{}", grouped(&self.national, groups, "-")),
            7 if self.country == Country::Romania => format!("{trunk}{}", grouped(&self.national, groups, ".")),
            _ => format!("{trunk}{}", grouped(&self.national, groups, " ")),
        }
    }

    fn code(&self) -> &'static str {
        match self.country {
            Country::Britain => "44",
            Country::Romania => "40",
            Country::Vietnam => "84",
            Country::China => "86",
        }
    }

    /// What is dialled before the national number at home.
    fn trunk(&self) -> &'static str {
        if self.country == Country::China && self.mobile { "" } else { "0" }
    }
}

/// The `running`-th number of a range of `prefixes`, each with so many `digits` behind it, in shuffled order.
fn spread(running: u64, prefixes: &[&str], digits: u32) -> String {
    let block = 10_u64.pow(digits);
    let size = block * prefixes.len() as u64;
    // All ranges have the prime factors 2, 3 and 5 only: a number without them permutes each of them.
    let at = (u128::from(running) * 6_180_339_887 % u128::from(size)) as u64;
    let prefix = prefixes[(at % prefixes.len() as u64) as usize];
    format!("{prefix}{:0width$}", at / prefixes.len() as u64, width = digits as usize)
}

/// `number` cut into groups of the given lengths; what is left over joins the last one.
fn grouped(number: &str, groups: &[usize], between: &str) -> String {
    let mut parts = Vec::with_capacity(groups.len());
    let mut rest = number;
    for (at, length) in groups.iter().enumerate() {
        let cut = if at + 1 == groups.len() { rest.len() } else { (*length).min(rest.len()) };
        let (part, left) = rest.split_at(cut);
        parts.push(part);
        rest = left;
    }
    parts.join(between)
}

#[cfg(test)]
mod tests {
    use super::super::chance::Purpose;
    use super::*;
    use rlibphonenumber::{PHONE_NUMBER_UTIL, Region};
    use std::collections::HashSet;

    const COUNTRIES: [Country; 4] = [Country::Britain, Country::Romania, Country::Vietnam, Country::China];

    #[test]
    fn every_number_is_valid_however_it_is_typed() {
        let mut chance = Chance::new(7, Purpose::Customer, 1);
        for (country, region) in COUNTRIES.into_iter().zip([Region::GB, Region::RO, Region::VN, Region::CN]) {
            for number in (0..3_000).chain(9_999_000..10_000_000) {
                for phone in [Phone::mobile(country, number, number % 3), Phone::landline(country, number)] {
                    for abroad in [true, false] {
                        let typed = phone.typed(abroad, &mut chance);
                        let parsed = PHONE_NUMBER_UTIL.parse(&typed, Some(region)).unwrap();
                        assert!(PHONE_NUMBER_UTIL.is_valid_number(&parsed), "{typed} in {}", country.iso());
                        assert_eq!(parsed.national_number.to_string(), phone.national, "{typed}");
                    }
                }
            }
        }
    }

    #[test]
    fn nobody_shares_a_number_by_accident() {
        for country in COUNTRIES {
            let numbers: HashSet<_> = (0..100_000).map(|number| Phone::mobile(country, number, 0).national).collect();
            assert_eq!(numbers.len(), 100_000);
        }
    }
}
