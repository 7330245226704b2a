//! Landing as a user sees it: files in a folder → tables in a lake.

use std::io::Write;
use std::path::Path as FsPath;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int32Array, RecordBatch, StringArray};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use object_store::ObjectStoreExt;
use object_store::memory::InMemory;
use object_store::path::Path;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader, ParquetMetaDataWriter};

use super::{Reading, SourceReport, Trial, input, land, load, settings};
use crate::error::{Error, Kind, Result};
use crate::lake::{Lake, Load, Manifest};
use crate::progress::Silent;
use crate::project::Project;

/// A project with the source `crm`, its lake in memory, and the newest manifest.
struct Shop {
    folder: tempfile::TempDir,
    lake: Lake,
    head: Manifest,
}

impl Shop {
    /// A source with these lines in `onefold.toml`; without a `path`, all files in the project's folder `in`.
    fn new(settings: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = if settings.contains("path =") { "" } else { "path = \"in/*\"\n" };
        let toml = format!("name = \"shop\"\n[sources.crm]\n{path}{settings}\n");
        std::fs::create_dir(folder.path().join("in")).expect("a folder");
        std::fs::write(folder.path().join("onefold.toml"), toml).expect("writes");
        Self { folder, lake: Lake::with_store(Arc::new(InMemory::new()), "test"), head: Manifest::empty("shop") }
    }

    fn with(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.write(name, bytes);
        self
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.folder.path().join("in").join(name), bytes).expect("writes");
    }

    /// Lands and, if that went well, commits.
    fn land(&mut self) -> Result<SourceReport> {
        self.land_only(&[]).map(|mut reports| reports.remove(0))
    }

    fn land_only(&mut self, only: &[String]) -> Result<Vec<SourceReport>> {
        let project = Project::open(self.folder.path()).expect("a project");
        let mut draft = self.head.next(self.lake.writer(), "land", jiff::Timestamp::UNIX_EPOCH);
        let mut landed = block_on(land(&project, only, &self.lake, &mut draft, &Silent))?;
        if let Some(failure) = landed.failures.pop() {
            return Err(failure.error);
        }
        for load in draft.loads.values().flatten() {
            assert_eq!(load.rows_read, load.rows_landed + load.rows_quarantined, "balance of {}", load.file);
            assert_eq!(load.rows_landed, load.data.rows);
            assert_eq!(load.rows_quarantined, load.quarantine.as_ref().map_or(0, |file| file.rows));
        }
        self.head = draft;
        Ok(landed.reports)
    }

    fn refused(&mut self) -> Error {
        let before = self.head.clone();
        let error = self.land().expect_err("must be refused");
        assert_eq!(self.head, before);
        error
    }

    /// A table as lines: the columns' names, then the rows; NULL is `·`. Each file of the table has its own names.
    fn table(&self, name: &str) -> Vec<String> {
        let mut lines = Vec::new();
        for file in &self.head.tables[name].files {
            let path = Path::from(file.path.as_str());
            let bytes = block_on(async { self.lake.store().get(&path).await?.bytes().await }).expect("exists");
            let builder = ParquetRecordBatchReaderBuilder::try_new(bytes).expect("Parquet");
            lines.push(builder.schema().fields().iter().map(|f| f.name().as_str()).collect::<Vec<_>>().join("|"));
            for batch in builder.build().expect("Parquet") {
                lines.extend(batch_lines(&batch.expect("rows")));
            }
        }
        lines
    }

    fn raw(&self) -> Vec<String> {
        self.table("raw.crm")
    }
}

fn batch_lines(batch: &RecordBatch) -> Vec<String> {
    let options = FormatOptions::new().with_null("·");
    let columns: Vec<_> =
        batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options).expect("shown")).collect();
    (0..batch.num_rows())
        .map(|row| columns.iter().map(|column| column.value(row).to_string()).collect::<Vec<_>>().join("|"))
        .collect()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().expect("a runtime").block_on(future)
}

