//! SQLite: a file, opened to be read only. Its driver blocks, so it works on threads that may.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use arrow::datatypes::DataType;
use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, ErrorCode, InterruptHandle, OpenFlags, params_from_iter};
use tokio::sync::{Mutex, mpsc};
use tokio::task::spawn_blocking;

use super::Database;
use super::address::Address;
use super::batch::Batch;
use super::cell::Cell;
use super::query::{Column, Dialect, Select};
use crate::error::{Error, Kind, Result};
use crate::land::parallel;
use crate::land::part::Part;

/// How long to wait for someone who writes.
const BUSY: Duration = Duration::from_secs(10);

/// A value says of which type it is, and is made text here: SQLite would round a float.
const DIALECT: Dialect = Dialect { quote: '"', text: str::to_owned, parameter: |n, _| format!("?{n}") };

struct Sqlite {
    address: Arc<Address>,
    connection: Arc<Mutex<Connection>>,
    interrupt: InterruptHandle,
}

/// A query that nobody waits for any more would go on, and keep the process from ending.
impl Drop for Sqlite {
    fn drop(&mut self) {
        self.interrupt.interrupt();
    }
}

/// Opens the file and begins to read.
pub(super) async fn open(address: &Arc<Address>) -> Result<Box<dyn Database>> {
    if !address.path.is_file() {
        let hint = format!("put it there, or change `url` under `[sources.{}]`", address.source);
        return Err(address.error(Kind::Source, "the database file does not exist").hint(hint));
    }
    let opening = Arc::clone(address);
    let connection = parallel::blocking(move || {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&opening.path, flags).map_err(|error| failed(&opening, error))?;
        let begun = connection.busy_timeout(BUSY).and_then(|()| connection.execute_batch("BEGIN"));
        begun.map_err(|error| failed(&opening, error))?;
        Ok(connection)
    });
    let connection = connection.await?;
    let interrupt = connection.get_interrupt_handle();
    Ok(Box::new(Sqlite { address: Arc::clone(address), connection: Arc::new(Mutex::new(connection)), interrupt }))
}

#[async_trait]
impl Database for Sqlite {
    fn dialect(&self) -> &'static Dialect {
        &DIALECT
    }

    async fn columns(&mut self, relation: &str) -> Result<Option<Vec<Column>>> {
        let sql = format!("SELECT * FROM {relation}");
        self.call(move |connection| {
            let statement = match connection.prepare(&sql) {
                Err(error) if error.to_string().starts_with("no such table") => return Ok(None),
                statement => statement?,
            };
            let column = |column: rusqlite::Column<'_>| Column {
                name: column.name().to_owned(),
                data_type: data_type(column.decl_type().unwrap_or_default()),
                expression: DIALECT.name(column.name()),
            };
            Ok(Some(statement.columns().map(column).collect()))
        })
        .await
    }

    async fn tables(&mut self) -> Result<Vec<String>> {
        self.call(|connection| {
            let sql = "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name";
            connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
        })
        .await
    }

    /// Any column can hold values of any type, and every number is less than every text.
    async fn compared_as(&mut self, relation: &str, column: &Column) -> Result<DataType> {
        let name = DIALECT.name(&column.name);
        // One query each: an index may answer it.
        let type_of = |which: &str| format!("typeof((SELECT {which}({name}) FROM {relation}))");
        let sql = format!("SELECT {}, {}", type_of("min"), type_of("max"));
        let found = self.call(move |connection| connection.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?))));
        let (least, highest): (String, String) = found.await?;
        match (least.as_str(), highest.as_str()) {
            ("null", _) => Ok(column.data_type.clone()),
            ("text", "text") => Ok(DataType::Utf8),
            ("integer" | "real", "integer" | "real") => Ok(DataType::Int64),
            _ => {
                let message = format!("`{}` cannot be a watermark: it holds {least} and {highest} values", column.name);
                let error = self.address.error(Kind::Check, message);
                Err(error.hint("they have no order that means anything: make them one type in `query`"))
            }
        }
    }

    async fn value(&mut self, select: &Select) -> Result<Option<String>> {
        let select = select.clone();
        self.call(move |connection| {
            let parameters = params_from_iter(parameters(&select));
            connection.query_row(&select.sql, parameters, |row| match row.get_ref(0)? {
                ValueRef::Null => Ok(None),
                ValueRef::Text(_) => row.get(0),
                value => Ok(Some(cell(value).to_string())),
            })
        })
        .await
    }

    async fn rows(&mut self, select: Select, batch: Batch) -> Result<BoxStream<'_, Result<Part>>> {
        let (sender, receiver) = mpsc::channel(1);
        let (address, connection) = (Arc::clone(&self.address), Arc::clone(&self.connection));
        spawn_blocking(move || {
            let connection = connection.blocking_lock();
            if let Err(error) = read(&connection, &select, batch, &sender, &address) {
                // If nobody listens any more, landing has failed for another reason.
                let _ = sender.blocking_send(Err(error));
            }
        });
        Ok(stream::unfold(receiver, |mut parts| async { parts.recv().await.map(|part| (part, parts)) }).boxed())
    }
}

