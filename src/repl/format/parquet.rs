//! Parquet with types that every reader takes, as the published tables have them.

use std::io::Write;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnWriter, ArrowRowGroupWriterFactory, ArrowWriterOptions, compute_leaves};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;

use super::{RowWriter, encode_error, write_error};
use crate::engine::readable_type;
use crate::error::{Error, Kind, Result};
use crate::parallel;

/// Rows per row group: large enough to compress, small enough to be held in memory.
const ROW_GROUP_ROWS: usize = 262_144;

/// Fewer rows than these are not worth a thread.
const SHARED_MIN: usize = 4096;

/// Writes row groups, their columns side by side.
pub(super) struct ParquetRows<W: Write + Send> {
    schema: SchemaRef,
    /// None once it is finished.
    file: Option<SerializedFileWriter<W>>,
    groups: ArrowRowGroupWriterFactory,
    /// Of the row group that is being filled, per column: those that write its leaves.
    columns: Vec<Column>,
    rows: usize,
    threads: usize,
}

#[derive(Default)]
struct Column {
    leaves: Vec<ArrowColumnWriter>,
    failed: Option<ParquetError>,
}

impl<W: Write + Send> ParquetRows<W> {
    pub(super) fn new(schema: &SchemaRef, out: W) -> Result<Self> {
        let fields = schema.fields().iter().map(|field| {
            let data_type = readable_type(field.data_type()).unwrap_or_else(|| field.data_type().clone());
            Field::new(field.name(), data_type, true)
        });
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        // Arrow's own schema in the footer would tie readers to Arrow's types.
        let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let (file, groups) = ArrowWriter::try_new_with_options(out, Arc::clone(&schema), options)
            .and_then(ArrowWriter::into_serialized_writer)
            .map_err(parquet_error)?;
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self { schema, file: Some(file), groups, columns: Vec::new(), rows: 0, threads })
    }

    /// Encodes rows that belong to one row group.
    fn encode(&mut self, columns: &[ArrayRef], rows: usize) -> std::result::Result<(), ParquetError> {
        let fields = self.schema.fields();
        if self.columns.is_empty() {
            let group = self.file.as_ref().map_or(0, |file| file.flushed_row_groups().len());
            let mut writers = self.groups.create_column_writers(group)?.into_iter();
            for (field, column) in fields.iter().zip(columns) {
                let leaves = compute_leaves(field, &column.slice(0, 0))?.len();
                self.columns.push(Column { leaves: writers.by_ref().take(leaves).collect(), failed: None });
            }
        }
        let threads = if rows < SHARED_MIN { 1 } else { self.threads };
        parallel::fill(threads, &mut self.columns, 1, |at, column| {
            let Column { leaves, failed } = &mut column[0];
            let written = compute_leaves(&fields[at], &columns[at])
                .and_then(|values| leaves.iter_mut().zip(&values).try_for_each(|(leaf, values)| leaf.write(values)));
            *failed = written.err();
        });
        self.rows += rows;
        self.columns.iter_mut().find_map(|column| column.failed.take()).map_or(Ok(()), Err)
    }

    /// Writes the row group that was encoded.
    fn end_group(&mut self) -> std::result::Result<(), ParquetError> {
        let columns = std::mem::take(&mut self.columns);
        self.rows = 0;
        let (Some(file), false) = (&mut self.file, columns.is_empty()) else { return Ok(()) };
        let mut group = file.next_row_group()?;
        for leaf in columns.into_iter().flat_map(|column| column.leaves) {
            leaf.close()?.append_to_row_group(&mut group)?;
        }
        group.close().map(drop)
    }
}

impl<W: Write + Send> RowWriter for ParquetRows<W> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let mut start = 0;
        while start < batch.num_rows() {
            let rows = (batch.num_rows() - start).min(ROW_GROUP_ROWS - self.rows);
            let columns = batch.columns().iter().zip(self.schema.fields());
            let columns: Vec<ArrayRef> = columns
                .map(|(column, field)| cast(&column.slice(start, rows), field.data_type()))
                .collect::<Result<_, _>>()
                .map_err(encode_error)?;
            self.encode(&columns, rows).map_err(parquet_error)?;
            if self.rows == ROW_GROUP_ROWS {
                self.end_group().map_err(parquet_error)?;
            }
            start += rows;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        self.end_group().map_err(parquet_error)?;
        self.file.take().map_or(Ok(()), |file| file.close().map(drop)).map_err(parquet_error)
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
