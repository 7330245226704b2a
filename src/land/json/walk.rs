//! Walking through one JSON object (RFC 8259) leaf by leaf, without building anything: numbers keep every digit and
//! arrays every character that was written.

use std::borrow::Cow;

use memchr::memchr2;

/// Objects and arrays within each other.
const DEPTH_MAX: usize = 64;

/// The value at the end of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaf<'a> {
    /// `null`.
    Null,
    /// A number, a boolean, an array, or a string's content without escapes: the text as it was written.
    Plain(&'a str),
    /// A string's content with escapes in it.
    Escaped(&'a str),
}

/// Calls `visit` with the path and the value of each leaf of the object in `text`: names of nested objects are joined by
/// `_`, arrays are leaves.
///
/// # Errors
/// Says what is wrong when it is not one valid object; some leaves may have been visited then.
pub(super) fn walk<'a>(text: &'a str, visit: &mut impl FnMut(&str, Leaf<'a>)) -> Result<(), &'static str> {
    let mut walker = Walker { text, bytes: text.as_bytes(), at: 0, path: String::new() };
    walker.space();
    if walker.peek() != Some(b'{') {
        walker.value(0)?;
        return Err("not a JSON object");
    }
    walker.object(0, visit)?;
    walker.space();
    if walker.at == text.len() { Ok(()) } else { Err(INVALID) }
}

/// A string's text without its escapes. The content must have come from [`walk`].
pub(super) fn unescape(content: &str, out: &mut Vec<u8>) {
    let mut rest = content;
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.extend_from_slice(plain.as_bytes());
        let (character, length) = escaped(escape.as_bytes()).unwrap_or((char::REPLACEMENT_CHARACTER, 1));
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        rest = &escape[length..];
    }
    out.extend_from_slice(rest.as_bytes());
}

const INVALID: &str = "invalid JSON";

struct Walker<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// The names that lead to the object that is being walked through.
    path: String,
}

impl<'a> Walker<'a> {
    fn object(&mut self, depth: usize, visit: &mut impl FnMut(&str, Leaf<'a>)) -> Result<(), &'static str> {
        let length = self.path.len();
        self.items(b'}', depth, |walker| {
            let key = walker.key()?;
            if !walker.path.is_empty() {
                walker.path.push('_');
            }
            walker.path.push_str(&key);
            match walker.peek() {
                Some(b'{') => walker.object(depth + 1, visit)?,
                Some(_) => {
                    let leaf = walker.value(depth + 1)?;
                    visit(&walker.path, leaf);
                }
                None => return Err(INVALID),
            }
            walker.path.truncate(length);
            Ok(())
        })
    }

    /// Any value; of an object, nothing is visited.
    fn value(&mut self, depth: usize) -> Result<Leaf<'a>, &'static str> {
        let start = self.at;
        match self.peek().ok_or(INVALID)? {
            b'"' => return self.string(),
            b'{' => self.object(depth, &mut |_, _| {})?,
            b'[' => self.items(b']', depth, |walker| walker.value(depth + 1).map(drop))?,
            b't' => self.word("true")?,
            b'f' => self.word("false")?,
            b'n' => {
                self.word("null")?;
                return Ok(Leaf::Null);
            }
            _ => self.number()?,
        }
        Ok(Leaf::Plain(&self.text[start..self.at]))
    }

    /// What stands between brackets, separated by commas.
    fn items(
        &mut self,
        close: u8,
        depth: usize,
        mut item: impl FnMut(&mut Self) -> Result<(), &'static str>,
    ) -> Result<(), &'static str> {
        if depth > DEPTH_MAX {
            return Err("JSON nested too deeply");
        }
        self.at += 1;
        self.space();
        if self.peek() == Some(close) {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.space();
            item(self)?;
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(byte) if byte == close => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(INVALID),
            }
        }
    }

    /// A name and the colon behind it.
    fn key(&mut self) -> Result<Cow<'a, str>, &'static str> {
        let key = match self.string()? {
            Leaf::Escaped(content) => {
                let mut key = Vec::new();
                unescape(content, &mut key);
                String::from_utf8(key).map_err(|_| INVALID)?.into()
            }
            Leaf::Plain(content) => Cow::from(content),
            Leaf::Null => return Err(INVALID),
        };
        self.space();
        if self.peek() != Some(b':') {
            return Err(INVALID);
        }
        self.at += 1;
        self.space();
        if key.is_empty() { Err("a JSON name is empty") } else { Ok(key) }
    }

