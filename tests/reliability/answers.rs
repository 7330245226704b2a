//! Rows 20 and 21: what the answer may depend on, and what not.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use object_store::memory::InMemory;
use onefold::cli::{Given, run_on};
use onefold::lake::{Lake, Manifest, Table};

use super::bench::block_on;
use crate::support::{Shop, repository};

const YEAR: Duration = Duration::from_hours(365 * 24);

fn sample_shop() -> Shop {
    Shop::copy(&repository().join("data/shop"))
}

/// The manifest of a refresh at the time `now`; none: the present.
fn refreshed(shop: &Shop, now: Option<Timestamp>, args: &[&str]) -> Manifest {
    let lake = Lake::with_store(Arc::new(InMemory::new()), "memory");
    let project = shop.path().to_string_lossy().into_owned();
    let args = [&["refresh", "--quiet", "--project", &project], args].concat();
    block_on(run_on(Given { lake: lake.clone(), now }, &args)).unwrap();
    block_on(lake.head()).unwrap().unwrap()
}

/// The hash of what each table holds.
fn contents(manifest: &Manifest, layers: &[&str]) -> BTreeMap<String, String> {
    let is_wanted = |name: &str| layers.iter().any(|layer| name.starts_with(&format!("{layer}.")));
    let tables = manifest.tables.iter().filter(|(name, _)| is_wanted(name));
    tables.map(|(name, table)| (name.clone(), Table::content_hash(table))).collect()
}

const ALL: [&str; 7] = ["raw", "quarantine", "clean", "match", "profile", "rfm", "segment"];

/// A clock that is a year off, in the machine or in the stamps of the source files.
#[test]
fn row_20_the_answer_depends_on_as_of_only() {
    days_that_are_hard();
    the_default_of_as_of();
    a_clock_that_is_wrong();
}

fn a_clock_that_is_wrong() {
    let shop = sample_shop();
    let answer = contents(&refreshed(&shop, None, &[]), &ALL);
    assert!(answer.len() > 40);
    for now in ["2025-06-30T00:00:00Z", "2027-06-30T00:00:00Z"] {
        let now: Timestamp = now.parse().unwrap();
        for entry in glob::glob(&shop.path().join("sources/*/*").to_string_lossy()).unwrap() {
            let file = std::fs::File::options().write(true).open(entry.unwrap()).unwrap();
            file.set_modified(SystemTime::from(now) - YEAR).unwrap();
        }
        let manifest = refreshed(&shop, Some(now), &[]);
        assert_eq!(manifest.started_at, now.to_string());
        assert_eq!(contents(&manifest, &ALL), answer, "at {now}");
    }
}

/// Who names no date gets the day after today in UTC, on a leap day too.
fn the_default_of_as_of() {
    let config = "name = \"shop\"\n[sources.crm]\npath = \"crm.csv\"\n";
    let shop = Shop::new(config).write("crm.csv", "id\n1\n");
    for (now, tomorrow) in [("2024-02-29T23:59:59Z", "2024-03-01"), ("2024-02-29T23:30:00-05:00", "2024-03-02")] {
        let manifest = refreshed(&shop, Some(now.parse().unwrap()), &["--select", "+rfm.history"]);
        assert_eq!(manifest.as_of.as_deref(), Some(tomorrow));
    }
}

