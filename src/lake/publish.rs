//! Publishing: the head's tables, each as one object that BI tools read, replaced by one atomic copy.
//!
//! What lies under `published/` is derived from the head and can be made again at any time: a crash between commit
//! and publishing is healed by the next run. Nothing else lies there, because BI tools read every file below a folder.

use std::collections::{BTreeMap, BTreeSet};

use object_store::path::Path;
use object_store::{ObjectStoreExt, PutPayload};
use serde::{Deserialize, Serialize};

use super::layout::{PUBLISHED, PUBLISHED_RECORD, TableName};
use super::manifest::Manifest;
use super::store::{Lake, store_error, write_error};
use crate::error::{Error, Kind, Result};

/// Which data file each published object is a copy of.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// The run that was published last.
    pub run: u64,
    /// The data file by table name. A table that is being replaced has none.
    pub tables: BTreeMap<String, String>,
}

impl Lake {
    /// What is published; nothing if the record is missing or cannot be read, which only means to publish again.
    pub async fn published(&self) -> Result<Published> {
        let bytes = self.read(&Path::from(PUBLISHED_RECORD)).await?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default())
    }

    /// Brings `published/` to the state of `manifest`: copies what changed, removes what is gone. Returns the names of
    /// the tables that were copied. A run that is not the newest any more is not published: its successor is.
    pub async fn publish(&self, manifest: &Manifest) -> Result<Vec<String>> {
        if self.runs().await?.last() > Some(&manifest.run) {
            return Ok(Vec::new());
        }
        let mut copied = BTreeSet::new();
        self.bring(manifest, &mut copied).await?;
        let mut run = manifest.run;
        // Who committed meanwhile may have published before us what we then replaced.
        while let Some(newer) = self.runs().await?.pop().filter(|newest| *newest > run) {
            self.bring(&self.manifest(newer).await?, &mut copied).await?;
            run = newer;
        }
        Ok(copied.into_iter().collect())
    }

    /// Publishes `manifest`. Those of its tables that are among `copied` are copied whatever the record says, and those
    /// that it copies are added.
    async fn bring(&self, manifest: &Manifest, copied: &mut BTreeSet<String>) -> Result<()> {
        let before = self.published().await?;
        let existing = self.list("published").await?;
        let mut after = Published { run: manifest.run, tables: BTreeMap::new() };
        let mut stale = Vec::new();
        for (name, table) in &manifest.tables {
            let table_name: TableName = name.parse()?;
            if !PUBLISHED.contains(&table_name.schema.as_str()) {
                continue;
            }
            let [file] = table.files.as_slice() else {
                return Err(Error::new(
                    Kind::Internal,
                    format!("table `{name}` is not one file and cannot be published"),
                ));
            };
            let target = table_name.published_path();
            if before.tables.get(name) != Some(&file.path) || !existing.contains(&target) || copied.contains(name) {
                stale.push((name, file, target));
            }
            after.tables.insert(name.clone(), file.path.clone());
        }
        // Whoever comes after a crash finds the record silent about what may have been replaced, unless another publisher
        // recorded the next run in between: then `verify` tells.
        let mut certain = before.clone();
        certain.tables.retain(|name, _| stale.iter().all(|(stale, ..)| *stale != name));
        if certain != before {
            self.record(&certain).await?;
        }
        for (name, file, target) in stale {
            let outcome = self.store().copy(&Path::from(file.path.as_str()), &target).await;
            outcome.map_err(|error| write_error(error, &target, file.bytes))?;
            self.flush(&target, file.bytes)?;
            copied.insert(name.clone());
        }
        for path in existing {
            let named = |name: &String| name.parse::<TableName>().is_ok_and(|name| name.published_path() == path);
            if !after.tables.keys().any(named) {
                self.store().delete(&path).await.map_err(|error| store_error(error, &path))?;
            }
        }
        if after == certain { Ok(()) } else { self.record(&after).await }
    }

    async fn record(&self, published: &Published) -> Result<()> {
        let record = Path::from(PUBLISHED_RECORD);
        let json = serde_json::to_vec_pretty(published).expect("only string keys");
        let bytes = json.len() as u64;
        let put = self.store().put(&record, PutPayload::from(json)).await;
        put.map_err(|error| write_error(error, &record, bytes))?;
        self.flush(&record, bytes)
    }
}
