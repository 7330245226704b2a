//! The only place that reads the wall clock. Everything else is given an `as_of` or a [`Timestamp`], so that the same
//! inputs give the same answer on any day.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// The wall clock, in UTC.
#[allow(clippy::disallowed_methods)]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// The day after today in UTC: the default `as_of`. It is exclusive, so that what happened today counts.
pub fn tomorrow() -> Date {
    let today = now().to_zoned(TimeZone::UTC).date();
    today.tomorrow().unwrap_or(today)
}
