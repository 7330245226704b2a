//! SQLite, which is a file.

use super::every::tests_of_every_database;
use super::{Server, land, landed, names, shop, types_of};
use crate::support::Shop;

tests_of_every_database!(with);

struct File(tempfile::TempDir);

impl File {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
}

impl Server for File {
    fn source(&self) -> String {
        format!("url = 'sqlite:{}/shop.db'", self.0.path().display())
    }

    fn execute(&self, sql: &str) {
        rusqlite::Connection::open(self.0.path().join("shop.db")).unwrap().execute_batch(sql).unwrap();
    }
}

fn with(_: &str, test: impl FnOnce(&File)) {
    test(&File::new());
}

/// The order of texts is that of what they say, not that of the times that they mean.
#[test]
fn a_lag_reads_texts_of_any_zone() {
    let file = File::new();
    file.execute("CREATE TABLE customers (name TEXT, updated_at TEXT)");
    let insert = |name: &str, at: &str| file.execute(&format!("INSERT INTO customers VALUES ('{name}', '{at}')"));
    let lagging = |zone: &str| {
        let query = format!("SELECT * FROM customers WHERE updated_at LIKE '%{zone}'");
        shop(&file, &format!("query = \"\"\"{query}\"\"\"\nwatermark = 'updated_at'\nwatermark_lag = '1h'"))
    };
    let (west, east) = (lagging("-07:00"), lagging("+07:00"));
    insert("evening", "2026-01-01T20:30:00-07:00");
    landed(&west, 1);
    insert("late evening", "2026-01-01T21:00:00-07:00");
    landed(&west, 1);
    landed(&west, 0);
    for (name, at) in [("dawn", "2026-01-02T05:00:00+07:00"), ("morning", "2026-01-02T10:00:00+07:00")] {
        insert(name, at);
        landed(&east, 1);
    }
    landed(&east, 0);
    assert_eq!((names(&west), names(&east)), ("evening late evening".into(), "dawn morning".into()));
}

#[test]
fn files_that_are_no_database_are_named() {
    let file = File::new();
    shop(&file, "table = 'customers'\n[sources.erp]\nurl = 'sqlite:no.db'\ntable = 'a'")
        .run(&["land", "erp"])
        .fails(1, &["the database file does not exist", "no.db"]);
    let text = Shop::new("name = 'shop'\n[sources.crm]\nurl = 'sqlite:a.db'\ntable = 'a'").write("a.db", "id,name\n1,Ana, and more, so that it could have a header of 100 bytes, which it has not, as it is no database\n");
    text.run(&["land"]).fails(1, &["not an SQLite database"]);
}

#[test]
fn types() {
    let file = File::new();
    file.execute("CREATE TABLE customers (i INTEGER, r REAL, t TEXT, b BLOB, d DECIMAL(10,2), at DATETIME)");
    file.execute("INSERT INTO customers VALUES (9007199254740993, 0.1, 'Zoë', x'00ff', 19.99, '2026-01-01 10:00:00')");
    file.execute("INSERT INTO customers VALUES (NULL, 2, 7, NULL, 5, 1767225600)");
    let shop = shop(&file, "table = 'customers'");
    landed(&shop, 2);
    assert_eq!(types_of(&shop, "i r t b d at"), "Int64 Float64 Utf8View BinaryView Utf8View Utf8View");
    let rows = shop.rows("SELECT i, r, t, encode(b, 'hex'), d, at FROM raw.crm ORDER BY r");
    assert_eq!(rows, ["9007199254740993,0.1,Zoë,00ff,19.99,2026-01-01 10:00:00", ",2.0,7,,5,1767225600"]);
}

/// Columns without a type, and what a view computes, have values of any type, and no affinity that would convert
/// one.
#[test]
fn a_watermark_is_compared_as_what_it_holds() {
    let check = |values: &[&str]| {
        let file = File::new();
        file.execute("CREATE TABLE customers (id, updated)");
        let bare = shop(&file, "table = 'customers'\nwatermark = 'updated'");
        let computed = shop(&file, "query = 'SELECT id, max(updated, updated) AS at FROM customers'\nwatermark = 'at'");
        for value in values {
            file.execute(&format!("INSERT INTO customers VALUES (1, {value})"));
            for shop in [&bare, &computed] {
                landed(shop, 1);
                landed(shop, 0);
            }
        }
    };
    check(&["9", "10", "9007199254740993"]);
    check(&["2461041.123456789", "2461041.1234567895", "2461042"]);
    check(&["'10'", "'9'", "'9.5'"]);
    let file = File::new();
    file.execute("CREATE TABLE customers (id, updated); INSERT INTO customers VALUES (1, 10), (2, 'today')");
    let mixed = shop(&file, "table = 'customers'\nwatermark = 'updated'");
    mixed.run(&["land"]).fails(1, &["`updated` cannot be a watermark: it holds integer and text values", "`query`"]);
}

/// A flipped bit would make a row that has landed another one, which lands again.
#[test]
fn landed_rows_prove_intact_before_others_are_compared_with_them() {
    let file = File::new();
    file.execute("CREATE TABLE customers (id INTEGER, name TEXT); INSERT INTO customers VALUES (1, 'Annabella')");
    let shop = shop(&file, "table = 'customers'\nwatermark = 'id'");
    landed(&shop, 1);
    let folder = shop.path().join("lake/raw/crm");
    let data = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&data).unwrap();
    let at = bytes.windows(9).position(|window| window == b"Annabella").unwrap();
    bytes[at] ^= 1;
    std::fs::write(&data, bytes).unwrap();
    let name = data.file_name().unwrap().to_str().unwrap();
    shop.run(&["land"]).fails(1, &["a file of the lake is damaged: its bytes are not those that were written", name]);
}

#[test]
fn a_query_that_never_ends_is_given_up() {
    let file = File::new();
    file.execute("CREATE TABLE customers (id INTEGER)");
    let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) AS c FROM n";
    let shop = shop(&file, &format!("query = '{endless}'\nmax_wait = '1s'"));
    shop.run(&["land"]).fails(3, &["the database has not answered for 1 s (source `crm`", "raise `max_wait`"]);
}

#[test]
fn values_of_another_type_go_to_quarantine() {
    let file = File::new();
    file.execute("CREATE TABLE customers (id INTEGER, age INTEGER)");
    file.execute("INSERT INTO customers VALUES (1, 30), (2, 'about 40'), (3, 50.5)");
    // The watermark is at a row that cannot be read: it is quarantined once.
    let shop = shop(&file, "table = 'customers'\nwatermark = 'id'\nquarantine_percent_max = 70");
    let report = land(&shop);
    assert_eq!((&report["rows_read"], &report["rows_landed"]), (&3.into(), &1.into()));
    let reason = "the value of `age` is not of its type, Int64";
    let expected = [
        format!("2;{reason};{{\"id\":\"2\",\"age\":\"about 40\"}}"),
        format!("3;{reason};{{\"id\":\"3\",\"age\":\"50.5\"}}"),
    ];
    let rows =
        shop.run(&["sql", "-c", "SELECT line, reason, raw FROM quarantine.crm ORDER BY line", "--format", "ndjson"]);
    let rows = rows.ok().stdout;
    let rows = rows.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let rows: Vec<_> = rows.map(|row| ["line", "reason", "raw"].map(|name| text(&row[name])).join(";")).collect();
    assert_eq!(rows, expected);
    landed(&shop, 0);
}
