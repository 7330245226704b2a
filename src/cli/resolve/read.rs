//! The files of `resolve`, each as its rows in their order.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, UInt32Array, new_empty_array};
use datafusion::arrow::compute::{cast, concat, take};
use datafusion::arrow::datatypes::{DataType, FieldRef, Int64Type, SchemaRef};
use datafusion::arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use datafusion::prelude::DataFrame;
use futures::TryStreamExt;

use super::super::Global;
use super::super::landed::{Written, land_files, missing, named};
use super::Args;
use crate::engine::explain_without_sql;
use crate::error::Result;
use crate::lake::layout::LINE;
use crate::land::ParquetColumns;
use crate::progress::{Progress, Unit};
use crate::{memory, parallel};

/// The files, and what is to be told of them.
pub(super) struct Files {
    pub(super) tables: Vec<Table>,
    pub(super) notices: Vec<String>,
    /// Records that could not be read.
    pub(super) quarantined: u64,
}

/// The rows of a file in their order.
pub(super) struct Table {
    /// Its name as a source.
    pub(super) name: String,
    /// The place of its column of ids, if it has one.
    pub(super) id: Option<usize>,
    /// The names of its columns.
    pub(super) names: Vec<String>,
    pub(super) columns: Vec<ArrayRef>,
    /// Where each row was in the file.
    pub(super) lines: Vec<i64>,
}

/// Reads the files.
///
/// # Errors
/// `Usage` when a column that was named is not there, and what landing says.
pub(super) async fn read(global: &Global, args: &Args, progress: &dyn Progress) -> Result<Files> {
    let written = Written { delimiter: args.delimiter.as_deref(), encoding: args.encoding.as_deref() };
    let (files, mut notices) = named(&args.files)?;
    let (whole, others): (Vec<_>, Vec<_>) = files.iter().cloned().partition(|(_, file)| is_parquet(file));
    let (mut tables, mut quarantined) = (BTreeMap::new(), 0);
    if !others.is_empty() {
        let landed = Box::pin(land_files(global, &others, written)).await?;
        for (name, rows) in landed.tables {
            tables.insert(name.clone(), table(name, rows, args).await?);
        }
        notices.extend(landed.notices);
        quarantined = landed.quarantined;
    }
    memory::keep_freed();
    for (name, file) in whole {
        let read = tokio::task::block_in_place(|| parquet(name.clone(), &file, args, progress))?;
        tables.insert(name, read);
    }
    let tables: Vec<Table> = files.iter().filter_map(|(name, _)| tables.remove(name)).collect();
    let names: BTreeSet<&str> = tables.iter().flat_map(|table| &table.names).map(String::as_str).collect();
    if let Some(name) = args.ignore.iter().find(|name| !names.contains(name.as_str())) {
        return Err(missing(name, names.into_iter()));
    }
    Ok(Files { tables, notices, quarantined })
}

fn is_parquet(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"))
}

/// The rows of a Parquet file, its columns side by side: they are whole already, and nothing in them has to be told apart.
fn parquet(name: String, file: &Path, args: &Args, progress: &dyn Progress) -> Result<Table> {
    let file = ParquetColumns::open(file)?;
    let (names, task) = (file.names(), format!("read {name}"));
    progress.begin(&task, Some((0..names.len()).map(|at| file.bytes(at)).sum()), Unit::Bytes);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let columns = parallel::map(threads, names.len(), 1, |range| {
        let pieces = file.column(range.start)?;
        let whole = match pieces.is_empty() {
            true => Ok(new_empty_array(&compact(file.kind(range.start), 0))),
            false => in_one_piece(&pieces),
        };
        progress.advance(&task, file.bytes(range.start));
        whole.map_err(|error| explain_without_sql(&error.into()))
    });
    progress.finish(&task, &format!("{} records", file.rows()));
    let columns: Vec<ArrayRef> = columns.into_iter().collect::<Result<_>>()?;
    new_table(name, names, columns, (1..=file.rows() as i64).collect(), args)
}

