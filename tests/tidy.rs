//! The architecture's invariants, held over the sources: which room may know which, and what only one place may do.

use std::path::Path;

use crate::support::repository;

/// Every Rust file below `src/`, as (path below `src/`, text without its tests).
fn sources() -> Vec<(String, String)> {
    fn walk(dir: &Path, files: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let code = text.split("mod tests {").next().unwrap().to_owned();
                let below = path.strip_prefix(repository().join("src")).unwrap();
                files.push((below.to_string_lossy().replace('\\', "/"), code));
            }
        }
    }
    let mut files = Vec::new();
    walk(&repository().join("src"), &mut files);
    files.sort();
    assert!(files.len() > 50, "the sources were not found");
    files
}

/// The files of `rooms` in which one of `words` stands in code.
fn offenders(rooms: &[&str], words: &[&str], except: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, code) in sources() {
        let concerned =
            rooms.iter().any(|room| path.starts_with(room)) && !except.iter().any(|file| path.starts_with(file));
        let lines = code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
        for (at, line) in lines.filter(|_| concerned) {
            if let Some(word) = words.iter().find(|word| line.contains(*word)) {
                found.push(format!("src/{path}:{}: {word}", at + 1));
            }
        }
    }
    found
}

#[track_caller]
fn forbid(rooms: &[&str], words: &[&str], except: &[&str]) {
    let found = offenders(rooms, words, except);
    assert!(found.is_empty(), "these may not stand there:\n{}", found.join("\n"));
}

#[test]
fn the_lake_knows_no_query_engine() {
    forbid(&["lake/"], &["datafusion", "crate::engine", "crate::pipeline", "crate::project"], &[]);
}

#[test]
fn the_engine_knows_no_sources_stages_or_commands() {
    forbid(&["engine/"], &["crate::land", "crate::pipeline", "crate::cli", "crate::repl", "crate::demo"], &[]);
}

#[test]
fn the_kernels_call_nothing_of_ours() {
    let rooms = [
        "crate::cli",
        "crate::clock",
        "crate::engine",
        "crate::lake",
        "crate::land",
        "crate::pipeline",
        "crate::project",
    ];
    let kernels = ["affinity/", "feedback/", "identity/", "learn/", "names/", "value/"];
    forbid(&kernels, &rooms, &[]);
    forbid(&kernels, &["std::fs", "tokio", "object_store", "SessionContext"], &[]);
    forbid(&["affinity/", "feedback/", "learn/", "names/", "value/"], &["arrow", "datafusion", "crate::identity"], &[]);
}

#[test]
fn the_shell_can_neither_land_nor_run() {
    forbid(&["repl/"], &["crate::land", "crate::pipeline"], &[]);
}

#[test]
fn charts_know_nothing_of_ours_and_the_report_only_the_linkage() {
    let rooms = ["crate::cli", "crate::engine", "crate::lake", "crate::land", "crate::pipeline", "crate::project"];
    forbid(&["chart/", "report/"], &rooms, &[]);
    forbid(&["chart/"], &["crate::identity", "crate::report", "arrow"], &[]);
    forbid(&["chart/", "report/"], &["std::fs", "std::io", "println"], &[]);
}

#[test]
fn only_the_command_line_reads_the_wall_clock() {
    let rooms = [
        "affinity/",
        "chart/",
        "demo/",
        "engine/",
        "feedback/",
        "identity/",
        "lake/",
        "land/",
        "learn/",
        "names/",
        "pipeline/",
        "project/",
        "repl/",
        "report/",
        "value/",
    ];
    forbid(&rooms, &["crate::clock", "clock::now", "SystemTime::now", "Timestamp::now", "Zoned::now"], &[]);
    forbid(&["cli/"], &["SystemTime::now", "Timestamp::now", "Zoned::now"], &[]);
}

#[test]
fn only_the_session_builds_a_session_context() {
    forbid(&[""], &["SessionContext::new", "SessionStateBuilder::new"], &["engine/session.rs"]);
}

#[test]
fn only_the_lake_writes_objects() {
    forbid(
        &[""],
        &[
            "PutPayload",
            ".put_opts(",
            "put_multipart",
            "buffered::BufWriter",
            "store().put",
            "store().copy",
            "store().delete",
        ],
        &["lake/"],
    );
}

#[test]
fn files_stay_small_enough_to_read() {
    let long: Vec<String> = sources()
        .iter()
        .map(|(path, code)| (path, code.lines().count()))
        .filter(|(_, lines)| *lines > 600)
        .map(|(path, lines)| format!("{path}: {lines}"))
        .collect();
    assert!(long.is_empty(), "these are too long: {long:?}");
}

#[test]
fn every_module_says_what_it_is_for() {
    let silent: Vec<String> =
        sources().into_iter().filter(|(_, code)| !code.starts_with("//!")).map(|(path, _)| path).collect();
    assert!(silent.is_empty(), "these begin without `//!`: {silent:?}");
}

#[test]
fn there_is_one_datafusion_and_one_arrow() {
    let lock = std::fs::read_to_string(repository().join("Cargo.lock")).unwrap();
    for name in ["datafusion", "arrow", "parquet", "object_store", "sqlparser"] {
        let count = lock.lines().filter(|line| *line == format!("name = \"{name}\"")).count();
        assert_eq!(count, 1, "{name} stands in Cargo.lock {count} times");
    }
}

#[test]
fn nothing_but_the_known_stands_at_the_top() {
    let known = [
        "Cargo.toml",
        "Cargo.lock",
        "src",
        "sql",
        "data",
        "tests",
        "benches",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "target",
    ];
    for entry in std::fs::read_dir(repository()).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(name.starts_with('.') || known.contains(&name.as_str()), "{name} does not belong at the top");
    }
}
