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

/// Language, what means true, what means false; in lower case and NFKC. No word may mean both in any two languages:
/// French `o` (oui), which is also a zero, stays out.
const WORDS: [(&str, &str, &str); 20] = [
    ("signs", "1 -1 x ✓ ✔ ☑", "0 ✗ ✘ ☐"),
    ("English", "y yes t true on", "n no f false off"),
    ("Chinese", "是 是的 有 对 對 真", "否 不 不是 没有 沒有 无 無 错 錯 假"),
    ("Czech", "ano pravda", "ne nepravda"),
    ("Danish", "ja sand", "nej falsk"),
    ("Dutch", "ja waar", "nee onwaar"),
    ("Finnish", "kyllä", "ei"),
    ("French", "oui vrai", "non faux"),
    ("German", "ja j wahr", "nein falsch"),
    ("Hungarian", "igen igaz", "nem hamis"),
    ("Italian", "sì si s vero", "no falso"),
    ("Japanese", "はい", "いいえ"),
    ("Korean", "예 네", "아니요 아니오"),
    ("Norwegian and Swedish", "ja sant", "nei nej falskt"),
    ("Polish", "tak prawda", "nie fałsz falsz"),
    ("Portuguese", "sim verdadeiro", "não nao falso"),
    ("Romanian", "da adevărat adevarat", "nu fals"),
    ("Spanish", "sí si s verdadero", "no falso"),
    ("Turkish", "evet", "hayır hayir"),
    ("Vietnamese", "có co đúng dung", "không khong sai"),
];

fn kernel(args: &[ColumnarValue], rows: usize) -> Result<ArrayRef> {
    static MEANINGS: LazyLock<FxHashMap<&str, bool>> = LazyLock::new(|| {
        let yes = WORDS.iter().flat_map(|(_, yes, _)| yes.split(' ')).map(|word| (word, true));
        let no = WORDS.iter().flat_map(|(_, _, no)| no.split(' ')).map(|word| (word, false));
        yes.chain(no).collect()
    });
    let texts = Text::of(&args[0])?;
    let meanings = &*MEANINGS;
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
            meanings.get(lower.as_str()).copied()
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
        let no: Vec<_> = WORDS.iter().flat_map(|(_, _, no)| no.split(' ')).collect();
        assert!(WORDS.iter().flat_map(|(_, yes, _)| yes.split(' ')).all(|word| !no.contains(&word)));
    }
}
