//! Resolution as a user sees it: small tables in, rows out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Date32Array, DictionaryArray, RecordBatch, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int32Type};
use datafusion::arrow::util::display::array_value_to_string;

use super::*;

mod properties;
mod scored;
mod sequence;

/// A table from rows of text, where `""` is null.
fn table<const N: usize>(names: [&str; N], rows: &[[&str; N]]) -> RecordBatch {
    let column = |at: usize| -> ArrayRef {
        Arc::new(rows.iter().map(|row| Some(row[at]).filter(|value| !value.is_empty())).collect::<StringArray>())
    };
    RecordBatch::try_from_iter((0..N).map(|at| (names[at], column(at)))).unwrap()
}

fn identifiers(rows: &[[&str; 3]]) -> Vec<RecordBatch> {
    vec![table(["record_id", "kind", "value"], rows)]
}

fn records(rows: &[[&str; 2]]) -> Vec<RecordBatch> {
    vec![table(["record_id", "birth_date"], rows)]
}

fn overrides(rows: &[[&str; 3]]) -> Vec<RecordBatch> {
    vec![table(["left_record", "right_record", "decision"], rows)]
}

/// Settings with a veto on the birth date only.
fn settings() -> Settings {
    Settings { vetoes: vec!["birth_date".into()], ..Settings::default() }
}

/// The rows of a table as text, cells joined by a space, null as `-`.
fn rows(batch: &RecordBatch) -> Vec<String> {
    let cell = |column: &ArrayRef, row| {
        if column.is_null(row) { "-".into() } else { array_value_to_string(column, row).unwrap() }
    };
    let row = |row| batch.columns().iter().map(|column| cell(column, row)).collect::<Vec<_>>().join(" ");
    (0..batch.num_rows()).map(row).collect()
}

/// The customers of a resolution as groups of record ids, such as `a,b c`.
fn groups(resolution: &Resolution) -> String {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in 0..resolution.identities.num_rows() {
        let cell = |at| array_value_to_string(resolution.identities.column(at), row).unwrap();
        groups.entry(cell(1)).or_default().push(cell(0));
    }
    let groups: BTreeSet<String> = groups.into_values().map(|group| group.join(",")).collect();
    groups.into_iter().collect::<Vec<_>>().join(" ")
}

fn customer_of(resolution: &Resolution, record: &str) -> String {
    let found = rows(&resolution.identities).into_iter().find(|row| row.starts_with(&format!("{record} ")));
    found.unwrap().split(' ').nth(1).unwrap().to_owned()
}

/// Resolves identifiers after the previous run, if there was one.
fn run(run: i64, previous: Option<&Resolution>, rows: &[[&str; 3]]) -> Resolution {
    let previous: Vec<&Resolution> = previous.into_iter().collect();
    let identities: Vec<RecordBatch> = previous.iter().map(|previous| previous.identities.clone()).collect();
    let aliases: Vec<RecordBatch> = previous.iter().map(|previous| previous.aliases.clone()).collect();
    let identifiers = identifiers(rows);
    let input = Input {
        identifiers: &identifiers,
        previous_identities: &identities,
        previous_aliases: &aliases,
        ..Input::default()
    };
    resolve(input, &Settings { run, ..settings() }).unwrap()
}

#[test]
fn says_who_is_who_and_why() {
    let identifiers = identifiers(&[
        ["web:7", "email", "lan@example.org"],
        ["crm:1", "email", "lan@example.org"],
        ["crm:1", "loyalty_id", "900"],
        ["till:3", "loyalty_id", "900"],
        ["till:3", "email", "lan@example.org"],
        ["crm:2", "email", "ion@example.org"],
        ["crm:2", "phone", ""],
    ]);
    let records = records(&[["crm:1", "1980-01-02"], ["crm:3", ""]]);
    let resolution =
        resolve(Input { records: &records, identifiers: &identifiers, ..Input::default() }, &settings()).unwrap();
    assert_eq!(groups(&resolution), "crm:1,till:3,web:7 crm:2 crm:3");
    let person = CustomerId::of("crm:1", 0);
    let (ion, nobody) = (CustomerId::of("crm:2", 0), CustomerId::of("crm:3", 0));
    let expected = [
        format!("crm:1 {person} 0.9998 loyalty_id 1 -"),
        format!("crm:2 {ion} 1.0 single 1 -"),
        format!("crm:3 {nobody} 1.0 single 1 -"),
        format!("till:3 {person} 0.9998 loyalty_id 1 -"),
        format!("web:7 {person} 0.98 email 1 -"),
    ];
    assert_eq!(rows(&resolution.identities), expected);
    assert_eq!(rows(&resolution.edges), ["crm:1 till:3 loyalty_id 0.99", "crm:1 web:7 email 0.98"]);
    assert_eq!(resolution.refusals.num_rows() + resolution.block_report.num_rows() + resolution.aliases.num_rows(), 0);
}