/// Orders at the ends of time, in the hour that daylight saving skips and the one that it repeats, on a leap day, and
/// after `as_of`.
fn days_that_are_hard() {
    let config =
        "name = \"shop\"\n[params]\nas_of = 2024-03-31\ncurrency = \"EUR\"\n[sources.till]\npath = \"till.csv\"\n";
    let times = [
        "0001-01-01 00:00:00",
        "2023-10-29 03:30:00",
        "2024-02-29 12:00:00",
        "2024-03-30 23:59:59",
        "2024-03-31 03:30:00",
        "2024-04-01 12:00:00",
        "9999-12-31 23:59:59",
    ];
    let rows: Vec<String> = times.iter().enumerate().map(|(n, at)| format!("{n},c{n},{at}\n")).collect();
    let orders = "-- Orders.\n-- key: order_id\nSELECT 'till:' || id AS order_id, 'till' AS source, 'till:' || who AS record_id,\n\
        parse_timestamp(at, 'Europe/Bucharest') AS ordered_at, 'completed' AS status,\n\
        CAST(10 AS DECIMAL(18,2)) AS amount, 'EUR' AS currency FROM raw.till\n";
    let contacts = "-- Contacts.\n-- key: record_id\nSELECT 'till:' || who AS record_id, 'till' AS source,\n\
        who || '@example.org' AS email, parse_date('9999-12-31', '%Y-%m-%d') AS birth_date FROM raw.till\n";
    let shop = Shop::new(config)
        .write("till.csv", format!("id,who,at\n{}", rows.concat()))
        .write("sql/clean/orders.till.sql", orders)
        .write("sql/clean/contacts.till.sql", contacts);
    let report = shop.run(&["refresh", "--json"]).ok().stdout;
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let warnings = report["warnings"].as_array().unwrap();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    let warning = warnings[0].as_str().unwrap();
    assert!(warning.contains("nothing_lies_in_the_future") && warning.contains("| clean.orders | 1 "), "{warning}");
    // In UTC: local summer time is three hours ahead, winter time two; the skipped hour is moved on.
    let ordered = shop.rows("SELECT order_id, ordered_at FROM clean.orders ORDER BY order_id");
    let expected = [
        "till:0,0000-12-31T22:15:36",
        "till:1,2023-10-29T00:30:00",
        "till:2,2024-02-29T10:00:00",
        "till:3,2024-03-30T21:59:59",
        "till:4,2024-03-31T01:30:00",
        "till:5,2024-04-01T09:00:00",
        "till:6,9999-12-31T21:59:59",
    ];
    assert_eq!(ordered, expected);
    // Only what was bought before the day counts, in whole days.
    let history = "SELECT o.order_id, h.recency_days FROM profile.orders o JOIN rfm.history h ON h.customer_id = o.customer_id ORDER BY 1";
    assert_eq!(shop.rows(history), ["till:0,738975", "till:1,153", "till:2,30", "till:3,0"]);
}

/// Threads; the order in which the files of a source come to lie on the disk; which of them holds which rows.
#[test]
fn row_21_the_same_bytes_whatever_the_threads_and_the_order_of_files() {
    let on = |threads: usize, prepare: &dyn Fn(&Shop)| {
        let shop = sample_shop();
        let config = std::fs::read_to_string(shop.path().join("onefold.toml")).unwrap();
        shop.put("onefold.toml", format!("{config}\n[limits]\nthreads = {threads}\n"));
        prepare(&shop);
        refreshed(&shop, None, &[])
    };
    let files = |manifest: &Manifest| {
        let hashes = manifest.files().into_values().map(|(table, file)| (table, file.hash));
        hashes.collect::<std::collections::BTreeSet<_>>()
    };
    let one = on(1, &|_| {});
    assert!(one.tables.len() > 40);
    for threads in [2, 8] {
        assert_eq!(files(&on(threads, &|_| {})), files(&one), "{threads} threads");
    }
    // The program bounds its threads, and must not wait for more than it has.
    let shop = sample_shop();
    let config = std::fs::read_to_string(shop.path().join("onefold.toml")).unwrap();
    shop.put("onefold.toml", format!("{config}\n[limits]\nthreads = 64\n"));
    shop.run(&["refresh"]).ok();
    let of_program = block_on(Lake::open("lake", shop.path()).unwrap().head()).unwrap().unwrap();
    assert_eq!(files(&of_program), files(&one), "64 threads");
    assert_eq!(files(&on(2, &write_backwards)), files(&one), "files written in another order");
    let derived = ["match", "profile", "rfm", "segment"];
    assert_eq!(contents(&on(2, &swap_files), &derived), contents(&one, &derived), "files under each other's names");
}

/// Writes the source files anew, the last first.
fn write_backwards(shop: &Shop) {
    let files = glob::glob(&shop.path().join("sources/*/*").to_string_lossy()).unwrap();
    let files: Vec<_> = files.map(|file| file.unwrap()).map(|file| (std::fs::read(&file).unwrap(), file)).collect();
    for (_, file) in &files {
        std::fs::remove_file(file).unwrap();
    }
    for (bytes, file) in files.iter().rev() {
        std::fs::write(file, bytes).unwrap();
    }
}

/// The oldest year under the newest year's name, and the other way round.
fn swap_files(shop: &Shop) {
    for [first, last] in [
        ["shop/orders-2022.csv.gz", "shop/orders-2026.csv.gz"],
        ["shop/order_lines-2022.csv.gz", "shop/order_lines-2026.csv.gz"],
        ["tills/receipts-2022.tsv", "tills/receipts-2026.tsv"],
    ] {
        let [first, last] = [first, last].map(|file| shop.path().join("sources").join(file));
        let bytes = [&first, &last].map(|file| std::fs::read(file).unwrap());
        std::fs::write(first, &bytes[1]).unwrap();
        std::fs::write(last, &bytes[0]).unwrap();
    }
}
