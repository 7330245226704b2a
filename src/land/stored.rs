//! The rows of a data file of the lake, as they were written.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::RecordBatch;
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

use crate::error::{Error, Kind, Result};
use crate::lake::{DataFile, Lake};

/// The rows of a data file from `offset` on, as they come.
pub(super) async fn rows<'a>(
    lake: &Lake,
    file: &'a DataFile,
    offset: u64,
) -> Result<BoxStream<'a, Result<RecordBatch>>> {
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