    fn string(&mut self) -> Result<Leaf<'a>, &'static str> {
        if self.peek() != Some(b'"') {
            return Err(INVALID);
        }
        let start = self.at + 1;
        let (mut at, mut plain) = (start, true);
        loop {
            at += memchr2(b'"', b'\\', &self.bytes[at.min(self.bytes.len())..]).ok_or(INVALID)?;
            if self.bytes[at] == b'"' {
                break;
            }
            plain = false;
            let (character, length) = escaped(&self.bytes[at + 1..]).ok_or(INVALID)?;
            if character == '\0' {
                return Err("a NUL character");
            }
            at += 1 + length;
        }
        let content = &self.text[start..at];
        if content.bytes().any(|byte| byte < b' ') {
            return Err(INVALID);
        }
        self.at = at + 1;
        Ok(if plain { Leaf::Plain(content) } else { Leaf::Escaped(content) })
    }

    fn number(&mut self) -> Result<(), &'static str> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let start = self.at;
        let whole = self.digits()?;
        if whole > 1 && self.bytes[start] == b'0' {
            return Err(INVALID);
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    /// At least one digit; how many there are.
    fn digits(&mut self) -> Result<usize, &'static str> {
        let rest = &self.bytes[self.at..];
        let count = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
        self.at += count;
        if count > 0 { Ok(count) } else { Err(INVALID) }
    }

    fn word(&mut self, word: &str) -> Result<(), &'static str> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(INVALID);
        }
        self.at += word.len();
        Ok(())
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
}

/// The character that the escape behind a backslash stands for, and the escape's length.
fn escaped(escape: &[u8]) -> Option<(char, usize)> {
    let character = match escape.first()? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let unit = code_unit(escape)?;
            if let Some(character) = char::from_u32(unit) {
                return Some((character, 5));
            }
            let low = escape.get(5..)?.strip_prefix(b"\\").and_then(code_unit)?;
            let pair = [unit as u16, low as u16];
            let character = char::decode_utf16(pair).next()?.ok()?;
            return Some((character, 11));
        }
        _ => return None,
    };
    Some((character, 1))
}

/// The number in `uXXXX`.
fn code_unit(escape: &[u8]) -> Option<u32> {
    let digits = escape.strip_prefix(b"u")?.get(..4)?;
    digits.iter().try_fold(0, |unit, digit| Some(unit * 16 + char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn leaves(text: &str) -> Result<Vec<(String, Option<String>)>, &'static str> {
        let mut leaves = Vec::new();
        walk(text, &mut |path, leaf| {
            let value = match leaf {
                Leaf::Null => None,
                Leaf::Plain(text) => Some(text.to_owned()),
                Leaf::Escaped(content) => {
                    let mut out = Vec::new();
                    unescape(content, &mut out);
                    Some(String::from_utf8(out).expect("UTF-8"))
                }
            };
            leaves.push((path.to_owned(), value));
        })?;
        Ok(leaves)
    }

    #[test]
    fn numbers_keep_their_digits_and_arrays_their_text() {
        let text = r#"{"id": 12345678901234567890, "price": 1.10, "who": {"name": "Zo\u00eb \ud83d\ude00", "x": {}},
            "tags": ["a", {"b": 1e3}], "vip": true, "left": null}"#;
        let expected = [
            ("id", Some("12345678901234567890")),
            ("price", Some("1.10")),
            ("who_name", Some("Zoë 😀")),
            ("tags", Some(r#"["a", {"b": 1e3}]"#)),
            ("vip", Some("true")),
            ("left", None),
        ];
        let expected: Vec<_> =
            expected.into_iter().map(|(path, value)| (path.to_owned(), value.map(str::to_owned))).collect();
        assert_eq!(leaves(text), Ok(expected));
    }

    #[test]
    fn what_is_not_an_object_is_said() {
        assert_eq!(leaves("[1]"), Err("not a JSON object"));
        assert_eq!(leaves(r#"{"a":"\u0000"}"#), Err("a NUL character"));
        assert_eq!(leaves(r#"{"":1}"#), Err("a JSON name is empty"));
        assert_eq!(leaves(&format!("{{\"a\":{}{}}}", "[".repeat(99), "]".repeat(99))), Err("JSON nested too deeply"));
        for text in [
            "",
            "{",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            r#"{"a":01}"#,
            r#"{"a":"\ud800"}"#,
            "{}{}",
            r#"{"a":tru}"#,
        ] {
            assert_eq!(leaves(text), Err(INVALID), "{text}");
        }
    }

    proptest! {
        #[test]
        fn takes_what_serde_json_takes(text in r#"\{("[a\\n"]{0,3}":|[ {}\[\],:"0-9eu.\\-]|true|null){0,12}\}"#) {
            let theirs = serde_json::from_str::<serde_json::Value>(&text).is_ok();
            let ours = leaves(&text);
            let stricter = matches!(ours, Err(reason) if reason != INVALID);
            prop_assert!(stricter || ours.is_ok() == theirs, "{} {:?}", text, ours);
        }

        #[test]
        fn reads_the_text_that_serde_json_writes(value: String) {
            prop_assume!(!value.contains('\0'));
            let text = serde_json::json!({ "v": value }).to_string();
            prop_assert_eq!(leaves(&text), Ok(vec![("v".to_owned(), Some(value))]));
        }
    }
}
