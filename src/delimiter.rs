//! What seems to stand between the fields of delimited text, where nobody says it.

use std::io::{self, Read};

/// Bytes of a text in which its first line is looked for.
const HEADER_MAX: u64 = 1 << 16;

/// What the first line of a text shows to stand between its fields; none if it shows nothing.
pub(crate) fn of_text(text: impl Read) -> io::Result<Option<char>> {
    let mut start = Vec::new();
    text.take(HEADER_MAX).read_to_end(&mut start)?;
    // What may stand between fields is ASCII, whatever the encoding.
    Ok(String::from_utf8_lossy(&start).lines().next().and_then(of_header))
}

/// What seems to stand between the fields of a header line: of what may, the most frequent outside of quotes; none if there is
/// nothing of it.
pub(crate) fn of_header(header: &str) -> Option<char> {
    let outside = || header.split('"').step_by(2).flat_map(str::chars);
    let counts = [',', ';', '\t', '|'].map(|delimiter| (outside().filter(|c| *c == delimiter).count(), delimiter));
    // Of as many, the usual one.
    let most = counts.into_iter().rev().max_by_key(|(count, _)| *count)?;
    (most.0 > 0).then_some(most.1)
}

#[cfg(test)]
mod tests {
    use super::of_header;

    #[test]
    fn a_header_shows_what_stands_between_its_fields() {
        assert_eq!(of_header("id;name;phone"), Some(';'));
        assert_eq!(of_header("id\tname, given\tphone"), Some('\t'));
        assert_eq!(of_header("id,\"a;b;c\",name"), Some(','));
        assert_eq!(of_header("id,name;phone"), Some(','), "of as many, the usual one");
        assert_eq!(of_header("name"), None);
    }
}
