//! `onefold resolve`: who is who in files that nobody described.

use std::process::Command;

use serde_json::Value;

use crate::support::{Outcome, real_data};

/// Runs `onefold resolve` in a folder of its own with these files.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn with(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Self(folder)
    }

    pub fn run(&self, args: &[&str]) -> Outcome {
        let mut command = Command::new(env!("CARGO_BIN_EXE_onefold"));
        command.args(args).current_dir(self.0.path()).env("NO_COLOR", "1").output().unwrap().into()
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.path().join(name)).unwrap()
    }
}

/// Two silos.
const CRM: &str = "\u{feff}Id;Vorname;Nachname;Geburtsdatum;E-Mail;Telefon;Notiz
1;Ana;Popescu;03.02.1980;ana.popescu@example.org;+40 721 000 111;VIP
2;Ion;Stan;14.07.1975;ion.stan@example.org;+40 722 000 222;
3;Maria;Rusu;21.11.1990;;+40 723 000 333;
4;Dan;Matei;30.05.1988;dan.matei@example.org;;
";
const SHOP: &str = "Id;Vorname;Nachname;Geburtsdatum;E-Mail;Telefon
1;Anna;Popescu;03.02.1980;ana.popescu@example.org;
2;Vasile;Toma;01.01.1960;vasile@example.org;+40 724 000 444
3;Maria;Rusu;21.11.1990;maria@example.net;+40723000333
";

/// The second silo with names for its columns and an order of its dates of its own, and two addresses in a cell.
const SHOP_OF_ITS_OWN: &str = "No;First name;Surname;DOB;Mail;Mobile
1;Anna;Popescu;02/03/1980;\"ana@example.com, ana.popescu@example.org\";
2;Vasile;Toma;01/31/1960;vasile@example.org;+40 724 000 444
3;Maria;Rusu;11/21/1990;maria@example.net;+40723000333
";

#[test]
fn silos_may_call_their_columns_as_they_like() {
    let folder = Folder::with(&[("crm.csv", CRM), ("shop.csv", SHOP_OF_ITS_OWN)]);
    let args = ["resolve", "crm.csv", "shop.csv", "--delimiter", ";", "--out", "out.csv", "--ignore", "Notiz"];
    let outcome = folder.run(&args).ok();
    assert!(outcome.stdout.contains("7 records are 5 customers"), "{}", outcome.stdout);
    let outcome = folder.run(&[&args[..], &["--explain", "crm:1", "shop:1"]].concat()).ok();
    for exact in
        ["Geburtsdatum+DOB · exact", "19800203", "ana.popescu@example.org | ana.popescu@example.org;ana@example.com"]
    {
        assert!(outcome.stdout.contains(exact), "{}", outcome.stdout);
    }
}

#[test]
fn two_silos_become_one_list_of_customers_with_all_that_they_said() {
    let folder = Folder::with(&[("crm.csv", CRM), ("shop.csv", SHOP)]);
    let outcome = folder
        .run(&["resolve", "crm.csv", "shop.csv", "--delimiter", ";", "--out", "out.csv", "--ignore", "Notiz"])
        .ok();
    assert!(outcome.stdout.contains("7 records are 5 customers"), "{}", outcome.stdout);
    let out = folder.read("out.csv");
    let mut lines = out.lines();
    let header = "record_id,source,customer_id,confidence,Id,Vorname,Nachname,Geburtsdatum,E-Mail,Telefon,Notiz";
    assert_eq!(lines.next(), Some(header));
    let customer = |record: &str| {
        let line = out.lines().find(|line| line.starts_with(&format!("{record},"))).unwrap_or_else(|| panic!("{out}"));
        line.split(',').nth(2).unwrap().to_owned()
    };
    assert_eq!(customer("crm:1"), customer("shop:1"));
    assert_eq!(customer("crm:3"), customer("shop:3"));
    assert_ne!(customer("crm:2"), customer("shop:2"));
    assert!(out.contains(",VIP"), "what the input said stays: {out}");
}

