//! The copy of a name that is compared, never shown: without case, width, diacritics and punctuation.
//! Other scripts stay as they are; nothing is transliterated here.

use datafusion::arrow::datatypes::DataType;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::FunctionDoc;
use super::scalar::{Scalar, Takes, Text, text_to_text};

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

/// Appends the folded `text` to the empty `out`; `scratch` is working space.
pub(super) fn fold(text: &str, out: &mut String, scratch: &mut String) {
    if text.is_ascii() {
        for byte in text.bytes() {
            push(out, char::from(byte.to_ascii_lowercase()));
        }
    } else {
        scratch.clear();
        let mut base = ' ';
        // Before anything is taken apart: ´ would become a space with an accent.
        let letters = text.chars().filter(|c| !is_apostrophe(*c) && !is_invisible(*c));
        for c in letters.nfkd().flat_map(char::to_lowercase) {
            if is_apostrophe(c) || (is_accent(c) && drops_accents(base)) {
                continue;
            }
            if !is_combining_mark(c) {
                // What is not a letter is not written, so that its marks have nothing to stand on.
                base = if c.is_alphanumeric() { c } else { ' ' };
            }
            push_letter(scratch, c);
        }
        // Puts Hangul, kana and the accents that were kept together again.
        out.extend(scratch.nfc());
    }
    out.truncate(out.trim_end().len());
}

fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{591}'..='\u{5c7}'
        | '\u{64b}'..='\u{65f}' | '\u{670}')
}

/// Whether marks above or below `base` are dropped: on Latin, Greek, Hebrew and Arabic letters and on Cyrillic е (ё),
/// but not on й, which is a letter of its own, nor on kana and Indic letters, where a mark is another sound.
fn drops_accents(base: char) -> bool {
    matches!(base, '\0'..='\u{24f}' | '\u{1e00}'..='\u{1fff}' | '\u{370}'..='\u{3ff}' | '\u{590}'..='\u{6ff}' | 'е')
}

/// Letters that NFKD does not take apart.
fn push_letter(out: &mut String, c: char) {
    match c {
        'đ' | 'ð' => push(out, 'd'),
        'ħ' => push(out, 'h'),
        'ı' => push(out, 'i'),
        'ł' => push(out, 'l'),
        'ø' => push(out, 'o'),
        'ŧ' => push(out, 't'),
        'ŋ' => push(out, 'n'),
        'ς' => push(out, 'σ'),
        'ß' => out.push_str("ss"),
        'þ' => out.push_str("th"),
        'æ' => out.push_str("ae"),
        'œ' => out.push_str("oe"),
        _ => push(out, c),
    }
}

fn push(out: &mut String, c: char) {
    if c.is_alphanumeric() || is_combining_mark(c) {
        out.push(c);
    } else if !is_apostrophe(c) && !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

/// What keyboards, phones and old systems write between O and Brien; Unicode takes some of it for letters.
pub(super) fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '`' | '´' | '‘' | '’' | '‛' | '′' | '‵' | '＇' | '\u{2b9}'..='\u{2bd}')
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}')
}

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
