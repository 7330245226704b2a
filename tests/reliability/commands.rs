//! `verify`, `gc`, `history` and `restore` as their users call them.

use std::sync::Arc;
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Schema};
use bytes::Bytes;
use onefold::lake::{DataFile, Keep, Lake, Manifest};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::bench::{block_on, json, shop, state};
use crate::support::Shop;

const REFRESH: [&str; 4] = ["refresh", "--select", "clean.contacts", "segment.people"];

/// A shop after `runs` runs, each with a customer more.
fn grown(runs: usize) -> Shop {
    let shop = shop();
    for run in 1..=runs {
        shop.put(&format!("crm-{run}.csv"), format!("id,name\n{run},Customer {run}\n"));
        shop.run(&REFRESH).ok();
    }
    shop
}

#[test]
fn what_a_reader_has_pinned_stays_for_the_grace_time() {
    let shop = grown(4);
    let lake = Lake::open("lake", shop.path()).unwrap();
    let pinned = block_on(lake.snapshot(Some(1))).unwrap();
    let reads = || block_on(lake.check(pinned.manifest.files().into_values().map(|(_, file)| file).collect()));
    let day = Keep { runs: 1, grace: Duration::from_hours(24) };
    let garbage = block_on(lake.collect_garbage(&day)).unwrap();
    assert_eq!((garbage.kept_from, garbage.objects.len()), (1, 0));
    reads().unwrap();
    let garbage = block_on(lake.collect_garbage(&Keep { runs: 1, grace: Duration::ZERO })).unwrap();
    assert_eq!(garbage.kept_from, 4);
    assert!(garbage.objects.len() >= 3);
    reads().unwrap_err();
}

#[test]
fn gc_says_first_what_would_go_and_keeps_the_newest_runs() {
    let shop = grown(4);
    let lake = || Lake::open("lake", shop.path()).unwrap();
    let head = state(&lake());
    let args = ["gc", "--keep-runs", "2", "--grace-hours", "0"];
    let dry = json(&shop, &args);
    assert_eq!((dry["removed"].as_bool(), dry["kept_from"].as_u64()), (Some(false), Some(3)));
    let objects = dry["objects"].as_array().unwrap().len();
    // Of runs 1 and 2, the two stages' files; their raw files are still in use.
    assert_eq!(objects, 4, "{dry}");
    assert_eq!(json(&shop, &args)["objects"].as_array().unwrap().len(), objects, "a dry run removed something");
    let text = shop.run(&args).ok().stdout;
    assert!(text.contains("4 files") && text.contains("onefold gc --yes"), "{text}");
    let wet = json(&shop, &[&args[..], &["--yes"]].concat());
    assert_eq!((wet["removed"].as_bool(), &wet["objects"]), (Some(true), &dry["objects"]));
    assert_eq!(json(&shop, &args)["objects"].as_array().unwrap().len(), 0);
    assert_eq!(state(&lake()), head);
    let kept: Vec<bool> = json(&shop, &["history"]).as_array().unwrap().iter().map(|run| run["kept"] == true).collect();
    assert_eq!(kept, [true, true, false, false], "the list of runs stays");
    // The other kept run can be asked, the older ones cannot, and `verify` does not miss what was collected.
    let count = ["sql", "-c", "SELECT count(*) AS n FROM segment.people", "--format", "csv", "--run"];
    assert_eq!(shop.run(&[&count[..], &["3"]].concat()).ok().stdout, "n\r\n3\r\n");
    shop.run(&[&count[..], &["2"]].concat()).fails(1, &["it is missing"]);
    shop.run(&["verify"]).ok();
    shop.run(&["restore", "2"]).fails(2, &["the files of run 2 have been collected", "onefold history"]);
}

