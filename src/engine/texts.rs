//! Texts as views while rows are moved about, and in one piece where they come to rest.
//!
//! To move a row, a view is sixteen bytes to copy, and short texts lie in it; in one piece, a text's place must be looked up
//! before it is copied letter by letter. On disk it is the other way round: a view is larger than most texts.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::error::Result;

/// The schema of [`in_one_piece`].
pub(super) fn schema_in_one_piece(schema: &Schema) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| match field.data_type() {
        DataType::Utf8View => Arc::new(Field::clone(field).with_data_type(DataType::Utf8)),
        _ => Arc::clone(field),
    });
    Arc::new(Schema::new_with_metadata(fields.collect::<Vec<_>>(), schema.metadata().clone()))
}

/// The rows with each text column in one piece.
///
/// # Errors
/// When the texts of a column are longer than 2 GiB together.
pub fn in_one_piece(batch: &RecordBatch) -> Result<RecordBatch> {
    of_schema(batch, &schema_in_one_piece(batch.schema_ref()))
}

/// The rows in a schema that differs from theirs in how texts are held.
pub(super) fn of_schema(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let columns = batch.columns().iter().zip(schema.fields()).map(|(column, field)| match field.data_type() {
        wanted if wanted == column.data_type() => Ok(Arc::clone(column)),
        wanted => cast(column, wanted),
    });
    Ok(RecordBatch::try_new(Arc::clone(schema), columns.collect::<std::result::Result<Vec<ArrayRef>, _>>()?)?)
}
