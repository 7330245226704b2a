//! Tables of databases: SQLite, PostgreSQL, MySQL and MariaDB, each behind a feature of its own.
//!
//! Without a watermark a landing reads the whole table, and replaces the last one unless the rows are the same. With
//! one it reads the rows at or above the highest value that has landed, or from some time before it on, and adds those
//! that have not landed; rows whose watermark is NULL are a small table of their own, which is read whole. A landing is
//! one transaction that only reads, so its rows are those of one moment.
//!
//! What a value is decides its column's type, which the database declares; a value that is not of it goes to
//! quarantine. Nothing is rounded, cut or guessed: what has no type of ours lands as the text that the database writes.
//!
//! | SQLite | PostgreSQL | MySQL, MariaDB | lands as |
//! |---|---|---|---|
//! | – | boolean | – | Boolean |
//! | …INT… | smallint, integer, bigint, oid | tinyint … bigint, year | Int64 |
//! | REAL, FLOAT, DOUBLE | real, double precision | float, double | Float64 |
//! | – | numeric(p, s) | decimal(p, s), bigint unsigned | Decimal, if p ≤ 38 |
//! | – | date | date | Date |
//! | – | timestamptz | timestamp | Timestamp in microseconds, UTC |
//! | – | timestamp | datetime | Timestamp in microseconds, without a zone, which SQL takes for UTC |
//! | BLOB | bytea | binary, blob, bit, geometry | Binary |
//! | all others | all others | all others | text |

// What they share serves some of them only.
#![cfg_attr(not(all(feature = "sqlite", feature = "postgres", feature = "mysql")), allow(dead_code))]

mod address;
mod batch;
mod builder;
mod cell;
mod digest;
mod landed;
#[cfg(feature = "mysql")]
mod mysql;
mod patient;
#[cfg(feature = "postgres")]
mod postgres;
mod query;
#[cfg(feature = "sqlite")]
mod sqlite;
mod table;
#[cfg(feature = "tls")]
mod tls;
mod watermark;

pub(super) use self::watermark::time;

use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::datatypes::DataType;
use async_trait::async_trait;
use futures::stream::BoxStream;

use self::address::{Address, Engine};
use self::batch::Batch;
use self::digest::Landed;
use self::patient::{Limit, Patient};
use self::query::{Column, Dialect, Range, Select};
use self::table::{Request, Table};
use super::drift::Columns;
use super::expect;
use super::load::Target;
use super::newest;
use super::part::Part;
use super::report::SourceReport;
use super::source::enter;
use crate::error::{Kind, Result};
use crate::lake::{Lake, Load, Manifest, Watermark};
use crate::progress::{Progress, Unit};
use crate::project::{Project, Source};

/// How long to wait for an answer, unless the source says otherwise: a view may take its time.
const WAIT: Duration = Duration::from_mins(10);

/// A transaction in a database that only reads.
#[async_trait]
trait Database: Send {
    /// How it writes names and texts.
    fn dialect(&self) -> &'static Dialect;

    /// The columns of `relation`; none if a table in it does not exist.
    async fn columns(&mut self, relation: &str) -> Result<Option<Vec<Column>>>;

    /// The names of all tables and views, with their schemas if there are such.
    async fn tables(&mut self) -> Result<Vec<String>>;

    /// What the values of `column` are when they are compared; Int64 stands for all numbers.
    ///
    /// # Errors
    /// `Check` when they cannot be told apart by one order.
    async fn compared_as(&mut self, _relation: &str, column: &Column) -> Result<DataType> {
        Ok(column.data_type.clone())
    }

    /// The one value of the one row, as text; none if it is NULL.
    async fn value(&mut self, select: &Select) -> Result<Option<String>>;

    /// The rows, gathered by `batch`. No more than a few batches are in memory.
    async fn rows(&mut self, select: Select, batch: Batch) -> Result<BoxStream<'_, Result<Part>>>;
}

async fn open(address: &Arc<Address>) -> Result<Box<dyn Database>> {
    match address.engine {
        #[cfg(feature = "sqlite")]
        Engine::Sqlite => sqlite::open(address).await,
        #[cfg(feature = "postgres")]
        Engine::Postgres => postgres::open(address).await,
        #[cfg(feature = "mysql")]
        Engine::MySql => mysql::open(address).await,
        #[cfg(not(all(feature = "sqlite", feature = "postgres", feature = "mysql")))]
        engine => Err(not_built(address, engine)),
    }
}

