//! What must hold of any bytes whatever. `tests/fuzz/run` tries it on bytes of its own, `tests/fuzz_corpus.rs` on the corpus.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::LazyLock;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use onefold::error::Kind;
use onefold::lake::{Manifest, manifest};
use onefold::land::{Reading, Trial};
use onefold::pipeline::Stage;
use onefold::project::{Config, Params, Source, SqlFile};
use serde::Deserialize;
use serde_json::Value;

/// How a CSV file is read, by the first byte of the input. The first five are UTF-8.
const CSV: [&str; 8] = [
    "",
    "delimiter = ';'",
    "quote = ''",
    "delimiter = '\t'\nquote = \"'\"",
    "columns = ['id', 'name']",
    "encoding = 'windows-1252'",
    "encoding = 'utf-16le'",
    "encoding = 'gbk'",
];

/// The first byte says how the file is read, the rest is the file.
///
/// - Its rows do not depend on the size of the chunks or the number of threads.
/// - Every record that is in quarantine begins at the line and the byte that it says, and no line is two records, nor is one
///   within a record in quarantine.
/// - Without bad records, the rows are what the crate `csv` reads.
pub fn csv(data: &[u8]) {
    let Some((&choice, file)) = data.split_first() else { return };
    let choice = usize::from(choice) % CSV.len();
    let Some(trial) = trial("csv", CSV[choice], file) else { return };
    let is_utf_8 = choice < 5 && !file.starts_with(b"\xFF\xFE") && !file.starts_with(b"\xFE\xFF");
    if is_utf_8 {
        let newline = if file.contains(&b'\n') { b'\n' } else { b'\r' };
        bad_records_are_where_they_say(&trial, file, newline);
        for row in &trial.bad {
            let within = row.line + 1..=row.line + row.raw.bytes().filter(|byte| *byte == newline).count() as u64;
            let mut others = lines(&trial.rows).chain(trial.bad.iter().map(|row| row.line));
            assert!(!others.any(|line| within.contains(&line)), "a record within {:?}", row.raw);
        }
    }
    // A lone carriage return ends a line for `csv`, and not for us.
    let same_lines = !file.contains(&b'\n') || file.windows(2).all(|pair| pair[0] != b'\r' || pair[1] == b'\n');
    if is_utf_8 && trial.bad.is_empty() && same_lines && file.last() != Some(&b'\r') {
        let source = source("csv", CSV[choice]);
        let mut theirs: Vec<Vec<String>> = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(source.delimiter.unwrap_or(',') as u8)
            .quoting(!source.quote.is_empty())
            .quote(source.quote.bytes().next().unwrap_or_default())
            .from_reader(file)
            .into_records()
            .map(|record| record.expect("what landed is text").iter().map(str::to_owned).collect())
            .collect();
        if source.columns.is_none() {
            theirs.remove(0);
        }
        let empty_is_null = |cell: Option<&str>| cell.unwrap_or_default().to_owned();
        let ours: Vec<Vec<String>> = (0..trial.rows.num_rows())
            .map(|row| cells(&trial.rows, row).map(|(_, cell)| empty_is_null(cell)).collect())
            .collect();
        assert_eq!(ours, theirs);
    }
}

/// The first byte says whether the file has an object a line or is one JSON text, the rest is the file.
///
/// - Its rows do not depend on the size of the chunks or the number of threads.
/// - Every record is a row or in quarantine, and `serde_json` finds as many.
/// - A row has the values that `serde_json` reads, and no record that it reads is called invalid.
pub fn json(data: &[u8]) {
    let Some((&choice, file)) = data.split_first() else { return };
    let is_lines = choice % 2 == 0;
    let Some(trial) = trial(if is_lines { "ndjson" } else { "json" }, "", file) else { return };
    if file.starts_with(b"\xFF\xFE") || file.starts_with(b"\xFE\xFF") {
        return;
    }
    bad_records_are_where_they_say(&trial, file, if is_lines { b'\n' } else { 0 });
    let text = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file);
    let records = if is_lines { Some(json_lines(text)) } else { json_elements(text) };
    let Some(mut records) = records else { return };
    assert_eq!(trial.rows.num_rows() + trial.bad.len(), records.len(), "records");
    for row in &trial.bad {
        let theirs = records.remove(&row.line).expect("a record begins there");
        assert!(row.reason != "invalid JSON" || theirs.is_none(), "line {}: serde_json reads it", row.line);
    }
    for (row, line) in (0..).zip(lines(&trial.rows)) {
        match records.remove(&line).expect("a record begins there") {
            Some(Json::Object(object)) => same_values(&object, &trial.rows, row),
            Some(Json::Other(other)) => panic!("{other} landed"),
            // It has limits for numbers, which stay text here.
            None => {}
        }
    }
}