/// What lands of one file without trouble.
fn landed(settings: &str, name: &str, bytes: impl AsRef<[u8]>) -> Vec<String> {
    let mut shop = Shop::new(settings).with(name, bytes);
    let report = shop.land().expect("lands");
    assert_eq!(report.rows_quarantined, 0, "{name}");
    shop.raw()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).expect("memory");
    packed.finish().expect("memory")
}

#[test]
fn csv_lands_as_it_was_written() {
    let text = "id,name,note\n1,Zoë,\"a, \"\"b\"\"\nc\"\n2,陳大文,\n3,Nguyễn Thị Ánh,NULL\n";
    let expected = [
        "id|name|note|_file|_line",
        "1|Zoë|a, \"b\"\nc|in/a.csv|2",
        "2|陳大文|·|in/a.csv|4",
        "3|Nguyễn Thị Ánh|NULL|in/a.csv|5",
    ];
    assert_eq!(landed("", "a.csv", text), expected);
    assert_eq!(landed("", "a.csv", [b"\xEF\xBB\xBF", text.as_bytes()].concat()), expected);
    assert_eq!(landed("null_values = ['NULL']", "a.csv", text)[3], "3|Nguyễn Thị Ánh|·|in/a.csv|5");
    assert_eq!(landed("", "a.csv", text.replace('\n', "\r\n"))[2], "2|陳大文|·|in/a.csv|4");
    assert_eq!(
        landed("", "a.csv", "id,name\r1,Ann\r2,Bo"),
        ["id|name|_file|_line", "1|Ann|in/a.csv|2", "2|Bo|in/a.csv|3"]
    );
}

#[test]
fn packed_files_land_like_plain_ones() {
    let text = b"id,name\n1,Ann\n";
    let twice = [gzip(text), gzip(b"2,Bo\n")].concat();
    assert_eq!(landed("", "a.csv.gz", twice)[1..], ["1|Ann|in/a.csv.gz|2", "2|Bo|in/a.csv.gz|3"]);
    assert_eq!(landed("", "a.csv.zst", zstd::encode_all(&text[..], 1).expect("memory"))[1], "1|Ann|in/a.csv.zst|2");
    let cut = gzip(&b"id,name\n1,Ann\n".repeat(100));
    let error = Shop::new("").with("a.csv.gz", &cut[..cut.len() - 9]).refused();
    assert_eq!((error.kind(), error.message()), (Kind::Source, "the file cannot be read"));
    assert!(error.to_string().contains("in/a.csv.gz"), "{error}");
}

#[test]
fn dialects_are_declared() {
    assert_eq!(landed("", "a.tsv", "id\tname\n1\tLee, Bo\n")[1], "1|Lee, Bo|in/a.tsv|2");
    assert_eq!(landed("delimiter = ';'\nquote = \"'\"", "a.csv", "id;name\n1;'Lee; Bo'\n")[1], "1|Lee; Bo|in/a.csv|2");
    assert_eq!(landed("quote = ''", "a.csv", "id,name\n1,\"Bo\n")[1], "1|\"Bo|in/a.csv|2");
    assert_eq!(
        landed("columns = ['id', 'name']", "a.csv", "1,Ann\n2,Bo\n"),
        ["id|name|_file|_line", "1|Ann|in/a.csv|1", "2|Bo|in/a.csv|2"]
    );
    assert_eq!(landed("format = 'csv'", "export.dat", "id\n7\n")[1], "7|in/export.dat|2");
}

#[test]
fn encodings_are_declared_for_json_too() {
    assert_eq!(landed("encoding = 'gbk'", "a.ndjson", b"{\"name\":\"\xD5\xC5\"}\n")[1], "张|in/a.ndjson|1");
}

