//! Damaged CSV: what was not touched lands as it was, the rest is accounted for.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use object_store::ObjectStoreExt;
use object_store::memory::InMemory;
use onefold::error::Kind;
use onefold::lake::{DataFile, Lake, Load, Manifest};
use onefold::land::land;
use onefold::progress::Silent;
use onefold::project::Project;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::mutate::{MUTATORS, Mutator, PHANTOM, Sheet, mutate, shows_phantom};
use super::shop;
use crate::support::long_tests;

/// The seed of all sheets; each mutator and file adds its number.
const SEED: u64 = 20_260_630;

fn sheets(mutator: usize, files: usize) -> Vec<Sheet> {
    let (name, work): (&str, Mutator) = MUTATORS[mutator];
    let sheet = |file: usize| {
        let seed = SEED + (mutator * 100_000 + file) as u64;
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut sheet = Sheet::new(&mut random);
        mutate(&mut sheet, work, &mut random);
        sheet
    };
    println!("{name}: {files} files, seeds from {}", SEED + (mutator * 100_000) as u64);
    (0..files).map(sheet).collect()
}

/// Lands the folder's files into a lake in memory.
async fn land_folder(folder: &Path) -> onefold::error::Result<(Lake, Manifest)> {
    let project = Project::open(folder)?;
    let lake = Lake::with_store(Arc::new(InMemory::new()), "test");
    let mut draft = Manifest::empty("shop").next(lake.writer(), "land", jiff::Timestamp::UNIX_EPOCH);
    let mut landed = land(&project, &[], &lake, &mut draft, &Silent).await?;
    landed.failures.pop().map_or(Ok((lake, draft)), |failure| Err(failure.error))
}

