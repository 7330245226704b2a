//! Files that come again, late, changed, or not at all.

use onefold::lake::Lake;

use super::{land, notices, refused, shop};
use crate::support::Shop;

const ROWS: &str = "SELECT id, _file FROM raw.crm ORDER BY id";

/// A shop that has landed `a.csv` with the row 1 and `b.csv` with the row 2, as run 1.
fn landed(settings: &str) -> Shop {
    let shop = shop(settings).write("in/a.csv", "id\n1\n").write("in/b.csv", "id\n2\n");
    land(&shop);
    shop
}

/// What `sql` said as of the first run.
fn in_run_1(shop: &Shop, sql: &str) -> Vec<String> {
    let outcome = shop.run(&["sql", "--run", "1", "-c", sql, "--format", "csv"]).ok();
    outcome.stdout.lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn the_same_files_again_commit_nothing() {
    for keep in ["all", "present", "latest"] {
        let shop = landed(&format!("keep = '{keep}'"));
        // The same bytes, written anew.
        shop.put("in/b.csv", "id\n2\n");
        let report = land(&shop);
        assert_eq!(report["run"], serde_json::Value::Null, "{keep}");
        assert_eq!(report["sources"][0]["notices"].as_array().map(Vec::len), Some(0), "{keep}");
    }
}

#[tokio::test]
async fn the_order_of_arrival_is_no_difference() {
    let files = [("a", "id\n1\n3\n"), ("b", "id\n2\n"), ("c", "name,id\nAna,4\n")];
    let mut hashes = Vec::new();
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let shop = shop("");
        for at in order {
            shop.put(&format!("in/{}.csv", files[at].0), files[at].1);
            land(&shop);
            land(&shop);
        }
        let head = Lake::open("lake", shop.path()).unwrap().head().await.unwrap().unwrap();
        assert_eq!(head.run, 3, "{order:?}");
        hashes.push(head.tables["raw.crm"].content_hash());
    }
    assert!(hashes.iter().all(|hash| hash == &hashes[0]), "{hashes:?}");
}

#[test]
fn a_changed_file_replaces_its_rows() {
    let shop = landed("").write("in/a.csv", "id\n7\n8\n");
    assert_eq!(notices(&shop), ["`in/a.csv` changed since it landed: its rows are replaced"]);
    assert_eq!(shop.rows(ROWS), ["2,in/b.csv", "7,in/a.csv", "8,in/a.csv"]);
    assert_eq!(in_run_1(&shop, ROWS), ["1,in/a.csv", "2,in/b.csv"]);
}

#[test]
fn a_changed_file_appends_its_rows() {
    let shop = landed("on_change = 'append'").write("in/a.csv", "id\n7\n8\n");
    assert_eq!(notices(&shop), ["`in/a.csv` changed since it landed: the rows of both versions stay"]);
    assert_eq!(shop.rows(ROWS), ["1,in/a.csv", "2,in/b.csv", "7,in/a.csv@00000002", "8,in/a.csv@00000002"]);
    assert_eq!(land(&shop)["run"], serde_json::Value::Null);
    // Back to what the first version said, which is another delivery.
    shop.put("in/a.csv", "id\n1\n");
    assert_eq!(notices(&shop), ["`in/a.csv` changed since it landed: the rows of both versions stay"]);
    assert_eq!(shop.value("SELECT _file FROM raw.crm WHERE id = '1' ORDER BY 1 DESC LIMIT 1"), "in/a.csv@00000003");
    assert_eq!(land(&shop)["run"], serde_json::Value::Null);
    // A version that is gone is not there when the rule becomes another.
    shop.put("onefold.toml", config(""));
    shop.put("in/a.csv", "id\n7\n8\n");
    assert_eq!(notices(&shop), ["`in/a.csv` changed since it landed: its rows are replaced"]);
    assert_eq!(shop.rows(ROWS), ["2,in/b.csv", "7,in/a.csv", "8,in/a.csv"]);
}

#[test]
fn a_changed_file_stops() {
    let shop = landed("on_change = 'stop'").write("in/a.csv", "id\n7\n").write("in/c.csv", "id\n3\n");
    refused(&shop, 1, &["the file changed since it landed", "in/a.csv", "crm", "`on_change`"]);
    shop.put("in/a.csv", "id\n1\n");
    land(&shop);
    assert_eq!(shop.rows(ROWS), ["1,in/a.csv", "2,in/b.csv", "3,in/c.csv"]);
}

#[test]
fn other_settings_replace_rows_whatever_changed_files_do() {
    for on_change in ["replace", "append", "stop"] {
        let settings = format!("on_change = '{on_change}'");
        let shop = shop(&settings).write("in/a.csv", "id\n1\nNULL\n");
        land(&shop);
        assert_eq!(shop.rows("SELECT id FROM raw.crm"), ["1", "NULL"]);
        shop.put("onefold.toml", config(&format!("{settings}\nnull_values = ['NULL']")));
        let told = notices(&shop);
        assert_eq!(told, ["`in/a.csv` is read in another way than when it landed: its rows are replaced"]);
        assert_eq!(shop.rows("SELECT coalesce(id, 'none') FROM raw.crm"), ["1", "none"]);
    }
}

#[test]
fn other_settings_replace_the_last_of_several_versions() {
    let settings = "on_change = 'append'\nkey = ['id']";
    let shop = shop(settings).write("in/a.csv", "id,city\n9,NULL\n1,Rome\n");
    land(&shop);
    shop.put("in/a.csv", "id,city\n1,Bonn\n");
    land(&shop);
    shop.put("onefold.toml", config(&format!("{settings}\nnull_values = ['NULL']")));
    let told = "`in/a.csv` is read in another way than when it landed: the rows of its last version are replaced; \
                those of earlier versions stay as they were read";
    assert_eq!(notices(&shop), [told]);
    let rows = "SELECT id, city, _file FROM raw.crm ORDER BY id";
    assert_eq!(shop.rows(rows), ["1,Bonn,in/a.csv@00000003", "9,NULL,in/a.csv"]);
    assert_eq!(land(&shop)["run"], serde_json::Value::Null);
}

