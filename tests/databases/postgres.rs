//! PostgreSQL.

use super::every::tests_of_every_database;
use super::server::{self, Remote};
use super::{Server, land, landed, shop, types_of};

tests_of_every_database!(with);

fn with(database: &'static str, test: impl FnOnce(&Remote)) {
    if let Some(server) = Remote::new("ONEFOLD_TEST_POSTGRES", database) {
        test(&server);
    }
}

#[test]
fn large_ids() {
    with("large_ids", |server| server::large_ids_are_a_watermark(server, "NUMERIC(20)"));
}

#[test]
fn silence() {
    with("silence", |server| server::silence_is_given_up(server, "SELECT 1 AS id FROM pg_sleep(600)"));
}

#[test]
fn one_moment() {
    let lock = [
        "SELECT pg_advisory_lock(7)",
        "SELECT count(*) FROM pg_locks WHERE objid = 7 AND granted",
        "SELECT count(*) FROM pg_locks WHERE objid = 7 AND NOT granted",
        "pg_advisory_lock(7) IS NOT NULL",
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
        let rows = shop
            .rows("SELECT b, s, i, r, d, m, n, t, c, encode(x, 'hex'), day, at, wall, u, j, a, e FROM raw.crm WHERE b");
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
