//! The commit: one conditional put of the next manifest. All tables change together or not at all.

use object_store::path::Path;
use object_store::{ObjectStoreExt, PutMode, PutOptions, PutPayload};

use super::layout::{STAGING, manifest_path};
use super::manifest::Manifest;
use super::store::{Lake, write_error};
use crate::error::{Error, Kind, Result};

impl Lake {
    /// Makes `manifest` the head. Its data files must be finished, hence durable.
    ///
    /// # Errors
    /// `Conflict` when another writer took the number first: nothing has changed then, and the files of this run are
    /// gone. Any other error leaves the outcome open: nothing is deleted, and the next run finds whichever it was.
    pub async fn commit(&self, manifest: &Manifest) -> Result<()> {
        let path = manifest_path(manifest.run);
        let begun = self.take_begun();
        let outcome = self.put_manifest(&path, manifest.to_json()).await;
        if let Err(error) = outcome {
            // The reply may have been lost after the store did its work: only the object itself tells who won.
            match self.read(&path).await? {
                Some(bytes) if Manifest::from_json(&bytes, path.as_ref())?.writer == manifest.writer => {}
                Some(_) => {
                    self.remove(begun).await;
                    let message = format!("another process committed run {} first", manifest.run);
                    return Err(Error::new(Kind::Conflict, message)
                        .hint("nothing of this run became visible; run it again to build on theirs"));
                }
                None => return Err(error),
            }
        }
        self.flush(&path)
    }

    /// Creates the manifest's object. In a folder, its content is on the disk before it has its name: after a power
    /// loss there must be no empty manifest.
    async fn put_manifest(&self, path: &Path, json: Vec<u8>) -> Result<()> {
        let (store, bytes) = (self.store(), json.len() as u64);
        if !self.is_flushed() {
            let created = store.put_opts(path, PutPayload::from(json), PutOptions::from(PutMode::Create)).await;
            return created.map(|_| ()).map_err(|error| write_error(error, path, bytes));
        }
        let staged = Path::from(format!("{STAGING}/{}.json", self.writer()));
        store.put(&staged, PutPayload::from(json)).await.map_err(|error| write_error(error, &staged, bytes))?;
        self.flush(&staged)?;
        let created = store.copy_if_not_exists(&staged, path).await.map_err(|error| write_error(error, path, bytes));
        // If it stays, `gc` finds it.
        let _ = store.delete(&staged).await;
        created
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
