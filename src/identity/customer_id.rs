//! Customer ids: `C` and 11 characters, 55 bits, in Crockford's base 32, which has no letters that people confuse.
//!
//! Twelve characters fit into an Arrow string view without a buffer. An id says nothing about the person.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Kind};

const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 11;

/// The id of a customer, such as `C3M8Z0TQ4W7K`. Ordered as its text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustomerId(u64);

impl CustomerId {
    /// The id that a record gives to a new customer; a further `attempt` gives another one, in case of a collision.
    pub fn of(record_id: &str, attempt: u32) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(record_id.as_bytes());
        if attempt > 0 {
            hasher.update(&[0xff]).update(&attempt.to_be_bytes());
        }
        let hash = hasher.finalize();
        let first = hash.as_bytes().first_chunk().expect("a BLAKE3 hash has 32 bytes");
        Self(u64::from_be_bytes(*first) >> (64 - 5 * LENGTH))
    }

    /// The ids that a record may give its name to, in the order in which it does.
    pub(super) fn named_by(record_id: &str) -> impl Iterator<Item = Self> {
        (0..).map(move |attempt| Self::of(record_id, attempt))
    }

    /// The first id of a range, of so many of the same size, which are a power of two.
    pub fn at(range: usize, ranges: usize) -> Self {
        Self((range as u64) << (5 * LENGTH as u32 - ranges.trailing_zeros()))
    }

    /// The text, in ASCII.
    pub fn encode(self) -> [u8; LENGTH + 1] {
        let mut text = [b'C'; LENGTH + 1];
        for (at, character) in text.iter_mut().skip(1).enumerate() {
            *character = DIGITS[(self.0 >> (5 * (LENGTH - 1 - at))) as usize & 31];
        }
        text
    }
}

impl fmt::Display for CustomerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.encode()).expect("an id is ASCII"))
    }
}

/// Reads an id as people type it: in any case, with `O` for `0` and `I` or `L` for `1`.
impl FromStr for CustomerId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let digit = |character: u8| {
            let meant = match character.to_ascii_uppercase() {
                b'O' => b'0',
                b'I' | b'L' => b'1',
                other => other,
            };
            DIGITS.iter().position(|&known| known == meant).map(|at| at as u64)
        };
        let digits = text.strip_prefix(['C', 'c']).filter(|digits| digits.len() == LENGTH);
        let number =
            digits.and_then(|digits| digits.bytes().try_fold(0, |number, next| Some(number << 5 | digit(next)?)));
        number.map(Self).ok_or_else(|| {
            Error::new(Kind::Usage, "this is not a customer id").hint("an id is `C` and 11 digits or letters")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_twelve_characters_and_stays_the_same_in_every_release() {
        assert_eq!(CustomerId::of("crm:1042", 0).to_string(), "C4J8WBQEXMHH");
        assert_eq!(CustomerId::of("crm:1042", 1).to_string(), "C664R5DD53KK");
    }

    #[test]
    fn reads_what_people_type() {
        let id: CustomerId = "C0123456789Z".parse().unwrap();
        assert_eq!(id.to_string(), "C0123456789Z");
        assert_eq!("co1234s6789z".parse::<CustomerId>().unwrap().to_string(), "C01234S6789Z");
        assert_eq!("CoIl3456789Z".parse::<CustomerId>().unwrap().to_string(), "C0113456789Z");
        for wrong in ["", "C", "X0123456789Z", "C0123456789", "C0123456789ZZ", "C0123456789U", "C0123456789é"] {
            assert!(wrong.parse::<CustomerId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn ids_sort_as_their_text() {
        let mut ids: Vec<CustomerId> = (0..1000).map(|n| CustomerId::of(&format!("shop:{n}"), 0)).collect();
        ids.sort_unstable();
        assert!(ids.windows(2).all(|pair| pair[0].to_string() < pair[1].to_string()));
    }
}
