//! Retention: rows of a source that are older than it may keep leave `raw`, file by file. The files stay known, so that
//! none lands again. What is kept of the rows, such as sums, is for the caller.

use std::collections::BTreeMap;

use arrow::array::{AsArray, BooleanArray, RecordBatch};
use arrow::compute::{cast, filter_record_batch};
use arrow::datatypes::{DataType, Int64Type, TimeUnit, TimestampMicrosecondType};
use datafusion::common::{Column, ScalarValue, TableReference};
use datafusion::dataframe::DataFrame;
use datafusion::functions_aggregate::min_max::{max_udaf, min_udaf};
use datafusion::logical_expr::expr::WindowFunction;
use datafusion::logical_expr::{AggregateUDF, Expr, ExprFunctionExt, WindowFunctionDefinition, cast as cast_to, lit};
use futures::TryStreamExt;
use jiff::civil::Date;
use serde::Serialize;

use super::source::enter;
use super::stored;
use crate::engine::{Session, SessionOptions, explain_for_log, explain_without_sql};
use crate::error::{Error, Kind, Result, nearest};
use crate::lake::layout::{FILE, LINE};
use crate::lake::{Lake, Load, Manifest, TableName};
use crate::project::{Project, Source};

/// The column with the time of a row; no table has it.
const AT: &str = "_onefold_at";

/// The column that says whether a row is the first or the last of its kind; no table has it.
const IS_END: &str = "_onefold_is_end";

const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// What goes of a source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Expired {
    /// The source's name.
    pub source: String,
    /// Rows of earlier days, in UTC, are too old.
    pub before: String,
    /// Rows that go.
    pub rows: u64,
    /// The files that they landed from.
    pub files: usize,
    /// The day of the oldest of them; none if none go.
    pub first_day: Option<String>,
    /// The day of the youngest of them.
    pub last_day: Option<String>,
    /// Rows that are too old and stay, because they are the first or the last of their kind (`retain_ends`).
    pub rows_kept: u64,
    /// Rows without a time, which stay.
    pub rows_undated: u64,
    /// Records that could not be read, which go with the last row of their file that is young enough.
    pub rows_quarantined: u64,
}

impl Expired {
    /// Whether nothing goes.
    pub fn is_nothing(&self) -> bool {
        self.rows == 0 && self.rows_quarantined == 0
    }
}

/// The rows of a source that are too old.
#[derive(Debug)]
pub struct Expiry {
    /// What goes, in numbers.
    pub expired: Expired,
    /// By the file that a row says it is from.
    files: BTreeMap<String, OldRows>,
}

/// The rows of a file that are too old.
#[derive(Debug, Default)]
struct OldRows {
    gone: Lines,
    rows_gone: u64,
    rows_kept: u64,
}

/// Lines of a file, a bit each.
#[derive(Debug, Default)]
struct Lines(Vec<u64>);

impl Lines {
    fn insert(&mut self, line: i64) {
        let at = line as usize;
        if self.0.len() <= at / 64 {
            self.0.resize(at / 64 + 1, 0);
        }
        self.0[at / 64] |= 1 << (at % 64);
    }

    fn contains(&self, line: i64) -> bool {
        let at = line as usize;
        self.0.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }
}

impl Expiry {
    /// Finds the rows of the source called `name` that are of a day before `before`. Its files are held against the
    /// manifest's hashes first. Changes nothing.
    ///
    /// # Errors
    /// `Config` when `retain_by` is no time or a column of `retain_ends` is missing, `Check` when the time of a row cannot
    /// be computed, and what the lake says.
    pub async fn find(
        project: &Project,
        (name, source): (&str, &Source),
        lake: &Lake,
        manifest: &Manifest,
        before: Date,
    ) -> Result<Self> {
        let expired = Expired { source: name.to_owned(), before: before.to_string(), ..Expired::default() };
        let mut expiry = Self { expired, files: BTreeMap::new() };
        let raw = TableName::new("raw", name)?;
        let Some(table) = manifest.table(&raw) else { return Ok(expiry) };
        lake.check(table.files.clone()).await?;
        let session = Session::new(&SessionOptions::of(&project.config.limits, lake))?;
        session.register(lake, &raw, &table.files).await?;
        let key = |error: Error| error.with("source", name).with("key", format!("sources.{name}.retain_by"));
        let old = old_rows(&session, (name, source), before).await?;
        let plan = session.physical_plan(old.logical_plan()).await?;
        let mut batches = session.stream(plan)?;
        while let Some(batch) = batches.try_next().await.map_err(|error| key(explain_for_log(&error)))? {
            expiry.take(&batch)?;
        }
        let loads = manifest.loads.get(name).map_or(&[][..], Vec::as_slice);
        let quarantines = loads.iter().filter(|load| expiry.is_over(load)).filter_map(|load| load.quarantine.as_ref());
        expiry.expired.rows_quarantined = quarantines.map(|quarantine| quarantine.rows).sum();
        Ok(expiry)
    }

