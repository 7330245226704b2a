//! Landing, row by row: what arrives, what happens to it. Rows are those of the reliability table.
//!
//! | row | what arrives                                     | what happens                                                   |
//! |-----|--------------------------------------------------|----------------------------------------------------------------|
//! | 12  | CSV damaged in thirty ways                       | every record that was not touched lands as it was; read = landed + quarantined; line and byte offset of the others are right |
//! | 12  | more than 5 % of a file's records damaged        | the file is refused, nothing lands                             |
//! | 12  | bad records                                      | `quarantine.<source>` answers queries, also from checks        |
//! | 13  | unbalanced quotes                                | the damage is the line that has them                           |
//! | 13  | a quote that opens in the midst of megabytes     | the damage is one record                                       |
//! | 14  | encodings with a byte order mark                 | detected, whatever was declared                                |
//! | 14  | encodings by declaration                         | decoded                                                        |
//! | 14  | bytes that mean nothing in the encoding          | quarantined and shown, never replaced                          |
//! | 14  | an encoding that nobody declared                 | refused with a hint                                            |
//! | 15  | columns in another order                         | found by name                                                  |
//! | 15  | a further column                                 | kept with a notice, NULL in earlier files                      |
//! | 15  | a missing column                                 | NULL, with a notice                                            |
//! | 15  | a renamed column                                 | both, with both notices                                        |
//! | 15  | a column of another type                         | stop with the difference                                       |
//! | 15  | a snapshot with a renamed column                 | told; a stage that needs the old one stops                     |
//! | 16  | the same files again                             | nothing is committed                                           |
//! | 16  | files in any order of arrival                    | the same table                                                 |
//! | 16  | a changed file, `on_change = "replace"`          | its rows are replaced, with a notice; the run before has the old |
//! | 16  | a changed file, `on_change = "append"`           | both versions stay, with a notice                              |
//! | 16  | a changed file, `on_change = "stop"`             | stop with its name                                             |
//! | 16  | the same file, read with other settings          | its rows are replaced, whatever `on_change` says               |
//! | 16  | a vanished file, `keep = "all"`                  | its rows stay, with a notice                                   |
//! | 16  | a vanished file, `keep = "present"`              | its rows go, with a notice; the run before has them            |
//! | 16  | full snapshots, `keep = "latest"`                | only the last by name counts; a late older one changes nothing |
//! | 16  | a copy under another name                        | lands, with a notice                                           |
//! | 16  | rules that do not exist or contradict            | refused with line and nearest name                             |
//! | 15  | a file that lacks the key                        | stop with its columns and the nearest                          |
//! | –   | rows with a key that has landed                  | the newest by the declared order counts, the others are superseded and can be queried; ties go to the last line of the last file |
//! | –   | rows that lack a part of the key                 | all count                                                      |
//! | –   | versions of a file, `on_change = "append"`, with a key | the last to land counts                                  |
//! | –   | a rule that changes                              | stages move; older runs are read by their own                  |
//! | –   | a key or an order that is wrong                  | refused at landing with the place and the nearest name         |
//! | –   | a source older than `max_age`                    | told by every run and by `status`, or stop                     |
//! | –   | fewer rows than `min_rows`                       | told, or stop                                                  |
//! | –   | rows far from the usual                          | told, or stop, from the fourth time on                         |

mod damage;
mod drift;
mod encodings;
mod expectations;
mod files;
mod mutate;
mod newest;
mod quotes;

use crate::support::{Outcome, Shop};

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