#[test]
fn gc_removes_what_a_killed_refresh_left_and_nothing_else() {
    let shop = grown(2);
    let ours = [
        "clean/contacts/00000003-deadbeef-0.parquet",
        "raw/crm/0123456789abcdef-deadbeef.parquet#1",
        "published/segment/people.parquet#0",
    ];
    let foreign = ["notes.txt", "raw/crm.csv", "raw/crm/2024-01.parquet", "clean/draft#1", "other/x.parquet#1"];
    ours.iter().chain(&foreign).for_each(|path| shop.put(&format!("lake/{path}"), "half a f"));
    let count = |report: &serde_json::Value, kind: &str| report[kind].as_array().unwrap().len();
    assert_eq!(count(&json(&shop, &["verify"]), "orphans"), 3);
    let young = json(&shop, &["gc"]);
    assert_eq!((count(&young, "objects"), count(&young, "leftovers")), (0, 0));
    let report = json(&shop, &["gc", "--yes", "--grace-hours", "0"]);
    assert_eq!(report["objects"][0]["path"], ours[0]);
    assert_eq!((count(&report, "objects"), count(&report, "leftovers")), (1, 2));
    assert!(foreign.iter().all(|path| shop.path().join("lake").join(path).exists()));
    let found = json(&shop, &["verify"]);
    assert_eq!((count(&found, "orphans"), count(&found, "notices")), (0, 0));
}

#[test]
fn what_is_missing_from_published_is_found_and_published_again() {
    let shop = grown(1);
    shop.remove("lake/published/segment/people.parquet");
    let outcome = shop.run(&["verify", "--json"]).fails(1, &["damage was found in 1 file", "onefold refresh"]);
    let report: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(report["damaged"][0]["path"], "published/segment/people.parquet");
    shop.run(&REFRESH).ok();
    shop.run(&["verify"]).ok();
}

#[test]
fn restore_brings_an_older_run_back_as_a_newer_one_and_forward_again() {
    let shop = grown(3);
    let state = || state(&Lake::open("lake", shop.path()).unwrap());
    let people = || shop.value("SELECT count(*) FROM segment.people");
    let published = shop.path().join("lake/published/segment/people.parquet");
    let (newest, bytes) = (state(), std::fs::read(&published).unwrap());
    let report = json(&shop, &["restore", "1"]);
    assert_eq!((report["run"].as_u64(), report["restored"].as_u64()), (Some(4), Some(1)));
    assert_eq!(report["published"], serde_json::json!(["segment.people"]));
    assert_eq!(people(), "1");
    assert_ne!(std::fs::read(&published).unwrap(), bytes);
    shop.run(&["restore", "1"]).fails(2, &["run 1 holds what the newest run 4 holds"]);
    shop.run(&["restore", "9"]).fails(2, &["there is no run 9"]);
    shop.run(&["restore", "3"]).ok();
    assert_eq!((state().run, state().tables, people().as_str()), (5, newest.tables, "3"));
    assert_eq!(std::fs::read(&published).unwrap(), bytes);
    // What landed behind run 1 lands again.
    shop.run(&["restore", "1"]).ok();
    shop.run(&REFRESH).ok();
    assert_eq!(people(), "3");
    shop.run(&["verify"]).ok();
}

#[test]
fn restore_does_not_bring_damage_back() {
    let shop = grown(2);
    let lake = Lake::open("lake", shop.path()).unwrap();
    let old = block_on(lake.manifest(1)).unwrap();
    let file = shop.path().join("lake").join(&old.tables["segment.people"].files[0].path);
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[10] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    shop.run(&["restore", "1"]).fails(1, &["damaged", "segment/people/", "expected bytes"]);
    assert_eq!(block_on(lake.runs()).unwrap(), [1, 2]);
}

/// Changes the newest manifest behind the back of the lake, which finds it in order.
fn reseal(shop: &Shop, change: impl FnOnce(&Lake, &mut Manifest)) {
    let lake = Lake::open("lake", shop.path()).unwrap();
    let mut head = block_on(lake.head()).unwrap().unwrap();
    change(&lake, &mut head);
    shop.put(&format!("lake/_onefold/manifest/{:020}.json", head.run), head.to_json());
}

