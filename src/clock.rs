//! The only place that reads the wall clock. Everything else is given an `as_of` or a [`Timestamp`], so that the same
//! inputs give the same answer on any day.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// The wall clock, in UTC.
#[allow(clippy::disallowed_methods)]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// Today's date in UTC: the default `as_of`.
pub fn today() -> Date {
    now().to_zoned(TimeZone::UTC).date()
}
