//! How a text is meant, from the valence of its words.
//!
//! After VADER (Hutto, Gilbert: VADER, a parsimonious rule-based model for sentiment analysis of social media text, 2014):
//! negation turns a word around and takes some of it away, intensifiers strengthen or weaken, what follows a "but" counts
//! more than what stood before it, and the sum is brought between -1 and 1. The words are our own.

use super::lexicon::{Role, Words};
use super::prepare::{CLAUSE, EXCLAMATION, SENTENCE, next_word};

/// What is left of a word that is negated, the other way round.
const NEGATED: f64 = -0.74;
/// How many words before it a negation reaches.
const NEGATION_WORDS: usize = 3;
const STRONGER: f64 = 1.25;
const WEAKER: f64 = 0.75;
/// How many words an intensifier reaches.
const INTENSIFIER_WORDS: usize = 2;
const BEFORE_BUT: f64 = 0.5;
const AFTER_BUT: f64 = 1.5;
/// What an exclamation mark adds, for so many of them.
const EXCLAIMED: f64 = 0.292;
const EXCLAMATIONS_MAX: u32 = 3;
/// Brings sums between -1 and 1: a sum of 4, as two good words, becomes 0.72.
const ALPHA: f64 = 15.0;

/// What has been read of a text.
#[derive(Default)]
struct Heard {
    /// Of the sentences before.
    total: f64,
    sentence: f64,
    /// The word of the clause that a negation behind it would turn around, and where it ended.
    last: Option<(f64, usize)>,
    negated_at: Option<usize>,
    intensified: Option<(f64, usize)>,
    after_but: bool,
    exclamations: u32,
    says_something: bool,
}

/// From -1 (bad) to 1 (good), to three decimals; `None` if no word says anything.
pub(super) fn of(text: &str, words: &Words<Role>) -> Option<f64> {
    let mut heard = Heard::default();
    let (mut at, mut word) = (0, 0);
    while at < text.len() {
        let mut next = next_word(text, at);
        if let Some((end, role)) = words.at(text, at) {
            heard.hear(role, word);
            while next < end {
                next = next_word(text, next);
                word += 1;
            }
        } else {
            match text[at..next].trim_end() {
                CLAUSE => heard.end_clause(),
                SENTENCE => heard.end_sentence(),
                EXCLAMATION => {
                    heard.exclamations += 1;
                    heard.end_sentence();
                }
                _ => {}
            }
        }
        word += 1;
        at = next;
    }
    heard.end_sentence();
    heard.says_something.then(|| heard.tone())
}

impl Heard {
    /// Takes in a phrase that begins with word number `word`.
    fn hear(&mut self, role: Role, word: usize) {
        match role {
            // What says nothing does not stand between a negation and its word either.
            Role::Valence(0.0) => {}
            Role::Valence(valence) => self.value(valence, word),
            Role::Not => self.negated_at = Some(word),
            Role::NotBehind => {
                if let Some((value, at)) = self.last.take()
                    && word - at <= NEGATION_WORDS
                {
                    self.sentence += value * NEGATED - value;
                }
                self.negated_at = Some(word);
            }
            Role::More => self.intensified = Some((STRONGER, word)),
            Role::Less => self.intensified = Some((WEAKER, word)),
            Role::But => {
                self.end_clause();
                self.sentence *= BEFORE_BUT;
                self.after_but = true;
            }
        }
    }

    fn value(&mut self, valence: f64, word: usize) {
        let mut value = valence;
        if let Some((factor, _)) = self.intensified.filter(|(_, at)| word - at <= INTENSIFIER_WORDS) {
            value *= factor;
        }
        let is_negated = self.negated_at.is_some_and(|at| word - at <= NEGATION_WORDS);
        if is_negated {
            value *= NEGATED;
        }
        if self.after_but {
            value *= AFTER_BUT;
        }
        self.says_something = true;
        self.sentence += value;
        self.last = (!is_negated).then_some((value, word));
    }

    fn end_clause(&mut self) {
        self.last = None;
        self.negated_at = None;
        self.intensified = None;
    }

    fn end_sentence(&mut self) {
        self.end_clause();
        self.total += self.sentence;
        self.sentence = 0.0;
        self.after_but = false;
    }

    fn tone(&self) -> f64 {
        let mut sum = self.total;
        if sum != 0.0 {
            sum += f64::from(self.exclamations.min(EXCLAMATIONS_MAX)) * EXCLAIMED * sum.signum();
        }
        (sum / (sum * sum + ALPHA).sqrt() * 1000.0).round() / 1000.0
    }
}
