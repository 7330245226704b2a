//! Landing, row by row: what arrives, what happens to it. Rows are those of the reliability table.
//!
//! | row | what arrives | what happens | test |
//! |-----|--------------|--------------|------|
//! | 12 | CSV damaged in thirty ways | every record that was not touched lands as it was; read = landed + quarantined; line and byte offset of the others are right | `what_was_not_damaged_lands_as_it_was` |
//! | 12 | more than 5 % of a file's records damaged | the file is refused, nothing lands | `above_five_percent_a_file_is_refused` |
//! | 12 | bad records | `quarantine.<source>` answers queries, also from checks | `the_quarantine_answers_queries` |
//! | 12 | no bad records, a slip in the quarantine's name | stages and checks read an empty table; refused with the nearest name | `stages_and_checks_read_a_quarantine_that_is_empty`, `the_quarantine_of_no_source_is_refused` |
//! | 13 | unbalanced quotes | the damage is the record that has them | `the_damage_is_one_record` |
//! | 13 | what looks like records within a damaged record | lies in quarantine with it | `a_damaged_record_is_in_quarantine_with_all_its_lines` |
//! | 13 | a quote that opens in the midst of megabytes | the damage is one record | `amid_megabytes_the_damage_is_one_record` |
//! | 14 | encodings with a byte order mark | detected, whatever was declared | `a_byte_order_mark_tells` |
//! | 14 | encodings by declaration | decoded | `a_declaration_tells` |
//! | 14 | bytes that mean nothing in the encoding | quarantined and shown, never replaced | `what_means_nothing_is_kept_aside` |
//! | 14 | half of a character of UTF-16 | quarantined | `half_characters_of_utf16_are_kept_aside` |
//! | 14 | a bad record behind characters that are encoded in several ways | its byte offset is right | `a_record_is_found_in_the_file_whatever_characters_come_before` |
//! | 14 | a replacement character that the file has | lands | `a_replacement_character_of_the_file_is_its_own` |
//! | 14 | an encoding that nobody declared | refused with a hint | `what_nobody_declared_is_refused_with_a_hint` |
//! | 15 | columns in another order | found by name | `another_order_is_no_difference` |
//! | 15 | a further column | kept with a notice, NULL in earlier files | `a_further_column_is_kept_and_told` |
//! | 15 | a missing column | NULL, with a notice | `a_missing_column_is_null_and_told` |
//! | 15 | a renamed column | both, with both notices | `a_renamed_column_is_both` |
//! | 15 | a column of another type | stop with the difference | `another_type_stops_with_the_difference` |
//! | 15 | a snapshot with a renamed column | told; a stage that needs the old one stops | `a_snapshot_that_lacks_a_column_stops_who_needs_it` |
//! | 16 | the same files again | nothing is committed | `the_same_files_again_commit_nothing` |
//! | 16 | files in any order of arrival | the same table | `the_order_of_arrival_is_no_difference` |
//! | 16 | a changed file, `on_change = "replace"` | its rows are replaced, with a notice; the run before has the old | `a_changed_file_replaces_its_rows` |
//! | 16 | a changed file, `on_change = "append"` | both versions stay, with a notice; one that comes back is a further one | `a_changed_file_appends_its_rows`, `a_version_that_comes_back_is_the_newest` |
//! | 16 | a changed file, `on_change = "stop"` | stop with its name | `a_changed_file_stops` |
//! | 16 | the same file, read with other settings | its rows are replaced, whatever `on_change` says; of several versions those of the last | `other_settings_replace_rows_whatever_changed_files_do`, `other_settings_replace_the_last_of_several_versions` |
//! | 16 | a vanished file, `keep = "all"` | its rows stay, with a notice | `rows_of_a_vanished_file_stay` |
//! | 16 | a vanished file, `keep = "present"` | its rows go, with a notice; the run before has them | `rows_of_a_vanished_file_go` |
//! | 16 | full snapshots, `keep = "latest"` | only the last by name counts; a late older one changes nothing | `of_full_snapshots_the_last_counts` |
//! | 16 | a renamed file | its rows move to the new name, with a notice; of several versions they stay | `a_renamed_file_moves_its_rows`, `a_renamed_file_of_several_versions_keeps_its_rows` |
//! | 16 | a renamed file whose name another one takes | counts once | `a_file_that_makes_room_for_the_next_counts_once` |
//! | 16 | a copy under another name | lands, with a notice | `a_copy_under_another_name_lands_and_is_told` |
//! | 16 | rules that do not exist or contradict | refused with line and nearest name | `rules_are_checked` |
//! | 15 | a file that lacks the key | stop with its columns and the nearest | `a_file_without_the_key_stops` |
//! | – | rows with a key that has landed | the newest by the declared order counts, the others are superseded and can be queried; ties go to the last line of the last file | `the_newest_row_of_a_key_counts`, `of_equally_new_rows_the_last_counts` |
//! | – | rows that lack a part of the key | all count | `rows_that_lack_a_part_of_the_key_all_count` |
//! | – | versions of a file, `on_change = "append"`, with a key | the last to land counts | `of_versions_of_a_file_the_last_to_land_counts` |
//! | – | a rule that changes | stages move; older runs are read by their own | `stages_see_the_newest_and_a_run_is_read_by_its_own_rule` |
//! | – | a key or an order that is wrong | refused at landing with the place and the nearest name; the other sources land | `a_wrong_key_or_order_is_refused_at_landing`, `a_key_that_becomes_wrong_stops_its_source_alone`, `the_key_of_a_table_of_a_database_is_checked` |
//! | – | a source older than `max_age` | told by every run and by `status`, or stop | `a_stale_source_is_told_each_time_or_stops`, `age_is_counted_to_when_the_run_began` |
//! | – | fewer rows than `min_rows` | told, or stop | `a_file_of_too_few_rows_is_told_or_stops` |
//! | – | rows far from the usual | told, or stop, from the fourth time on | `files_of_unusual_size_are_told_or_stop`, `snapshots_are_compared_with_those_of_earlier_runs` |
//! | – | expectations that do not exist or make no sense | refused with line and nearest name | `settings_are_checked` |
//! | – | what is not as expected, under `--quiet` | told on stderr all the same | `what_is_not_as_expected_is_told_to_quiet_jobs_too` |
//! | – | a notice, a source that did not land, a check that warns | kept in the manifest, shown by `status` and `history` | `what_a_run_told_is_kept_with_it`, `who_did_not_land_and_what_a_check_warned_of_is_kept_too` |

