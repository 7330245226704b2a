//! Rows 2, 3, 6 and 7: a store that fails while a refresh writes to it.

use std::time::Duration;

use object_store::path::Path;
use onefold::error::Kind;
use onefold::lake::Lake;

use super::bench::{Bench, Try, block_on, many, seed, state};
use crate::faults::disk::{Loss, after_power_loss};
use crate::faults::store::{Fault, Op, When, random};

/// The number of the first call of the commit, and of the last call of the refresh.
fn commit_calls(bench: &Bench, is_folder: bool) -> (usize, usize) {
    let attempt = bench.attempt(is_folder);
    attempt.refresh().unwrap();
    let calls = attempt.store.calls();
    let is_commit = |(op, path): &(Op, Path)| {
        *op == Op::Put && (path.as_ref().contains("staging/") || path.as_ref().contains("manifest/"))
    };
    (calls.iter().position(is_commit).unwrap() + 1, calls.len())
}

#[test]
fn row_2_killed_inside_the_commit() {
    let bench = Bench::new();
    for is_folder in [false, true] {
        let (first, last) = commit_calls(&bench, is_folder);
        assert!(last - first >= 3);
        for n in first..=last {
            // A bucket writes an object as a whole.
            let torn = is_folder.then_some(Fault::Torn);
            for fault in [Fault::Before, Fault::After].into_iter().chain(torn) {
                let what = format!("folder: {is_folder}, dead from call {n} on, which fails {fault:?}");
                let attempt = bench.attempt(is_folder);
                attempt.store.arm([When::nth(n, fault), When::from(n + 1, Fault::Before)]);
                let outcome = attempt.refresh();
                assert!(outcome.is_err() || attempt.state() == bench.new, "{what}");
                attempt.recovers(&what);
            }
        }
    }
}

/// Goes back to run 1 on `lake`.
async fn restore(bench: &Bench, lake: Lake) {
    let project = bench.shop.path().to_string_lossy().into_owned();
    onefold::cli::run_on(lake, &["restore", "1", "--quiet", "--project", &project]).await.unwrap();
}

/// What is published is what run 3 holds, which is what run 1 held.
#[track_caller]
fn shows_run_3(attempt: &Try<'_>, what: &str) {
    assert_eq!(attempt.state().tables, attempt.bench.old.tables, "{what}");
    let found = block_on(attempt.inner_lake().verify(None)).unwrap();
    assert_eq!((found.damaged, found.notices), (vec![], vec![]), "{what}");
    assert_eq!(block_on(attempt.inner_lake().published()).unwrap().run, 3, "{what}");
}

#[test]
fn restore_publishes_what_an_interrupted_refresh_had_replaced() {
    let bench = Bench::new();
    for is_folder in [false, true] {
        let (first, last) = commit_calls(&bench, is_folder);
        let mut committed = 0;
        for n in first..=last {
            let attempt = bench.attempt(is_folder);
            attempt.store.arm([When::from(n, Fault::Before)]);
            let _ = attempt.refresh();
            if attempt.state() == bench.new {
                committed += 1;
                attempt.store.arm([]);
                block_on(restore(&bench, attempt.lake()));
                shows_run_3(&attempt, &format!("folder: {is_folder}, dead from call {n} on"));
            }
        }
        assert!(committed > 3, "{committed}");
    }
}

#[test]
fn of_two_who_publish_at_once_the_newer_run_stays() {
    let bench = Bench::new();
    let attempt = bench.attempt(false);
    let slow = Fault::Slow(Duration::from_secs(1));
    attempt.store.arm([When::nth(1, slow).op(Op::Copy).path("published/")]);
    let refresh = super::bench::refresh(&bench.shop, attempt.lake(), &[]);
    let other = async {
        while attempt.inner_lake().runs().await.unwrap().len() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        restore(&bench, attempt.inner_lake()).await;
    };
    let (refreshed, ()) = block_on(async { tokio::join!(refresh, other) });
    refreshed.unwrap();
    shows_run_3(&attempt, "run 2 is published behind run 3");
}