async fn batches(lake: &Lake, file: &DataFile) -> Vec<RecordBatch> {
    let bytes = lake.store().get(&file.path.as_str().into()).await.unwrap().bytes().await.unwrap();
    ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap().build().unwrap().map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_damaged_lands_as_it_was() {
    let files = if long_tests() { 1000 } else { 8 };
    for (mutator, (name, _)) in MUTATORS.iter().enumerate() {
        let sheets = sheets(mutator, files);
        let shop = shop("quarantine_percent_max = 100.0");
        for (at, sheet) in sheets.iter().enumerate() {
            shop.put(&format!("in/{at:04}.csv"), sheet.bytes());
        }
        let (lake, manifest) = land_folder(shop.path()).await.unwrap();
        let (mut untouched, mut joined) = (0, 0);
        for (sheet, load) in sheets.iter().zip(&manifest.loads["crm"]) {
            let quarantine = match &load.quarantine {
                Some(quarantine) => batches(&lake, quarantine).await,
                None => Vec::new(),
            };
            untouched += sheet.truth.iter().flatten().count();
            joined += check_rows(name, sheet, load, &batches(&lake, &load.data).await, &quarantine);
            check_quarantine(name, &sheet.bytes(), load, &quarantine);
        }
        println!("{name}: {joined} of {untouched} records went to quarantine with a damaged one");
        assert!(joined * 100 <= untouched, "{name}: {joined} of {untouched} records did not land");
    }
}

/// The records that were not touched are rows, in their order, or lie in quarantine with a damaged one that nobody can
/// tell them from; a touched one makes a row at most, and never one of the inside of a quoted field. Gives the number of
/// those in quarantine.
fn check_rows(name: &str, sheet: &Sheet, load: &Load, batches: &[RecordBatch], quarantine: &[RecordBatch]) -> usize {
    let mut rows = Vec::new();
    for batch in batches {
        let text = |column: usize, row: usize| {
            let column = batch.column(column).as_string::<i32>();
            if arrow::array::Array::is_null(column, row) { String::new() } else { column.value(row).to_owned() }
        };
        rows.extend((0..batch.num_rows()).map(|row| [0, 1, 2, 3].map(|column| text(column, row))));
    }
    assert_eq!(load.rows_read, load.rows_landed + load.rows_quarantined, "{name}: {}", load.file);
    assert_eq!(load.rows_landed, rows.len() as u64, "{name}: {}", load.file);
    let phantoms = rows.iter().filter(|row| **row == PHANTOM).count();
    let shown =
        sheet.truth.iter().zip(&sheet.records).filter(|(truth, record)| truth.is_none() && shows_phantom(record));
    assert!(phantoms <= shown.count(), "{name}: {}: a line of a note landed", load.file);
    let raw: Vec<&str> = quarantine.iter().flat_map(|batch| batch.column(4).as_string::<i32>()).flatten().collect();
    let (mut next, mut joined) = (0, 0);
    for (values, record) in sheet.truth.iter().zip(&sheet.records) {
        let Some(values) = values else { continue };
        if let Some(at) = rows[next..].iter().position(|row| row == values) {
            next += at + 1;
            continue;
        }
        let text = std::str::from_utf8(record).unwrap();
        let is_there = |line: &str| raw.iter().any(|raw| raw.contains(line));
        assert!(text.lines().all(is_there), "{name}: {}: {values:?} is nowhere", load.file);
        joined += 1;
    }
    let untouched = sheet.truth.iter().flatten().count();
    let touched = sheet.truth.len() - untouched;
    assert!(rows.len() + joined <= untouched + touched, "{name}: {}: rows from nowhere", load.file);
    joined
}

/// Each quarantined record stands in the file at the place that is told.
fn check_quarantine(name: &str, file: &[u8], load: &Load, batches: &[RecordBatch]) {
    let mut rows = 0;
    for batch in batches {
        assert_eq!(batch.schema().field(2).name(), "byte_offset");
        let (lines, offsets) =
            (batch.column(1).as_primitive::<Int64Type>(), batch.column(2).as_primitive::<Int64Type>());
        let (reasons, raw) = (batch.column(3).as_string::<i32>(), batch.column(4).as_string::<i32>());
        for row in 0..batch.num_rows() {
            let (line, offset) = (lines.value(row) as usize, offsets.value(row) as usize);
            let place = format!("{name}: {} line {line} byte {offset}", load.file);
            assert_eq!(line, 1 + memchr::memchr_iter(b'\n', &file[..offset]).count(), "{place}");
            assert_eq!(file[offset - 1], b'\n', "{place}");
            let escaped = raw.value(row).contains("\\x");
            assert!(escaped || file[offset..].starts_with(raw.value(row).as_bytes()), "{place}");
            assert!(!raw.value(row).contains('\u{FFFD}'), "{place}");
            assert!(!reasons.value(row).is_empty(), "{place}");
            rows += 1;
        }
    }
    assert_eq!(rows, load.rows_quarantined, "{name}: {}", load.file);
}

#[tokio::test(flavor = "multi_thread")]
async fn above_five_percent_a_file_is_refused() {
    for (mutator, (name, _)) in MUTATORS.iter().enumerate() {
        for sheet in sheets(mutator, 3) {
            let lenient = shop("quarantine_percent_max = 100.0").write("in/a.csv", sheet.bytes());
            let (_, manifest) = land_folder(lenient.path()).await.unwrap();
            let load = &manifest.loads["crm"][0];
            let fine = load.rows_quarantined * 100 <= load.rows_read * 5;
            let strict = shop("").write("in/a.csv", sheet.bytes());
            match land_folder(strict.path()).await {
                Ok((_, strict)) => assert!(fine && strict.loads["crm"][0].load == load.load, "{name}"),
                Err(error) => assert!(!fine && error.kind() == Kind::Check, "{name}: {error}"),
            }
        }
    }
}

#[test]
fn the_quarantine_answers_queries() {
    let rows = (0..60).map(|id| format!("{id},Name\n")).collect::<Vec<_>>().concat();
    let shop = shop("").write("in/a.csv", format!("id,name\n{rows}60,A,B\n61\n"));
    super::land(&shop);
    let columns = "SELECT file, line, byte_offset, reason, raw FROM quarantine.crm ORDER BY line";
    let expected = ["in/a.csv,62,478,3 fields instead of 2,\"60,A,B\"", "in/a.csv,63,485,1 fields instead of 2,61"];
    assert_eq!(shop.rows(columns), expected);
    shop.put("sql/check/unread.sql", "-- Nothing is unread.\nSELECT file, line FROM quarantine.crm");
    shop.run(&["run"]).fails(1, &["the check `unread` failed", "in/a.csv"]);
}

#[test]
fn stages_and_checks_read_a_quarantine_that_is_empty() {
    let shop = shop("quarantine_percent_max = 50.0").write("in/a.csv", "id,name\n1,Ana\n2\n");
    let stage = "-- What could not be read.\n-- key: record_id\nSELECT concat('crm:', line) AS record_id, 'crm' AS source, \
                 raw AS city FROM quarantine.crm\n";
    shop.put("sql/clean/contacts.crm.sql", stage);
    shop.put(
        "sql/check/few.sql",
        "-- Few are unread.\nSELECT count(*) AS unread FROM quarantine.crm HAVING count(*) > 1",
    );
    shop.run(&["refresh"]).ok();
    assert_eq!(shop.rows("SELECT record_id, city FROM clean.contacts"), ["crm:3,2"]);
    shop.put("in/a.csv", "id,name\n1,Ana\n2,Bo\n");
    shop.run(&["refresh"]).ok();
    assert!(shop.rows("SELECT record_id FROM clean.contacts").is_empty());
    // A check over an empty quarantine is held, not skipped.
    shop.put(
        "sql/check/few.sql",
        "-- Some are unread.\nSELECT count(*) AS unread FROM quarantine.crm HAVING count(*) = 0",
    );
    shop.run(&["run"]).fails(1, &["the check `few` failed"]);
}

#[test]
fn the_quarantine_of_no_source_is_refused() {
    let shop = shop("").write("in/a.csv", "id,name\n1,Ana\n");
    shop.put("sql/check/unread.sql", "-- Nothing is unread.\nSELECT file FROM quarantine.cmr");
    shop.run(&["refresh"]).fails(2, &["`quarantine.cmr`, which does not exist", "did you mean `quarantine.crm`?"]);
    shop.put("sql/check/unread.sql", "-- Nothing is unread.\nSELECT file FROM quarantine.tills");
    shop.run(&["refresh"]).fails(2, &["`quarantine.tills`, which does not exist", "add `[sources.tills]`"]);
}
