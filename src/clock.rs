//! The only place that reads the wall clock. Everything else is given an `as_of` or a [`Timestamp`], so that the same
//! inputs give the same answer on any day.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// The wall clock, in UTC.
#[allow(clippy::disallowed_methods)]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// The date in UTC at a time: that of the wall clock is the default `as_of`.
pub fn date(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}