#[cfg(any(test, not(all(feature = "sqlite", feature = "postgres", feature = "mysql"))))]
fn not_built(address: &Address, engine: Engine) -> crate::error::Error {
    let (name, feature) = match engine {
        Engine::Sqlite => ("SQLite", "sqlite"),
        Engine::Postgres => ("PostgreSQL", "postgres"),
        Engine::MySql => ("MySQL and MariaDB", "mysql"),
    };
    let error = address.error(Kind::Config, format!("this `onefold` was built without {name}"));
    error.hint(format!("build it with `cargo install onefold --features {feature}`"))
}

/// Lands the source called `name`, a table of a database, into `draft`, which is unchanged after an error.
pub(super) async fn land(
    project: &Project,
    (name, source): (&str, &Source),
    lake: &Lake,
    draft: &mut Manifest,
    progress: &dyn Progress,
) -> Result<SourceReport> {
    let begun = Instant::now();
    let task = format!("land {name}");
    progress.begin(&task, None, Unit::Rows);
    let target =
        Target { lake, run: draft.run, quarantine_percent_max: source.quarantine_percent_max, progress, task: &task };
    let address = Arc::new(Address::new(name, source, &project.root)?);
    let wait = source.max_wait.as_ref().map_or(WAIT, |span| Duration::from_secs(span.seconds()));
    let limit = Limit { address: Arc::clone(&address), wait };
    let database = limit.hold(open(&address)).await?;
    let mut database = Patient { database, limit };
    let table = Table::look_up(&address, source, &mut database).await?;
    newest::has_key((name, source), &table.name, &table.schema)?;
    let (loads, mut report) = own_loads(&table, draft.loads.get(name).map_or(&[], Vec::as_slice));
    let mut landing = Landing { table: &table, loads, report: &mut report, target: &target };
    match &table.watermark {
        None => landing.whole(&table.name, 0, Range::All, true, &mut database).await?,
        Some(column) => landing.beyond_watermark(column, &mut database).await?,
    }
    let loads = landing.loads;
    report.expect(expect::hold((name, source), &[], &loads, lake, draft).await?);
    report.elapsed_ms = begun.elapsed().as_millis() as u64;
    enter(project, (name, source), lake, draft, loads, report.elapsed_ms).await?;
    report.notices.iter().for_each(|notice| progress.notice(notice));
    progress.finish(&task, &summary(&report));
    Ok(report)
}

fn summary(report: &SourceReport) -> String {
    match (report.files_landed + report.files_changed, report.rows_quarantined) {
        (0, _) => "unchanged".to_owned(),
        (_, 0) => format!("{} rows", report.rows_landed),
        (_, quarantined) => format!("{} rows, {quarantined} quarantined", report.rows_landed),
    }
}

/// The loads of this table as it is read. Those of another table, or read by another watermark, are given up.
fn own_loads(table: &Table<'_>, loads: &[Load]) -> (Vec<Load>, SourceReport) {
    let mut report = SourceReport::new(&table.address.source);
    let is_own = |load: &Load| {
        let column = load.watermark.as_ref().map(|watermark| watermark.column.as_str());
        match (&table.watermark, load.file.strip_prefix(&table.name)) {
            (None, Some("")) => column.is_none(),
            (Some(ours), Some(part)) if part.starts_with('#') => column.is_none_or(|column| column == ours.name),
            _ => false,
        }
    };
    if loads.iter().all(is_own) {
        return (loads.to_vec(), report);
    }
    report.notices.push(format!("`{}` is another source than before: its rows are replaced", table.name));
    (Vec::new(), report)
}

/// A source while it lands.
struct Landing<'a> {
    table: &'a Table<'a>,
    loads: Vec<Load>,
    report: &'a mut SourceReport,
    target: &'a Target<'a>,
}