#[test]
fn no_rows_at_all_is_a_valid_answer() {
    let resolution = resolve(Input::default(), &Settings::default()).unwrap();
    assert_eq!(resolution.identities.num_rows(), 0);
    assert_eq!(resolution.identities.schema().field(4).data_type(), &DataType::Int64);
}

#[test]
fn the_same_value_of_another_kind_is_another_identifier() {
    let resolution = run(
        1,
        None,
        &[["a", "loyalty_id", "7"], ["b", "user_id", "7"], ["c", "shop_card", "7"], ["d", "shop_card", "7"]],
    );
    assert_eq!(groups(&resolution), "a b c,d");
}

#[test]
fn generic_and_too_common_values_link_nobody_and_are_reported_by_hash() {
    let values = [
        ("email", "info@example.org"),
        ("email", "n/a"),
        ("phone", "n/a"),
        ("phone", "+441"),
        ("email", "one@example.org"),
    ];
    let all: Vec<[&str; 3]> = values
        .iter()
        .flat_map(|(kind, value)| ["a", "b", "c"].map(|record| [record, *kind, *value]))
        .take(14)
        .collect();
    let identifiers = identifiers(&all);
    let generic = [table(["kind", "value"], &[["email", "info@example.org"], ["", "n/a"]])];
    let settings = Settings { block_records_max: 2, vetoes: vec![], ..Settings::default() };
    let resolution =
        resolve(Input { identifiers: &identifiers, generic: &generic, ..Input::default() }, &settings).unwrap();
    assert_eq!(groups(&resolution), "a,b c");
    let mut report = rows(&resolution.block_report);
    report.sort();
    let line = |kind, value, action| format!("{kind} {} 3 {action}", value_hash(kind, value));
    let mut expected = [
        line("email", "info@example.org", "generic"),
        line("email", "n/a", "generic"),
        line("phone", "n/a", "generic"),
        line("phone", "+441", "too_large"),
    ];
    expected.sort();
    assert_eq!(report, expected);
}

#[test]
fn twins_with_one_email_stay_two_and_what_is_neither_s_for_sure_goes_to_neither() {
    let identifiers = identifiers(&[
        ["crm:1", "email", "family@example.org"],
        ["crm:2", "email", "family@example.org"],
        ["shop:1", "email", "family@example.org"],
        ["shop:2", "email", "family@example.org"],
        ["till:1", "email", "family@example.org"],
        ["crm:1", "loyalty_id", "1"],
        ["till:1", "loyalty_id", "1"],
        ["web:1", "email", "family@example.org"],
        ["web:1", "phone", "+40721000001"],
        ["crm:2", "phone", "+40721000001"],
    ]);
    // shop:2 is the first twin's by its birth date; web:1 could be either's by e-mail, but is the second's by phone.
    let records = records(&[["crm:1", "1990-05-01"], ["crm:2", "1991-05-01"], ["shop:2", "1990-05-01"]]);
    let resolution =
        resolve(Input { records: &records, identifiers: &identifiers, ..Input::default() }, &settings()).unwrap();
    assert_eq!(groups(&resolution), "crm:1,shop:2,till:1 crm:2,shop:1,web:1");
    let expected = ["crm:1 crm:2 email birth_date", "crm:1 shop:1 email birth_date", "crm:1 web:1 email birth_date"];
    assert_eq!(rows(&resolution.refusals), expected);
    let hash = value_hash("email", "family@example.org");
    assert_eq!(rows(&resolution.block_report), [format!("email {hash} 6 contested")]);
}

