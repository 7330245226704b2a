//! Rows 9, 10 and 11: files that are not what was written.

use std::path::Path;

use object_store::ObjectStoreExt;
use onefold::error::Kind;
use onefold::lake::{DataFile, Manifest};

use super::bench::{Bench, Try, block_on, bring_more, many, refresh, seed, shop};
use crate::faults::store::random;

/// The data files of the newest run, by path.
fn data_files(attempt: &Try<'_>) -> Vec<DataFile> {
    let head = block_on(attempt.inner_lake().head()).unwrap().unwrap();
    head.files().into_values().map(|(_, file)| file).collect()
}

fn overwrite(attempt: &Try<'_>, path: &str, bytes: Vec<u8>) {
    block_on(attempt.inner.put(&path.into(), bytes.into())).unwrap();
}

fn read(attempt: &Try<'_>, path: &str) -> Vec<u8> {
    block_on(async { attempt.inner.get(&path.into()).await.unwrap().bytes().await.unwrap() }).to_vec()
}

#[test]
fn row_9_cut_off_empty_and_missing_files() {
    let shop = shop();
    bring_more(&shop);
    shop.run(&["refresh", "--select", "clean.contacts", "segment.people"]).ok();
    let folder = shop.path().join("lake/clean/contacts");
    let name = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().file_name();
    let file = folder.join(&name);
    let whole = std::fs::read(&file).unwrap();
    let fails = |what: &str, problem: &str| {
        let named = format!("file `clean/contacts/{}`", name.to_string_lossy());
        let expected = format!("expected bytes `{}`", whole.len());
        for args in [
            &["sql", "-c", "SELECT * FROM clean.contacts", "--format", "csv"][..],
            &["refresh", "--force", "--select", "segment.people"],
        ] {
            let outcome = shop.run(args);
            assert_eq!(outcome.stdout, "", "{what}: rows");
            outcome.fails(1, &["damaged", &named, &expected, problem, "onefold verify"]);
        }
        let outcome = shop.run(&["verify", "--json"]).fails(1, &["damage was found in 1 file"]);
        let report: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert_eq!(report["damaged"][0]["expected_bytes"], whole.len(), "{what}");
    };
    let places = many(3, 20);
    for place in 0..places {
        let length = whole.len() * place / places;
        std::fs::write(&file, &whole[..length]).unwrap();
        fails(&format!("cut off behind byte {length}"), &format!("it has {length} bytes"));
    }
    std::fs::remove_file(&file).unwrap();
    fails("missing", "it is missing");
    std::fs::write(&file, &whole).unwrap();
    shop.run(&["verify"]).ok();
}

#[test]
fn row_10_a_flipped_bit() {
    let bench = Bench::new();
    let flips = many(40, 200);
    let (mut state, mut silent) = (seed(10), 0);
    for flip in 0..flips {
        let attempt = bench.attempt(false);
        attempt.refresh().unwrap();
        let files = data_files(&attempt);
        let file = &files[random(&mut state) as usize % files.len()];
        let mut bytes = read(&attempt, &file.path);
        let at = random(&mut state) as usize % bytes.len();
        bytes[at] ^= 1 << (random(&mut state) % 8);
        overwrite(&attempt, &file.path, bytes);
        let what = format!("flip {flip}: byte {at} of {}", file.path);
        let found = block_on(attempt.inner_lake().verify(None)).unwrap();
        let damaged: Vec<&str> = found.damaged.iter().map(|damaged| damaged.path.as_str()).collect();
        assert_eq!(damaged, [file.path.as_str()], "{what}");
        silent += usize::from(block_on(attempt.inner_lake().schema(file)).is_ok());
        // What a stage reads is found before its rows are used: nothing is written, nothing becomes visible.
        let stage = match file.path.split('/').next().unwrap() {
            "raw" => "clean.contacts",
            "clean" => "segment.people",
            _ => continue,
        };
        let project = bench.shop.path().to_string_lossy().into_owned();
        let args = ["run", "--quiet", "--project", &project, "--force", "--select", stage];
        attempt.store.arm([]);
        let error = block_on(onefold::cli::run_on(attempt.lake(), &args)).unwrap_err();
        assert_eq!(error.kind(), Kind::Corrupt, "{what}: {error}");
        assert!(error.to_string().contains(&format!("file `{}`", file.path)), "{what}: {error}");
        let written = attempt.store.events();
        assert!(written.is_empty(), "{what}: {written:?}");
        assert_eq!(block_on(attempt.inner_lake().runs()).unwrap(), [1, 2]);
    }
    println!("row 10: {flips} flips were found, {silent} of which leave the footer as it was");
}

