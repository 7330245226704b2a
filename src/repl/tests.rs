//! What a person and a script see.

use std::io::Write;
use std::sync::{Arc, Mutex};

use datafusion::common::TableReference;
use datafusion::datasource::MemTable;

use super::format::tests::customers;
use super::*;
use crate::engine::{Session, SessionOptions};
use crate::error::{Kind, Result};
use crate::project::{Params, Value};

/// What was written, shared with the test.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Paper {
    fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut self.0.lock().expect("one thread"))).expect("text")
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("one thread").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

struct Desk {
    shell: Shell,
    out: Paper,
    notes: Paper,
}

impl Desk {
    async fn new(settings: Settings) -> Self {
        let options = SessionOptions { files: true, threads: Some(2), ..SessionOptions::default() };
        let session = Session::new(&options).expect("a session");
        let batch = customers();
        let table = MemTable::try_new(batch.schema(), vec![vec![batch]]).expect("a table");
        let name = TableReference::partial("profile", "customers");
        session.context().register_table(name, Arc::new(table)).expect("registers");
        let mut params = Params::default();
        params.set("least", Value::Integer(2));
        let (out, notes) = (Paper::default(), Paper::default());
        let shell = Shell::new(session, params, settings, Box::new(out.clone()), Box::new(notes.clone()))
            .await
            .expect("a shell");
        Self { shell, out, notes }
    }

    async fn csv() -> Self {
        Self::new(Settings { format: Some(OutputFormat::Csv), ..Settings::default() }).await
    }

    /// On a terminal of `width` columns, times off.
    async fn screen(width: usize) -> Self {
        let screen = Screen { is_terminal: true, fixed_width: Some(width), ..Screen::none() };
        let mut desk = Self::new(Settings { screen, rows_max: 4, ..Settings::default() }).await;
        desk.shell.is_interactive = true;
        desk.run("\\timing off").await.expect("a command");
        desk.notes.take();
        desk
    }

    async fn run(&mut self, script: &str) -> Result<String> {
        self.shell.run_script(script).await.map(|()| self.out.take())
    }
}

#[tokio::test]
async fn a_script_stops_at_its_first_error() {
    let mut desk = Desk::csv().await;
    let error = desk.run("SELECT 1 AS a; SELECT nme FROM profile.customers; SELECT 2 AS b;").await.expect_err("a slip");
    assert_eq!((error.kind(), error.hint_text()), (Kind::Sql, Some("did you mean `name`?")));
    assert!(error.detail_text().is_some_and(|detail| detail.contains("^^^")), "{error}");
    assert_eq!(desk.out.take(), "a\r\n1\r\n");
    assert_eq!(desk.notes.take(), "");
}

#[tokio::test]
async fn the_last_result_is_the_table_underscore() {
    let mut desk = Desk::csv().await;
    let text = desk.run("SELECT id FROM profile.customers WHERE id > 1; SELECT max(id) AS most FROM _;").await;
    assert_eq!(text.expect("runs"), "id\r\n2\r\n3\r\nmost\r\n3\r\n");
    let text = desk.run("SELECT 7 AS x; SELECT * FROM _ a JOIN _ b ON a.x = b.x; SELECT x_1 FROM _").await;
    assert_eq!(text.expect("runs"), "x\r\n7\r\nx,x_1\r\n7,7\r\nx_1\r\n7\r\n");
}

#[tokio::test]
async fn parameters_have_values_that_can_be_changed() {
    let mut desk = Desk::csv().await;
    let sql = "SELECT count(*) AS n FROM profile.customers WHERE id >= $least;";
    assert_eq!(desk.run(sql).await.expect("runs"), "n\r\n2\r\n");
    assert_eq!(desk.run(&format!("\\set least 3\n{sql}")).await.expect("runs"), "n\r\n1\r\n");
    assert_eq!(desk.run("\\params").await.expect("runs"), "parameter,value\r\n$least,3\r\n");
    let error = desk.run("\\set least many").await.expect_err("a text");
    assert_eq!(error.message(), "`many` does not fit the parameter `$least`");
    desk.run("\\set since 2026-06-30").await.expect("a date");
    assert_eq!(desk.run("SELECT $since AS since").await.expect("runs"), "since\r\n2026-06-30\r\n");
}