#[test]
fn a_veto_cuts_the_weaker_link_of_a_chain() {
    let identifiers = identifiers(&[
        ["a", "phone", "+441"],
        ["b", "phone", "+441"],
        ["b", "email", "b@example.org"],
        ["c", "email", "b@example.org"],
    ]);
    let records = records(&[["a", "1980-01-01"], ["c", "1985-01-01"]]);
    let resolution =
        resolve(Input { records: &records, identifiers: &identifiers, ..Input::default() }, &settings()).unwrap();
    assert_eq!(groups(&resolution), "a b,c");
    assert_eq!(rows(&resolution.refusals), ["a b phone birth_date"]);
}

#[test]
fn a_shared_value_with_a_name_is_stronger_than_a_weaker_value_alone() {
    // b is the sister by the family's e-mail address and her name, and the brother only by a phone that rings for both.
    let identifiers = identifiers(&[
        ["a", "phone", "+441"],
        ["b", "phone", "+441"],
        ["b", "email+name", "family@example.org ana pop"],
        ["c", "email+name", "family@example.org ana pop"],
    ]);
    let records = records(&[["a", "1980-01-01"], ["c", "1985-01-01"]]);
    let resolution =
        resolve(Input { records: &records, identifiers: &identifiers, ..Input::default() }, &settings()).unwrap();
    assert_eq!(groups(&resolution), "a b,c");
    assert_eq!(rows(&resolution.refusals), ["a b phone birth_date"]);
    assert_eq!(rows(&resolution.edges), ["b c email+name 0.97"]);
}

#[test]
fn a_slip_in_the_birth_date_is_one_person_and_another_date_is_not() {
    let together = |one: &str, other: &str| {
        let identifiers = identifiers(&[["a", "email", "x@example.org"], ["b", "email", "x@example.org"]]);
        let records = records(&[["a", one], ["b", other]]);
        let input = Input { records: &records, identifiers: &identifiers, ..Input::default() };
        groups(&resolve(input, &settings()).unwrap()) == "a,b"
    };
    assert!(together("1985-03-04", "1985-03-14"), "a digit of the day");
    assert!(together("1985-03-04", "1985-08-04"), "a digit of the month");
    assert!(together("1985-03-04", "1985-04-03"), "swapped");
    assert!(!together("1985-03-04", "1958-03-04"), "father and son");
    assert!(!together("1985-03-04", "1985-12-14"), "another day of the year");
    assert!(!together("1985-3", "1985-4"), "not dates");
}

#[test]
fn a_third_date_is_not_let_in_by_being_near_neither() {
    let identifiers = identifiers(&["a", "b", "c", "d"].map(|record| [record, "email", "x@example.org"]));
    let records = records(&[["a", "1985-03-04"], ["b", "1985-03-14"], ["c", "1985-12-25"]]);
    let resolution =
        resolve(Input { records: &records, identifiers: &identifiers, ..Input::default() }, &settings()).unwrap();
    // d has no birth date, so it could be either's and goes to neither.
    assert_eq!(groups(&resolution), "a,b c d");
}

#[test]
fn dates_and_dictionaries_are_read_as_they_come() {
    let identifiers = identifiers(&[
        ["a", "email", "x@example.org"],
        ["b", "email", "x@example.org"],
        ["c", "email", "x@example.org"],
    ]);
    let keys: DictionaryArray<Int32Type> = ["email", "email", "email"].into_iter().collect();
    let columns = identifiers[0].columns();
    let view = |at: usize, to| cast(&columns[at], &to).unwrap();
    let encoded: [(&str, ArrayRef); 3] =
        [("record_id", view(0, DataType::LargeUtf8)), ("kind", Arc::new(keys)), ("value", view(2, DataType::Utf8View))];
    let encoded = [RecordBatch::try_from_iter(encoded).unwrap()];
    let ids: ArrayRef = Arc::new(StringArray::from(vec!["a", "b", "c"]));
    let dates: ArrayRef = Arc::new(Date32Array::from(vec![-1, 0, -1]));
    let records = [RecordBatch::try_from_iter([("record_id", ids), ("birth_date", dates)]).unwrap()];
    let resolution =
        resolve(Input { records: &records, identifiers: &encoded, ..Input::default() }, &settings()).unwrap();
    assert_eq!(groups(&resolution), "a,c b");
}

