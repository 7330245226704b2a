//! Collecting garbage: data files that no kept manifest names, and what killed processes left behind.
//!
//! Time is the store's: an object's age is told by its own stamp and by that of an object which is written for it.
//! Manifests are never deleted.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStoreExt, PutPayload};
use serde::{Deserialize, Serialize};

use super::layout::{GC_RECORD, LAYERS, MANIFESTS, QUARANTINE, SPILL, STAGING, manifest_run};
use super::store::{Lake, store_error};
use crate::error::{Error, Kind, Result};

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
        let is_old = |meta: &ObjectMeta| meta.last_modified.timestamp_millis() + millis(keep.grace) <= now;
        let manifests = self.metas(MANIFESTS).await?;
        let kept = kept_runs(&manifests, keep, now);
        let mut named = BTreeSet::new();
        for run in &kept {
            named.extend(self.manifest(*run).await?.files().into_keys());
        }
        let mut garbage = Garbage { kept_from: kept.first().copied().unwrap_or(0), ..Garbage::default() };
        for folder in LAYERS.iter().chain([&QUARANTINE, &STAGING]) {
            let found = self.metas(folder).await?.into_iter();
            let found = found.filter(|meta| is_old(meta) && !named.contains(meta.location.as_ref()));
            garbage.objects.extend(found.map(|meta| Object { path: meta.location.to_string(), bytes: meta.size }));
        }
        garbage.leftovers = self.leftovers(now - millis(keep.grace))?;
        Ok(garbage)
    }

    /// Deletes what may go, and says what it was.
    ///
    /// # Errors
    /// As [`Self::garbage`]; `Store` when something cannot be deleted, the rest is tried again by the next call.
    pub async fn collect_garbage(&self, keep: &Keep) -> Result<Garbage> {
        // Whoever goes back to an older run looks at this record behind its commit; it is written before the manifests
        // are listed, so that one of the two sees the other.
        let kept_from = self.garbage(keep).await?.kept_from.max(self.kept_from().await?);
        let (path, json) = (Path::from(GC_RECORD), serde_json::to_vec_pretty(&Record { kept_from }));
        let json = json.expect("it has one number");
        self.store().put(&path, PutPayload::from(json)).await.map_err(|error| store_error(error, &path))?;
        self.flush(&path)?;
        let garbage = self.garbage(keep).await?;
        for object in &garbage.objects {
            let path = Path::from(object.path.as_str());
            self.store().delete(&path).await.map_err(|error| store_error(error, &path))?;
        }
        for leftover in &garbage.leftovers {
            let file = self.folder().map(|folder| folder.join(&leftover.path)).unwrap_or_default();
            std::fs::remove_file(&file).map_err(|error| unreadable(&file, error))?;
        }
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

    /// The files of a folder that `object_store` was writing under a name of its own, such as `x.parquet#1`, when its
    /// process was killed before the time `until`. It hides them from listings.
    pub(super) fn leftovers(&self, until: i64) -> Result<Vec<Object>> {
        let Some(root) = self.folder() else { return Ok(Vec::new()) };
        let (mut found, mut open) = (Vec::new(), vec![root.to_owned()]);
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(&folder).map_err(|error| unreadable(&folder, error))? {
                let path = entry.map_err(|error| unreadable(&folder, error))?.path();
                // What vanishes meanwhile is not left over.
                let Ok(meta) = path.symlink_metadata() else { continue };
                if meta.is_dir() && !path.ends_with(SPILL) {
                    open.push(path);
                } else if meta.is_file() && is_staged(&path) && meta.modified().is_ok_and(|at| since_1970(at) <= until)
                {
                    let below = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
                    found.push(Object { path: below, bytes: meta.len() });
                }
            }
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }
}

/// The runs whose files stay: the newest ones, and those that were the newest within the grace time.
fn kept_runs(manifests: &[ObjectMeta], keep: &Keep, now: i64) -> BTreeSet<u64> {
    let runs: Vec<(u64, i64)> = manifests
        .iter()
        .filter_map(|meta| Some((manifest_run(&meta.location)?, meta.last_modified.timestamp_millis())))
        .collect();
    let newest = runs.iter().rev().take(keep.runs.max(1)).map(|(run, _)| *run);
    let replaced_lately = runs.windows(2).filter(|pair| pair[1].1 + millis(keep.grace) > now).map(|pair| pair[0].0);
    newest.chain(replaced_lately).collect()
}

fn is_staged(path: &std::path::Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.rsplit_once('#').is_some_and(|(_, number)| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

fn millis(time: Duration) -> i64 {
    time.as_millis().try_into().unwrap_or(i64::MAX / 4)
}

fn since_1970(time: SystemTime) -> i64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, millis)
}

fn unreadable(path: &std::path::Path, error: std::io::Error) -> Error {
    Error::new(Kind::Store, "cannot sweep the lake's folder").with("path", path.display()).source(error)
}
