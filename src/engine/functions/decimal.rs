//! Amounts from legacy texts, exactly. It never rounds and never takes a decimal mark for a grouping mark.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Decimal128Builder};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err, plan_err};
use datafusion::logical_expr::ColumnarValue;

use super::FunctionDoc;
use super::date::narrow;
use super::scalar::{Scalar, Takes, Text};

const PRECISION: u8 = 28;
const SCALE: usize = 6;

pub(super) static PARSE_DECIMAL: Scalar = Scalar {
    doc: FunctionDoc {
        name: "parse_decimal",
        signature: "parse_decimal(text, decimal_mark)",
        returns: "DECIMAL(28,6)",
        summary: "The number in the text, whose decimal mark is '.' or ',' as declared. Groups of three (or Indian two) \
                  may be set apart by the other mark, spaces or apostrophes, but only if they are whole: '12.5' with \
                  ',' is NULL, not 125. Currency signs and codes around it are dropped; (1.234,56), 5- and -5 are \
                  negative; 12,- has no cents. NULL if it is not such a number, has more than 22 digits before the \
                  mark, or more than 6 behind it that are not zero.",
        example: "parse_decimal('(1.234,56 lei)', ',')",
        example_result: "-1234.560000",
    },
    takes: &[Takes::Text, Takes::Text],
    more: None,
    returns: DataType::Decimal128(PRECISION, SCALE as i8),
    check: Some(|literals| match literals.get(1).copied().flatten().and_then(|mark| mark.try_as_str().flatten()) {
        Some(given) if mark(given).is_none() => plan_err!("the decimal mark is `.` or `,`, not `{given}`"),
        _ => Ok(()),
    }),
    kernel,
};

fn kernel(args: &[ColumnarValue], rows: usize) -> Result<ArrayRef> {
    let texts = Text::of(&args[0])?;
    let marks = Text::of(&args[1])?;
    let mut builder = Decimal128Builder::with_capacity(rows).with_precision_and_scale(PRECISION, SCALE as i8)?;
    for row in 0..rows {
        let number = match (texts.get(row), marks.get(row)) {
            (Some(text), Some(given)) => match mark(given) {
                Some(mark) => parse(&narrow(text), mark),
                None => return exec_err!("the decimal mark is `.` or `,`, not `{given}`"),
            },
            _ => None,
        };
        builder.append_option(number);
    }
    Ok(Arc::new(builder.finish()))
}

fn mark(text: &str) -> Option<char> {
    match text {
        "." => Some('.'),
        "," => Some(','),
        _ => None,
    }
}

/// The number in millionths.
fn parse(text: &str, mark: char) -> Option<i128> {
    let (text, in_brackets) = match text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        Some(inner) => (inner, true),
        None => (text, false),
    };
    let mut is_negative = in_brackets;
    let mut signs = usize::from(in_brackets);
    let mut rest = text;
    loop {
        let bare = strip_currency(rest.trim());
        let (unsigned, minus) = match strip_sign(bare, mark) {
            Some((unsigned, minus)) => (unsigned, minus),
            None if bare == rest => break,
            None => {
                rest = bare;
                continue;
            }
        };
        signs += 1;
        is_negative |= minus;
        rest = unsigned;
    }
    if signs > 1 {
        return None;
    }
    let millionths = unsigned(rest, mark)?;
    Some(if is_negative { -millionths } else { millionths })
}

fn is_minus(c: char) -> bool {
    matches!(c, '-' | '\u{2212}' | '\u{2013}')
}

/// The rest and whether it was a minus. Behind the decimal mark a dash stands for no cents and is no sign.
fn strip_sign(text: &str, mark: char) -> Option<(&str, bool)> {
    if let Some(rest) = text.strip_prefix(is_minus) {
        return Some((rest, true));
    }
    if let Some(rest) = text.strip_suffix(is_minus) {
        return (!rest.trim_end_matches(is_minus).ends_with(mark)).then_some((rest, true));
    }
    text.strip_prefix('+').or_else(|| text.strip_suffix('+')).map(|rest| (rest, false))
}

/// ISO 4217 codes in use and what people write instead, in capitals, sorted.
const CURRENCIES: [&str; 78] = [
    "AED", "ARS", "AUD", "BAM", "BDT", "BGN", "BHD", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DH", "DKK",
    "DM", "DONG", "DZD", "EGP", "EUR", "EURO", "FR", "FR.", "FT", "GBP", "HKD", "HRK", "HUF", "IDR", "ILS", "INR",
    "ISK", "JPY", "KES", "KR", "KR.", "KRW", "KWD", "KZT", "KČ", "LEI", "LEU", "LKR", "LV", "MAD", "MDL", "MXN", "MYR",
    "NGN", "NOK", "NT", "NZD", "PEN", "PHP", "PKR", "PLN", "QAR", "RMB", "RON", "RS", "RS.", "RSD", "RUB", "SAR",
    "SEK", "SFR", "SGD", "THB", "TND", "TRY", "TWD", "UAH", "USD", "VND", "VNĐ", "ZAR", "ZŁ",
];

/// `text` without a currency sign, code or word at either end.
fn strip_currency(text: &str) -> &str {
    let is_sign = |c: char| {
        matches!(c, '$' | '£' | '¥' | '¤' | '¢' | '\u{20a0}'..='\u{20cf}' | '元' | '円' | '圆' | '원' | 'đ' | 'Đ')
    };
    let is_word = |c: char| c.is_alphabetic() || c == '.';
    let is_currency = |word: &str| {
        let upper = word.chars().flat_map(char::to_uppercase);
        !word.is_empty() && CURRENCIES.iter().any(|currency| currency.chars().eq(upper.clone()))
    };
    let starts = text.find(|c| !is_word(c)).unwrap_or(text.len());
    let ends = text.rfind(|c| !is_word(c)).map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    if is_currency(&text[..starts]) {
        text[starts..].trim_start()
    } else if is_currency(&text[ends..]) {
        text[..ends].trim_end()
    } else {
        text.trim_matches(is_sign).trim()
    }
}

