//! Points in time from legacy texts and epoch numbers, in UTC microseconds without zone, as `sql/contract.sql` has them.
//! The zone of a text without offset is declared by the caller; the machine's zone plays no part.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, TimestampMicrosecondArray, TimestampMicrosecondBuilder};
use datafusion::arrow::datatypes::{DataType, Int64Type, TimeUnit};
use datafusion::common::{Result, plan_err};
use datafusion::logical_expr::ColumnarValue;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};

use super::FunctionDoc;
use super::date::{check_formats, compile, narrow, parse};
use super::scalar::{Scalar, Takes, Text};
use super::strptime::{Moment, parse_iso};

/// UTC without saying so: the type of a SQL `TIMESTAMP`.
const TIMESTAMP: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

pub(super) static PARSE_TIMESTAMP: Scalar = Scalar {
    doc: FunctionDoc {
        name: "parse_timestamp",
        signature: "parse_timestamp(text, time_zone, [format, …])",
        returns: "TIMESTAMP",
        summary: "The point in time, in UTC, that the first fitting strptime format reads from the whole text; without \
                  a format RFC 3339 and its kin (space for T, no seconds, no offset, date alone). A text without \
                  offset is local to `time_zone` (IANA name): a time that daylight saving skips is moved on by the \
                  gap, one that occurs twice is the first. Finer than microseconds is cut off. NULL if nothing fits, \
                  or there is neither offset nor time zone.",
        example: "parse_timestamp('31.03.2024 12:30', 'Europe/Bucharest', '%d.%m.%Y %H:%M')",
        example_result: "2024-03-31T09:30:00",
    },
    takes: &[Takes::Text, Takes::Text],
    more: Some(Takes::Text),
    returns: TIMESTAMP,
    check: Some(|literals| {
        if let Some(zone) = literals.get(1).copied().flatten().and_then(|zone| zone.try_as_str().flatten()) {
            find_zone(zone)?;
        }
        check_formats(literals.get(2..).unwrap_or_default())
    }),
    kernel: parse_timestamps,
};

fn parse_timestamps(args: &[ColumnarValue], rows: usize) -> Result<ArrayRef> {
    let texts = Text::of(&args[0])?;
    let zone_names = Text::of(&args[1])?;
    let formats = compile(&args[2..])?;
    let mut zone: Option<(&str, TimeZone)> = None;
    let mut builder = TimestampMicrosecondBuilder::with_capacity(rows);
    for row in 0..rows {
        let name = zone_names.get(row);
        if zone.as_ref().map(|(name, _)| *name) != name {
            zone = name.map(|name| find_zone(name).map(|zone| (name, zone))).transpose()?;
        }
        let moment = texts.get(row).and_then(|text| {
            let text = narrow(text);
            if args.len() == 2 { parse_iso(&text) } else { parse(&text, &formats) }
        });
        let zone = zone.as_ref().map(|(_, zone)| zone);
        builder.append_option(moment.and_then(|moment| to_utc(&moment, zone)));
    }
    Ok(Arc::new(builder.finish()))
}

fn find_zone(name: &str) -> Result<TimeZone> {
    TimeZone::get(name)
        .or_else(|_| plan_err!("unknown time zone `{name}`; an IANA name is meant, such as `Europe/Bucharest`"))
}

/// Microseconds since the epoch; what daylight saving makes ambiguous is resolved as RFC 5545 has it ("compatible").
fn to_utc(moment: &Moment, zone: Option<&TimeZone>) -> Option<i64> {
    let local = moment.local_micros();
    if let Some(offset) = moment.offset_seconds {
        return Some(local - i64::from(offset) * 1_000_000);
    }
    let zone = zone?;
    if *zone == TimeZone::UTC {
        return Some(local);
    }
    let datetime = DateTime::new(
        moment.date.year as i16,
        moment.date.month as i8,
        moment.date.day as i8,
        moment.hour as i8,
        moment.minute as i8,
        moment.second as i8,
        moment.micros as i32 * 1000,
    );
    // Not as a timestamp of the crate's, which ends before 9999-12-31: many systems write that day for "never".
    let offset = match zone.to_ambiguous_timestamp(datetime.ok()?).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset,
        AmbiguousOffset::Gap { before, .. } | AmbiguousOffset::Fold { before, .. } => before,
    };
    Some(local - i64::from(offset.seconds()) * 1_000_000)
}

pub(super) static FROM_EPOCH_MILLIS: Scalar = Scalar {
    doc: FunctionDoc {
        name: "from_epoch_millis",
        signature: "from_epoch_millis(number)",
        returns: "TIMESTAMP",
        summary: "The point in time so many milliseconds after 1970-01-01 00:00 UTC, from a BIGINT or its digits as \
                  text. NULL if the text is not a whole number or the year is not 1 to 9999.",
        example: "from_epoch_millis(1709285400123)",
        example_result: "2024-03-01T09:30:00.123",
    },
    takes: &[Takes::Integer],
    more: None,
    returns: TIMESTAMP,
    check: None,
    kernel: |args, rows| from_epoch(args, rows, 1000),
};

pub(super) static FROM_EPOCH_SECONDS: Scalar = Scalar {
    doc: FunctionDoc {
        name: "from_epoch_seconds",
        signature: "from_epoch_seconds(number)",
        returns: "TIMESTAMP",
        summary: "The point in time so many seconds after 1970-01-01 00:00 UTC, from a BIGINT or its digits as text. \
                  NULL if the text is not a whole number or the year is not 1 to 9999.",
        example: "from_epoch_seconds('1709285400')",
        example_result: "2024-03-01T09:30:00",
    },
    takes: &[Takes::Integer],
    more: None,
    returns: TIMESTAMP,
    check: None,
    kernel: |args, rows| from_epoch(args, rows, 1_000_000),
};