mod damage;
mod drift;
mod encodings;
mod expectations;
mod files;
mod mutate;
mod newest;
mod quotes;

use crate::support::{Outcome, Shop, repository};

/// A shop with the source `crm`, all files of `in/`, and these further settings of it.
fn shop(settings: &str) -> Shop {
    Shop::new(&format!("name = \"shop\"\n[sources.crm]\npath = \"in/*\"\n{settings}\n"))
}

/// Lands, and says what the report says.
#[track_caller]
fn land(shop: &Shop) -> serde_json::Value {
    let report = shop.run(&["land", "--json"]).ok().stdout;
    serde_json::from_str(&report).unwrap()
}

/// Lands, and gives back the notices.
#[track_caller]
fn notices(shop: &Shop) -> Vec<String> {
    let report = land(shop);
    let notices = report["sources"][0]["notices"].as_array().unwrap();
    notices.iter().map(|notice| notice.as_str().unwrap().to_owned()).collect()
}

/// Lands what must be refused; nothing may have become visible.
#[track_caller]
fn refused(shop: &Shop, code: i32, words: &[&str]) -> Outcome {
    let before = shop.run(&["history"]).ok().stdout;
    let outcome = shop.run(&["land"]).fails(code, words);
    assert_eq!(shop.run(&["history"]).ok().stdout, before);
    outcome
}

#[test]
fn each_row_of_the_table_names_its_tests() {
    let text = include_str!("landing_matrix.rs");
    let tests_of = |line: &'static str| line.strip_prefix("//! | ")?.rsplit(" | ").next();
    let mut named: Vec<&str> =
        text.lines().filter_map(tests_of).flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    let files = glob::glob(&repository().join("tests/landing_matrix/*.rs").to_string_lossy()).unwrap();
    let code: String = files.map(|file| std::fs::read_to_string(file.unwrap()).unwrap()).collect();
    let lines: Vec<&str> = code.lines().collect();
    let is_test = |line: &str| line == "#[test]" || line.starts_with("#[tokio::test");
    let name = |line: &str| line.trim_start_matches("async ").strip_prefix("fn ")?.split('(').next().map(str::to_owned);
    let mut tests: Vec<String> =
        lines.windows(2).filter(|pair| is_test(pair[0])).filter_map(|pair| name(pair[1])).collect();
    named.sort_unstable();
    tests.sort_unstable();
    assert_eq!(named, tests);
}
