//! PostgreSQL: rows in binary as they come over the wire, one transaction in one session.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use arrow::datatypes::DataType;
use async_trait::async_trait;
use futures::TryStreamExt;
use futures::stream::BoxStream;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::SslMode;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use self::value::{Raw, cell};
use super::address::Address;
use super::batch::{Batch, in_batches};
use super::query::{Column, Dialect, Select, decimal, instant, wall_clock};
use super::{Database, tls};
use crate::error::{Error, Kind, Result};
use crate::land::part::Part;

mod value;

/// How long to wait for the server at first.
const CONNECT: Duration = Duration::from_secs(10);

/// All reads see the rows of one moment, times come as UTC, and a table is read from its beginning.
const BEGIN: &str = "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL TimeZone = 'UTC'; \
    SET LOCAL DateStyle = 'ISO'; SET LOCAL extra_float_digits = 1; SET LOCAL synchronize_seqscans = off";

const DIALECT: Dialect = Dialect { quote: '"', text: |expression| format!("{expression}::text"), parameter };

struct Postgres {
    address: Arc<Address>,
    client: Client,
}

/// Logs in and begins to read.
pub(super) async fn open(address: &Arc<Address>) -> Result<Box<dyn Database>> {
    let failed = |error| failed(address, error);
    let mut config: Config = address.url.parse().map_err(failed)?;
    config.application_name("onefold").connect_timeout(CONNECT);
    if let Some(password) = address.password() {
        config.password(password);
    }
    let client = if address.is_encrypted {
        let connector = MakeRustlsConnect::new(encryption(address)?);
        let (client, connection) = config.ssl_mode(SslMode::Require).connect(connector).await.map_err(failed)?;
        // It ends with the client; what goes wrong is said where rows are awaited.
        tokio::spawn(connection);
        client
    } else {
        let (client, connection) = config.ssl_mode(SslMode::Disable).connect(NoTls).await.map_err(failed)?;
        tokio::spawn(connection);
        client
    };
    client.batch_execute(BEGIN).await.map_err(failed)?;
    Ok(Box::new(Postgres { address: Arc::clone(address), client }))
}

#[async_trait]
impl Database for Postgres {
    fn dialect(&self) -> &'static Dialect {
        &DIALECT
    }

    async fn columns(&mut self, relation: &str) -> Result<Option<Vec<Column>>> {
        let statement = match self.client.prepare(&format!("SELECT * FROM {relation}")).await {
            // No such table, no such schema.
            Err(error) if ["42P01", "3F000"].contains(&sqlstate(&error)) => {
                self.client.batch_execute("ROLLBACK").await.map_err(|error| self.failed(error))?;
                return Ok(None);
            }
            statement => statement.map_err(|error| self.failed(error))?,
        };
        Ok(Some(statement.columns().iter().map(column).collect()))
    }

    async fn tables(&mut self) -> Result<Vec<String>> {
        let sql = "SELECT table_schema || '.' || table_name FROM information_schema.tables \
            WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1";
        let rows = self.client.query(sql, &[]).await.map_err(|error| self.failed(error))?;
        rows.iter().map(|row| row.try_get(0).map_err(|error| self.failed(error))).collect()
    }

    async fn value(&mut self, select: &Select) -> Result<Option<String>> {
        let row = self.client.query_one(&select.sql, &[]).await.map_err(|error| self.failed(error))?;
        row.try_get(0).map_err(|error| self.failed(error))
    }

    async fn rows(&mut self, select: Select, batch: Batch) -> Result<BoxStream<'_, Result<Part>>> {
        let parameters = select.parameters.into_iter().map(|(value, _)| value);
        let rows = self.client.query_raw(&select.sql, parameters).await.map_err(|error| self.failed(error))?;
        let rows = rows.map_err(|error| self.failed(error));
        Ok(in_batches(rows, batch, |row, batch| {
            let cell = |(at, column): (usize, &tokio_postgres::Column)| {
                cell(column.type_(), row.try_get::<_, Option<Raw<'_>>>(at).ok().flatten())
            };
            batch.push(row.columns().iter().enumerate().map(cell).collect());
        }))
    }
}

