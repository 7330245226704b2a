//! Postcodes in the spelling of their country's post. Where a code does not look like one of its country's it is only
//! tidied, never changed and never dropped: it may still be right, and the country wrong.

use datafusion::arrow::datatypes::DataType;
use unicode_normalization::UnicodeNormalization;

use super::FunctionDoc;
use super::scalar::{Scalar, Takes, Text, text_to_text};

pub(super) static NORMALIZE_POSTCODE: Scalar = Scalar {
    doc: FunctionDoc {
        name: "normalize_postcode",
        signature: "normalize_postcode(text, country)",
        returns: "VARCHAR",
        summary: "The postcode as its country (ISO 3166-1 alpha-2, literal or column) writes it: capitals, canonical \
                  spaces and hyphens, without a country prefix. Zeros that a spreadsheet cut from the front come back \
                  where the country's codes have one length and can begin with so many zeros (DE 1067 → 01067). What \
                  fits no known shape is only trimmed and capitalised. NULL if it has no letter or digit, or only zeros.",
        example: "normalize_postcode('sw1a1aa', 'GB')",
        example_result: "SW1A 1AA",
    },
    takes: &[Takes::Text, Takes::Text],
    more: None,
    returns: DataType::Utf8View,
    check: None,
    kernel: |args, rows| {
        let countries = Text::of(&args[1])?;
        let mut scratch = String::new();
        Ok(text_to_text(&Text::of(&args[0])?, rows, |row, text, out| {
            normalize(text, countries.get(row), out, &mut scratch)
        }))
    },
};

/// How a country writes its postcodes.
struct Country {
    code: &'static str,
    /// The letters that may stand in front besides the ISO code, as on cars: `D-01067`.
    plate: &'static str,
    /// How many zeros codes can begin with.
    zeros: usize,
    /// `#` is a digit, `@` a letter, `*` either; the rest is written as it is.
    shapes: &'static [&'static str],
}

const fn country(code: &'static str, plate: &'static str, zeros: usize, shapes: &'static [&'static str]) -> Country {
    Country { code, plate, zeros, shapes }
}

const BRITISH: &[&str] = &["@# #@@", "@## #@@", "@@# #@@", "@@## #@@", "@#@ #@@", "@@#@ #@@"];

/// By ISO code. Shapes are from the Universal Postal Union's addressing sheets; `zeros` from the lowest code in use.
/// Vietnam's five digits (since 2018) and six (before) are told apart by length, so only four digits lack a zero.
static COUNTRIES: [Country; 76] = [
    country("AD", "AND", 0, &["AD###"]),
    country("AR", "RA", 0, &["####", "@####@@@"]),
    country("AT", "A", 0, &["####"]),
    country("AU", "AUS", 1, &["####"]),
    country("BA", "BIH", 0, &["#####"]),
    country("BE", "B", 0, &["####"]),
    country("BG", "BG", 0, &["####"]),
    country("BR", "BR", 1, &["#####-###"]),
    country("BY", "BY", 0, &["######"]),
    country("CA", "CDN", 0, &["@#@ #@#"]),
    country("CH", "CH", 0, &["####"]),
    country("CL", "RCH", 0, &["#######"]),
    country("CN", "CHN", 1, &["######"]),
    country("CO", "CO", 1, &["######"]),
    country("CY", "CY", 0, &["####"]),
    country("CZ", "CZ", 0, &["### ##"]),
    country("DE", "D", 1, &["#####"]),
    country("DK", "DK", 1, &["####"]),
    country("EE", "EST", 0, &["#####"]),
    country("EG", "ET", 0, &["#####"]),
    country("ES", "E", 1, &["#####"]),
    country("FI", "FIN", 2, &["#####"]),
    country("FO", "FO", 0, &["###"]),
    country("FR", "F", 1, &["#####"]),
    country("GB", "GB", 0, BRITISH),
    country("GG", "GBG", 0, BRITISH),
    country("GI", "GBZ", 0, &["@@## #@@"]),
    country("GL", "KN", 0, &["####"]),
    country("GR", "GR", 0, &["### ##"]),
    country("HR", "HR", 0, &["#####"]),
    country("HU", "H", 0, &["####"]),
    country("ID", "RI", 0, &["#####"]),
    country("IE", "IRL", 0, &["@## ****", "@#@ ****"]),
    country("IL", "IL", 0, &["#######", "#####"]),
    country("IM", "GBM", 0, BRITISH),
    country("IN", "IND", 0, &["######"]),
    country("IR", "IR", 0, &["#####-#####"]),
    country("IS", "IS", 0, &["###"]),
    country("IT", "I", 2, &["#####"]),
    country("JE", "GBJ", 0, BRITISH),
    country("JP", "J", 2, &["###-####"]),
    country("KR", "ROK", 1, &["#####", "###-###"]),
    country("KZ", "KZ", 1, &["######"]),
    country("LI", "FL", 0, &["####"]),
    country("LT", "LT", 1, &["LT-#####"]),
    country("LU", "L", 0, &["####"]),
    country("LV", "LV", 0, &["LV-####"]),
    country("MC", "MC", 0, &["#####"]),
    country("MD", "MD", 0, &["MD-####"]),
    country("ME", "MNE", 0, &["#####"]),
    country("MK", "NMK", 0, &["####"]),
    country("MT", "M", 0, &["@@@ ####"]),
    country("MX", "MEX", 1, &["#####"]),
    country("MY", "MAL", 1, &["#####"]),
    country("NL", "NL", 0, &["#### @@"]),
    country("NO", "N", 3, &["####"]),
    country("NZ", "NZ", 1, &["####"]),
    country("PH", "RP", 1, &["####"]),
    country("PL", "PL", 2, &["##-###"]),
    country("PR", "PR", 2, &["#####", "#####-####"]),
    country("PT", "P", 0, &["####-###"]),
    country("RO", "RO", 1, &["######"]),
    country("RS", "SRB", 0, &["#####"]),
    country("RU", "RUS", 0, &["######"]),
    country("SE", "S", 0, &["### ##"]),
    country("SG", "SGP", 1, &["######"]),
    country("SI", "SLO", 0, &["####"]),
    country("SK", "SK", 1, &["### ##"]),
    country("SM", "RSM", 0, &["#####"]),
    country("TH", "T", 0, &["#####"]),
    country("TR", "TR", 1, &["#####"]),
    country("TW", "RC", 0, &["###", "#####", "######"]),
    country("UA", "UA", 1, &["#####"]),
    country("US", "USA", 2, &["#####", "#####-####"]),
    country("VN", "VN", 1, &["#####", "######"]),
    country("ZA", "ZA", 3, &["####"]),
];

