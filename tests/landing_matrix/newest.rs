//! Sources with a key: the newest row counts, the others are superseded and stay.

use super::{land, notices, refused, shop};
use crate::support::Shop;

const KEYED: &str = "key = ['Customer No']\nnewest_by = [\"parse_date(\\\"Changed On\\\", '%d.%m.%Y')\"]";
const ROWS: &str = "SELECT \"Customer No\", city FROM raw.crm ORDER BY 1, 2";
const OLD: &str = "SELECT \"Customer No\", city FROM superseded.crm ORDER BY 1, 2";

fn config(settings: &str) -> String {
    format!("name = \"shop\"\n[sources.crm]\npath = \"in/*\"\n{settings}\n")
}

/// A shop of a source with a key, one file, and these records.
fn keyed(records: &str) -> Shop {
    shop(KEYED).write("in/a.csv", format!("Customer No,Changed On,city\n{records}"))
}

/// A source's row balance, as `status` says: landed, superseded.
fn balance(shop: &Shop) -> [u64; 2] {
    let status: serde_json::Value = serde_json::from_str(&shop.run(&["status", "--json"]).ok().stdout).unwrap();
    ["rows_landed", "rows_superseded"].map(|name| status["sources"][0][name].as_u64().unwrap())
}

#[test]
fn the_newest_row_of_a_key_counts() {
    // As texts, 31.01. would be after 01.02.
    let shop = keyed("7,31.01.2026,Rome\n7,01.02.2026,Bonn\n8,05.05.2025,Ulm\n");
    land(&shop);
    assert_eq!(shop.rows(ROWS), ["7,Bonn", "8,Ulm"]);
    assert_eq!(shop.rows(OLD), ["7,Rome"]);
    assert_eq!(balance(&shop), [3, 1]);
    // A later file with older news, and with newer.
    shop.put("in/b.csv", "Customer No,Changed On,city\n7,15.01.2026,Graz\n8,06.05.2025,Lyon\n9,01.01.2020,Cluj\n");
    land(&shop);
    assert_eq!(shop.rows(ROWS), ["7,Bonn", "8,Lyon", "9,Cluj"]);
    assert_eq!(shop.rows(OLD), ["7,Graz", "7,Rome", "8,Ulm"]);
    assert_eq!(balance(&shop), [6, 3]);
    assert!(shop.run(&["status"]).ok().stdout.contains("superseded"));
}

#[test]
fn of_equally_new_rows_the_last_counts() {
    let shop = keyed("7,01.02.2026,Rome\n7,01.02.2026,Bonn\n8,,Ulm\n8,,Graz\n9,01.01.2026,Cluj\n9,,Oslo\n");
    land(&shop);
    assert_eq!(shop.rows(ROWS), ["7,Bonn", "8,Graz", "9,Cluj"]);
    shop.put("in/b.csv", "Customer No,Changed On,city\n7,01.02.2026,Lyon\n");
    land(&shop);
    assert_eq!(shop.rows(ROWS), ["7,Lyon", "8,Graz", "9,Cluj"]);
}

#[test]
fn rows_that_lack_a_part_of_the_key_all_count() {
    let shop = keyed(",01.02.2026,Rome\n,01.03.2026,Bonn\n7,01.02.2026,Ulm\n7,01.03.2026,Graz\n");
    land(&shop);
    assert_eq!(shop.rows("SELECT city FROM raw.crm ORDER BY 1"), ["Bonn", "Graz", "Rome"]);
    assert_eq!(balance(&shop), [4, 1]);
}

#[test]
fn of_versions_of_a_file_the_last_to_land_counts() {
    // What a nightly file of changes does, written over the one of the night before.
    let shop = shop("key = ['id']\non_change = 'append'");
    for (night, text) in
        ["id,city\n1,Rome\n2,Ulm\n", "id,city\n1,Bonn\n", "id,city\n3,Graz\n1,Lyon\n"].iter().enumerate()
    {
        shop.put("in/changes.csv", text);
        assert_eq!(land(&shop)["run"], night + 1);
    }
    assert_eq!(shop.rows("SELECT id, city FROM raw.crm ORDER BY 1"), ["1,Lyon", "2,Ulm", "3,Graz"]);
    assert_eq!(
        shop.rows("SELECT city, _file FROM superseded.crm ORDER BY 2"),
        ["Rome,in/changes.csv", "Bonn,in/changes.csv@00000002"]
    );
}

#[test]
fn a_version_that_comes_back_is_the_newest() {
    let shop = shop("key = ['id']\non_change = 'append'");
    for (night, city) in ["Rome", "Bonn", "Rome"].iter().enumerate() {
        shop.put("in/changes.csv", format!("id,city\n1,{city}\n"));
        assert_eq!(land(&shop)["run"], night + 1);
    }
    assert_eq!(shop.rows("SELECT city, _file FROM raw.crm"), ["Rome,in/changes.csv@00000003"]);
    assert_eq!(land(&shop)["run"], serde_json::Value::Null);
}

