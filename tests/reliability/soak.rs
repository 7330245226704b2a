//! Row 5: refreshes, collections and readers at the same time, on one folder.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use onefold::lake::{Keep, Lake};

use super::bench::{bring, many, refresh, shop};
use crate::support::Shop;

/// Longer than the longest refresh and than a reader's session, as a grace time must be.
const GRACE: Duration = Duration::from_secs(6);

/// How long a reader holds on to one run.
const SESSION: Duration = Duration::from_secs(1);

/// What happened so far.
#[derive(Debug, Default)]
struct Tally {
    refreshes: AtomicUsize,
    collected: AtomicUsize,
    reads: AtomicUsize,
    queries: AtomicUsize,
}

#[test]
fn row_5_refreshes_collections_and_readers() {
    let (shop, tally, over) = (shop(), Tally::default(), AtomicBool::new(false));
    let seconds = many(15, 600) as u64;
    shop.run(&["refresh", "--select", "clean.contacts", "segment.people"]).ok();
    let goes_on = || !over.load(Ordering::Relaxed);
    thread::scope(|scope| {
        let workers = [
            scope.spawn(|| refreshes(&shop, &tally, goes_on)),
            scope.spawn(|| collects(&shop, &tally, goes_on)),
            scope.spawn(|| reads(&shop, &tally, goes_on)),
            scope.spawn(|| queries(&shop, &tally, goes_on)),
        ];
        let started = Instant::now();
        // Who fails ends the test at once.
        while started.elapsed() < Duration::from_secs(seconds)
            && !workers.iter().any(thread::ScopedJoinHandle::is_finished)
        {
            thread::sleep(Duration::from_millis(50));
        }
        over.store(true, Ordering::Relaxed);
        for worker in workers {
            worker.join().unwrap();
        }
    });
    println!("row 5: {seconds} s, {tally:?}");
    let least =
        [&tally.refreshes, &tally.collected, &tally.reads, &tally.queries].map(|count| count.load(Ordering::Relaxed));
    assert!(least.iter().all(|count| *count > 0), "{tally:?}");
    shop.run(&["verify"]).ok();
}

fn lake(shop: &Shop) -> Lake {
    Lake::open("lake", shop.path()).unwrap()
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap().block_on(work)
}

/// Changes the same few files over and over, so that every refresh has work and the tables do not grow.
fn refreshes(shop: &Shop, tally: &Tally, goes_on: impl Fn() -> bool) {
    while goes_on() {
        let round = tally.refreshes.fetch_add(1, Ordering::Relaxed);
        bring(shop, round % 3);
        shop.put("crm-1.csv", format!("id,name\n1,Ana {round}\n"));
        block_on(refresh(shop, lake(shop), &[])).unwrap();
    }
}

fn collects(shop: &Shop, tally: &Tally, goes_on: impl Fn() -> bool) {
    while goes_on() {
        let garbage = block_on(lake(shop).collect_garbage(&Keep { runs: 1, grace: GRACE })).unwrap();
        tally.collected.fetch_add(garbage.objects.len(), Ordering::Relaxed);
        thread::sleep(Duration::from_millis(20));
    }
}

/// A session that pins a run and reads every byte of it over and over.
fn reads(shop: &Shop, tally: &Tally, goes_on: impl Fn() -> bool) {
    while goes_on() {
        let (lake, started) = (lake(shop), Instant::now());
        let pinned = block_on(lake.snapshot(None)).unwrap();
        let files: Vec<_> = pinned.manifest.files().into_values().map(|(_, file)| file).collect();
        while started.elapsed() < SESSION {
            block_on(lake.check(files.clone())).unwrap();
            tally.reads.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A user who asks, each time as a process of its own.
fn queries(shop: &Shop, tally: &Tally, goes_on: impl Fn() -> bool) {
    while goes_on() {
        assert_ne!(shop.value("SELECT count(*) FROM segment.people"), "0");
        tally.queries.fetch_add(1, Ordering::Relaxed);
    }
}
