//! Rows 1 and 4: processes that are killed, and processes that race.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use onefold::lake::Lake;

use super::bench::{PEOPLE, State, block_on, bring, json, many, seed, shop, state};
use crate::faults::kill;
use crate::faults::store::random;
use crate::support::{Outcome, Shop};

/// Further segments of the shop that is killed.
const SEGMENTS: usize = 8;

const REFRESH: [&str; 4] = ["refresh", "--select", "clean.contacts", "segment.people"];

fn lake(shop: &Shop) -> Lake {
    Lake::open("lake", shop.path()).unwrap()
}

/// The hashes of what BI tools see, by path; each object is whole.
fn published(shop: &Shop) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in glob::glob(&shop.path().join("lake/published/*/*.parquet").to_string_lossy()).unwrap() {
        let path = entry.unwrap();
        if let Ok(bytes) = std::fs::read(&path) {
            let table = path.strip_prefix(shop.path().join("lake/published")).unwrap();
            let table = table.with_extension("").to_string_lossy().replace('/', ".");
            found.insert(table, blake3::hash(&bytes).to_hex().to_string());
        }
    }
    found
}

/// A shop with enough segments that a process is also killed while it publishes them.
fn published_shop() -> Shop {
    let shop = shop();
    for n in 1..=SEGMENTS {
        shop.put(&format!("sql/segment/people_{n}.sql"), PEOPLE);
    }
    shop
}

/// What a reader finds is OLD or NEW, to the byte; what BI tools see is a whole object of either.
fn is_whole(shop: &Shop, old: &State, new: &State, what: &str) -> State {
    let found = state(&lake(shop));
    assert!(found == *old || found == *new, "{what}: run {}", found.run);
    for (table, hash) in published(shop) {
        let known = [old, new].map(|state| state.tables.get(&table));
        assert!(known.contains(&Some(&hash)), "{what}: published {table}");
    }
    found
}

#[test]
fn row_1_killed_at_any_moment() {
    let (kills, mut dice) = (many(20, 200), seed(1));
    // Nobody kills the second: it says what NEW is.
    let (shop, reference) = (published_shop(), published_shop());
    let segments: Vec<String> = (1..=SEGMENTS).map(|n| format!("segment.people_{n}")).collect();
    let refresh: Vec<&str> = REFRESH.into_iter().chain(segments.iter().map(String::as_str)).collect();
    let mut old = State { run: 0, tables: BTreeMap::new() };
    let (mut struck, mut late, mut reads, mut committed) = (0, 0, 0, 0);
    for round in 1.. {
        bring(&shop, round);
        bring(&reference, round);
        let started = Instant::now();
        reference.run(&refresh).ok();
        let span = started.elapsed();
        let new = state(&lake(&reference));
        while struck < kills {
            let time = span.mul_f64(1.2 * random(&mut dice) as f64 / u64::MAX as f64);
            let what = format!("round {round}, killed after {time:?}");
            let running = kill::kill_after(kill::start(shop.path(), &refresh), time, || {
                is_whole(&shop, &old, &new, &what);
                reads += 1;
            });
            *(if running { &mut struck } else { &mut late }) += 1;
            if is_whole(&shop, &old, &new, &what) == new {
                committed += usize::from(running);
                break;
            }
        }
        // The next refresh goes on by itself.
        shop.run(&refresh).ok();
        assert_eq!(state(&lake(&shop)), new, "round {round}");
        old = new;
        if struck >= kills {
            break;
        }
    }
    let orphans = json(&shop, &["verify"])["orphans"].as_array().unwrap().len();
    let collected = json(&shop, &["gc", "--yes", "--grace-hours", "0", "--keep-runs", "1000"]);
    let found = json(&shop, &["verify"]);
    assert_eq!(
        [&found["damaged"], &found["orphans"], &found["notices"]].map(|list| list.as_array().unwrap().len()),
        [0; 3]
    );
    println!(
        "row 1: {kills} kills while it ran, {committed} of them behind the commit, {late} refreshes were done before; \
         {reads} reads meanwhile; {orphans} orphans, {} collected",
        ["objects", "leftovers"].map(|kind| collected[kind].as_array().unwrap().len()).iter().sum::<usize>()
    );
}

#[test]
fn an_interruption_behind_the_commit_says_that_the_run_stands() {
    let shop = shop();
    // What is read first when the run is published is a pipe into which nobody writes.
    let record = shop.path().join("lake/_onefold/published.json");
    std::fs::create_dir_all(record.parent().unwrap()).unwrap();
    assert!(Command::new("mkfifo").arg(&record).status().unwrap().success());
    let mut child = shop.command(&REFRESH).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let manifest = shop.path().join("lake/_onefold/manifest/00000000000000000001.json");
    while !manifest.exists() {
        assert_eq!(child.try_wait().unwrap(), None);
        std::thread::sleep(Duration::from_millis(5));
    }
    // Who opens the pipe lets the process go on: not before it was interrupted.
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    std::thread::sleep(Duration::from_millis(200));
    let pipe = std::fs::File::options().read(true).write(true).open(&record).unwrap();
    let outcome = Outcome::from(child.wait_with_output().unwrap());
    drop(pipe);
    outcome.fails(130, &["interrupted", "hint: run 1 is committed", "the next `onefold refresh`"]);
    std::fs::remove_file(&record).unwrap();
    shop.run(&REFRESH).ok();
    shop.run(&["verify"]).ok();
}

#[test]
fn row_4_two_refreshes_at_once() {
    let shop = shop();
    let (rounds, mut conflicts) = (many(3, 50), 0);
    for round in 1..=rounds {
        bring(&shop, round);
        let refresh = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_onefold"));
            command.args(REFRESH).current_dir(shop.path());
            command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
            command.spawn().unwrap()
        };
        let outcomes = [refresh(), refresh()].map(|child| Outcome::from(child.wait_with_output().unwrap()));
        let head = state(&lake(&shop));
        let lost: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.code != 0).collect();
        match lost.as_slice() {
            [lost] => {
                conflicts += 1;
                assert_eq!(lost.code, 3, "{}", lost.stderr);
                assert!(lost.stderr.contains("another process committed run"), "{}", lost.stderr);
            }
            // One was done before the other began.
            [] => assert!(outcomes.iter().any(|outcome| outcome.stderr.contains("nothing has changed"))),
            _ => panic!("both failed: {}\n{}", outcomes[0].stderr, outcomes[1].stderr),
        }
        assert_eq!(head.run, round as u64);
        assert_eq!(shop.value("SELECT count(*) FROM segment.people"), (3 + 40 * round).to_string());
    }
    let found = block_on(lake(&shop).verify(None)).unwrap();
    assert_eq!((found.damaged, found.orphans, found.notices), (vec![], vec![], vec![]));
    println!("row 4: {rounds} rounds, {conflicts} conflicts");
    assert!(conflicts > 0);
}
