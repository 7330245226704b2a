//! The only place that reads the wall clock. Everything else is given an `as_of` or a [`Timestamp`], so that the same
//! inputs give the same answer on any day.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// The wall clock, in UTC.
#[allow(clippy::disallowed_methods)]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// The day in UTC after the one of a time: that of the wall clock is the default `as_of`, which is exclusive, so that what
/// happened today counts.
pub fn day_after(at: Timestamp) -> Date {
    let today = at.to_zoned(TimeZone::UTC).date();
    today.tomorrow().unwrap_or(today)
}