#[test]
fn stages_see_the_newest_and_a_run_is_read_by_its_own_rule() {
    let clean = "-- Contacts.\n-- key: record_id\nSELECT concat('crm:', \"Customer No\") AS record_id, 'crm' AS source, city FROM raw.crm\n";
    let shop = keyed("7,31.01.2026,Rome\n7,01.02.2026,Bonn\n").write("sql/clean/contacts.crm.sql", clean);
    shop.run(&["refresh"]).ok();
    let contacts = "SELECT record_id, city FROM clean.contacts";
    assert_eq!(shop.rows(contacts), ["crm:7,Bonn"]);
    // By the first order the other row is the newest: no file has changed, and the stages move.
    shop.put("onefold.toml", config("key = ['Customer No']\nnewest_by = ['city']"));
    shop.run(&["refresh"]).ok();
    assert_eq!(shop.rows(contacts), ["crm:7,Rome"]);
    shop.put("onefold.toml", config(""));
    land(&shop);
    assert_eq!(shop.rows(ROWS), ["7,Bonn", "7,Rome"]);
    let of_run = |run: &str| shop.run(&["sql", "--run", run, "-c", ROWS, "--format", "csv"]).ok().stdout;
    assert_eq!(
        [of_run("1"), of_run("2")].map(|csv| csv.lines().nth(1).map(str::to_owned)),
        [Some("7,Bonn".into()), Some("7,Rome".into())]
    );
    assert_eq!(of_run("3").lines().count(), 3);
}

#[test]
fn a_wrong_key_or_order_is_refused_at_landing() {
    let refused_with = |settings: &str, code: i32, words: &[&str]| {
        let shop = shop(settings).write("in/a.csv", "Customer No,Changed On\n7,secret\n");
        let outcome = refused(&shop, code, words);
        assert!(!outcome.stderr.contains("secret"), "{}", outcome.stderr);
    };
    refused_with(
        "key = ['Custmer No']",
        1,
        &["lacks the column `Custmer No`", "in/a.csv", "did you mean `Customer No`?"],
    );
    refused_with("newest_by = ['1']", 2, &["there is no `key`", "sources.crm.newest_by"]);
    let by = |sql: &str| format!("key = ['Customer No']\nnewest_by = [{}]", serde_json::json!(sql));
    refused_with(
        &by("\"Changed\""),
        2,
        &["`newest_by` is wrong", "there is no column `Changed`", "^^^", "sources.crm.newest_by"],
    );
    refused_with(&by("\"Chnged On\""), 2, &["there is no column `Chnged On`", "did you mean `Changed On`?"]);
    refused_with(
        &by("parse_dat(\"Changed On\", '%Y')"),
        2,
        &["there is no function `parse_dat`", "did you mean `parse_date`?"],
    );
    refused_with(&by("\"Changed On\" DESC,"), 2, &["`newest_by` is wrong"]);
    refused_with(&by("CAST(\"Changed On\" AS DATE)"), 1, &["a value does not fit the type", "sources.crm.newest_by"]);
    shop("ky = ['id']").run(&["land"]).fails(2, &["line `4`", "did you mean `key`?"]);
}

#[test]
fn a_key_that_becomes_wrong_stops_its_source_alone() {
    let files = "path = 'in/*'";
    let other = "\n[sources.tills]\npath = 'tills.csv'\n";
    let shop = shop(&format!("key = ['Customer No']{other}")).write("in/a.csv", "Customer No,city\n7,Rome\n");
    shop.put("tills.csv", "id\n1\n");
    land(&shop);
    shop.put("tills.csv", "id\n1\n2\n");
    shop.put("onefold.toml", format!("name = 'shop'\n[sources.crm]\n{files}\nkey = ['Custmer No']{other}"));
    let words =
        ["crm: the source lacks the column `Custmer No` of its key", "sources.crm.key", "did you mean `Customer No`?"];
    shop.run(&["land"]).fails(2, &words);
    assert_eq!(shop.rows("SELECT id FROM raw.tills ORDER BY 1"), ["1", "2"]);
    assert_eq!(shop.rows(ROWS), ["7,Rome"]);
}

#[cfg(feature = "sqlite")]
#[test]
fn the_key_of_a_table_of_a_database_is_checked() {
    let shop = |settings: &str| {
        Shop::new(&format!("name = 'shop'\n[sources.crm]\nurl = 'sqlite:shop.db'\ntable = 'customers'\n{settings}\n"))
    };
    let refused_with = |settings: &str, code: i32, words: &[&str]| {
        let shop = shop(settings);
        let database = rusqlite::Connection::open(shop.path().join("shop.db")).unwrap();
        database
            .execute_batch("CREATE TABLE customers (no INTEGER, city TEXT); INSERT INTO customers VALUES (7, 'Rome')")
            .unwrap();
        refused(&shop, code, words);
    };
    refused_with(
        "key = ['noo']",
        1,
        &["the table lacks the column `noo` of the key", "it has: no, city\n", "mend `key`"],
    );
    refused_with("newest_by = ['city']", 2, &["there is no `key`", "sources.crm.newest_by"]);
}

#[test]
fn a_file_without_the_key_stops() {
    let shop = keyed("7,31.01.2026,Rome\n").write("in/b.csv", "customer_no,city\n8,Ulm\n");
    refused(
        &shop,
        1,
        &[
            "the file lacks the column `Customer No` of the key",
            "in/b.csv",
            "it has: customer_no, city",
            "did you mean `customer_no`?",
        ],
    );
    shop.remove("in/b.csv");
    assert!(notices(&shop).is_empty());
}