fn first_file<'a>(manifest: &'a mut Manifest, table: &str) -> &'a mut DataFile {
    &mut manifest.tables.get_mut(table).unwrap().files[0]
}

#[test]
fn verify_finds_rows_that_a_manifest_counts_and_a_file_has_not() {
    let shop = grown(2);
    reseal(&shop, |_, head| first_file(head, "segment.people").rows += 1);
    let outcome = shop.run(&["verify", "--json"]).fails(1, &["damage was found in 1 file"]);
    let report: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    let found = ["belongs_to", "run", "problem"].map(|key| &report["damaged"][0][key]);
    assert_eq!(found, [&"segment.people".into(), &2.into(), &serde_json::json!("it has 2 rows, not 3")]);
}

#[test]
fn verify_finds_keys_that_come_twice_and_nulls_that_the_contract_forbids() {
    let shop = grown(2);
    // Each row twice.
    reseal(&shop, |lake, head| {
        let file = first_file(head, "clean.contacts");
        *file = rewritten(lake, file, |rows| [&rows, &rows].map(Clone::clone).to_vec());
    });
    let outcome = shop.run(&["verify"]).fails(1, &["the contract does not hold in 1 place", "onefold run --force"]);
    let told = "contract: clean.contacts: 2 of its keys (record_id) stand in more than one row\n";
    assert!(outcome.stdout.contains(told), "{}", outcome.stdout);
    // Once, in a column that may be null.
    reseal(&shop, |lake, head| {
        let file = first_file(head, "clean.contacts");
        *file = rewritten(lake, file, |rows| {
            let optional = |field: &Arc<Field>| field.as_ref().clone().with_nullable(true);
            let schema = Schema::new(rows.schema().fields().iter().map(optional).collect::<Vec<_>>());
            vec![RecordBatch::try_new(Arc::new(schema), rows.slice(0, 2).columns().to_vec()).unwrap()]
        });
    });
    let outcome = shop.run(&["verify"]).fails(1, &["the contract does not hold in"]);
    assert!(outcome.stdout.contains("clean.contacts: column `record_id` may be null\n"), "{}", outcome.stdout);
}

/// Another data file, of what `change` makes of the rows of `file`.
fn rewritten(lake: &Lake, file: &DataFile, change: impl FnOnce(RecordBatch) -> Vec<RecordBatch>) -> DataFile {
    let bytes = std::fs::read(lake.folder().unwrap().join(&file.path)).unwrap();
    let mut reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(bytes)).unwrap().build().unwrap();
    let batches = change(reader.next().unwrap().unwrap());
    let path = format!("clean/contacts/{:08}-{}-9.parquet", file.rows, lake.writer());
    block_on(async {
        let mut writer = lake.create(path.into(), batches[0].schema(), &[]).unwrap();
        for batch in batches {
            writer.write(batch).await.unwrap();
        }
        writer.finish().await.unwrap()
    })
}

#[test]
fn verify_counts_what_it_read_and_holds_the_contract() {
    let shop = grown(2);
    let report = json(&shop, &["verify"]);
    assert_eq!(report["runs"], serde_json::json!([1, 2]));
    // Two raw files, two tables in two runs each, one table published.
    assert_eq!((report["files"].as_u64(), report["rows"].as_u64()), (Some(7), Some(1 + 1 + 2 * (1 + 2))));
    let text = shop.run(&["verify"]).ok().stdout;
    assert!(
        text.starts_with("2 runs, 7 files, 8 rows, ") && text.ends_with("everything is as it was written\n"),
        "{text}"
    );
    let contract = onefold::project::SqlFolder::built_in().get("contract.sql").unwrap().text.clone();
    let changed = contract.replacen("full_name", "whole_name", 1);
    assert_ne!(changed, contract);
    shop.put("sql/contract.sql", changed);
    let outcome = shop.run(&["verify"]).fails(1, &["the contract does not hold in 1 place"]);
    assert!(outcome.stdout.contains("contract: clean.contacts: column `whole_name` is missing"), "{}", outcome.stdout);
}
