//! What is read of a database, and the SQL that says so. Values are parameters; only names become part of the SQL.

use arrow::datatypes::{DataType, TimeUnit};

use crate::project::Source;

/// A time with a time zone: it was an instant.
pub(super) fn instant() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// A time without one: whoever reads it has to know where that clock was.
pub(super) fn wall_clock() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, None)
}

/// A number with a fixed point; as text, if it is larger than a DECIMAL can be.
pub(super) fn decimal(precision: i64, scale: i64) -> DataType {
    match (u8::try_from(precision), i8::try_from(scale)) {
        (Ok(precision @ 1..=38), Ok(scale)) if (0..=precision as i8).contains(&scale) => {
            DataType::Decimal128(precision, scale)
        }
        _ => DataType::Utf8,
    }
}

/// One column of what is read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    pub(super) name: String,
    /// What its values land as.
    pub(super) data_type: DataType,
    /// The SQL expression that reads it.
    pub(super) expression: String,
}

/// How a database writes names and texts.
pub(super) struct Dialect {
    /// What stands around a name; doubled within it.
    pub(super) quote: char,
    /// Reads an expression as text.
    pub(super) text: fn(&str) -> String,
    /// The parameter of this number, from 1, for a value that is compared with a column of this type.
    pub(super) parameter: fn(usize, &DataType) -> String,
}

impl Dialect {
    /// The name in quotes.
    pub(super) fn name(&self, name: &str) -> String {
        let quote = self.quote;
        format!("{quote}{}{quote}", name.replace(quote, &format!("{quote}{quote}")))
    }

    /// What stands behind `FROM`: the source's table or query.
    pub(super) fn relation(&self, source: &Source) -> String {
        match (&source.table, &source.query) {
            (Some(table), _) => table.split('.').map(|part| self.name(part)).collect::<Vec<_>>().join("."),
            // The line break ends a comment in the query's last line.
            (None, query) => {
                format!(
                    "({}\n) AS {}",
                    query.as_deref().unwrap_or_default().trim().trim_end_matches(';'),
                    self.name("rows")
                )
            }
        }
    }
}

/// Which rows are read.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Range<'a> {
    All,
    /// Those without a watermark.
    Without(&'a Column),
    /// Those whose watermark is at or above each of `least`, and below `below`.
    From {
        column: &'a Column,
        least: Vec<String>,
        below: Option<String>,
    },
}

/// A query with the values of its parameters.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Select {
    pub(super) sql: String,
    /// Each with the type of what it is compared with.
    pub(super) parameters: Vec<(String, DataType)>,
}

impl Select {
    /// Reads `columns` of the rows in `range` of `relation`.
    pub(super) fn new(dialect: &Dialect, relation: &str, columns: &[Column], range: &Range<'_>) -> Self {
        let list = columns.iter().map(|column| column.expression.as_str()).collect::<Vec<_>>().join(", ");
        let mut select = Self { sql: format!("SELECT {list} FROM {relation}"), parameters: Vec::new() };
        let mut conditions = Vec::new();
        match range {
            Range::All => {}
            Range::Without(column) => conditions.push(format!("{} IS NULL", dialect.name(&column.name))),
            Range::From { column, least, below } => {
                let bounds = least.iter().map(|value| (">=", value)).chain(below.iter().map(|value| ("<", value)));
                for (operator, value) in bounds {
                    select.parameters.push((value.clone(), column.data_type.clone()));
                    let parameter = (dialect.parameter)(select.parameters.len(), &column.data_type);
                    conditions.push(format!("{} {operator} {parameter}", dialect.name(&column.name)));
                }
            }
        }
        if !conditions.is_empty() {
            select.sql = format!("{} WHERE {}", select.sql, conditions.join(" AND "));
        }
        select
    }

    /// Reads the highest value of `column`, as text.
    pub(super) fn highest(dialect: &Dialect, relation: &str, column: &Column) -> Self {
        let highest = (dialect.text)(&format!("max({})", dialect.name(&column.name)));
        Self { sql: format!("SELECT {highest} FROM {relation}"), parameters: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIALECT: Dialect =
        Dialect { quote: '"', text: |what| format!("{what}::text"), parameter: |n, _| format!("${n}") };

    #[test]
    fn names_are_quoted_and_values_are_parameters() {
        let source: Source = toml::from_str("table = 'shop.ord\"ers'").expect("valid TOML");
        let relation = DIALECT.relation(&source);
        assert_eq!(relation, "\"shop\".\"ord\"\"ers\"");
        let column = |name: &str, data_type| Column { name: name.into(), data_type, expression: format!("\"{name}\"") };
        let columns = [column("id", DataType::Int64), column("at", instant())];
        let (column, least) = (&columns[1], vec!["2026-01-01".to_owned(), "2026-01-02".to_owned()]);
        let select = |range| Select::new(&DIALECT, &relation, &columns, &range);
        assert_eq!(select(Range::All).sql, "SELECT \"id\", \"at\" FROM \"shop\".\"ord\"\"ers\"");
        assert!(select(Range::Without(column)).sql.ends_with(" WHERE \"at\" IS NULL"));
        let between = select(Range::From { column, least, below: Some("2026-01-03".into()) });
        assert!(between.sql.ends_with(" WHERE \"at\" >= $1 AND \"at\" >= $2 AND \"at\" < $3"), "{}", between.sql);
        assert_eq!(between.parameters[2], ("2026-01-03".to_owned(), instant()));
    }

    #[test]
    fn a_query_may_end_as_it_likes() {
        let source: Source = toml::from_str("query = 'SELECT 1 -- all; '").expect("valid TOML");
        assert_eq!(DIALECT.relation(&source), "(SELECT 1 -- all\n) AS \"rows\"");
    }

    #[test]
    fn decimals_that_are_too_large_are_text() {
        assert_eq!(decimal(10, 2), DataType::Decimal128(10, 2));
        assert_eq!([decimal(39, 2), decimal(10, -2), decimal(2, 4), decimal(0, 0)], [const { DataType::Utf8 }; 4]);
    }
}
