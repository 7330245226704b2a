//! Whether data files are what the manifest says. A flipped bit in a Parquet file is silent in most cases, because its
//! pages have no checksums: only the hash in the manifest finds it.
//!
//! Who asks for a table looks at each file's size and the hash of its footer; a run looks at the hash of each file before
//! a stage reads it; `verify` looks at all hashes.

use std::fmt;

use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStoreExt};

use super::manifest::DataFile;
use super::store::{Lake, store_error};
use crate::error::{Error, Kind, Result};

/// Bytes that are read and hashed at a time.
const PIECE_BYTES: u64 = 8 << 20;

/// What is wrong with a data file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Damage {
    /// It is not there.
    Missing,
    /// It has this many bytes, which are not as many as were written.
    Size(u64),
    /// It has the right size, but not the bytes that were written.
    Content,
    /// It is what was written, but is not what its table should hold.
    Table(String),
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => write!(f, "it is missing"),
            Self::Size(bytes) => write!(f, "it has {bytes} bytes"),
            Self::Content => write!(f, "its bytes are not those that were written"),
            Self::Table(reason) => write!(f, "{reason}"),
        }
    }
}

impl Damage {
    /// The error of a reader that met it.
    pub fn error(&self, file: &DataFile) -> Error {
        let of_old_run = match self {
            Self::Missing => {
                "`onefold gc` takes what only older runs held, which cannot be looked at any more; otherwise, "
            }
            _ => "",
        };
        Error::new(Kind::Corrupt, format!("a file of the lake is damaged: {self}"))
            .with("file", &file.path)
            .with("expected bytes", file.bytes)
            .hint(format!(
                "{of_old_run}`onefold verify` lists all damage; bring the file back from a backup, or go back to an intact run \
                 by `onefold restore N`"
            ))
    }
}

impl Lake {
    /// What the store says about a data file, once its footer has proved intact.
    ///
    /// # Errors
    /// `Corrupt` when it is missing, has another size or another footer.
    pub async fn meta(&self, file: &DataFile) -> Result<ObjectMeta> {
        let path = Path::from(file.path.as_str());
        let meta = match self.store().head(&path).await {
            Ok(meta) => meta,
            Err(object_store::Error::NotFound { .. }) => return Err(Damage::Missing.error(file)),
            Err(error) => return Err(store_error(error, &path)),
        };
        if meta.size != file.bytes {
            return Err(Damage::Size(meta.size).error(file));
        }
        if let Some(footer) = &file.footer {
            let found = self.store().get_range(&path, file.bytes.saturating_sub(footer.bytes)..file.bytes).await;
            let found = found.map_err(|error| store_error(error, &path))?;
            if blake3::hash(&found).to_hex().as_str() != footer.hash {
                return Err(Damage::Content.error(file));
            }
        }
        Ok(meta)
    }

    /// Reads the files and holds their hashes against the manifest's, several at a time.
    ///
    /// # Errors
    /// `Corrupt` for one of those that are damaged.
    pub async fn check(&self, files: Vec<DataFile>) -> Result<()> {
        let mut damages = self.damages(files);
        while let Some((file, damage)) = damages.try_next().await? {
            if let Some(damage) = damage {
                return Err(damage.error(&file));
            }
        }
        Ok(())
    }

    /// Each file with what is wrong with it, as they come.
    pub(super) fn damages(&self, files: Vec<DataFile>) -> BoxStream<'static, Result<(DataFile, Option<Damage>)>> {
        let lake = self.clone();
        let at_once = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) * 2;
        let look = move |file: DataFile| {
            let lake = lake.clone();
            async move {
                let work = tokio::spawn(async move { lake.damage(&file).await.map(|damage| (file, damage)) });
                work.await.map_err(|error| Error::new(Kind::Internal, "hashing a file failed").source(error))?
            }
        };
        stream::iter(files).map(look).buffer_unordered(at_once).boxed()
    }

    async fn damage(&self, file: &DataFile) -> Result<Option<Damage>> {
        let path = Path::from(file.path.as_str());
        let store = self.store();
        let found = match store.head(&path).await {
            Ok(meta) => meta.size,
            Err(object_store::Error::NotFound { .. }) => return Ok(Some(Damage::Missing)),
            Err(error) => return Err(store_error(error, &path)),
        };
        if found != file.bytes {
            return Ok(Some(Damage::Size(found)));
        }
        let mut hasher = blake3::Hasher::new();
        let mut start = 0;
        while start < found {
            let end = found.min(start + PIECE_BYTES);
            hasher.update(&store.get_range(&path, start..end).await.map_err(|error| store_error(error, &path))?);
            start = end;
        }
        Ok((hasher.finalize().to_hex().as_str() != file.hash).then_some(Damage::Content))
    }
}
