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

/// A span of time as people write it: `30s`, `90m`, `36h`, `2d`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Span {
    text: String,
    seconds: u64,
}

impl Span {
    /// Its length.
    pub fn seconds(&self) -> u64 {
        self.seconds
    }

    /// Its length in days; none if it is not one or more whole ones, or more than there are.
    pub fn days(&self) -> Option<i32> {
        const DAY: u64 = 24 * 60 * 60;
        let days = i32::try_from(self.seconds / DAY).ok()?;
        (days > 0 && self.seconds.is_multiple_of(DAY)).then_some(days)
    }
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let units = [('s', 1), ('m', 60), ('h', 60 * 60), ('d', 24 * 60 * 60)];
        let parts = units.iter().find_map(|(unit, seconds)| Some((text.strip_suffix(*unit)?, seconds)));
        let seconds = parts.and_then(|(count, seconds)| count.parse::<u64>().ok()?.checked_mul(*seconds));
        match seconds {
            Some(seconds) => Ok(Self { text, seconds }),
            None => Err(format!("`{text}` is no span of time: write it as `30s`, `90m`, `36h` or `2d`")),
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
        let seconds = |text: &str| Span::try_from(text.to_owned()).map(|span| span.seconds());
        assert_eq!(["30s", "90m", "36h", "2d"].map(seconds), [30, 5400, 36 * 3600, 2 * 86400].map(Ok));
        for wrong in ["", "h", "36", "1.5h", "-1h", "36 hours", "99999999999999999d"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
