//! Names of people as they are shown and stored: clean white space and case, nothing of the name itself changed.
//! It never touches a name whose case somebody chose, nor scripts without case.

use datafusion::arrow::datatypes::DataType;

use super::FunctionDoc;
use super::scalar::{Scalar, Takes, Text, text_to_text};
use crate::names::normalize;

pub(super) static NORMALIZE_NAME: Scalar = Scalar {
    doc: FunctionDoc {
        name: "normalize_name",
        signature: "normalize_name(text)",
        returns: "VARCHAR",
        summary: "The name in NFC with single spaces and without control characters. A Latin name all in capitals or \
                  all in small letters gets its capitals (McDonald, O'Brien, Jan van der Berg); mixed case and other \
                  scripts stay. NULL if it has no letter or is a placeholder such as n/a, unknown, test, 未知, \
                  necunoscut, không rõ, or exactly NULL, null, nan, NaN, none, NONE.",
        example: "normalize_name('  JAN   VAN DER BERG ')",
        example_result: "Jan van der Berg",
    },
    takes: &[Takes::Text],
    more: None,
    returns: DataType::Utf8View,
    check: None,
    kernel: |args, rows| {
        let mut scratch = String::new();
        Ok(text_to_text(&Text::of(&args[0])?, rows, |_, text, out| normalize(text, out, &mut scratch)))
    },
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::scalar::tests::check_text;
    use super::*;

    #[test]
    fn names_get_their_capitals() {
        check_text(
            &NORMALIZE_NAME,
            &[
                ("JOHN SMITH", Some("John Smith")),
                ("john smith", Some("John Smith")),
                ("  John\t\u{a0} SMITH\u{3000}", Some("John SMITH")),
                ("MCDONALD", Some("McDonald")),
                ("mary-jane o'brien", Some("Mary-Jane O'Brien")),
                ("JAN VAN DER BERG", Some("Jan van der Berg")),
                ("VAN DER BERG", Some("Van der Berg")),
                ("MARIA DE LA CRUZ", Some("Maria de la Cruz")),
                ("JOHN SMITH III", Some("John Smith III")),
                ("J.R. SMITH", Some("J.R. Smith")),
                ("MACKENZIE", Some("Mackenzie")),
                ("MacKenzie", Some("MacKenzie")),
                ("DiCaprio", Some("DiCaprio")),
                ("ȘTEFAN ȚÎRU", Some("Ștefan Țîru")),
                ("ANA-MARIA IONESCU", Some("Ana-Maria Ionescu")),
                ("NGUYỄN VĂN AN", Some("Nguyễn Văn An")),
                ("NGUYEN VAN AN", Some("Nguyen Van An")),
                ("trần thị đào", Some("Trần Thị Đào")),
                ("nguye\u{302}\u{303}n", Some("Nguyễn")),
                ("GROß", Some("GROß")),
                ("İLKAY", Some("İlkay")),
                ("王小明", Some("王小明")),
                ("王\u{3000}小明", Some("王 小明")),
                ("МАРИЯ", Some("МАРИЯ")),
                ("Ana\u{200b} Pop\u{0}", Some("Ana Pop")),
                ("\"Ana Pop\",", Some("Ana Pop")),
            ],
        );
    }

    #[test]
    fn a_capital_follows_every_apostrophe_which_stays_as_it_was_written() {
        for mark in "'’‘‛ʼʻʽʹ´`′‵＇".chars() {
            for (written, name) in [("O_BRIEN", "O_Brien"), ("d_arcy", "D_Arcy"), ("HA_APALA", "Ha_apala")] {
                let [written, name] = [written, name].map(|text| text.replace('_', &mark.to_string()));
                assert_eq!(normalized(&written), Some(name));
            }
        }
    }

    #[test]
    fn placeholders_are_null_and_names_that_look_like_one_are_not() {
        let nothing = [
            "",
            " ",
            "-",
            "--",
            "?",
            ".",
            "N/A",
            "n.a.",
            "Unknown",
            "(unknown)",
            "TEST",
            "Test User",
            "0",
            "123",
            "null",
            "NULL",
            "nan",
            "未知",
            "Không rõ",
            "NECUNOSCUT",
            "\u{200b}",
        ];
        check_text(&NORMALIZE_NAME, &nothing.map(|text| (text, None)));
        check_text(
            &NORMALIZE_NAME,
            &[
                ("Na", Some("Na")),
                ("NA", Some("Na")),
                ("Null", Some("Null")),
                ("Nan", Some("Nan")),
                ("Testa", Some("Testa")),
            ],
        );
    }

    fn normalized(text: &str) -> Option<String> {
        let mut out = String::new();
        normalize(text, &mut out, &mut String::new()).map(|()| out)
    }

    proptest! {
        #[test]
        fn never_panics_and_is_idempotent(text in "\\PC*|[A-ZÀ-Ỹ' .-]{0,30}|[a-zà-ỹ' .-]{0,30}|[\\u{0}-\\u{2fff}]{0,12}") {
            if let Some(once) = normalized(&text) {
                prop_assert_eq!(normalized(&once), Some(once.clone()));
            }
        }
    }
}
