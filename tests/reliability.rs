//! What must hold when something breaks: one row, one test. OLD and NEW are the whole previous and the whole next run.
//!
//! CI tries each row a few times; `ONEFOLD_LONG=1 cargo test reliability -- --nocapture` tries the numbers in brackets.
//! What is random comes from a seed, which a failure names.
//!
//! | row | what breaks                                      | what must happen                               | test                                   |
//! |-----|--------------------------------------------------|------------------------------------------------|----------------------------------------|
//! | 1   | `kill -9` at a random moment of `refresh` [200]  | readers see OLD or NEW; `refresh` goes on; nothing stays behind `gc` | `row_1_killed_at_any_moment` |
//! | 2   | kill at each call from the commit on, before and after it | the manifest is there as a whole or not at all | `row_2_killed_inside_the_commit` |
//! | 3   | power loss behind each write of a refresh        | OLD or NEW; NEW once `refresh` said so         | `row_3_power_loss`                     |
//! | 4   | two refreshes at once [50 rounds]                | one commits, the other says `Conflict` and leaves nothing | `row_4_two_refreshes_at_once` |
//! | 5   | `gc` while someone reads a run                   | the files stay for the grace time              | `row_5_readers_outlive_gc`             |
//! | 6   | the reply to the commit is lost                  | success, one commit, nothing deleted           | `row_6_the_reply_is_lost`              |
//! | 7   | any call fails, once, or for good, or is slow    | retried up to 5 times, else a clean error and OLD | `row_7_any_call_fails`              |
//! | 7   | one call in ten fails [200 seeds]                | the same                                       | `row_7_many_calls_fail`                |
//! | 8   | the disk is full at any write                    | `Exhausted` with path and bytes; OLD; nothing left | `row_8_the_disk_is_full`           |
//! | 8   | the disk is full: a small file system            | the same                                       | `row_8_a_small_disk`                   |
//! | 9   | a data file is cut off [20 places], empty, gone  | `Corrupt` names file and size; no rows         | `row_9_cut_off_empty_and_missing_files` |
//! | 10  | a bit of a data file flips [200]                 | `verify` finds it; a run finds it before it uses a row | `row_10_a_flipped_bit`         |
//! | 11  | a bit of a manifest flips [2000], it is cut off, it is of the future | `Corrupt`, or "made by a newer version" | `row_11_a_bad_manifest` |
//! | 28  | 40 names that lead elsewhere                     | `Denied` before anything is read or written    | `row_28_names_that_lead_elsewhere`     |

mod bench;
mod commands;
mod commit;
mod damage;
mod names;
mod process;