    /// Takes in old rows, and such without a time: `_file`, `_line`, their time and whether they stay.
    fn take(&mut self, batch: &RecordBatch) -> Result<()> {
        let failed = |error: arrow::error::ArrowError| explain_without_sql(&error.into());
        let file = cast(batch.column(0), &DataType::Utf8).map_err(failed)?;
        let (file, line) = (file.as_string::<i32>(), batch.column(1).as_primitive::<Int64Type>());
        let (at, is_end) = (batch.column(2).as_primitive::<TimestampMicrosecondType>(), batch.column(3).as_boolean());
        for row in 0..batch.num_rows() {
            if arrow::array::Array::is_null(at, row) {
                self.expired.rows_undated += 1;
                continue;
            }
            if !self.files.contains_key(file.value(row)) {
                self.files.insert(file.value(row).to_owned(), OldRows::default());
            }
            let Some(old) = self.files.get_mut(file.value(row)) else { continue };
            if is_end.value(row) {
                old.rows_kept += 1;
                self.expired.rows_kept += 1;
                continue;
            }
            self.expired.files += usize::from(old.rows_gone == 0);
            old.gone.insert(line.value(row));
            old.rows_gone += 1;
            self.expired.rows += 1;
            let day = Some(day(at.value(row)));
            // Days are written so that they sort.
            if self.expired.first_day.is_none() || day < self.expired.first_day {
                self.expired.first_day.clone_from(&day);
            }
            if day > self.expired.last_day {
                self.expired.last_day = day;
            }
        }
        Ok(())
    }

    /// The old rows of a load.
    fn old(&self, load: &Load) -> Option<&OldRows> {
        // A further version of a file says so in its rows.
        let version = self.files.get(&format!("{}@{:08}", load.file, load.run));
        version.or_else(|| self.files.get(&load.file))
    }

    /// Whether a load has old rows alone.
    fn is_over(&self, load: &Load) -> bool {
        self.old(load).is_some_and(|old| old.rows_gone + old.rows_kept == load.data.rows)
    }

    /// Writes the files of the source anew without the rows that go, and enters them into `draft`. The caller commits it;
    /// `gc` removes the files as they were once no run that is kept names them.
    ///
    /// # Errors
    /// What the lake says.
    pub async fn drop(&self, project: &Project, source: &Source, lake: &Lake, draft: &mut Manifest) -> Result<()> {
        let name = &self.expired.source;
        let raw = TableName::new("raw", name)?;
        let mut loads = draft.loads.get(name).cloned().unwrap_or_default();
        let over: Vec<bool> = loads.iter().map(|load| self.is_over(load)).collect();
        for (at, load) in loads.iter_mut().enumerate() {
            if over[at] {
                load.quarantine = None;
            }
            if self.old(load).is_some_and(|old| old.rows_gone > 0) {
                let path = raw.data_path(draft.run, lake.writer(), at);
                self.rewrite(load, lake, path).await?;
            }
        }
        enter(project, (name, source), lake, draft, loads, 0).await
    }

    /// Writes what stays of a load to `path`.
    async fn rewrite(&self, load: &mut Load, lake: &Lake, path: object_store::path::Path) -> Result<()> {
        let failed = |error: arrow::error::ArrowError| explain_without_sql(&error.into());
        let schema = std::sync::Arc::new(lake.schema(&load.data).await?);
        let metadata = [("onefold.source", self.expired.source.clone()), ("onefold.load", load.load.clone())];
        let mut data = lake.create(path, schema, &metadata)?;
        let mut batches = stored::rows(lake, &load.data, 0).await?;
        while let Some(batch) = batches.try_next().await? {
            data.write(filter_record_batch(&batch, &self.staying(&batch)?).map_err(failed)?).await?;
        }
        drop(batches);
        let rows_gone = load.data.rows - data.rows();
        if rows_gone == 0 {
            return data.discard().await;
        }
        load.rows_expired += rows_gone;
        load.data = data.finish().await?;
        Ok(())
    }

