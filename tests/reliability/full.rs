//! Row 8: a disk without space, for the lake, the quarantine, the commit and the spill files.

use std::path::Path;
use std::process::Command;

use onefold::error::Kind;
use onefold::lake::Lake;

use super::bench::{Bench, CONFIG, block_on, bring_more, shop, state};
use crate::faults::store::{Fault, Op, When, random};
use crate::support::{Outcome, Shop};

#[test]
fn row_8_the_disk_is_full() {
    at_any_write();
    on_a_small_disk();
    while_a_query_spills();
}

/// Every write of a refresh, every flush and every copy: raw rows, quarantined rows, tables, the manifest, what is published.
fn at_any_write() {
    let bench = Bench::new();
    for (is_folder, op) in [(false, Op::Put), (false, Op::Copy), (true, Op::Put), (true, Op::Copy), (true, Op::Flush)] {
        let attempt = bench.attempt(is_folder);
        attempt.refresh().unwrap();
        let calls = attempt.store.calls().iter().filter(|(called, _)| *called == op).count();
        assert!(calls > 0);
        for n in 1..=calls {
            let attempt = bench.attempt(is_folder);
            attempt.store.arm([When::from(n, Fault::Full).op(op)]);
            let error = attempt.refresh().unwrap_err();
            let calls_of_op = attempt.store.calls().into_iter().filter(|(called, _)| *called == op);
            // Of files that are brought to the disk meanwhile, several meet the same.
            let failed: Vec<_> = calls_of_op.skip(n - 1).map(|(_, path)| path).collect();
            let full = failed.last().unwrap();
            let what = format!("folder: {is_folder}, {op:?} {n} of {calls}, {full}: {error}");
            assert_eq!(error.kind(), Kind::Exhausted, "{what}");
            let is_named = |path| error.to_string().contains(&format!("path `{path}`"));
            assert!(failed.iter().any(is_named), "{what}");
            assert!(error.to_string().contains("bytes `"), "{what}");
            let found = block_on(attempt.inner_lake().verify(None)).unwrap();
            let is_committed = attempt.state() == bench.new;
            assert!(is_committed || attempt.state() == bench.old, "{what}");
            // Where the manifest itself did not fit, the outcome was open: nothing is deleted then.
            let is_open = full.as_ref().contains("_onefold/manifest/");
            assert!(found.orphans.is_empty() || is_open, "{what}: {:?}", found.orphans);
            attempt.recovers(&what);
        }
    }
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

/// Runs the binary where no file may become larger than `bytes`.
fn run_limited(shop: &Shop, bytes: usize, args: &[&str]) -> Outcome {
    let script = format!("trap '' XFSZ; ulimit -f {}; exec \"$@\"", bytes / 512);
    let mut command = Command::new("sh");
    command.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_onefold")]).args(args).current_dir(shop.path());
    command.output().unwrap().into()
}

/// A real file system that takes no more while a file lands: because it is full, where one may mount one, and because files
/// may not grow.
fn on_a_small_disk() {
    const BYTES: usize = 1 << 20;
    match SmallDisk::mount(BYTES) {
        Some(disk) => lands_nothing(disk.0.path(), "the disk is full", Shop::run),
        None => println!("row 8: no small disk, because only root can mount one"),
    }
    let folder = tempfile::tempdir().unwrap();
    lands_nothing(folder.path(), "a file may not become so large", |shop, args| run_limited(shop, BYTES, args));
}

fn lands_nothing(folder: &Path, reason: &str, run: impl Fn(&Shop, &[&str]) -> Outcome) {
    let (shop, url) = (shop(), folder.join("lake").to_string_lossy().into_owned());
    let refresh = ["refresh", "--lake", &url, "--select", "clean.contacts", "segment.people"];
    run(&shop, &refresh).ok();
    let lake = || Lake::open(&url, shop.path()).unwrap();
    let old = state(&lake());
    let mut seed = 8;
    let rows: Vec<String> = (10..60_000).map(|n| format!("{n},{:016x}{:016x}", random(&mut seed), n)).collect();
    bring_more(&shop);
    shop.put("crm-3.csv", format!("id,name\n{}\n", rows.join("\n")));
    run(&shop, &refresh).fails(1, &[reason, "path `raw/crm/", "bytes `", "free some space"]);
    assert_eq!(state(&lake()), old);
    let found = block_on(lake().verify(None)).unwrap();
    assert_eq!((found.damaged, found.orphans), (vec![], vec![]));
    // With less to land, it goes on by itself.
    shop.remove("crm-3.csv");
    run(&shop, &refresh).ok();
    assert_eq!(state(&lake()).run, 2);
}

/// A query that needs more memory than it may use, and more disk than there is.
fn while_a_query_spills() {
    const BYTES: usize = 8 << 20;
    if let Some(disk) = SmallDisk::mount(BYTES) {
        computes_nothing(disk.0.path(), "the disk is full", Shop::run);
    }
    let folder = tempfile::tempdir().unwrap();
    let reason = "a file may not become so large";
    computes_nothing(folder.path(), reason, |shop, args| run_limited(shop, BYTES / 8, args));
}

fn computes_nothing(folder: &Path, reason: &str, run: impl Fn(&Shop, &[&str]) -> Outcome) {
    let url = folder.join("lake").to_string_lossy().into_owned();
    let limits = "[limits]\nmemory_mb = 16\nthreads = 1\n";
    let sql = "-- Much to remember for a small answer.\nSELECT CAST(max(n) AS VARCHAR) AS customer_id FROM\n\
        (SELECT md5(CAST(value AS VARCHAR)) AS k, count(*) AS n FROM generate_series(1, 600000) GROUP BY 1)\n";
    let shop = shop();
    shop.put("onefold.toml", format!("{CONFIG}{limits}"));
    shop.put("sql/segment/many.sql", sql);
    let refresh = ["refresh", "--lake", &url, "--select", "segment.many"];
    let words = [reason, "spill", "path `", "bytes in memory `16777216`", "memory_mb"];
    run(&shop, &refresh).fails(1, &words);
    let lake = Lake::open(&url, shop.path()).unwrap();
    assert!(block_on(lake.runs()).unwrap().is_empty());
    let left: Vec<_> = walk(folder);
    assert!(left.is_empty(), "{left:?}");
}

/// All files below a folder.
fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let pattern = folder.join("**/*").to_string_lossy().into_owned();
    glob::glob(&pattern).unwrap().map(Result::unwrap).filter(|path| path.is_file()).collect()
}
