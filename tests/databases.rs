//! Tables of databases as sources. SQLite is a file; a server is one that `tests/servers/run` starts and names in the
//! environment.

#[cfg(any(feature = "postgres", feature = "mysql"))]
use std::process::{Command, Stdio};

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

/// The types of these columns of `raw.crm`.
fn types_of(shop: &Shop, columns: &str) -> String {
    let columns: Vec<_> = columns.split(' ').map(|column| format!("arrow_typeof({column})")).collect();
    shop.rows(&format!("SELECT concat_ws(' ', {}) FROM raw.crm LIMIT 1", columns.join(", "))).remove(0).replace('"', "")
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
fn the_order_of_rows_does_not_matter(server: &dyn Server) {
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
fn a_lag_brings_late_commits(server: &dyn Server) {
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
fn landed_empty(shop: &Shop) {
    let report = land(shop);
    assert_eq!((&report["rows_landed"], &report["run"]), (&0.into(), &1.into()), "{report}");
    assert_eq!(names(shop), "");
}

/// What is expected of a source is held against a table: its rows, or those that come at a time, and its newest row.
fn expectations_are_held(server: &dyn Server) {
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
fn mistakes_are_named(server: &dyn Server) {
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

/// Ids that no signed number holds, and no float can tell apart.
#[cfg(any(feature = "postgres", feature = "mysql"))]
fn large_ids_are_a_watermark(server: &dyn Server, data_type: &str) {
    server.execute(&format!("CREATE TABLE customers (id {data_type}, name VARCHAR(40))"));
    let insert = |id: &str| server.execute(&format!("INSERT INTO customers VALUES ({id}, 'n')"));
    let shop = shop(server, "table = 'customers'\nwatermark = 'id'");
    insert("18446744073709551612");
    insert("18446744073709551613");
    landed(&shop, 2);
    landed(&shop, 0);
    insert("18446744073709551614");
    insert("18446744073709551615");
    insert("18446744073709551611");
    landed(&shop, 2);
    landed(&shop, 0);
    assert_eq!(shop.value("SELECT max(id) FROM raw.crm"), "18446744073709551615");
}

/// What is written while a landing reads is not in it, but in the next. The landing is held by a lock that its first
/// query waits for: how to take it, how to know that it is taken and waited for, and the condition that waits.
#[cfg(any(feature = "postgres", feature = "mysql"))]
fn a_landing_is_of_one_moment(server: &Remote, [take, is_taken, is_awaited, condition]: [&str; 4]) {
    server.execute("CREATE TABLE customers (name VARCHAR(40), updated_at TIMESTAMP NULL)");
    server.execute("INSERT INTO customers VALUES ('n', NULL), ('a', '2026-01-01 10:00:00')");
    let query = format!("query = \"SELECT * FROM customers WHERE {condition}\"");
    let shop = shop(server, &format!("{query}\nwatermark = 'updated_at'"));
    let mut holder = server.client(server.database, None);
    let mut holder = holder.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut lines = holder.stdin.take().unwrap();
    std::io::Write::write_all(&mut lines, format!("{take};\n").as_bytes()).unwrap();
    server.wait_for(is_taken);
    let landing = shop.command(&["land"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    server.wait_for(is_awaited);
    server.execute("INSERT INTO customers VALUES ('m', NULL), ('b', '2026-01-02 10:00:00')");
    drop(lines);
    holder.wait().unwrap();
    crate::support::Outcome::from(landing.wait_with_output().unwrap()).ok();
    assert_eq!(names(&shop), "a n");
    landed(&shop, 3);
    assert_eq!(names(&shop), "a b m n");
}

/// A server that does not answer is given up, and not waited for.
#[cfg(any(feature = "postgres", feature = "mysql"))]
fn silence_is_given_up(server: &dyn Server, query: &str) {
    let begun = std::time::Instant::now();
    let shop = shop(server, &format!("query = '{query}'\nmax_wait = '1s'"));
    shop.run(&["land"]).fails(3, &["the database has not answered for 1 s (source `crm`", "raise `max_wait`"]);
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
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

/// A database of its own on a server, which goes with the server.
#[cfg(any(feature = "postgres", feature = "mysql"))]
struct Remote {
    url: String,
    database: &'static str,
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
impl Remote {
    fn new(variable: &str, database: &'static str) -> Option<Self> {
        let remote = Self { url: crate::support::server(variable)?, database };
        let (first, create) =
            (if remote.is_postgres() { "postgres" } else { "mysql" }, format!("CREATE DATABASE {database}"));
        remote.execute_in(first, &create);
        Some(remote)
    }

    fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres:")
    }

    /// A client of the database, which writes values only and takes SQL from `sql`, or from stdin without.
    fn client(&self, database: &str, sql: Option<&str>) -> Command {
        let port = self.url.rsplit(':').next().unwrap();
        let (program, options, execute) = match self.is_postgres() {
            true => ("psql", format!("-h 127.0.0.1 -p {port} -U onefold -v ON_ERROR_STOP=1 -tA -d {database}"), "-c"),
            false => {
                let options = "--no-defaults --default-character-set=utf8mb4 -NB -h 127.0.0.1 -u onefold";
                ("mariadb", format!("{options} -P {port} {database}"), "-e")
            }
        };
        let mut client = Command::new(program);
        client.args(options.split(' ')).args(sql.iter().flat_map(|sql| [execute, *sql]));
        client
    }

    fn execute_in(&self, database: &str, sql: &str) -> String {
        let output = self.client(database, Some(sql)).output().unwrap();
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Waits until the query says 1.
    #[track_caller]
    fn wait_for(&self, sql: &str) {
        let begun = std::time::Instant::now();
        while self.execute_in(self.database, sql) != "1" {
            assert!(begun.elapsed().as_secs() < 60, "{sql}");
        }
    }
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
impl Server for Remote {
    fn source(&self) -> String {
        format!("url = '{}/{}'\npassword_env = 'ONEFOLD_TEST_PASSWORD'", self.url, self.database)
    }

    fn execute(&self, sql: &str) {
        self.execute_in(self.database, sql);
    }
}

/// What a server adds: a login, a network, TLS.
#[cfg(any(feature = "postgres", feature = "mysql"))]
fn logins_are_guarded(server: &Remote) {
    server.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(40))");
    server.execute("INSERT INTO customers VALUES (1, 'Ana')");
    let url = format!("{}/{}", server.url, server.database);
    let land = |url: &str, rest: &str| {
        let shop = Shop::new(&format!("name = 'shop'\n[sources.crm]\ntable = 'customers'\nurl = '{url}'\n{rest}\n"));
        (shop.run(&["land"]), shop)
    };
    land(&url, "").0.fails(2, &["refuses the login", "ONEFOLD_PASSWORD_CRM"]);
    land(&url, "password_env = 'PATH'").0.fails(2, &["refuses the login", "`PATH`"]);
    let port = server.url.rsplit(':').next().unwrap();
    land(&url.replace(port, "1"), "").0.fails(3, &["cannot connect to the database"]);
    let other = url.replace(server.database, "nowhere");
    land(&other, "password_env = 'ONEFOLD_TEST_PASSWORD'").0.fails(2, &["the server has no such database"]);
    let encrypted = "password_env = 'ONEFOLD_TEST_PASSWORD'\ntls = 'verify'\n";
    land(&url, encrypted).0.fails(3, &["cannot connect", "certificate"]);
    let ca = std::env::var("ONEFOLD_TEST_CA").unwrap();
    let (outcome, shop) = land(&url, &format!("{encrypted}tls_ca = '{ca}'"));
    let said = outcome.ok();
    let manifest =
        std::fs::read_to_string(shop.path().join("lake/_onefold/manifest/00000000000000000001.json")).unwrap();
    assert!(manifest.contains(&format!("/{}/customers", server.database)), "{manifest}");
    for text in [said.stdout, said.stderr, manifest] {
        assert!(!text.contains("secret") && !text.contains("onefold@"), "{text}");
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    use super::*;

    fn with(database: &'static str, test: impl FnOnce(&Remote)) {
        if let Some(server) = Remote::new("ONEFOLD_TEST_POSTGRES", database) {
            test(&server);
        }
    }

    #[test]
    fn snapshots() {
        with("snapshots", |server| a_snapshot_replaces_the_last_one(server));
    }

    #[test]
    fn watermarks() {
        with("watermarks", |server| a_watermark_brings_later_rows_once(server));
    }

    #[test]
    fn late_commits() {
        with("late_commits", |server| a_lag_brings_late_commits(server));
    }

    #[test]
    fn expectations() {
        with("expectations", |server| expectations_are_held(server));
    }

    #[test]
    fn mistakes() {
        with("mistakes", |server| mistakes_are_named(server));
    }

    #[test]
    fn many_rows() {
        with("many_rows", |server| many_rows_land_in_order(server));
    }

    #[test]
    fn large_ids() {
        with("large_ids", |server| large_ids_are_a_watermark(server, "NUMERIC(20)"));
    }

    #[test]
    fn silence() {
        with("silence", |server| silence_is_given_up(server, "SELECT 1 AS id FROM pg_sleep(600)"));
    }

    #[test]
    fn order() {
        with("row_order", |server| the_order_of_rows_does_not_matter(server));
    }

    #[test]
    fn one_moment() {
        let lock = [
            "SELECT pg_advisory_lock(7)",
            "SELECT count(*) FROM pg_locks WHERE objid = 7 AND granted",
            "SELECT count(*) FROM pg_locks WHERE objid = 7 AND NOT granted",
            "pg_advisory_lock(7) IS NOT NULL",
        ];
        with("one_moment", |server| a_landing_is_of_one_moment(server, lock));
    }

    #[test]
    fn logins() {
        with("logins", logins_are_guarded);
    }

    #[test]
    fn types() {
        with("types", |server| {
            server.execute(
                "CREATE SCHEMA crm; CREATE TYPE tier AS ENUM ('gold'); CREATE TABLE crm.customers (b boolean, s smallint, i bigint, \
                r real, d double precision, m numeric(10, 2), n numeric, t text, c char(3), x bytea, day date, at timestamptz, \
                wall timestamp, u uuid, j jsonb, a text[], e tier)",
            );
            server.execute(
                "INSERT INTO crm.customers VALUES (true, -7, 9007199254740993, 0.1, 0.2, -19.90, 123456789012345678901234567890.5, \
                'Zoë', 'ab', '\\x00ff', '2024-02-29', '2026-01-01 10:00:00.123456+07', '1969-12-31 23:59:59', \
                'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{\"k\": 1}', '{x,y}', 'gold'), \
                (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
            );
            let shop = shop(server, "table = 'crm.customers'\nquarantine_percent_max = 100");
            landed(&shop, 2);
            let types = "Boolean Int64 Int64 Float64 Float64 Decimal128(10, 2) Utf8View Utf8View Utf8View BinaryView Date32 \
                Timestamp(µs) Timestamp(µs) Utf8View Utf8View Utf8View Utf8View";
            assert_eq!(types_of(&shop, "b s i r d m n t c x day at wall u j a e"), types);
            let rows = shop.rows(
                "SELECT b, s, i, r, d, m, n, t, c, encode(x, 'hex'), day, at, wall, u, j, a, e FROM raw.crm WHERE b",
            );
            let expected = "true,-7,9007199254740993,0.1,0.2,-19.90,123456789012345678901234567890.5,Zoë,\"ab \",00ff,2024-02-29,\
                2026-01-01T03:00:00.123456,1969-12-31T23:59:59,a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,\"{\"\"k\"\": 1}\",\"{x,y}\",gold";
            assert_eq!(rows, [expected]);
            // What no calendar and no number has is kept apart.
            server.execute(
                "INSERT INTO crm.customers (m) VALUES ('NaN'); INSERT INTO crm.customers (day) VALUES ('infinity')",
            );
            assert_eq!(land(&shop)["rows_quarantined"], 2);
            assert_eq!(shop.value("SELECT count(*) FROM quarantine.crm WHERE raw LIKE '%\"m\":\"NaN\"%'"), "1");
        });
    }
}

#[cfg(feature = "mysql")]
mod mysql {
    use super::*;

    fn with(database: &'static str, test: impl FnOnce(&Remote)) {
        if let Some(server) = Remote::new("ONEFOLD_TEST_MYSQL", database) {
            test(&server);
        }
    }

    #[test]
    fn snapshots() {
        with("snapshots", |server| a_snapshot_replaces_the_last_one(server));
    }

    #[test]
    fn watermarks() {
        with("watermarks", |server| a_watermark_brings_later_rows_once(server));
    }

    #[test]
    fn late_commits() {
        with("late_commits", |server| a_lag_brings_late_commits(server));
    }

    #[test]
    fn expectations() {
        with("expectations", |server| expectations_are_held(server));
    }

    #[test]
    fn mistakes() {
        with("mistakes", |server| mistakes_are_named(server));
    }

    #[test]
    fn many_rows() {
        with("many_rows", |server| many_rows_land_in_order(server));
    }

    #[test]
    fn large_ids() {
        with("large_ids", |server| large_ids_are_a_watermark(server, "BIGINT UNSIGNED"));
        with("larger_ids", |server| large_ids_are_a_watermark(server, "DECIMAL(30)"));
    }

    #[test]
    fn silence() {
        with("silence", |server| silence_is_given_up(server, "SELECT sleep(600) AS id"));
    }

    #[test]
    fn order() {
        with("row_order", |server| the_order_of_rows_does_not_matter(server));
    }

    #[test]
    fn one_moment() {
        let lock = [
            "SELECT get_lock('reading', 60)",
            "SELECT is_used_lock('reading') IS NOT NULL",
            "SELECT count(*) FROM information_schema.processlist WHERE state = 'User lock'",
            "get_lock('reading', 60) = 1",
        ];
        with("one_moment", |server| a_landing_is_of_one_moment(server, lock));
    }

    #[test]
    fn logins() {
        with("logins", logins_are_guarded);
    }

    #[test]
    fn types() {
        with("types", |server| {
            server.execute(
                "CREATE TABLE customers (s TINYINT, i BIGINT, u BIGINT UNSIGNED, r FLOAT, d DOUBLE, m DECIMAL(10, 2), n DECIMAL(50, 2), \
                t TEXT, c CHAR(3), x VARBINARY(4), day DATE, at TIMESTAMP(6) NULL, wall DATETIME, h TIME, e ENUM('gold'), j JSON)",
            );
            server.execute(
                "SET time_zone = '+07:00'; INSERT INTO customers VALUES (-7, 9007199254740993, 18446744073709551615, 0.1, 0.2, -19.90, \
                123456789012345678901234567890.5, 'Zoë', 'ab', x'00ff', '2024-02-29', '2026-01-01 10:00:00.123456', \
                '1969-12-31 23:59:59', '-30:15:00', 'gold', '{\"k\": 1}')",
            );
            let shop = shop(server, "table = 'customers'\nquarantine_percent_max = 100");
            landed(&shop, 1);
            let types = "Int64 Int64 Decimal128(20, 0) Float64 Float64 Decimal128(10, 2) Utf8View Utf8View Utf8View BinaryView Date32 \
                Timestamp(µs) Timestamp(µs) Utf8View Utf8View Utf8View";
            assert_eq!(types_of(&shop, "s i u r d m n t c x day at wall h e j"), types);
            let rows =
                shop.rows("SELECT s, i, u, r, d, m, n, t, c, encode(x, 'hex'), day, at, wall, h, e, j FROM raw.crm");
            let expected = "-7,9007199254740993,18446744073709551615,0.1,0.2,-19.90,123456789012345678901234567890.50,Zoë,ab,00ff,\
                2024-02-29,2026-01-01T03:00:00.123456,1969-12-31T23:59:59,-30:15:00,gold,\"{\"\"k\"\": 1}\"";
            assert_eq!(rows, [expected]);
            // A day that no calendar has is kept apart.
            server.execute("SET sql_mode = ''; INSERT INTO customers (day) VALUES ('0000-00-00')");
            assert_eq!(land(&shop)["rows_quarantined"], 1);
        });
    }
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
    fn late_commits() {
        a_lag_brings_late_commits(&File::new());
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
    fn order() {
        the_order_of_rows_does_not_matter(&File::new());
    }

    #[test]
    fn expectations() {
        expectations_are_held(&File::new());
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
        file.execute(
            "INSERT INTO customers VALUES (9007199254740993, 0.1, 'Zoë', x'00ff', 19.99, '2026-01-01 10:00:00')",
        );
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
            let computed =
                shop(&file, "query = 'SELECT id, max(updated, updated) AS at FROM customers'\nwatermark = 'at'");
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
        mixed
            .run(&["land"])
            .fails(1, &["`updated` cannot be a watermark: it holds integer and text values", "`query`"]);
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
        shop.run(&["land"])
            .fails(1, &["a file of the lake is damaged: its bytes are not those that were written", name]);
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
        let rows = shop.run(&[
            "sql",
            "-c",
            "SELECT line, reason, raw FROM quarantine.crm ORDER BY line",
            "--format",
            "ndjson",
        ]);
        let rows = rows.ok().stdout;
        let rows = rows.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let rows: Vec<_> = rows.map(|row| ["line", "reason", "raw"].map(|name| text(&row[name])).join(";")).collect();
        assert_eq!(rows, expected);
        landed(&shop, 0);
    }
}
