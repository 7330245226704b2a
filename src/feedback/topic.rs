//! What a text is about, by the words that speak of each topic.

use super::lexicon::Words;
use super::prepare::next_word;

/// The topics of `data/topic_words.csv`.
pub(super) const TOPICS: [&str; 12] = [
    "privacy",
    "cancellation",
    "return_refund",
    "payment_invoice",
    "account_login",
    "stock_size",
    "price_discount",
    "product_quality",
    "loyalty",
    "store_staff",
    "product_question",
    "delivery",
];

/// Of a text that is good and about none of the others.
pub(super) const PRAISE: &str = "praise";
/// From this tone on.
pub(super) const PRAISE_TONE: f64 = 0.4;

/// Which topic a phrase speaks of, and how plainly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Subject {
    topic: usize,
    weight: u32,
}

impl Subject {
    pub(super) fn new(topic: &str, weight: u32) -> Self {
        let topic = TOPICS.iter().position(|known| *known == topic).expect("data/topic_words.csv has known topics");
        Self { topic, weight }
    }
}

/// The topic with the greatest weight; of several the one that comes first in the text, because people begin with what
/// matters to them.
pub(super) fn of(text: &str, words: &Words<Subject>) -> Option<&'static str> {
    let mut weights = [0; TOPICS.len()];
    let mut first = [usize::MAX; TOPICS.len()];
    let mut at = 0;
    while at < text.len() {
        let mut next = next_word(text, at);
        if let Some((end, Subject { topic, weight })) = words.at(text, at) {
            weights[topic] += weight;
            first[topic] = first[topic].min(at);
            while next < end {
                next = next_word(text, next);
            }
        }
        at = next;
    }
    let best = (0..TOPICS.len()).filter(|topic| weights[*topic] > 0);
    best.min_by_key(|topic| (u32::MAX - weights[*topic], first[*topic])).map(|topic| TOPICS[topic])
}
