//! The files of `resolve` become one table.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, RecordBatch, new_empty_array};
use datafusion::arrow::compute::concat;
use datafusion::arrow::datatypes::{FieldRef, SchemaRef};
use datafusion::arrow::error::ArrowError;
use datafusion::logical_expr::{LogicalPlanBuilder, lit};
use datafusion::prelude::DataFrame;

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
    let batches = frame.collect().await.map_err(failed)?;
    let rows = join(&schema, batches).map_err(|error| failed(error.into()))?;
    Ok((rows, landed.notices, landed.quarantined))
}

/// The batches as one, column after column, so that no more than one column is held twice.
fn join(schema: &SchemaRef, batches: Vec<RecordBatch>) -> std::result::Result<RecordBatch, ArrowError> {
    let mut columns: Vec<Vec<ArrayRef>> = vec![Vec::with_capacity(batches.len()); schema.fields().len()];
    for batch in batches {
        for (parts, part) in columns.iter_mut().zip(batch.columns()) {
            parts.push(Arc::clone(part));
        }
    }
    let whole = |(parts, field): (Vec<ArrayRef>, &FieldRef)| {
        let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
        if parts.is_empty() { Ok(new_empty_array(field.data_type())) } else { concat(&parts) }
    };
    let columns = columns.into_iter().zip(schema.fields()).map(whole).collect::<std::result::Result<_, _>>()?;
    RecordBatch::try_new(Arc::clone(schema), columns)
}

fn union(one: DataFrame, other: DataFrame) -> Result<DataFrame> {
    let (state, one) = one.into_parts();
    let plan = LogicalPlanBuilder::from(one).union_by_name(other.into_unoptimized_plan());
    let plan = plan.and_then(LogicalPlanBuilder::build).map_err(|error| explain_without_sql(&error))?;
    Ok(DataFrame::new(state, plan))
}