/// Appends the normalised postcode to the empty `out`; `scratch` is working space.
fn normalize(text: &str, country: Option<&str>, out: &mut String, scratch: &mut String) -> Option<()> {
    scratch.clear();
    for c in text.nfkc().flat_map(char::to_uppercase).nfkc() {
        match c {
            c if c.is_alphanumeric() => scratch.push(c),
            c if c.is_whitespace() && !scratch.is_empty() && !scratch.ends_with(' ') => scratch.push(' '),
            c if c.is_whitespace() || c.is_control() => {}
            c => scratch.push(c),
        }
    }
    let tidy = scratch.trim_end();
    if !tidy.chars().any(|c| c.is_alphanumeric() && c != '0') || tidy == "N/A" {
        return None;
    }
    if country.and_then(find).and_then(|country| spell(tidy, country, out)).is_none() {
        out.clear();
        out.push_str(tidy);
    }
    Some(())
}

fn find(code: &str) -> Option<&'static Country> {
    let code = code.trim();
    let code = if code.eq_ignore_ascii_case("UK") { "GB" } else { code };
    let upper = |code: &str| -> Option<[u8; 2]> {
        code.as_bytes().try_into().ok().map(|c: [u8; 2]| c.to_ascii_uppercase().try_into().unwrap_or(c))
    };
    let wanted = upper(code)?;
    COUNTRIES.binary_search_by(|country| country.code.as_bytes().cmp(&wanted)).ok().map(|at| &COUNTRIES[at])
}

/// Longer than any postcode with its country prefix.
const COMPACT_BYTES_MAX: usize = 16;

/// Appends `tidy` in the first shape of `country` that it fits.
fn spell(tidy: &str, country: &Country, out: &mut String) -> Option<()> {
    let mut buffer = [0; COMPACT_BYTES_MAX];
    let mut len = 0;
    for c in tidy.chars().filter(|c| c.is_alphanumeric()) {
        *buffer.get_mut(len)? = u8::try_from(c).ok().filter(u8::is_ascii)?;
        len += 1;
    }
    let compact = &buffer[..len];
    let bare = [country.code, country.plate].iter().find_map(|prefix| {
        compact.strip_prefix(prefix.as_bytes()).filter(|rest| rest.first().is_some_and(u8::is_ascii_digit))
    });
    let fits = |code: &[u8], out: &mut String| country.shapes.iter().find_map(|shape| fill(shape, code, out));
    fits(compact, out).or_else(|| fits(bare?, out)).or_else(|| {
        let code = bare.unwrap_or(compact);
        let digits = country.shapes.first()?.bytes().filter(|&b| b == b'#').count();
        let missing = digits.checked_sub(code.len())?;
        let only_digits = country.shapes[0].bytes().all(|b| !matches!(b, b'@' | b'*'));
        if missing > country.zeros || !only_digits {
            return None;
        }
        let mut padded = [b'0'; COMPACT_BYTES_MAX];
        padded[missing..digits].copy_from_slice(code);
        fill(country.shapes[0], &padded[..digits], out)
    })
}