#[test]
fn row_3_power_loss() {
    let bench = Bench::new();
    // From an empty disk, so that every write is recorded: the first run and the second.
    let store = crate::faults::store::FaultStore::new(std::sync::Arc::new(object_store::memory::InMemory::new()));
    let lake = || {
        let lake = Lake::with_store(std::sync::Arc::new(store.clone()), "disk");
        lake.with_flush(std::sync::Arc::new(store.clone()))
    };
    bench.shop.remove("crm-2.csv");
    block_on(super::bench::refresh(&bench.shop, lake(), &[])).unwrap();
    let first = store.events().len();
    super::bench::bring_more(&bench.shop);
    block_on(super::bench::refresh(&bench.shop, lake(), &[])).unwrap();
    let events = store.events();
    assert!(first > 10 && events.len() > first + 10, "{} events", events.len());
    let (dice, mut replays) = (seed(3), 0);
    for count in 0..=events.len() {
        let some = (0..many(2, 40) as u64).map(|n| Loss::Some(dice + 1000 * n + count as u64));
        for loss in [Loss::All, Loss::Contents].into_iter().chain(some) {
            let lake = Lake::with_store(after_power_loss(&events, count, loss), "after");
            let found = state(&lake);
            let promised = [(first, &bench.old), (events.len(), &bench.new)];
            let promised = promised.iter().rev().find(|(end, _)| count >= *end).map_or(0, |(_, state)| state.run);
            let whole = [&bench.old, &bench.new].contains(&&found) || found.run == 0;
            assert!(whole && found.run >= promised, "{loss:?} behind event {count}: {found:?}");
            let damaged = block_on(lake.verify(None)).unwrap().damaged;
            assert_eq!(damaged, [], "{loss:?} behind event {count}");
            replays += 1;
        }
    }
    println!("row 3: {} writes and flushes, {replays} replays", events.len());
}

#[test]
fn row_6_the_reply_is_lost() {
    let bench = Bench::new();
    for (is_folder, op) in [(false, Op::Put), (true, Op::Copy)] {
        // Once; and when the answer to each further try is lost, too.
        for times in [1, 6] {
            let attempt = bench.attempt(is_folder);
            attempt.store.arm([When::nth(1, Fault::After).times(times).op(op).path("_onefold/manifest/")]);
            attempt.refresh().unwrap();
            assert_eq!(attempt.state(), bench.new);
            assert_eq!(block_on(attempt.inner_lake().runs()).unwrap(), [1, 2]);
            let deleted = attempt.store.calls().into_iter().filter(|(op, _)| *op == Op::Delete);
            let deleted: Vec<_> = deleted.filter(|(_, path)| !path.as_ref().contains("staging/")).collect();
            assert_eq!(deleted, []);
        }
    }
}

#[test]
fn row_7_any_call_fails() {
    each_call_fails();
    calls_fail_at_random();
}

fn each_call_fails() {
    let bench = Bench::new();
    for is_folder in [false, true] {
        let calls = bench.calls(is_folder);
        let step = calls / many(6, calls);
        for n in (1..=calls).step_by(step.max(1)) {
            let slow = Fault::Slow(Duration::from_millis(3));
            let torn = is_folder.then_some([(Fault::Torn, 1), (Fault::Torn, 6)]).into_iter().flatten();
            let faults = [(Fault::Before, 1), (Fault::Before, 6), (Fault::After, 1), (slow, 6)];
            for (fault, times) in faults.into_iter().chain(torn) {
                let what = format!("folder: {is_folder}, call {n} of {calls} fails {times} times, {fault:?}");
                let attempt = bench.attempt(is_folder);
                attempt.store.arm([When::nth(n, fault).times(times)]);
                match attempt.refresh() {
                    Ok(()) => assert_eq!(attempt.state(), bench.new, "{what}"),
                    Err(error) => assert_eq!(error.kind(), Kind::Store, "{what}: {error}"),
                }
                attempt.recovers(&what);
            }
        }
    }
}

