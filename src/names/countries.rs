//! Names of countries, by which people write where somebody is from.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::fold;

/// Where the facts come from stands in `data/README.md`.
const COUNTRIES: &str = include_str!("../../data/countries.csv");

/// Names by how closely they are written: `Mỹ` (USA) is not `MY` (Malaysia), but `Việt Nam` is `viet nam`.
#[derive(Default)]
struct Names {
    /// Lower case, letters only, with diacritics; codes are here too.
    spelled: FxHashMap<String, &'static str>,
    /// Without diacritics, only names: what does not collide with a code.
    folded: FxHashMap<String, &'static str>,
}

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names::default();
    let mut key = CountryKey::default();
    let mut reader = csv::Reader::from_reader(COUNTRIES.as_bytes());
    for row in reader.deserialize() {
        let (code, alpha3, name, others): (String, String, String, String) =
            row.expect("the countries ship with the binary, and a test reads them");
        let code: &'static str = code.leak();
        for text in [code, &alpha3] {
            names.spelled.insert(text.to_lowercase(), code);
        }
        for text in std::iter::once(name.as_str()).chain(others.split('|')) {
            names.spelled.entry(key.spell(text).to_owned()).or_insert(code);
            names.folded.entry(key.fold(text).to_owned()).or_insert(code);
        }
    }
    // A short name without its diacritics says nothing: `Ý` is Italy, `Y` is not. Nor does an empty one.
    names.spelled.remove("");
    names.folded.retain(|name, _| name.chars().count() > 2 || !name.is_ascii());
    names
});

/// The ISO 3166-1 alpha-2 code of a country by its code or its name in one of many languages; none if it is unknown or
/// ambiguous (`Congo`, `Korea`).
pub(crate) fn country(text: &str, key: &mut CountryKey) -> Option<&'static str> {
    if text.len() > 200 {
        return None;
    }
    NAMES.spelled.get(key.spell(text)).or_else(|| NAMES.folded.get(key.fold(text))).copied()
}

/// Working space for the keys of one batch.
#[derive(Default)]
pub(crate) struct CountryKey {
    letters: String,
    folded: String,
    scratch: String,
}

impl CountryKey {
    /// Lower case, letters and marks only.
    fn spell(&mut self, text: &str) -> &str {
        self.letters.clear();
        let is_kept = |c: &char| c.is_alphanumeric() || is_combining_mark(*c);
        self.letters.extend(text.nfkc().flat_map(char::to_lowercase).filter(is_kept).nfc());
        &self.letters
    }

    /// As [`fold()`], without spaces and a leading `the`.
    fn fold(&mut self, text: &str) -> &str {
        self.folded.clear();
        fold(text, &mut self.folded, &mut self.scratch);
        self.letters.clear();
        self.letters.extend(self.folded.strip_prefix("the ").unwrap_or(&self.folded).chars().filter(|c| *c != ' '));
        &self.letters
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_row_is_found_by_each_of_its_names() {
        let mut key = CountryKey::default();
        let mut rows = 0;
        for row in csv::Reader::from_reader(COUNTRIES.as_bytes()).records() {
            let row = row.unwrap();
            rows += 1;
            for name in [&row[0], &row[1], &row[2]].into_iter().chain(row[3].split('|')).filter(|name| !name.is_empty())
            {
                assert_eq!(country(name, &mut key), Some(&row[0]), "{name}");
            }
        }
        assert_eq!(rows, 250, "249 of ISO 3166-1, and Kosovo");
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*") {
            country(&text, &mut CountryKey::default());
        }
    }
}