#[tokio::test]
async fn cut_rows_and_columns_are_announced() {
    let mut desk = Desk::screen(44).await;
    let sql = "SELECT value AS n, repeat('x', 60) AS long, value * 1000 AS a, value * 1000 AS b, value AS c \
               FROM generate_series(1, 1204);";
    let table = desk.run(sql).await.expect("runs");
    insta::assert_snapshot!(table, @r"
    ┌────────┬────────────────────┬───┬────────┐
    │      n │ long               │ … │      c │
    │ bigint │ varchar            │ … │ bigint │
    ├────────┼────────────────────┼───┼────────┤
    │      1 │ xxxxxxxxxxxxxxxxx… │ … │      1 │
    │      2 │ xxxxxxxxxxxxxxxxx… │ … │      2 │
    │      ⋮ │ ⋮                  │ … │      ⋮ │
    │   1203 │ xxxxxxxxxxxxxxxxx… │ … │   1203 │
    │   1204 │ xxxxxxxxxxxxxxxxx… │ … │   1204 │
    └────────┴────────────────────┴───┴────────┘
    ");
    insta::assert_snapshot!(desk.notes.take(), @r"1,204 rows (4 shown), 5 columns (3 shown), 4 values cut; `\maxrows 0` shows all rows, `\x` shows whole rows");
    let all = desk.run("\\maxrows 0\nSELECT value FROM generate_series(1, 9);").await.expect("runs");
    assert_eq!(all.lines().count(), 5 + 9);
    assert!(desk.notes.take().ends_with("\n9 rows\n"));
}

#[tokio::test]
async fn expanded_rows_are_numbered_across_the_cut() {
    let mut desk = Desk::screen(80).await;
    let text = desk.run("\\x\nSELECT value FROM generate_series(11, 20);").await.expect("runs");
    insta::assert_snapshot!(text, @r"
    ─[ 1 ]┬─
    value │ 11
    ─[ 2 ]┬─
    value │ 12
    ⋮
    ─[ 9 ]┬─
    value │ 19
    ─[ 10 ]┬─
    value │ 20
    ");
}

#[tokio::test]
async fn a_pipe_gets_everything_and_nothing_else() {
    let mut desk = Desk::new(Settings { rows_max: 4, ..Settings::default() }).await;
    let text = desk.run("SELECT value FROM generate_series(1, 100);").await.expect("runs");
    assert_eq!(text.lines().count(), 5 + 100);
    assert_eq!(desk.notes.take(), "");
}

#[tokio::test]
async fn copy_writes_a_whole_file_or_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let mut desk = Desk::csv().await;
    for (file, options) in [("a.csv", ""), ("a.ndjson", ""), ("a.parquet", ""), ("a.data", " (FORMAT json)")] {
        let copy = format!("COPY (SELECT id, name FROM profile.customers) TO '{}'{options}", path(file));
        assert_eq!(desk.run(&copy).await.expect("copies"), "", "{file}");
        assert!(desk.notes.take().starts_with("3 rows written to "), "{file}");
    }
    for file in ["a.csv", "a.ndjson", "a.parquet"] {
        let sql = format!("SELECT count(*) AS n, max(id) AS last FROM '{}'", path(file));
        assert_eq!(desk.run(&sql).await.expect("reads back"), "n,last\r\n3,3\r\n", "{file}");
    }
    let failing = format!("COPY (SELECT 1 / (value - 5000) FROM generate_series(1, 9000)) TO '{}'", path("b.csv"));
    assert_eq!(desk.run(&failing).await.expect_err("divides by zero").kind(), Kind::Sql);
    assert_eq!(folder.path().read_dir().expect("lists").count(), 4);
    let error = desk.run(&format!("COPY profile.customers TO '{}'", path("a.xyz"))).await.expect_err("no format");
    assert_eq!(error.kind(), Kind::Usage);
}

#[tokio::test]
async fn the_lake_is_not_written_to() {
    let lake = tempfile::tempdir().expect("a folder");
    let about = About { lake_folder: Some(lake.path().to_owned()), ..About::default() };
    let mut desk = Desk::new(Settings { about, ..Settings::default() }).await;
    let target = lake.path().join("x.csv").display().to_string();
    for script in [format!("COPY (SELECT 1) TO '{target}'"), format!("\\o {target}\nSELECT 1;")] {
        assert_eq!(desk.run(&script).await.expect_err("denied").kind(), Kind::Denied, "{script}");
    }
    assert_eq!(lake.path().read_dir().expect("lists").count(), 0);
}

#[tokio::test]
async fn all_results_of_a_script_go_to_the_output_file_or_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("out.csv");
    let settings = || Settings { output: Some(file.clone()), ..Settings::default() };
    let mut desk = Desk::new(settings()).await;
    assert!(desk.run("SELECT 1 AS a; SELECT nothing;").await.is_err());
    assert!(!file.exists());
    assert_eq!(desk.run("SELECT 1 AS a; SELECT 2 AS b;").await.expect("runs"), "");
    assert_eq!(std::fs::read_to_string(&file).expect("reads"), "a\r\n1\r\nb\r\n2\r\n");
    let parquet = Settings { output: Some(folder.path().join("out.parquet")), ..Settings::default() };
    let mut desk = Desk::new(parquet).await;
    assert_eq!(desk.run("SELECT 1; SELECT 2;").await.expect_err("two results").kind(), Kind::Usage);
}

