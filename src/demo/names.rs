//! Names of people: Chinese, English, Romanian and Vietnamese, in their own letters and in plain Latin ones.
//!
//! The tables are `data/given_names.csv`, `data/family_names.csv` and `data/nicknames.csv`.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::chance::{Chance, Weighted};

/// The naming tradition a person comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Culture {
    English,
    Chinese,
    Romanian,
    Vietnamese,
}

impl Culture {
    /// ISO 639-1.
    pub(super) fn language(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
            Self::Romanian => "ro",
            Self::Vietnamese => "vi",
        }
    }

    /// True where the family name is written first.
    pub(super) fn family_first(self) -> bool {
        matches!(self, Self::Chinese | Self::Vietnamese)
    }
}

/// As the sources know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Sex {
    Female,
    Male,
}

/// A name in its own letters and in plain Latin ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spelling {
    pub(super) native: String,
    pub(super) latin: String,
}

type Table = Weighted<(&'static str, &'static str)>;

struct Tables {
    given: FxHashMap<(&'static str, &'static str, &'static str), Table>,
    family: FxHashMap<&'static str, Table>,
    nicknames: FxHashMap<(&'static str, &'static str), Vec<&'static str>>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let mut given: FxHashMap<_, Vec<_>> = FxHashMap::default();
    for [language, sex, part, name, latin, weight] in rows(include_str!("../../data/given_names.csv")) {
        given.entry((language, sex, part)).or_default().push(((name, latin), number(weight)));
    }
    let mut family: FxHashMap<_, Vec<_>> = FxHashMap::default();
    for [language, name, latin, weight] in rows(include_str!("../../data/family_names.csv")) {
        family.entry(language).or_default().push(((name, latin), number(weight)));
    }
    let mut nicknames: FxHashMap<_, Vec<_>> = FxHashMap::default();
    for [name, nickname, language] in rows(include_str!("../../data/nicknames.csv")) {
        nicknames.entry((language, name)).or_default().push(nickname);
    }
    Tables {
        given: given.into_iter().map(|(key, names)| (key, Weighted::new(names))).collect(),
        family: family.into_iter().map(|(key, names)| (key, Weighted::new(names))).collect(),
        nicknames,
    }
});

/// The rows below the header of one of our own tables, which have no quoted fields.
pub(super) fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    table.lines().skip(1).map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        <[&str; N]>::try_from(fields).expect("the embedded tables have that many columns")
    })
}

/// A number in one of our own tables.
pub(super) fn number(text: &str) -> u32 {
    text.parse().expect("the embedded tables have whole numbers there")
}

/// Draws a family name.
pub(super) fn family(culture: Culture, chance: &mut Chance) -> Spelling {
    let (native, latin) = TABLES.family[culture.language()].draw(chance);
    Spelling { native: (*native).to_owned(), latin: capitalised(latin) }
}

/// Draws a given name: with a middle name in Vietnamese, of one or two characters in Chinese, sometimes double in
/// Romanian.
pub(super) fn given(culture: Culture, sex: Sex, chance: &mut Chance) -> Spelling {
    let draw = |part, chance: &mut Chance| {
        let sex = if sex == Sex::Female { "female" } else { "male" };
        *TABLES.given[&(culture.language(), sex, part)].draw(chance)
    };
    let (native, latin) = draw("given", chance);
    match culture {
        Culture::Chinese if chance.yes(0.75) => {
            let (second, second_latin) = draw("given", chance);
            Spelling { native: format!("{native}{second}"), latin: capitalised(&format!("{latin}{second_latin}")) }
        }
        Culture::Vietnamese => {
            let (middle, middle_latin) = draw("middle", chance);
            Spelling { native: format!("{middle} {native}"), latin: format!("{middle_latin} {latin}") }
        }
        Culture::Romanian if chance.yes(0.2) => {
            let (second, second_latin) = draw("given", chance);
            Spelling { native: format!("{native}-{second}"), latin: format!("{latin}-{second_latin}") }
        }
        _ => Spelling { native: native.to_owned(), latin: capitalised(latin) },
    }
}

/// A short form of a given name, if one is known.
pub(super) fn nickname(culture: Culture, given: &str, chance: &mut Chance) -> Option<&'static str> {
    TABLES.nicknames.get(&(culture.language(), given)).map(|known| chance.pick(known))
}

/// With the first letter in upper case.
fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::chance::Purpose;
    use super::*;

    #[test]
    fn names_follow_their_tradition() {
        let mut chance = Chance::new(7, Purpose::Customer, 3);
        for _ in 0..200 {
            let vietnamese = given(Culture::Vietnamese, Sex::Female, &mut chance);
            assert_eq!(vietnamese.native.split(' ').count(), 2);
            assert!(vietnamese.latin.is_ascii());
            let chinese = given(Culture::Chinese, Sex::Male, &mut chance);
            assert!((1..=2).contains(&chinese.native.chars().count()));
            assert!(chinese.latin.is_ascii() && chinese.latin.chars().next().unwrap().is_uppercase());
            assert!(family(Culture::Romanian, &mut chance).latin.is_ascii());
        }
    }

    #[test]
    fn english_and_romanian_have_nicknames() {
        let mut chance = Chance::new(7, Purpose::Customer, 3);
        assert!(
            ["Liz", "Beth", "Lizzie", "Betty", "Eliza", "Libby", "Bess"]
                .contains(&nickname(Culture::English, "Elizabeth", &mut chance).unwrap())
        );
        assert!(nickname(Culture::Romanian, "Gheorghe", &mut chance).is_some());
        assert_eq!(nickname(Culture::Chinese, "伟", &mut chance), None);
    }
}
