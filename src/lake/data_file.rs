//! Writing one Parquet file: row groups of a bounded size, columns encoded on all cores, hashed while it is written.
//!
//! The bytes depend only on the rows and their order, never on the number of threads or the size of the batches: rows
//! are laid together in pieces of a fixed number, and everything is decided and encoded piece by piece.

use std::cmp::Reverse;
use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex};

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::BatchCoalescer;
use arrow::datatypes::{DataType, Field, SchemaRef};
use arrow::row::{RowConverter, SortField};
use bytes::Bytes;
use object_store::buffered::BufWriter;
use object_store::path::Path;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::arrow::{ArrowSchemaConverter, add_encoded_arrow_schema_to_metadata, encode_arrow_schema};
use parquet::basic::Compression;
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnPath, SchemaDescriptor};
use tokio::io::AsyncWriteExt;
use tokio::task::JoinHandle;

use super::manifest::{DataFile, Footer};
use super::ranges::{CUSTOMER_ID, RANGE_STARTS, RangesSeen};
use super::store::{Lake, store_error, write_error};
use crate::error::{Error, Kind, Result};

/// Rows per row group: large enough to compress, small enough that a look-up reads little.
const ROW_GROUP_ROWS: usize = 262_144;

/// A row group ends early when its values take this much: long texts must not fill the memory.
const ROW_GROUP_BYTES_MAX: usize = 128 << 20;

/// Rows that are laid together and encoded at a time: small enough to stay in a core's cache.
const PIECE_ROWS: usize = 8192;

/// Row groups that are encoded at a time: while the last column of one keeps a core busy, the others have the next one.
const ENCODED_AT_ONCE: usize = 2;

/// Writes one data file of the lake. It exists for readers only once a manifest names it; dropped before
/// [`Self::finish`], it leaves nothing behind on a local lake.
pub struct DataFileWriter {
    lake: Lake,
    path: Path,
    schema: SchemaRef,
    metadata: Vec<KeyValue>,
    /// The columns that the rows are in the order of, ascending, nulls first.
    order: Vec<usize>,
    /// The ranges of customers, if the rows are in their order.
    ranges: Option<RangesSeen>,
    /// Opened with the first row group, because the first rows decide how columns are encoded.
    parquet: Option<Parquet>,
    object: BufWriter,
    hasher: blake3::Hasher,
    bytes: u64,
    rows: u64,
    row_groups: usize,
    /// Rows that do not fill a piece yet.
    filling: BatchCoalescer,
    /// The pieces of the row group that is next.
    pieces: Vec<RecordBatch>,
    pieces_bytes: usize,
    row_group_bytes_max: usize,
    /// The row groups that are being encoded, in their order.
    encoding: VecDeque<JoinHandle<Result<Vec<ArrowColumnChunk>>>>,
}

struct Parquet {
    writer: SerializedFileWriter<Vec<u8>>,
    factory: Arc<ArrowRowGroupWriterFactory>,
}

impl Lake {
    /// Begins a data file at `path`, which must not exist. `metadata` is written into its footer.
    pub fn create(&self, path: Path, schema: SchemaRef, metadata: &[(&str, String)]) -> Result<DataFileWriter> {
        self.begin(&path);
        let key_value = |(key, value): &(&str, String)| KeyValue::new((*key).to_owned(), value.clone());
        Ok(DataFileWriter {
            lake: self.clone(),
            object: BufWriter::new(self.store(), path.clone()),
            path,
            metadata: metadata.iter().map(key_value).collect(),
            order: Vec::new(),
            ranges: None,
            parquet: None,
            hasher: blake3::Hasher::new(),
            bytes: 0,
            rows: 0,
            row_groups: 0,
            filling: BatchCoalescer::new(Arc::clone(&schema), PIECE_ROWS),
            schema,
            pieces: Vec::new(),
            pieces_bytes: 0,
            row_group_bytes_max: ROW_GROUP_BYTES_MAX,
            encoding: VecDeque::new(),
        })
    }
}

