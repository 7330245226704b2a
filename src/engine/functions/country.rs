//! Country codes from what people write in a country field. An unknown or ambiguous name is NULL (`Congo`, `Korea`).

use datafusion::arrow::datatypes::DataType;

use super::FunctionDoc;
use super::scalar::{Scalar, Takes, Text, text_to_text};
use crate::names::{CountryKey, country};

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
        let mut key = CountryKey::default();
        Ok(text_to_text(&Text::of(&args[0])?, rows, |_, text, out| {
            out.push_str(country(text, &mut key)?);
            Some(())
        }))
    },
};

#[cfg(test)]
mod tests {
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
}
