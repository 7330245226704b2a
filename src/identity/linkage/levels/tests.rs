//! Names of the world, by the comparison that linkage makes of them.

use std::sync::Arc;

use datafusion::arrow::array::{RecordBatch, StringArray};

use super::super::table::Table;
use super::*;

/// Pairs of names, whether one person may bear both, and what is tried.
fn labelled() -> Vec<[String; 4]> {
    let mut reader = csv::Reader::from_reader(include_str!("../../../../tests/names.csv").as_bytes());
    reader.records().map(|row| row.expect("a row")).map(|row| std::array::from_fn(|at| row[at].to_owned())).collect()
}

/// Whether two names may be one person's: nothing in them speaks against it, and something for it.
fn agree(given: u8, family: u8) -> bool {
    let speaks_not_against = |level: u8| level == NULL || level > ALIKE;
    speaks_not_against(given) && speaks_not_against(family) && given.max(family) >= CLOSE
}

/// The levels of given and family name of each pair.
fn compared(pairs: &[[String; 4]]) -> Vec<(u8, u8)> {
    let names = pairs.iter().flat_map(|[left, right, ..]| [left.as_str(), right.as_str()]);
    let ids: StringArray = (0..pairs.len() * 2).map(|row| Some(format!("{row:05}"))).collect();
    let columns: [(&str, datafusion::arrow::array::ArrayRef); 2] =
        [("record_id", Arc::new(ids)), ("name", Arc::new(names.map(Some).collect::<StringArray>()))];
    let records = RecordBatch::try_from_iter(columns).expect("a table");
    let prepared = Prepared::new(&Table::read(&records, ["record_id", "source"], &[], 1).expect("reads"), 1);
    let levels = |pair: usize| {
        let mut levels: Pattern = [NULL; COMPARISONS_MAX];
        prepared.levels(2 * pair as u32, 2 * pair as u32 + 1, &mut levels);
        let of = |at: Option<usize>| at.map_or(NULL, |at| levels[at]);
        (of(prepared.given), of(prepared.family))
    };
    (0..pairs.len()).map(levels).collect()
}

#[test]
fn names_of_the_world_are_told_apart_and_together() {
    let pairs = labelled();
    assert!(pairs.len() >= 150);
    let wrong: Vec<String> = pairs
        .iter()
        .zip(compared(&pairs))
        .filter(|([_, _, same, _], (given, family))| agree(*given, *family) != (same == "yes"))
        .map(|([left, right, same, what], (given, family))| {
            let (given, family) = (names(How::Given)[usize::from(given)], names(How::Family)[usize::from(family)]);
            format!("{what}: {left} / {right}, same: {same}, given: {given}, family: {family}")
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} pairs:\n{}", wrong.len(), pairs.len(), wrong.join("\n"));
}

#[test]
fn the_order_of_a_pair_does_not_matter() {
    let pairs = labelled();
    let turned: Vec<[String; 4]> =
        pairs.iter().map(|[left, right, same, what]| [right, left, same, what].map(String::clone)).collect();
    assert_eq!(compared(&pairs), compared(&turned));
}

/// Given names that both exist are two people's; where one is not known it may be anything.
#[test]
fn names_that_both_exist_are_another_name() {
    let pair = |left: &str, right: &str| [left, right, "yes", ""].map(str::to_owned);
    let pairs = [
        pair("Teresa Pietrzak", "Waldemar Pietrzak"),
        pair("Teresa Pietrzak", "Xyloph Pietrzak"),
        pair("Teresa Pietrzak", "W. Pietrzak"),
        pair("Bob Miller", "Robert Miller"),
        pair("Michael Miller", "Micheal Miller"),
    ];
    let given = |level: (u8, u8)| names(How::Given)[usize::from(level.0)];
    let levels: Vec<&str> = compared(&pairs).into_iter().map(given).collect();
    assert_eq!(levels, ["another name", "different", "different", "other form", "close"]);
}

#[test]
fn initials_are_found_in_the_other_place() {
    let pairs = [["Samaridi Xenaki", "X. Samaridh", "yes", ""].map(str::to_owned)];
    let (given, family) = compared(&pairs)[0];
    let names = [names(How::Given)[usize::from(given)], names(How::Family)[usize::from(family)]];
    assert_eq!(names, ["initial", "close"]);
}
