//! A value as MySQL sends it in its binary protocol.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use mysql_async::consts::{ColumnFlags, ColumnType};
use mysql_async::{Column, Value};

use crate::land::database::cell::Cell;

/// The value; as text, which fits no type of a time, where it is a date that no calendar has.
pub(super) fn cell<'a>(column: &Column, value: Option<&'a Value>) -> Cell<'a> {
    match value {
        None | Some(Value::NULL) => Cell::Null,
        Some(Value::Bytes(bytes)) => match std::str::from_utf8(bytes) {
            Ok(text) => Cell::Text(Cow::Borrowed(text)),
            Err(_) => Cell::Bytes(Cow::Borrowed(bytes)),
        },
        // Those of 64 bits land as decimals, which are read from their digits.
        Some(Value::Int(value)) if is_large_unsigned(column) => Cell::Text(value.to_string().into()),
        Some(Value::Int(value)) => Cell::Int(*value),
        Some(Value::UInt(value)) => match i64::try_from(*value) {
            Ok(value) if !is_large_unsigned(column) => Cell::Int(value),
            _ => Cell::Text(value.to_string().into()),
        },
        // By its digits: the nearest double of 0.1 is not that of the float next to it.
        Some(Value::Float(value)) => value.to_string().parse().map_or(Cell::Null, Cell::Float),
        Some(Value::Double(value)) => Cell::Float(*value),
        Some(Value::Date(year, month, day, hour, minute, second, micros)) => {
            let date = Date::new(*year as i16, *month as i8, *day as i8);
            let time = [*hour, *minute, *second].map(|part| part as i8);
            time_of(column, date, time, *micros as i32)
                .unwrap_or_else(|| Cell::Text(format!("{year:04}-{month:02}-{day:02}").into()))
        }
        Some(Value::Time(is_negative, days, hours, minutes, seconds, micros)) => {
            let (sign, hours) = (if *is_negative { "-" } else { "" }, days * 24 + u32::from(*hours));
            let fraction = if *micros > 0 { format!(".{micros:06}") } else { String::new() };
            Cell::Text(format!("{sign}{hours:02}:{minutes:02}:{seconds:02}{fraction}").into())
        }
    }
}

fn is_large_unsigned(column: &Column) -> bool {
    column.column_type() == ColumnType::MYSQL_TYPE_LONGLONG && column.flags().contains(ColumnFlags::UNSIGNED_FLAG)
}

fn time_of(
    column: &Column,
    date: Result<Date, jiff::Error>,
    [hour, minute, second]: [i8; 3],
    micros: i32,
) -> Option<Cell<'static>> {
    let time = date.ok()?.at(hour, minute, second, micros.checked_mul(1000)?);
    let time: Timestamp = time.to_zoned(TimeZone::UTC).ok()?.timestamp();
    let is_date = matches!(column.column_type(), ColumnType::MYSQL_TYPE_DATE | ColumnType::MYSQL_TYPE_NEWDATE);
    Some(match is_date {
        true => Cell::Date(i32::try_from(time.as_second().div_euclid(86_400)).ok()?),
        false => Cell::Micros(time.as_microsecond()),
    })
}
