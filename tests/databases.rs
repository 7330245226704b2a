//! Tables of databases as sources. SQLite is a file; a server is one that `tests/servers/run` starts and names in the
//! environment.

use crate::support::Shop;

/// A database that tests can write to.
pub trait Server {
    /// The lines of `[sources.crm]` that name it, and the variables that log in to it.
    fn source(&self) -> String;
    /// Runs statements.
    fn execute(&self, sql: &str);
}

/// A project whose source `crm` is the table `customers` of the database.
fn shop(server: &dyn Server, settings: &str) -> Shop {
    Shop::new(&format!("name = \"shop\"\n[sources.crm]\n{}\n{settings}\n", server.source()))
}

/// What a landing did with the one source.
fn land(shop: &Shop) -> serde_json::Value {
    let report: serde_json::Value = serde_json::from_str(&shop.run(&["land", "--json"]).ok().stdout).unwrap();
    let mut source = report["sources"][0].clone();
    source["run"] = report["run"].clone();
    source
}

/// Rows that came, and whether a run was committed.
#[track_caller]
fn landed(shop: &Shop, rows: u64) {
    let report = land(shop);
    assert_eq!(report["rows_landed"], rows, "{report}");
    assert_eq!(report["run"].is_null(), rows == 0, "{report}");
}

fn names(shop: &Shop) -> String {
    shop.rows("SELECT name FROM raw.crm ORDER BY name").join(" ")
}

/// Without a watermark: all rows, each time, but nothing happens while they are the same.
fn a_snapshot_replaces_the_last_one(server: &dyn Server) {
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
    server.execute("DELETE FROM customers");
    assert_eq!(land(&shop)["files_replaced"], 1);
    assert_eq!(shop.value("SELECT count(*) FROM raw.crm"), "0");
}

/// With one: rows above it, and those at it that have not landed; rows without one are a table of their own.
fn a_watermark_brings_later_rows_once(server: &dyn Server) {
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
    // The rows at the watermark have another column, so they are other rows.
    landed(&shop, 4);
    assert_eq!(shop.rows("SELECT city FROM raw.crm WHERE name = 'c1'"), ["Rome"]);
    assert_eq!(shop.rows("SELECT count(*), count(DISTINCT (_file, _line)) FROM raw.crm"), ["11,11"]);
    // Another watermark is another source.
    server.execute("CREATE TABLE other (name VARCHAR(40))");
    server.execute("INSERT INTO other VALUES ('x')");
    shop.put("onefold.toml", format!("name = \"shop\"\n[sources.crm]\n{}\ntable = 'other'\n", server.source()));
    landed(&shop, 1);
    assert_eq!(names(&shop), "x");
}

#[track_caller]
fn landed_empty(shop: &Shop) {
    let report = land(shop);
    assert_eq!((&report["rows_landed"], &report["run"]), (&0.into(), &1.into()), "{report}");
    assert_eq!(names(shop), "");
}

/// What cannot be read says why and what to do.
fn mistakes_are_named(server: &dyn Server) {
    server.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(40))");
    let fails = |settings: &str, words: &[&str]| shop(server, settings).run(&["land"]).fails(2, words);
    fails("table = 'custmers'", &["no table `custmers`", "did you mean `customers`?"]);
    fails("table = 'customers'\nwatermark = 'nme'", &["no column `nme`", "did you mean `name`?"]);
    fails("query = 'SELECT nme FROM customers'", &["refuses the query", "nme"]);
    fails("query = 'SELECT * FROM clients'", &["the query reads a table that the database does not have"]);
    fails("query = 'SELECT id, id FROM customers'", &["id"]);
}

/// More rows than a batch, and a query.
fn many_rows_land_in_order(server: &dyn Server) {
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

#[cfg(feature = "sqlite")]
mod sqlite {
    use super::*;

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

    #[test]
    fn snapshots() {
        a_snapshot_replaces_the_last_one(&File::new());
    }

    #[test]
    fn watermarks() {
        a_watermark_brings_later_rows_once(&File::new());
    }

    #[test]
    fn mistakes() {
        let file = File::new();
        mistakes_are_named(&file);
        shop(&file, "table = 'customers'\n[sources.erp]\nurl = 'sqlite:no.db'\ntable = 'a'")
            .run(&["land", "erp"])
            .fails(1, &["the database file does not exist", "no.db"]);
        let text = Shop::new("name = 'shop'\n[sources.crm]\nurl = 'sqlite:a.db'\ntable = 'a'").write("a.db", "id,name\n1,Ana, and more, so that it could have a header of 100 bytes, which it has not, as it is no database\n");
        text.run(&["land"]).fails(1, &["not an SQLite database"]);
    }

    #[test]
    fn many_rows() {
        many_rows_land_in_order(&File::new());
    }

    #[test]
    fn types() {
        let file = File::new();
        file.execute("CREATE TABLE customers (i INTEGER, r REAL, t TEXT, b BLOB, d DECIMAL(10,2), at DATETIME)");
        file.execute("INSERT INTO customers VALUES (9007199254740993, 0.1, 'Zoë', x'00ff', 19.99, '2026-01-01 10:00:00')");
        file.execute("INSERT INTO customers VALUES (NULL, 2, 7, NULL, 5, 1767225600)");
        let shop = shop(&file, "table = 'customers'");
        landed(&shop, 2);
        assert_eq!(shop.rows("SELECT arrow_typeof(i), arrow_typeof(r), arrow_typeof(t), arrow_typeof(b), arrow_typeof(d), arrow_typeof(at) FROM raw.crm")[0], "");
        assert_eq!(shop.rows("SELECT i, r, t, encode(b, 'hex'), d, at FROM raw.crm ORDER BY i"), [""; 0]);
    }

    #[test]
    fn values_of_another_type_go_to_quarantine() {
        let file = File::new();
        file.execute("CREATE TABLE customers (id INTEGER, age INTEGER)");
        file.execute("INSERT INTO customers VALUES (1, 30), (2, 'about 40'), (3, 50.5)");
        let shop = shop(&file, "table = 'customers'\nwatermark = 'id'\nquarantine_percent_max = 70");
        let report = land(&shop);
        assert_eq!((&report["rows_read"], &report["rows_landed"]), (&3.into(), &1.into()));
        let reason = "the value of `age` is not of its type, Int64";
        let expected = [format!("2,\"{reason}\",about 40"), format!("3,\"{reason}\",50.5")];
        assert_eq!(shop.rows("SELECT line, reason, raw FROM quarantine.crm ORDER BY line"), expected);
        landed(&shop, 0);
    }
}