#[test]
fn a_flipped_bit_in_what_is_published_is_found() {
    let shop = shop();
    shop.run(&["refresh", "--select", "clean.contacts", "segment.people"]).ok();
    shop.run(&["verify"]).ok();
    let published = shop.path().join("lake/published/segment/people.parquet");
    let mut bytes = std::fs::read(&published).unwrap();
    bytes[20] ^= 4;
    // A copy of its own: on a local lake it is the same file as the table's.
    std::fs::remove_file(&published).unwrap();
    std::fs::write(&published, bytes).unwrap();
    let outcome = shop.run(&["verify"]).fails(1, &["damage was found in 1 file"]);
    assert!(outcome.stdout.contains("published/segment/people.parquet"), "{}", outcome.stdout);
}

#[test]
fn row_11_a_bad_manifest() {
    let bench = Bench::new();
    let path = "_onefold/manifest/00000000000000000001.json";
    let attempt = bench.attempt(false);
    let whole = read(&attempt, path);
    let refused = |bytes: &[u8], what: &str| {
        overwrite(&attempt, path, bytes.to_vec());
        let error = block_on(attempt.inner_lake().head()).expect_err(what);
        assert_eq!(error.kind(), Kind::Corrupt, "{what}: {error}");
        assert!(error.to_string().contains(&format!("file `{path}`")), "{what}: {error}");
        error.message().to_owned()
    };
    let mut state = seed(11);
    for _ in 0..many(300, 2000) {
        let mut bytes = whole.clone();
        let (at, bit) = (random(&mut state) as usize % bytes.len(), random(&mut state) % 8);
        bytes[at] ^= 1 << bit;
        refused(&bytes, &format!("bit {bit} of byte {at} flipped"));
    }
    for place in 0..20 {
        let length = whole.len() * place / 20;
        assert_eq!(refused(&whole[..length], &format!("cut off behind byte {length}")), "the manifest is damaged");
    }
    refused(b"null", "not an object");
    let manifest = Manifest::from_json(&whole, path).unwrap();
    let future = Manifest { format: manifest.format + 1, version: "9.1.0".into(), ..manifest };
    assert_eq!(refused(&future.to_json(), "of the future"), "the lake was made by a newer version of Onefold, 9.1.0");
    // Nothing is built on it, either.
    let error = block_on(refresh(&bench.shop, attempt.lake(), &[])).unwrap_err();
    assert_eq!(error.kind(), Kind::Corrupt);
    assert!(attempt.store.events().is_empty());
    overwrite(&attempt, path, whole);
    attempt.recovers("the manifest is back");
}

#[test]
fn an_older_run_leads_out_of_a_damaged_manifest() {
    let shop = shop();
    let select = ["refresh", "--select", "clean.contacts", "segment.people"];
    shop.run(&select).ok();
    bring_more(&shop);
    shop.run(&select).ok();
    let manifest = shop.path().join("lake/_onefold/manifest/00000000000000000002.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replacen("crm-1", "crm-9", 1)).unwrap();
    shop.run(&select).fails(1, &["the manifest is damaged", "00000000000000000002.json", "onefold restore"]);
    shop.run(&["verify"]).fails(1, &["damage was found in 1 file"]);
    let history = super::bench::json(&shop, &["history"]);
    assert_eq!((&history[0]["damaged"], &history[1]["damaged"]), (&true.into(), &false.into()));
    shop.run(&["restore", "1"]).ok();
    assert_eq!(shop.value("SELECT count(*) FROM clean.contacts"), "3");
    shop.run(&select).ok();
    assert_eq!(shop.value("SELECT count(*) FROM clean.contacts"), "5");
    assert!(Path::new(&manifest).exists());
}