impl DataFileWriter {
    /// Says, before the first of them, that the rows will come in the order of these columns, ascending, nulls first.
    /// Readers rely on it.
    pub fn expect_order(&mut self, columns: &[usize]) {
        self.order = columns.to_vec();
        let first = columns.first().map(|at| self.schema.field(*at));
        self.ranges = first.filter(|field| field.name() == CUSTOMER_ID).and_then(|id| RangesSeen::new(id.data_type()));
    }

    /// Appends rows. The batch must have the file's schema.
    pub async fn write(&mut self, batch: RecordBatch) -> Result<()> {
        self.rows += batch.num_rows() as u64;
        if let (Some(ranges), [first, ..]) = (&mut self.ranges, &self.order[..]) {
            ranges.add(batch.column(*first));
        }
        self.filling.push_batch(batch).map_err(|error| parquet_error(error.into()))?;
        while let Some(piece) = self.filling.next_completed_batch() {
            self.push(piece).await?;
        }
        Ok(())
    }

    /// Rows written so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Writes the footer and says what was written. The file is brought to the disk while other work goes on; the commit
    /// waits for it.
    pub async fn finish(mut self) -> Result<DataFile> {
        self.filling.finish_buffered_batch().map_err(|error| parquet_error(error.into()))?;
        if let Some(piece) = self.filling.next_completed_batch() {
            self.push(piece).await?;
        }
        if !self.pieces.is_empty() || self.parquet.is_none() {
            self.encode_pieces().await?;
        }
        while !self.encoding.is_empty() {
            self.append_encoded().await?;
        }
        let content = Some(self.content());
        if let Some(ranges) = self.ranges.take() {
            let starts = KeyValue::new(RANGE_STARTS.to_owned(), ranges.describe());
            self.parquet()?.writer.append_key_value_metadata(starts);
        }
        self.parquet()?.writer.finish().map_err(parquet_error)?;
        let footer = self.drain().await?;
        let footer = Footer { bytes: footer.len() as u64, hash: blake3::hash(&footer).to_hex().to_string() };
        self.object.shutdown().await.map_err(|error| self.unfinished(error))?;
        self.lake.begin_flush(&self.path, self.bytes);
        let hash = self.hasher.finalize().to_hex().to_string();
        let path = self.path.to_string();
        Ok(DataFile { path, rows: self.rows, bytes: self.bytes, hash, content, footer: Some(footer) })
    }

    /// Gives the file up, and what the store already has of it.
    pub async fn discard(mut self) -> Result<()> {
        self.object.abort().await.map_err(|error| store_error(error, &self.path))
    }

    /// BLAKE3 over the row groups and the schema, before the footer adds who wrote the file: equal rows, equal hash.
    fn content(&self) -> String {
        let mut hasher = self.hasher.clone();
        hasher.update(&self.rows.to_le_bytes()).update(encode_arrow_schema(&self.schema).as_bytes());
        hasher.finalize().to_hex().to_string()
    }

    async fn push(&mut self, piece: RecordBatch) -> Result<()> {
        self.pieces_bytes += piece.columns().iter().map(value_bytes).sum::<usize>();
        self.pieces.push(piece);
        if self.pieces.len() * PIECE_ROWS >= ROW_GROUP_ROWS || self.pieces_bytes >= self.row_group_bytes_max {
            self.encode_pieces().await?;
        }
        Ok(())
    }

    /// Starts to encode the next row group in the background, so that those after it are computed meanwhile. Without
    /// pieces, only opens the file.
    async fn encode_pieces(&mut self) -> Result<()> {
        if self.encoding.len() >= ENCODED_AT_ONCE {
            self.append_encoded().await?;
        }
        let pieces = std::mem::take(&mut self.pieces);
        self.pieces_bytes = 0;
        if self.parquet.is_none() {
            self.parquet = Some(self.open(pieces.first())?);
        }
        if pieces.is_empty() {
            return Ok(());
        }
        let (schema, factory, index) =
            (Arc::clone(&self.schema), Arc::clone(&self.parquet()?.factory), self.row_groups);
        self.row_groups += 1;
        self.encoding.push_back(tokio::task::spawn_blocking(move || encode(&schema, &factory, index, &pieces)));
        Ok(())
    }