#[test]
fn records_that_cannot_be_read_go_to_quarantine_alone() {
    let mut shop = Shop::new("quarantine_percent_max = 90").with(
        "a.csv",
        b"id,name,city\n1,Ann,Rome\n2,Bo\n3,\"Cy,Bonn\n4,\"D\nE\",Ulm\n5,F\xE9,Lyon\n6,G\0,Graz\n7,H,Nice,x\n\n8,I,Oslo\n",
    );
    let report = shop.land().expect("lands");
    assert_eq!((report.rows_read, report.rows_landed, report.rows_quarantined), (8, 3, 5));
    let landed = ["1|Ann|Rome|in/a.csv|2", "4|D\nE|Ulm|in/a.csv|5", "8|I|Oslo|in/a.csv|11"];
    assert_eq!(shop.raw()[1..], landed);
    let load = &shop.head.loads["crm"][0].load;
    let expected = [
        "file|line|byte_offset|reason|raw|load".to_owned(),
        format!("in/a.csv|3|24|2 fields instead of 3|2,Bo|{load}"),
        format!("in/a.csv|4|29|unbalanced quote|3,\"Cy,Bonn|{load}"),
        format!("in/a.csv|7|52|not UTF-8|5,F\\xE9,Lyon|{load}"),
        format!("in/a.csv|8|62|a NUL byte|6,G\\x00,Graz|{load}"),
        format!("in/a.csv|9|72|4 fields instead of 3|7,H,Nice,x|{load}"),
    ];
    assert_eq!(shop.table("quarantine.crm"), expected);
}

#[test]
fn a_quote_closed_by_chance_swallows_no_good_record() {
    let mut shop =
        Shop::new("quarantine_percent_max = 50").with("a.csv", "id,size,x\n1,\"2,a\n2,3,b\n3\",5,c\n4,6,d\n");
    shop.land().expect("lands");
    assert_eq!(shop.raw()[1..], ["2|3|b|in/a.csv|3", "3\"|5|c|in/a.csv|4", "4|6|d|in/a.csv|5"]);
}

#[test]
fn a_quoted_field_may_have_megabytes_of_what_looks_like_records() {
    let note = "b,c\n".repeat(1 << 20);
    let text = format!("id,note\n1,\"{note}\"\n2,Bo\n");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("a.csv"), text).expect("writes");
    let source = toml::from_str("path = '*'").expect("valid TOML");
    for chunk_bytes in [1 << 20, 3 << 20, 16 << 20] {
        let reading = Reading { chunk_bytes, ..Reading::default() };
        let trial = block_on(Trial::read(&source, &folder.path().join("a.csv"), reading)).expect("lands");
        assert!(trial.bad.is_empty());
        let notes = trial.rows.column(1).as_string::<i32>();
        assert_eq!((notes.len(), notes.value(0) == note, notes.value(1)), (2, true, "Bo"));
    }
}

#[test]
fn too_many_bad_records_stop_the_load() {
    let rows = |bad: usize| format!("id,name\n{}{}", "1,Ann\n".repeat(100 - bad), "secret\n".repeat(bad));
    Shop::new("").with("a.csv", rows(5)).land().expect("5 % are let through");
    let error = Shop::new("").with("a.csv", rows(6)).refused();
    assert_eq!(error.kind(), Kind::Check);
    assert_eq!(error.message(), "6 of 100 records cannot be read (6.0 %), more than 5 %");
    let text = error.to_string();
    assert!(text.contains("in/a.csv") && text.contains("line 96: 1 fields instead of 2"), "{text}");
    assert!(!text.contains("secret"), "{text}");
}

#[test]
fn ndjson_becomes_columns_in_order_of_appearance() {
    let text = "{\"id\": 1, \"who\": {\"name\": \"Zo\\u00eb\"}}\n\n{\"id\": 2.50, \"tags\": [1, \"a\"], \"who\": {\"name\": null, \"vip\": true}}\n";
    let expected =
        ["id|who_name|tags|who_vip|_file|_line", "1|Zoë|·|·|in/a.ndjson|1", "2.50|·|[1, \"a\"]|true|in/a.ndjson|3"];
    assert_eq!(landed("", "a.ndjson", text), expected);
    assert_eq!(landed("", "a.jsonl.gz", gzip(text.as_bytes())).len(), 3);
}

