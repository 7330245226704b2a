//! A large object of a folder while it is written, piece by piece, into a file beside its place. `object_store` 0.13 gives
//! a piece its place when it is handed over, so that one that failed cannot be tried again.

use std::fs::File;
use std::io::{ErrorKind, Result, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use object_store::path::Path;
use object_store::{Error, MultipartUpload, PutPayload, PutResult, UploadPart};

use super::durable::Folder;

/// How often a file is created again whose folder went meanwhile.
const TRIES: usize = 5;

/// An object on its way. Dropped before it is complete, it leaves nothing behind.
#[derive(Debug)]
struct FolderUpload {
    pieces: Arc<Mutex<Pieces<File>>>,
    /// Where the pieces are, under a name that listings hide.
    staged: PathBuf,
    target: PathBuf,
}

/// Pieces one behind the other. The place of one that failed is that of the next.
#[derive(Debug)]
struct Pieces<F> {
    file: F,
    /// Bytes of the pieces that are written.
    bytes: u64,
}

impl Folder {
    /// Begins the object at `path`.
    pub(super) fn upload(&self, path: &Path) -> object_store::Result<Box<dyn MultipartUpload>> {
        let target = self.path().join(path.as_ref());
        let mut staged = target.clone().into_os_string();
        staged.push("#1");
        let staged = PathBuf::from(staged);
        let create = || {
            target.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            File::create(&staged)
        };
        // Who deletes the last file of a folder deletes the folder too, which may be between the two.
        let mut file = create();
        for _ in 0..TRIES {
            if is_missing(&file) {
                file = create();
            }
        }
        let pieces = Pieces { file: file.map_err(failed)?, bytes: 0 };
        Ok(Box::new(FolderUpload { pieces: Arc::new(Mutex::new(pieces)), staged, target }))
    }
}

impl<F: Write + Seek> Pieces<F> {
    fn append(&mut self, piece: &PutPayload) -> Result<()> {
        self.file.seek(SeekFrom::Start(self.bytes))?;
        piece.iter().try_for_each(|bytes| self.file.write_all(bytes))?;
        self.bytes += piece.content_length() as u64;
        Ok(())
    }
}

#[async_trait]
impl MultipartUpload for FolderUpload {
    fn put_part(&mut self, piece: PutPayload) -> UploadPart {
        let pieces = Arc::clone(&self.pieces);
        let append = move || pieces.lock().unwrap_or_else(PoisonError::into_inner).append(&piece);
        Box::pin(blocking(append))
    }

    async fn complete(&mut self) -> object_store::Result<PutResult> {
        let (staged, target) = (self.staged.clone(), self.target.clone());
        // Tried again, it may have been renamed already: no two objects of a lake have one name.
        blocking(move || {
            let renamed = std::fs::rename(staged, &target);
            if is_missing(&renamed) && target.exists() { Ok(()) } else { renamed }
        })
        .await?;
        Ok(PutResult { e_tag: None, version: None })
    }

    async fn abort(&mut self) -> object_store::Result<()> {
        let staged = self.staged.clone();
        blocking(move || std::fs::remove_file(staged)).await
    }
}

impl Drop for FolderUpload {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.staged);
    }
}

async fn blocking(work: impl FnOnce() -> Result<()> + Send + 'static) -> object_store::Result<()> {
    tokio::task::spawn_blocking(work).await?.map_err(failed)
}

fn is_missing<T>(done: &Result<T>) -> bool {
    done.as_ref().is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

fn failed(error: std::io::Error) -> Error {
    Error::Generic { store: "folder", source: Box::new(error) }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// A file of which every second write fails when half of it is done.
    struct Torn(Cursor<Vec<u8>>, usize);

    impl Write for Torn {
        fn write(&mut self, bytes: &[u8]) -> Result<usize> {
            self.1 += 1;
            if self.1.is_multiple_of(2) {
                self.0.write(bytes)
            } else {
                self.0.write(&bytes[..bytes.len() / 2]).and(Err(ErrorKind::TimedOut.into()))
            }
        }

        fn flush(&mut self) -> Result<()> {
            Ok(())
        }
    }

    impl Seek for Torn {
        fn seek(&mut self, to: SeekFrom) -> Result<u64> {
            self.0.seek(to)
        }
    }

    #[test]
    fn a_piece_that_failed_takes_no_place() {
        let mut pieces = Pieces { file: Torn(Cursor::default(), 0), bytes: 0 };
        for piece in ["one, ", "two, ", "three"] {
            pieces.append(&piece.into()).expect_err("torn");
            pieces.append(&piece.into()).expect("is written");
        }
        assert_eq!(pieces.file.0.into_inner(), b"one, two, three");
    }

    #[test]
    fn an_object_appears_as_a_whole_or_not_at_all() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::create(dir.path()).expect("is there");
        let files = || std::fs::read_dir(dir.path().join("raw")).expect("is there").count();
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let mut upload = folder.upload(&Path::from("raw/a.parquet")).expect("begins");
            for piece in ["a", "bc"] {
                upload.put_part(piece.into()).await.expect("is written");
            }
            assert!(!dir.path().join("raw/a.parquet").exists());
            upload.complete().await.expect("is named");
            upload.complete().await.expect("is named, though the reply was lost");
            drop(upload);
            assert_eq!(std::fs::read(dir.path().join("raw/a.parquet")).expect("is there"), b"abc");
            let mut upload = folder.upload(&Path::from("raw/b.parquet")).expect("begins");
            upload.put_part("half".into()).await.expect("is written");
            assert_eq!(files(), 2);
            drop(upload);
            let mut upload = folder.upload(&Path::from("raw/c.parquet")).expect("begins");
            upload.abort().await.expect("is given up");
        });
        assert_eq!(files(), 1);
    }
}
