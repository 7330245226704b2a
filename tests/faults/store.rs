//! An object store that fails on purpose, and remembers in which order it was called.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt,
    PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, UploadPart,
};
use onefold::lake::Flush;

/// What is asked of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    Put,
    /// A piece of a large object.
    Part,
    Get,
    List,
    Delete,
    Copy,
    /// Not a call of the store: the request to bring an object to the disk.
    Flush,
}

/// How a call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fault {
    /// It fails, and nothing has happened.
    Before,
    /// It does its work, and the reply is lost.
    After,
    /// Half of the bytes are written, then it fails. Calls that write no bytes fail before.
    Torn,
    /// The disk is full.
    Full,
    /// It takes so long, and does its work.
    Slow(Duration),
}

/// Which calls go wrong.
#[derive(Debug, Clone)]
pub struct When {
    op: Option<Op>,
    path: String,
    calls: Calls,
    fault: Fault,
}

#[derive(Debug, Clone)]
enum Calls {
    /// The n-th that matches, from 1, and `times - 1` behind it.
    Nth { n: usize, times: usize },
    /// One in so many, by a generator that begins with the seed.
    Seeded { state: u64, one_in: u64 },
}

impl When {
    /// The `n`-th call, from 1.
    pub fn nth(n: usize, fault: Fault) -> Self {
        Self { op: None, path: String::new(), calls: Calls::Nth { n, times: 1 }, fault }
    }

    /// All calls from the `n`-th on: the machine is gone.
    pub fn from(n: usize, fault: Fault) -> Self {
        Self::nth(n, fault).times(usize::MAX)
    }

    /// One call in `one_in`, the same ones for the same seed.
    pub fn seeded(seed: u64, one_in: u64, fault: Fault) -> Self {
        Self { op: None, path: String::new(), calls: Calls::Seeded { state: seed, one_in }, fault }
    }

    pub fn times(mut self, times: usize) -> Self {
        if let Calls::Nth { times: old, .. } = &mut self.calls {
            *old = times;
        }
        self
    }

    /// Only calls of this kind count.
    pub fn op(mut self, op: Op) -> Self {
        self.op = Some(op);
        self
    }

    /// Only calls whose path contains this count.
    pub fn path(mut self, part: &str) -> Self {
        part.clone_into(&mut self.path);
        self
    }

    fn strikes(&mut self, op: Op, path: &Path) -> Option<Fault> {
        if self.op.is_some_and(|wanted| wanted != op) || !path.as_ref().contains(&self.path) {
            return None;
        }
        let struck = match &mut self.calls {
            Calls::Nth { n, .. } if *n > 1 => {
                *n -= 1;
                false
            }
            Calls::Nth { times, .. } => {
                let struck = *times > 0;
                *times = times.saturating_sub(1);
                struck
            }
            Calls::Seeded { state, one_in } => random(state).is_multiple_of(*one_in),
        };
        struck.then_some(self.fault)
    }
}

/// The next number of a small generator (splitmix64, Steele et al. 2014).
pub fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// What happened to the store, in the order in which it happened; what failed before did not.
#[derive(Debug, Clone)]
pub enum Event {
    Put(Path, Bytes),
    Copy(Path, Path),
    Delete(Path),
    Flush(Path),
}

#[derive(Debug, Default)]
struct State {
    whens: Vec<When>,
    calls: Vec<(Op, Path)>,
    events: Vec<Event>,
}

/// A store in front of another one. Clones share what they remember.
#[derive(Debug, Clone)]
pub struct FaultStore {
    inner: Arc<dyn ObjectStore>,
    state: Arc<Mutex<State>>,
}

impl FaultStore {
    pub fn new(inner: Arc<dyn ObjectStore>) -> Self {
        Self { inner, state: Arc::default() }
    }

    /// Forgets the calls so far, and goes wrong as told from here on.
    pub fn arm(&self, whens: impl IntoIterator<Item = When>) {
        let mut state = self.state.lock().unwrap();
        *state = State { whens: whens.into_iter().collect(), ..State::default() };
    }

    /// The calls since the store was armed.
    pub fn calls(&self) -> Vec<(Op, Path)> {
        self.state.lock().unwrap().calls.clone()
    }

    /// What happened since the store was armed.
    pub fn events(&self) -> Vec<Event> {
        self.state.lock().unwrap().events.clone()
    }

    fn call(&self, op: Op, path: &Path) -> Option<Fault> {
        let mut state = self.state.lock().unwrap();
        state.calls.push((op, path.clone()));
        let strikes: Vec<_> = state.whens.iter_mut().filter_map(|when| when.strikes(op, path)).collect();
        strikes.into_iter().next()
    }

    fn happened(&self, event: Event) {
        self.state.lock().unwrap().events.push(event);
    }

    /// Does `work` as far as the faults let it.
    async fn with_faults<T>(&self, op: Op, path: &Path, work: impl Future<Output = Result<T>>) -> Result<T> {
        match self.call(op, path) {
            Some(fault @ (Fault::Before | Fault::Torn | Fault::Full)) => Err(error(fault)),
            Some(Fault::After) => work.await.and_then(|_| Err(error(Fault::After))),
            Some(Fault::Slow(time)) => {
                tokio::time::sleep(time).await;
                work.await
            }
            None => work.await,
        }
    }
}