#[test]
fn declared_columns_of_json_are_there_though_no_record_has_them() {
    let expected = ["id|city|born|_file|_line", "1|Cluj|·|in/a.ndjson|1"];
    let text = "{\"id\": 1, \"city\": \"Cluj\"}";
    assert_eq!(landed("columns = ['born', 'city']", "a.ndjson", text), expected);
}

#[test]
fn json_is_an_array_or_objects_one_after_the_other() {
    let expected = ["id|_file|_line", "1|in/a.json|1", "2|in/a.json|2"];
    assert_eq!(landed("", "a.json", "[\n  {\"id\": 1},\n  {\"id\": 2}\n]\n"), expected);
    assert_eq!(landed("", "a.json", "{\"id\": 1}\n{\"id\": 2}\n"), expected);
    assert_eq!(landed("", "a.json", "{\"id\": 1}"), expected[..2]);
    assert_eq!(landed("columns = ['id']", "a.json", "[\n\n]\n"), expected[..1]);
    let error = Shop::new("").with("a.json", "[{\"id\": 1}, {\"id\"").refused();
    assert_eq!((error.kind(), error.message()), (Kind::Source, "the JSON ends within a value"));
}

#[test]
fn bad_json_goes_to_quarantine() {
    let text = "{\"id\": 1}\n{\"id\": 2\n[3]\n{\"a_b\": 4, \"a\": {\"b\": 5}}\n{\"id\": 6, \"id\": 7}\n{\"id\": 8}";
    let mut shop = Shop::new("quarantine_percent_max = 90").with("a.ndjson", text);
    shop.land().expect("lands");
    assert_eq!(shop.raw(), ["id|a_b|_file|_line", "1|·|in/a.ndjson|1", "8|·|in/a.ndjson|6"]);
    let reasons: Vec<_> = shop.table("quarantine.crm")[1..]
        .iter()
        .map(|line| line.split('|').skip(1).take(3).collect::<Vec<_>>().join("|"))
        .collect();
    assert_eq!(
        reasons,
        [
            "2|10|invalid JSON",
            "3|19|not a JSON object",
            "4|23|two values for the column `a_b`",
            "5|49|two values for the column `id`"
        ]
    );
}

fn parquet_file(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).expect("columns of one length");
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("memory");
    writer.write(&batch).expect("memory");
    writer.close().expect("memory");
    bytes
}

#[test]
fn parquet_keeps_its_types() {
    let ids: ArrayRef = Arc::new(Int32Array::from(vec![Some(1), None]));
    let names: ArrayRef = Arc::new(StringArray::from(vec!["Ann", "Bo"]));
    let whole = parquet_file(vec![("id", Arc::clone(&ids)), ("name", names)]);
    let mut shop = Shop::new("").with("a.parquet", &whole);
    shop.land().expect("lands");
    assert_eq!(shop.raw(), ["id|name|_file|_line", "1|Ann|in/a.parquet|1", "·|Bo|in/a.parquet|2"]);
    // A later file with another type would make the column two things at once.
    shop.write("b.parquet", parquet_file(vec![("id", Arc::new(Float64Array::from(vec![1.5])))]));
    let error = shop.refused();
    assert_eq!(error.kind(), Kind::Check);
    assert_eq!(error.detail_text(), Some("  id: Float64 here, Int32 in earlier files"));
    let error = Shop::new("").with("a.parquet", &whole[..whole.len() - 20]).refused();
    assert_eq!((error.kind(), error.message()), (Kind::Source, "the Parquet file cannot be read"));
}