    fn open(&self, first: Option<&RecordBatch>) -> Result<Parquet> {
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .set_key_value_metadata(Some(self.metadata.clone()));
        if let Some(first) = first {
            properties = choose_dictionaries(properties, first)?;
        }
        let descriptor = ArrowSchemaConverter::new().convert(&self.schema).map_err(parquet_error)?;
        let order = self.order.iter().map_while(|at| sorting_column(&descriptor, self.schema.field(*at)));
        let order = Some(order.collect::<Vec<_>>()).filter(|order| !order.is_empty());
        let mut properties = properties.set_sorting_columns(order).build();
        add_encoded_arrow_schema_to_metadata(&self.schema, &mut properties);
        let writer = SerializedFileWriter::new(Vec::new(), descriptor.root_schema_ptr(), Arc::new(properties))
            .map_err(parquet_error)?;
        let factory = Arc::new(ArrowRowGroupWriterFactory::new(&writer, Arc::clone(&self.schema)));
        Ok(Parquet { writer, factory })
    }

    fn parquet(&mut self) -> Result<&mut Parquet> {
        self.parquet.as_mut().ok_or_else(|| Error::new(Kind::Internal, "the Parquet file is not open"))
    }

    async fn append_encoded(&mut self) -> Result<()> {
        let Some(encoding) = self.encoding.pop_front() else { return Ok(()) };
        let chunks = encoding
            .await
            .map_err(|error| Error::new(Kind::Internal, "encoding a row group failed").source(error))??;
        let mut group = self.parquet()?.writer.next_row_group().map_err(parquet_error)?;
        for chunk in chunks {
            chunk.append_to_row_group(&mut group).map_err(parquet_error)?;
        }
        group.close().map_err(parquet_error)?;
        self.drain().await.map(|_| ())
    }

    /// Hands on what was encoded, and returns it.
    async fn drain(&mut self) -> Result<Bytes> {
        let writer = &mut self.parquet()?.writer;
        writer.flush().map_err(|error| parquet_error(error.into()))?;
        let bytes = Bytes::from(std::mem::take(writer.inner_mut()));
        self.hasher.update(&bytes);
        self.bytes += bytes.len() as u64;
        let put = self.object.put(bytes.clone()).await;
        put.map(|()| bytes).map_err(|error| write_error(error, &self.path, self.bytes))
    }

    fn unfinished(&self, error: std::io::Error) -> Error {
        let error = object_store::Error::Generic { store: "lake", source: Box::new(error) };
        write_error(error, &self.path, self.bytes)
    }
}

/// How Parquet says that rows are in the order of a column; it cannot of one that holds several values a row.
fn sorting_column(descriptor: &SchemaDescriptor, field: &Field) -> Option<SortingColumn> {
    let leaf = descriptor.columns().iter().position(|leaf| leaf.path().parts() == [field.name().as_str()])?;
    Some(SortingColumn { column_idx: leaf as i32, descending: false, nulls_first: true })
}

/// The bytes of an array's values. Arrays may share buffers, of which each counts its own part.
pub(crate) fn value_bytes(array: &Arc<dyn Array>) -> usize {
    match array.data_type() {
        DataType::Utf8View => 16 * array.len() + array.as_string_view().total_bytes_len(),
        DataType::BinaryView => 16 * array.len() + array.as_binary_view().total_bytes_len(),
        DataType::Struct(_) => array.as_struct().columns().iter().map(value_bytes).sum(),
        DataType::List(_) => {
            let (list, offsets) = (array.as_list::<i32>(), array.as_list::<i32>().offsets());
            let (start, end) = (offsets[0] as usize, offsets[array.len()] as usize);
            size_of_val(&offsets[..]) + value_bytes(&list.values().slice(start, end - start))
        }
        _ => array.to_data().get_slice_memory_size().unwrap_or_default(),
    }
}

