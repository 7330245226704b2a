//! A store that tries again: what fails for a moment, as network folders do, should not fail a run of an hour.
//!
//! Each call is tried at most six times. A creation whose reply was lost fails on the second try because the object is
//! there; who committed then reads it back. The stores of the clouds try again by themselves, each HTTP request on its
//! own, and are not wrapped.

use std::fmt;
use std::io::ErrorKind;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    ObjectStoreExt, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, UploadPart,
};

use tokio::sync::{Mutex, oneshot};

use super::durable::Folder;
use crate::error::io_kind;

/// How long to wait before each further try: 12 seconds in all.
pub(super) const WAITS: [Duration; 5] = [
    Duration::from_millis(100),
    Duration::from_millis(300),
    Duration::from_millis(900),
    Duration::from_millis(2700),
    Duration::from_millis(8100),
];

/// Deletions under way at a time.
const DELETIONS: usize = 10;

/// A store in front of one that does not try again by itself.
#[derive(Debug, Clone)]
pub(super) struct RetryStore {
    inner: Arc<dyn ObjectStore>,
    /// The folder that the store keeps its objects in, if it is such a one.
    folder: Option<Folder>,
    waits: [Duration; 5],
}

impl RetryStore {
    pub(super) fn new(inner: Arc<dyn ObjectStore>, waits: [Duration; 5]) -> Self {
        Self { inner, folder: None, waits }
    }

    /// Writes large objects into the folder itself.
    pub(super) fn of(self, folder: Folder) -> Self {
        Self { folder: Some(folder), ..self }
    }

    async fn attempt<T, F: Future<Output = Result<T>>>(&self, mut call: impl FnMut() -> F) -> Result<T> {
        for wait in self.waits {
            match call().await {
                Err(error) if may_pass(&error) => tokio::time::sleep(wait).await,
                outcome => return outcome,
            }
        }
        call().await
    }
}

/// Whether the same call may succeed a moment later. What the store says about the object, and a disk without space,
/// stay as they are.
fn may_pass(error: &Error) -> bool {
    let stays = |kind| {
        matches!(
            kind,
            ErrorKind::StorageFull
                | ErrorKind::QuotaExceeded
                | ErrorKind::FileTooLarge
                | ErrorKind::ReadOnlyFilesystem
                | ErrorKind::PermissionDenied
                | ErrorKind::NotFound
                | ErrorKind::AlreadyExists
                | ErrorKind::NotADirectory
                | ErrorKind::IsADirectory
                | ErrorKind::DirectoryNotEmpty
                | ErrorKind::InvalidInput
                | ErrorKind::InvalidFilename
                | ErrorKind::Unsupported
        )
    };
    matches!(error, Error::Generic { .. } | Error::JoinError { .. }) && !io_kind(error).is_some_and(stays)
}

/// The whole of what was asked for, so that a failure while it is read counts as one of the call.
async fn whole(result: GetResult) -> Result<GetResult> {
    let (meta, range, attributes) = (result.meta.clone(), result.range.clone(), result.attributes.clone());
    let bytes = result.bytes().await?;
    let payload = GetResultPayload::Stream(stream::iter([Ok(bytes)]).boxed());
    Ok(GetResult { payload, meta, range, attributes })
}

impl fmt::Display for RetryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.inner, f)
    }
}

#[async_trait]
impl ObjectStore for RetryStore {
    async fn put_opts(&self, path: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.attempt(|| self.inner.put_opts(path, payload.clone(), options.clone())).await
    }

    async fn put_multipart_opts(&self, path: &Path, options: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        let begin = || async {
            match &self.folder {
                Some(folder) => folder.upload(path),
                None => self.inner.put_multipart_opts(path, options.clone()).await,
            }
        };
        let upload = Arc::new(Mutex::new(self.attempt(begin).await?));
        let (first, last) = oneshot::channel();
        // Nothing comes before the first piece.
        let _ = first.send(Ok(()));
        Ok(Box::new(RetryUpload { store: self.clone(), upload, last }))
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        let get = || async {
            let result = self.inner.get_opts(path, options.clone()).await?;
            if options.head { Ok(result) } else { whole(result).await }
        };
        self.attempt(get).await
    }

