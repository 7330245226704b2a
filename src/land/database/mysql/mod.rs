//! MySQL and MariaDB: rows in the binary protocol, one transaction in one session.

use std::sync::Arc;
use std::time::Duration;

use arrow::datatypes::DataType;
use async_trait::async_trait;
use futures::TryStreamExt;
use futures::stream::BoxStream;
use mysql_async::consts::{ColumnFlags, ColumnType};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, OptsBuilder, Params, Row, SslOpts, Value};

use self::value::cell;
use super::address::Address;
use super::batch::{Batch, in_batches};
use super::query::{Column, Dialect, Select, decimal, instant, wall_clock};
use super::{Database, tls};
use crate::error::{Error, Kind, Result};
use crate::land::part::Part;

mod value;

/// How long to wait for the server at first.
const CONNECT: Duration = Duration::from_secs(10);

/// Times come as UTC, and all reads see the rows of one moment.
const BEGIN: [&str; 3] = [
    "SET time_zone = '+00:00'",
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
];

/// The character set that stands for bytes.
const BINARY: u16 = 63;

const DIALECT: Dialect =
    Dialect { quote: '`', text: |expression| format!("CAST({expression} AS CHAR)"), parameter: mark };

struct MySql {
    address: Arc<Address>,
    connection: Conn,
}

/// Logs in and begins to read.
pub(super) async fn open(address: &Arc<Address>) -> Result<Box<dyn Database>> {
    let url = address.url.replacen("mariadb:", "mysql:", 1);
    let options =
        Opts::from_url(&url).map_err(|error| address.error(Kind::Config, "the URL is wrong").source(error))?;
    let mut options = OptsBuilder::from_opts(options).pass(address.password()).prefer_socket(false);
    if address.is_encrypted {
        let authorities = tls::authorities(address)?.into_iter().map(|authority| authority.to_vec().into());
        let tls = SslOpts::default().with_root_certs(authorities.collect()).with_disable_built_in_roots(true);
        options = options.ssl_opts(tls);
    }
    let connecting = tokio::time::timeout(CONNECT, Conn::new(options)).await;
    let connection = connecting.map_err(|_| address.unreachable())?.map_err(|error| failed(address, error))?;
    let mut database = MySql { address: Arc::clone(address), connection };
    for statement in BEGIN {
        database.connection.query_drop(statement).await.map_err(|error| failed(address, error))?;
    }
    Ok(Box::new(database))
}

#[async_trait]
impl Database for MySql {
    fn dialect(&self) -> &'static Dialect {
        &DIALECT
    }

    async fn columns(&mut self, relation: &str) -> Result<Option<Vec<Column>>> {
        match self.connection.prep(format!("SELECT * FROM {relation}")).await {
            // No such table, no such database.
            Err(mysql_async::Error::Server(error)) if [1146, 1049].contains(&error.code) => Ok(None),
            statement => {
                let statement = statement.map_err(|error| failed(&self.address, error))?;
                Ok(Some(statement.columns().iter().map(column).collect()))
            }
        }
    }

    async fn tables(&mut self) -> Result<Vec<String>> {
        let sql = "SELECT concat(table_schema, '.', table_name) FROM information_schema.tables \
            WHERE table_schema NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema') ORDER BY 1";
        self.connection.query(sql).await.map_err(|error| failed(&self.address, error))
    }

    async fn value(&mut self, select: &Select) -> Result<Option<String>> {
        let row: Option<Option<String>> =
            self.connection.query_first(&select.sql).await.map_err(|error| failed(&self.address, error))?;
        Ok(row.flatten())
    }

    async fn rows(&mut self, select: Select, batch: Batch) -> Result<BoxStream<'_, Result<Part>>> {
        let address = Arc::clone(&self.address);
        let parameters = match select.parameters.is_empty() {
            true => Params::Empty,
            false => Params::Positional(select.parameters.into_iter().map(parameter).collect()),
        };
        let rows = self.connection.exec_stream::<Row, _, _>(select.sql, parameters).await;
        let rows = rows.map_err(|error| failed(&address, error))?.map_err(move |error| failed(&address, error));
        Ok(in_batches(rows, batch, |row, batch| {
            let columns = row.columns_ref().iter().enumerate();
            batch.push(columns.map(|(at, column)| cell(column, row.as_ref(at))).collect());
        }))
    }
}

