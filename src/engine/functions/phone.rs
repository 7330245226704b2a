//! Phone numbers in E.164. Parsing and numbering plans are Google's libphonenumber (as rlibphonenumber); this module
//! adds what legacy files do to numbers. It never completes a number whose country it does not know.

use std::borrow::Cow;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, StringViewBuilder};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::ColumnarValue;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};
use rustc_hash::FxHashMap;
use unicode_normalization::UnicodeNormalization;

use super::FunctionDoc;
use super::scalar::{Scalar, Takes, Text};

pub(super) static NORMALIZE_PHONE: Scalar = Scalar {
    doc: FunctionDoc {
        name: "normalize_phone",
        signature: "normalize_phone(text, country)",
        returns: "VARCHAR",
        summary: "The number in E.164, without extension. `country` (ISO 3166-1 alpha-2, literal or column) is where a \
                  number without + or 00 is dialled; if NULL or unknown, only international numbers count. Takes \
                  `(0)` behind the country code, full-width digits, words and a second number behind the first, and \
                  Vietnam's eleven-digit mobile numbers from before 2018. NULL unless libphonenumber's numbering plan \
                  says that such a number can be in use.",
        example: "normalize_phone('(0721) 234-567', 'RO')",
        example_result: "+40721234567",
    },
    takes: &[Takes::Text, Takes::Text],
    more: None,
    returns: DataType::Utf8View,
    check: None,
    kernel,
};

/// A number is parsed once per batch: parsing costs about a microsecond, and tills repeat the shop's own number.
fn kernel(args: &[ColumnarValue], rows: usize) -> Result<ArrayRef> {
    let texts = Text::of(&args[0])?;
    let countries = Text::of(&args[1])?;
    let mut known: FxHashMap<(&str, Option<&str>), Option<String>> = FxHashMap::default();
    let mut builder = StringViewBuilder::with_capacity(rows);
    for row in 0..rows {
        match texts.get(row) {
            None => builder.append_null(),
            Some(text) => {
                let country = countries.get(row);
                let number = known.entry((text, country)).or_insert_with(|| normalize(text, country.and_then(region)));
                builder.append_option(number.as_deref());
            }
        }
    }
    Ok(Arc::new(builder.finish()))
}

/// The region of an ISO 3166-1 alpha-2 code, in any case; the United Kingdom's and Greece's everyday codes too.
fn region(country: &str) -> Option<Region> {
    let code = country.trim().to_ascii_uppercase();
    let code = match code.as_str() {
        "UK" => "GB",
        "EL" => "GR",
        code => code,
    };
    Region::try_from(code).ok()
}

/// The first reading of `text` that is a valid number, in E.164.
fn normalize(text: &str, region: Option<Region>) -> Option<String> {
    let text = clean(text);
    // A spreadsheet or a data frame made a float of it.
    let text = text.strip_suffix(".0").unwrap_or(&text);
    valid(text, region)
        .or_else(|| text.contains("(0)").then(|| valid(&text.replacen("(0)", "", 1), region)).flatten())
        .or_else(|| valid(&format!("+{}", digits(text).strip_prefix("00")?), region))
        .or_else(|| valid(&vietnam_before_2018(&digits(text), region)?, Some(Region::VN)))
        .or_else(|| valid(first_number(text)?, region))
}

/// `text` without white space around it and, unless it is ASCII, with full-width digits narrow and without the marks
/// that address books leave around numbers.
fn clean(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return text.trim().into();
    }
    text.nfkc().filter(|c| !is_invisible(*c)).collect::<String>().trim().to_owned().into()
}

/// `text` in E.164 if libphonenumber finds it valid.
fn valid(text: &str, region: Option<Region>) -> Option<String> {
    let number = PHONE_NUMBER_UTIL.parse(text, region).ok()?;
    PHONE_NUMBER_UTIL.is_valid_number(&number).then(|| number.format_as(PhoneNumberFormat::E164).into_owned())
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Direction marks and zero-width characters.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}

/// The number up to the first letter or list separator behind its seventh digit: `0721 234 567 mobil`, `0721…/0213…`.
fn first_number(text: &str) -> Option<&str> {
    let start = text.find(|c: char| c == '+' || c == '(' || c.is_ascii_digit())?;
    let mut digits = 0;
    let end = text[start..].find(|c: char| {
        digits += usize::from(c.is_ascii_digit());
        digits >= 7 && (c.is_alphabetic() || ";,/|".contains(c))
    });
    let end = end.map_or(text.len(), |end| start + end);
    (start > 0 || end < text.len()).then(|| &text[start..end])
}

