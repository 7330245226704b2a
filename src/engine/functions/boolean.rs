//! Yes and no in the words of many languages.

use std::sync::{Arc, LazyLock};

use datafusion::arrow::array::{ArrayRef, BooleanBuilder};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::ColumnarValue;
use rustc_hash::FxHashMap;
use unicode_normalization::UnicodeNormalization;

use super::FunctionDoc;
use super::scalar::{Scalar, Takes, Text};

pub(super) static PARSE_BOOLEAN: Scalar = Scalar {
    doc: FunctionDoc {
        name: "parse_boolean",
        signature: "parse_boolean(text)",
        returns: "BOOLEAN",
        summary: "True or false from the usual words and signs, in any case: 1, -1 (as Access writes true), t, y, yes, \
                  on, x, ✓ and 0, f, n, no, off, and yes, no, true and false in Chinese, Czech, Danish, Dutch, Finnish, \
                  French, German, Hungarian, Italian, Japanese, Korean, Norwegian, Polish, Portuguese, Romanian, \
                  Spanish, Swedish, Turkish and Vietnamese. NULL for everything else.",
        example: "parse_boolean('Có')",
        example_result: "true",
    },
    takes: &[Takes::Text],
    more: None,
    returns: DataType::Boolean,
    check: None,
    kernel,
};

/// In lower case and NFKC. No word may be on both sides: French `o` (oui) and Greek `ναι` stay out.
const TRUE: [&str; 51] = [
    "1",
    "-1",
    "t",
    "y",
    "yes",
    "true",
    "on",
    "x",
    "✓",
    "✔",
    "☑",
    "ja",
    "j",
    "wahr",
    "oui",
    "vrai",
    "si",
    "sí",
    "s",
    "sì",
    "verdadero",
    "vero",
    "sim",
    "verdadeiro",
    "da",
    "adevărat",
    "adevarat",
    "có",
    "co",
    "đúng",
    "dung",
    "是",
    "是的",
    "有",
    "对",
    "對",
    "真",
    "はい",
    "예",
    "네",
    "tak",
    "prawda",
    "ano",
    "pravda",
    "igen",
    "igaz",
    "waar",
    "sand",
    "evet",
    "kyllä",
    "sant",
];
const FALSE: [&str; 51] = [
    "0",
    "f",
    "n",
    "no",
    "false",
    "off",
    "✗",
    "✘",
    "☐",
    "nein",
    "falsch",
    "non",
    "faux",
    "falso",
    "não",
    "nao",
    "nu",
    "fals",
    "không",
    "khong",
    "sai",
    "否",
    "不",
    "不是",
    "没有",
    "沒有",
    "无",
    "無",
    "错",
    "錯",
    "假",
    "いいえ",
    "아니요",
    "아니오",
    "nie",
    "fałsz",
    "falsz",
    "ne",
    "nepravda",
    "nem",
    "hamis",
    "nee",
    "onwaar",
    "nej",
    "nei",
    "falsk",
    "hayır",
    "hayir",
    "ei",
    "vals",
    "falskt",
];

fn kernel(args: &[ColumnarValue], rows: usize) -> Result<ArrayRef> {
    static WORDS: LazyLock<FxHashMap<&str, bool>> = LazyLock::new(|| {
        TRUE.iter().map(|word| (*word, true)).chain(FALSE.iter().map(|word| (*word, false))).collect()
    });
    let texts = Text::of(&args[0])?;
    let words = &*WORDS;
    let mut lower = String::new();
    let mut builder = BooleanBuilder::with_capacity(rows);
    for row in 0..rows {
        builder.append_option(texts.get(row).and_then(|text| {
            let text = text.trim();
            // Longer than any word there is, even in decomposed full-width letters.
            if text.len() > 48 {
                return None;
            }
            lower.clear();
            if text.is_ascii() {
                lower.push_str(text);
                lower.make_ascii_lowercase();
            } else {
                lower.extend(text.nfkc().flat_map(char::to_lowercase).nfkc());
            }
            words.get(lower.as_str()).copied()
        }));
    }
    Ok(Arc::new(builder.finish()))
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::AsArray;

    use super::super::scalar::tests::run;
    use super::*;

    #[test]
    fn words_of_many_languages() {
        let cases = [
            ("Yes", Some(true)),
            (" TRUE ", Some(true)),
            ("1", Some(true)),
            ("-1", Some(true)),
            ("Da", Some(true)),
            ("NU", Some(false)),
            ("Có", Some(true)),
            ("Co\u{301}", Some(true)),
            ("không", Some(false)),
            ("是", Some(true)),
            ("否", Some(false)),
            ("Oui", Some(true)),
            ("NON", Some(false)),
            ("Ｙ", Some(true)),
            ("０", Some(false)),
            ("Nein", Some(false)),
            ("SÍ", Some(true)),
            ("2", None),
            ("maybe", None),
            ("", None),
            ("n/a", None),
        ];
        let rows: Vec<[Option<&str>; 1]> = cases.iter().map(|(text, _)| [Some(*text)]).collect();
        let rows: Vec<&[_]> = rows.iter().map(<[_; 1]>::as_slice).collect();
        let output = run(&PARSE_BOOLEAN, &rows);
        for (got, (text, expected)) in output.as_boolean().iter().zip(cases) {
            assert_eq!(got, expected, "{text:?}");
        }
    }

    #[test]
    fn no_word_means_both() {
        assert!(TRUE.iter().all(|word| !FALSE.contains(word)));
    }
}
