//! Old rows go, and what was made of them stays.

use std::collections::BTreeMap;
use std::path::Path;

use crate::journey::{self, CLICKS, CLICKS_HEAD, CONFIG};
use crate::support::{Shop, repository};

/// The journey's shop, which keeps clicks from 12 June on.
fn shop() -> Shop {
    let clicks = "path = \"clicks*.csv\"\nretain = \"18d\"\nretain_by = \"parse_timestamp(at, 'UTC')\"\n";
    let config = CONFIG.replace("path = \"clicks.csv\"\n", clicks);
    assert_ne!(config, CONFIG);
    let shop = journey::shop().write("onefold.toml", config);
    shop.run(&["refresh"]).ok();
    shop
}

/// The bytes of all published files, by their paths.
fn published(shop: &Shop) -> BTreeMap<String, Vec<u8>> {
    fn add(dir: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                add(&path, files);
            } else {
                files.insert(path.to_string_lossy().into_owned(), std::fs::read(&path).unwrap());
            }
        }
    }
    let mut files = BTreeMap::new();
    add(&shop.path().join("lake/published"), &mut files);
    assert!(files.len() > 50, "{:?}", files.keys());
    files
}

fn retain(shop: &Shop, args: &[&str]) -> serde_json::Value {
    let outcome = shop.run(&[&["privacy", "retain", "--json"], args].concat()).ok();
    serde_json::from_str(&outcome.stdout).unwrap()
}

fn count(shop: &Shop, table: &str) -> String {
    shop.value(&format!("SELECT count(*) FROM {table}"))
}

fn data_files(shop: &Shop) -> usize {
    std::fs::read_dir(shop.path().join("lake/raw/clicks")).unwrap().count()
}

#[test]
fn old_clicks_go_and_nothing_published_changes() {
    let shop = shop();
    let before = published(&shop);
    let files = data_files(&shop);
    let would = retain(&shop, &[]);
    assert_eq!((&would["run"], &would["sources"][0]["rows"]), (&serde_json::Value::Null, &7.into()), "{would}");
    assert_eq!(
        (count(&shop, "raw.clicks").as_str(), data_files(&shop)),
        ("17", files),
        "a dry run leaves nothing behind"
    );

    let did = retain(&shop, &["--yes"]);
    assert_eq!(did["run"], 2, "{did}");
    let source = &did["sources"][0];
    assert_eq!(
        [&source["before"], &source["first_day"], &source["last_day"]],
        ["2026-06-12", "2026-06-01", "2026-06-10"].map(serde_json::Value::from).each_ref()
    );
    assert_eq!(
        shop.rows("SELECT id FROM raw.clicks ORDER BY CAST(id AS BIGINT)"),
        ["7", "8", "9", "10", "11", "13", "14", "15", "16", "17"]
    );
    assert_eq!(count(&shop, "clean.events"), "10");
    assert_eq!(shop.value("SELECT sum(events) FROM clean.past_event_summaries"), "7");
    assert_eq!(published(&shop), before);

    // The file that they landed from is known still, and there is nothing more to drop.
    assert_eq!(retain(&shop, &["--yes"])["run"], serde_json::Value::Null);
    shop.run(&["refresh"]).ok();
    assert_eq!(count(&shop, "raw.clicks"), "10");
    let status: serde_json::Value = serde_json::from_str(&shop.run(&["status", "--json"]).ok().stdout).unwrap();
    let clicks = status["sources"].as_array().unwrap().iter().find(|source| source["source"] == "clicks").unwrap();
    assert_eq!([&clicks["rows_landed"], &clicks["rows_expired"]], [&17.into(), &7.into()] as [&serde_json::Value; 2]);
    assert_eq!(status["run"], 2);
    let notice = status["notices"][0]["text"].as_str().unwrap();
    assert_eq!(notice, "dropped 7 rows from before 2026-06-12, because of `retain`");

    // Their file goes with the run that held them.
    shop.run(&["gc", "--yes", "--keep-runs", "1", "--grace-hours", "0"]).ok();
    assert_eq!(data_files(&shop), 1);
    shop.run(&["verify"]).ok();
}