/// Turns the dictionary off for columns whose first rows are mostly different: it would be built only to be given up.
fn choose_dictionaries(
    mut properties: WriterPropertiesBuilder,
    first: &RecordBatch,
) -> Result<WriterPropertiesBuilder> {
    for (field, array) in first.schema_ref().fields().iter().zip(first.columns()) {
        let sort = SortField::new(field.data_type().clone());
        let flat = !field.data_type().is_nested() && RowConverter::supports_fields(std::slice::from_ref(&sort));
        if flat && distinct(array, sort)? > (array.len() - array.null_count()) / 2 {
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(vec![field.name().clone()]), false);
        }
    }
    Ok(properties)
}

/// How many different values, NULL among them, the array has.
fn distinct(array: &Arc<dyn Array>, sort: SortField) -> Result<usize> {
    let failed = |error: arrow::error::ArrowError| parquet_error(error.into());
    let converter = RowConverter::new(vec![sort]).map_err(failed)?;
    let rows = converter.convert_columns(std::slice::from_ref(array)).map_err(failed)?;
    Ok(rows.iter().map(|row| row.data().to_vec()).collect::<HashSet<_>>().len())
}

/// Encodes one row group, a column a task, on as many threads as there are cores.
fn encode(
    schema: &SchemaRef,
    factory: &ArrowRowGroupWriterFactory,
    index: usize,
    pieces: &[RecordBatch],
) -> Result<Vec<ArrowColumnChunk>> {
    let mut writers = factory.create_column_writers(index).map_err(parquet_error)?.into_iter();
    let mut columns = Vec::with_capacity(schema.fields().len());
    for (at, field) in schema.fields().iter().enumerate() {
        let leaves = pieces.first().map(|piece| compute_leaves(field, piece.column(at))).transpose();
        let leaves = leaves.map_err(parquet_error)?.map_or(0, |leaves| leaves.len());
        let writers: Vec<ArrowColumnWriter> = writers.by_ref().take(leaves).collect();
        columns.push(Column { at, writers });
    }
    // The largest ones first, so that all cores are done at about the same time.
    let bytes = |column: &Column| pieces.iter().map(|piece| value_bytes(piece.column(column.at))).sum::<usize>();
    columns.sort_by_cached_key(|column| Reverse(bytes(column)));
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(columns.len().max(1));
    let waiting = Mutex::new(columns.into_iter());
    let next = || waiting.lock().ok().and_then(|mut columns| columns.next());
    let work = || std::iter::from_fn(next).map(|column| column.encode(schema, pieces)).collect::<Result<Vec<_>>>();
    let mut columns = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let mut columns = Vec::new();
        for worker in workers {
            columns.extend(worker.join().map_err(|_| Error::new(Kind::Internal, "a column encoder panicked"))??);
        }
        Ok::<_, Error>(columns)
    })?;
    columns.sort_by_key(|(at, _)| *at);
    Ok(columns.into_iter().flat_map(|(_, chunks)| chunks).collect())
}

/// A column of a row group that is to be encoded: a writer for each of its leaves.
struct Column {
    at: usize,
    writers: Vec<ArrowColumnWriter>,
}

impl Column {
    fn encode(mut self, schema: &SchemaRef, pieces: &[RecordBatch]) -> Result<(usize, Vec<ArrowColumnChunk>)> {
        let field = schema.field(self.at);
        for piece in pieces {
            let leaves = compute_leaves(field, piece.column(self.at)).map_err(parquet_error)?;
            for (leaf, writer) in leaves.iter().zip(&mut self.writers) {
                writer.write(leaf).map_err(parquet_error)?;
            }
        }
        let chunks = self.writers.into_iter().map(|writer| writer.close().map_err(parquet_error));
        Ok((self.at, chunks.collect::<Result<_>>()?))
    }
}

fn parquet_error(error: parquet::errors::ParquetError) -> Error {
    Error::new(Kind::Internal, "cannot encode Parquet").source(error)
}

#[cfg(test)]
mod tests {
    use arrow::array::{Int64Array, StringArray};
    use object_store::memory::InMemory;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use parquet::file::metadata::RowGroupMetaData;

    use super::*;

