//! A disk that loses power: what a store was told, replayed without what had not reached the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use object_store::ObjectStoreExt;
use object_store::memory::InMemory;
use object_store::path::Path;

use super::store::{Event, random};

/// What a disk may do with what was not flushed. Real ones do something in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// Names and contents are lost.
    All,
    /// Names are there, contents are empty: the journal was ahead of the data.
    Contents,
    /// Each name and each content is lost or not, as the seed has it.
    Some(u64),
}

/// A disk, as a file system keeps it: names that point at contents.
#[derive(Default)]
struct Disk {
    contents: Vec<Bytes>,
    /// What running programs see.
    names: BTreeMap<Path, usize>,
    /// What would be there after a power loss.
    flushed_names: BTreeMap<Path, usize>,
    flushed_contents: BTreeSet<usize>,
}

impl Disk {
    fn apply(&mut self, event: &Event) {
        match event {
            Event::Put(path, bytes) => {
                self.contents.push(bytes.clone());
                self.names.insert(path.clone(), self.contents.len() - 1);
            }
            Event::Copy(from, to) => {
                let content = self.names[from];
                self.names.insert(to.clone(), content);
            }
            Event::Delete(path) => {
                self.names.remove(path);
            }
            Event::Flush(path) => {
                let content = self.names[path];
                self.flushed_contents.insert(content);
                self.flushed_names.insert(path.clone(), content);
            }
        }
    }

    /// Every object as it is after a power loss.
    fn after(&self, loss: Loss) -> Vec<(Path, Bytes)> {
        let mut dice = if let Loss::Some(seed) = loss { seed } else { 0 };
        let mut survives = |otherwise: bool| match loss {
            Loss::Some(_) => random(&mut dice).is_multiple_of(2),
            _ => otherwise,
        };
        let mut found = Vec::new();
        for path in self.names.keys().chain(self.flushed_names.keys()).collect::<BTreeSet<_>>() {
            let is_seen = survives(loss == Loss::Contents);
            let names = if is_seen { &self.names } else { &self.flushed_names };
            let Some(at) = names.get(path) else { continue };
            let is_whole = self.flushed_contents.contains(at) || survives(false);
            found.push((path.clone(), if is_whole { self.contents[*at].clone() } else { Bytes::new() }));
        }
        found
    }
}

/// The store as it is after a power loss behind the first `count` events.
pub fn after_power_loss(events: &[Event], count: usize, loss: Loss) -> Arc<InMemory> {
    let mut disk = Disk::default();
    events[..count].iter().for_each(|event| disk.apply(event));
    let store = InMemory::new();
    for (path, bytes) in disk.after(loss) {
        futures::executor::block_on(store.put(&path, bytes.into())).unwrap();
    }
    Arc::new(store)
}

#[test]
fn what_was_not_flushed_is_lost() {
    let path = Path::from("a");
    let mut events = vec![Event::Put(path.clone(), "old".into()), Event::Flush(path.clone())];
    events.push(Event::Put(path.clone(), "new".into()));
    let read = |count: usize, loss: Loss| {
        let store = after_power_loss(&events, count, loss);
        futures::executor::block_on(async { store.get(&path).await.ok()?.bytes().await.ok() })
    };
    assert_eq!((read(1, Loss::All), read(1, Loss::Contents)), (None, Some(Bytes::new())));
    assert_eq!((read(2, Loss::All), read(2, Loss::Contents)), (Some("old".into()), Some("old".into())));
    assert_eq!((read(3, Loss::All), read(3, Loss::Contents)), (Some("old".into()), Some(Bytes::new())));
    let some: BTreeSet<_> = (0..50).map(|seed| read(3, Loss::Some(seed))).collect();
    assert_eq!(some, [Bytes::new(), "old".into(), "new".into()].map(Some).into());
}
