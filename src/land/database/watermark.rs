//! From which watermark on rows are read, and what a watermark says about time.

use arrow::array::{RecordBatch, Scalar, StringArray};
use arrow::compute::kernels::cmp::gt_eq;
use arrow::compute::{cast, filter_record_batch};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::cell::Cell;
use super::query::Column;
use crate::error::{Error, Kind, Result};
use crate::lake::{Load, Watermark};
use crate::project::Span;

/// The first year that all databases know.
const YEAR_1000: Timestamp = Timestamp::constant(-30_610_224_000, 0);

/// From where on rows are read: from the highest watermark that has landed, or from some time before it.
pub(super) struct Since {
    column: String,
    /// The least watermark that is read, as SQL writes it.
    pub(super) value: String,
    /// The same as a time, if it is before the highest that has landed.
    earlier: Option<Timestamp>,
}

impl Since {
    /// From the watermark `last` on, or from `lag` before it; none if there is a lag, and `last` is no time.
    pub(super) fn new(column: &Column, last: String, lag: Option<&Span>) -> Option<Self> {
        let name = column.name.clone();
        let Some(lag) = lag else { return Some(Self { column: name, value: last, earlier: None }) };
        let lag = SignedDuration::from_secs(i64::try_from(lag.seconds()).unwrap_or(i64::MAX));
        let earlier = time(&last)?.checked_sub(lag).unwrap_or(YEAR_1000).max(YEAR_1000);
        // A text says its own day, which east and west of Greenwich may be another.
        let another = i64::from(column.data_type == DataType::Utf8);
        let day = earlier.as_second().div_euclid(24 * 60 * 60) - another;
        let (value, earlier) = match column.data_type {
            DataType::Timestamp(..) => (Cell::Micros(earlier.as_microsecond()), earlier),
            // A day is also less than all texts that begin with it, in whichever way the time of day follows.
            _ => (Cell::Date(day as i32), Timestamp::from_second(day * 24 * 60 * 60).unwrap_or(earlier)),
        };
        Some(Self { column: name, value: value.to_string(), earlier: Some(earlier) })
    }

    /// How many of the last rows of `load`, whose highest watermark is `highest`, may be read again; none if none may.
    pub(super) fn rows_of(&self, load: &Load, highest: &Watermark) -> Option<u64> {
        match self.earlier {
            None => (highest.value == self.value).then_some(highest.rows),
            Some(earlier) => {
                let is_read = highest.value >= self.value || time(&highest.value).is_none_or(|time| time >= earlier);
                is_read.then_some(load.data.rows)
            }
        }
    }

    /// The rows of `batch` that may be read again.
    pub(super) fn rows_in(&self, batch: RecordBatch) -> Result<RecordBatch> {
        let Some(column) = batch.column_by_name(&self.column).filter(|_| self.earlier.is_some()) else {
            return Ok(batch);
        };
        let failed = |error: ArrowError| Error::new(Kind::Internal, "watermarks cannot be compared").source(error);
        let least = cast(&StringArray::from(vec![self.value.as_str()]), column.data_type()).map_err(failed)?;
        let is_read = gt_eq(column, &Scalar::new(least)).map_err(failed)?;
        filter_record_batch(&batch, &is_read).map_err(failed)
    }
}

/// The time that a watermark is, as SQL writes it: a date, or a date and a time of day, in UTC if there is no zone.
/// None for what is no time. The end of time, 9999-12-31, is the latest that can be told.
pub(in crate::land) fn time(value: &str) -> Option<Timestamp> {
    // A number of eight digits is a date too, to those who want to see one.
    if value.get(4..5) != Some("-") {
        return None;
    }
    let clock = |time: DateTime| time.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |time| time.timestamp());
    value.parse().ok().or_else(|| value.parse().ok().map(clock))
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
        let last = Timestamp::MAX.to_string();
        check("9999-12-31", Some(&last));
        check("9999-12-31 23:59:59+00", Some(&last));
        for none in ["20260101", "1767225600", "gold", "2026-13-01", "10000-01-01 00:00:00+00", "0044-03-15 BC", ""] {
            check(none, None);
        }
    }
}