/// 0001-01-01 to 9999-12-31 in microseconds.
const MICROS: std::ops::Range<i64> = -62_135_596_800_000_000..253_402_300_800_000_000;

fn from_epoch(args: &[ColumnarValue], rows: usize, micros_per_unit: i64) -> Result<ArrayRef> {
    let to_micros = |number: i64| number.checked_mul(micros_per_unit).filter(|micros| MICROS.contains(micros));
    let array: TimestampMicrosecondArray = if args[0].data_type() == DataType::Int64 {
        let numbers = args[0].to_array(rows)?;
        numbers.as_primitive::<Int64Type>().iter().map(|number| number.and_then(to_micros)).collect()
    } else {
        let texts = Text::of(&args[0])?;
        (0..rows).map(|row| narrow(texts.get(row)?).parse().ok().and_then(to_micros)).collect()
    };
    Ok(Arc::new(array))
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::Array;
    use datafusion::arrow::datatypes::TimestampMicrosecondType;
    use datafusion::common::ScalarValue;
    use proptest::prelude::*;

    use super::*;

    fn show(array: &ArrayRef) -> Option<String> {
        let micros = array.is_valid(0).then(|| array.as_primitive::<TimestampMicrosecondType>().value(0))?;
        Some(jiff::Timestamp::from_microsecond(micros).unwrap().to_string())
    }

    fn parse_timestamp(text: &str, zone: &str, formats: &[&str]) -> Option<String> {
        let args: Vec<_> =
            [text, zone].iter().chain(formats).map(|text| ColumnarValue::from(ScalarValue::from(*text))).collect();
        show(&parse_timestamps(&args, 1).unwrap())
    }

    #[test]
    fn iso_and_kin() {
        for (text, expected) in [
            ("2024-03-01T10:15:30+02:00", "2024-03-01T08:15:30Z"),
            ("2024-03-01 10:15:30", "2024-03-01T08:15:30Z"),
            ("2024-03-01T10:15", "2024-03-01T08:15:00Z"),
            ("2024-03-01T10:15:30.123456789Z", "2024-03-01T10:15:30.123456Z"),
            ("2024-03-01 10:15:30,5 +0000", "2024-03-01T10:15:30.5Z"),
            ("2024-03-01 10:15:30 UTC", "2024-03-01T10:15:30Z"),
            ("20240301T101530Z", "2024-03-01T10:15:30Z"),
            ("2024-03-01", "2024-02-29T22:00:00Z"),
            ("２０２４-０３-０１ 10:15", "2024-03-01T08:15:00Z"),
        ] {
            assert_eq!(parse_timestamp(text, "Europe/Bucharest", &[]).as_deref(), Some(expected), "{text}");
        }
        for text in
            ["", "2024", "01.03.2024", "2024-03-01T25:00", "2024-03-01 10", "2024-03-01T10:15:30+2", "2024-02-30 10:00"]
        {
            assert_eq!(parse_timestamp(text, "Europe/Bucharest", &[]), None, "{text}");
        }
    }

    #[test]
    fn daylight_saving_is_compatible() {
        let local = |text| parse_timestamp(text, "Europe/Bucharest", &["%d.%m.%Y %H:%M"]);
        assert_eq!(local("31.03.2024 02:59").as_deref(), Some("2024-03-31T00:59:00Z"));
        assert_eq!(local("31.03.2024 03:30").as_deref(), Some("2024-03-31T01:30:00Z"), "skipped: read as 04:30");
        assert_eq!(local("27.10.2024 03:30").as_deref(), Some("2024-10-27T00:30:00Z"), "twice: the first");
        assert_eq!(
            parse_timestamp("01.03.2024 10:00", "Asia/Ho_Chi_Minh", &["%d.%m.%Y %H:%M"]).as_deref(),
            Some("2024-03-01T03:00:00Z")
        );
    }

    #[test]
    fn offsets_beat_the_zone() {
        let parsed = parse_timestamp("01/03/2024 10:00 -0500", "Asia/Shanghai", &["%d/%m/%Y %H:%M %z"]);
        assert_eq!(parsed.as_deref(), Some("2024-03-01T15:00:00Z"));
    }

    #[test]
    fn without_zone_only_offsets_count() {
        let parse = |text: &str| {
            let args = [ColumnarValue::from(ScalarValue::from(text)), ColumnarValue::from(ScalarValue::Utf8View(None))];
            show(&parse_timestamps(&args, 1).unwrap())
        };
        assert_eq!(parse("2024-03-01T10:00:00Z").as_deref(), Some("2024-03-01T10:00:00Z"));
        assert_eq!(parse("2024-03-01T10:00:00"), None);
    }

    #[test]
    fn epochs() {
        let millis = |value: ScalarValue| show(&from_epoch(&[ColumnarValue::from(value)], 1, 1000).unwrap());
        assert_eq!(millis(ScalarValue::from(1_709_285_400_123_i64)).as_deref(), Some("2024-03-01T09:30:00.123Z"));
        assert_eq!(millis(ScalarValue::from(" -1 ")).as_deref(), Some("1969-12-31T23:59:59.999Z"));
        assert_eq!(millis(ScalarValue::from("1.5")), None);
        assert_eq!(millis(ScalarValue::from(i64::MAX)), None);
    }

    proptest! {
        #[test]
        fn reads_what_jiff_writes(micros in -62_000_000_000_000_000..253_000_000_000_000_000_i64) {
            let text = jiff::Timestamp::from_microsecond(micros).unwrap().to_string();
            prop_assert_eq!(to_utc(&parse_iso(&text).unwrap(), None), Some(micros));
        }
    }
}