fn config(settings: &str) -> String {
    format!("name = \"shop\"\n[sources.crm]\npath = \"in/*\"\n{settings}\n")
}

#[test]
fn rows_of_a_vanished_file_stay() {
    let shop = landed("");
    shop.remove("in/a.csv");
    assert_eq!(notices(&shop), ["`in/a.csv` is no longer there: its rows stay"]);
    assert_eq!(shop.rows(ROWS), ["1,in/a.csv", "2,in/b.csv"]);
}

#[test]
fn rows_of_a_vanished_file_go() {
    let shop = landed("keep = 'present'");
    shop.remove("in/a.csv");
    let report = land(&shop);
    assert_eq!(report["sources"][0]["files_dropped"], 1);
    assert_eq!(report["sources"][0]["notices"][0], "`in/a.csv` is no longer there: its rows go");
    assert_eq!(shop.rows(ROWS), ["2,in/b.csv"]);
    assert_eq!(in_run_1(&shop, ROWS), ["1,in/a.csv", "2,in/b.csv"]);
    // Nothing there at all is rather a mistake than an empty source.
    shop.remove("in/b.csv");
    refused(&shop, 1, &["no file matches"]);
}

#[test]
fn of_full_snapshots_the_last_counts() {
    let shop = landed("keep = 'latest'");
    assert_eq!(shop.rows(ROWS), ["2,in/b.csv"]);
    shop.put("in/c.csv", "id\n2\n3\n");
    assert!(notices(&shop).is_empty());
    assert_eq!(shop.rows(ROWS), ["2,in/c.csv", "3,in/c.csv"]);
    assert_eq!(in_run_1(&shop, ROWS), ["2,in/b.csv"]);
    // An older one that comes late.
    shop.put("in/bb.csv", "id\n9\n");
    assert_eq!(land(&shop)["run"], serde_json::Value::Null);
    shop.remove("in/c.csv");
    assert_eq!(notices(&shop), ["`in/c.csv` is no longer there: `in/bb.csv` is the latest"]);
    assert_eq!(shop.rows(ROWS), ["9,in/bb.csv"]);
}

#[test]
fn a_copy_under_another_name_lands_and_is_told() {
    let shop = landed("").write("in/c.csv", "id\n2\n");
    assert_eq!(notices(&shop), ["`in/c.csv` is a copy of `in/b.csv`: its rows count twice"]);
    assert_eq!(shop.value("SELECT count(*) FROM raw.crm WHERE id = '2'"), "2");
    let shop = landed("key = ['id']").write("in/c.csv", "id\n2\n");
    let message = "`in/c.csv` is a copy of `in/b.csv`: rows that have their `key` count once, others twice";
    assert_eq!(notices(&shop), [message]);
    assert_eq!(shop.rows(ROWS), ["1,in/a.csv", "2,in/c.csv"]);
}

#[test]
fn a_renamed_file_moves_its_rows() {
    for keep in ["all", "present"] {
        let shop = landed(&format!("keep = '{keep}'"));
        shop.remove("in/a.csv");
        shop.put("in/c.csv", "id\n1\n");
        let told = notices(&shop);
        if keep == "all" {
            assert_eq!(told, ["`in/c.csv` was called `in/a.csv` when it landed: its rows move to the new name"]);
        }
        assert_eq!(shop.rows(ROWS), ["1,in/c.csv", "2,in/b.csv"], "{keep}");
        assert_eq!(land(&shop)["run"], serde_json::Value::Null, "{keep}");
        // From then on it is a file like any other.
        shop.put("in/c.csv", "id\n7\n");
        land(&shop);
        assert_eq!(shop.rows(ROWS), ["2,in/b.csv", "7,in/c.csv"], "{keep}");
    }
}

#[test]
fn a_renamed_file_of_several_versions_keeps_its_rows() {
    let shop = landed("on_change = 'append'").write("in/a.csv", "id\n7\n");
    land(&shop);
    let before = shop.rows(ROWS);
    shop.remove("in/a.csv");
    shop.put("in/c.csv", "id\n7\n");
    assert_eq!(notices(&shop), ["`in/a.csv` is no longer there: its rows stay"]);
    assert_eq!(shop.rows(ROWS), before);
}

#[test]
fn a_file_that_makes_room_for_the_next_counts_once() {
    // What a nightly export does that first renames the file of the night before.
    let shop = shop("").write("in/crm.csv", "id\n1\n");
    land(&shop);
    shop.put("in/crm-1.csv", "id\n1\n");
    shop.put("in/crm.csv", "id\n2\n");
    assert_eq!(notices(&shop), ["`in/crm.csv` changed since it landed: its rows are replaced"]);
    assert_eq!(shop.rows(ROWS), ["1,in/crm-1.csv", "2,in/crm.csv"]);
}

#[test]
fn rules_are_checked() {
    shop("keep = 'lates'").run(&["land"]).fails(2, &["line `4`", "^^^", "did you mean `latest`?"]);
    shop("on_chnge = 'stop'").run(&["land"]).fails(2, &["line `4`", "^^^", "did you mean `on_change`?"]);
    let both = shop("keep = 'latest'\non_change = 'append'").write("in/a.csv", "id\n1\n");
    refused(&both, 2, &["contradict each other", "sources.crm.on_change"]);
}
