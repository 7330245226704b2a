//! Work on many cores that comes back in order, with a bounded amount of it in memory.

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use crate::error::{Error, Kind, Result};

/// Items that wait for a free worker.
const QUEUE: usize = 2;

/// Takes items from `items` on a thread of its own, does `work` on up to `threads` of them at a time, and gives back
/// the results in the items' order. Ends after the first error. Dropped, it stops after the items in work.
pub(super) fn in_order<I, T>(
    items: impl Iterator<Item = Result<I>> + Send + 'static,
    threads: usize,
    work: impl Fn(I) -> Result<T> + Send + Sync + 'static,
) -> BoxStream<'static, Result<T>>
where
    I: Send + 'static,
    T: Send + 'static,
{
    let (sender, receiver) = mpsc::channel(QUEUE);
    spawn_blocking(move || {
        for item in items {
            let failed = item.is_err();
            if sender.blocking_send(item).is_err() || failed {
                return;
            }
        }
    });
    let work = std::sync::Arc::new(work);
    stream::unfold(receiver, |mut receiver| async { receiver.recv().await.map(|item| (item, receiver)) })
        .map(move |item| {
            let work = std::sync::Arc::clone(&work);
            blocking(move || work(item?))
        })
        .buffered(threads.max(1))
        .boxed()
}

/// Does `work` on a thread that may block.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let failed = |error| Error::new(Kind::Internal, "reading a source panicked").source(error);
    spawn_blocking(work).await.map_err(failed)?
}