/// - A manifest that is read and written is the same, and no bit of what was written can change unseen. The first format
///   had no checksum, so that who changes the checksum's name makes one of those.
/// - One of a newer format is an error.
pub fn manifest(data: &[u8]) {
    let read = Manifest::from_json(data, "fuzz.json");
    let Ok(manifest) = serde_json::from_slice::<Manifest>(data) else { return assert!(read.is_err()) };
    let mut json = manifest.to_json();
    if manifest.format > manifest::FORMAT {
        assert_eq!(Manifest::from_json(&json, "fuzz.json").expect_err("newer").kind(), Kind::Corrupt);
        return;
    }
    assert_eq!(Manifest::from_json(&json, "fuzz.json").expect("reads what it wrote"), manifest);
    for table in manifest.tables.values() {
        let _ = (table.rows(), table.bytes(), table.content_hash());
    }
    let _ = manifest.files();
    if manifest.format < 2 {
        return;
    }
    let at = data.iter().fold(data.len(), |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte)));
    let (byte, bit) = (at / 8 % json.len(), at % 8);
    json[byte] ^= 1 << bit;
    assert!(Manifest::from_json(&json, "fuzz.json").is_err(), "bit {bit} of byte {byte} changed unseen");
}

/// - What is wrong with an `onefold.toml` is said with a line that it has.
/// - Settings with good parameters that are written and read are the same, and so are parameters as a manifest keeps them.
pub fn config(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match text.parse::<Config>() {
        Err(error) => {
            assert!([Kind::Config, Kind::Denied].contains(&error.kind()), "{error}");
            let line = error.context("line").map_or(1, |line| line.parse().unwrap_or_default());
            assert!((1..=text.matches('\n').count() + 1).contains(&line), "there is no line {line}");
        }
        Ok(config) => {
            // What is no parameter, a table in tables, may be deeper than TOML is read.
            if let Ok(params) = Params::new(&config.params) {
                let again: Config =
                    toml::to_string(&config).expect("settings are TOML").parse().expect("reads its own");
                // As text, for a number that is none does not equal itself.
                assert_eq!(format!("{again:?}"), format!("{config:?}"));
                let literals: BTreeMap<_, _> =
                    params.iter().map(|(name, value)| (name.to_owned(), value.to_string())).collect();
                assert_eq!(Params::of_run(&literals), params);
            }
        }
    }
}

/// The first line is the file's path below `sql/`, the rest is the file.
///
/// - Every input and parameter that a stage names stands in its text.
/// - Whatever is wrong is an error of the file, and never ends the process.
pub fn stage(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Some((path, text)) = text.split_once('\n') else { return };
    let file = SqlFile { path: path.to_owned(), text: text.to_owned(), own: true };
    match Stage::read(&file) {
        Err(error) => assert!([Kind::Config, Kind::Denied].contains(&error.kind()), "{error}"),
        Ok(stage) => {
            assert!(path.starts_with(&format!("{}/{}", stage.name.schema, stage.name.table)), "{}", stage.name);
            for input in &stage.inputs {
                assert!(text.contains(&input.schema) && text.contains(&input.table), "reads {input}");
            }
            for param in &stage.params {
                assert!(text.contains(param.as_str()), "uses ${param}");
            }
        }
    }
}

fn source(format: &str, settings: &str) -> Source {
    toml::from_str(&format!("path = '*'\nformat = '{format}'\n{settings}")).expect("settings of a source")
}

/// Reads a file in several ways, which must agree; none if it is refused as a whole.
fn trial(format: &str, settings: &str, file: &[u8]) -> Option<Trial> {
    static RUNTIME: LazyLock<tokio::runtime::Runtime> =
        LazyLock::new(|| tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("a runtime"));
    let source = source(format, settings);
    let mut on_disk = tempfile::NamedTempFile::new().expect("a file");
    on_disk.write_all(file).expect("writes");
    let read =
        |threads, chunk_bytes| RUNTIME.block_on(Trial::read(&source, on_disk.path(), Reading { threads, chunk_bytes }));
    let whole = read(1, 1 << 20);
    for (threads, chunk_bytes) in [(1, 1 + file.len() % 13), (2, 16 + file.len() % 64)] {
        match (&whole, read(threads, chunk_bytes)) {
            (Ok(whole), Ok(other)) => assert_eq!(&other, whole, "in chunks of {chunk_bytes}"),
            (Err(whole), Err(other)) => assert_eq!(other.to_string(), whole.to_string(), "in chunks of {chunk_bytes}"),
            (whole, other) => panic!("in chunks of {chunk_bytes}: {other:?} instead of {whole:?}"),
        }
    }
    let whole = whole.inspect_err(|error| assert_eq!(error.kind(), Kind::Source, "{error}")).ok()?;
    let mut seen: Vec<u64> = lines(&whole.rows).chain(whole.bad.iter().map(|row| row.line)).collect();
    seen.sort_unstable();
    assert!(seen.windows(2).all(|pair| pair[0] < pair[1]), "a line is two records: {seen:?}");
    Some(whole)
}

