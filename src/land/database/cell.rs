//! One value of a database, and whether it is what its column lands as.

use std::borrow::Cow;

use arrow::array::types::{Decimal128Type, DecimalType};
use arrow::compute::kernels::cast_utils::parse_decimal;
use arrow::datatypes::DataType;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

/// A value as the database gave it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// A number without its point, and how many of its digits stand behind that.
    Decimal(i128, i8),
    Text(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01 00:00.
    Micros(i64),
}

impl Cell<'_> {
    /// The value as one of `data_type`; itself again if that would lose or invent anything.
    pub(super) fn into_type(self, data_type: &DataType) -> Result<Self, Self> {
        match (data_type, self) {
            (_, Self::Null) => Ok(Self::Null),
            (DataType::Boolean, cell @ Self::Bool(_))
            | (DataType::Int64, cell @ Self::Int(_))
            | (DataType::Float64, cell @ Self::Float(_))
            | (DataType::Date32, cell @ Self::Date(_))
            | (DataType::Timestamp(..), cell @ Self::Micros(_))
            | (DataType::Utf8, cell @ Self::Text(_))
            | (DataType::Binary, cell @ Self::Bytes(_)) => Ok(cell),
            (DataType::Float64, Self::Int(value)) if (value as f64) as i128 == i128::from(value) => {
                Ok(Self::Float(value as f64))
            }
            (DataType::Decimal128(precision, scale), Self::Text(text)) => match decimal(&text, *precision, *scale) {
                Some(value) => Ok(Self::Decimal(value, *scale)),
                None => Err(Self::Text(text)),
            },
            (DataType::Utf8, Self::Bytes(bytes)) => utf8(bytes),
            (DataType::Utf8, cell @ (Self::Int(_) | Self::Float(_))) => Ok(Self::Text(cell.to_string().into())),
            (DataType::Binary, Self::Text(text)) => Ok(Self::Bytes(match text {
                Cow::Borrowed(text) => text.as_bytes().into(),
                Cow::Owned(text) => text.into_bytes().into(),
            })),
            (_, cell) => Err(cell),
        }
    }

    /// About how many bytes it takes beside those of its row.
    pub(super) fn text_bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
            _ => 0,
        }
    }
}

fn utf8(bytes: Cow<'_, [u8]>) -> Result<Cell<'_>, Cell<'_>> {
    match bytes {
        Cow::Borrowed(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Cell::Text(text.into())),
            Err(_) => Err(Cell::Bytes(bytes.into())),
        },
        Cow::Owned(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(Cell::Text(text.into())),
            Err(error) => Err(Cell::Bytes(error.into_bytes().into())),
        },
    }
}

/// The number without its point, unless digits would be lost.
fn decimal(text: &str, precision: u8, scale: i8) -> Option<i128> {
    let decimals = text.split_once('.').map_or("", |(_, decimals)| decimals).trim_end_matches('0');
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.".contains(&byte));
    if !is_plain || decimals.len() > scale.max(0) as usize {
        return None;
    }
    parse_decimal::<Decimal128Type>(text, precision, scale).ok()
}

/// As SQL writes it; bytes in hex.
impl std::fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => f.write_str("NULL"),
            Self::Bool(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            // With a point or an exponent, so that it stays a float.
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Decimal(value, scale) => f.write_str(&Decimal128Type::format_decimal(*value, 38, *scale)),
            Self::Text(text) => f.write_str(text),
            Self::Bytes(bytes) => bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
            Self::Date(days) => match Date::new(1970, 1, 1).and_then(|epoch| epoch.checked_add(days.days())) {
                Ok(date) => date.fmt(f),
                Err(_) => write!(f, "{days} days"),
            },
            Self::Micros(micros) => match Timestamp::from_microsecond(*micros) {
                Ok(time) => time.strftime("%Y-%m-%d %H:%M:%S%.f").fmt(f),
                Err(_) => write!(f, "{micros} µs"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_or_invented() {
        let check = |cell: Cell<'static>, data_type: &DataType, expected: Option<Cell<'static>>| {
            let whole = cell.clone();
            assert_eq!(cell.into_type(data_type), expected.ok_or(whole), "as {data_type}");
        };
        let text = |text: &'static str| Cell::Text(text.into());
        let money = DataType::Decimal128(10, 2);
        check(text("19.99"), &money, Some(Cell::Decimal(1999, 2)));
        check(text("-0.5"), &money, Some(Cell::Decimal(-50, 2)));
        check(text("7.100"), &money, Some(Cell::Decimal(710, 2)));
        check(text("7.125"), &money, None);
        check(text("NaN"), &money, None);
        check(text("1e3"), &money, None);
        check(text("123456789.00"), &money, None);
        check(Cell::Int(3), &DataType::Float64, Some(Cell::Float(3.0)));
        check(Cell::Int((1 << 53) + 1), &DataType::Float64, None);
        check(Cell::Float(1.0), &DataType::Utf8, Some(text("1.0")));
        check(Cell::Float(1.5), &DataType::Int64, None);
        check(text("seven"), &DataType::Int64, None);
        check(Cell::Bytes(b"Zo\xEB".as_slice().into()), &DataType::Utf8, None);
        check(Cell::Bytes("Zoë".as_bytes().into()), &DataType::Utf8, Some(text("Zoë")));
        check(Cell::Null, &DataType::Int64, Some(Cell::Null));
    }

    #[test]
    fn values_are_written_as_sql_does() {
        let check = |cell: Cell, text: &str| assert_eq!(cell.to_string(), text);
        check(Cell::Decimal(-50, 2), "-0.50");
        check(Cell::Date(20_454), "2026-01-01");
        check(Cell::Micros(1_767_225_600_000_000), "2026-01-01 00:00:00");
        check(Cell::Micros(1_767_225_600_000_001), "2026-01-01 00:00:00.000001");
        check(Cell::Micros(i64::MAX), "9223372036854775807 µs");
        check(Cell::Bytes(b"\x00\xFF".as_slice().into()), "00ff");
    }
}