/// The ten-digit successor of an eleven-digit Vietnamese mobile number, by the Ministry of Information and
/// Communications' plan of 15 September 2018 (decision 798/QĐ-BTTTT).
fn vietnam_before_2018(digits: &str, region: Option<Region>) -> Option<String> {
    let national = match (region, digits) {
        (_, digits) if digits.len() == 12 && digits.starts_with("841") => &digits[2..],
        (Some(Region::VN), digits) if digits.len() == 11 && digits.starts_with("01") => &digits[1..],
        _ => return None,
    };
    let (old, rest) = national.split_at(3);
    let new = match old {
        "120" => "70",
        "121" => "79",
        "122" => "77",
        "123" => "83",
        "124" => "84",
        "125" => "85",
        "126" => "76",
        "127" => "81",
        "128" => "78",
        "129" => "82",
        "162" => "32",
        "163" => "33",
        "164" => "34",
        "165" => "35",
        "166" => "36",
        "167" => "37",
        "168" => "38",
        "169" => "39",
        "186" => "56",
        "188" => "58",
        "199" => "59",
        _ => return None,
    };
    Some(format!("+84{new}{rest}"))
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{Array, AsArray};
    use proptest::prelude::*;

    use super::super::scalar::tests::run;
    use super::*;

    #[test]
    fn one_spelling_per_number() {
        let cases = [
            ("0721 234 567", Some("RO"), Some("+40721234567")),
            ("0721.234.567", Some("ro"), Some("+40721234567")),
            ("721234567", Some("RO"), Some("+40721234567")),
            ("40721234567", Some("RO"), Some("+40721234567")),
            ("40721234567.0", Some("RO"), Some("+40721234567")),
            ("+40 (0) 721 234 567", None, Some("+40721234567")),
            ("+40(0)721234567", Some("GB"), Some("+40721234567")),
            ("0040 721 234 567", Some("RO"), Some("+40721234567")),
            ("0040721234567", Some("US"), Some("+40721234567")),
            ("0040721234567", None, Some("+40721234567")),
            ("tel:+40-721-234-567", None, Some("+40721234567")),
            ("0721234567 ext. 12", Some("RO"), Some("+40721234567")),
            ("0721234567 mobil", Some("RO"), Some("+40721234567")),
            ("mobil: 0721234567 / 0213123456", Some("RO"), Some("+40721234567")),
            ("021 312 3456", Some("RO"), Some("+40213123456")),
            ("０７２１２３４５６７", Some("RO"), Some("+40721234567")),
            ("\u{202a}+40 721 234 567\u{202c}", None, Some("+40721234567")),
            ("0912 345 678", Some("VN"), Some("+84912345678")),
            ("0123 456 7890", Some("VN"), Some("+84834567890")),
            ("+84 168 345 6789", None, Some("+84383456789")),
            ("138 0013 8000", Some("CN"), Some("+8613800138000")),
            ("010-6552 9988", Some("CN"), Some("+861065529988")),
            ("020 7946 0958", Some("UK"), Some("+442079460958")),
            ("+44 (0)20 7946 0958", Some("RO"), Some("+442079460958")),
            ("(212) 736-5000 x123", Some("US"), Some("+12127365000")),
            ("1-800-FLOWERS", Some("US"), Some("+18003569377")),
            ("030/1234567", Some("DE"), Some("+49301234567")),
            ("+39 06 6982 1234", None, Some("+390669821234")),
            ("+39 (0)6 6982 1234", None, Some("+390669821234")),
            ("+351 (0) 912 345 678", None, Some("+351912345678")),
            ("0721234567", None, None),
            ("0721234567", Some("XX"), None),
            ("0000000000", Some("RO"), None),
            ("1234567890", Some("US"), None),
            ("555-1234", Some("US"), None),
            ("4.0721E+10", Some("RO"), None),
            ("12/05/1980", Some("RO"), None),
            ("ana@example.ro", Some("RO"), None),
            ("n/a", Some("RO"), None),
            ("", Some("RO"), None),
        ];
        let rows: Vec<[Option<&str>; 2]> = cases.iter().map(|(text, country, _)| [Some(*text), *country]).collect();
        let rows: Vec<&[_]> = rows.iter().map(<[_; 2]>::as_slice).collect();
        let output = run(&NORMALIZE_PHONE, &rows);
        for (row, (text, country, expected)) in cases.iter().enumerate() {
            let got = output.as_string_view().is_valid(row).then(|| output.as_string_view().value(row));
            assert_eq!(got, *expected, "{text:?} {country:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_is_idempotent(text in "\\PC{0,20}|[+(]?[0-9 ()/.-]{6,18}|0[0-9]{9,10}", country in "RO|VN|CN|US|IT|\\PC{0,3}") {
            if let Some(once) = normalize(&text, region(&country)) {
                prop_assert!(once.starts_with('+') && once[1..].bytes().all(|b| b.is_ascii_digit()));
                prop_assert_eq!(normalize(&once, None), Some(once.clone()));
            }
        }
    }
}