    /// Which rows of a raw file stay.
    fn staying(&self, batch: &RecordBatch) -> Result<BooleanArray> {
        let column = |name| batch.column_by_name(name).ok_or_else(|| Error::new(Kind::Corrupt, "a raw file is none"));
        let file = cast(column(FILE)?, &DataType::Utf8).map_err(|error| explain_without_sql(&error.into()))?;
        let (file, line) = (file.as_string::<i32>(), column(LINE)?.as_primitive::<Int64Type>());
        let is_gone = |row| self.files.get(file.value(row)).is_some_and(|old| old.gone.contains(line.value(row)));
        Ok((0..batch.num_rows()).map(|row| Some(!is_gone(row))).collect())
    }
}

/// The rows of `raw.<name>` that are of a day before `before`, and those that have no time: `_file`, `_line`, their time,
/// and whether they are the first or the last of their kind.
async fn old_rows(session: &Session, (name, source): (&str, &Source), before: Date) -> Result<DataFrame> {
    let failed = |error| explain_without_sql(&error);
    let with_key = |error: Error, key: &str| error.with("source", name).with("key", format!("sources.{name}.{key}"));
    let landed = session.context().table(TableReference::partial("raw", name)).await.map_err(failed)?;
    let sql = source.retain_by.as_deref().unwrap_or_default();
    let at = session.expression("retain_by", sql, &landed).map_err(|error| with_key(error, "retain_by"))?;
    let names: Vec<String> = landed.schema().fields().iter().map(|field| field.name().clone()).collect();
    if let Some(missing) = source.retain_ends.iter().find(|column| !names.contains(column)) {
        let error = Error::new(Kind::Config, format!("the source lacks the column `{}`", missing.escape_debug()));
        let error = with_key(error, "retain_ends");
        return Err(match nearest(missing, names.iter().map(String::as_str)) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint(format!("the columns are `{}`", names.join("`, `"))),
        });
    }
    let mut columns: Vec<Expr> = [FILE, LINE].map(column).to_vec();
    columns.extend(source.retain_ends.iter().map(|name| column(name)));
    columns.push(at.alias(AT));
    let dated = landed.select(columns).map_err(failed)?;
    let is_time = |data_type: &DataType| matches!(data_type, DataType::Timestamp(..) | DataType::Date32);
    if !dated.schema().field_with_unqualified_name(AT).is_ok_and(|at| is_time(at.data_type())) {
        let error = Error::new(Kind::Config, "`retain_by` gives no time");
        let hint = "make one of the text or number, such as `parse_timestamp(at, 'UTC')` or `from_epoch_millis(ts)`";
        return Err(with_key(error.hint(hint), "retain_by"));
    }
    let at = || cast_to(column(AT), DataType::Timestamp(TimeUnit::Microsecond, None));
    let is_end = if source.retain_ends.is_empty() {
        lit(false)
    } else {
        let of_kind = |function: fn() -> std::sync::Arc<AggregateUDF>| {
            let function = WindowFunctionDefinition::AggregateUDF(function());
            let kind = source.retain_ends.iter().map(|name| column(name)).collect();
            Expr::from(WindowFunction::new(function, vec![at()])).partition_by(kind).build().map_err(failed)
        };
        at().eq(of_kind(min_udaf)?).or(at().eq(of_kind(max_udaf)?))
    };
    let told = dated.select(vec![column(FILE), column(LINE), at().alias(AT), is_end.alias(IS_END)]).map_err(failed)?;
    let limit = lit(ScalarValue::TimestampMicrosecond(Some(micros(before)), None));
    told.filter(column(AT).lt(limit).or(column(AT).is_null())).map_err(failed)
}

/// The column of exactly this name.
fn column(name: &str) -> Expr {
    Expr::Column(Column::new_unqualified(name))
}

/// The midnight, in UTC, that a day begins with.
fn micros(day: Date) -> i64 {
    i64::from((day - jiff::civil::date(1970, 1, 1)).get_days()) * DAY
}

/// The day, in UTC, of a time.
fn day(micros: i64) -> String {
    let day = jiff::Timestamp::from_microsecond(micros).map(|at| at.to_zoned(jiff::tz::TimeZone::UTC).date());
    day.map_or_else(|_| micros.to_string(), |day| day.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_apart() {
        let mut lines = Lines::default();
        for line in [1, 64, 1000] {
            lines.insert(line);
        }
        let found: Vec<i64> = (0..2000).filter(|line| lines.contains(*line)).collect();
        assert_eq!(found, [1, 64, 1000]);
    }

    #[test]
    fn a_day_begins_at_midnight_also_before_1970() {
        for text in ["2026-02-28", "1969-12-31", "1970-01-01"] {
            let begins = micros(text.parse().expect("a day"));
            assert_eq!(day(begins), text);
            assert!(day(begins - 1).as_str() < text);
        }
    }
}
