//! Rows 1, 4 and 8 on the real binary, a real folder and a real file system.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use onefold::lake::{Keep, Lake};

use super::bench::{State, block_on, bring_more, many, shop, state};
use crate::faults::kill;
use crate::faults::store::random;
use crate::support::{Outcome, Shop};

const REFRESH: [&str; 3] = ["refresh", "--as-of", "2026-06-30"];

/// The sources of round `round`: each brings a file more.
fn bring(shop: &Shop, round: usize) {
    let rows: Vec<String> = (0..40).map(|n| format!("{round}{n:02},Ioana Pop {n}")).collect();
    shop.put(&format!("crm-{round}.csv"), format!("id,name\n{}\n", rows.join("\n")));
}

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

#[test]
fn row_1_killed_at_any_moment() {
    let (kills, per_round) = (many(20, 200), 5);
    let (shop, reference) = (shop(), shop_like());
    let mut seed = 1;
    let mut old = State { run: 0, tables: BTreeMap::new() };
    let (mut struck, mut reads, mut span) = (0, 0, Duration::from_secs(3));
    for round in 0..kills / per_round {
        // What this round must come to, from a project that nobody kills.
        [&shop, &reference].iter().for_each(|shop| bring(shop, round));
        let started = Instant::now();
        reference.run(&REFRESH).ok();
        span = if round == 0 { started.elapsed() } else { span.max(started.elapsed()) };
        let new = state(&lake(&reference));
        let is_whole = |what: &str| {
            let found = state(&lake(&shop));
            assert!(found == old || found == new, "{what}: run {}", found.run);
            for (table, hash) in published(&shop) {
                let known = [&old, &new].map(|state| state.tables.get(&table));
                assert!(known.contains(&Some(&hash)), "{what}: published {table}");
            }
        };
        for _ in 0..per_round {
            let time = span.mul_f64(random(&mut seed) as f64 / u64::MAX as f64);
            let child = kill::start(shop.path(), &REFRESH);
            let what = format!("round {round}, killed after {time:?}");
            struck += usize::from(kill::kill_after(child, time, || {
                is_whole(&what);
                reads += 1;
            }));
            is_whole(&what);
        }
        shop.run(&REFRESH).ok();
        assert_eq!(state(&lake(&shop)), new, "round {round}");
        old = new;
    }
    let keep = Keep { runs: 100, grace: Duration::ZERO };
    let garbage = block_on(lake(&shop).collect_garbage(&keep)).unwrap();
    let found = block_on(lake(&shop).verify(None)).unwrap();
    assert_eq!((found.damaged, found.orphans, found.notices), (vec![], vec![], vec![]));
    println!(
        "{kills} kills, {struck} of them while it ran, {reads} reads meanwhile; {} objects and {} unfinished files collected",
        garbage.objects.len(),
        garbage.leftovers.len()
    );
    assert!(struck * 2 > kills, "{struck} of {kills} kills struck");
}

fn shop_like() -> Shop {
    shop()
}

#[test]
fn row_4_two_refreshes_at_once() {
    let shop = shop();
    let (rounds, mut conflicts) = (many(3, 50), 0);
    for round in 1..=rounds {
        bring(&shop, round);
        let refresh = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_onefold"));
            command.args(["refresh", "--select", "clean.contacts", "segment.people"]).current_dir(shop.path());
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
    assert_eq!((found.damaged, found.orphans), (vec![], vec![]));
    println!("{rounds} rounds, {conflicts} conflicts");
    assert!(conflicts > 0);
}

/// A file system of so many bytes in memory; none where we may not mount one.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount(bytes: usize) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let options = format!("size={bytes}");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(dir.path()).output();
        mounted.is_ok_and(|output| output.status.success()).then(|| Self(dir))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).output();
    }
}

#[test]
fn row_8_a_small_disk() {
    let Some(disk) = SmallDisk::mount(1 << 20) else {
        println!("skipped: a file system can be mounted only by root");
        return;
    };
    let lake_folder = disk.0.path().join("lake");
    let (shop, url) = (shop(), lake_folder.to_string_lossy().into_owned());
    let refresh = ["refresh", "--lake", &url, "--select", "clean.contacts", "segment.people"];
    shop.run(&refresh).ok();
    let lake = || Lake::open(&url, shop.path()).unwrap();
    let old = state(&lake());
    let mut seed = 8;
    let rows: Vec<String> = (10..60_000).map(|n| format!("{n},{:016x}{:016x}", random(&mut seed), n)).collect();
    bring_more(&shop);
    shop.put("crm-3.csv", format!("id,name\n{}\n", rows.join("\n")));
    shop.run(&refresh).fails(3, &["the disk is full", "path `raw/crm/", "bytes `", "free some space"]);
    assert_eq!(state(&lake()), old);
    let found = block_on(lake().verify(None)).unwrap();
    assert_eq!((found.damaged, found.orphans), (vec![], vec![]));
    // With less to land, it goes on by itself.
    shop.remove("crm-3.csv");
    shop.run(&refresh).ok();
    assert_eq!(state(&lake()).run, 2);
}