#[test]
fn people_overrule_identifiers_and_vetoes() {
    let rows_in =
        [["a", "email", "1"], ["b", "email", "1"], ["c", "email", "1"], ["d", "email", "2"], ["e", "email", "3"]];
    let identifiers = identifiers(&rows_in);
    let records = records(&[["d", "1980-01-01"], ["e", "1981-01-01"]]);
    let decisions = overrides(&[["b", "a", "unlink"], ["e", "d", "link"], ["gone", "d", "link"]]);
    let input = Input { records: &records, identifiers: &identifiers, overrides: &decisions, ..Input::default() };
    let resolution = resolve(input, &settings()).unwrap();
    assert_eq!(groups(&resolution), "a,c b d,e");
    assert_eq!(rows(&resolution.edges), ["a c email 0.98", "d e override 1.0"]);
    assert_eq!(rows(&resolution.refusals), ["a b email unlink"]);
}

#[test]
fn unlink_beats_a_chain_of_links() {
    let decisions = overrides(&[["a", "b", "link"], ["b", "c", "link"], ["a", "c", "unlink"]]);
    let records = records(&[["a", ""], ["b", ""], ["c", ""]]);
    let resolution =
        resolve(Input { records: &records, overrides: &decisions, ..Input::default() }, &settings()).unwrap();
    assert_eq!(groups(&resolution), "a,b c");
    assert_eq!(rows(&resolution.refusals), ["b c override unlink"]);
}

#[test]
fn a_customer_linked_across_birth_dates_meets_both_and_no_third() {
    let identifiers =
        identifiers(&[["a", "email", "1"], ["c", "email", "1"], ["b", "phone", "1"], ["d", "phone", "1"]]);
    let records = records(&[["a", "1980-01-01"], ["b", "1981-01-01"], ["c", "1981-01-01"], ["d", "1982-01-01"]]);
    let decisions = overrides(&[["a", "b", "link"]]);
    let input = Input { records: &records, identifiers: &identifiers, overrides: &decisions, ..Input::default() };
    assert_eq!(groups(&resolve(input, &settings()).unwrap()), "a,b,c d");
}

#[test]
fn ids_stay_when_records_come_and_go() {
    let one = run(1, None, &[["b", "email", "1"], ["c", "email", "1"]]);
    let id = customer_of(&one, "b");
    assert_eq!(rows(&one.history), [format!("{id} - created 2")]);
    let two = run(2, Some(&one), &[["a", "email", "1"], ["c", "email", "1"]]);
    assert_eq!((customer_of(&two, "a"), customer_of(&two, "c")), (id.clone(), id.clone()));
    assert_eq!(rows(&two.identities)[0], format!("a {id} 0.98 email 1 -"));
    assert_eq!(two.history.num_rows(), 0);
}

#[test]
fn a_merge_keeps_the_larger_customer_and_the_old_id_leads_on() {
    let apart = [["a", "email", "1"], ["b", "email", "2"], ["c", "email", "2"]];
    let one = run(1, None, &apart);
    let (small, large) = (customer_of(&one, "a"), customer_of(&one, "b"));
    let joined = [&apart[..], &[["a", "phone", "1"], ["b", "phone", "1"]]].concat();
    let two = run(2, Some(&one), &joined);
    assert_eq!(groups(&two), "a,b,c");
    assert_eq!(customer_of(&two, "a"), large);
    assert_eq!(rows(&two.history), [format!("{large} {small} merged 1")]);
    assert_eq!(rows(&two.aliases), [format!("{small} {large}")]);
    // A person of whom nothing is left: every id that led to it leads to nobody, and stays so.
    let three = run(3, Some(&two), &[["z", "email", "9"]]);
    let mut expected = vec![format!("{small} -"), format!("{large} -")];
    expected.sort();
    assert_eq!(rows(&three.aliases), expected);
    assert!(rows(&three.history).contains(&format!("{large} - retired 3")));
    assert_eq!(rows(&run(4, Some(&three), &[["z", "email", "9"]]).aliases), expected);
}

#[test]
fn a_tie_goes_to_the_oldest_then_to_the_smallest_id() {
    let one = run(1, None, &[["b", "email", "2"]]);
    let two = run(2, Some(&one), &[["b", "email", "2"], ["a", "email", "1"]]);
    let three = run(3, Some(&two), &[["b", "email", "1"], ["a", "email", "1"]]);
    assert_eq!(customer_of(&three, "a"), customer_of(&one, "b"), "the older one");
    let one = run(1, None, &[["a", "email", "1"], ["b", "email", "2"]]);
    let two = run(2, Some(&one), &[["a", "email", "1"], ["b", "email", "1"]]);
    assert_eq!(customer_of(&two, "a"), customer_of(&one, "a").min(customer_of(&one, "b")), "the smaller one");
}

