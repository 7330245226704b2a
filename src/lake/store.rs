//! The object store behind the lake: a folder, a bucket, or memory.

use std::path::{Path as FsPath, PathBuf};
use std::sync::Arc;

use futures::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use url::Url;

use super::below::Below;
use crate::error::{Error, Kind, Result};

/// A handle on one lake. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Lake {
    store: Arc<dyn ObjectStore>,
    /// What the user called it, for messages.
    location: String,
    /// The folder, if the lake is one: its files are fsynced.
    folder: Option<PathBuf>,
    writer: String,
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
        Ok(Self::with_store(Arc::new(Below::new(store, prefix)), location))
    }

    /// A lake on a given store: memory in tests, a store that fails on purpose.
    pub fn with_store(store: Arc<dyn ObjectStore>, location: &str) -> Self {
        Self { store, location: location.to_owned(), folder: None, writer: writer_token() }
    }

    fn open_folder(folder: &FsPath) -> Result<Self> {
        let failed = |error| {
            Error::new(Kind::Store, "cannot open the lake's folder").with("folder", folder.display()).source(error)
        };
        std::fs::create_dir_all(folder).map_err(failed)?;
        let folder = folder.canonicalize().map_err(failed)?;
        let store = LocalFileSystem::new_with_prefix(&folder)
            .map_err(|error| Error::new(Kind::Store, "cannot open the lake's folder").source(error))?
            .with_automatic_cleanup(true);
        let location = folder.display().to_string();
        Ok(Self { store: Arc::new(store), location, folder: Some(folder), writer: writer_token() })
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

    /// On a local lake, makes sure that the object and the names that lead to it survive a power loss. `object_store`
    /// 0.13 leaves that to the operating system.
    pub(super) fn sync(&self, path: &Path) -> Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let failed = |error| Error::new(Kind::Store, "cannot flush to disk").with("path", path).source(error);
        let mut place = folder.join(path.as_ref());
        while place.starts_with(folder) {
            std::fs::File::open(&place).and_then(|file| file.sync_all()).map_err(failed)?;
            if !place.pop() {
                break;
            }
        }
        Ok(())
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

/// An error of the store about `path`: out of space is `Exhausted`, a lack of rights `Denied`, the rest may pass.
pub(crate) fn store_error(error: object_store::Error, path: &Path) -> Error {
    if io_kind(&error) == Some(std::io::ErrorKind::StorageFull) {
        return Error::new(Kind::Exhausted, "the disk is full")
            .with("path", path)
            .source(error)
            .hint("free some space and run it again");
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

fn io_kind(error: &(dyn std::error::Error + 'static)) -> Option<std::io::ErrorKind> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            return Some(io.kind());
        }
        cause = error.source();
    }
    None
}

/// Eight random hex digits: two processes that write the same run number never share a file name.
fn writer_token() -> String {
    format!("{:08x}", rand::random::<u32>())
}
