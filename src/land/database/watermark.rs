//! What a watermark says about time.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The time that a watermark is, as SQL writes it: a date, or a date and a time of day, in UTC if there is no zone. None
/// for what is no time.
pub(in crate::land) fn time(value: &str) -> Option<Timestamp> {
    // A number of eight digits is a date too, to those who want to see one.
    if value.get(4..5) != Some("-") {
        return None;
    }
    let clock = |time: DateTime| time.to_zoned(TimeZone::UTC).ok().map(|time| time.timestamp());
    value.parse().ok().or_else(|| clock(value.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_each_database_writes_them() {
        let check = |value: &str, expected: Option<&str>| {
            assert_eq!(time(value).map(|time| time.to_string()).as_deref(), expected, "{value}");
        };
        check("2026-01-01 10:00:00.123456+00", Some("2026-01-01T10:00:00.123456Z"));
        check("2026-01-01 10:00:00", Some("2026-01-01T10:00:00Z"));
        check("2026-01-01", Some("2026-01-01T00:00:00Z"));
        check("2026-01-01T10:00:00+07:00", Some("2026-01-01T03:00:00Z"));
        for none in ["20260101", "1767225600", "gold", "2026-13-01", "10000-01-01 00:00:00+00", "0044-03-15 BC", ""] {
            check(none, None);
        }
    }
}
