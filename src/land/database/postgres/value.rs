//! A value as PostgreSQL sends it in binary (postgresql.org/docs/current/protocol-overview.html, and the `…send`
//! functions of each type).

use std::error::Error;

use tokio_postgres::types::{FromSql, Type};

use crate::land::database::cell::Cell;

/// Days, and microseconds, from 1970-01-01 to 2000-01-01, from which PostgreSQL counts.
const EPOCH_DAYS: i32 = 10_957;
const EPOCH_MICROS: i64 = 946_684_800_000_000;

/// The bytes of any value.
#[derive(Clone, Copy)]
pub(super) struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// The value; as bytes, which fit no other type, if it is not what its type says.
pub(super) fn cell<'a>(data_type: &Type, raw: Option<Raw<'a>>) -> Cell<'a> {
    let Some(Raw(bytes)) = raw else { return Cell::Null };
    let known = match *data_type {
        Type::BOOL => bytes.first().map(|byte| Cell::Bool(*byte != 0)),
        Type::INT2 => bytes.try_into().ok().map(|bytes| Cell::Int(i16::from_be_bytes(bytes).into())),
        Type::INT4 => bytes.try_into().ok().map(|bytes| Cell::Int(i32::from_be_bytes(bytes).into())),
        Type::INT8 => bytes.try_into().ok().map(|bytes| Cell::Int(i64::from_be_bytes(bytes))),
        Type::OID => bytes.try_into().ok().map(|bytes| Cell::Int(u32::from_be_bytes(bytes).into())),
        // By its digits: the nearest double of 0.1 is not that of the float next to it.
        Type::FLOAT4 => {
            bytes.try_into().ok().and_then(|bytes| f32::from_be_bytes(bytes).to_string().parse().ok()).map(Cell::Float)
        }
        Type::FLOAT8 => bytes.try_into().ok().map(|bytes| Cell::Float(f64::from_be_bytes(bytes))),
        Type::DATE => bytes.try_into().ok().map(|bytes| date(i32::from_be_bytes(bytes))),
        Type::TIMESTAMP | Type::TIMESTAMPTZ => bytes.try_into().ok().map(|bytes| time(i64::from_be_bytes(bytes))),
        Type::BYTEA => Some(Cell::Bytes(bytes.into())),
        _ => std::str::from_utf8(bytes).ok().map(|text| Cell::Text(text.into())),
    };
    known.unwrap_or(Cell::Bytes(bytes.into()))
}

fn date(days: i32) -> Cell<'static> {
    match days {
        i32::MAX => Cell::Text("infinity".into()),
        i32::MIN => Cell::Text("-infinity".into()),
        days => days.checked_add(EPOCH_DAYS).map_or(Cell::Text("a far date".into()), Cell::Date),
    }
}

fn time(micros: i64) -> Cell<'static> {
    match micros {
        i64::MAX => Cell::Text("infinity".into()),
        i64::MIN => Cell::Text("-infinity".into()),
        micros => micros.checked_add(EPOCH_MICROS).map_or(Cell::Text("a far time".into()), Cell::Micros),
    }
}
