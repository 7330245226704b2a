//! The commit: one conditional put of the next manifest. All tables change together or not at all.

use object_store::path::Path;
use object_store::{ObjectStoreExt, PutMode, PutOptions, PutPayload};

use super::layout::{STAGING, manifest_path};
use super::manifest::Manifest;
use super::store::{Lake, write_error};
use crate::error::{Error, Kind, Result};

impl Lake {
    /// Makes `manifest` the head. Its data files must be finished.
    ///
    /// # Errors
    /// `Conflict` when another writer took the number first: nothing has changed then, and the files of this run are
    /// gone. Any other error from the point on where the manifest is given its name leaves the outcome open: nothing is
    /// deleted, and the next run finds whichever it was.
    pub async fn commit(&self, manifest: &Manifest) -> Result<()> {
        let (path, json) = (manifest_path(manifest.run), manifest.to_json());
        let bytes = json.len() as u64;
        self.flushed().await?;
        let staged = self.stage(json.clone()).await?;
        // From here on a manifest may name the files of this run.
        let begun = self.take_begun();
        let created = match &staged {
            Some(staged) => self.store().copy_if_not_exists(staged, &path).await,
            None => {
                let create = PutOptions::from(PutMode::Create);
                self.store().put_opts(&path, PutPayload::from(json), create).await.map(|_| ())
            }
        };
        // What stays of it is for `gc`.
        self.remove(staged.into_iter().collect()).await;
        if let Err(error) = created {
            self.find_winner(manifest, &path, write_error(error, &path, bytes), begun).await?;
        }
        self.flush(&path, bytes)
    }

    /// In a folder, a manifest's content is on the disk before it has its name: after a power loss there must be no empty
    /// manifest.
    async fn stage(&self, json: Vec<u8>) -> Result<Option<Path>> {
        if !self.is_flushed() {
            return Ok(None);
        }
        let (staged, bytes) = (Path::from(format!("{STAGING}/{}.json", self.writer())), json.len() as u64);
        let put = self.store().put(&staged, PutPayload::from(json)).await;
        let outcome = put.map_err(|error| write_error(error, &staged, bytes)).and_then(|_| self.flush(&staged, bytes));
        if outcome.is_err() {
            self.remove(vec![staged.clone()]).await;
        }
        outcome.map(|()| Some(staged))
    }

    /// The reply may have been lost after the store did its work: only the object itself tells who won.
    async fn find_winner(&self, manifest: &Manifest, path: &Path, error: Error, begun: Vec<Path>) -> Result<()> {
        match self.read(path).await {
            Ok(Some(bytes)) if Manifest::from_json(&bytes, path.as_ref())?.writer == manifest.writer => Ok(()),
            Ok(Some(_)) => {
                self.remove(begun).await;
                let message = format!("another process committed run {} first", manifest.run);
                Err(Error::new(Kind::Conflict, message)
                    .hint("nothing of this run became visible; run it again to build on theirs"))
            }
            Ok(None) => Err(error),
            Err(_) => {
                let hint = "whether the run was committed is not known; `onefold history` tells once the store answers";
                Err(error.hint(hint))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
    }

    #[test]
    fn of_two_writers_one_wins_and_the_other_conflicts() {
        let store = std::sync::Arc::new(object_store::memory::InMemory::new());
        let (ours, theirs) = (Lake::with_store(store.clone(), "a"), Lake::with_store(store, "b"));
        let draft = |lake: &Lake| Manifest::empty("shop").next(lake.writer(), "run", jiff::Timestamp::UNIX_EPOCH);
        block_on(async {
            theirs.commit(&draft(&theirs)).await.expect("first commits");
            let error = ours.commit(&draft(&ours)).await.expect_err("second loses");
            assert_eq!(error.kind(), Kind::Conflict);
            let head = ours.head().await.expect("reads").expect("exists");
            assert_eq!(head.writer, theirs.writer());
            // The same writer again, as after a lost reply: it finds its own manifest and is content.
            theirs.commit(&draft(&theirs)).await.expect("ours already");
            assert_eq!(ours.runs().await.expect("lists"), [1]);
        });
    }
}
