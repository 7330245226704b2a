//! The table or query that a source is: its columns, and reading some of its rows into one load.

use arrow::datatypes::{DataType, Field, SchemaRef};
use futures::TryStreamExt;

use super::Database;
use super::address::Address;
use super::batch::Batch;
use super::digest::{Content, Landed, RowHasher};
use super::query::{Column, Range, Select};
use super::watermark::{Since, time};
use crate::error::{Error, Kind, Result, nearest};
use crate::lake::layout::QUARANTINE;
use crate::lake::{DataFileWriter, Load, TableName};
use crate::land::load::Target;
use crate::land::part::add_origin;
use crate::land::quarantine::Quarantine;
use crate::project::{Source, Span};

/// Rises when the same rows would land otherwise than by the version before.
const READER: &str = "onefold-database-1";

/// A table or query, looked up in the database.
pub(super) struct Table<'a> {
    pub(super) address: &'a Address,
    /// What messages and manifests call it.
    pub(super) name: String,
    relation: String,
    columns: Vec<Column>,
    /// The columns of its rows: its own, then `_file` and `_line`.
    pub(super) schema: SchemaRef,
    /// The column that never falls, if it is read from a watermark on; its type is what its values are compared as.
    pub(super) watermark: Option<Column>,
    /// How far behind the watermark it is read again.
    lag: Option<&'a Span>,
}

/// What is to become one load.
pub(super) struct Request<'a> {
    /// The load's name.
    pub(super) file: String,
    /// The number of the load within its run and source.
    pub(super) number: usize,
    /// The rows, piece by piece.
    pub(super) ranges: Vec<Range<'a>>,
    /// Rows to leave out.
    pub(super) landed: Landed,
    /// The load of the same name that it replaces, unless it is the same.
    pub(super) before: Option<&'a Load>,
    /// Whether there is a load even if there are no rows.
    pub(super) may_be_empty: bool,
}

impl<'a> Table<'a> {
    /// Looks up what `source` names.
    ///
    /// # Errors
    /// `Config` when there is no such table or column, or when it cannot land as it is.
    pub(super) async fn look_up(address: &'a Address, source: &'a Source, database: &mut dyn Database) -> Result<Self> {
        let relation = database.dialect().relation(source);
        let Some(columns) = database.columns(&relation).await? else {
            return Err(missing(address, source, &database.tables().await?));
        };
        let what = source.table.clone().unwrap_or_else(|| {
            let query = blake3::hash(source.query.as_deref().unwrap_or_default().as_bytes()).to_hex();
            format!("query-{}", &query[..8])
        });
        let name = format!("{}/{what}", address.shown);
        let fields = columns.iter().map(|column| Field::new(&column.name, column.data_type.clone(), true)).collect();
        let schema = add_origin(fields).map_err(|twice| {
            address
                .error(Kind::Config, format!("two columns are called `{}`", twice.escape_debug()))
                .hint("name each column once in `query`; `_file` and `_line` are added to every row")
        })?;
        let mut watermark = source.watermark.as_ref().map(|name| watermark(address, name, &columns)).transpose()?;
        if let Some(column) = &mut watermark {
            column.data_type = database.compared_as(&relation, column).await?;
            may_be_time(address, source, column)?;
        }
        Ok(Self { address, name, relation, columns, schema, watermark, lag: source.watermark_lag.as_ref() })
    }

    /// From where on it is read once `last` is the highest watermark that has landed.
    ///
    /// # Errors
    /// `Config` when there is a lag, and `last` is no time.
    pub(super) fn since(&self, column: &Column, last: String) -> Result<Since> {
        Since::new(column, last, self.lag).ok_or_else(|| not_a_time(self.address, "watermark_lag", column))
    }

    /// The highest watermark of all rows, as text; none without rows.
    pub(super) async fn highest(&self, column: &Column, database: &mut dyn Database) -> Result<Option<String>> {
        let select = Select::highest(database.dialect(), &self.relation, column);
        let highest = database.value(&select).await?;
        let is_known = |text: &str| !column.data_type.is_temporal() || text.starts_with(|c: char| c.is_ascii_digit());
        match highest {
            Some(text) if !is_known(&text) => {
                let message = format!("the highest value of `{}` is not a time of the calendar", column.name);
                let error = self.address.error(Kind::Check, message);
                Err(error.hint("it would hide all later rows: leave such rows out in `query`"))
            }
            Some(text) if self.lag.is_some() && time(&text).is_none() => {
                Err(not_a_time(self.address, "watermark_lag", column))
            }
            highest => Ok(highest),
        }
    }

