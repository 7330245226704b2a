//! Parquet: types stay as they are; rows are copied batch by batch.

use std::fs::File;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use arrow::datatypes::SchemaRef;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};

use super::column::TextColumn;
use super::input::Input;
use super::parallel;
use super::part::{Part, Rows, with_origin};
use crate::error::{Error, Result};

/// Rows that are read at a time.
const BATCH_ROWS: usize = 16_384;

/// Opens a Parquet file: its schema is read, its rows follow.
pub(super) async fn read(input: Arc<Input>) -> Result<Rows> {
    let opening = Arc::clone(&input);
    let (schema, batches) = parallel::blocking(move || open(opening)).await?;
    let target = Arc::clone(&schema);
    let parts = parallel::in_order(batches, input.threads, move |(first, batch): (i64, RecordBatch)| {
        let rows = batch.num_rows();
        let mut arrays: Vec<ArrayRef> = batch.columns().to_vec();
        arrays.push(Arc::new(TextColumn::repeat(&input.file, rows)?));
        arrays.push(Arc::new(Int64Array::from_iter_values(first..first + rows as i64)));
        let rows = RecordBatch::try_new(Arc::clone(&target), arrays).map_err(|error| unreadable(&input, error))?;
        Ok(Part { rows, bad: Vec::new() })
    });
    Ok(Rows { schema, parts, notices: Vec::new() })
}

type Batches = Box<dyn Iterator<Item = Result<(i64, RecordBatch)>> + Send>;

fn open(input: Arc<Input>) -> Result<(SchemaRef, Batches)> {
    let file = File::open(&input.path).map_err(|error| input.unreadable(error))?;
    // The Arrow schema that some writers embed only adds how they held the values in memory.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
        .map_err(|error| unreadable(&input, error))?
        .with_batch_size(BATCH_ROWS);
    let rows_total = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
    input.records.add(rows_total);
    let schema = with_origin(&input, builder.schema().fields().iter().map(|field| field.as_ref().clone()).collect())?;
    let reader = builder.build().map_err(|error| unreadable(&input, error))?;
    let (mut next, mut counted) = (1, 0);
    let batches = reader.map(move |batch| {
        let batch = batch.map_err(|error| unreadable(&input, error))?;
        let first = next;
        next += batch.num_rows() as i64;
        let read = input.bytes * (next - 1) as u64 / rows_total.max(1);
        input.meter.add(read - counted);
        counted = read;
        Ok((first, batch))
    });
    Ok((schema, Box::new(batches)))
}

fn unreadable(input: &Input, cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    input.error("the Parquet file cannot be read").source(cause).hint("check that it is whole")
}