/// A whole number must be compared as one: as a text it would be rounded to a float.
fn mark(_: usize, data_type: &DataType) -> String {
    match data_type {
        DataType::Decimal128(precision, scale) => format!("CAST(? AS DECIMAL({precision}, {scale}))"),
        _ => "?".to_owned(),
    }
}

/// The same of one that the protocol has a type for.
fn parameter((value, data_type): (String, DataType)) -> Value {
    match (data_type, value.parse()) {
        (DataType::Int64, Ok(number)) => Value::Int(number),
        _ => Value::Bytes(value.into_bytes()),
    }
}

fn column(column: &mysql_async::Column) -> Column {
    let name = column.name_str().into_owned();
    Column { data_type: data_type(column), expression: DIALECT.name(&name), name }
}

fn data_type(column: &mysql_async::Column) -> DataType {
    use ColumnType as T;
    let is_unsigned = column.flags().contains(ColumnFlags::UNSIGNED_FLAG);
    match column.column_type() {
        T::MYSQL_TYPE_LONGLONG if is_unsigned => decimal(20, 0),
        T::MYSQL_TYPE_TINY
        | T::MYSQL_TYPE_SHORT
        | T::MYSQL_TYPE_INT24
        | T::MYSQL_TYPE_LONG
        | T::MYSQL_TYPE_LONGLONG
        | T::MYSQL_TYPE_YEAR => DataType::Int64,
        T::MYSQL_TYPE_FLOAT | T::MYSQL_TYPE_DOUBLE => DataType::Float64,
        T::MYSQL_TYPE_DECIMAL | T::MYSQL_TYPE_NEWDECIMAL => {
            // The length counts the sign and the point beside the digits.
            let scale = i64::from(column.decimals());
            decimal(i64::from(column.column_length()) - i64::from(!is_unsigned) - i64::from(scale > 0), scale)
        }
        T::MYSQL_TYPE_DATE | T::MYSQL_TYPE_NEWDATE => DataType::Date32,
        T::MYSQL_TYPE_DATETIME | T::MYSQL_TYPE_DATETIME2 => wall_clock(),
        T::MYSQL_TYPE_TIMESTAMP | T::MYSQL_TYPE_TIMESTAMP2 => instant(),
        T::MYSQL_TYPE_BIT | T::MYSQL_TYPE_GEOMETRY => DataType::Binary,
        T::MYSQL_TYPE_TINY_BLOB
        | T::MYSQL_TYPE_MEDIUM_BLOB
        | T::MYSQL_TYPE_LONG_BLOB
        | T::MYSQL_TYPE_BLOB
        | T::MYSQL_TYPE_STRING
        | T::MYSQL_TYPE_VAR_STRING
        | T::MYSQL_TYPE_VARCHAR
            if column.character_set() == BINARY =>
        {
            DataType::Binary
        }
        _ => DataType::Utf8,
    }
}

/// What the server says is repeated only where it cannot hold a value of a row.
fn failed(address: &Address, error: mysql_async::Error) -> Error {
    let (code, message) = match error {
        mysql_async::Error::Server(error) => (error.code, error.message),
        mysql_async::Error::Url(error) => return address.error(Kind::Config, "the URL is wrong").source(error),
        error => return address.unreachable().source(error),
    };
    match code {
        1044 | 1045 | 1698 => address.refused().with("answer", message),
        1049 => address.error(Kind::Config, "the server has no such database"),
        1142 | 1143 | 1227 => {
            address.error(Kind::Denied, "the database user may not read this").with("answer", message)
        }
        1054 | 1060 | 1064 | 1146 => {
            address.error(Kind::Config, "the database refuses the query").with("answer", message)
        }
        // Too many connections, shutting down, a lock, a dead lock, a killed query.
        1040 | 1053 | 1203 | 1205 | 1213 | 1317 | 1927 => {
            address.error(Kind::Source, "the database is not available").with("answer", message).passing()
        }
        _ => address.error(Kind::Source, "the database cannot be read").with("code", code),
    }
}
