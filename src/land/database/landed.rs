//! The rows that landed last: a landing reads those from the watermark on again, and they must not land twice.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::SchemaRef;
use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::ParquetRecordBatchStreamBuilder;
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};

use super::digest::{Landed, RowHasher};
use super::watermark::Since;
use crate::error::{Error, Kind, Result};
use crate::lake::{DataFile, Lake, Load};

/// The column of the quarantine that shows a row.
const RAW: &str = "raw";

/// The rows of `loads` that are read again `since` a watermark, by the columns that they have in common with `schema`.
/// Their files are held against the manifest's hashes first.
pub(super) async fn landed(lake: &Lake, loads: &[Load], since: &Since, schema: &SchemaRef) -> Result<Landed> {
    let mut landed = Landed::default();
    for load in loads {
        let Some(rows) = load.watermark.as_ref().and_then(|highest| since.rows_of(load, highest)) else { continue };
        lake.check(std::iter::once(&load.data).chain(&load.quarantine).cloned().collect()).await?;
        let set = landed.set(RowHasher::common(schema, &lake.schema(&load.data).await?)?);
        let mut batches = read(lake, &load.data, load.data.rows.saturating_sub(rows)).await?;
        while let Some(batch) = batches.try_next().await? {
            set.add(&since.rows_in(batch)?)?;
        }
        let Some(quarantine) = &load.quarantine else { continue };
        let mut batches = read(lake, quarantine, 0).await?;
        while let Some(batch) = batches.try_next().await? {
            let raw = batch.column_by_name(RAW).and_then(|raw| raw.as_string_opt::<i32>());
            raw.iter().flat_map(|raw| raw.iter().flatten()).for_each(|raw| set.add_bad(raw));
        }
    }
    Ok(landed)
}

/// The rows of a data file from `offset` on, as they come.
async fn read<'a>(lake: &Lake, file: &'a DataFile, offset: u64) -> Result<BoxStream<'a, Result<RecordBatch>>> {
    let corrupt = move |error: ParquetError| {
        Error::new(Kind::Corrupt, "a data file cannot be read").with("file", &file.path).source(error)
    };
    let reader = Reader { store: lake.store(), path: Path::from(file.path.as_str()), bytes: file.bytes };
    let builder = ParquetRecordBatchStreamBuilder::new(reader).await.map_err(corrupt)?;
    let rows = builder.with_offset(offset as usize).build().map_err(corrupt)?;
    Ok(rows.map_err(corrupt).boxed())
}

/// Reads a data file piece by piece: only the last row groups are wanted.
struct Reader {
    store: Arc<dyn ObjectStore>,
    path: Path,
    bytes: u64,
}

impl AsyncFileReader for Reader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, Result<Bytes, ParquetError>> {
        let bytes = async { self.store.get_range(&self.path, range).await };
        bytes.map(|bytes| bytes.map_err(|error| ParquetError::External(Box::new(error)))).boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, Result<Arc<ParquetMetaData>, ParquetError>> {
        let bytes = self.bytes;
        let reader = ParquetMetaDataReader::new().with_arrow_reader_options(options);
        async move { reader.load_and_finish(self, bytes).await.map(Arc::new) }.boxed()
    }
}
