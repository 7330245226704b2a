//! The rules of a source's files, as `onefold.toml` names them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which of a source's files count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Keep {
    /// All that ever landed: rows of files that vanish stay.
    #[default]
    All,
    /// Those that are there: rows of files that vanish go too.
    Present,
    /// The last in the order of names: each file is the whole, a full snapshot.
    Latest,
}

/// What a file does that changed since it landed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnChange {
    /// Its rows take the place of those that landed before.
    #[default]
    Replace,
    /// Its rows come on top of those that landed before.
    Append,
    /// It is an error: the source stays as it was.
    Stop,
}

/// What happens when a source is not as expected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Expect {
    /// A notice.
    #[default]
    Warn,
    /// An error: the source stays as it was.
    Stop,
}

/// A span of time as people write it: `90m`, `36h`, `2d`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Span {
    text: String,
    minutes: u64,
}

impl Span {
    /// Its length.
    pub fn minutes(&self) -> u64 {
        self.minutes
    }
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let units = [('m', 1), ('h', 60), ('d', 24 * 60)];
        let parts = units.iter().find_map(|(unit, minutes)| Some((text.strip_suffix(*unit)?, minutes)));
        let minutes = parts.and_then(|(count, minutes)| count.parse::<u64>().ok()?.checked_mul(*minutes));
        match minutes {
            Some(minutes) => Ok(Self { text, minutes }),
            None => Err(format!("`{text}` is no span of time: write it as `90m`, `36h` or `2d`")),
        }
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.text
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_they_are_written() {
        let minutes = |text: &str| Span::try_from(text.to_owned()).map(|span| span.minutes());
        assert_eq!([minutes("90m"), minutes("36h"), minutes("2d")], [Ok(90), Ok(36 * 60), Ok(2 * 24 * 60)]);
        for wrong in ["", "h", "36", "1.5h", "-1h", "36 hours", "99999999999999999d"] {
            assert!(minutes(wrong).is_err(), "{wrong}");
        }
    }
}
