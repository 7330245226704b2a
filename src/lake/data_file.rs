//! Writing one Parquet file: row groups of a fixed size, columns encoded on all cores, hashed while it is written.
//!
//! The bytes depend only on the rows and their order, never on the number of threads or the size of the batches.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use bytes::Bytes;
use object_store::buffered::BufWriter;
use object_store::path::Path;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::arrow::{ArrowSchemaConverter, add_encoded_arrow_schema_to_metadata};
use parquet::basic::Compression;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use tokio::io::AsyncWriteExt;
use tokio::task::JoinHandle;

use super::manifest::DataFile;
use super::store::{Lake, store_error};
use crate::error::{Error, Kind, Result};

/// Rows per row group: large enough to compress, small enough that a look-up reads little.
const ROW_GROUP_ROWS: usize = 262_144;

/// Writes one data file of the lake. It exists for readers only once a manifest names it; dropped before
/// [`Self::finish`], it leaves nothing behind on a local lake.
pub struct DataFileWriter {
    lake: Lake,
    path: Path,
    schema: SchemaRef,
    parquet: SerializedFileWriter<Vec<u8>>,
    factory: Arc<ArrowRowGroupWriterFactory>,
    object: BufWriter,
    hasher: blake3::Hasher,
    bytes: u64,
    rows: u64,
    row_groups: usize,
    pending: Vec<RecordBatch>,
    pending_rows: usize,
    encoding: Option<JoinHandle<Result<Vec<ArrowColumnChunk>>>>,
}

impl Lake {
    /// Begins a data file at `path`, which must not exist. `metadata` is written into its footer.
    pub fn create(&self, path: Path, schema: SchemaRef, metadata: &[(&str, String)]) -> Result<DataFileWriter> {
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .set_key_value_metadata(Some(
                metadata.iter().map(|(key, value)| KeyValue::new((*key).to_owned(), value.clone())).collect(),
            ))
            .build();
        add_encoded_arrow_schema_to_metadata(&schema, &mut properties);
        let descriptor = ArrowSchemaConverter::new().convert(&schema).map_err(parquet_error)?;
        let parquet = SerializedFileWriter::new(Vec::new(), descriptor.root_schema_ptr(), Arc::new(properties))
            .map_err(parquet_error)?;
        let factory = Arc::new(ArrowRowGroupWriterFactory::new(&parquet, Arc::clone(&schema)));
        Ok(DataFileWriter {
            lake: self.clone(),
            object: BufWriter::new(self.store(), path.clone()),
            path,
            schema,
            parquet,
            factory,
            hasher: blake3::Hasher::new(),
            bytes: 0,
            rows: 0,
            row_groups: 0,
            pending: Vec::new(),
            pending_rows: 0,
            encoding: None,
        })
    }
}

impl DataFileWriter {
    /// Appends rows. The batch must have the file's schema.
    pub async fn write(&mut self, mut batch: RecordBatch) -> Result<()> {
        while self.pending_rows + batch.num_rows() >= ROW_GROUP_ROWS {
            let head = ROW_GROUP_ROWS - self.pending_rows;
            self.push(batch.slice(0, head));
            batch = batch.slice(head, batch.num_rows() - head);
            self.encode_pending().await?;
        }
        if batch.num_rows() > 0 {
            self.push(batch);
        }
        Ok(())
    }

    /// Rows written so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Writes the footer, makes the object durable and says what was written.
    pub async fn finish(mut self) -> Result<DataFile> {
        if self.pending_rows > 0 {
            self.encode_pending().await?;
        }
        self.append_encoded().await?;
        self.parquet.finish().map_err(parquet_error)?;
        self.drain().await?;
        self.object.shutdown().await.map_err(|error| self.write_error(error))?;
        self.lake.sync(&self.path)?;
        let hash = self.hasher.finalize().to_hex().to_string();
        Ok(DataFile { path: self.path.to_string(), rows: self.rows, bytes: self.bytes, hash })
    }

    fn push(&mut self, batch: RecordBatch) {
        self.pending_rows += batch.num_rows();
        self.rows += batch.num_rows() as u64;
        self.pending.push(batch);
    }

