//! The files of `resolve` become one table.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch, UInt32Array, new_empty_array};
use datafusion::arrow::compute::{cast, concat, take};
use datafusion::arrow::datatypes::{DataType, FieldRef, Int32Type, Int64Type, Schema, SchemaRef};
use datafusion::arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::functions::expr_fn::encode;
use datafusion::functions_nested::expr_fn::array_to_string;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, cast as cast_to, lit};
use datafusion::prelude::{Column, DataFrame};
use datafusion::scalar::ScalarValue;
use futures::TryStreamExt;

use super::super::Global;
use super::super::landed::{Written, land_files, missing};
use super::Args;
use crate::engine::explain_without_sql;
use crate::error::{Error, Kind, Result};
use crate::lake::layout::LINE;

/// The records of the files, and what is to be told of them.
pub(super) struct Files {
    /// All records in the order of the files, their columns joined by name, with `source` where the files do not have it, and [`ID`], [`TABLE`] and
    /// [`LINE`].
    pub(super) rows: RecordBatch,
    /// Per file: its name as a source, and its column of ids, if it has one.
    pub(super) tables: Vec<(String, Option<String>)>,
    pub(super) notices: Vec<String>,
    /// Records that could not be read.
    pub(super) quarantined: u64,
}

/// The column of what the file calls the record; null where its rows have no ids.
pub(super) const ID: &str = "_id";
/// The column of the file's number.
pub(super) const TABLE: &str = "_table";

/// Reads the files.
pub(super) async fn read(global: &Global, args: &Args) -> Result<Files> {
    let written = Written { delimiter: args.delimiter.as_deref(), encoding: args.encoding.as_deref() };
    let landed = Box::pin(land_files(global, &args.files, written)).await?;
    let given = args.source.clone().unwrap_or_else(|| "source".into());
    let failed = |error| explain_without_sql(&error);
    let text = texts(landed.tables.iter().map(|(_, rows)| rows));
    let mut frame: Option<DataFrame> = None;
    let mut tables = Vec::new();
    for (number, (name, rows)) in (0_i32..).zip(landed.tables) {
        let columns: Vec<&str> = rows.schema().fields().iter().map(|field| field.name().as_str()).collect();
        let id = id_of(&name, &columns, args)?;
        let has_source = columns.contains(&given.as_str());
        if args.source.is_some() && !has_source {
            return Err(missing(&given, columns.into_iter()));
        }
        let column = |name: &str| Expr::Column(Column::new_unqualified(name));
        let as_text = |field: &FieldRef| {
            let column = column(field.name());
            match field.data_type() {
                DataType::List(_) | DataType::LargeList(_) => array_to_string(column, lit("; ")),
                DataType::Binary | DataType::LargeBinary | DataType::BinaryView => encode(column, lit("hex")),
                _ => cast_to(column, DataType::Utf8),
            }
        };
        let of = |field: &FieldRef| {
            if text.contains(field.name()) { as_text(field).alias(field.name()) } else { column(field.name()) }
        };
        let mut chosen: Vec<Expr> = rows.schema().fields().iter().map(of).collect();
        if !has_source {
            chosen.push(lit(name.clone()).alias("source"));
        }
        let field = id.as_ref().and_then(|id| rows.schema().fields().iter().find(|field| field.name() == id));
        chosen.push(field.map_or_else(|| cast_to(lit(ScalarValue::Null), DataType::Utf8), as_text).alias(ID));
        chosen.push(lit(number).alias(TABLE));
        let rows = rows.select(chosen).map_err(failed)?;
        tables.push((name, id));
        frame = Some(match frame {
            None => rows,
            Some(before) => union(before, rows)?,
        });
    }
    let frame = frame.ok_or_else(|| Error::new(Kind::Usage, "no file was named"))?;
    let schema = Arc::new(frame.schema().as_arrow().clone());
    let rows = collect(&schema, frame.execute_stream().await.map_err(failed)?).await.map_err(failed)?;
    let rows = in_order(rows).map_err(|error| explain_without_sql(&error.into()))?;
    Ok(Files { rows, tables, notices: landed.notices, quarantined: landed.quarantined })
}

