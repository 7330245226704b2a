//! What holds of every database.

use super::{Server, land, landed, names, shop};
use crate::support::Shop;

/// The tests of this file, each on a database that `$with` makes under a name.
macro_rules! tests_of_every_database {
    ($with:ident) => {
        #[test]
        fn snapshots() {
            $with("snapshots", |database| $crate::databases::every::a_snapshot_replaces_the_last_one(database));
        }

        #[test]
        fn watermarks() {
            $with("watermarks", |database| $crate::databases::every::a_watermark_brings_later_rows_once(database));
        }

        #[test]
        fn late_commits() {
            $with("late_commits", |database| $crate::databases::every::a_lag_brings_late_commits(database));
        }

        #[test]
        fn order() {
            $with("row_order", |database| $crate::databases::every::the_order_of_rows_does_not_matter(database));
        }

        #[test]
        fn expectations() {
            $with("expectations", |database| $crate::databases::every::expectations_are_held(database));
        }

        #[test]
        fn mistakes() {
            $with("mistakes", |database| $crate::databases::every::mistakes_are_named(database));
        }

        #[test]
        fn many_rows() {
            $with("many_rows", |database| $crate::databases::every::many_rows_land_in_order(database));
        }
    };
}
pub(super) use tests_of_every_database;

/// Without a watermark: all rows, each time, but nothing happens while they are the same.
pub fn a_snapshot_replaces_the_last_one(server: &dyn Server) {
    server.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(40))");
    server.execute("INSERT INTO customers VALUES (1, 'Ana'), (2, 'Nguyễn Thị Ánh'), (3, '王小明')");
    let shop = shop(server, "table = 'customers'");
    landed(&shop, 3);
    landed(&shop, 0);
    assert_eq!(names(&shop), "Ana Nguyễn Thị Ánh 王小明");
    server.execute("DELETE FROM customers WHERE id = 1");
    server.execute("UPDATE customers SET name = 'Bo' WHERE id = 3");
    landed(&shop, 2);
    assert_eq!(names(&shop), "Bo Nguyễn Thị Ánh");
    server.execute("ALTER TABLE customers ADD COLUMN city VARCHAR(40)");
    let notices = land(&shop)["notices"].to_string();
    assert!(notices.contains("has columns that it lacked when it last landed: `city`"), "{notices}");
    // A column of another type would be another one to all that reads it.
    server.execute("CREATE TABLE retyped (id INTEGER, name INTEGER, city VARCHAR(40))");
    server.execute("INSERT INTO retyped VALUES (2, 7, 'Rome')");
    server.execute("ALTER TABLE customers RENAME TO kept");
    server.execute("ALTER TABLE retyped RENAME TO customers");
    let diff = ["have other types", "\n  name: Int64 here, Utf8 in rows that have landed", "cast them in `query`"];
    shop.run(&["land"]).fails(1, &diff);
    assert_eq!(names(&shop), "Bo Nguyễn Thị Ánh");
    server.execute("ALTER TABLE customers RENAME TO retyped");
    server.execute("ALTER TABLE kept RENAME TO customers");
    server.execute("DELETE FROM customers");
    assert_eq!(land(&shop)["files_changed"], 1);
    assert_eq!(shop.value("SELECT count(*) FROM raw.crm"), "0");
}

/// With one: rows above it, and those at it that have not landed; rows without one are a table of their own.
pub fn a_watermark_brings_later_rows_once(server: &dyn Server) {
    server.execute("CREATE TABLE customers (name VARCHAR(40), updated_at TIMESTAMP NULL)");
    let shop = shop(server, "table = 'customers'\nwatermark = 'updated_at'");
    landed_empty(&shop);
    let insert = |name: &str, at: &str| server.execute(&format!("INSERT INTO customers VALUES ('{name}', {at})"));
    insert("a1", "'2026-01-01 10:00:00'");
    insert("b1", "'2026-01-01 11:00:00'");
    insert("b2", "'2026-01-01 11:00:00'");
    landed(&shop, 3);
    landed(&shop, 0);
    // The same moment again, twice the same row, an earlier moment, which nobody can see, and none at all.
    insert("b3", "'2026-01-01 11:00:00'");
    insert("b3", "'2026-01-01 11:00:00'");
    insert("a2", "'2026-01-01 10:30:00'");
    insert("n1", "NULL");
    landed(&shop, 3);
    landed(&shop, 0);
    assert_eq!(names(&shop), "a1 b1 b2 b3 b3 n1");
    server.execute("UPDATE customers SET updated_at = '2026-01-02 00:00:00' WHERE name IN ('a1', 'n1')");
    insert("n2", "NULL");
    landed(&shop, 3);
    landed(&shop, 0);
    assert_eq!(names(&shop), "a1 a1 b1 b2 b3 b3 n1 n2");
    server.execute("ALTER TABLE customers ADD COLUMN city VARCHAR(40)");
    server.execute("INSERT INTO customers VALUES ('c1', '2026-01-03 00:00:00', 'Rome')");
    // The row at the watermark has landed, and those without one are another table with a further column.
    landed(&shop, 2);
    landed(&shop, 0);
    assert_eq!(names(&shop), "a1 a1 b1 b2 b3 b3 c1 n1 n2");
    assert_eq!(shop.rows("SELECT city FROM raw.crm WHERE name = 'c1'"), ["Rome"]);
    assert_eq!(shop.rows("SELECT count(*), count(DISTINCT (_file, _line)) FROM raw.crm"), ["9,9"]);
    // Another watermark is another source.
    server.execute("CREATE TABLE other (name VARCHAR(40))");
    server.execute("INSERT INTO other VALUES ('x')");
    shop.put("onefold.toml", format!("name = \"shop\"\n[sources.crm]\n{}\ntable = 'other'\n", server.source()));
    landed(&shop, 1);
    assert_eq!(names(&shop), "x");
}

