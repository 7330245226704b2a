//! What text was in the file before it was decoded: which bytes of it meant nothing, and how long it was.

use std::fmt::Write as _;

use encoding_rs::{BIG5, EUC_KR, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};
use encoding_rs::{EUC_JP, ISO_2022_JP, SHIFT_JIS};

/// The byte that stands before the two hex digits of a byte that could not be decoded.
pub(super) const UNDECODED: u8 = 0xFF;

/// The encoding that text was in. Text that was in UTF-8 is as it was, other text is decoded and may hold [`UNDECODED`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Encoded(pub(super) &'static Encoding);

impl Encoded {
    /// What is wrong with a record's text, if anything is.
    pub(super) fn flaw(self, record: &[u8]) -> Option<String> {
        if std::str::from_utf8(record).is_err() {
            return Some(format!("not {}", self.0.name()));
        }
        record.contains(&0).then(|| "a NUL byte".to_owned())
    }

    /// The text for people: bytes that meant nothing, and NUL, as `\xHH`.
    pub(super) fn show(self, text: &[u8]) -> String {
        let mut shown = String::with_capacity(text.len());
        for piece in text.utf8_chunks() {
            shown.push_str(&piece.valid().replace('\0', "\\x00"));
            for byte in piece.invalid() {
                let _ = if self.0 == UTF_8 { write!(shown, "\\x{byte:02X}") } else { write!(shown, "\\x") };
            }
        }
        shown
    }

    /// Whether text does not tell for sure how many bytes it had in the file: characters may have several encodings.
    pub(super) fn is_of_many_lengths(self) -> bool {
        [GBK, GB18030, BIG5, EUC_KR, EUC_JP, SHIFT_JIS, ISO_2022_JP].contains(&self.0)
    }

    /// How many bytes the text had in the file; about, if it does not tell.
    pub(super) fn bytes(self, text: &[u8]) -> u64 {
        if self.0 == UTF_8 {
            return text.len() as u64;
        }
        let (mut bytes, mut digits) = (0, 0);
        for piece in text.utf8_chunks() {
            bytes +=
                self.encoded_bytes(&piece.valid()[digits.min(piece.valid().len())..]) + piece.invalid().len() as u64;
            digits = 2 * piece.invalid().len();
        }
        bytes
    }

    fn encoded_bytes(self, text: &str) -> u64 {
        let bytes = if self.0 == UTF_16LE || self.0 == UTF_16BE {
            2 * text.encode_utf16().count()
        } else if self.is_of_many_lengths() {
            self.0.encode(text).0.len()
        } else {
            text.chars().count()
        };
        bytes as u64
    }
}

/// Finds where in the file the places of a chunk are, in ascending order.
pub(super) struct Offsets<'a> {
    encoded: Encoded,
    /// Places in the chunk's text with those in the file, which are known, in order.
    known: &'a [(usize, u64)],
    at: usize,
    offset: u64,
}

impl<'a> Offsets<'a> {
    /// For a chunk that begins at `offset` of the file.
    pub(super) fn new(encoded: Encoded, offset: u64, known: &'a [(usize, u64)]) -> Self {
        Self { encoded, known, at: 0, offset }
    }

    /// Where in the file the place `at` of the chunk's `text` is, in bytes.
    pub(super) fn of(&mut self, text: &[u8], at: usize) -> u64 {
        let passed = self.known.partition_point(|(place, _)| *place <= at);
        let (passed, rest) = self.known.split_at(passed);
        self.known = rest;
        if let Some(last) = passed.last() {
            (self.at, self.offset) = *last;
        }
        self.offset += self.encoded.bytes(&text[self.at..at]);
        self.at = at;
        self.offset
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::WINDOWS_1252;

    use super::*;

    #[test]
    fn text_is_as_long_as_it_was_in_the_file() {
        let check = |encoding, text: &[u8], bytes| assert_eq!(Encoded(encoding).bytes(text), bytes, "{text:?}");
        check(UTF_8, "Zoë".as_bytes(), 4);
        check(WINDOWS_1252, "Zoë".as_bytes(), 3);
        check(UTF_16LE, "陳😀".as_bytes(), 6);
        check(GBK, b"a\xFFFF\xFFFEb\xE5\xBC\xA0", 6);
    }

    #[test]
    fn bytes_that_mean_nothing_are_shown() {
        assert_eq!(Encoded(UTF_8).show(b"a\xC3(\0"), "a\\xC3(\\x00");
        assert_eq!(Encoded(GBK).show(b"a\xFFC3("), "a\\xC3(");
        assert_eq!(Encoded(GBK).flaw(b"a\xFFC3(").as_deref(), Some("not GBK"));
        assert_eq!(Encoded(UTF_8).flaw("陳".as_bytes()), None);
    }
}