    async fn get_ranges(&self, path: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.attempt(|| self.inner.get_ranges(path, ranges)).await
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let store = self.clone();
        let delete = move |path: Result<Path>| {
            let store = store.clone();
            async move {
                let path = path?;
                match store.attempt(|| store.inner.delete(&path)).await {
                    // An earlier try may have done it.
                    Ok(()) | Err(Error::NotFound { .. }) => Ok(path),
                    Err(error) => Err(error),
                }
            }
        };
        paths.map(delete).buffered(DELETIONS).boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let (store, prefix) = (self.clone(), prefix.cloned());
        let listed = async move {
            let list = || store.inner.list(prefix.as_ref()).try_collect::<Vec<_>>();
            store.attempt(list).await.map(|found| stream::iter(found.into_iter().map(Ok)))
        };
        stream::once(listed).try_flatten().boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.attempt(|| self.inner.list_with_delimiter(prefix)).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.attempt(|| self.inner.copy_opts(from, to, options.clone())).await
    }
}

/// A large object whose pieces are tried again, one behind the other. Of the store's uploads it asks that the piece behind
/// one that failed takes its place.
#[derive(Debug)]
struct RetryUpload {
    store: RetryStore,
    upload: Arc<Mutex<Box<dyn MultipartUpload>>>,
    /// What became of the last piece.
    last: oneshot::Receiver<Result<(), ErrorKind>>,
}

#[async_trait]
impl MultipartUpload for RetryUpload {
    fn put_part(&mut self, piece: PutPayload) -> UploadPart {
        let (done, last) = oneshot::channel();
        let before = std::mem::replace(&mut self.last, last);
        let (store, upload) = (self.store.clone(), Arc::clone(&self.upload));
        Box::pin(async move {
            let put = async {
                // A piece that was given up takes those behind it with it.
                before
                    .await
                    .unwrap_or(Err(ErrorKind::Interrupted))
                    .map_err(|kind| Error::Generic { store: "retry", source: Box::new(std::io::Error::from(kind)) })?;
                let mut upload = upload.lock().await;
                store.attempt(|| upload.put_part(piece.clone())).await
            };
            let outcome = put.await;
            let told = outcome.as_ref().copied().map_err(|error| io_kind(error).unwrap_or(ErrorKind::Other));
            let _ = done.send(told);
            outcome
        })
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let upload = Arc::clone(&self.upload);
        let complete = || async { upload.lock().await.complete().await };
        self.store.attempt(complete).await
    }

    async fn abort(&mut self) -> Result<()> {
        self.upload.lock().await.abort().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn io(kind: ErrorKind) -> Error {
        Error::Generic { store: "test", source: Box::new(std::io::Error::from(kind)) }
    }

    #[test]
    fn what_may_pass_is_tried_six_times_and_what_stays_once() {
        let store = RetryStore::new(Arc::new(object_store::memory::InMemory::new()), [Duration::ZERO; 5]);
        let tries = |kind| {
            let count = std::cell::Cell::new(0);
            let call = || {
                count.set(count.get() + 1);
                async { Err::<(), _>(io(kind)) }
            };
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
            runtime.block_on(store.attempt(call)).expect_err("always fails");
            count.get()
        };
        assert_eq!([ErrorKind::TimedOut, ErrorKind::ConnectionReset, ErrorKind::Other].map(tries), [6; 3]);
        assert_eq!([ErrorKind::StorageFull, ErrorKind::PermissionDenied].map(tries), [1; 2]);
    }

    #[test]
    fn each_wait_is_longer_than_the_one_before() {
        assert!(WAITS.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(WAITS.iter().sum::<Duration>(), Duration::from_millis(12_100));
    }
}