impl Postgres {
    fn failed(&self, error: tokio_postgres::Error) -> Error {
        failed(&self.address, error)
    }
}

fn encryption(address: &Address) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(tls::authorities(address)?);
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| address.error(Kind::Internal, "TLS cannot be used").source(error))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// Texts are what parameters are written as; the server makes them what they are compared with.
fn parameter(number: usize, data_type: &DataType) -> String {
    let name = match data_type {
        DataType::Int64 => "bigint",
        DataType::Decimal128(..) => "numeric",
        DataType::Date32 => "date",
        DataType::Timestamp(_, Some(_)) => "timestamptz",
        DataType::Timestamp(_, None) => "timestamp",
        _ => "text",
    };
    format!("${number}::text::{name}")
}

fn column(column: &tokio_postgres::Column) -> Column {
    let name = DIALECT.name(column.name());
    let (data_type, is_native) = match *column.type_() {
        Type::BOOL => (DataType::Boolean, true),
        Type::INT2 | Type::INT4 | Type::INT8 | Type::OID => (DataType::Int64, true),
        Type::FLOAT4 | Type::FLOAT8 => (DataType::Float64, true),
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME => (DataType::Utf8, true),
        Type::BYTEA => (DataType::Binary, true),
        Type::DATE => (DataType::Date32, true),
        Type::TIMESTAMP => (wall_clock(), true),
        Type::TIMESTAMPTZ => (instant(), true),
        // Precision and scale stand in the type's modifier, behind a header of 4 bytes; -1 is none.
        Type::NUMERIC if column.type_modifier() >= 4 => {
            let modifier = i64::from(column.type_modifier()) - 4;
            (decimal(modifier >> 16, ((modifier & 0x7FF) ^ 0x400) - 0x400), false)
        }
        _ => (DataType::Utf8, false),
    };
    let expression = if is_native { name } else { (DIALECT.text)(&name) };
    Column { name: column.name().to_owned(), data_type, expression }
}

fn sqlstate(error: &tokio_postgres::Error) -> &str {
    error.code().map_or("", tokio_postgres::error::SqlState::code)
}

/// What the server says is repeated only where it cannot hold a value of a row.
fn failed(address: &Address, error: tokio_postgres::Error) -> Error {
    let Some(answer) = error.as_db_error() else {
        // The driver does not show what kind of error it is in another way.
        let text = error.to_string();
        let ours = if text.starts_with("invalid connection string") {
            address.error(Kind::Config, "the URL is wrong")
        } else if text.starts_with("invalid configuration") || text.starts_with("authentication error") {
            address.refused()
        } else {
            address.unreachable()
        };
        return ours.source(Cause(error));
    };
    let (code, message) = (answer.code().code().to_owned(), answer.message().to_owned());
    match code.get(..2) {
        Some("28") => address.refused().with("answer", message),
        Some("3D") => address.error(Kind::Config, "the server has no such database"),
        Some("08" | "53" | "57") => {
            address.error(Kind::Source, "the database is not available").with("answer", message).passing()
        }
        Some("42") if code == "42501" => {
            address.error(Kind::Denied, "the database user may not read this").with("answer", message)
        }
        Some("42") => address.error(Kind::Config, "the database refuses the query").with("answer", message),
        Some("40" | "55") => {
            address.error(Kind::Source, "the database gave the query up").with("sqlstate", code).passing()
        }
        _ => address.error(Kind::Source, "the database cannot be read").with("sqlstate", code),
    }
}

/// An error with all that is behind it on one line.
#[derive(Debug)]
struct Cause(tokio_postgres::Error);

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl std::error::Error for Cause {}