#[tokio::test]
async fn the_next_result_goes_to_the_file_that_was_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("next.ndjson");
    let mut desk = Desk::csv().await;
    let script = format!("\\o {}\nSELECT 1 AS a; SELECT 2 AS b;", file.display());
    assert_eq!(desk.run(&script).await.expect("runs"), "b\r\n2\r\n");
    assert_eq!(std::fs::read_to_string(&file).expect("reads"), "{\"a\":1}\n");
}

#[tokio::test]
async fn a_reader_that_has_gone_is_no_error() {
    struct Gone;
    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    for format in [OutputFormat::Table, OutputFormat::Csv, OutputFormat::Json, OutputFormat::Markdown] {
        let session = Session::new(&SessionOptions::default()).expect("a session");
        let settings = Settings { format: Some(format), ..Settings::default() };
        let (out, notes) = (Box::new(Gone), Box::new(Paper::default()));
        let mut shell = Shell::new(session, Params::default(), settings, out, notes).await.expect("a shell");
        shell.run_script("SELECT value FROM generate_series(1, 100000)").await.expect("stops quietly");
    }
}

#[tokio::test]
async fn tables_are_described_with_their_comments() {
    struct Comments;
    impl Dictionary for Comments {
        fn column(&self, table: &str, column: &str) -> Option<&str> {
            (table == "profile.customers" && column == "name").then_some("personal: the whole name")
        }

        fn table(&self, table: &str) -> Option<&str> {
            (table == "profile.customers").then_some("one row per customer")
        }
    }
    let dictionary = Box::new(Comments);
    let mut desk = Desk::new(Settings { format: Some(OutputFormat::Csv), dictionary, ..Settings::default() }).await;
    let columns = "column,type,comment\r\nid,bigint,\r\nname,varchar,personal: the whole name\r\n\
                   spent,\"decimal(18,2)\",\r\nscore,double,\r\nseen_at,timestamp,\r\n";
    for statement in ["\\d profile.customers", "\\d customers", "DESCRIBE profile.customers"] {
        assert_eq!(desk.run(statement).await.expect(statement), columns);
        assert_eq!(desk.notes.take(), "one row per customer\n");
    }
    let tables = desk.run("\\d").await.expect("runs");
    assert!(tables.contains("profile.customers,3,5,one row per customer\r\n"), "{tables}");
    let error = desk.run("\\d custmers").await.expect_err("a slip");
    assert_eq!(error.hint_text(), Some("did you mean `profile.customers`?"));
}

#[tokio::test]
async fn functions_are_listed_with_examples() {
    let mut desk = Desk::new(Settings::default()).await;
    let text = desk.run("\\df normalize_p").await.expect("runs");
    assert!(text.contains("normalize_phone("), "{text}");
    let all = desk.run("\\df").await.expect("runs");
    assert!(all.contains("date_trunc"), "{all}");
    assert!(!all.contains("list_append"), "an alias: {all}");
}