impl Sqlite {
    /// Calls the driver on a thread that may block.
    async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let (address, connection) = (Arc::clone(&self.address), Arc::clone(&self.connection));
        parallel::blocking(move || work(&connection.blocking_lock()).map_err(|error| failed(&address, error))).await
    }
}

/// Sends the rows in batches until there are no more, or nobody listens.
fn read(
    connection: &Connection,
    select: &Select,
    mut batch: Batch,
    parts: &mpsc::Sender<Result<Part>>,
    address: &Address,
) -> Result<()> {
    let failed = |error| failed(address, error);
    let mut statement = connection.prepare(&select.sql).map_err(failed)?;
    let columns = statement.column_count();
    let mut rows = statement.query(params_from_iter(parameters(select))).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let cells = (0..columns).map(|at| row.get_ref(at).map(cell));
        batch.push(cells.collect::<rusqlite::Result<_>>().map_err(failed)?);
        if batch.is_full() && parts.blocking_send(batch.take()).is_err() {
            return Ok(());
        }
    }
    let _ = parts.blocking_send(batch.take());
    Ok(())
}

/// A number must be compared as one, a text as a text.
fn parameters(select: &Select) -> Vec<Value> {
    let number = |value: &str| value.parse().map(Value::Integer).or_else(|_| value.parse().map(Value::Real)).ok();
    let value = |(value, data_type): &(String, DataType)| {
        let number = if *data_type == DataType::Int64 { number(value) } else { None };
        number.unwrap_or_else(|| Value::Text(value.clone()))
    };
    select.parameters.iter().map(value).collect()
}

/// What the values of a column land as, by the rules of column affinity (sqlite.org/datatype3.html, section 3.1). Columns
/// of numeric affinity hold whatever was put into them, times for instance as texts: they land as text.
fn data_type(declared: &str) -> DataType {
    let declared = declared.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| declared.contains(word));
    if has(&["INT"]) {
        DataType::Int64
    } else if has(&["CHAR", "CLOB", "TEXT"]) {
        DataType::Utf8
    } else if has(&["BLOB"]) {
        DataType::Binary
    } else if has(&["REAL", "FLOA", "DOUB"]) {
        DataType::Float64
    } else {
        DataType::Utf8
    }
}

fn cell(value: ValueRef<'_>) -> Cell<'_> {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(value) => Cell::Int(value),
        ValueRef::Real(value) => Cell::Float(value),
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) => Cell::Text(Cow::Borrowed(text)),
            Err(_) => Cell::Bytes(Cow::Borrowed(text)),
        },
        ValueRef::Blob(bytes) => Cell::Bytes(Cow::Borrowed(bytes)),
    }
}

fn failed(address: &Address, error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            address.error(Kind::Source, "another program is writing the database").source(error).passing()
        }
        Some(ErrorCode::NotADatabase) => {
            address.error(Kind::Source, "the file is not an SQLite database").source(error)
        }
        // An error in the SQL: the source's `query` is wrong.
        _ if matches!(error, rusqlite::Error::SqlInputError { .. }) => {
            address.error(Kind::Config, "the database refuses the query").source(error)
        }
        Some(ErrorCode::Unknown) => address.error(Kind::Config, "the database refuses the query").source(error),
        _ => address.error(Kind::Source, "the database cannot be read").source(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_written_meanwhile_is_not_seen() {
        let folder = tempfile::tempdir().expect("a folder");
        let writer = Connection::open(folder.path().join("shop.db")).expect("opens");
        let write = |sql: &str| writer.execute_batch(sql).expect("writes");
        write("PRAGMA journal_mode = WAL; CREATE TABLE customers (id INTEGER); INSERT INTO customers VALUES (1)");
        let source = toml::from_str("url = 'sqlite:shop.db'").expect("valid TOML");
        let address = Arc::new(Address::new("crm", &source, folder.path()).expect("valid"));
        let select = Select { sql: "SELECT max(id) FROM customers".into(), parameters: Vec::new() };
        let mut database = open(&address).await.expect("opens");
        assert_eq!(database.value(&select).await.expect("reads").as_deref(), Some("1"));
        write("INSERT INTO customers VALUES (2)");
        assert_eq!(database.value(&select).await.expect("reads").as_deref(), Some("1"));
        let mut later = open(&address).await.expect("opens");
        assert_eq!(later.value(&select).await.expect("reads").as_deref(), Some("2"));
    }

    #[test]
    fn declared_types_follow_affinity() {
        let check = |declared: &str, expected: DataType| assert_eq!(data_type(declared), expected, "{declared}");
        check("INTEGER", DataType::Int64);
        check("unsigned big int", DataType::Int64);
        check("VARCHAR(40)", DataType::Utf8);
        check("double precision", DataType::Float64);
        check("BLOB", DataType::Binary);
        for text in ["DECIMAL(10,2)", "DATETIME", "DATE", "BOOLEAN", ""] {
            check(text, DataType::Utf8);
        }
    }
}
