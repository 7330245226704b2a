//! Row 28: names that lead elsewhere.

use onefold::error::Kind;
use onefold::lake::{Lake, TableName};

use super::bench::{Bench, CONFIG, PEOPLE, block_on, shop};

/// Names that some system, in some place, takes for more than a name.
const TRICKS: [&str; 40] = [
    "",
    ".",
    "..",
    "../x",
    "..\\x",
    "/etc/passwd",
    "\\\\host\\share",
    "C:\\x",
    "c:x",
    "a/b",
    "a\\b",
    "a/../b",
    "./a",
    "a//b",
    "~",
    "~root",
    "%2e%2e",
    "%2e%2e%2fx",
    "..%2fx",
    "a%00",
    "a\0b",
    "a\nb",
    "a\tb",
    "a b",
    " a",
    "a ",
    "a.",
    "a.b",
    ".hidden",
    "a#1",
    "a?b",
    "a*",
    "file:///etc/passwd",
    "s3://bucket",
    "$HOME",
    "`id`",
    "a;drop table x",
    "ａ",
    "a\u{202e}b",
    "1a",
];

#[test]
fn row_28_names_that_lead_elsewhere() {
    let bench = Bench::new();
    for name in TRICKS {
        for (schema, table) in [("segment", name), (name, "people"), ("raw", name)] {
            let error = TableName::new(schema, table).expect_err(name);
            assert_eq!(error.kind(), Kind::Denied, "{name:?}");
            assert!(!error.to_string().contains('\0') && !error.to_string().contains('\u{202e}'), "{name:?}: {error}");
        }
        // As a source: the project is refused before the lake is asked anything.
        let attempt = bench.attempt(false);
        let source = serde_json::to_string(name).unwrap();
        bench.shop.put("onefold.toml", format!("{CONFIG}[sources.{source}]\npath = \"crm*.csv\"\n"));
        let error = attempt.refresh().expect_err(name);
        assert_eq!(error.kind(), Kind::Denied, "{name:?}: {error}");
        assert_eq!(attempt.store.calls(), [], "{name:?}");
        bench.shop.put("onefold.toml", CONFIG);
        // As a segment, where a file can have that name.
        let path = format!("sql/segment/{name}.sql");
        if is_file_name(name) {
            bench.shop.put(&path, PEOPLE);
            let error = attempt.refresh().expect_err(name);
            assert_eq!(error.kind(), Kind::Denied, "{name:?}: {error}");
            assert_eq!(attempt.store.calls(), [], "{name:?}");
            bench.shop.remove(&path);
        }
        // As what a command is asked for: it is held against the names that there are, and leads nowhere.
        for args in [["land", name], ["lineage", name]] {
            let project = bench.shop.path().to_string_lossy().into_owned();
            let args = [args[0], "--project", &project, "--", args[1]];
            let outcome = block_on(onefold::cli::run_on(attempt.lake(), &args));
            assert_eq!(outcome.expect_err(name).kind(), Kind::Usage, "{name:?}");
            assert!(attempt.store.events().is_empty(), "{name:?}");
        }
    }
}

/// Whether a stage file can be called so, and that is not the proper `<table>.<part>.sql`.
fn is_file_name(name: &str) -> bool {
    let is_part = name.split_once('.').is_some_and(|(table, _)| TableName::new("segment", table).is_ok());
    !name.is_empty() && !name.contains(['/', '\0']) && !is_part
}

#[test]
fn a_path_in_a_manifest_stays_in_the_lake() {
    let shop = shop();
    shop.run(&["refresh", "--select", "clean.contacts", "segment.people"]).ok();
    let secret = shop.path().join("secret.parquet");
    let published = shop.path().join("lake/published/segment/people.parquet");
    std::fs::copy(&published, &secret).unwrap();
    let lake = Lake::open("lake", shop.path()).unwrap();
    let mut manifest = block_on(lake.head()).unwrap().unwrap();
    let file = &mut manifest.tables.get_mut("segment.people").unwrap().files[0];
    file.path = "../secret.parquet".into();
    let path = shop.path().join("lake/_onefold/manifest/00000000000000000001.json");
    std::fs::write(path, manifest.to_json()).unwrap();
    shop.run(&["sql", "-c", "SELECT * FROM segment.people"]).fails(1, &["it is missing", "../secret.parquet"]);
}
