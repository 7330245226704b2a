//! Columns that change from file to file: found by name, told, never mixed up.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int32Array, RecordBatch};
use parquet::arrow::ArrowWriter;

use super::{land, notices, refused, shop};
use crate::support::Shop;

const ROWS: &str = "SELECT id, name, city FROM raw.crm ORDER BY id";

/// A shop that has landed one file.
fn landed(settings: &str) -> Shop {
    let shop = shop(settings).write("in/1.csv", "id,name,city\n1,Ana,Rome\n");
    land(&shop);
    shop
}

#[test]
fn another_order_is_no_difference() {
    let shop = landed("").write("in/2.csv", "city,id,name\nBonn,2,Bo\n");
    assert!(notices(&shop).is_empty());
    assert_eq!(shop.rows(ROWS), ["1,Ana,Rome", "2,Bo,Bonn"]);
}

#[test]
fn a_further_column_is_kept_and_told() {
    let shop = landed("").write("in/2.csv", "id,name,city,vip\n2,Bo,Bonn,yes\n");
    assert_eq!(notices(&shop), ["`in/2.csv` has columns that earlier files lack: `vip`; they are NULL there"]);
    assert_eq!(shop.rows("SELECT id, vip FROM raw.crm ORDER BY id"), ["1,", "2,yes"]);
}

#[test]
fn a_missing_column_is_null_and_told() {
    let shop = landed("").write("in/2.csv", "id,name\n2,Bo\n");
    assert_eq!(notices(&shop), ["`in/2.csv` lacks columns that earlier files have: `city`; they are NULL here"]);
    assert_eq!(shop.rows(ROWS), ["1,Ana,Rome", "2,Bo,"]);
}

#[test]
fn a_renamed_column_is_both() {
    let shop = landed("").write("in/2.csv", "id,name,town\n2,Bo,Bonn\n");
    assert_eq!(
        notices(&shop),
        [
            "`in/2.csv` has columns that earlier files lack: `town`; they are NULL there",
            "`in/2.csv` lacks columns that earlier files have: `city`; they are NULL here"
        ]
    );
    assert_eq!(shop.rows("SELECT id, city, town FROM raw.crm ORDER BY id"), ["1,Rome,", "2,,Bonn"]);
}

fn parquet_file(ids: ArrayRef) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter([("id", ids)]).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn another_type_stops_with_the_difference() {
    for keep in ["all", "present", "latest"] {
        let shop = shop(&format!("keep = '{keep}'"));
        shop.put("in/1.parquet", parquet_file(Arc::new(Int32Array::from(vec![1]))));
        land(&shop);
        let wrong = parquet_file(Arc::new(Float64Array::from(vec![2.5])));
        let words = ["the file's columns have other types", "id: Float64 here, Int32 in earlier files"];
        shop.put("in/2.parquet", &wrong);
        refused(&shop, 1, &words);
        shop.remove("in/2.parquet");
        shop.put("in/1.parquet", &wrong);
        refused(&shop, 1, &words);
        assert_eq!(shop.value("SELECT id FROM raw.crm"), "1");
    }
}

#[test]
fn a_snapshot_that_lacks_a_column_stops_who_needs_it() {
    let shop = landed("keep = 'latest'").write(
        "sql/clean/contacts.crm.sql",
        "-- Contacts.\n-- key: record_id\nSELECT concat('crm:', id) AS record_id, 'crm' AS source, city FROM raw.crm\n",
    );
    shop.run(&["refresh"]).ok();
    shop.put("in/2.csv", "id,name,cty\n1,Ana,Rome\n");
    let told = "`in/2.csv` lacks columns that earlier files have: `city`; the table has them no longer";
    shop.run(&["refresh"]).fails(1, &[told, "there is no column `city`", "did you mean `cty`?"]);
    assert_eq!(shop.value("SELECT city FROM raw.crm"), "Rome");
}
