//! What must hold when something breaks: one row, one test. OLD and NEW are the whole previous and the whole next run.
//!
//! CI tries each row a few times; with `ONEFOLD_LONG_TESTS=1` it is the numbers in brackets:
//! `ONEFOLD_LONG_TESTS=1 cargo test --locked --release -- row_ --nocapture`. What is random begins with a seed that is shown;
//! `ONEFOLD_SEED=n` begins with another one.
//!
//! | row | what breaks | what must happen | test |
//! |-----|-------------|------------------|------|
//! | 1 | `kill -9` at a random moment of `refresh` [200 kills] | readers see OLD or NEW; the next refresh goes on; `gc` leaves no orphan | `row_1_killed_at_any_moment` |
//! | 2 | death at each call of the store from the commit on, before, amid and after it | the manifest is there as a whole or not at all | `row_2_killed_inside_the_commit` |
//! | 3 | power loss behind each write and each flush [40 seeded losses each] | OLD or NEW; NEW once `refresh` said so; no damage | `row_3_power_loss` |
//! | 4 | two refreshes at once [50 rounds] | one commits, the other says `Conflict` and leaves nothing | `row_4_two_refreshes_at_once` |
//! | 5 | refreshes, collections, readers at once [10 minutes] | no reader and no refresh fails | `row_5_refreshes_collections_and_readers` |
//! | 6 | the reply to the commit is lost | success, one commit, nothing deleted | `row_6_the_reply_is_lost` |
//! | 7 | any call fails, once or for good, amid a write too, loses its reply, or is slow [every call; 200 seeds] | tried again up to 5 times, else a clean error and OLD | `row_7_any_call_fails` |
//! | 8 | there is no room at any write, flush or copy: lake, quarantine, commit, published tables, spill | `Exhausted` with path and bytes; OLD; nothing left | `row_8_the_disk_is_full` |
//! | 9 | a data file is cut off [20 places], empty, gone | `Corrupt` names file and size; no rows | `row_9_cut_off_empty_and_missing_files` |
//! | 10 | a bit of a data file flips [200] | `verify` finds it; a run finds it before it uses a row | `row_10_a_flipped_bit` |
//! | 11 | a bit of a manifest flips [2000], it is cut off, it is of the future | `Corrupt`, or "made by a newer version" | `row_11_a_bad_manifest` |
//! | 20 | the clock is a year off; leap day, daylight saving, years 1 and 9999, future dates | the answer depends on `as_of` only; what lies in the future is told | `row_20_the_answer_depends_on_as_of_only` |
//! | 21 | 1, 2, 8, 64 threads; any order of files | the same bytes | `row_21_the_same_bytes_whatever_the_threads_and_the_order_of_files` |
//! | 28 | 40 names that lead elsewhere | `Denied` before anything is read or written | `row_28_names_that_lead_elsewhere` |

mod answers;
mod bench;
mod commands;
mod commit;
mod damage;
mod full;
mod names;
mod process;
mod soak;

#[test]
fn each_row_of_the_table_is_one_test() {
    let text = include_str!("reliability.rs");
    let table = text.lines().filter_map(|line| line.strip_prefix("//! | ")?.rsplit('`').nth(1));
    let mut named: Vec<&str> = table.filter(|name| name.starts_with("row_")).collect();
    let files = glob::glob(&crate::support::repository().join("tests/reliability/*.rs").to_string_lossy()).unwrap();
    let code: String = files.map(|file| std::fs::read_to_string(file.unwrap()).unwrap()).collect();
    let tests = code.lines().filter_map(|line| line.strip_prefix("fn row_")?.split('(').next());
    let mut tests: Vec<String> = tests.map(|name| format!("row_{name}")).collect();
    named.sort_unstable();
    tests.sort_unstable();
    assert_eq!(named, tests);
}
