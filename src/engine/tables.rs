//! The lake's tables as the engine sees them: an explicit list of files from the manifest, never a folder listing.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::catalog::TableProvider;
use datafusion::common::{DataFusionError, TableReference};
use datafusion::datasource::empty::EmptyTable;
use datafusion::datasource::file_format::FileFormat;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::datasource::physical_plan::parquet::metadata::DFParquetMetadata;
use object_store::ObjectMeta;
use url::Url;

use super::ranges::{LakeTable, RANGED_ROWS_MIN, Ranges};
use super::session::Session;
use super::sql_error::explain_without_sql;
use crate::error::{Error, Kind, Result};
use crate::lake::layout::{QUARANTINE, quarantine_schema};
use crate::lake::ranges::RANGE_STARTS;
use crate::lake::{DataFile, Lake, Manifest, Snapshot, TableName};

/// The URL under which the lake's store is registered. Paths below it are relative to the lake's root.
const LAKE_URL: &str = "onefold://lake/";

impl Session {
    /// Shows all tables of a pinned run. A source of which every row could be read has an empty quarantine.
    ///
    /// # Errors
    /// `Corrupt` when a file is missing or is not Parquet.
    pub async fn attach(&self, snapshot: &Snapshot) -> Result<()> {
        for (name, table) in &snapshot.manifest.tables {
            self.show(&snapshot.lake, &name.parse()?, table).await?;
        }
        self.show_empty_quarantines(&snapshot.manifest)
    }

    /// Shows the quarantines of sources of which every row could be read: the manifest has no tables for them.
    pub fn show_empty_quarantines(&self, manifest: &Manifest) -> Result<()> {
        for source in manifest.loads.keys() {
            let name = TableName::new(QUARANTINE, source)?;
            if manifest.table(&name).is_none() {
                let columns = engine_schema(&quarantine_schema());
                self.put(&name, Arc::new(EmptyTable::new(Arc::new(columns))))?;
            }
        }
        Ok(())
    }

    /// Shows `files` as the table `name`, in place of what it was. Files of different columns are joined by name.
    pub async fn register(&self, lake: &Lake, name: &TableName, files: &[DataFile]) -> Result<()> {
        let failed = |error: DataFusionError| explain_without_sql(&error);
        let base = Url::parse(LAKE_URL)
            .map_err(|error| Error::new(Kind::Internal, "the lake's URL is wrong").source(error))?;
        self.context().register_object_store(&base, lake.store());
        let urls = files.iter().map(|file| ListingTableUrl::parse(format!("{LAKE_URL}{}", file.path)));
        let urls: Vec<_> = urls.collect::<Result<_, _>>().map_err(failed)?;
        let format = Arc::new(ParquetFormat::default());
        let (mut schemas, mut ranges) = (Vec::with_capacity(files.len()), None);
        for file in files {
            // Rows of a file that was cut off must not count as all there are.
            let meta = lake.meta(file).await?;
            let schema = format.infer_schema(&self.context().state(), &lake.store(), std::slice::from_ref(&meta)).await;
            let schema = schema.map_err(|error| failed(error).with("file", &file.path))?;
            schemas.push(engine_schema(&schema));
            if files.len() == 1 && file.rows >= RANGED_ROWS_MIN {
                let found = self.ranges(lake, &meta, file.rows).await;
                ranges = found.map_err(|error| failed(error).with("file", &file.path))?;
            }
        }
        let options = ListingOptions::new(format).with_file_extension(".parquet");
        let schema = Schema::try_merge(schemas).map_err(|error| {
            Error::new(Kind::Corrupt, format!("the files of `{name}` do not fit together")).source(error)
        })?;
        let config =
            ListingTableConfig::new_with_multi_paths(urls).with_listing_options(options).with_schema(Arc::new(schema));
        let table = ListingTable::try_new(config).map_err(failed)?;
        self.put(name, Arc::new(LakeTable::new(table, ranges)))
    }

    /// Where the ranges of customers begin in a data file of so many rows, if it says so.
    async fn ranges(&self, lake: &Lake, meta: &ObjectMeta, rows: u64) -> Result<Option<Ranges>, DataFusionError> {
        let (store, cache) = (lake.store(), self.context().runtime_env().cache_manager.get_file_metadata_cache());
        let parquet = DFParquetMetadata::new(store.as_ref(), meta).with_file_metadata_cache(Some(cache));
        let parquet = parquet.fetch_metadata().await?;
        let mut described = parquet.file_metadata().key_value_metadata().into_iter().flatten();
        let described = described.find(|entry| entry.key == RANGE_STARTS).and_then(|entry| entry.value.as_ref());
        Ok(described.and_then(|described| Ranges::new(described, rows)))
    }

    fn put(&self, name: &TableName, table: Arc<dyn TableProvider>) -> Result<()> {
        let failed = |error| explain_without_sql(&error);
        let reference = TableReference::partial(name.schema.as_str(), name.table.as_str());
        let _ = self.context().deregister_table(reference.clone()).map_err(failed)?;
        self.context().register_table(reference, table).map_err(failed)?;
        Ok(())
    }
}

/// A file's schema as SQL sees it: instants are UTC without a zone, so that dates do not depend on a session's zone.
fn engine_schema(schema: &SchemaRef) -> Schema {
    let fields = schema.fields().iter().map(|field| match field.data_type() {
        DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) if zone.as_ref() == "UTC" => {
            Arc::new(Field::new(field.name(), DataType::Timestamp(TimeUnit::Microsecond, None), true))
        }
        data_type => Arc::new(Field::new(field.name(), data_type.clone(), true)),
    });
    Schema::new(fields.collect::<Vec<_>>())
}
