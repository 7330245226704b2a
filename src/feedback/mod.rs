//! What a customer's own words say: how they are meant (tone) and what they are about (topic), by word lists of ten
//! languages in `data/`. Pure functions of one text: nothing of tickets, columns or models.
//!
//! Word lists and not a model: they are small, the same on every machine, work offline, and whoever asks why a text is
//! bad can be shown the words. What this room cannot know: irony, what is quoted from somebody else, and languages
//! without a list. A text in two languages is read in the one that more of its words belong to.

mod language;
mod lexicon;
mod prepare;
mod tone;
mod topic;

#[cfg(test)]
mod tests;

use language::Language;
use lexicon::Lexicon;
use prepare::Prepared;

/// Reads texts one after the other; keeps the working space between them.
#[derive(Default)]
pub(crate) struct Reader {
    prepared: Prepared,
}

impl Reader {
    /// From -1 (bad) to 1 (good), to three decimals; `None` where no word says anything.
    pub(crate) fn tone(&mut self, text: &str) -> Option<f64> {
        self.prepared.set(text);
        self.first(text, |lexicon, text| tone::of(text, &lexicon.tones))
    }

    /// The topic that most words speak of, as in `data/topic_words.csv`; `praise` if a text is good and about nothing
    /// else; `None` if no word tells.
    pub(crate) fn topic(&mut self, text: &str) -> Option<&'static str> {
        self.prepared.set(text);
        self.first(text, |lexicon, text| {
            topic::of(text, &lexicon.topics).or_else(|| {
                let praises = tone::of(text, &lexicon.tones).is_some_and(|tone| tone >= topic::PRAISE_TONE);
                praises.then_some(topic::PRAISE)
            })
        })
    }

    /// The answer in the language of the text. Of a text of one or two words, such as the name of a queue, which may be
    /// of any language, the first answer that one of them gives.
    fn first<T>(&self, text: &str, read: impl Fn(&Lexicon, &str) -> Option<T>) -> Option<T> {
        let folded = self.prepared.text();
        match language::of(text, folded) {
            Language::Known(at) => read(&lexicon::LEXICONS[at], folded),
            Language::Any => lexicon::LEXICONS.iter().find_map(|lexicon| read(lexicon, folded)),
        }
    }
}