#[test]
fn a_file_lands_once() {
    let mut shop = Shop::new("").with("a.csv", "id\n1\n");
    shop.land().expect("lands");
    let first = shop.head.clone();
    let report = shop.land().expect("lands");
    assert_eq!((report.files_landed, report.files_unchanged, report.rows_read), (0, 1, 0));
    assert_eq!((&shop.head.tables, &shop.head.loads), (&first.tables, &first.loads));

    // Files land in the order of their names, whenever they arrive.
    shop.write("0.csv", "id\n0\n");
    assert_eq!(shop.land().expect("lands").files_landed, 1);
    assert_eq!(shop.raw(), ["id|_file|_line", "0|in/0.csv|2", "id|_file|_line", "1|in/a.csv|2"]);
    assert_ne!(shop.head.tables["raw.crm"].fingerprint, first.tables["raw.crm"].fingerprint);

    shop.write("a.csv", "id\n2\n");
    let report = shop.land().expect("lands");
    assert_eq!((report.files_landed, report.files_changed, report.files_unchanged), (0, 1, 1));
    assert_eq!(shop.raw(), ["id|_file|_line", "0|in/0.csv|2", "id|_file|_line", "2|in/a.csv|2"]);
}

#[test]
fn headers_are_names() {
    assert_eq!(landed("", "a.csv", " id ,,\"full \"\"name\"\"\"\n1,2,3\n")[0], "id|column_2|full \"name\"|_file|_line");
    let mut shop = Shop::new("").with("a.csv", "id,name\n");
    assert_eq!(shop.land().expect("lands").notices, ["`in/a.csv` has no rows"]);
    assert_eq!(shop.raw(), ["id|name|_file|_line"]);
    let check = |text: &[u8], message: &str| {
        let error = Shop::new("").with("a.csv", text).refused();
        assert_eq!((error.kind(), error.message()), (Kind::Source, message), "{text:?}");
        assert!(error.hint_text().is_some());
    };
    check(b"id,name,id\n1,2,3\n", "two columns are called `id`");
    check(b"id,_line\n1,2\n", "two columns are called `_line`");
    check(b"", "the file is empty");
    check(b"\xEF\xBB\xBF", "the file is empty");
    check(b"\n\n", "the file has no header line");
    check(b"id,na\xEFme\n1,2\n", "the header line cannot be read: not UTF-8");
    let notices = Shop::new("").with("a.csv", "id;name\n1;Ann\n").land().expect("lands").notices;
    assert_eq!(notices, ["`in/a.csv` has one column; if `;` separates its fields, set `delimiter`"]);
}

#[test]
fn missing_files_and_sources_are_named() {
    let error = Shop::new("path = 'in/*.csv'").refused();
    assert_eq!((error.kind(), error.message()), (Kind::Source, "no file matches"));
    assert!(error.to_string().contains("source `crm`, path `in/*.csv`"), "{error}");
    let error = Shop::new("path = 'in'").refused();
    assert_eq!(error.message(), "the path is a folder");
    let error = Shop::new("path = 'ftp://x/y.csv'").refused();
    assert_eq!(error.kind(), Kind::Config);
    let error = Shop::new("").with("a.csv", "id\n1\n").land_only(&["cmr".into()]).expect_err("a slip");
    assert_eq!((error.kind(), error.hint_text()), (Kind::Usage, Some("did you mean `crm`?")));
}

