//! The copy of a name that is compared, never shown: without case, width, diacritics and punctuation.
//! Other scripts stay as they are; nothing is transliterated here.

use datafusion::arrow::datatypes::DataType;

use super::FunctionDoc;
use super::scalar::{Scalar, Takes, Text, text_to_text};
use crate::names::fold;

pub(super) static FOLD_NAME: Scalar = Scalar {
    doc: FunctionDoc {
        name: "fold_name",
        signature: "fold_name(text)",
        returns: "VARCHAR",
        summary: "The text for comparing: NFKC, lower case, without diacritics (đ → d, ß → ss, ș → s, ł → l, ø → o), \
                  apostrophes dropped, other punctuation as a space, single spaces. Other scripts are kept, not \
                  transliterated. NULL if nothing is left.",
        example: "fold_name('Nguyễn  Thị-Đào')",
        example_result: "nguyen thi dao",
    },
    takes: &[Takes::Text],
    more: None,
    returns: DataType::Utf8View,
    check: None,
    kernel: |args, rows| {
        let mut composed = String::new();
        Ok(text_to_text(&Text::of(&args[0])?, rows, |_, text, out| {
            fold(text, out, &mut composed);
            (!out.is_empty()).then_some(())
        }))
    },
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::scalar::tests::check_text;
    use super::*;

    #[test]
    fn same_name_same_copy() {
        check_text(
            &FOLD_NAME,
            &[
                ("O'Brien", Some("obrien")),
                ("Jean-Pierre  du Pont", Some("jean pierre du pont")),
                ("Dr. J.R. Smith", Some("dr j r smith")),
                ("Nguyễn Thị Đào", Some("nguyen thi dao")),
                ("Nguye\u{302}\u{303}n", Some("nguyen")),
                ("Ștefan Țîru", Some("stefan tiru")),
                ("Ştefan Ţîru", Some("stefan tiru")),
                ("Groß", Some("gross")),
                ("Łukasz Ørsted", Some("lukasz orsted")),
                ("Æsir Þór", Some("aesir thor")),
                ("İlkay Işık", Some("ilkay isik")),
                ("ＡＮＡ　ＰＯＰ", Some("ana pop")),
                ("王 小明", Some("王 小明")),
                ("ﾀﾅｶ", Some("タナカ")),
                ("が", Some("が")),
                ("김민준", Some("김민준")),
                ("Фёдор Чайка", Some("федор чайка")),
                ("ΓΙΏΡΓΟΣ", Some("γιωργοσ")),
                ("مُحَمَّد", Some("محمد")),
                ("マリア・ロペス", Some("マリア ロペス")),
                ("", None),
                (" - . ", None),
                ("🌀\u{1ab0}", None),
                ("42", Some("42")),
            ],
        );
    }

    #[test]
    fn every_apostrophe_is_the_same() {
        for mark in "'’‘‛ʼʻʽʹ´`′‵＇".chars() {
            assert_eq!(folded(&format!("O{mark}Brien")), "obrien", "{mark} is U+{:04X}", u32::from(mark));
        }
        assert_eq!(folded("‚Ana‚ Pop"), "ana pop");
    }

    fn folded(text: &str) -> String {
        let mut out = String::new();
        fold(text, &mut out, &mut String::new());
        out
    }

    proptest! {
        #[test]
        fn never_panics_and_is_idempotent(text in "\\PC*|[A-Za-zÀ-ỹ' .-]{0,30}|[\\u{0}-\\u{ffff}]{0,12}") {
            let once = folded(&text);
            prop_assert_eq!(folded(&once), once);
        }
    }
}
