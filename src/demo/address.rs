//! Postal addresses that look like their country's. The tables are `data/places.csv` and `data/streets.csv`.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::chance::{Chance, Weighted};
use super::moment::Country;
use super::names::{number, rows};

/// A place where somebody lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) country: Country,
    place: &'static Place,
    /// Native and Latin.
    street: (&'static str, &'static str),
    number: u32,
    flat: Option<u32>,
    pub(super) postcode: String,
}

/// A town.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    name: &'static str,
    latin: &'static str,
    region: &'static str,
    postcode_prefixes: Vec<&'static str>,
}

struct Tables {
    places: FxHashMap<&'static str, Weighted<Place>>,
    streets: FxHashMap<&'static str, Vec<(&'static str, &'static str)>>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let mut places: FxHashMap<_, Vec<_>> = FxHashMap::default();
    for [country, name, latin, region, prefixes, weight] in rows(include_str!("../../data/places.csv")) {
        let place = Place { name, latin, region, postcode_prefixes: prefixes.split(' ').collect() };
        places.entry(country).or_default().push((place, number(weight)));
    }
    let mut streets: FxHashMap<_, Vec<_>> = FxHashMap::default();
    for [country, name, latin] in rows(include_str!("../../data/streets.csv")) {
        streets.entry(country).or_default().push((name, latin));
    }
    Tables { places: places.into_iter().map(|(key, towns)| (key, Weighted::new(towns))).collect(), streets }
});

impl Address {
    /// Draws an address.
    pub(super) fn draw(country: Country, chance: &mut Chance) -> Self {
        let tables = &*TABLES;
        let place = tables.places[country.iso()].draw(chance);
        let street = chance.pick(&tables.streets[country.iso()]);
        let prefix = chance.pick(&place.postcode_prefixes);
        let flats = if matches!(country, Country::Romania | Country::China) { 0.8 } else { 0.25 };
        Self {
            country,
            place,
            street,
            number: 1 + chance.below(180),
            flat: chance.yes(flats).then(|| 1 + chance.below(90)),
            postcode: postcode(country, prefix, chance),
        }
    }

    /// Street and house number in their own letters or in Latin ones; `terse` as people in a hurry write it.
    pub(super) fn street(&self, latin: bool, terse: bool) -> String {
        let name = if latin { self.street.1 } else { self.street.0 };
        let number = self.number;
        match (self.country, self.flat) {
            (Country::Britain, flat) => {
                let name = if terse {
                    abbreviated(name, &[("Street", "St"), ("Road", "Rd"), ("Avenue", "Ave"), ("Lane", "Ln")])
                } else {
                    name.to_owned()
                };
                flat.map_or_else(
                    || format!("{number} {name}"),
                    |flat| {
                        if terse { format!("{flat}/{number} {name}") } else { format!("Flat {flat}, {number} {name}") }
                    },
                )
            }
            (Country::Romania, flat) => {
                let name = if terse {
                    abbreviated(
                        name,
                        &[
                            ("Strada", "Str."),
                            ("Bulevardul", "Bd."),
                            ("Aleea", "Al."),
                            ("Șoseaua", "Șos."),
                            ("Soseaua", "Sos."),
                        ],
                    )
                } else {
                    name.to_owned()
                };
                let number = if terse { format!("{name} {number}") } else { format!("{name} nr. {number}") };
                flat.map_or_else(|| number.clone(), |flat| format!("{number}, ap. {flat}"))
            }
            (Country::Vietnam, flat) => {
                let number = flat.map_or_else(|| number.to_string(), |flat| format!("{number}/{flat}"));
                match (terse, latin) {
                    (true, _) => format!("{number} {name}"),
                    (false, true) => format!("So {number} duong {name}"),
                    (false, false) => format!("Số {number} đường {name}"),
                }
            }
            (Country::China, flat) if latin => flat.map_or_else(
                || format!("No. {number} {name}"),
                |flat| {
                    if terse { format!("{number}-{flat} {name}") } else { format!("Room {flat}, No. {number} {name}") }
                },
            ),
            (Country::China, flat) => flat.map_or_else(
                || format!("{name}{number}号"),
                |flat| if terse { format!("{name}{number}-{flat}") } else { format!("{name}{number}号{flat}室") },
            ),
        }
    }

    /// The town.
    pub(super) fn city(&self, latin: bool) -> &'static str {
        if latin { self.place.latin } else { self.place.name }
    }

    /// County, province or the like.
    pub(super) fn region(&self) -> &'static str {
        self.place.region
    }
}

/// A postcode of the country's form that begins with `prefix`.
fn postcode(country: Country, prefix: &str, chance: &mut Chance) -> String {
    let digits = |wanted: usize, chance: &mut Chance| -> String {
        let missing = wanted - prefix.len();
        let rest = chance.below(10_u32.pow(missing as u32));
        format!("{prefix}{rest:0missing$}")
    };
    match country {
        Country::Britain => {
            // The letters that inward codes use.
            let letters = b"ABDEFGHJLNPQRSTUWXYZ";
            let (digit, first, second) = (chance.below(10), chance.pick(letters), chance.pick(letters));
            format!("{prefix} {digit}{}{}", first as char, second as char)
        }
        Country::Romania | Country::China => digits(6, chance),
        Country::Vietnam => digits(5, chance),
    }
}

/// `name` with the words of `table` cut short.
fn abbreviated(name: &str, table: &[(&str, &str)]) -> String {
    table.iter().fold(name.to_owned(), |name, (long, short)| name.replace(long, short))
}

#[cfg(test)]
mod tests {
    use super::super::chance::Purpose;
    use super::*;

    #[test]
    fn addresses_look_like_their_country() {
        let mut chance = Chance::new(7, Purpose::Household, 5);
        let british = Address::draw(Country::Britain, &mut chance);
        assert!(british.street(false, false).is_ascii());
        assert_eq!(british.postcode.split(' ').count(), 2);
        let chinese = Address::draw(Country::China, &mut chance);
        assert!(chinese.street(false, false).contains('号'));
        assert!(chinese.street(true, false).is_ascii());
        assert_eq!(Address::draw(Country::Romania, &mut chance).postcode.len(), 6);
        assert_eq!(Address::draw(Country::Vietnam, &mut chance).postcode.len(), 5);
    }
}
