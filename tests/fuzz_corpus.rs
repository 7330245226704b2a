//! The corpus of the fuzzers below `tests/fuzz`, held against what they hold their own inputs against: so that neither
//! rots, and that what a fuzzer has found stays found.

#[path = "fuzz/properties.rs"]
mod properties;

use crate::support::repository;

/// Holds every input of a target's corpus against `property`.
fn check(target: &str, property: fn(&[u8])) {
    let folder = repository().join("tests/fuzz/corpus").join(target);
    let mut inputs: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    inputs.sort();
    assert!(!inputs.is_empty(), "the corpus of `{target}` was not found");
    for input in inputs {
        println!("{}", input.display());
        property(&std::fs::read(&input).unwrap());
    }
}

#[test]
fn the_csv_corpus_holds() {
    check("csv", properties::csv);
}

#[test]
fn the_json_corpus_holds() {
    check("json", properties::json);
}

#[test]
fn the_manifest_corpus_holds() {
    check("manifest", properties::manifest);
}

#[test]
fn the_config_corpus_holds() {
    check("config", properties::config);
}

#[test]
fn the_stage_corpus_holds() {
    check("stage", properties::stage);
}