#[test]
fn what_comes_late_counts_until_its_day_is_summed_up() {
    let shop = shop();
    retain(&shop, &["--yes"]);
    let sessions = "SELECT started_at, events FROM profile.sessions ORDER BY started_at LIMIT 4";
    let before = shop.rows(sessions);
    // One of a day that is summed up, one of a day of which nothing was known.
    shop.put(
        "clicks-late.csv",
        format!(
            "{CLICKS_HEAD}18,crm:2,2026-06-09T12:00:00Z,view,/pot,T2,,\n19,crm:2,2026-06-11T12:00:00Z,view,/pot,T2,,\n"
        ),
    );
    // The old rows of a file that changed land again, and count once.
    shop.put("clicks.csv", format!("{CLICKS_HEAD}{CLICKS}20,crm:3,2026-06-29T12:00:00Z,view,/pot,T2,,\n"));
    shop.run(&["refresh"]).ok();
    assert_eq!(count(&shop, "raw.clicks"), "20");
    let after = shop.rows(sessions);
    assert_eq!(after[..3], before[..3]);
    assert_eq!(after[3], "2026-06-11T12:00:00,1");
    let now = published(&shop);
    assert_eq!(retain(&shop, &["--yes"])["sources"][0]["rows"], 9);
    assert_eq!(published(&shop), now);
    assert_eq!(shop.value("SELECT sum(events) FROM clean.past_event_summaries"), "8");
}

#[test]
fn rows_that_something_else_is_made_of_do_not_go() {
    let shop = Shop::copy(&repository().join("data/shop"));
    let config = std::fs::read_to_string(shop.path().join("onefold.toml")).unwrap();
    let config = config.replace("retain = \"400d\"", "retain = \"60d\"");
    let ends = "retain_ends = [\"cookie\", \"user_id\"]\n";
    assert!(config.contains(ends));
    shop.put("onefold.toml", config.replace(ends, ""));
    shop.run(&["refresh"]).ok();
    let (before, clicks) = (published(&shop), count(&shop, "raw.web_events"));
    shop.run(&["privacy", "retain", "--yes"]).fails(1, &["nothing went: ", "`clean.identifiers`", "`retain_ends`"]);
    assert_eq!((published(&shop), count(&shop, "raw.web_events")), (before.clone(), clicks));

    // Whose a browser was, and when, is told by the first and the last click of its accounts.
    shop.put("onefold.toml", &config);
    let did = retain(&shop, &["--yes"]);
    let source = &did["sources"][0];
    assert!(source["rows"].as_u64() > Some(20) && source["rows_kept"].as_u64() > Some(5), "{source}");
    assert_eq!(published(&shop), before);
    shop.put("sql/segment/vip.sql", "SELECT customer_id FROM rfm.scores WHERE monetary_score = 5");
    shop.put("onefold.toml", config.replace("\"60d\"", "\"30d\""));
    shop.run(&["privacy", "retain"]).fails(2, &["1 stages are out of date", "`onefold run` first"]);
}

#[test]
fn a_time_that_is_none_and_a_column_that_is_missing_are_told() {
    let shop = shop();
    let config = std::fs::read_to_string(shop.path().join("onefold.toml")).unwrap();
    let with = |from: &str, to: &str| {
        shop.put("onefold.toml", config.replace(from, to));
        shop.run(&["privacy", "retain"])
    };
    let by = "retain_by = \"parse_timestamp(at, 'UTC')\"\n";
    with(by, "retain_by = \"at\"\n").fails(2, &["`retain_by` gives no time", "sources.clicks.retain_by"]);
    with(by, "retain_by = \"parse_timestamp(att, 'UTC')\"\n").fails(2, &["`retain_by` is wrong", "did you mean `at`?"]);
    let ends = format!("{by}retain_ends = [\"whom\"]\n");
    with(by, &ends).fails(2, &["the source lacks the column `whom`", "did you mean `who`?"]);
    with("retain = \"18d\"\n", "").fails(2, &["`retain_by` is for `retain`"]);
    with(&format!("retain = \"18d\"\n{by}"), "").fails(2, &["no source says how long its rows may be kept"]);
}
