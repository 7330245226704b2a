//! Collecting garbage: data files that no kept manifest names, and what killed processes left behind.
//!
//! Time is the store's: an object's age is told by its own stamp and by that of an object which is written for it.
//! Manifests are never deleted.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStoreExt, PutPayload};
use serde::{Deserialize, Serialize};

use super::layout::{GC_RECORD, LAYERS, MANIFESTS, QUARANTINE, STAGING, is_data_path, manifest_run};
use super::store::{Lake, store_error, write_error};
use crate::error::Result;

/// What is to stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// The files of this many newest runs, at least one.
    pub runs: usize,
    /// What is younger than this: a refresh may be writing it. The files of a run stay for as long after the next run,
    /// because a reader may have pinned it.
    pub grace: Duration,
}

/// What may go.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Garbage {
    /// The oldest run whose files stay.
    pub kept_from: u64,
    /// The objects, by path.
    pub objects: Vec<Object>,
    /// Files of a local lake that a killed process was writing.
    pub leftovers: Vec<Object>,
}

/// An object and its size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Object {
    /// Where it lies, relative to the lake's root.
    pub path: String,
    /// Its size.
    pub bytes: u64,
}

impl From<ObjectMeta> for Object {
    fn from(meta: ObjectMeta) -> Self {
        Self { path: meta.location.to_string(), bytes: meta.size }
    }
}

impl Garbage {
    /// Bytes of all of it.
    pub fn bytes(&self) -> u64 {
        self.objects.iter().chain(&self.leftovers).map(|object| object.bytes).sum()
    }
}

/// What was collected so far.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Record {
    kept_from: u64,
}

impl Lake {
    /// What may go. Deletes nothing.
    ///
    /// # Errors
    /// `Corrupt` when a kept manifest cannot be read: nobody knows then what it names.
    pub async fn garbage(&self, keep: &Keep) -> Result<Garbage> {
        let now = self.store_time().await?;
        let manifests = self.metas(MANIFESTS).await?;
        self.unnamed_from(oldest_kept(&manifests, keep, now), keep.grace, now).await
    }

    /// What no run from `kept_from` on names and is older than `grace`.
    async fn unnamed_from(&self, kept_from: u64, grace: Duration, now: i64) -> Result<Garbage> {
        let is_old = |meta: &ObjectMeta| meta.last_modified.timestamp_millis() + millis(grace) <= now;
        let mut named = BTreeSet::new();
        for run in self.runs().await?.into_iter().filter(|run| *run >= kept_from) {
            named.extend(self.manifest(run).await?.files().into_keys());
        }
        let mut garbage = Garbage { kept_from, ..Garbage::default() };
        for folder in LAYERS.iter().chain([&QUARANTINE, &STAGING]) {
            let found = self.metas(folder).await?.into_iter();
            let found = found.filter(|meta| is_old(meta) && is_unnamed(&meta.location, &named));
            garbage.objects.extend(found.map(Object::from));
        }
        garbage.leftovers = self.leftovers(now - millis(grace))?;
        Ok(garbage)
    }

    /// Deletes what may go, and says what it was.
    ///
    /// # Errors
    /// As [`Self::garbage`]; `Store` when something cannot be deleted, the rest is tried again by the next call.
    pub async fn collect_garbage(&self, keep: &Keep) -> Result<Garbage> {
        let now = self.store_time().await?;
        let kept_from = oldest_kept(&self.metas(MANIFESTS).await?, keep, now).max(self.kept_from().await?);
        // Whoever goes back to an older run looks at this record behind its commit; it is written before the manifests
        // are listed, so that one of the two sees the other.
        let (path, json) = (Path::from(GC_RECORD), serde_json::to_vec_pretty(&Record { kept_from }));
        let json = json.expect("it has one number");
        let bytes = json.len() as u64;
        let put = self.store().put(&path, PutPayload::from(json)).await;
        put.map_err(|error| write_error(error, &path, bytes))?;
        self.flush(&path, bytes)?;
        // Not one run more than the record says, however long that took.
        let garbage = self.unnamed_from(kept_from, keep.grace, now).await?;
        for object in &garbage.objects {
            let path = Path::from(object.path.as_str());
            match self.store().delete(&path).await {
                // Someone else collects at the same time.
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(store_error(error, &path)),
            }
        }
        self.sweep(&garbage.leftovers)?;
        Ok(garbage)
    }

    /// The oldest run whose files were kept so far; 0 before anything was collected.
    pub async fn kept_from(&self) -> Result<u64> {
        let bytes = self.read(&Path::from(GC_RECORD)).await?;
        let record: Option<Record> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Ok(record.unwrap_or_default().kept_from)
    }

    /// What lies below `folder`, sorted by path.
    pub(super) async fn metas(&self, folder: &str) -> Result<Vec<ObjectMeta>> {
        let prefix = Path::from(folder);
        let found = self.store().list(Some(&prefix)).try_collect::<Vec<_>>().await;
        let mut found = found.map_err(|error| store_error(error, &prefix))?;
        found.sort_by(|a, b| a.location.cmp(&b.location));
        Ok(found)
    }

    /// The store's clock, in milliseconds since 1970.
    async fn store_time(&self) -> Result<i64> {
        let path = Path::from(format!("{STAGING}/{}.clock", self.writer()));
        let failed = |error| store_error(error, &path);
        self.store().put(&path, PutPayload::from_static(b"")).await.map_err(failed)?;
        let now = self.store().head(&path).await.map_err(failed)?.last_modified.timestamp_millis();
        self.store().delete(&path).await.map_err(failed)?;
        Ok(now)
    }
}

/// The oldest run whose files stay: from the first on that is one of the newest, or was the newest within the grace time.
fn oldest_kept(manifests: &[ObjectMeta], keep: &Keep, now: i64) -> u64 {
    let stamped = |meta: &ObjectMeta| Some((manifest_run(&meta.location)?, meta.last_modified.timestamp_millis()));
    let runs: Vec<(u64, i64)> = manifests.iter().filter_map(stamped).collect();
    let newest = runs.len().saturating_sub(keep.runs.max(1));
    let replaced_lately = runs.windows(2).position(|pair| pair[1].1 + millis(keep.grace) > now);
    runs.get(newest.min(replaced_lately.unwrap_or(newest))).map_or(0, |(run, _)| *run)
}

/// Whether the object is a data file, or what a commit left behind, that no manifest names.
pub(super) fn is_unnamed(path: &Path, named: &BTreeSet<String>) -> bool {
    (is_data_path(path) || path.as_ref().starts_with(STAGING)) && !named.contains(path.as_ref())
}

pub(super) fn millis(time: Duration) -> i64 {
    time.as_millis().try_into().unwrap_or(i64::MAX / 4)
}
