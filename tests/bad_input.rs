//! Bad input: a clear error or a quarantine, never a lost row, never something wrong in view.
//!
//! | what is wrong                     | what happens                                              | exit |
//! |-----------------------------------|-----------------------------------------------------------|------|
//! | no project                        | says so, names `init` and `demo`                          | 2    |
//! | unknown key in onefold.toml       | line, caret, the nearest key                              | 2    |
//! | no file matches a source          | names the source and the pattern                          | 1    |
//! | a file of no bytes                | names the file                                            | 1    |
//! | a file that is not what it says   | names the file                                            | 1    |
//! | one of several sources            | it stays as it was, the others land, it is named          | 1    |
//! | rows of the wrong width           | quarantined, counted, the others land                     | 0    |
//! | too many such rows                | nothing lands                                             | 1    |
//! | a column that is not there        | names it, the nearest, the file, with a caret             | 1    |
//! | a table that nobody makes         | names it and the nearest                                  | 2    |
//! | stages that read each other       | names the circle                                          | 2    |
//! | a check that finds rows           | shows them without personal values, commits nothing       | 1    |
//! | a key that is not one             | counts them, nothing is committed                         | 1    |
//! | a null where none may be          | names the column, nothing is committed                    | 1    |
//! | a value that does not fit its type | says so without the value, nothing is committed         | 1    |
//! | a segment without customer_id     | says what a segment is                                    | 2    |
//! | a segment with a customer twice   | names the customer, nothing is committed                  | 1    |
//! | a segment of nobody we know       | names one, nothing is committed                           | 1    |
//! | a stage that asks the clock       | names the function, offers `$as_of`                       | 2    |
//! | SQL that cannot be read           | draws the place                                           | 2    |
//! | a column with a slip              | names the canonical one                                   | 2    |
//! | a canonical table with a slip     | names the canonical one                                   | 2    |
//! | a SQL file outside the layers     | names the layers                                          | 2    |
//! | a setting with a slip             | names the parameter that is meant                         | 2    |
//! | a parameter without a value       | names it and the nearest                                  | 2    |
//! | another project's lake            | refused                                                   | 2    |
//! | a table name that leaves the lake | refused                                                   | 2    |

use crate::support::Shop;

const CONFIG: &str = "name = \"shop\"\n[params]\nas_of = 2026-06-30\n[sources.crm]\npath = \"crm*.csv\"\n";
const CONTACTS: &str = "-- Contacts.\n-- key: record_id\nSELECT concat('crm:', id) AS record_id, 'crm' AS source, name AS full_name FROM raw.crm\n";
const CSV: &str = "id,name\n1,Ana\n2,Bình\n3,王小明\n";

fn shop() -> Shop {
    Shop::new(CONFIG).write("crm.csv", CSV).write("sql/clean/contacts.crm.sql", CONTACTS)
}

#[test]
fn a_folder_without_a_project() {
    let dir = tempfile::tempdir().unwrap();
    let output =
        std::process::Command::new(env!("CARGO_BIN_EXE_onefold")).arg("run").current_dir(dir.path()).output().unwrap();
    let outcome = crate::support::Outcome::from(output);
    outcome.fails(2, &["is not a project", "`onefold init`", "`onefold demo`"]);
}

#[test]
fn an_unknown_key() {
    let shop = shop().write("onefold.toml", format!("{CONFIG}delimeter = \";\"\n"));
    shop.run(&["refresh"]).fails(2, &["line `6`", "^^^", "did you mean `delimiter`?"]);
}

#[test]
fn a_source_without_files() {
    let shop = shop();
    shop.remove("crm.csv");
    shop.run(&["refresh"]).fails(1, &["crm", "crm*.csv"]);
}

#[test]
fn a_file_of_no_bytes() {
    let shop = shop().write("crm-2.csv", "");
    shop.run(&["refresh"]).fails(1, &["crm-2.csv", "empty"]);
}

/// A shop of two sources, of which `crm` feeds the stages.
fn shop_with_till() -> Shop {
    shop().write("onefold.toml", format!("{CONFIG}[sources.till]\npath = \"till*.csv\"\n")).write("till.csv", "no\n1\n")
}