#[test]
fn a_split_keeps_the_id_with_the_larger_part() {
    let one = run(1, None, &[["a", "email", "1"], ["b", "email", "1"], ["c", "email", "1"]]);
    let id = customer_of(&one, "a");
    let two = run(2, Some(&one), &[["a", "email", "3"], ["b", "email", "1"], ["c", "email", "1"]]);
    assert_eq!((customer_of(&two, "b"), customer_of(&two, "c")), (id.clone(), id.clone()));
    // The record that leaves gave the customer its id, so its own new id is the next attempt.
    let fresh = CustomerId::of("a", 1).to_string();
    assert_eq!(customer_of(&two, "a"), fresh);
    assert_eq!(rows(&two.history), [format!("{fresh} {id} split 1")]);
    assert_eq!(two.aliases.num_rows(), 0);
}

#[test]
fn a_record_moves_between_customers() {
    let one = run(
        1,
        None,
        &[["a", "email", "1"], ["b", "email", "1"], ["c", "email", "1"], ["d", "email", "2"], ["e", "email", "2"]],
    );
    let two = run(
        2,
        Some(&one),
        &[["a", "email", "1"], ["b", "email", "1"], ["c", "email", "2"], ["d", "email", "2"], ["e", "email", "2"]],
    );
    let (from, to) = (customer_of(&one, "a"), customer_of(&one, "d"));
    assert_eq!(groups(&two), "a,b c,d,e");
    assert_eq!(rows(&two.history), [format!("{to} {from} moved 1")]);
}

#[test]
fn a_retired_id_returns_with_the_record_that_it_is_named_by() {
    let one = run(1, None, &[["a", "email", "1"], ["b", "email", "2"]]);
    let two = run(2, Some(&one), &[["b", "email", "2"]]);
    assert_eq!(rows(&two.aliases), [format!("{} -", customer_of(&one, "a"))]);
    let three = run(3, Some(&two), &[["a", "email", "1"], ["b", "email", "2"]]);
    assert_eq!(customer_of(&three, "a"), customer_of(&one, "a"));
    assert_eq!(rows(&three.history), [format!("{} - created 1", customer_of(&one, "a"))]);
    assert_eq!(three.aliases.num_rows(), 0);
}