#[test]
fn patterns_match_as_in_a_shell() {
    let files = |path: &str, files: &[&str]| {
        let mut shop = Shop::new(&format!("path = '{path}'"));
        for file in files {
            let file = shop.folder.path().join(file);
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            std::fs::write(file, "id\n1\n").expect("writes");
        }
        shop.land().expect("lands");
        shop.head.loads["crm"].iter().map(|load| load.file.clone()).collect::<Vec<_>>()
    };
    let all =
        ["in/a.csv", "in/b.txt", "in/.c.csv", "in/2025/d.csv", "in/2026/e.csv", "in/2026/q1/f.csv", "in/.g/h.csv"];
    assert_eq!(files("in/*.csv", &all), ["in/a.csv"]);
    assert_eq!(files("./in/202[5-6]/?.csv", &all), ["in/2025/d.csv", "in/2026/e.csv"]);
    assert_eq!(files("in/**/*.csv", &all), ["in/2025/d.csv", "in/2026/e.csv", "in/2026/q1/f.csv", "in/a.csv"]);
    assert_eq!(files("in/.c*", &all), ["in/.c.csv"]);
    assert_eq!(files("in/2026/../a.csv", &all), ["in/2026/../a.csv"]);
    let error = Shop::new("path = 'in/a***.csv'").with("a.csv", "id\n1\n").refused();
    assert_eq!((error.kind(), error.message()), (Kind::Config, "the path's pattern is wrong"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_not_utf_8_is_told_where_it_matches() {
    use std::os::unix::ffi::OsStrExt;
    let mut shop = Shop::new("path = 'in/*.csv'").with("a.csv", "id\n1\n");
    let folder = shop.folder.path().join("in");
    let write = |name: &[u8]| {
        std::fs::write(folder.join(std::ffi::OsStr::from_bytes(name)), "id\n2\n").expect("writes");
    };
    write(b"caf\xE9.txt");
    shop.land().expect("lands");
    assert_eq!(shop.raw()[1..], ["1|in/a.csv|2"]);
    write(b"caf\xE9.csv");
    let error = shop.refused();
    assert_eq!((error.kind(), error.message()), (Kind::Source, "the name of a file is not UTF-8"));
    assert!(error.to_string().contains("in/caf\\xe9.csv"), "{error}");
}

#[test]
fn a_url_names_a_local_folder_too() {
    let other = tempfile::tempdir().expect("a folder");
    std::fs::write(other.path().join("a.csv"), "id\n1\n").expect("writes");
    let mut shop = Shop::new(&format!("path = 'file://{}/*.csv'", other.path().display()));
    shop.land().expect("lands");
    let file = &shop.head.loads["crm"][0].file;
    assert!(file.starts_with("file:///") && file.ends_with("/a.csv"), "{file}");
}

/// The bytes of the data file do not depend on the number of threads or the size of the chunks.
#[test]
fn the_outcome_depends_on_the_files_alone() {
    let text: String = std::iter::once("id,name,note\n".to_owned())
        .chain((0..500).map(|n| match n % 7 {
            0 => format!("{n},\"N, {n}\",\"two\nlines\"\r\n"),
            1 => format!("{n},\"open {n},x\n"),
            2 => format!("{n},x\n"),
            _ => format!("{n},Nguyễn {n},\n"),
        }))
        .collect();
    let json = (0..300).map(|n| format!("{{\"id\":{n},\"k{}\":[{n}]}}\n", n % 5)).collect::<Vec<_>>().concat();
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in [("a.csv", &text), ("a.ndjson", &json), ("a.json", &json)] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("writes");
        let hashes: Vec<_> = [(1, 1 << 20), (2, 1000), (3, 64), (2, 7)]
            .map(|(threads, chunk_bytes)| block_on(land_alone(&path, threads, chunk_bytes)))
            .into();
        assert!(hashes.iter().all(|load| load == &hashes[0]), "{name}: {hashes:?}");
    }
}

/// What a file of this format reads as, in chunks of any size.
fn read_in_chunks(format: &str, text: &str) -> Vec<Result<Vec<String>>> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("in");
    std::fs::write(&path, text).expect("writes");
    let source = toml::from_str(&format!("path = '*'\nformat = '{format}'")).expect("valid TOML");
    let read = |chunk_bytes| {
        let reading = Reading { chunk_bytes, ..Reading::default() };
        let trial = block_on(Trial::read(&source, &path, reading))?;
        let last = trial.rows.num_columns() - 2;
        Ok(batch_lines(&trial.rows.project(&(0..last).collect::<Vec<_>>()).expect("columns")))
    };
    (1..=text.len() + 1).map(read).collect()
}

#[test]
fn a_header_may_follow_more_blank_lines_than_a_chunk_holds() {
    for rows in read_in_chunks("csv", "\n\r\n\n\n\nid,name\n1,Ann\n") {
        assert_eq!(rows.expect("lands"), ["1|Ann"]);
    }
}

#[test]
fn an_array_that_is_cut_off_is_seen_wherever_a_chunk_ends() {
    for refused in read_in_chunks("json", "[{\"id\": 1}, {\"id\": 2}") {
        assert_eq!(refused.expect_err("cut off").message(), "the JSON array is not closed");
    }
}

async fn land_alone(path: &FsPath, threads: usize, chunk_bytes: usize) -> (u64, String, Option<String>) {
    let input = input::Input { threads, chunk_bytes, ..input(path) };
    let load = land_input(input, || ()).await.expect("lands");
    (load.rows_read, load.data.hash, load.quarantine.map(|file| file.hash))
}

fn input(path: &FsPath) -> input::Input {
    let name = path.file_name().expect("a file").to_string_lossy().into_owned();
    let source = toml::from_str(&format!("path = '{name}'")).expect("valid TOML");
    let settings = settings::Settings::new("crm", &source, &name).expect("valid");
    input::Input::new("crm", &name, path, settings, 1).expect("exists")
}

/// Lands one file; `meanwhile` happens when it is known and not yet read.
async fn land_input(input: input::Input, meanwhile: impl FnOnce()) -> Result<Load> {
    let lake = Lake::with_store(Arc::new(InMemory::new()), "test");
    let target = load::Target { lake: &lake, run: 1, quarantine_percent_max: 100.0, progress: &Silent, task: "land" };
    let input = Arc::new(input);
    let id = load::identity(&input).await.expect("readable");
    meanwhile();
    Box::pin(load::land(input, id, &target)).await.map(|landed| landed.load)
}

#[test]
fn a_record_that_is_neither_a_row_nor_in_quarantine_stops_all() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in [("a.csv", "id,name\n1,Ann\n2\n"), ("a.ndjson", "{\"id\":1}\n{\n")] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("writes");
        let input = input(&path);
        assert_eq!(block_on(land_input(input.clone(), || ())).expect("lands").rows_read, 2);
        // As if a third one had been found and then lost.
        let found = input.records.clone();
        let error = block_on(land_input(input, || found.add(1))).expect_err("must be refused");
        let message = "of 3 records 1 became rows and 1 went to quarantine";
        assert_eq!((error.kind(), error.message()), (Kind::Internal, message), "{name}");
    }
}