/// The column of ids of a file with these columns: of those that were named, which must be one, or else the usual ones.
fn id_of(file: &str, columns: &[&str], args: &Args) -> Result<Option<String>> {
    let named = args.id.iter().find(|name| columns.contains(&name.as_str()));
    if let (None, Some(first)) = (named, args.id.first()) {
        return Err(missing(first, columns.iter().copied()).with("source", file));
    }
    let usual =
        || ["record_id", "id"].iter().find_map(|name| columns.iter().find(|known| known.eq_ignore_ascii_case(name)));
    Ok(named.cloned().or_else(|| usual().map(|name| (*name).to_owned())))
}

/// The columns that are texts in one file and something else in another, or else cannot be in one column: texts of all.
fn texts<'a>(tables: impl Iterator<Item = &'a DataFrame>) -> BTreeSet<String> {
    let mut kinds: BTreeMap<&str, Vec<&DataType>> = BTreeMap::new();
    for field in tables.flat_map(|rows| rows.schema().fields().iter()) {
        kinds.entry(field.name()).or_default().push(field.data_type());
    }
    let alike = |one: &DataType, other: &DataType| {
        one == other || one.is_string() && other.is_string() || one.is_numeric() && other.is_numeric()
    };
    let differ = kinds.into_iter().filter(|(_, kinds)| kinds.iter().any(|kind| !alike(kind, kinds[0])));
    differ.map(|(name, _)| name.to_owned()).collect()
}

/// All rows as one batch. No more than one column is held twice, and texts in a form that holds nothing beside them.
async fn collect(
    schema: &SchemaRef,
    mut stream: SendableRecordBatchStream,
) -> std::result::Result<RecordBatch, DataFusionError> {
    let mut columns: Vec<Vec<ArrayRef>> = vec![Vec::new(); schema.fields().len()];
    while let Some(batch) = stream.try_next().await? {
        for (parts, part) in columns.iter_mut().zip(batch.columns()) {
            parts.push(cast(part, &compact(part.data_type(), part.get_array_memory_size()))?);
        }
    }
    let mut fields: Vec<FieldRef> = Vec::with_capacity(columns.len());
    let mut whole: Vec<ArrayRef> = Vec::with_capacity(columns.len());
    for (parts, field) in columns.into_iter().zip(schema.fields()) {
        let bytes = parts.iter().map(Array::get_array_memory_size).sum();
        let kind = compact(field.data_type(), bytes);
        let parts = parts.iter().map(|part| cast(part, &kind)).collect::<std::result::Result<Vec<_>, _>>()?;
        let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
        whole.push(if parts.is_empty() { new_empty_array(&kind) } else { concat(&parts)? });
        fields.push(Arc::new(field.as_ref().clone().with_data_type(kind)));
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), whole)?)
}

/// The rows in the order of the files and of the rows in them, in which they need not arrive. No more than one column is held
/// twice.
fn in_order(rows: RecordBatch) -> std::result::Result<RecordBatch, ArrowError> {
    let column =
        |name: &str| rows.column_by_name(name).cloned().ok_or_else(|| ArrowError::SchemaError(name.to_owned()));
    let (tables, lines) = (column(TABLE)?, column(LINE)?);
    let (tables, lines) = (tables.as_primitive::<Int32Type>(), lines.as_primitive::<Int64Type>());
    let mut order: Vec<(i32, i64, u32)> =
        (0..rows.num_rows()).map(|row| (tables.value(row), lines.value(row), row as u32)).collect();
    if order.is_sorted() {
        return Ok(rows);
    }
    order.sort_unstable();
    let order: UInt32Array = order.into_iter().map(|(_, _, row)| row).collect();
    let (schema, columns, _) = rows.into_parts();
    let columns: std::result::Result<_, _> = columns.into_iter().map(|column| take(&column, &order, None)).collect();
    RecordBatch::try_new(schema, columns?)
}

/// The type that holds so many bytes of texts with the least beside them; other types stay.
fn compact(kind: &DataType, bytes: usize) -> DataType {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View if i32::try_from(bytes).is_ok() => DataType::Utf8,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => DataType::LargeUtf8,
        _ => kind.clone(),
    }
}

fn union(one: DataFrame, other: DataFrame) -> Result<DataFrame> {
    let (state, one) = one.into_parts();
    let plan = LogicalPlanBuilder::from(one).union_by_name(other.into_unoptimized_plan());
    let plan = plan.and_then(LogicalPlanBuilder::build).map_err(|error| explain_without_sql(&error))?;
    Ok(DataFrame::new(state, plan))
}