#[test]
fn who_was_put_together_for_a_while_is_afterwards_who_he_was_before() {
    let apart = [["a", "email", "1"], ["b", "email", "2"], ["c", "email", "2"], ["d", "email", "3"]];
    let together = [["a", "email", "1"], ["b", "email", "1"], ["c", "email", "1"], ["d", "email", "3"]];
    let one = run(1, None, &apart);
    let two = run(2, Some(&one), &together);
    let three = run(3, Some(&two), &apart);
    for record in ["a", "b", "c", "d"] {
        assert_eq!(customer_of(&three, record), customer_of(&one, record), "{record}");
    }
    let (small, large) = (customer_of(&one, "a"), customer_of(&one, "b"));
    assert_eq!(rows(&three.history), [format!("{small} {large} split 1")]);
    assert_eq!(three.aliases.num_rows(), 0);
    // Whoever bore it takes it back, and not whom it is named by.
    let rest = [["d", "email", "3"], ["e", "email", "3"], ["f", "email", "3"], ["g", "email", "3"]];
    let with = |own: &[[&'static str; 3]]| [own, &rest[..]].concat();
    let parted = with(&[["a", "email", "2"], ["b", "email", "1"], ["c", "email", "1"]]);
    let once = run(1, None, &with(&[["a", "email", "1"], ["b", "email", "1"], ["c", "email", "1"]]));
    let apart_now = run(2, Some(&once), &parted);
    let all = with(&[["a", "email", "3"], ["b", "email", "3"], ["c", "email", "3"]]);
    let again = run(4, Some(&run(3, Some(&apart_now), &all)), &parted);
    for record in ["a", "b", "c", "d"] {
        assert_eq!(customer_of(&again, record), customer_of(&apart_now, record), "{record}");
    }
    assert_eq!(customer_of(&again, "b"), customer_of(&once, "a"));
    // With another record it goes on, too: whoever asks for the old id is led there.
    let four =
        run(4, Some(&two), &[["a", "email", "3"], ["b", "email", "1"], ["c", "email", "1"], ["d", "email", "3"]]);
    assert_eq!(groups(&four), "a,d b,c");
    assert_eq!(rows(&four.aliases), [format!("{small} {}", customer_of(&one, "d"))]);
}

#[test]
fn an_id_that_is_taken_is_passed_over_in_a_fixed_order() {
    let [first, second, third] = [0, 1, 2].map(|attempt| CustomerId::of("a", attempt).to_string());
    let identifiers = identifiers(&[["a", "email", "1"], ["b", "email", "2"]]);
    let input = Input {
        identifiers: &identifiers,
        previous_identities: &[table(["record_id", "customer_id"], &[["b", first.as_str()]])],
        previous_aliases: &[table(["old_customer_id", "customer_id"], &[[second.as_str(), ""]])],
        ..Input::default()
    };
    let resolution = resolve(input, &settings()).unwrap();
    assert_eq!((customer_of(&resolution, "a"), customer_of(&resolution, "b")), (third, first));
}

#[test]
fn mistakes_in_tables_are_named_without_values() {
    let message = |input: Input<'_>| resolve(input, &settings()).unwrap_err().to_string();
    let lacks = [table(["record", "kind", "value"], &[["a", "email", "1"]])];
    let said = message(Input { identifiers: &lacks, ..Input::default() });
    assert_eq!(said, "table `identifiers` has no column `record_id`\nhint: add it to the stage's SQL");
    let typo = [table(["record_id", "birthdate"], &[["a", ""]])];
    let said = message(Input { records: &typo, ..Input::default() });
    assert_eq!(said, "table `records` has no column `birth_date`\nhint: did you mean `birthdate`?");
    let null = identifiers(&[["a", "email", "1"], ["", "email", "1"]]);
    let said = message(Input { identifiers: &null, ..Input::default() });
    assert!(
        said.starts_with("a value that must be there is null (table `identifiers`, column `record_id`, row `2`)"),
        "{said}"
    );
    let twice = records(&[["a", ""], ["a", ""]]);
    let said = message(Input { records: &twice, ..Input::default() });
    assert!(
        said.starts_with("a record id appears twice (table `records`, rows `2`, different record ids `1`)"),
        "{said}"
    );
    let swapped: Vec<String> = (0..2000).map(|n| format!("user{n}@example.org")).collect();
    let swapped: Vec<[&str; 3]> = swapped.iter().map(|value| ["a", value.as_str(), "email"]).collect();
    let said = message(Input { identifiers: &identifiers(&swapped), ..Input::default() });
    assert!(said.starts_with("there are more than 1000 kinds of identifier (table `identifiers`)"), "{said}");
    let decision = overrides(&[["a", "b", "merge"]]);
    let said = message(Input { overrides: &decision, ..Input::default() });
    assert!(said.starts_with("an override's decision is unknown (table `overrides`, row `1`)"), "{said}");
    let previous = [table(["record_id", "customer_id"], &[["a", "42"]])];
    let said = message(Input { previous_identities: &previous, ..Input::default() });
    assert!(said.starts_with("the previous run holds a customer id that Onefold did not make"), "{said}");
}

#[test]
fn confidence_rises_and_falls_with_the_evidence() {
    let one = [["a", "email", "lan@example.org"], ["b", "email", "lan@example.org"]];
    let other = [
        ["a", "phone", "+441"],
        ["b", "phone", "+441"],
        ["a", "phone+name", "+441 lan"],
        ["b", "phone+name", "+441 lan"],
    ];
    let confidence = |resolution: &Resolution| rows(&resolution.identities)[1].split(' ').nth(2).unwrap().to_owned();
    let first = run(1, None, &one);
    assert_eq!(confidence(&first), "0.98");
    // Wrong only if both are: 1 − 0.02 · 0.05. The number together with the name is the same number.
    let second = run(2, Some(&first), &[&one[..], &other[..]].concat());
    assert_eq!(confidence(&second), "0.999");
    let third = run(3, Some(&second), &other);
    assert_eq!(confidence(&third), "0.95");
    assert_eq!(groups(&third), "a,b");
}
