//! The object store behind the lake: a folder, a bucket, or memory.

use std::path::{Path as FsPath, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use tokio::task::JoinHandle;
use url::Url;

use super::below::Below;
use super::durable::{Flush, Folder};
use super::manifest::DataFile;
use super::retry::{RetryStore, WAITS};
use crate::error::{Error, Kind, Result, io_kind, no_room};

/// A handle on one lake. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Lake {
    store: Arc<dyn ObjectStore>,
    /// What the user called it, for messages.
    location: String,
    /// The folder, if the lake is one.
    folder: Option<PathBuf>,
    /// Who brings objects to the disk; none where the store does when it says that they are written.
    flush: Option<Arc<dyn Flush>>,
    writer: String,
    /// The data files that this process has begun and no manifest names yet.
    begun: Arc<Mutex<Vec<Begun>>>,
}

/// A data file that is being written, or is written.
#[derive(Debug)]
struct Begun {
    path: Path,
    /// Its way to the disk.
    flushing: Option<JoinHandle<Result<()>>>,
}

impl Lake {
    /// Opens the lake at `location`: a URL, or a folder relative to `base`. Nothing is created until the first write.
    ///
    /// # Errors
    /// `Config` when the URL is not one of a known store, `Store` when the folder cannot be made.
    pub fn open(location: &str, base: &FsPath) -> Result<Self> {
        let Ok(url) = Url::parse(location) else { return Self::open_folder(&base.join(location)) };
        if url.scheme() == "file" {
            let path =
                url.to_file_path().map_err(|()| Error::new(Kind::Config, format!("`{location}` is not a folder")))?;
            return Self::open_folder(&path);
        }
        if url.scheme() == "memory" {
            return Ok(Self::with_store(Arc::new(InMemory::new()), location));
        }
        let (store, prefix) = connect(&url)?;
        Ok(Self::new(Arc::new(Below::new(store, prefix)), location))
    }

    /// A lake on a given store: memory in tests, a store that fails on purpose.
    pub fn with_store(store: Arc<dyn ObjectStore>, location: &str) -> Self {
        Self::with_waits(store, location, WAITS)
    }

    /// A lake on a given store whose failing calls are tried again after each of `waits`.
    pub fn with_waits(store: Arc<dyn ObjectStore>, location: &str, waits: [Duration; 5]) -> Self {
        Self::new(Arc::new(RetryStore::new(store, waits)), location)
    }

    /// The lake with someone who brings its objects to the disk: its store does not by itself.
    #[must_use]
    pub fn with_flush(mut self, flush: Arc<dyn Flush>) -> Self {
        self.flush = Some(flush);
        self
    }

    fn new(store: Arc<dyn ObjectStore>, location: &str) -> Self {
        let (location, begun) = (location.to_owned(), Arc::default());
        Self { store, location, folder: None, flush: None, writer: writer_token(), begun }
    }

    fn open_folder(folder: &FsPath) -> Result<Self> {
        let failed = |error: std::io::Error| {
            let kind = Kind::of_io(&error);
            Error::new(kind, "cannot open the lake's folder").with("folder", folder.display()).source(error)
        };
        let root = Folder::create(folder).map_err(failed)?;
        let store = LocalFileSystem::new_with_prefix(root.path())
            .map_err(|error| Error::new(Kind::Store, "cannot open the lake's folder").source(error))?
            .with_automatic_cleanup(true);
        let store = RetryStore::new(Arc::new(store), WAITS).of(root.clone());
        let mut lake = Self::new(Arc::new(store), &root.path().display().to_string());
        lake.folder = Some(root.path().to_owned());
        Ok(lake.with_flush(Arc::new(root)))
    }

