//! Tone and topic of what customers write: see `crate::feedback`.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Float64Builder};
use datafusion::arrow::datatypes::DataType;

use super::FunctionDoc;
use super::scalar::{Scalar, Takes, Text, text_to_text};
use crate::feedback::Reader;

pub(super) static TEXT_TONE: Scalar = Scalar {
    doc: FunctionDoc {
        name: "text_tone",
        signature: "text_tone(text)",
        returns: "DOUBLE",
        summary: "How a text is meant, from -1 (bad) to 1 (good), by word lists (`data/tone_words.csv`) of Chinese, Dutch, \
                  English, French, German, Italian, Portuguese, Romanian, Spanish and Vietnamese, with or without marks, \
                  and by emoji. Negation, emphasis and `but` are heeded, irony is not. Up to 0.05 either way is neutral. \
                  NULL where no word says anything.",
        example: "text_tone('Nu sunt deloc mulțumită, ceainicul a sosit spart!')",
        example_result: "-0.73",
    },
    takes: &[Takes::Text],
    more: None,
    returns: DataType::Float64,
    check: None,
    kernel: |args, rows| {
        let texts = Text::of(&args[0])?;
        let mut reader = Reader::default();
        let mut tones = Float64Builder::with_capacity(rows);
        for row in 0..rows {
            tones.append_option(texts.get(row).and_then(|text| reader.tone(text)));
        }
        Ok(Arc::new(tones.finish()) as ArrayRef)
    },
};

pub(super) static TEXT_TOPIC: Scalar = Scalar {
    doc: FunctionDoc {
        name: "text_topic",
        signature: "text_topic(text)",
        returns: "VARCHAR",
        summary: "What a text is about, by word lists (`data/topic_words.csv`) of the languages of `text_tone`: delivery, \
                  return_refund, payment_invoice, product_quality, product_question, account_login, stock_size, \
                  price_discount, store_staff, loyalty, cancellation, privacy; of several the one with most words, then \
                  the first. praise: good, and about nothing else. Also for the names that a support desk gives its \
                  queues. NULL where no word tells.",
        example: "text_topic('我的包裹还没到')",
        example_result: "delivery",
    },
    takes: &[Takes::Text],
    more: None,
    returns: DataType::Utf8View,
    check: None,
    kernel: |args, rows| {
        let mut reader = Reader::default();
        Ok(text_to_text(&Text::of(&args[0])?, rows, |_, text, out| {
            out.push_str(reader.topic(text)?);
            Some(())
        }))
    },
};

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::AsArray;
    use datafusion::arrow::datatypes::Float64Type;

    use super::super::scalar::tests::{check_text, run};
    use super::*;

    #[test]
    fn tones() {
        let rows: [&[Option<&str>]; 5] =
            [&[Some("Great service!")], &[Some("Where is it?")], &[None], &[Some("")], &[Some("👎")]];
        let tones: Vec<_> = run(&TEXT_TONE, &rows).as_primitive::<Float64Type>().iter().collect();
        assert!(tones[0] > Some(0.5) && tones[4] < Some(-0.4), "{tones:?}");
        assert_eq!(tones[1..4], [None; 3]);
    }

    #[test]
    fn topics() {
        check_text(
            &TEXT_TOPIC,
            &[
                ("damaged goods", Some("product_quality")),
                ("Retouren", Some("return_refund")),
                ("Hóa đơn", Some("payment_invoice")),
                ("You are wonderful!", Some("praise")),
                ("42", None),
                ("", None),
            ],
        );
    }
}