#[test]
fn a_parquet_file_has_the_rows_that_its_footer_says() {
    let whole = parquet_file(vec![("id", Arc::new(Int32Array::from(vec![1, 2])))]);
    let known = ParquetMetaDataReader::new().parse_and_finish(&bytes::Bytes::from(whole.clone())).expect("a footer");
    let group = known.row_group(0).clone().into_builder().set_num_rows(3).build().expect("a row group");
    let footer_bytes = u32::from_le_bytes(whole[whole.len() - 8..][..4].try_into().expect("four bytes")) as usize;
    let mut wrong = whole[..whole.len() - 8 - footer_bytes].to_vec();
    let promised = ParquetMetaData::new(known.file_metadata().clone(), vec![group]);
    ParquetMetaDataWriter::new(&mut wrong, &promised).finish().expect("memory");
    let error = Shop::new("").with("a.parquet", &wrong).refused();
    assert_eq!((error.kind(), error.message()), (Kind::Source, "the Parquet file says that it has 3 rows, and has 2"));
}

#[test]
fn a_file_that_changes_while_it_is_read_does_not_land() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.csv");
    let refused = |meanwhile: &dyn Fn()| {
        std::fs::write(&path, "id\n1\n").expect("writes");
        let error = block_on(land_input(input(&path), meanwhile)).expect_err("must be refused");
        assert_eq!((error.kind(), error.message()), (Kind::Source, "the file changed while it was read"));
    };
    refused(&|| std::fs::write(&path, "id\n1\n2\n").expect("writes"));
    // As long as before, and written at another time.
    refused(&|| {
        std::fs::write(&path, "id\n2\n").expect("writes");
        let file = std::fs::File::options().write(true).open(&path).expect("opens");
        file.set_modified(std::time::SystemTime::UNIX_EPOCH).expect("a time");
    });
}
