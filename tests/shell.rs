//! `onefold sql` as a new user meets it: before the first run, with slips, without a project.

use crate::support::Shop;

const CONFIG: &str = "name = \"shop\"\n[params]\nas_of = 2026-06-30\n[sources.crm]\npath = \"exports/crm*.csv\"\n";

/// A project with one source and no stage of its own.
fn shop() -> Shop {
    Shop::new(CONFIG).write("exports/crm.csv", "id,name,spent\n1,Ana,10.50\n2,Bình,2\n3,王小明,7.25\n")
}

fn ask(shop: &Shop, script: &str) -> crate::support::Outcome {
    shop.run(&["sql", "--format", "csv", "-c", script])
}

#[test]
fn the_contract_is_shown_before_any_run() {
    let shop = shop();
    for _ in 0..2 {
        let columns = ask(&shop, "\\d clean.contacts").ok();
        let email = columns.stdout.lines().find(|line| line.starts_with("email,")).unwrap();
        assert!(email.starts_with("email,varchar,\"personal:"), "{email}");
        assert!(columns.stderr.contains("has not been made yet"), "{}", columns.stderr);
        let tables = ask(&shop, "\\d").ok().stdout;
        assert!(
            tables.lines().any(|line| line.starts_with("clean.contacts,,") && line.contains("not made yet")),
            "{tables}"
        );
        ask(&shop, "SELECT * FROM clean.contacts").fails(1, &["`clean.contacts` has not been made yet", "makes it"]);
        // Once more after landing, when there is a run but no table of the stages.
        shop.run(&["land"]).ok();
    }
    ask(&shop, "SELECT * FROM clean.contacts").fails(1, &["`onefold run` makes it", "`\\d clean.contacts`"]);
    shop.run(&["run"]).ok();
    assert!(!ask(&shop, "\\d").ok().stdout.contains("not made yet"));
}

#[test]
fn a_source_that_has_not_landed_is_known() {
    let shop = shop();
    let other = "[sources.unq]\npath = \"unq.csv\"\n[sources.huge]\npath = \"exports/crm.csv\"\n";
    shop.put("onefold.toml", format!("{CONFIG}{other}"));
    shop.run(&["land", "huge"]).ok();
    let outcome =
        ask(&shop, "SELECT * FROM raw.unq").fails(1, &["`raw.unq` has not been made", "`onefold land unq` lands it"]);
    assert!(!outcome.stderr.contains("raw.huge"), "{}", outcome.stderr);
}

#[test]
fn a_landed_source_has_a_quarantine_even_if_it_is_empty() {
    let shop = shop();
    shop.run(&["land"]).ok();
    let outcome = ask(&shop, "SELECT file, line, byte_offset, reason, raw FROM quarantine.crm").ok();
    assert_eq!(outcome.stdout.trim_end(), "file,line,byte_offset,reason,raw");
    assert_eq!(shop.value("SELECT count(*) FROM quarantine.crm"), "0");
}

#[test]
fn a_result_replaces_no_file_of_the_project() {
    let shop = shop();
    for file in ["exports/crm.csv", "exports/crm-2.csv", "onefold.toml", "sql/segment/vip.sql"] {
        std::fs::create_dir_all(shop.path().join("sql/segment")).unwrap();
        let copy = format!("COPY (SELECT 1 AS a) TO '{file}' (FORMAT csv)");
        ask(&shop, &copy).fails(2, &["a result must not"]);
        shop.run(&["sql", "-c", "SELECT 1", "--format", "csv", "--output", file]).fails(2, &["a result must not"]);
    }
    ask(&shop, "COPY (SELECT 1 AS a) TO 'exports/other.csv'").ok();
}

#[test]
fn a_place_that_cannot_be_written_is_not_worth_retrying() {
    let shop = shop();
    ask(&shop, "COPY (SELECT 1) TO 'missing/x.csv'").fails(2, &["cannot write the file"]);
    shop.run(&["init", "onefold.toml"]).fails(2, &["cannot write a file of the project"]);
    let join =
        "SELECT count(*) FROM generate_series(1, 4000000) a JOIN generate_series(1, 4000000) b ON a.value = b.value";
    shop.put("onefold.toml", format!("{CONFIG}[limits]\nmemory_mb = 16\n"));
    ask(&shop, join).fails(1, &["needs more memory"]);
}