    /// The store, with the lake's root as its root.
    pub fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.store)
    }

    /// What the user called it.
    pub fn location(&self) -> &str {
        &self.location
    }

    /// The folder, if the lake is a local one.
    pub fn folder(&self) -> Option<&FsPath> {
        self.folder.as_deref()
    }

    /// The token that this process signs its files and manifests with.
    pub fn writer(&self) -> &str {
        &self.writer
    }

    /// The object's bytes; none if it does not exist.
    pub(super) async fn read(&self, path: &Path) -> Result<Option<bytes::Bytes>> {
        match self.store.get(path).await {
            Ok(object) => object.bytes().await.map(Some).map_err(|error| store_error(error, path)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(store_error(error, path)),
        }
    }

    /// The paths below `folder`, sorted.
    pub(super) async fn list(&self, folder: &str) -> Result<Vec<Path>> {
        let prefix = Path::from(folder);
        let objects = self.store.list(Some(&prefix)).map_ok(|meta| meta.location);
        let mut paths: Vec<Path> = objects.try_collect().await.map_err(|error| store_error(error, &prefix))?;
        paths.sort();
        Ok(paths)
    }

    /// Makes sure that the object, of so many bytes, and the names that lead to it survive a power loss.
    pub(super) fn flush(&self, path: &Path, bytes: u64) -> Result<()> {
        let Some(flush) = &self.flush else { return Ok(()) };
        flush.flush(path).map_err(|error| match no_room(error.kind()) {
            Some(reason) => full(reason, path).with("bytes", bytes).source(error),
            None => Error::new(Kind::Store, "cannot bring a file to the disk").with("path", path).source(error),
        })
    }

    /// Whether what is written must be flushed.
    pub(super) fn is_flushed(&self) -> bool {
        self.flush.is_some()
    }

    /// Notes a data file that is about to be written.
    pub(super) fn begin(&self, path: &Path) {
        self.files().push(Begun { path: path.clone(), flushing: None });
    }

    /// Begins to flush a data file, of so many bytes, while other work goes on; [`Self::flushed`] waits for it.
    pub(super) fn begin_flush(&self, path: &Path, bytes: u64) {
        if !self.is_flushed() {
            return;
        }
        if let Some(file) = self.files().iter_mut().find(|file| file.path == *path) {
            let (lake, path) = (self.clone(), path.clone());
            file.flushing = Some(tokio::task::spawn_blocking(move || lake.flush(&path, bytes)));
        }
    }

    /// Waits until the data files written so far are on the disk.
    ///
    /// # Errors
    /// That of the first one that cannot be brought there.
    pub(super) async fn flushed(&self) -> Result<()> {
        let flushing: Vec<_> = self.files().iter_mut().filter_map(|file| file.flushing.take()).collect();
        for file in flushing {
            file.await.map_err(|error| Error::new(Kind::Internal, "flushing a file failed").source(error))??;
        }
        Ok(())
    }

    /// Whether this process has begun the file and not committed it.
    pub fn has_begun(&self, file: &DataFile) -> bool {
        self.files().iter().any(|begun| begun.path.as_ref() == file.path)
    }

    /// The data files begun so far, which are forgotten: from the commit on they may be named by a manifest.
    pub(super) fn take_begun(&self) -> Vec<Path> {
        self.files().drain(..).map(|file| file.path).collect()
    }

    /// How many data files this process has begun and not committed.
    pub fn begun(&self) -> usize {
        self.files().len()
    }

    /// Removes the data files of a run that failed before its commit. What cannot be removed is left for `gc`.
    pub async fn discard(&self) {
        self.discard_since(0).await;
    }

    /// Removes those that came after the first `begun`.
    pub async fn discard_since(&self, begun: usize) {
        let files = self.files().split_off(begun);
        self.remove(files.into_iter().map(|file| file.path).collect()).await;
    }

    fn files(&self) -> MutexGuard<'_, Vec<Begun>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn remove(&self, paths: Vec<Path>) {
        for path in paths {
            let _ = self.store.delete(&path).await;
        }
    }
}

/// A store for any URL that `object_store` knows, with credentials from the environment, and the path within it.
pub(crate) fn connect(url: &Url) -> Result<(Arc<dyn ObjectStore>, Path)> {
    let env = std::env::vars().map(|(key, value)| (key.to_ascii_lowercase(), value));
    let (store, path) = object_store::parse_url_opts(url, env).map_err(|error| {
        Error::new(Kind::Config, format!("cannot open `{url}`"))
            .source(error)
            .hint("use a folder, or a URL that begins with `s3://`, `gs://`, `az://` or `https://`")
    })?;
    Ok((Arc::from(store), path))
}

/// An error of the store while it wrote `path`, whose size so far is `bytes`.
pub(super) fn write_error(error: object_store::Error, path: &Path, bytes: u64) -> Error {
    let error = store_error(error, path);
    if error.kind() == Kind::Exhausted { error.with("bytes", bytes) } else { error }
}

/// There is no room for more of `path`.
fn full(reason: &str, path: &Path) -> Error {
    Error::new(Kind::Exhausted, reason).with("path", path).hint("free some space or raise the limit, and run it again")
}

/// An error of the store about `path`: out of space is `Exhausted`, a lack of rights `Denied`, the rest may pass.
pub(crate) fn store_error(error: object_store::Error, path: &Path) -> Error {
    if let Some(reason) = io_kind(&error).and_then(no_room) {
        return full(reason, path).source(error);
    }
    match error {
        object_store::Error::NotFound { .. } => Error::new(Kind::Corrupt, "a file of the lake is missing")
            .with("path", path)
            .hint("restore it from a backup, or run `onefold run` from an intact older run"),
        object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => {
            Error::new(Kind::Denied, "the store refuses access")
                .with("path", path)
                .source(error)
                .hint("check the credentials")
        }
        error => Error::new(Kind::Store, "the store failed").with("path", path).source(error),
    }
}

/// Eight random hex digits: two processes that write the same run number never share a file name.
fn writer_token() -> String {
    format!("{:08x}", rand::random::<u32>())
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    /// Someone who brings nothing to the disk, and why not.
    #[derive(Debug)]
    struct Never(ErrorKind);

    impl Flush for Never {
        fn flush(&self, _: &Path) -> std::io::Result<()> {
            Err(self.0.into())
        }
    }

    #[test]
    fn a_lack_of_room_names_the_file_and_its_bytes_whoever_meets_it() {
        let path = Path::from("raw/crm/a.parquet");
        for (kind, reason) in [
            (ErrorKind::StorageFull, "the disk is full"),
            (ErrorKind::QuotaExceeded, "the disk quota is used up"),
            (ErrorKind::FileTooLarge, "a file may not become so large"),
        ] {
            let written = object_store::Error::Generic { store: "test", source: Box::new(std::io::Error::from(kind)) };
            let lake = Lake::with_store(Arc::new(InMemory::new()), "test").with_flush(Arc::new(Never(kind)));
            let flushed = lake.flush(&path, 12).expect_err("never");
            for error in [write_error(written, &path, 12), flushed] {
                assert_eq!((error.kind(), error.exit_code(), error.message()), (Kind::Exhausted, 1, reason));
                let text = error.to_string();
                assert!(text.contains("(path `raw/crm/a.parquet`, bytes `12`)"), "{text}");
            }
            assert_eq!(Kind::of_io(&kind.into()), Kind::Exhausted);
        }
    }
}