/// What is written for a customer, by its record.
fn line<'a>(out: &'a str, record: &str) -> &'a str {
    out.lines().find(|line| line.starts_with(&format!("{record},"))).unwrap_or_else(|| panic!("{out}"))
}

#[test]
fn files_of_any_form_stand_beside_each_other_and_lose_no_value() {
    let folder = Folder::with(&[
        ("till.csv", "no;name;phone;born;tags\n7;Ana Pop;+49 30 12345670;3 de marzo de 1985;a\n8;Cy Fox;A-77;;\n"),
        (
            "web.ndjson",
            "{\"id\":1,\"name\":\"Ana Pop\",\"phone\":[\"0123\",\"030 12345670\"],\"born\":\"1985-03-03\"}\n",
        ),
        ("empty.csv", ""),
        // As MongoDB writes it, and with a column of the name of one of ours.
        ("mongo.ndjson", "{\"_id\":\"5f\",\"name\":\"王小明\",\"_table\":7}\n"),
        ("note.csv", "id,address\n1,somewhere\n"),
    ]);
    let copy =
        "COPY (SELECT 'Ana Pop' AS name, 493012345670 AS phone, DATE '1985-03-03' AS born, true AS tags UNION ALL
        SELECT 'Bob Ray', 493012345671, NULL, false ORDER BY name) TO 'app.parquet'";
    folder.run(&["sql", "-c", copy]).ok();
    let mut results = Vec::new();
    for files in
        [["app.parquet", "till.csv", "web.ndjson", "empty.csv"], ["empty.csv", "web.ndjson", "till.csv", "app.parquet"]]
    {
        let outcome = folder.run(&[&["resolve"], &files[..], &["--out", "out.csv"]].concat()).ok();
        outcome.says(&["`empty.csv` is empty and left out"]);
        let out = folder.read("out.csv");
        for (record, value) in [
            ("till:2", "A-77"),
            ("till:1", "3 de marzo de 1985"),
            ("app:1", "493012345670"),
            ("app:1", "1985-03-03"),
            ("app:2", "false"),
            ("till:1", ",a"),
        ] {
            assert!(line(&out, record).contains(value), "{record} has {value}: {out}");
        }
        let customer = |record: &str| line(&out, record).split(',').nth(2).unwrap().to_owned();
        assert_eq!(customer("till:1"), customer("app:1"), "{out}");
        assert_eq!(customer("web:1"), customer("app:1"), "{out}");
        let records: Vec<&str> = out.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
        let sources: Vec<&str> = records.iter().map(|record| record.split(':').next().unwrap()).collect();
        let in_order = if files[0] == "empty.csv" {
            ["web", "till", "till", "app", "app"]
        } else {
            ["app", "app", "till", "till", "web"]
        };
        assert_eq!(sources, in_order, "rows stay in the order of the files");
        results.push(["till:1", "till:2", "app:1", "app:2", "web:1"].map(customer));
    }
    assert_eq!(results[0], results[1], "whatever the order of the files");

    let nested =
        "COPY (SELECT 2 AS id, named_struct('street', 'Elm') AS address, [named_struct('tel', '0721')] AS phones)
        TO 'nested.parquet'";
    folder.run(&["sql", "-c", nested]).ok();
    folder.run(&["resolve", "mongo.ndjson", "nested.parquet", "note.csv", "--out", "out.csv"]).ok();
    let out = folder.read("out.csv");
    for (record, value) in [
        ("mongo:1", "5f"),
        ("mongo:1", "王小明"),
        ("mongo:1", ",7"),
        ("nested:2", "Elm"),
        ("nested:2", "0721"),
        ("note:1", "somewhere"),
    ] {
        assert!(line(&out, record).contains(value), "{record} has {value}: {out}");
    }
}