async fn table(name: String, rows: DataFrame, args: &Args) -> Result<Table> {
    let failed = |error| explain_without_sql(&error);
    let (mut names, mut columns) = collect(rows).await.map_err(failed)?;
    let at = names.iter().position(|name| name == LINE).expect("landed rows say where they were");
    names.remove(at);
    let lines = columns.remove(at).as_primitive::<Int64Type>().values().to_vec();
    let (columns, lines) = in_order(columns, lines).map_err(|error| explain_without_sql(&error.into()))?;
    new_table(name, names, columns, lines, args)
}

fn new_table(name: String, names: Vec<String>, columns: Vec<ArrayRef>, lines: Vec<i64>, args: &Args) -> Result<Table> {
    let id = id_of(&names, args).map_err(|error| error.with("source", &name))?;
    if let Some(source) = args.source.as_ref().filter(|source| !names.contains(source)) {
        return Err(missing(source, names.iter().map(String::as_str)).with("source", name));
    }
    Ok(Table { name, id, names, columns, lines })
}

/// The column of ids among these: of those that were named, which must be one, or else the usual ones.
fn id_of(names: &[String], args: &Args) -> Result<Option<usize>> {
    let place = |id: &String| names.iter().position(|name| name == id);
    let named = args.id.iter().find_map(place);
    if let (None, Some(first)) = (named, args.id.first()) {
        return Err(missing(first, names.iter().map(String::as_str)));
    }
    let usual = ["record_id", "id"];
    let usual = || usual.iter().find_map(|id| names.iter().position(|name| name.eq_ignore_ascii_case(id)));
    Ok(named.or_else(usual))
}

/// The names of the columns, and each in one piece, texts in a form that holds nothing beside them. No more than one column
/// is held twice.
async fn collect(rows: DataFrame) -> std::result::Result<(Vec<String>, Vec<ArrayRef>), DataFusionError> {
    let schema: SchemaRef = rows.schema().inner().clone();
    let mut stream = rows.execute_stream().await?;
    let mut columns: Vec<Vec<ArrayRef>> = vec![Vec::new(); schema.fields().len()];
    while let Some(batch) = stream.try_next().await? {
        for (parts, part) in columns.iter_mut().zip(batch.columns()) {
            parts.push(cast(part, &compact(part.data_type(), part.get_array_memory_size()))?);
        }
    }
    let of = |(parts, field): (Vec<ArrayRef>, &FieldRef)| {
        if parts.is_empty() { Ok(new_empty_array(&compact(field.data_type(), 0))) } else { in_one_piece(&parts) }
    };
    let whole: std::result::Result<Vec<ArrayRef>, ArrowError> =
        columns.into_iter().zip(schema.fields()).map(of).collect();
    Ok((schema.fields().iter().map(|field| field.name().clone()).collect(), whole?))
}

/// Arrays of one type as one, texts in a form that holds nothing beside them.
pub(super) fn in_one_piece(parts: &[ArrayRef]) -> std::result::Result<ArrayRef, ArrowError> {
    let bytes = parts.iter().map(Array::get_array_memory_size).sum();
    let kind = compact(parts[0].data_type(), bytes);
    let parts = parts.iter().map(|part| cast(part, &kind)).collect::<std::result::Result<Vec<_>, _>>()?;
    let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
    concat(&parts)
}

/// The type that holds so many bytes of texts with the least beside them; other types stay.
fn compact(kind: &DataType, bytes: usize) -> DataType {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View if i32::try_from(bytes).is_ok() => DataType::Utf8,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => DataType::LargeUtf8,
        _ => kind.clone(),
    }
}

/// Rows in the order of the file, in which they need not arrive.
fn in_order(
    mut columns: Vec<ArrayRef>,
    mut lines: Vec<i64>,
) -> std::result::Result<(Vec<ArrayRef>, Vec<i64>), ArrowError> {
    if !lines.is_sorted() {
        let mut order: Vec<u32> = (0..lines.len() as u32).collect();
        order.sort_unstable_by_key(|&row| lines[row as usize]);
        let order = UInt32Array::from(order);
        for column in &mut columns {
            *column = take(column, &order, None)?;
        }
        lines.sort_unstable();
    }
    Ok((columns, lines))
}
