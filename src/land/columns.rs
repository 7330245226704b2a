//! A Parquet file column by column, for who wants all of it in memory and no table of a lake.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow::array::{Array, ArrayRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::file::metadata::RowGroupMetaData;

use crate::error::{Error, Kind, Result};

/// Rows that are read at a time.
const BATCH_ROWS: usize = 65_536;

/// A Parquet file. Its types are those of a landed one.
pub(crate) struct ParquetColumns {
    path: PathBuf,
    metadata: ArrowReaderMetadata,
}

impl ParquetColumns {
    /// Opens a local file.
    ///
    /// # Errors
    /// `Source` when it cannot be read, or two of its columns have one name.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| unopened(path, error))?;
        // As landing does: the Arrow schema that some writers embed only adds how they held the values in memory.
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let metadata = ArrowReaderMetadata::load(&file, options).map_err(|error| unreadable(path, error))?;
        let columns = Self { path: path.to_owned(), metadata };
        let names = columns.names();
        if let Some((_, twice)) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
            let message = format!("two columns are called `{}`", twice.escape_debug());
            return Err(error(path, message).hint("rename one of them in the file"));
        }
        Ok(columns)
    }

    /// The names of the columns.
    pub(crate) fn names(&self) -> Vec<String> {
        self.metadata.schema().fields().iter().map(|field| field.name().clone()).collect()
    }

    /// How many rows the file says that it has.
    pub(crate) fn rows(&self) -> usize {
        self.metadata.metadata().file_metadata().num_rows().try_into().unwrap_or(0)
    }

    /// The column at a place, in pieces in the order of the rows; none if the file has no rows.
    ///
    /// # Errors
    /// `Source` when the file is damaged, or has other rows than it says.
    pub(crate) fn column(&self, at: usize) -> Result<Vec<ArrayRef>> {
        let failed = |error| unreadable(&self.path, error);
        let file = File::open(&self.path).map_err(|error| unopened(&self.path, error))?;
        let mask = ProjectionMask::roots(self.metadata.parquet_schema(), [at]);
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
            .with_projection(mask)
            .with_batch_size(BATCH_ROWS)
            .build()
            .map_err(failed)?;
        let pieces: Vec<ArrayRef> = reader
            .map(|batch| batch.map(|batch| batch.column(0).clone()))
            .collect::<std::result::Result<_, _>>()
            .map_err(|error| unreadable(&self.path, error))?;
        let rows: usize = pieces.iter().map(Array::len).sum();
        if rows != self.rows() {
            let message = format!("the Parquet file says that it has {} rows, and has {rows}", self.rows());
            return Err(error(&self.path, message).hint("write it anew"));
        }
        Ok(pieces)
    }

    /// Bytes of the column at a place, in the file.
    pub(crate) fn bytes(&self, at: usize) -> u64 {
        let groups = self.metadata.metadata().row_groups().iter();
        let leaves = |group: &RowGroupMetaData| {
            let schema = self.metadata.parquet_schema();
            let leaves = (0..group.num_columns()).filter(|&leaf| schema.get_column_root_idx(leaf) == at);
            leaves.map(|leaf| u64::try_from(group.column(leaf).compressed_size()).unwrap_or(0)).sum::<u64>()
        };
        groups.map(leaves).sum()
    }

    /// The type of the column at a place.
    pub(crate) fn kind(&self, at: usize) -> &arrow::datatypes::DataType {
        self.metadata.schema().field(at).data_type()
    }
}

fn error(path: &Path, message: impl Into<String>) -> Error {
    Error::new(Kind::Source, message).with("file", path.display())
}

fn unopened(path: &Path, cause: std::io::Error) -> Error {
    let message = format!("cannot read `{}`", path.display());
    Error::new(Kind::of_io(&cause), message).source(cause)
}

fn unreadable(path: &Path, cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    error(path, "the Parquet file cannot be read").source(cause).hint("check that it is whole")
}