/// The line of each row.
fn lines(rows: &RecordBatch) -> impl Iterator<Item = u64> {
    let lines = rows.column(rows.num_columns() - 1).as_primitive::<Int64Type>();
    lines.values().iter().map(|line| *line as u64)
}

/// The file's own columns of a row, by name.
fn cells(rows: &RecordBatch, row: usize) -> impl Iterator<Item = (&str, Option<&str>)> {
    let own = rows.num_columns() - 2;
    rows.schema_ref().fields()[..own].iter().zip(rows.columns()).map(move |(field, column)| {
        let column = column.as_string::<i32>();
        (field.name().as_str(), column.is_valid(row).then(|| column.value(row)))
    })
}

/// `newline` ends the lines that are counted; 0: elements are counted, and only the bytes are looked at.
fn bad_records_are_where_they_say(trial: &Trial, file: &[u8], newline: u8) {
    for row in &trial.bad {
        let (before, record) = file.split_at(row.byte_offset as usize);
        if newline != 0 {
            let line = before.split(|byte| *byte == newline).count() as u64;
            assert_eq!(row.line, line, "line of {:?}", row.raw);
        }
        // Bytes that are no text are shown as `\xHH`.
        let shown = row.raw.split("\\x").next().unwrap_or_default();
        assert!(record.starts_with(shown.as_bytes()), "{:?} does not begin at byte {}", row.raw, row.byte_offset);
    }
}

/// A JSON value whose objects keep every member, also two of one name.
#[derive(Deserialize)]
#[serde(untagged)]
enum Json {
    Object(Object),
    Other(Value),
}

struct Object(Vec<(String, Json)>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> serde::de::Visitor<'de> for Members {
            type Value = Object;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Object(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// What `serde_json` makes of each line that is not blank, by its number.
fn json_lines(text: &[u8]) -> BTreeMap<u64, Option<Json>> {
    let lines = (1..).zip(text.split(|byte| *byte == b'\n'));
    let records = lines.filter(|(_, line)| !line.trim_ascii().is_empty());
    records.map(|(number, line)| (number, serde_json::from_slice(line).ok())).collect()
}

/// What `serde_json` makes of the elements of an array, or of values one after the other; none if it does not read all.
fn json_elements(text: &[u8]) -> Option<BTreeMap<u64, Option<Json>>> {
    let elements: Result<Vec<Json>, _> = match text.trim_ascii_start().first() {
        Some(b'[') => serde_json::from_slice(text),
        _ => serde_json::Deserializer::from_slice(text).into_iter().collect(),
    };
    Some((1..).zip(elements.ok()?.into_iter().map(Some)).collect())
}

/// The leaves of `object` are the cells of `row` that are not NULL.
fn same_values(object: &Object, rows: &RecordBatch, row: usize) {
    fn walk<'a>(path: &str, object: &'a Object, leaves: &mut Vec<(String, &'a Value)>) {
        for (name, value) in &object.0 {
            let path = if path.is_empty() { name.clone() } else { format!("{path}_{name}") };
            match value {
                Json::Object(inner) => walk(&path, inner, leaves),
                Json::Other(value) => leaves.push((path, value)),
            }
        }
    }
    let mut leaves = Vec::new();
    walk("", object, &mut leaves);
    let cells: BTreeMap<&str, Option<&str>> = cells(rows, row).collect();
    let filled = leaves.iter().filter(|(_, value)| !value.is_null()).count();
    assert_eq!(cells.values().flatten().count(), filled, "values of row {row}");
    for (path, value) in leaves {
        match (value, cells[path.as_str()]) {
            (Value::Null, None) => {}
            (Value::String(text), Some(cell)) => assert_eq!(cell, text, "{path}"),
            (other, Some(cell)) => assert_eq!(serde_json::from_str::<Value>(cell).ok().as_ref(), Some(other), "{path}"),
            (other, None) => panic!("{path} is NULL instead of {other}"),
        }
    }
}