impl Landing<'_> {
    /// Reads all rows in `range` as the load called `file`, which replaces the one of that name.
    async fn whole(
        &mut self,
        file: &str,
        number: usize,
        range: Range<'_>,
        may_be_empty: bool,
        database: &mut dyn Database,
    ) -> Result<()> {
        let before = self.loads.iter().position(|load| load.file == file);
        let request = Request {
            file: file.to_owned(),
            number,
            ranges: vec![range],
            landed: Landed::default(),
            before: before.map(|at| &self.loads[at]),
            may_be_empty: may_be_empty || before.is_some(),
        };
        let Some((load, _)) = Box::pin(self.table.land(request, database, self.target)).await? else {
            self.report.files_unchanged += usize::from(before.is_some());
            return Ok(());
        };
        self.columns_before().await?;
        if let Some(at) = before {
            let columns = Columns::of(self.target.lake, &[&self.loads[at]]).await?;
            self.report.notices.extend(columns.changes(file, &self.table.schema));
            self.loads.remove(at);
        }
        self.add(load, before.is_some());
        Ok(())
    }

    /// Reads the rows at or above the highest value that has landed, less the lag, and those without a value.
    async fn beyond_watermark(&mut self, column: &Column, database: &mut dyn Database) -> Result<()> {
        let name = &self.table.name;
        let last = self.loads.iter().filter_map(|load| load.watermark.as_ref().map(|at| (load.run, at.value.clone())));
        let last = last.max_by_key(|(run, _)| *run).map(|(_, value)| value);
        let without = format!("{name}#{} is NULL", column.name);
        self.whole(&without, 0, Range::Without(column), false, database).await?;
        match self.table.highest(column, database).await? {
            Some(highest) => self.later_rows(column, last, highest, database).await,
            None if self.loads.is_empty() => self.whole(&without, 0, Range::Without(column), true, database).await,
            None => Ok(()),
        }
    }

    async fn later_rows(
        &mut self,
        column: &Column,
        last: Option<String>,
        highest: String,
        database: &mut dyn Database,
    ) -> Result<()> {
        let (table, target) = (self.table, self.target);
        let since = last.map(|last| table.since(column, last)).transpose()?;
        let landed = match &since {
            Some(since) => landed::landed(target.lake, &self.loads, since, &table.schema).await?,
            None => Landed::default(),
        };
        // First the rows below the highest value, then those at it: they are the load's last ones.
        let least: Vec<String> = since.into_iter().map(|since| since.value).collect();
        let at_highest = [least.clone(), vec![highest.clone()]].concat();
        let ranges = vec![
            Range::From { column, least, below: Some(highest.clone()) },
            Range::From { column, least: at_highest, below: None },
        ];
        let file = format!("{}#run {:08}", table.name, target.run);
        let request = Request { file, number: 1, ranges, landed, before: None, may_be_empty: false };
        let Some((mut load, rows)) = Box::pin(table.land(request, database, target)).await? else {
            self.report.files_unchanged += self.loads.iter().filter(|load| load.watermark.is_some()).count();
            return Ok(());
        };
        let columns = self.columns_before().await?;
        self.report.notices.extend(columns.compare(&load.file, &table.schema, false));
        load.watermark = Some(Watermark { column: column.name.clone(), value: highest, rows });
        self.add(load, false);
        Ok(())
    }

    /// The columns of the rows that have landed.
    ///
    /// # Errors
    /// `Check` with the differences when one is of another type in the table.
    async fn columns_before(&self) -> Result<Columns> {
        let columns = Columns::of(self.target.lake, &self.loads.iter().collect::<Vec<_>>()).await?;
        let Some(differences) = columns.retyped(&self.table.schema, "in rows that have landed") else {
            return Ok(columns);
        };
        let error = self.table.address.error(Kind::Check, "columns have other types than in rows that have landed");
        let error = error.with("table", &self.table.name).detail(differences);
        Err(error.hint("cast them in `query`, or give the source another name to land all rows again"))
    }

    fn add(&mut self, load: Load, replaced: bool) {
        self.report.count(&load, replaced);
        let place = self.loads.partition_point(|other| other.file < load.file);
        self.loads.insert(place, load);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_is_not_built_in_names_its_feature() {
        let source: Source = toml::from_str("url = 'postgres://db.example.com/shop'").expect("valid TOML");
        let address = Address::new("crm", &source, std::path::Path::new("/shop")).expect("valid");
        let error = not_built(&address, address.engine);
        assert_eq!((error.kind(), error.exit_code()), (Kind::Config, 2));
        assert_eq!(error.message(), "this `onefold` was built without PostgreSQL");
        assert_eq!(error.hint_text(), Some("build it with `cargo install onefold --features postgres`"));
    }
}