/// Rows are known by what they hold: where a database keeps them, and in which order it gives them, is its own affair.
pub fn the_order_of_rows_does_not_matter(server: &dyn Server) {
    server.execute("CREATE TABLE customers (name VARCHAR(40), updated_at TIMESTAMP NULL)");
    let at = "'2026-01-01 10:00:00'";
    server.execute(&format!("INSERT INTO customers VALUES ('a', {at}), ('b', {at}), ('c', {at}), ('d', NULL)"));
    let settings = ["", "watermark = 'updated_at'"].map(|settings| format!("table = 'customers'\n{settings}"));
    let shops = settings.map(|settings| shop(server, &settings));
    for shop in &shops {
        landed(shop, 4);
    }
    server.execute("DELETE FROM customers WHERE name = 'a'");
    server.execute("UPDATE customers SET name = name");
    server.execute(&format!("INSERT INTO customers VALUES ('a', {at})"));
    for shop in &shops {
        landed(shop, 0);
    }
}

/// A transaction may be committed after one that began later: with a lag its rows are found, and no row lands twice.
pub fn a_lag_brings_late_commits(server: &dyn Server) {
    server.execute("CREATE TABLE customers (name VARCHAR(40), updated_at TIMESTAMP NULL)");
    let strict = shop(server, "table = 'customers'\nwatermark = 'updated_at'");
    let lagging = shop(server, "table = 'customers'\nwatermark = 'updated_at'\nwatermark_lag = '24h'");
    let insert = |name: &str, at: &str| server.execute(&format!("INSERT INTO customers VALUES ('{name}', '{at}')"));
    insert("a", "2026-01-01 00:00:00");
    insert("b", "2026-01-03 11:00:00");
    insert("b", "2026-01-03 11:00:00");
    landed(&strict, 3);
    landed(&lagging, 3);
    // One is late, once more one like those that landed, one is too late.
    insert("late", "2026-01-03 10:30:00");
    insert("b", "2026-01-03 11:00:00");
    insert("too late", "2025-12-31 23:00:00");
    landed(&strict, 1);
    landed(&lagging, 2);
    landed(&lagging, 0);
    assert_eq!(names(&lagging), "a b b b late");
    insert("c", "2026-01-04 10:00:00");
    insert("later", "2026-01-03 10:30:00");
    landed(&lagging, 2);
    server.execute("ALTER TABLE customers ADD COLUMN city VARCHAR(40)");
    landed(&lagging, 0);
    // The lag is nothing that rows depend on.
    let settings = "table = 'customers'\nwatermark = 'updated_at'";
    lagging.put("onefold.toml", format!("name = \"shop\"\n[sources.crm]\n{}\n{settings}\n", server.source()));
    landed(&lagging, 0);
    assert_eq!(names(&lagging), "a b b b c late later");
    assert_eq!(names(&strict), "a b b b");
    let message = "`watermark_lag` needs a watermark that is a time, and `name` is none";
    let by_name = shop(server, "table = 'customers'\nwatermark = 'name'\nwatermark_lag = '1h'");
    by_name.run(&["land"]).fails(2, &[message, "sources.crm.watermark_lag"]);
}

#[track_caller]
pub fn landed_empty(shop: &Shop) {
    let report = land(shop);
    assert_eq!((&report["rows_landed"], &report["run"]), (&0.into(), &1.into()), "{report}");
    assert_eq!(names(shop), "");
}