    /// Reads rows into the lake; the load, and how many rows the last range gave it. None if nothing is new.
    pub(super) async fn land(
        &self,
        mut request: Request<'_>,
        database: &mut dyn Database,
        target: &Target<'_>,
    ) -> Result<Option<(Load, u64)>> {
        let path = |schema: &str| {
            let table = TableName::new(schema, &self.address.source)?;
            Ok(table.data_path(target.run, target.lake.writer(), request.number))
        };
        let metadata = [("onefold.source", self.address.source.clone()), ("onefold.load", request.file.clone())];
        let mut data = target.lake.create(path("raw")?, SchemaRef::clone(&self.schema), &metadata)?;
        let mut quarantine = Quarantine::new(target.lake, path(QUARANTINE)?, &request.file, &request.file);
        let hasher = RowHasher::new(&self.schema)?;
        let (mut content, mut line, mut last) = (Content::default(), 0, 0);
        for range in &request.ranges {
            let before = data.rows();
            let select = Select::new(database.dialect(), &self.relation, &self.columns, range);
            let batch = Batch::new(SchemaRef::clone(&self.schema), &request.file, line);
            let mut parts = database.rows(select, batch).await?;
            while let Some(part) = parts.try_next().await? {
                let rows = part.rows.num_rows() + part.bad.len();
                let (part, hashes) = request.landed.leave_new(&hasher, part)?;
                content.add(&hashes);
                data.write(part.rows).await?;
                quarantine.push(&part.bad).await?;
                line += rows as u64;
                target.progress.advance(target.task, rows as u64);
            }
            last = data.rows() - before;
        }
        let load = content.identity(&self.schema, &[READER, &request.file]);
        let is_empty = content.rows() == 0 && !request.may_be_empty;
        if is_empty || request.before.is_some_and(|before| before.load == load) {
            data.discard().await?;
            return Ok(None);
        }
        Box::pin(self.finish(&request, load, data, quarantine, target)).await.map(|load| Some((load, last)))
    }

    async fn finish(
        &self,
        request: &Request<'_>,
        load: String,
        data: DataFileWriter,
        quarantine: Quarantine,
        target: &Target<'_>,
    ) -> Result<Load> {
        let (rows_landed, rows_quarantined) = (data.rows(), quarantine.rows());
        let rows_read = rows_landed + rows_quarantined;
        quarantine.check(&self.address.source, rows_read, target.quarantine_percent_max).map_err(|error| {
            error.hint("nothing landed; cast such columns to text in `query`, or raise `quarantine_percent_max`")
        })?;
        let data = data.finish().await?;
        Ok(Load {
            file: request.file.clone(),
            load,
            content: None,
            bytes: data.bytes,
            rows_read,
            rows_landed,
            rows_quarantined,
            rows_expired: 0,
            run: target.run,
            data,
            quarantine: quarantine.finish().await?,
            watermark: None,
        })
    }
}

/// The column called `name`, if rows can be told to be later by it.
fn watermark(address: &Address, name: &str, columns: &[Column]) -> Result<Column> {
    use DataType::{Date32, Decimal128, Int64, Timestamp, Utf8};
    let Some(column) = columns.iter().find(|column| column.name == name) else {
        let error =
            address.error(Kind::Config, format!("there is no column `{}` for the watermark", name.escape_debug()));
        let names = columns.iter().map(|column| column.name.as_str());
        return Err(match nearest(name, names.clone()) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint(format!("the columns are `{}`", names.collect::<Vec<_>>().join("`, `"))),
        });
    };
    if matches!(column.data_type, Int64 | Decimal128(_, 0) | Date32 | Timestamp(..) | Utf8) {
        return Ok(column.clone());
    }
    let message = format!("the column `{name}` cannot be a watermark: it is {}", column.data_type);
    Err(address.error(Kind::Config, message).hint("take a time, a date, a whole number or a text"))
}

/// # Errors
/// `Config` when a setting needs a watermark that is a time, and it cannot be one.
fn may_be_time(address: &Address, source: &Source, column: &Column) -> Result<()> {
    let settings = [("watermark_lag", source.watermark_lag.is_some()), ("max_age", source.max_age.is_some())];
    match settings.into_iter().find(|(_, is_set)| *is_set) {
        Some((key, _)) if !column.data_type.is_temporal() && column.data_type != DataType::Utf8 => {
            Err(not_a_time(address, key, column))
        }
        _ => Ok(()),
    }
}

fn not_a_time(address: &Address, key: &str, column: &Column) -> Error {
    let message = format!("`{key}` needs a watermark that is a time, and `{}` is none", column.name);
    let error = address.error(Kind::Config, message).with("key", format!("sources.{}.{key}", address.source));
    error.hint(format!("take a column that says when a row was written, or leave `{key}` out"))
}

fn missing(address: &Address, source: &Source, tables: &[String]) -> Error {
    let Some(table) = &source.table else {
        return address.error(Kind::Config, "the query reads a table that the database does not have");
    };
    let error = address.error(Kind::Config, format!("the database has no table `{}`", table.escape_debug()));
    // Where no schema is named, it is not what was mistyped.
    let names = tables.iter().map(|full| match table.contains('.') {
        true => full.as_str(),
        false => full.rsplit('.').next().unwrap_or(full),
    });
    match nearest(table, names) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("it has {} tables and views that this user may see", tables.len())),
    }
}
