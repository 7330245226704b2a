//! What is expected of a source: how fresh it is, and how much comes.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use object_store::memory::InMemory;
use onefold::lake::{Lake, Manifest};
use onefold::land::land as land_in_process;
use onefold::progress::Silent;
use onefold::project::Project;

use super::{land, notices, refused, shop};
use crate::support::Shop;

/// A file of `rows` rows.
fn file(rows: usize) -> String {
    let rows = (0..rows).map(|id| format!("{id}\n")).collect::<Vec<_>>().concat();
    format!("id\n{rows}")
}

/// What `status` says of what is expected: name, met, found.
fn status(shop: &Shop) -> Vec<(String, bool, String)> {
    let status: serde_json::Value = serde_json::from_str(&shop.run(&["status", "--json"]).ok().stdout).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let expectations = status["sources"][0]["expectations"].as_array().unwrap().iter();
    expectations.map(|one| (text(&one["expectation"]), one["met"].as_bool().unwrap(), text(&one["found"]))).collect()
}

/// Sets when a file was last written.
fn touch(shop: &Shop, name: &str, at: &str) {
    let at: jiff::Timestamp = at.parse().unwrap();
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(at.as_second() as u64);
    std::fs::File::options().write(true).open(shop.path().join(name)).unwrap().set_modified(time).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn age_is_counted_to_when_the_run_began() {
    let shop = shop("max_age = '36h'").write("in/a.csv", file(1)).write("in/b.csv", file(2));
    touch(&shop, "in/a.csv", "2026-06-28T10:00:00Z");
    touch(&shop, "in/b.csv", "2026-06-01T10:00:00Z");
    let project = Project::open(shop.path()).unwrap();
    for (begun, met, age) in [
        ("2026-06-29T22:00:00Z", true, "36h00m old"),
        ("2026-06-29T22:01:00Z", false, "36h01m old"),
        ("2026-07-30T00:00:00Z", false, "31d14h old"),
        // Written while the run went on, or by a clock that is fast.
        ("2026-06-28T09:59:00Z", true, "1m ahead of this run"),
        ("2026-05-28T09:59:00Z", false, "31d00h ahead of this run"),
    ] {
        let lake = Lake::with_store(Arc::new(InMemory::new()), "test");
        let mut draft = Manifest::empty("shop").next(lake.writer(), "land", begun.parse().unwrap());
        let landed = land_in_process(&project, &[], &lake, &mut draft, &Silent).await.unwrap();
        let [stands] = landed.reports[0].expectations.as_slice() else { panic!("one expectation") };
        assert_eq!(stands.met, met, "{begun}");
        assert_eq!(stands.found, format!("the newest file, `in/a.csv`, is {age}; `max_age` is 36h"));
    }
}

#[test]
fn a_stale_source_is_told_each_time_or_stops() {
    let shop = shop("max_age = '36h'").write("in/a.csv", file(1));
    touch(&shop, "in/a.csv", "2001-01-01T00:00:00Z");
    for _ in 0..2 {
        let outcome = shop.run(&["land"]).ok();
        assert!(
            outcome.stderr.contains("`crm` is not as expected: the newest file, `in/a.csv`, is"),
            "{}",
            outcome.stderr
        );
    }
    assert!(shop.run(&["status"]).ok().stdout.contains("crm is not as expected: the newest file"));
    let strict = super::shop("max_age = '36h'\nexpect = 'stop'").write("in/a.csv", file(1));
    touch(&strict, "in/a.csv", "2001-01-01T00:00:00Z");
    refused(
        &strict,
        1,
        &["the source is not as expected", "crm", "in/a.csv", "`max_age` is 36h", "it stays as it was"],
    );
    strict.remove("in/a.csv");
    assert_eq!(status(&strict)[0].2, "no file matches");
}

#[test]
fn what_is_not_as_expected_is_told_to_quiet_jobs_too() {
    let shop = shop("max_age = '36h'").write("in/a.csv", file(1));
    touch(&shop, "in/a.csv", "2001-01-01T00:00:00Z");
    // The first lands something, the second nothing.
    for more in ["--quiet", "--json"] {
        let outcome = shop.run(&["land", more]).ok();
        let [told] = outcome.stderr.lines().collect::<Vec<_>>()[..] else { panic!("{}", outcome.stderr) };
        assert!(told.starts_with("notice: `crm` is not as expected: the newest file, `in/a.csv`, is "), "{told}");
        assert!(told.ends_with("; ask who delivers it, or change `max_age` under `[sources.crm]`"), "{told}");
    }
    shop.put("in/a.csv", file(1));
    assert_eq!(shop.run(&["land", "--quiet"]).ok().stderr, "");
}

#[test]
fn what_a_run_told_is_kept_with_it() {
    let shop = shop("min_rows = 2").write("in/a.csv", file(2));
    shop.run(&["land", "--quiet"]).ok();
    shop.put("in/a.csv", file(3));
    shop.put("in/b.csv", file(1));
    shop.run(&["land", "--quiet"]).ok();
    let json =
        |command| serde_json::from_str::<serde_json::Value>(&shop.run(&[command, "--json"]).ok().stdout).unwrap();
    let unmet = "`crm` is not as expected: `in/b.csv` has 1 rows; `min_rows` is 2; ask who delivers it, or change \
        `min_rows` under `[sources.crm]`";
    let told = serde_json::json!([
        {"source": "crm", "unmet": false, "text": "`in/a.csv` changed since it landed: its rows are replaced"},
        {"source": "crm", "unmet": true, "text": unmet},
    ]);
    assert_eq!(json("status")["notices"], told);
    assert_eq!([&json("history")[0]["notices"], &json("history")[1]["notices"]], [&told, &serde_json::json!([])]);
    let changed = "crm: `in/a.csv` changed since it landed: its rows are replaced\n";
    let history = shop.run(&["history"]).ok().stdout;
    assert!(history.ends_with(&format!("\nnotices\n  run 2: {changed}  run 2: {unmet}\n")), "{history}");
    let status = shop.run(&["status"]).ok().stdout;
    assert!(status.contains(&format!("\nnotices of run 2\n  {changed}\n")), "{status}");
    assert_eq!(status.matches("is not as expected").count(), 1, "{status}");
    // A run without any.
    shop.put("in/c.csv", file(2));
    shop.run(&["land", "--quiet"]).ok();
    assert!(!shop.run(&["status"]).ok().stdout.contains("notices of run"));
}

#[test]
fn who_did_not_land_and_what_a_check_warned_of_is_kept_too() {
    let shop = shop("").write("in/a.csv", file(1)).write("more.csv", "id\n1\n");
    let config = std::fs::read_to_string(shop.path().join("onefold.toml")).unwrap();
    shop.put("onefold.toml", format!("{config}[sources.more]\npath = \"more.csv\"\n"));
    let check =
        "-- Everybody has a number above 7\n-- severity: warn\nSELECT id FROM raw.crm WHERE CAST(id AS INT) < 8\n";
    shop.put("sql/check/numbers.sql", check);
    shop.run(&["land", "more", "--quiet"]).ok();
    shop.put("more.csv", "");
    shop.run(&["refresh", "--quiet", "--select", "+rfm.history"]).fails(1, &["1 of 2 sources did not land"]);
    let status = shop.run(&["status"]).ok().stdout;
    let failed = "more: did not land and stays as it was: the file is empty; `onefold land more` tries again\n";
    let warned = "the check `numbers` found rows: Everybody has a number above 7; `onefold run` shows the first\n";
    assert!(status.contains(&format!("\nnotices of run 2\n  {failed}  {warned}")), "{status}");
}

#[test]
fn a_file_of_too_few_rows_is_told_or_stops() {
    let shop = shop("min_rows = 10").write("in/a.csv", file(10)).write("in/b.csv", file(9));
    let told = "`crm` is not as expected: `in/b.csv` has 9 rows; `min_rows` is 10; ask who delivers it, or change \
        `min_rows` under `[sources.crm]`";
    assert_eq!(notices(&shop), [told]);
    assert_eq!(status(&shop), [("min_rows".into(), false, "`in/b.csv` has 9 rows; `min_rows` is 10".into())]);
    // It landed, and is not told again.
    assert!(notices(&shop).is_empty());
    let strict = super::shop("min_rows = 10\nexpect = 'stop'").write("in/a.csv", file(9));
    refused(&strict, 1, &["`in/a.csv` has 9 rows; `min_rows` is 10"]);
    strict.put("in/a.csv", file(11));
    land(&strict);
    assert_eq!(status(&strict), [("min_rows".into(), true, "`in/a.csv` has 11 rows; `min_rows` is 10".into())]);
}

#[test]
fn files_of_unusual_size_are_told_or_stop() {
    let settings = "max_change_percent = 50.0\nexpect = 'stop'";
    // Until three are there, nothing is usual.
    let shop = shop(settings).write("in/1.csv", file(10)).write("in/2.csv", file(400)).write("in/3.csv", file(20));
    land(&shop);
    shop.put("in/4.csv", file(9));
    refused(&shop, 1, &["`in/4.csv` has 9 rows, 55 % fewer than the usual 20; `max_change_percent` is 50"]);
    shop.put("in/4.csv", file(31));
    refused(&shop, 1, &["`in/4.csv` has 31 rows, 55 % more than the usual 20"]);
    shop.put("in/4.csv", file(30));
    land(&shop);
    assert_eq!(status(&shop)[0].0, "max_change_percent");
    assert!(status(&shop)[0].1);
}

#[test]
fn snapshots_are_compared_with_those_of_earlier_runs() {
    for keep in ["latest", "present"] {
        let shop = shop(&format!("keep = '{keep}'\nmax_change_percent = 50.0"));
        for day in 1..=4 {
            shop.put("in/crm.csv", file(20 + day));
            assert!(notices(&shop).iter().all(|notice| !notice.contains("expected")), "{keep} {day}");
        }
        shop.put("in/crm.csv", file(2));
        let told = "`in/crm.csv` has 2 rows, 91 % fewer than the usual 22; `max_change_percent` is 50";
        let notice = notices(&shop).remove(1);
        assert!(notice.starts_with(&format!("`crm` is not as expected: {told}; ask who")), "{keep}: {notice}");
        assert_eq!(status(&shop), [("max_change_percent".into(), false, told.into())], "{keep}");
    }
}

#[test]
fn settings_are_checked() {
    shop("max_age = '36 hours'")
        .run(&["land"])
        .fails(2, &["line `4`", "^^^", "`36 hours` is no span of time", "`36h`"]);
    shop("min_row = 5").run(&["land"]).fails(2, &["line `4`", "did you mean `min_rows`?"]);
    shop("expect = 'stopp'").run(&["land"]).fails(2, &["line `4`", "did you mean `stop`?"]);
}