/// What is expected of a source is held against a table: its rows, or those that come at a time, and its newest row.
pub fn expectations_are_held(server: &dyn Server) {
    server.execute("CREATE TABLE customers (id INTEGER, updated_at TIMESTAMP NULL)");
    let insert = |id: u32, at: &str| server.execute(&format!("INSERT INTO customers VALUES ({id}, {at})"));
    let strict = |settings: &str| shop(server, &format!("table = 'customers'\nexpect = 'stop'\n{settings}"));
    let lax = |settings: &str| shop(server, &format!("table = 'customers'\n{settings}"));
    let by_time = "watermark = 'updated_at'\n";
    let never = "no row has a time in `updated_at`; `max_age` is 36h";
    strict(&format!("{by_time}max_age = '36h'")).run(&["land"]).fails(1, &[never]);
    insert(1, "'2020-01-01 10:00:00'");
    insert(2, "'2020-01-01 11:00:00'");
    strict("min_rows = 3").run(&["land"]).fails(1, &["not as expected", "/customers` has 2 rows; `min_rows` is 3"]);
    strict(&format!("{by_time}max_age = '36h'")).run(&["land"]).fails(1, &["the newest row, by `updated_at`, is"]);
    let later = lax(&format!("{by_time}max_age = '36h'\nmin_rows = 2"));
    let whole = strict("min_rows = 2\nmax_change_percent = 50");
    let notices = land(&later)["notices"].to_string();
    assert!(notices.contains("the newest row, by `updated_at`, is") && !notices.contains("min_rows"), "{notices}");
    landed(&whole, 2);
    insert(3, "CURRENT_TIMESTAMP");
    let notices = land(&later)["notices"].to_string();
    assert!(notices.contains("has 1 rows; `min_rows` is 2") && !notices.contains("max_age"), "{notices}");
    landed(&later, 0);
    let status: serde_json::Value = serde_json::from_str(&later.run(&["status", "--json"]).ok().stdout).unwrap();
    let status = status["sources"][0]["expectations"].as_array().unwrap();
    let met: Vec<_> = status.iter().map(|one| (one["expectation"].as_str().unwrap(), one["met"] == true)).collect();
    assert_eq!(met, [("max_age", true), ("min_rows", false)]);
    landed(&whole, 3);
    insert(4, "NULL");
    landed(&whole, 4);
    server.execute("DELETE FROM customers WHERE id > 1");
    let few = ["has 1 rows; `min_rows` is 2", "has 1 rows, 67 % fewer than the usual 3; `max_change_percent` is 50"];
    whole.run(&["land"]).fails(1, &few);
    assert_eq!(whole.value("SELECT count(*) FROM raw.crm"), "4");
    let message = "`max_age` needs a watermark that is a time, and `id` is none";
    lax("watermark = 'id'\nmax_age = '36h'").run(&["land"]).fails(2, &[message, "sources.crm.max_age"]);
}

/// What cannot be read says why and what to do.
pub fn mistakes_are_named(server: &dyn Server) {
    server.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(40))");
    let fails = |settings: &str, words: &[&str]| shop(server, settings).run(&["land"]).fails(2, words);
    fails("table = 'custmers'", &["no table `custmers`", "did you mean `customers`?"]);
    fails("table = 'customers'\nwatermark = 'nme'", &["no column `nme`", "did you mean `name`?"]);
    fails("table = 'customers'\nnewest_by = ['id']", &["`newest_by`", "there is no `key`", "sources.crm.newest_by"]);
    fails("query = 'SELECT nme FROM customers'", &["refuses the query", "nme"]);
    fails("query = 'SELECT * FROM clients'", &["the query reads a table that the database does not have"]);
    // A slip in one source does not keep the others from landing.
    let slip =
        shop(server, "table = 'customers'\nkey = ['idd']\n[sources.web]\npath = 'web.csv'").write("web.csv", "id\n1\n");
    slip.run(&["land"]).fails(1, &["the table lacks the column `idd` of the key", "did you mean `id`?", "/customers"]);
    assert_eq!(slip.value("SELECT count(*) FROM raw.web"), "1");
}

/// More rows than a batch, and a query.
pub fn many_rows_land_in_order(server: &dyn Server) {
    server.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(40))");
    let digits = "(SELECT 0 AS d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION \
        SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)";
    let id = "a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d";
    server.execute(&format!(
        "INSERT INTO customers SELECT {id}, 'Name' FROM {digits} AS a, {digits} AS b, {digits} AS c, {digits} AS d, \
        {digits} AS e WHERE {id} < 20000"
    ));
    let shop = shop(server, "query = 'SELECT id FROM customers -- all of them;'");
    landed(&shop, 20_000);
    assert_eq!(shop.value("SELECT sum(id) FROM raw.crm"), "199990000");
    assert_eq!(shop.value("SELECT max(_line) FROM raw.crm"), "20000");
    assert!(shop.value("SELECT min(_file) FROM raw.crm").contains("/query-"));
}