#[test]
fn a_piece_of_a_large_file_is_tried_again_like_any_call() {
    let bench = Bench::new();
    let mut dice = seed(7);
    let mut value = || (0..125).fold(String::new(), |text, _| text + &format!("{:016x}", random(&mut dice)));
    let rows: Vec<String> = (10..12_010).map(|id| format!("{id},{}", value())).collect();
    bench.shop.put("crm-3.csv", format!("id,name\n{}\n", rows.join("\n")));
    let project = bench.shop.path().to_string_lossy().into_owned();
    let land = |lake: Lake| block_on(onefold::cli::run_on(lake, &["land", "--quiet", "--project", &project]));
    let pieces = |attempt: &Try<'_>| attempt.store.calls().iter().filter(|(op, _)| *op == Op::Part).count();
    let attempt = bench.attempt(true);
    land(attempt.lake()).unwrap();
    let (new, count) = (attempt.state(), pieces(&attempt));
    assert!(count >= 3, "{count} pieces");
    for n in 1..=count {
        for (fault, times) in [(Fault::Before, 5), (Fault::After, 1), (Fault::Torn, 1)] {
            let attempt = bench.attempt(true);
            attempt.store.arm([When::nth(n, fault).times(times).op(Op::Part)]);
            land(attempt.lake()).unwrap();
            let what = format!("piece {n} fails {times} times, {fault:?}");
            assert_eq!((attempt.state(), pieces(&attempt)), (new.clone(), count + times), "{what}");
        }
    }
    for (fault, kind) in [(Fault::Before, Kind::Store), (Fault::Full, Kind::Exhausted)] {
        let attempt = bench.attempt(true);
        attempt.store.arm([When::from(2, fault).op(Op::Part)]);
        assert_eq!(land(attempt.lake()).unwrap_err().kind(), kind);
        attempt.store.arm([]);
        assert_eq!(attempt.state(), bench.old);
        assert_eq!(block_on(attempt.inner_lake().verify(None)).unwrap().orphans, []);
    }
}

#[test]
fn a_call_is_tried_six_times_and_one_failure_is_not_seen() {
    let bench = Bench::new();
    let attempt = bench.attempt(false);
    attempt.store.arm([When::from(1, Fault::Before).op(Op::Get).path("manifest/")]);
    let error = attempt.refresh().unwrap_err();
    assert_eq!((error.kind(), error.kind().exit_code()), (Kind::Store, 3));
    let tries =
        attempt.store.calls().into_iter().filter(|(op, path)| *op == Op::Get && path.as_ref().contains("manifest/"));
    assert_eq!(tries.count(), 6);
    for n in 1..=5 {
        attempt.store.arm([When::nth(1, Fault::Before).times(n).op(Op::Put)]);
        let outcome = attempt.refresh();
        assert!(outcome.is_ok(), "{n} failures: {outcome:?}");
    }
}

fn calls_fail_at_random() {
    let bench = Bench::new();
    let mut refreshed = 0;
    let (first, seeds) = (seed(7), many(12, 200) as u64);
    for seed in first..first + seeds {
        let attempt = bench.attempt(seed % 2 == 0);
        // The first fault is frequent enough that a call may fail six times in a row.
        let frequent = if seed % 3 == 0 { 2 } else { 10 };
        attempt.store.arm([
            When::seeded(seed, frequent, Fault::Before),
            When::seeded(seed + 1000, 10, Fault::After),
            When::seeded(seed + 2000, 10, Fault::Slow(Duration::from_millis(1))),
        ]);
        let outcome = attempt.refresh();
        refreshed += u64::from(outcome.is_ok());
        if let Err(error) = outcome {
            assert_eq!(error.kind(), Kind::Store, "seed {seed}: {error}");
        }
        attempt.recovers(&format!("seed {seed}"));
    }
    println!("row 7: {seeds} seeds, {refreshed} refreshes came through");
    assert!(refreshed * 4 > seeds, "{refreshed} of {seeds} refreshes came through");
}
