//! MySQL and MariaDB.

use super::every::tests_of_every_database;
use super::server::{self, Remote};
use super::{Server, land, landed, shop, types_of};

tests_of_every_database!(with);

fn with(database: &'static str, test: impl FnOnce(&Remote)) {
    if let Some(server) = Remote::new("ONEFOLD_TEST_MYSQL", database) {
        test(&server);
    }
}

#[test]
fn large_ids() {
    with("large_ids", |server| server::large_ids_are_a_watermark(server, "BIGINT UNSIGNED"));
    with("larger_ids", |server| server::large_ids_are_a_watermark(server, "DECIMAL(30)"));
}

#[test]
fn silence() {
    with("silence", |server| server::silence_is_given_up(server, "SELECT sleep(600) AS id"));
}

#[test]
fn one_moment() {
    let lock = [
        "SELECT get_lock('reading', 60)",
        "SELECT is_used_lock('reading') IS NOT NULL",
        "SELECT count(*) FROM information_schema.processlist WHERE state = 'User lock'",
        "get_lock('reading', 60) = 1",
    ];
    with("one_moment", |server| server::a_landing_is_of_one_moment(server, lock));
}

#[test]
fn logins() {
    with("logins", server::logins_are_guarded);
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
        let rows = shop.rows("SELECT s, i, u, r, d, m, n, t, c, encode(x, 'hex'), day, at, wall, h, e, j FROM raw.crm");
        let expected = "-7,9007199254740993,18446744073709551615,0.1,0.2,-19.90,123456789012345678901234567890.50,Zoë,ab,00ff,\
            2024-02-29,2026-01-01T03:00:00.123456,1969-12-31T23:59:59,-30:15:00,gold,\"{\"\"k\"\": 1}\"";
        assert_eq!(rows, [expected]);
        // A day that no calendar has is kept apart.
        server.execute("SET sql_mode = ''; INSERT INTO customers (day) VALUES ('0000-00-00')");
        assert_eq!(land(&shop)["rows_quarantined"], 1);
    });
}