    /// Starts to encode the pending row group in the background, so that the next one is computed meanwhile.
    async fn encode_pending(&mut self) -> Result<()> {
        self.append_encoded().await?;
        let batches = std::mem::take(&mut self.pending);
        self.pending_rows = 0;
        let (schema, factory, index) = (Arc::clone(&self.schema), Arc::clone(&self.factory), self.row_groups);
        self.row_groups += 1;
        self.encoding = Some(tokio::task::spawn_blocking(move || encode(&schema, &factory, index, &batches)));
        Ok(())
    }

    async fn append_encoded(&mut self) -> Result<()> {
        let Some(encoding) = self.encoding.take() else { return Ok(()) };
        let chunks = encoding
            .await
            .map_err(|error| Error::new(Kind::Internal, "encoding a row group failed").source(error))??;
        let mut group = self.parquet.next_row_group().map_err(parquet_error)?;
        for chunk in chunks {
            chunk.append_to_row_group(&mut group).map_err(parquet_error)?;
        }
        group.close().map_err(parquet_error)?;
        self.drain().await
    }

    async fn drain(&mut self) -> Result<()> {
        self.parquet.flush().map_err(|error| self.write_error(error))?;
        let bytes = Bytes::from(std::mem::take(self.parquet.inner_mut()));
        self.hasher.update(&bytes);
        self.bytes += bytes.len() as u64;
        self.object.put(bytes).await.map_err(|error| store_error(error, &self.path))
    }

    fn write_error(&self, error: std::io::Error) -> Error {
        store_error(object_store::Error::Generic { store: "lake", source: Box::new(error) }, &self.path)
    }
}

/// Encodes one row group, a column a task, on as many threads as there are cores.
fn encode(
    schema: &SchemaRef,
    factory: &ArrowRowGroupWriterFactory,
    index: usize,
    batches: &[RecordBatch],
) -> Result<Vec<ArrowColumnChunk>> {
    let rows = concat_batches(schema, batches).map_err(|error| parquet_error(error.into()))?;
    let mut writers = factory.create_column_writers(index).map_err(parquet_error)?.into_iter();
    let mut columns = Vec::with_capacity(schema.fields().len());
    for (field, array) in schema.fields().iter().zip(rows.columns()) {
        let leaves = compute_leaves(field, array).map_err(parquet_error)?;
        let leaf_writers: Vec<ArrowColumnWriter> = writers.by_ref().take(leaves.len()).collect();
        columns.push(leaves.into_iter().zip(leaf_writers).collect::<Vec<_>>());
    }
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(columns.len().max(1));
    let mut shares: Vec<Vec<(usize, _)>> = (0..threads).map(|_| Vec::new()).collect();
    for (at, column) in columns.into_iter().flatten().enumerate() {
        shares[at % threads].push((at, column));
    }
    let mut chunks = std::thread::scope(|scope| {
        let workers: Vec<_> = shares.into_iter().map(|share| scope.spawn(move || encode_columns(share))).collect();
        let mut chunks = Vec::new();
        for worker in workers {
            chunks.extend(worker.join().map_err(|_| Error::new(Kind::Internal, "a column encoder panicked"))??);
        }
        Ok::<_, Error>(chunks)
    })?;
    chunks.sort_by_key(|(at, _)| *at);
    Ok(chunks.into_iter().map(|(_, chunk)| chunk).collect())
}

type Leaf = (parquet::arrow::arrow_writer::ArrowLeafColumn, ArrowColumnWriter);

fn encode_columns(share: Vec<(usize, Leaf)>) -> Result<Vec<(usize, ArrowColumnChunk)>> {
    let mut chunks = Vec::with_capacity(share.len());
    for (at, (leaf, mut writer)) in share {
        writer.write(&leaf).map_err(parquet_error)?;
        chunks.push((at, writer.close().map_err(parquet_error)?));
    }
    Ok(chunks)
}

fn parquet_error(error: parquet::errors::ParquetError) -> Error {
    Error::new(Kind::Internal, "cannot encode Parquet").source(error)
}
