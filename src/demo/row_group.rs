//! Parquet files of the sample shop. Every block of customers is a row group: a worker encodes it as a small file of its
//! own, and the one that writes moves the encoded columns over. So memory holds blocks, however large the file becomes.

use std::io::{Cursor, Write};
use std::sync::Arc;

use arrow::csv::ReaderBuilder;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use bytes::Bytes;
use parquet::arrow::{ArrowSchemaConverter, ArrowWriter};
use parquet::basic::Compression;
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::Result;
use parquet::file::metadata::ParquetMetaDataReader;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// Points in time, in microseconds UTC.
    Time,
}

/// The columns of a file, by name.
pub(super) type Columns = &'static [(&'static str, Kind)];

/// A file with one row group out of `rows`, which are separated by commas and have no header.
pub(super) fn encode(columns: Columns, rows: Vec<u8>) -> Vec<u8> {
    let schema = schema(columns);
    let batches = ReaderBuilder::new(Arc::clone(&schema)).build(Cursor::new(rows)).expect("memory can be read");
    let mut file = ArrowWriter::try_new(Vec::new(), schema, Some(properties())).expect("a plain schema");
    for batch in batches {
        file.write(&batch.expect("the rows have these columns")).expect("memory takes everything");
    }
    file.into_inner().expect("memory takes everything")
}

/// Begins a file without rows.
pub(super) fn create<W: Write + Send>(columns: Columns, file: W) -> Result<SerializedFileWriter<W>> {
    let schema = ArrowSchemaConverter::new().convert(&schema(columns))?;
    SerializedFileWriter::new(file, schema.root_schema_ptr(), Arc::new(properties()))
}

/// Appends the row groups of an encoded file.
pub(super) fn append<W: Write + Send>(file: &mut SerializedFileWriter<W>, encoded: &Bytes) -> Result<()> {
    let metadata = ParquetMetaDataReader::new().parse_and_finish(encoded)?;
    for group in metadata.row_groups() {
        let mut appended = file.next_row_group()?;
        for column in group.columns() {
            let closed = ColumnCloseResult {
                bytes_written: column.compressed_size() as u64,
                rows_written: group.num_rows() as u64,
                metadata: column.clone(),
                bloom_filter: None,
                column_index: None,
                offset_index: None,
            };
            appended.append_column(encoded, closed)?;
        }
        appended.close()?;
    }
    Ok(())
}

fn schema(columns: Columns) -> SchemaRef {
    let field = |(name, kind): &(&str, Kind)| {
        let data_type = match kind {
            Kind::Text => DataType::Utf8,
            Kind::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("+00:00".into())),
        };
        Field::new(*name, data_type, true)
    };
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}

/// The library's name and version stay out: an upgrade is not another shop.
fn properties() -> WriterProperties {
    WriterProperties::builder().set_compression(Compression::SNAPPY).set_created_by("sample shop".to_owned()).build()
}