/// Appends `code` in `shape`, or leaves `out` empty if it does not fit.
fn fill(shape: &str, code: &[u8], out: &mut String) -> Option<()> {
    let mut rest = code.iter();
    for class in shape.bytes() {
        let wanted = match class {
            b'#' => rest.next().filter(|b| b.is_ascii_digit()),
            b'@' => rest.next().filter(|b| b.is_ascii_uppercase()),
            b'*' => rest.next().filter(|b| b.is_ascii_alphanumeric()),
            _ => Some(&class),
        };
        let Some(&byte) = wanted else {
            out.clear();
            return None;
        };
        out.push(char::from(byte));
    }
    if rest.next().is_some() {
        out.clear();
        return None;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{Array, AsArray};
    use proptest::prelude::*;

    use super::super::scalar::tests::run;
    use super::*;

    #[test]
    fn countries_are_sorted_for_the_search() {
        assert!(COUNTRIES.is_sorted_by_key(|country| country.code));
    }

    #[test]
    fn spelled_as_the_post_does() {
        let cases = [
            ("sw1a1aa", Some("GB"), Some("SW1A 1AA")),
            (" m1  1ae ", Some("uk"), Some("M1 1AE")),
            ("1234ab", Some("NL"), Some("1234 AB")),
            ("NL-1234 AB", Some("NL"), Some("1234 AB")),
            ("902101234", Some("US"), Some("90210-1234")),
            ("90210", Some("US"), Some("90210")),
            ("2138", Some("US"), Some("02138")),
            ("901", Some("PR"), Some("00901")),
            ("k1a-0b1", Some("CA"), Some("K1A 0B1")),
            ("11455", Some("SE"), Some("114 55")),
            ("SE-114 55", Some("SE"), Some("114 55")),
            ("00001", Some("PL"), Some("00-001")),
            ("1", Some("PL"), Some("1")),
            ("1000205", Some("PT"), Some("1000-205")),
            ("〒１２３－４５６７", Some("JP"), Some("123-4567")),
            ("01310100", Some("BR"), Some("01310-100")),
            ("1310100", Some("BR"), Some("01310-100")),
            ("1067", Some("DE"), Some("01067")),
            ("D-01067", Some("DE"), Some("01067")),
            ("1000", Some("FR"), Some("01000")),
            ("10101", Some("RO"), Some("010101")),
            ("RO-010101", Some("RO"), Some("010101")),
            ("10000", Some("CN"), Some("010000")),
            ("100000", Some("VN"), Some("100000")),
            ("10000", Some("VN"), Some("10000")),
            ("4200", Some("VN"), Some("04200")),
            ("1010", Some("LV"), Some("LV-1010")),
            ("LV-1010", Some("LV"), Some("LV-1010")),
            ("d02x285", Some("IE"), Some("D02 X285")),
            ("vlt1117", Some("MT"), Some("VLT 1117")),
            ("118", Some("IT"), Some("00118")),
            ("abc 12", Some("DE"), Some("ABC 12")),
            ("  ab\u{a0} 12 ", Some("XX"), Some("AB 12")),
            ("ab 12", None, Some("AB 12")),
            ("", Some("DE"), None),
            ("-", Some("DE"), None),
            ("00000", Some("DE"), None),
            ("n/a", None, None),
        ];
        let rows: Vec<[Option<&str>; 2]> = cases.iter().map(|(text, country, _)| [Some(*text), *country]).collect();
        let rows: Vec<&[_]> = rows.iter().map(<[_; 2]>::as_slice).collect();
        let output = run(&NORMALIZE_POSTCODE, &rows);
        for (row, (text, country, expected)) in cases.iter().enumerate() {
            let got = output.as_string_view().is_valid(row).then(|| output.as_string_view().value(row));
            assert_eq!(got, *expected, "{text:?} {country:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_is_idempotent(text in "\\PC{0,12}|[A-Z]{0,3}[-. ]?[0-9]{1,9}[A-Z]{0,3}", at in 0..COUNTRIES.len()) {
            let country = Some(COUNTRIES[at].code);
            let (mut once, mut twice, mut scratch) = (String::new(), String::new(), String::new());
            if normalize(&text, country, &mut once, &mut scratch).is_some() {
                normalize(&once, country, &mut twice, &mut scratch);
                prop_assert_eq!(once, twice);
            }
        }
    }
}
