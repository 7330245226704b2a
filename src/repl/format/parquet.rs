//! Parquet with types that every reader takes, as the published tables have them.

use std::io::Write;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::{RowWriter, encode_error, write_error};
use crate::engine::readable_type;
use crate::error::{Error, Kind, Result};

/// Rows per row group: large enough to compress, small enough to be held in memory.
const ROW_GROUP_ROWS: usize = 262_144;

/// Writes row groups.
pub(super) struct ParquetRows<W: Write + Send> {
    schema: SchemaRef,
    writer: ArrowWriter<W>,
}

impl<W: Write + Send> ParquetRows<W> {
    pub(super) fn new(schema: &SchemaRef, out: W) -> Result<Self> {
        let fields = schema.fields().iter().map(|field| {
            let data_type = readable_type(field.data_type()).unwrap_or_else(|| field.data_type().clone());
            Field::new(field.name(), data_type, true)
        });
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .build();
        // Arrow's own schema in the footer would tie readers to Arrow's types.
        let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(out, Arc::clone(&schema), options).map_err(parquet_error)?;
        Ok(Self { schema, writer })
    }
}

impl<W: Write + Send> RowWriter for ParquetRows<W> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let columns = batch.columns().iter().zip(self.schema.fields());
        let columns: Vec<ArrayRef> = columns
            .map(|(column, field)| cast(column, field.data_type()))
            .collect::<Result<_, _>>()
            .map_err(encode_error)?;
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(encode_error)?;
        self.writer.write(&batch).map_err(parquet_error)
    }

    fn finish(&mut self) -> Result<()> {
        self.writer.finish().map(drop).map_err(parquet_error)
    }
}

fn parquet_error(error: ParquetError) -> Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<std::io::Error>() {
            Ok(error) => write_error(*error),
            Err(inner) => Error::new(Kind::Internal, "cannot encode Parquet").source(inner),
        },
        error => Error::new(Kind::Internal, "cannot encode Parquet").source(error),
    }
}