#[test]
fn one_of_several_sources_stays_as_it_was() {
    let shop = shop_with_till();
    shop.run(&["refresh"]).ok();
    shop.put("crm.csv", format!("{CSV}4,Dot\n"));
    shop.put("till-2.csv", "no\n2\n3\n");
    shop.put("till-3.csv", "");
    let outcome = shop.run(&["refresh"]).fails(
        1,
        &[
            "land till: did not land: the file is empty\n",
            "committed run 2: 4 rows landed",
            "error: 1 of 2 sources did not land (source `till`)\n  till: the file is empty (source `till`, file `till-3.csv`)",
        ],
    );
    let last = outcome.stderr.lines().last().unwrap();
    assert_eq!(last, "hint: it stays as it was, and the others have landed; `onefold land till` tries again");
    assert_eq!(
        shop.value(
            "SELECT (SELECT count(*) FROM profile.customers) AS customers, (SELECT count(*) FROM raw.till) AS receipts"
        ),
        "4,1"
    );
    // Nothing that has no name lies in the lake, and what is mended lands.
    assert_eq!(std::fs::read_dir(shop.path().join("lake/raw/till")).unwrap().count(), 1);
    shop.put("till-3.csv", "no\n4\n");
    shop.run(&["land", "till"]).ok();
    assert_eq!(shop.value("SELECT count(*) FROM raw.till"), "4");
}

#[test]
fn a_report_names_the_sources_that_did_not_land() {
    let shop = shop_with_till().write("till.csv", "");
    let outcome = shop.run(&["land", "--json"]).fails(1, &["error: 1 of 2 sources did not land"]);
    let report: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!((&report["run"], &report["sources"][0]["source"]), (&1.into(), &"crm".into()));
    let failed = &report["failed"][0];
    assert_eq!((&failed["source"], &failed["error"]["kind"]), (&"till".into(), &"source".into()));
}

#[test]
fn without_a_source_that_never_landed_no_stage_is_computed() {
    let shop = shop_with_till().write("crm.csv", "");
    shop.run(&["refresh"]).fails(1, &["no stage was computed: `crm` has never landed", "source `crm`"]);
    assert_eq!(shop.value("SELECT count(*) FROM raw.till"), "1");
    shop.put("crm.csv", CSV);
    shop.run(&["refresh"]).ok();
    assert_eq!(shop.value("SELECT count(*) FROM profile.customers"), "3");
}

#[test]
fn if_no_source_lands_nothing_is_committed() {
    let shop = shop_with_till().write("crm.csv", "").write("till.csv", "");
    shop.run(&["refresh"]).fails(1, &["2 of 2 sources did not land (sources `crm, till`)", "they stay as they were;"]);
    assert!(shop.run(&["history"]).ok().stdout.contains("the lake is empty"));
}

#[test]
fn a_file_that_is_not_what_it_says() {
    let shop = Shop::new("name = \"shop\"\n[sources.crm]\npath = \"crm.parquet\"\n").write("crm.parquet", CSV);
    shop.run(&["refresh"]).fails(1, &["crm.parquet"]);
}

#[test]
fn rows_of_the_wrong_width_are_quarantined_and_counted() {
    let rows = (4..=60).map(|id| format!("{id},Name")).collect::<Vec<_>>().join("\n");
    let shop = shop().write("crm.csv", format!("{CSV}{rows}\n61,Too,Many\n62,Last\n"));
    shop.run(&["refresh"]).ok();
    assert_eq!(shop.value("SELECT count(*) FROM raw.crm"), "61");
    assert_eq!(shop.value("SELECT line, byte_offset > 0 FROM quarantine.crm"), "62,true");
    let status = shop.run(&["status", "--json"]).ok().stdout;
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    let balance = &status["sources"][0];
    let counts = ["rows_read", "rows_landed", "rows_quarantined"].map(|name| balance[name].as_u64().unwrap());
    assert_eq!(counts, [62, 61, 1]);
}

#[test]
fn too_many_bad_rows_land_nothing() {
    let shop = shop().write("crm.csv", format!("{CSV}4\n5\n"));
    shop.run(&["refresh"]).fails(1, &["crm.csv", "2 of 5"]);
    assert!(shop.run(&["history"]).ok().stdout.contains("the lake is empty"));
}

