//! The footer of a data file: its columns and how many rows it has, without reading the rows.

use arrow::datatypes::Schema;
use object_store::ObjectStoreExt;
use object_store::path::Path;
use parquet::arrow::parquet_to_arrow_schema;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};

use super::manifest::DataFile;
use super::store::{Lake, store_error};
use crate::error::{Error, Kind, Result};

/// Bytes at the end of a data file that most footers fit in.
const FOOTER_BYTES: u64 = 64 << 10;

impl Lake {
    /// A data file's columns.
    ///
    /// # Errors
    /// `Corrupt` when it is missing, has another size, or its footer cannot be read.
    pub async fn schema(&self, file: &DataFile) -> Result<Schema> {
        let footer = footer(self, file).await?;
        let meta = footer.file_metadata();
        parquet_to_arrow_schema(meta.schema_descr(), meta.key_value_metadata()).map_err(|error| corrupt(file, error))
    }
}

pub(super) async fn footer(lake: &Lake, file: &DataFile) -> Result<ParquetMetaData> {
    lake.meta(file).await?;
    let path = Path::from(file.path.as_str());
    let mut wanted = FOOTER_BYTES.min(file.bytes);
    loop {
        let bytes = lake.store().get_range(&path, file.bytes - wanted..file.bytes).await;
        let bytes = bytes.map_err(|error| store_error(error, &path))?;
        let mut reader = ParquetMetaDataReader::new();
        match reader.try_parse_sized(&bytes, file.bytes).and_then(|()| reader.finish()) {
            Ok(footer) => return Ok(footer),
            Err(ParquetError::NeedMoreData(more)) if (more as u64) > wanted && wanted < file.bytes => {
                wanted = (more as u64).min(file.bytes);
            }
            Err(error) => return Err(corrupt(file, error)),
        }
    }
}

fn corrupt(file: &DataFile, error: ParquetError) -> Error {
    Error::new(Kind::Corrupt, "a data file's footer cannot be read").with("file", &file.path).source(error)
}