#[test]
fn files_have_ids_of_their_own_and_rows_that_cannot_be_read_are_told() {
    let folder = Folder::with(&[
        ("crm.csv", "nr,name,phone\n17,Ana Pop,+40721000111\n18,Ion Stan,+40722000222\n"),
        ("shop.csv", "key;name;phone\nx1;Ana Pop;0721000111\nx2;Maria;Rusu;0723000333\nx3;Dan Matei;0724000444\n"),
        ("gap.csv", "nr,name\n1,Ana Pop\n,Ion Stan\n"),
    ]);
    let args = ["resolve", "crm.csv", "shop.csv", "--out", "out.csv", "--id", "nr", "--id", "key"];
    folder.run(&args).fails(1, &["of 3 records cannot be read"]);
    std::fs::write(folder.0.path().join("shop.csv"), {
        let rows: Vec<String> = (4..40).map(|n| format!("x{n};Vasile{n} Toma{n};07{n}5000555\n")).collect();
        folder.read("shop.csv") + &rows.concat()
    })
    .unwrap();
    let outcome = folder.run(&[&args[..], &["--quiet"]].concat()).ok();
    outcome.says(&["1 of 39 records of `shop` cannot be read", "line 3"]);
    let out = folder.read("out.csv");
    assert_eq!(line(&out, "crm:17").split(',').nth(2), line(&out, "shop:x1").split(',').nth(2));
    folder.run(&["resolve", "gap.csv", "--id", "nr", "--out", "x.csv"]).fails(1, &["`nr` is empty in line 3"]);
}

#[test]
fn the_report_says_what_was_compared_and_the_waterfall_why() {
    let folder = Folder::with(&[("crm.csv", CRM), ("shop.csv", SHOP)]);
    let args = ["resolve", "crm.csv", "shop.csv", "--delimiter", ";", "--out", "out.parquet"];
    let outcome = folder.run(&[&args[..], &["--json"]].concat()).ok();
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!((&report["records"], &report["customers"]), (&7.into(), &5.into()));
    let kinds: Vec<_> = report["columns"].as_array().unwrap().iter().map(|column| column["kind"].as_str()).collect();
    for kind in ["given name", "family name", "birth date", "e-mail", "phone"] {
        assert!(kinds.contains(&Some(kind)), "{kinds:?}");
    }
    let explained = folder.run(&[&args[..], &["--explain", "crm:1", "shop:1"]].concat()).ok();
    for part in ["any two records", "Nachname", "exact", "together", "probability"] {
        assert!(explained.stdout.contains(part), "{}", explained.stdout);
    }
}

#[test]
fn what_cannot_be_done_is_said_and_nothing_is_written() {
    let folder = Folder::with(&[
        ("crm.csv", CRM),
        ("same.csv", "id,name\n1,Ana Pop\n1,Ion Stan\n"),
        ("torn.csv", "id,name\n1,Ana\n\"2,Io\n"),
    ]);
    folder
        .run(&["resolve", "crm.csv", "--delimiter", ";", "--out", "x.csv", "--id", "Idd"])
        .fails(2, &["no column `Idd`", "did you mean `Id`?"]);
    folder.run(&["resolve", "same.csv", "--out", "x.csv"]).fails(1, &["two records have the id", "`--id`"]);
    folder.run(&["resolve", "torn.csv", "--out", "x.csv"]).fails(1, &["cannot be read", "`--delimiter`"]);
    folder.run(&["resolve", "none.csv", "--out", "x.csv"]).fails(2, &["cannot read `none.csv`"]);
    folder.run(&["resolve", "crm.csv", "--out", "x.xyz"]).fails(2, &["which format"]);
    folder
        .run(&["resolve", "crm.csv", "--delimiter", ";", "--out", "x.csv", "--explain", "1", "99"])
        .fails(2, &["there is no record `99`"]);
    assert!(!folder.0.path().join("x.csv").exists());
    folder.run(&["resolve", "same.csv", "--out", "./same.csv"]).fails(2, &["written over a file that is read"]);
    assert!(folder.read("same.csv").starts_with("id,name"));
}

