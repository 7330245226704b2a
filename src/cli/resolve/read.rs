//! The files of `resolve` become one table.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, RecordBatch, new_empty_array};
use datafusion::arrow::compute::{cast, concat};
use datafusion::arrow::datatypes::{DataType, FieldRef, Schema, SchemaRef};
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::logical_expr::{LogicalPlanBuilder, lit};
use datafusion::prelude::DataFrame;
use futures::TryStreamExt;

use super::super::Global;
use super::super::landed::{Written, land_files, missing};
use super::Args;
use crate::engine::explain_without_sql;
use crate::error::{Error, Kind, Result};

/// All records of the files, their columns joined by name, with `source` where the files do not have it.
pub(super) async fn read(global: &Global, args: &Args) -> Result<(RecordBatch, Vec<String>, u64)> {
    let written = Written { delimiter: args.delimiter.as_deref(), encoding: args.encoding.as_deref() };
    let landed = Box::pin(land_files(global, &args.files, written)).await?;
    let mut frame: Option<DataFrame> = None;
    let given = args.source.clone().unwrap_or_else(|| "source".into());
    let failed = |error| explain_without_sql(&error);
    for (name, rows) in landed.tables {
        let has_source = rows.schema().has_column_with_unqualified_name(&given);
        if args.source.is_some() && !has_source {
            return Err(missing(&given, rows.schema().fields().iter().map(|field| field.name().as_str())));
        }
        let rows = if has_source { rows } else { rows.with_column("source", lit(name)).map_err(failed)? };
        frame = Some(match frame {
            None => rows,
            Some(before) => union(before, rows)?,
        });
    }
    let frame = frame.ok_or_else(|| Error::new(Kind::Usage, "no file was named"))?;
    let schema = Arc::new(frame.schema().as_arrow().clone());
    let rows = collect(&schema, frame.execute_stream().await.map_err(failed)?).await.map_err(failed)?;
    Ok((rows, landed.notices, landed.quarantined))
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
