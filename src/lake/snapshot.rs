//! Reading the commit log. A reader pins one manifest and sees that run for as long as it lives.

use std::sync::Arc;

use super::layout::{MANIFESTS, manifest_path, manifest_run};
use super::manifest::Manifest;
use super::store::Lake;
use crate::error::{Error, Kind, Result};

/// One run of one lake, pinned.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The lake.
    pub lake: Lake,
    /// The run's manifest.
    pub manifest: Arc<Manifest>,
}

impl Lake {
    /// The numbers of all runs, oldest first.
    pub async fn runs(&self) -> Result<Vec<u64>> {
        Ok(self.list(MANIFESTS).await?.iter().filter_map(manifest_run).collect())
    }

    /// The manifest of `run`.
    ///
    /// # Errors
    /// `Usage` when there is no such run, `Corrupt` when it cannot be read.
    pub async fn manifest(&self, run: u64) -> Result<Manifest> {
        let path = manifest_path(run);
        match self.read(&path).await? {
            Some(bytes) => Manifest::from_json(&bytes, path.as_ref()),
            None => {
                Err(Error::new(Kind::Usage, format!("there is no run {run}")).hint("`onefold history` lists the runs"))
            }
        }
    }

    /// The newest run's manifest; none in an empty lake.
    pub async fn head(&self) -> Result<Option<Manifest>> {
        match self.runs().await?.last() {
            Some(run) => self.manifest(*run).await.map(Some),
            None => Ok(None),
        }
    }

    /// Pins `run`, or the newest one.
    pub async fn snapshot(&self, run: Option<u64>) -> Result<Snapshot> {
        let manifest = match run {
            Some(run) => self.manifest(run).await?,
            None => self.head().await?.ok_or_else(|| {
                Error::new(Kind::Usage, "the lake is empty")
                    .with("lake", self.location())
                    .hint("`onefold refresh` lands the sources and runs the stages")
            })?,
        };
        Ok(Snapshot { lake: self.clone(), manifest: Arc::new(manifest) })
    }
}