/// The error that a store gives for `fault`.
fn error(fault: Fault) -> Error {
    let kind = match fault {
        Fault::Full => std::io::ErrorKind::StorageFull,
        Fault::After => std::io::ErrorKind::TimedOut,
        _ => std::io::ErrorKind::ConnectionReset,
    };
    Error::Generic { store: "fault", source: Box::new(std::io::Error::from(kind)) }
}

fn half(bytes: &Bytes) -> Bytes {
    bytes.slice(..bytes.len() / 2)
}

impl Flush for FaultStore {
    fn flush(&self, path: &Path) -> std::io::Result<()> {
        match self.call(Op::Flush, path) {
            Some(Fault::Before | Fault::Torn) => Err(std::io::ErrorKind::Other.into()),
            Some(Fault::Full) => Err(std::io::ErrorKind::StorageFull.into()),
            _ => {
                self.happened(Event::Flush(path.clone()));
                Ok(())
            }
        }
    }
}

impl fmt::Display for FaultStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FaultStore({})", self.inner)
    }
}

#[async_trait]
impl ObjectStore for FaultStore {
    async fn put_opts(&self, path: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let bytes = Bytes::from(payload);
        let put = |bytes: Bytes| async move {
            let result = self.inner.put_opts(path, bytes.clone().into(), options).await?;
            self.happened(Event::Put(path.clone(), bytes));
            Ok(result)
        };
        match self.call(Op::Put, path) {
            Some(Fault::Torn) => put(half(&bytes)).await.and(Err(error(Fault::Torn))),
            Some(Fault::After) => put(bytes).await.and(Err(error(Fault::After))),
            Some(Fault::Slow(time)) => {
                tokio::time::sleep(time).await;
                put(bytes).await
            }
            Some(fault) => Err(error(fault)),
            None => put(bytes).await,
        }
    }

    async fn put_multipart_opts(&self, path: &Path, _: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        Ok(Box::new(FaultUpload { store: self.clone(), path: path.clone(), parts: Arc::default() }))
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        self.with_faults(Op::Get, path, self.inner.get_opts(path, options)).await
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let store = self.clone();
        let delete = move |path: Result<Path>| {
            let store = store.clone();
            async move {
                let path = path?;
                let work = async {
                    store.inner.delete(&path).await?;
                    store.happened(Event::Delete(path.clone()));
                    Ok(path.clone())
                };
                store.with_faults(Op::Delete, &path, work).await
            }
        };
        paths.then(delete).boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let path = prefix.cloned().unwrap_or_default();
        match self.call(Op::List, &path) {
            None | Some(Fault::Slow(_)) => self.inner.list(prefix),
            Some(fault) => stream::iter([Err(error(fault))]).boxed(),
        }
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        let path = prefix.cloned().unwrap_or_default();
        self.with_faults(Op::List, &path, self.inner.list_with_delimiter(prefix)).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        let work = async {
            self.inner.copy_opts(from, to, options).await?;
            self.happened(Event::Copy(from.clone(), to.clone()));
            Ok(())
        };
        self.with_faults(Op::Copy, to, work).await
    }
}

/// A large object: its pieces wait here, and it appears as a whole. As in a file, the next piece is written over one that
/// failed.
#[derive(Debug)]
struct FaultUpload {
    store: FaultStore,
    path: Path,
    parts: Arc<Mutex<Vec<Bytes>>>,
}

#[async_trait]
impl MultipartUpload for FaultUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let (store, path, parts) = (self.store.clone(), self.path.clone(), Arc::clone(&self.parts));
        Box::pin(async move {
            store.with_faults(Op::Part, &path, async { Ok(()) }).await?;
            parts.lock().unwrap().push(data.into());
            Ok(())
        })
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let whole = self.parts.lock().unwrap().concat();
        self.store.put_opts(&self.path, whole.into(), PutMode::Overwrite.into()).await
    }

    async fn abort(&mut self) -> Result<()> {
        self.parts.lock().unwrap().clear();
        Ok(())
    }
}

#[test]
fn the_nth_call_fails_and_the_others_do_not() {
    let store = FaultStore::new(Arc::new(object_store::memory::InMemory::new()));
    store.arm([When::nth(2, Fault::Before).op(Op::Put).path("b/")]);
    let put = |path: &str| futures::executor::block_on(store.put(&Path::from(path), "x".into())).is_ok();
    assert_eq!(["b/1", "a/1", "b/2", "b/3"].map(put), [true, true, false, true]);
    store.arm([When::nth(1, Fault::After), When::from(2, Fault::Torn)]);
    assert_eq!(["c", "d", "e"].map(put), [false, false, false]);
    let get =
        |path: &str| futures::executor::block_on(async { store.inner.get(&Path::from(path)).await?.bytes().await });
    assert_eq!((get("c").unwrap(), get("d").unwrap()), ("x".into(), Bytes::new()));
    let events = store.events();
    assert_eq!(events.len(), 3, "{events:?}");
}

#[test]
fn a_seed_always_strikes_the_same_calls() {
    let struck = |seed| {
        let mut when = When::seeded(seed, 4, Fault::Before);
        (0..200).filter(|_| when.strikes(Op::Get, &Path::from("a")).is_some()).collect::<Vec<u32>>()
    };
    assert_eq!(struck(1), struck(1));
    assert_ne!(struck(1), struck(2));
    assert!((20..80).contains(&struck(1).len()), "{}", struck(1).len());
}
