//! Finding the elements of a JSON array, or JSON values one after the other, without reading them.

use std::ops::Range;

/// How far a JSON text has been cut.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Elements {
    /// The first character was seen.
    started: bool,
    /// It was a `[`.
    array: bool,
    /// Its `]` was seen.
    closed: bool,
}

impl Elements {
    /// Finds the elements that are whole in `text`, which goes on where the last cut was, and where to cut it next;
    /// `whole` says that no more text follows.
    ///
    /// # Errors
    /// Says what is wrong when no further element can be told apart.
    pub(crate) fn cut(&mut self, text: &[u8], whole: bool) -> Result<(usize, Vec<Range<usize>>), &'static str> {
        let (mut found, mut at) = (Vec::new(), 0);
        loop {
            at = self.skip_between(text, at);
            if at == text.len() {
                let open = self.array && !self.closed;
                return if whole && open { Err("the JSON array is not closed") } else { Ok((at, found)) };
            }
            if self.closed {
                return Err("there is text after the JSON array");
            }
            self.started = true;
            match value_end(text, at) {
                Some(end) => {
                    found.push(at..end);
                    at = end;
                }
                None if !whole => return Ok((at, found)),
                None if matches!(text[at], b'{' | b'[' | b'"') => return Err("the JSON ends within a value"),
                None => {
                    found.push(at..text.len());
                    at = text.len();
                }
            }
        }
    }

    fn skip_between(&mut self, text: &[u8], mut at: usize) -> usize {
        while let Some(byte) = text.get(at) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => {}
                b'[' if !self.started => (self.started, self.array) = (true, true),
                b',' if self.array && !self.closed => {}
                b']' if self.array && !self.closed => self.closed = true,
                _ => break,
            }
            at += 1;
        }
        at
    }
}

/// The end of the value that begins at `start`; none if it does not end in `text`.
fn value_end(text: &[u8], start: usize) -> Option<usize> {
    match text[start] {
        b'"' => string_end(text, start),
        b'{' | b'[' => {
            let (mut at, mut depth) = (start, 0_usize);
            while at < text.len() {
                match text[at] {
                    b'"' => {
                        at = string_end(text, at)?;
                        continue;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => depth -= 1,
                    _ => {}
                }
                at += 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            None
        }
        _ => text[start + 1..].iter().position(|byte| b",]}{[\" \t\r\n".contains(byte)).map(|n| start + 1 + n),
    }
}

/// The place behind the string whose opening quote is at `start`.
fn string_end(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elements(text: &str, size: usize) -> Result<Vec<String>, &'static str> {
        let (mut state, mut found, mut start, mut end) = (Elements::default(), Vec::new(), 0, 0);
        while end < text.len() {
            end = (end + size).min(text.len());
            let (cut, ranges) = state.cut(&text.as_bytes()[start..end], end == text.len())?;
            found.extend(ranges.into_iter().map(|range| text[start..][range].to_owned()));
            start += cut;
        }
        Ok(found)
    }

    #[test]
    fn elements_do_not_depend_on_the_size_of_chunks() {
        let check = |text: &str, expected: &[&str]| {
            for size in 1..=text.len() {
                assert_eq!(elements(text, size).expect("well-formed"), expected, "{text} in {size}");
            }
        };
        check(r#" [{"a":"]}\""}, {"b":[1,{}]} , 3, "x"]"#, &[r#"{"a":"]}\""}"#, r#"{"b":[1,{}]}"#, "3", r#""x""#]);
        check("{\"a\":1}\n{\"a\":2}", &["{\"a\":1}", "{\"a\":2}"]);
        check("1\"x y\"null{\"a\":1}", &["1", "\"x y\"", "null", "{\"a\":1}"]);
        check("[]", &[]);
        check("{}", &["{}"]);
    }

    #[test]
    fn what_is_cut_off_is_an_error() {
        assert!(elements(r#"[{"a":1}"#, 9).is_err());
        assert!(elements(r#"[{"a":1"#, 9).is_err());
        assert!(elements("[{}] {}", 9).is_err());
    }
}