/// Digits with grouping and a fraction, in millionths.
fn unsigned(text: &str, mark: char) -> Option<i128> {
    let (whole, fraction) = text.split_once(mark).unwrap_or((text, ""));
    let fraction = fraction.trim_matches(is_minus);
    let has_digits = |text: &str| text.bytes().any(|b| b.is_ascii_digit());
    if !(has_digits(whole) || has_digits(fraction)) || !are_groups(whole, mark) {
        return None;
    }
    let mut number: i128 = 0;
    let mut digits = 0;
    for digit in whole.bytes().filter(u8::is_ascii_digit).map(|b| b - b'0') {
        number = number * 10 + i128::from(digit);
        digits += usize::from(digits > 0 || digit > 0);
        if digits > usize::from(PRECISION) - SCALE {
            return None;
        }
    }
    for at in 0..SCALE.max(fraction.len()) {
        let digit = match fraction.as_bytes().get(at) {
            Some(b) if b.is_ascii_digit() => b - b'0',
            Some(_) => return None,
            None => 0,
        };
        if at < SCALE {
            number = number * 10 + i128::from(digit);
        } else if digit != 0 {
            return None;
        }
    }
    Some(number)
}

/// Whether `whole` is digits only, or groups set apart by one and the same mark: three digits in the last group, two or
/// three in those between, one to three in the first.
fn are_groups(whole: &str, mark: char) -> bool {
    let Some(separator) = whole.chars().find(|c| !c.is_ascii_digit()) else { return true };
    if separator == mark || !matches!(separator, '.' | ',' | ' ' | '\'' | '’') {
        return false;
    }
    let groups = whole.split(separator).count();
    whole.split(separator).enumerate().all(|(at, group)| {
        let widths = match at {
            0 => 1..=3,
            at if at + 1 == groups => 3..=3,
            _ => 2..=3,
        };
        widths.contains(&group.len()) && group.bytes().all(|b| b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(mark: char, cases: &[(&str, Option<f64>)]) {
        for (text, expected) in cases {
            let got = parse(&narrow(text), mark);
            assert_eq!(got, expected.map(|number| (number * 1e6).round() as i128), "{text:?}");
        }
    }

    #[test]
    fn amounts_with_a_comma() {
        check(
            ',',
            &[
                ("1.234,56", Some(1234.56)),
                ("1234,56", Some(1234.56)),
                ("1 234,56", Some(1234.56)),
                ("1\u{a0}234\u{202f}567,8", Some(1_234_567.8)),
                ("(1.234,56)", Some(-1234.56)),
                ("1.234,56-", Some(-1234.56)),
                ("-1.234,56 lei", Some(-1234.56)),
                ("RON 12,00", Some(12.0)),
                ("1.500.000 ₫", Some(1_500_000.0)),
                ("1.500.000đ", Some(1_500_000.0)),
                ("1.500.000 VNĐ", Some(1_500_000.0)),
                ("12,50 zł", Some(12.5)),
                ("1 200 Kč", Some(1200.0)),
                ("€ -5,00", Some(-5.0)),
                ("-€5,00", Some(-5.0)),
                ("\u{2212}5", Some(-5.0)),
                ("12,-", Some(12.0)),
                ("12,–", Some(12.0)),
                ("12.5", None),
                ("1.23", None),
                ("1,234.56", None),
                ("12,5,6", None),
            ],
        );
    }

    #[test]
    fn amounts_with_a_point() {
        check(
            '.',
            &[
                ("1,234.56", Some(1234.56)),
                ("$1,234.56", Some(1234.56)),
                ("($1,234.56)", Some(-1234.56)),
                ("$(5)", None),
                ("USD 1234", Some(1234.0)),
                ("¥1,234", Some(1234.0)),
                ("１，２３４．５元", Some(1234.5)),
                ("CHF 1'234.50", Some(1234.5)),
                ("Rs. 12,34,567.00", Some(1_234_567.0)),
                (".5", Some(0.5)),
                ("5.", Some(5.0)),
                ("+5", Some(5.0)),
                ("0.1234560000", Some(0.123_456)),
                ("0.1234567", None),
                ("1,23", None),
                ("1,,234", None),
                ("1e5", None),
                ("12 kg", None),
                ("12%", None),
                ("--5", None),
                ("-(5)", None),
                ("-", None),
                ("", None),
                ("n/a", None),
            ],
        );
        assert_eq!(parse("9999999999999999999999.999999", '.'), Some(10_i128.pow(28) - 1));
        assert_eq!(parse("10000000000000000000000", '.'), None);
        assert_eq!(parse("0000000000000000000000000000012", '.'), Some(12_000_000));
    }

    #[test]
    fn currencies_are_in_capitals() {
        assert!(CURRENCIES.iter().all(|currency| currency.to_uppercase() == *currency));
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*|[-+(]?[$€]?[0-9., '’]{0,20}[-)%]?( lei| RON)?", point in any::<bool>()) {
            parse(&narrow(&text), if point { '.' } else { ',' });
        }

        #[test]
        fn reads_what_was_written(millionths in -(10_i128.pow(28) - 1)..10_i128.pow(28)) {
            let digits = millionths.unsigned_abs();
            let sign = if millionths < 0 { "-" } else { "" };
            let text = format!("{sign}{},{:06}", digits / 1_000_000, digits % 1_000_000);
            prop_assert_eq!(parse(&text, ','), Some(millionths));
        }
    }
}
