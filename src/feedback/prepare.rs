//! A text as the word lists see it: folded, one space behind each word, with the marks that end a clause as words.

use super::lexicon::is_emoji;
use crate::names::{fold, is_apostrophe, is_han};

/// Of a longer text only the beginning is read: what follows is quoted mail and footers.
const BYTES_MAX: usize = 8_192;

/// Ends a clause: a negation does not reach over it.
pub(super) const CLAUSE: &str = ",";
/// Ends a sentence.
pub(super) const SENTENCE: &str = ".";
/// Ends a sentence said aloud.
pub(super) const EXCLAMATION: &str = "!";

/// How German writes a vowel where it has no dots: schon is not schön, and schoen is.
fn spelled_out(c: char) -> Option<&'static str> {
    Some(match c {
        'ä' | 'Ä' => "ae",
        'ö' | 'Ö' => "oe",
        'ü' | 'Ü' => "ue",
        _ => return None,
    })
}

/// A folded text, with working space for the next.
#[derive(Default)]
pub(super) struct Prepared {
    text: String,
    piece: String,
    spelled: String,
    scratch: String,
}

impl Prepared {
    /// The folded text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Folds `text`: "Don't worry, it's GREAT!" becomes "don t worry , it s great ! ".
    pub(super) fn set(&mut self, text: &str) {
        let text = &text[..text.floor_char_boundary(BYTES_MAX)];
        self.text.clear();
        let mut begin = 0;
        for (at, c) in text.char_indices() {
            let mark = match c {
                ',' | ';' | ':' | '(' | ')' | '，' | '；' | '：' | '、' | '（' | '）' => CLAUSE,
                '.' | '?' | '\n' | '…' | '。' | '？' => SENTENCE,
                '!' | '！' => EXCLAMATION,
                // A variation selector behind an emoji is none of its letters.
                '\u{fe0f}' => "",
                _ if is_apostrophe(c) => "",
                _ if is_emoji(c) => &text[at..at + c.len_utf8()],
                _ => continue,
            };
            self.word(&text[begin..at]);
            begin = at + c.len_utf8();
            if !mark.is_empty() {
                self.text.push_str(mark);
                self.text.push(' ');
            }
        }
        self.word(&text[begin..]);
    }

    fn word(&mut self, piece: &str) {
        if piece.is_empty() {
            return;
        }
        self.piece.clear();
        if piece.is_ascii() || !piece.chars().any(|c| spelled_out(c).is_some()) {
            fold(piece, &mut self.piece, &mut self.scratch);
        } else {
            self.spelled.clear();
            for c in piece.chars() {
                match spelled_out(c) {
                    Some(letters) => self.spelled.push_str(letters),
                    None => self.spelled.push(c),
                }
            }
            fold(&self.spelled, &mut self.piece, &mut self.scratch);
        }
        if !self.piece.is_empty() {
            self.text.push_str(&self.piece);
            self.text.push(' ');
        }
    }
}

/// Where the next word may begin after `at`: behind the next space, or at the next Chinese character.
pub(super) fn next_word(text: &str, at: usize) -> usize {
    let mut letters = text[at..].char_indices();
    let Some((_, first)) = letters.next() else { return text.len() };
    let next = letters.next();
    if is_han(first) || first == ' ' {
        // A space behind a Chinese character is no word by itself.
        return match next {
            Some((offset, ' ')) => at + offset + 1,
            Some((offset, _)) => at + offset,
            None => text.len(),
        };
    }
    let end = next.into_iter().chain(letters).find(|(_, c)| *c == ' ' || is_han(*c));
    end.map_or(text.len(), |(offset, c)| at + offset + usize::from(c == ' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_marks() {
        for (text, expected) in [
            ("Don't worry, it's GREAT!", "don t worry , it s great ! "),
            ("J'ai été déçue… l'été", "j ai ete decue . l ete "),
            ("包裹还没到！烦", "包裹还没到 ! 烦 "),
            ("很好👍🏽 lave-linge ❤️", "很好 👍 lave linge ❤ "),
            ("Schön – schon, GRÜSSE", "schoen schon , gruesse "),
            ("  ", ""),
        ] {
            let mut prepared = Prepared::default();
            prepared.set("something else");
            prepared.set(text);
            assert_eq!(prepared.text(), expected);
        }
    }

    #[test]
    fn a_long_text_is_cut_between_letters() {
        let mut prepared = Prepared::default();
        prepared.set(&"好".repeat(BYTES_MAX));
        assert_eq!(prepared.text().len(), BYTES_MAX / 3 * 3 + 1);
    }
}