    /// `rows` rows written `step` at a time, in row groups of about `row_group_bytes_max`: what came out, and its bytes.
    fn written(rows: usize, step: usize, row_group_bytes_max: usize) -> (DataFile, Bytes) {
        written_by("1", &batch(rows), step, row_group_bytes_max)
    }

    fn batch(rows: usize) -> RecordBatch {
        let ids = Arc::new(Int64Array::from_iter_values(0..rows as i64)) as Arc<dyn Array>;
        let kinds = (0..rows).map(|n| (n % 7 != 0).then(|| format!("kind {}", n % 3))).collect::<StringArray>();
        let kinds = Arc::new(kinds) as Arc<dyn Array>;
        let batch = RecordBatch::try_from_iter_with_nullable([("id", ids, false), ("kind", kinds, true)]);
        batch.expect("columns of one length")
    }

    fn written_by(run: &str, batch: &RecordBatch, step: usize, row_group_bytes_max: usize) -> (DataFile, Bytes) {
        let rows = batch.num_rows();
        let lake = Lake::with_store(Arc::new(InMemory::new()), "test");
        let work = async {
            let mut writer = lake.create(Path::from("t.parquet"), batch.schema(), &[("run", run.into())])?;
            writer.row_group_bytes_max = row_group_bytes_max;
            for start in (0..rows).step_by(step) {
                writer.write(batch.slice(start, step.min(rows - start))).await?;
            }
            let file = writer.finish().await?;
            let bytes = lake.read(&Path::from("t.parquet")).await?.expect("exists");
            Ok::<_, Error>((file, bytes))
        };
        tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(work).expect("writes")
    }

    #[test]
    fn the_bytes_do_not_depend_on_the_size_of_batches() {
        let whole = written(20_000, 20_000, usize::MAX);
        assert_eq!(whole.0.hash, blake3::hash(&whole.1).to_hex().to_string());
        for step in [1_000, PIECE_ROWS, 9_999] {
            assert_eq!(written(20_000, step, usize::MAX), whole);
        }
    }

    #[test]
    fn equal_rows_have_equal_content_whoever_wrote_them() {
        let written_by = |run, batch: &RecordBatch| written_by(run, batch, PIECE_ROWS, usize::MAX).0;
        for rows in [0, 20_000] {
            let (one, two) = (written_by("1", &batch(rows)), written_by("2", &batch(rows)));
            assert_ne!(one.hash, two.hash, "the footer names the run");
            assert_eq!(one.content, two.content);
        }
        let content = |batch: &RecordBatch| written_by("1", batch).content.expect("it is always known");
        let few = batch(3);
        let relabelled = |fields: [(&str, bool); 2]| {
            let columns = fields.iter().zip(few.columns()).map(|((name, null), c)| (*name, Arc::clone(c), *null));
            RecordBatch::try_from_iter_with_nullable(columns).expect("columns of one length")
        };
        let renamed = relabelled([("id", false), ("sort", true)]);
        let optional = relabelled([("id", true), ("kind", true)]);
        let others = [few.slice(0, 2), few.slice(0, 0), renamed, optional];
        for other in &others {
            assert_ne!(content(other), content(&few), "{:?}", other.schema());
        }
    }

    #[test]
    fn an_empty_file_has_its_columns() {
        let (file, bytes) = written(0, 1, usize::MAX);
        let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).expect("Parquet");
        assert_eq!((file.rows, reader.schema().fields().len()), (0, 2));
    }

    #[test]
    fn columns_choose_their_encoding_and_long_texts_end_row_groups() {
        let (_, bytes) = written(2 * PIECE_ROWS, PIECE_ROWS, 1000);
        let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).expect("Parquet");
        let groups = reader.metadata().row_groups();
        assert_eq!(groups.iter().map(RowGroupMetaData::num_rows).collect::<Vec<_>>(), [PIECE_ROWS as i64; 2]);
        let dictionary = |column: usize| groups[0].column(column).dictionary_page_offset().is_some();
        assert_eq!((dictionary(0), dictionary(1)), (false, true));
    }
}