#[test]
fn a_column_that_is_not_there() {
    let shop = shop().write("sql/clean/contacts.crm.sql", CONTACTS.replace("name AS", "nme AS"));
    shop.run(&["refresh"]).fails(1, &["nme", "^^^", "did you mean `name`?", "sql/clean/contacts.crm.sql"]);
}

#[test]
fn a_table_that_nobody_makes() {
    let shop = shop().write("sql/segment/vip.sql", "SELECT customer_id FROM profile.custmers");
    shop.run(&["run"]).fails(2, &["`profile.custmers`, which does not exist", "did you mean `profile.customers`?"]);
}

#[test]
fn stages_that_read_each_other() {
    let shop = shop()
        .write("sql/segment/a.sql", "SELECT customer_id FROM segment.b")
        .write("sql/segment/b.sql", "SELECT customer_id FROM segment.a");
    shop.run(&["plan"]).fails(2, &["circle", "segment.a ← segment.b ← segment.a"]);
}

#[test]
fn a_check_that_finds_rows_commits_nothing() {
    let shop = shop();
    shop.run(&["refresh"]).ok();
    shop.put("crm-2.csv", "id,name\n4,Nobody\n");
    shop.put(
        "sql/check/nobody.sql",
        "-- Nobody is a customer.\nSELECT record_id FROM clean.contacts WHERE full_name = 'Nobody'",
    );
    shop.run(&["refresh"])
        .fails(1, &["the check `nobody` failed: Nobody is a customer.", "crm:4", "nothing was committed"]);
    assert_eq!(shop.value("SELECT count(*) FROM raw.crm"), "3");
    assert_eq!(shop.value("SELECT count(*) FROM profile.customers"), "3");
}

#[test]
fn a_failed_check_shows_ids_but_no_personal_value() {
    let shop = shop();
    let check = "-- Nobody is here.\nWITH c AS (SELECT record_id, upper(full_name) AS source, full_name FROM clean.contacts)\n\
        SELECT c.record_id, c.source, left(r.name, 3) AS status, count(c.full_name) AS names, c.full_name IS NULL AS is_null\n\
        FROM c JOIN raw.crm AS r ON c.full_name = r.name GROUP BY c.record_id, c.source, r.name, c.full_name";
    shop.put("sql/check/nobody.sql", check);
    for args in [&["refresh"][..], &["refresh", "--json"]] {
        let outcome = shop.run(args).fails(1, &["crm:1", "| …", " 1 ", "false", "`…` is a personal value"]);
        let said = format!("{}{}", outcome.stdout, outcome.stderr).to_lowercase();
        assert!(["ana", "bình", "王小明"].iter().all(|name| !said.contains(name)), "{said}");
    }
}

#[test]
fn a_key_that_is_not_one_commits_nothing() {
    let shop = shop().write("crm.csv", format!("{CSV}3,Wang Xiaoming\n"));
    shop.run(&["refresh"]).fails(
        1,
        &["1 key of `clean.contacts` stands in more than one row", "record_id crm:3: 2 rows", "row_number()"],
    );
    assert!(shop.run(&["history"]).ok().stdout.contains("the lake is empty"));
}

#[test]
fn a_null_where_none_may_be() {
    let shop = shop()
        .write("sql/clean/contacts.crm.sql", CONTACTS.replace("'crm' AS source", "nullif('crm', 'crm') AS source"));
    shop.run(&["refresh"]).fails(1, &["column `source` of `clean.contacts` is null"]);
}

#[test]
fn a_value_that_does_not_fit_is_not_repeated() {
    let shop = shop().write("sql/clean/contacts.crm.sql", CONTACTS.replace("name AS full_name", "name AS birth_date"));
    let outcome =
        shop.run(&["refresh"]).fails(1, &["does not fit the type of its column", "clean.contacts", "parse_date"]);
    outcome.says(&["column `birth_date`", "file `sql/clean/contacts.crm.sql`"]);
    assert!(!outcome.stderr.contains("Ana"), "{}", outcome.stderr);
}

#[test]
fn a_segment_without_customers() {
    let shop = shop().write("sql/segment/vip.sql", "SELECT full_name FROM profile.customers");
    shop.run(&["refresh"]).fails(2, &["segment `vip` has no column `customer_id`"]);
}