#[test]
fn a_lake_is_read_without_its_project() {
    let shop = shop();
    shop.run(&["refresh"]).ok();
    shop.run(&["refresh", "--as-of", "2026-07-01"]).ok();
    let elsewhere = tempfile::tempdir().unwrap();
    let lake = shop.path().join("lake").display().to_string();
    let sql = |more: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_onefold"));
        command.args(["sql", "--format", "csv"]).args(more).current_dir(elsewhere.path()).env("NO_COLOR", "1");
        crate::support::Outcome::from(command.stdin(std::process::Stdio::null()).output().unwrap())
    };
    let count = "SELECT count(*) AS n, max($as_of) AS as_of FROM raw.crm";
    assert_eq!(sql(&["--lake", &lake, "-c", count]).ok().stdout, "n,as_of\r\n3,2026-07-01\r\n");
    assert_eq!(sql(&["--lake", &lake, "--run", "1", "-c", count]).ok().stdout, "n,as_of\r\n3,2026-06-30\r\n");
    assert!(sql(&["--lake", &lake, "-c", "\\d clean.contacts"]).ok().stdout.contains("email,varchar,\"personal:"));
    assert!(sql(&["--lake", &lake, "-c", "\\run"]).ok().stderr.contains("shop, run 2"));
    sql(&["--lake", "nowhere", "-c", count]).fails(2, &["there is no such lake"]);
    assert!(!elsewhere.path().join("nowhere").exists());
}

#[test]
fn an_error_names_the_line_of_the_script() {
    let shop = shop();
    let script = "-- Two statements.\nSELECT 1 AS a;\n\nSELECT 2 AS b\n;\nSELECT nme\nFROM reference.countries;\n";
    shop.put("report.sql", script);
    shop.put("outer.sql", "SELECT 0 AS z;\n\\i report.sql\n");
    for file in ["report.sql", "outer.sql"] {
        let outcome = shop.run(&["sql", "-f", file]).fails(1, &["6 | SELECT nme", "^^^", "script `report.sql`"]);
        assert!(!outcome.stderr.contains("1 |"), "{}", outcome.stderr);
    }
}

#[test]
fn hints_name_what_was_probably_meant() {
    let shop = shop();
    shop.run(&["land"]).ok();
    for (sql, hint) in [
        ("SELECT cnt(*) FROM raw.crm", "hint: did you mean `count`?"),
        ("SELECT strftime(now(), '%Y')", "hint: `to_char(at, '%Y-%m-%d')` does that here"),
        ("SELECT \"Name\" FROM raw.crm", "hint: did you mean `name`?"),
        ("SELECT * FROM raw.cmr", "hint: did you mean `raw.crm`?"),
        ("SELECT * FROM crm", "hint: did you mean `raw.crm`?"),
        ("SELECT * FROM raw.rcmx", "hint: `\\d` in `onefold sql` lists the tables"),
    ] {
        ask(&shop, sql).fails(1, &[hint]);
    }
    for (table, hint) in [
        ("rfm.nope", "`rfm` has `rfm.account_buyers`, "),
        ("contacts", "did you mean `clean.contacts`, `profile.contacts`?"),
        ("rfm.score", "did you mean `rfm.scores`?"),
        ("Nope!", "`onefold lineage` lists all tables"),
    ] {
        shop.run(&["lineage", table]).fails(2, &[hint]);
    }
}

#[test]
fn from_alone_selects_everything() {
    let shop = shop();
    shop.run(&["land"]).ok();
    assert_eq!(ask(&shop, "FROM raw.crm LIMIT 1").ok().stdout.lines().next(), Some("id,name,spent,_file,_line"));
    assert_eq!(shop.rows("FROM raw.crm WHERE id = '2'").len(), 1);
}

#[test]
fn an_output_file_is_announced_like_a_copy() {
    let shop = shop();
    shop.run(&["land"]).ok();
    let args = ["sql", "-c", "FROM raw.crm; FROM raw.crm LIMIT 2", "--output", "out.csv"];
    assert_eq!(shop.run(&args).ok().stderr, "5 rows written to out.csv as csv\n");
    assert_eq!(shop.run(&[&args[..], &["--quiet"]].concat()).ok().stderr, "");
}

#[test]
fn what_has_nothing_to_do_is_one_line() {
    let shop = shop();
    let first = shop.run(&["refresh"]).ok().stderr;
    assert!(first.contains("profile.customers: 0 rows in "), "{first}");
    let again = shop.run(&["run"]).ok().stderr;
    assert_eq!(again.lines().count(), 1, "{again}");
    assert!(again.contains("0 stages computed") && again.contains(" unchanged"), "{again}");
    let some = shop.run(&["run", "--select", "rfm.labels", "--force"]).ok().stderr;
    assert_eq!(some.lines().count(), 2, "{some}");
}

#[test]
fn a_date_is_asked_for_in_our_words() {
    shop().run(&["run", "--as-of", "01/02/2026"]).fails(2, &["a date is written YYYY-MM-DD, such as 2026-06-30"]);
}

#[test]
fn a_quiet_demo_says_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_onefold"));
    command.args(["demo", "-q", "--customers", "20"]).current_dir(folder.path());
    let outcome = crate::support::Outcome::from(command.output().unwrap()).ok();
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("", ""));
}
