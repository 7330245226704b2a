//! Country codes from what people write in a country field. An unknown or ambiguous name is NULL (`Congo`, `Korea`).

use std::sync::LazyLock;

use datafusion::arrow::datatypes::DataType;
use rustc_hash::FxHashMap;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::FunctionDoc;
use super::scalar::{Scalar, Takes, Text, text_to_text};
use crate::names::fold;

pub(super) static COUNTRY_CODE: Scalar = Scalar {
    doc: FunctionDoc {
        name: "country_code",
        signature: "country_code(text)",
        returns: "VARCHAR",
        summary: "ISO 3166-1 alpha-2 from an alpha-2 or alpha-3 code or a name in English, the country's own languages, \
                  Chinese, Dutch, French, German, Hungarian, Italian, Polish, Portuguese, Romanian, Spanish or \
                  Vietnamese; case, punctuation and spaces do not matter, nor do diacritics unless they tell two \
                  countries apart. UK is GB. NULL if unknown or ambiguous.",
        example: "country_code('Đức')",
        example_result: "DE",
    },
    takes: &[Takes::Text],
    more: None,
    returns: DataType::Utf8View,
    check: None,
    kernel: |args, rows| {
        let mut key = Key::default();
        Ok(text_to_text(&Text::of(&args[0])?, rows, |_, text, out| {
            out.push_str(lookup(text, &mut key)?);
            Some(())
        }))
    },
};

/// Where the facts come from stands in `data/README.md`.
const COUNTRIES: &str = include_str!("../../../data/countries.csv");

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
    let mut key = Key::default();
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

fn lookup(text: &str, key: &mut Key) -> Option<&'static str> {
    if text.len() > 200 {
        return None;
    }
    NAMES.spelled.get(key.spell(text)).or_else(|| NAMES.folded.get(key.fold(text))).copied()
}

/// Working space for the keys of one batch.
#[derive(Default)]
struct Key {
    letters: String,
    folded: String,
    scratch: String,
}

impl Key {
    /// Lower case, letters and marks only.
    fn spell(&mut self, text: &str) -> &str {
        self.letters.clear();
        let is_kept = |c: &char| c.is_alphanumeric() || is_combining_mark(*c);
        self.letters.extend(text.nfkc().flat_map(char::to_lowercase).filter(is_kept).nfc());
        &self.letters
    }

    /// As [`fold`], without spaces and a leading `the`.
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

    use super::super::scalar::tests::check_text;
    use super::*;

    #[test]
    fn what_people_write() {
        check_text(
            &COUNTRY_CODE,
            &[
                ("RO", Some("RO")),
                ("rou", Some("RO")),
                ("România", Some("RO")),
                ("ROMANIA", Some("RO")),
                ("Rumänien", Some("RO")),
                ("罗马尼亚", Some("RO")),
                ("Việt Nam", Some("VN")),
                ("viet-nam", Some("VN")),
                ("中国", Some("CN")),
                ("中國", Some("CN")),
                ("Trung Quốc", Some("CN")),
                ("PRC", Some("CN")),
                ("UK", Some("GB")),
                ("u.k.", Some("GB")),
                ("England", Some("GB")),
                ("U.S.A.", Some("US")),
                ("the United States of America", Some("US")),
                ("Mỹ", Some("US")),
                ("MY", Some("MY")),
                ("Áo", Some("AT")),
                ("AO", Some("AO")),
                ("Deutschland", Some("DE")),
                ("Germania", Some("DE")),
                ("Đức", Some("DE")),
                ("Cote d'Ivoire", Some("CI")),
                ("Côte d’Ivoire", Some("CI")),
                ("Bosnia and Herzegovina", Some("BA")),
                ("Türkiye", Some("TR")),
                ("Turkey", Some("TR")),
                ("Österreich", Some("AT")),
                ("The Netherlands", Some("NL")),
                ("한국", Some("KR")),
                ("日本", Some("JP")),
                ("ΕΛΛΆΔΑ", Some("GR")),
                ("Korea", None),
                ("Congo", None),
                ("Atlantis", None),
                ("", None),
                ("-", None),
                ("XX", None),
            ],
        );
    }

    #[test]
    fn every_row_is_found_by_each_of_its_names() {
        let mut key = Key::default();
        let mut rows = 0;
        for row in csv::Reader::from_reader(COUNTRIES.as_bytes()).records() {
            let row = row.unwrap();
            rows += 1;
            for name in [&row[0], &row[1], &row[2]].into_iter().chain(row[3].split('|')).filter(|name| !name.is_empty())
            {
                assert_eq!(lookup(name, &mut key), Some(&row[0]), "{name}");
            }
        }
        assert_eq!(rows, 250, "249 of ISO 3166-1, and Kosovo");
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*") {
            lookup(&text, &mut Key::default());
        }
    }
}
