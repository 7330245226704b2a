//! The names that SQL has for Arrow's types, and the types that every reader of a file takes.

use datafusion::arrow::datatypes::{DataType, TimeUnit};

/// The type's name in SQL, in lower case: `varchar`, `decimal(18,2)`, `bigint[]`, `struct(a bigint, b varchar)`.
pub fn sql_type(data_type: &DataType) -> String {
    let name = match data_type {
        DataType::Null => "null",
        DataType::Boolean => "boolean",
        DataType::Int8 => "tinyint",
        DataType::Int16 => "smallint",
        DataType::Int32 => "integer",
        DataType::Int64 => "bigint",
        DataType::UInt8 => "tinyint unsigned",
        DataType::UInt16 => "smallint unsigned",
        DataType::UInt32 => "integer unsigned",
        DataType::UInt64 => "bigint unsigned",
        DataType::Float16 | DataType::Float32 => "real",
        DataType::Float64 => "double",
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "varchar",
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => "bytea",
        DataType::Date32 | DataType::Date64 => "date",
        DataType::Time32(_) | DataType::Time64(_) => "time",
        DataType::Timestamp(_, None) => "timestamp",
        DataType::Timestamp(_, Some(_)) => "timestamp with time zone",
        DataType::Interval(_) | DataType::Duration(_) => "interval",
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
        | DataType::Decimal256(precision, scale) => return format!("decimal({precision},{scale})"),
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _) => return format!("{}[]", sql_type(item.data_type())),
        DataType::Struct(fields) => {
            let fields = fields.iter().map(|field| format!("{} {}", field.name(), sql_type(field.data_type())));
            return format!("struct({})", fields.collect::<Vec<_>>().join(", "));
        }
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) => {
                let parts = fields.iter().map(|field| sql_type(field.data_type()));
                return format!("map({})", parts.collect::<Vec<_>>().join(", "));
            }
            _ => "map",
        },
        DataType::Dictionary(_, values) => return sql_type(values),
        DataType::RunEndEncoded(_, values) => return sql_type(values.data_type()),
        DataType::Union(..) => "union",
    };
    name.to_owned()
}

/// The type to write into a file in place of one that some reader chokes on; none if it is fine as it is. Times are
/// UTC in microseconds and say so.
pub fn readable_type(data_type: &DataType) -> Option<DataType> {
    match data_type {
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 | DataType::UInt64 => Some(DataType::Int64),
        DataType::Float16 => Some(DataType::Float32),
        DataType::Null | DataType::Interval(_) | DataType::Duration(_) => Some(DataType::Utf8View),
        DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) if zone.as_ref() == "UTC" => None,
        DataType::Timestamp(..) => Some(DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))),
        DataType::Dictionary(_, values) => Some(readable_type(values).unwrap_or_else(|| values.as_ref().clone())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::arrow::datatypes::Field;

    #[test]
    fn types_have_the_names_that_one_writes_in_sql() {
        let item = Field::new("item", DataType::Utf8View, true);
        let pair = vec![Field::new("a", DataType::Int64, true), Field::new("b", DataType::Boolean, true)];
        for (data_type, name) in [
            (DataType::Utf8View, "varchar"),
            (DataType::Decimal128(18, 2), "decimal(18,2)"),
            (DataType::List(item.into()), "varchar[]"),
            (DataType::Struct(pair.into()), "struct(a bigint, b boolean)"),
            (DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)), "varchar"),
        ] {
            assert_eq!(sql_type(&data_type), name);
        }
    }
}