#[test]
fn what_people_decided_outvotes_the_evidence_and_nobody_is_twice_in_a_source() {
    let decided = "left_record,right_record,decision\ncrm:1,shop:1,unlink\ncrm:2,shop:2,link\n";
    let twice = "Id;Vorname;Nachname;Geburtsdatum;E-Mail;Telefon
1;Maria;Rusu;21.11.1990;;+40 723 000 333
2;Maria;Rusu;21.11.1990;maria@example.net;+40723000333
";
    let folder = Folder::with(&[
        ("crm.csv", CRM),
        ("shop.csv", SHOP),
        ("twice.csv", twice),
        ("decided.csv", decided),
        ("semicolons.csv", &decided.replace(',', ";")),
        ("wrong.csv", "left_record,right_record,decision\ncrm:1,shop:1,maybe\n"),
        ("torn.csv", "left_record,right_record,decision\ncrm:1,shop:1,link\ncrm:1,shop:1,unlink\n"),
    ]);
    let args = ["resolve", "crm.csv", "shop.csv", "--delimiter", ";", "--out", "out.csv", "--decisions"];
    folder.run(&[&args[..], &["decided.csv"]].concat()).ok();
    let out = folder.read("out.csv");
    let customer = |record: &str| {
        let line = out.lines().find(|line| line.starts_with(&format!("{record},"))).unwrap_or_else(|| panic!("{out}"));
        line.split(',').nth(2).unwrap().to_owned()
    };
    assert_ne!(customer("crm:1"), customer("shop:1"));
    assert_eq!(customer("crm:2"), customer("shop:2"));
    assert_eq!(customer("crm:3"), customer("shop:3"), "what nobody decided about is as before");
    folder.run(&[&args[..], &["semicolons.csv"]].concat()).ok();
    assert_eq!(folder.read("out.csv"), out, "however the decisions are written");
    folder.run(&[&args[..], &["wrong.csv"]].concat()).fails(2, &["`maybe` is no decision", "`link` or `unlink`"]);
    folder.run(&[&args[..], &["torn.csv"]].concat()).fails(2, &["one person, and that they are two"]);
    let confidence = |record: &str| {
        let line = out.lines().find(|line| line.starts_with(&format!("{record},"))).unwrap();
        line.split(',').nth(3).unwrap().parse::<f64>().unwrap()
    };
    assert!((confidence("crm:2") - 1.0).abs() < 1e-9, "what people decided is sure: {out}");

    let args = ["resolve", "twice.csv", "--delimiter", ";", "--out", "out.csv"];
    let outcome = folder.run(&[&args[..], &["--one-per-source"]].concat()).ok();
    assert!(outcome.stdout.contains("2 records are 2 customers"), "{}", outcome.stdout);
}