#[test]
fn a_segment_is_a_set_of_customers_who_exist() {
    let shop = shop().write("sql/segment/vip.sql", "SELECT customer_id FROM match.identities");
    shop.run(&["refresh"]).ok();
    for (sql, code, says) in [
        (
            "SELECT customer_id FROM match.identities UNION ALL SELECT customer_id FROM match.identities",
            1,
            "3 keys of `segment.vip` stand",
        ),
        ("SELECT concat(customer_id, 'X') AS customer_id FROM match.identities", 1, "a customer who does not exist"),
        (
            "SELECT nullif(customer_id, customer_id) AS customer_id FROM match.identities",
            1,
            "column `customer_id` of `segment.vip` is null",
        ),
        ("SELECT 1 AS customer_id", 2, "is no text"),
        (
            "-- key: customer_id, record_id\nSELECT customer_id, record_id FROM match.identities",
            2,
            "must be `customer_id`",
        ),
    ] {
        shop.put("sql/segment/vip.sql", sql);
        shop.run(&["refresh"]).fails(code, &[says]);
        assert_eq!(shop.value("SELECT count(*) FROM segment.vip"), "3", "{sql}");
    }
}

#[test]
fn a_stage_that_would_give_another_answer_each_time() {
    for (call, name) in [("now()", "now"), ("current_date", "current_date"), ("random()", "random"), ("uuid()", "uuid")]
    {
        let sql = format!("SELECT customer_id FROM match.identities WHERE CAST({call} AS VARCHAR) <> ''");
        let shop = shop().write("sql/segment/vip.sql", sql);
        shop.run(&["refresh"]).fails(2, &[&format!("may not call `{name}`"), "`$as_of`", "sql/segment/vip.sql"]);
    }
}

#[test]
fn sql_that_cannot_be_read() {
    let shop = shop().write("sql/segment/vip.sql", "-- The best.\nSELEC customer_id\nFROM match.identities");
    shop.run(&["refresh"]).fails(2, &["sql/segment/vip.sql", "2 | SELEC customer_id", "^^^^^"]);
}

#[test]
fn names_with_a_slip_do_not_lose_what_they_hold() {
    let shop = shop().write("sql/clean/contacts.crm.sql", CONTACTS.replace("full_name", "ful_name"));
    shop.run(&["refresh"]).fails(2, &["no column `ful_name` in the contract", "did you mean `full_name`?"]);
    shop.put("sql/clean/contacts.crm.sql", CONTACTS);
    shop.put("sql/clean/contactz.till.sql", CONTACTS);
    shop.run(&["refresh"])
        .fails(2, &["`clean.contactz` is no table of the contract", "did you mean `clean.contacts`?"]);
    shop.remove("sql/clean/contactz.till.sql");
    shop.put("sql/vip.sql", "SELECT customer_id FROM match.identities");
    shop.run(&["refresh"]).fails(2, &["sql/vip.sql", "must lie at `sql/<layer>/<table>.sql`"]);
    shop.remove("sql/vip.sql");
    shop.put("onefold.toml", CONFIG.replace("as_of", "lapsd_days = 90\nas_of"));
    shop.run(&["refresh"]).fails(2, &["`lapsd_days` of `[params]`", "did you mean `lapsed_days`?"]);
    shop.put("onefold.toml", CONFIG.replace("as_of", "favourite_shop = 'Cluj'\nas_of"));
    shop.run(&["refresh"]).ok();
}

#[test]
fn a_parameter_without_a_value() {
    let shop =
        shop().write("sql/segment/vip.sql", "SELECT customer_id FROM rfm.lifecycle WHERE recency_days > $lapsd_days");
    shop.run(&["refresh"]).fails(2, &["`$lapsd_days` has no value", "did you mean `$lapsed_days`?"]);
}

#[test]
fn another_projects_lake() {
    let shop = shop();
    shop.run(&["refresh"]).ok();
    shop.put("onefold.toml", CONFIG.replace("\"shop\"", "\"other\""));
    shop.run(&["refresh"]).fails(2, &["belongs to the project `shop`, and this is `other`"]);
}

#[test]
fn names_that_leave_the_lake() {
    let shop = shop().write("onefold.toml", "name = \"shop\"\n[sources.\"../../etc\"]\npath = \"crm.csv\"\n");
    shop.run(&["refresh"]).fails(2, &["cannot be a table name"]);
}