#[test]
fn with_a_state_only_what_changed_is_compared_and_nothing_but_a_state_is_written_over() {
    let rows = |changed: &dyn Fn(usize) -> bool, end: usize| {
        let row = |n: usize| {
            let (given, family) = (["Ana", "Ion", "Maria", "Dan"][n % 4], ["Popescu", "Stan", "Rusu"][n / 4 % 3]);
            let phone = if changed(n) { 700 + n } else { n } * 104_729 % 100_000_000;
            let born = format!("19{:02}-{:02}-{:02}", 30 + n % 70, 1 + n * 7 % 12, 1 + n * 11 % 28);
            format!("a{n},{given},{family},{born},07{phone:08}\nb{n},{given},{family}x,{born},07{phone:08}\n")
        };
        format!("id,prenume,nume,nascut,telefon\n{}", (0..end).map(row).collect::<String>())
    };
    let folder = Folder::with(&[("all.csv", &rows(&|_| false, 60))]);
    let args = ["resolve", "all.csv", "--out", "out.csv", "--state", "known.state"];
    let outcome = folder.run(&args).ok();
    assert!(outcome.stdout.contains("120 records are 60 customers"), "{}", outcome.stdout);
    let first = folder.read("out.csv");
    std::fs::write(folder.0.path().join("all.csv"), rows(&|n| n == 7, 62)).unwrap();
    let outcome = folder.run(&args).ok();
    assert!(outcome.stdout.contains("124 records are 62 customers"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("6 of them new or changed, 2 gone or changed"), "{}", outcome.stdout);
    let second = folder.read("out.csv");
    let same = first.lines().filter(|line| second.lines().any(|other| other == *line)).count();
    assert_eq!(same, 1 + 118, "who did not change is as before");
    let report: Value = serde_json::from_str(&folder.run(&[&args[..], &["--json"]].concat()).ok().stdout).unwrap();
    assert_eq!(report["followed"], serde_json::json!({"fresh": 0, "gone": 0}), "{report}");
    let outcome = folder.run(&[&args[..], &["--threshold", "0.9"]].concat()).ok();
    assert!(outcome.stderr.contains("all was learnt anew"), "{}", outcome.stderr);

    std::fs::write(folder.0.path().join("mine.txt"), "not a state").unwrap();
    folder
        .run(&["resolve", "all.csv", "--out", "out.csv", "--state", "mine.txt"])
        .fails(1, &["is not what `--state` has written", "mine.txt", "name another file"]);
    assert_eq!(folder.read("mine.txt"), "not a state");
    let mut bytes = std::fs::read(folder.0.path().join("known.state")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(folder.0.path().join("flipped.state"), bytes).unwrap();
    folder.run(&["resolve", "all.csv", "--out", "out.csv", "--state", "flipped.state"]).fails(1, &["it is damaged"]);
    folder.run(&["resolve", "all.csv", "--out", "x.csv", "--state", "none/x.state"]).fails(2, &["no such folder"]);
    let outcome = folder.run(&["resolve", "all.csv", "--out", "out.csv", "--id", "telefon", "--state", "other.state"]);
    outcome.fails(1, &["two records have the id"]);
    assert!(!folder.0.path().join("other.state").exists());
    folder.run(&["resolve", "all.csv", "--out", "x.csv", "--state", "./x.csv"]).fails(2, &["name the same file"]);
    folder.run(&["resolve", "all.csv", "--out", "x.csv", "--state", "all.csv"]).fails(2, &["a file that is read"]);
}

#[test]
fn columns_that_say_nothing_of_people_merge_nobody() {
    let folder =
        Folder::with(&[("tags.json", r#"[{"id":1,"status":"a","tags":[1,2]},{"id":2,"status":"b","tags":[]}]"#)]);
    let outcome = folder.run(&["resolve", "tags.json", "--out", "out.csv"]).ok();
    assert!(outcome.stdout.contains("2 records are 2 customers"), "{}", outcome.stdout);
    outcome.says(&["no column says who somebody is"]);
}

/// The tables of the field with a known truth: pairwise F1 by default must reach these. `historical_50k` is left to the
/// release build.
#[test]
fn tables_of_the_field_are_resolved_by_default_as_well_as_their_goals() {
    let Some(data) = real_data() else { return };
    let folder = Folder::with(&[]);
    for (name, goal) in [("febrl3", 0.998), ("fake_1000", 0.93), ("dqbench_t1", 0.894), ("dqbench_t2", 0.999)] {
        let table = data.join(format!("identity/{name}.parquet"));
        let table = table.to_str().unwrap();
        folder.run(&["resolve", table, "--out", "out.parquet", "--ignore", "cluster", "--quiet"]).ok();
        let sql = format!(
            "WITH j AS (SELECT t.cluster AS t, o.customer_id AS p FROM '{table}' AS t
                        JOIN 'out.parquet' AS o ON o.record_id = CAST(t.record_id AS VARCHAR)),
                  pairs AS (SELECT (SELECT sum(n * (n - 1)) FROM (SELECT count(*) AS n FROM j GROUP BY t, p)) AS both,
                                   (SELECT sum(n * (n - 1)) FROM (SELECT count(*) AS n FROM j GROUP BY t)) AS truth,
                                   (SELECT sum(n * (n - 1)) FROM (SELECT count(*) AS n FROM j GROUP BY p)) AS found)
             SELECT CAST(2 * both AS DOUBLE) / (truth + found) AS f1 FROM pairs"
        );
        let outcome = folder.run(&["sql", "-c", &sql, "--format", "csv"]).ok();
        let f1: f64 = outcome.stdout.lines().nth(1).unwrap().parse().unwrap();
        assert!(f1 >= goal, "{name}: {f1}, and the goal is {goal}");
    }
}
