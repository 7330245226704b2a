//! Who is who in tables whose columns nobody declared.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, RecordBatch, StringArray};
use datafusion::arrow::compute::take_record_batch;

use super::*;
use crate::progress::Silent;

mod columns;
mod households;

const GIVEN: [&str; 24] = [
    "Ana", "Ion", "Maria", "Vasile", "Elena", "Radu", "Ioana", "Mihai", "Irina", "Dan", "Corina", "Paul", "Simona",
    "Victor", "Laura", "George", "Alina", "Sorin", "Diana", "Florin", "Monica", "Tudor", "Oana", "Petre",
];
const FAMILY: [&str; 20] = [
    "Popescu", "Stan", "Dumitru", "Gheorghe", "Rusu", "Matei", "Lungu", "Serban", "Toma", "Vlad", "Barbu", "Cojocaru",
    "Neagu", "Sandu", "Ene", "Oprea", "Manea", "Voicu", "Tanase", "Bucur",
];

/// Columns by name, one text a row; empty is null.
fn table(columns: &[&str], rows: &[Vec<String>]) -> RecordBatch {
    let column = |at: usize| -> ArrayRef {
        Arc::new(rows.iter().map(|row| Some(row[at].as_str()).filter(|text| !text.is_empty())).collect::<StringArray>())
    };
    RecordBatch::try_from_iter_with_nullable(columns.iter().enumerate().map(|(at, name)| (*name, column(at), true)))
        .expect("a table")
}

/// 400 people, of whom every second has a second record with a slip; the person is the id without its last letter.
fn people() -> RecordBatch {
    let mut rows = Vec::new();
    for n in 0..400_usize {
        let (given, family) = (GIVEN[n % 24], FAMILY[(n / 24 + n) % 20]);
        let born = format!("19{:02}-{:02}-{:02}", 30 + n % 70, 1 + n * 7 % 12, 1 + n * 11 % 28);
        let phone = format!("07{:08}", n * 104_729 % 100_000_000);
        let row = |letter: char, given: &str, phone: &str| {
            vec![format!("p{n:03}{letter}"), "crm".into(), given.into(), family.into(), born.clone(), phone.to_owned()]
        };
        rows.push(row('a', given, &phone));
        if n.is_multiple_of(2) {
            let slip: String = given.chars().chain("x".chars()).collect();
            rows.push(row('b', &slip, if n.is_multiple_of(4) { &phone } else { "" }));
        }
    }
    table(&["record_id", "source", "prenume", "nume", "data nasterii", "telefon"], &rows)
}

fn settings(threads: usize) -> Settings {
    Settings { threads, ..Settings::default() }
}

fn link(records: &RecordBatch, settings: &Settings) -> Result<Linkage> {
    super::link(records, settings, &Silent)
}

/// Pairs of records that are together: those of one person, and others.
fn pairs(records: &RecordBatch, linkage: &Linkage) -> (usize, usize) {
    let ids = records.column(0).as_any().downcast_ref::<StringArray>().expect("texts");
    let person = |row: usize| &ids.value(row)[..4];
    let (mut right, mut wrong) = (0, 0);
    for left in 0..ids.len() {
        for other in left + 1..ids.len() {
            if linkage.customer_ids[left] == linkage.customer_ids[other] {
                if person(left) == person(other) { right += 1 } else { wrong += 1 }
            }
        }
    }
    (right, wrong)
}

#[test]
fn people_with_slips_are_found_without_labels_or_settings() {
    let records = people();
    let linkage = link(&records, &settings(2)).expect("links");
    let (right, wrong) = pairs(&records, &linkage);
    assert!(right >= 196 && wrong <= 2, "of 200 pairs {right} are found, and {wrong} that are none");
    let kinds: Vec<&str> = linkage.kinds.iter().map(|(_, kind)| kind.as_str()).collect();
    assert_eq!(kinds, ["given name", "family name", "birth date", "phone"]);
    assert_eq!(linkage.customers, 600 - right - wrong);
    assert!(linkage.confidences.iter().all(|confidence| (0.0..=1.0).contains(confidence)));
}

#[test]
fn the_answer_depends_neither_on_the_order_of_rows_nor_on_threads() {
    let records = people();
    let expected = link(&records, &settings(1)).expect("links");
    // 7 and 600 have no divisor in common.
    let order: Vec<u32> = (0..600).map(|row| (row * 7 + 17) % 600).collect();
    let shuffled =
        take_record_batch(&records, &datafusion::arrow::array::UInt32Array::from(order.clone())).expect("takes");
    for threads in [1, 2, 8] {
        let linkage = link(&shuffled, &settings(threads)).expect("links");
        for (at, row) in order.iter().enumerate() {
            assert_eq!(linkage.customer_ids[at], expected.customer_ids[*row as usize]);
            assert_eq!(linkage.confidences[at].to_bits(), expected.confidences[*row as usize].to_bits());
        }
    }
}

#[test]
fn where_nobody_is_twice_nobody_is_merged() {
    let all = people();
    let first: Vec<u32> = (0..600)
        .filter(|row| {
            all.column(0).as_any().downcast_ref::<StringArray>().expect("texts").value(*row as usize).ends_with('a')
        })
        .collect();
    let records = take_record_batch(&all, &datafusion::arrow::array::UInt32Array::from(first)).expect("takes");
    let linkage = link(&records, &settings(2)).expect("links");
    assert!(linkage.customers >= 398, "{} customers of 400", linkage.customers);
}

#[test]
fn a_number_that_is_another_each_time_takes_nobody_apart() {
    let all = people();
    // Each row has another one, but for three.
    let numbers: StringArray =
        (0..600).map(|row| Some(format!("{:06}", chance::below(row % 597, 1_000_000)))).collect();
    let schema = all.schema();
    let named = schema.fields().iter().map(|field| field.name().as_str()).zip(all.columns().iter().cloned());
    let added: ArrayRef = Arc::new(numbers);
    let columns = named.chain([("xq", added)]).map(|(name, column)| (name, column, true));
    let records = RecordBatch::try_from_iter_with_nullable(columns).expect("a table");
    let linkage = link(&records, &settings(2)).expect("links");
    assert_eq!(linkage.kinds.last(), Some(&("xq".to_owned(), "identifier".to_owned())));
    let (right, wrong) = pairs(&records, &linkage);
    assert!(right >= 196 && wrong <= 2, "of 200 pairs {right} are found, and {wrong} that are none");
    assert!(linkage.warnings.is_empty(), "{:?}", linkage.warnings);
}

#[test]
fn small_and_speechless_tables_are_answered() {
    let columns = ["record_id", "source", "note"];
    for rows in [0, 1, 3] {
        let rows: Vec<_> = (0..rows).map(|n| vec![format!("r{n}"), "x".into(), String::new()]).collect();
        let linkage = link(&table(&columns, &rows), &settings(2)).expect("links");
        assert_eq!(linkage.customers, rows.len());
        assert_eq!(linkage.warnings.len(), 1, "nothing says who somebody is");
    }
}

#[test]
fn of_a_few_records_those_that_have_nothing_in_common_are_strangers() {
    let row = |id: &str, name: &str, email: &str| vec![id.into(), "x".into(), name.into(), email.into()];
    let rows = [row("r1", "Ana", "ana@example.com"), row("r2", "Ana", "ana@example.com"), row("r3", "山田太郎", "")];
    let linkage = link(&table(&["record_id", "source", "name", "email"], &rows), &settings(2)).expect("links");
    assert_eq!(linkage.customer_ids[0], linkage.customer_ids[1]);
    assert_ne!(linkage.customer_ids[0], linkage.customer_ids[2]);
}

#[test]
fn what_many_have_in_place_of_a_value_says_nothing() {
    // Of every third person one record has a birth date that was put in for none.
    let mut rows = Vec::new();
    for n in 0..600_u64 {
        let draw = |salt: u64, of: u64| chance::mix(n * 8 + salt) % of;
        let (given, family) = (GIVEN[draw(1, 24) as usize], FAMILY[draw(2, 20) as usize]);
        let born = format!("19{:02}-{:02}-{:02}", 30 + draw(3, 70), 1 + draw(4, 12), 1 + draw(5, 28));
        let phone = format!("07{:08}", draw(6, 100_000_000));
        let filler = if n.is_multiple_of(3) { "2000-01-01" } else { &born };
        for (letter, born) in [('a', born.as_str()), ('b', filler)] {
            rows.push(vec![format!("p{n:03}{letter}"), given.into(), family.into(), born.into(), phone.clone()]);
        }
    }
    let linkage = link(&table(&["record_id", "prenume", "nume", "data nasterii", "telefon"], &rows), &settings(2));
    let customers = linkage.expect("links").customers;
    assert!((598..=602).contains(&customers), "{customers} customers of 600");
}

#[test]
fn records_without_an_id_of_their_own_are_refused() {
    let columns = ["record_id", "source", "name"];
    let row = |id: &str| vec![id.to_owned(), "x".into(), "Ana Pop".into()];
    let twice = link(&table(&columns, &[row("a"), row("a")]), &settings(1)).expect_err("twice");
    assert_eq!(twice.message(), "two records have the id `a`");
    let none = link(&table(&columns, &[row("a"), row("")]), &settings(1)).expect_err("none");
    assert_eq!(none.message(), "a record has no id");
}

#[test]
fn groups_that_are_too_large_to_compare_are_told() {
    // 1,700 people, more than all pairs are compared of, 1,200 of them of one family name.
    let row = |n: usize| {
        let family = if n < 1200 { "Nguyen".to_owned() } else { format!("Family{}", n % 97) };
        let born = format!("19{:02}-{:02}-{:02}", n % 90, 1 + n / 90 % 12, 1 + n / 7 % 28);
        vec![format!("p{n:04}"), "crm".into(), family, born, format!("07{:08}", n * 104_729 % 100_000_000)]
    };
    let rows: Vec<_> = (0..1700).map(row).collect();
    let records = table(&["record_id", "source", "surname", "dob", "phone"], &rows);
    let linkage = link(&records, &settings(2)).expect("links");
    let told = linkage
        .warnings
        .iter()
        .any(|warning| warning.contains("agree in `surname` were not compared for that alone: 1"));
    assert!(told, "{:?}", linkage.warnings);
    assert!(linkage.customers > 1690, "{} customers", linkage.customers);
}

/// 2,400 people, more than all pairs are compared of, of whom every second has a second record with slips and gaps in any
/// column; the person is the id without its last letter.
fn many() -> RecordBatch {
    let mut rows = Vec::new();
    for n in 0..2400_usize {
        let random = |what: u64, end: u64| chance::below(what << 32 | n as u64, end) as usize;
        let given = GIVEN[random(1, 24)];
        let family = format!("{}{}", FAMILY[random(2, 20)], ["", "a", "u", "ean"][random(3, 4)]);
        let born = |month: usize| format!("19{:02}-{month:02}-{:02}", 30 + random(4, 70), 1 + random(6, 28));
        let phone = format!("07{:08}", n * 104_729 % 100_000_000);
        let month = 1 + random(5, 12);
        let row = |letter: char, given: &str, family: &str, born: String, phone: &str| {
            vec![format!("p{n:04}{letter}"), "crm".into(), given.into(), family.into(), born, phone.to_owned()]
        };
        rows.push(row('a', given, &family, born(month), if random(7, 3) == 0 { "" } else { &phone }));
        if n.is_multiple_of(2) {
            let given = if random(8, 4) == 0 { GIVEN[random(9, 24)] } else { given };
            let slip: String = family.chars().rev().collect();
            let family = if random(10, 4) == 0 { &slip } else { &family };
            let month = if random(11, 4) == 0 { 1 + random(12, 12) } else { month };
            let phone = if random(13, 2) == 0 { "" } else { phone.as_str() };
            rows.push(row('b', given, family, born(month), phone));
        }
    }
    table(&["record_id", "source", "prenume", "nume", "data nasterii", "telefon"], &rows)
}

#[test]
fn what_the_rules_miss_is_estimated_without_labels() {
    let records = many();
    let linkage = link(&records, &Settings { diagnose: true, ..settings(2) }).expect("links");
    let diagnostics = linkage.diagnostics.expect("was asked for");
    let estimate = diagnostics.blocking.recall.expect("enough matches");
    let table = Table::read(&records, ["record_id", "source"], &[], 1).expect("reads");
    let prepared = Prepared::new(&table, 2);
    let candidates = score::score(&prepared, None, 0.0, 2, true, &Silent).candidates.expect("was asked for");
    let one_person = |left: u32, right: u32| table.id(left as usize)[..5] == table.id(right as usize)[..5];
    let made = candidates.sample(1, || 0, |made, left, right, _| *made += u32::from(one_person(left, right)));
    let truth = f64::from(made.iter().sum::<u32>()) / 1200.0;
    assert!((estimate - truth).abs() < 0.02, "estimated {estimate}, and it is {truth}");
}

#[test]
fn a_sample_of_the_pairs_is_a_part_of_them_and_of_the_size_that_was_asked_for() {
    let table = Table::read(&many(), ["record_id", "source"], &[], 1).expect("reads");
    let prepared = Prepared::new(&table, 2);
    let candidates = score::score(&prepared, None, 0.0, 2, true, &Silent).candidates.expect("was asked for");
    let pairs = |one_in| {
        let push = |pairs: &mut Vec<(u32, u32, u64)>, left, right, agree| pairs.push((left, right, agree));
        let mut pairs = candidates.sample(one_in, Vec::new, push).concat();
        pairs.sort_unstable();
        pairs
    };
    let all = pairs(1);
    assert!(all.is_sorted_by(|one, other| one < other), "each pair once");
    for one_in in [3, 4, 8] {
        let some = pairs(one_in);
        assert!(some.iter().all(|pair| all.binary_search(pair).is_ok()));
        let share = some.len() as f64 * one_in as f64 / all.len() as f64;
        assert!((0.6..1.6).contains(&share), "one in {one_in}: {} of {}", some.len(), all.len());
    }
}

#[test]
fn diagnostics_add_up_and_do_not_depend_on_the_order_of_rows_or_threads() {
    let records = many();
    let ask = |records: &RecordBatch, threads| {
        let linkage = link(records, &Settings { diagnose: true, ..settings(threads) }).expect("links");
        (linkage.diagnostics.expect("was asked for"), linkage.pairs, linkage.sizes)
    };
    let (diagnostics, pairs, sizes) = ask(&records, 1);
    let blocking = &diagnostics.blocking;
    assert_eq!((blocking.possible, blocking.compared), (3600 * 3599 / 2, pairs));
    assert_eq!(blocking.rules.iter().map(|rule| rule.fresh).sum::<u64>(), pairs);
    assert_eq!(diagnostics.weights.iter().map(|bin| bin.pairs).sum::<u64>(), pairs);
    assert!(blocking.rules.iter().all(|rule| rule.alone <= rule.matches && rule.parts.len() <= 2));
    assert_eq!(sizes.iter().map(|(size, customers)| size * customers).sum::<usize>(), 3600);
    let m = |state: &diagnose::State| state.levels.iter().map(|level| level.m).sum::<f64>();
    assert!(diagnostics.comparisons.iter().flat_map(|one| &one.states).all(|state| (m(state) - 1.0).abs() < 0.01));

    let order: Vec<u32> = (0..3600).map(|row| (row * 7 + 17) % 3600).collect();
    let shuffled = take_record_batch(&records, &datafusion::arrow::array::UInt32Array::from(order)).expect("takes");
    let (other, ..) = ask(&shuffled, 8);
    assert_eq!(format!("{diagnostics:?}"), format!("{other:?}"));
}

#[test]
fn the_least_certain_customers_come_first_with_their_weakest_link() {
    let linkage = link(&people(), &Settings { diagnose: true, ..settings(2) }).expect("links");
    let doubts = linkage.diagnostics.expect("was asked for").doubts;
    assert_eq!(doubts.len(), 10);
    assert!(doubts.is_sorted_by(|one, other| one.weight <= other.weight));
    for doubt in &doubts {
        assert_eq!(doubt.weight.to_bits(), doubt.waterfall.weight.to_bits());
        assert_eq!(doubt.attributes[0].column, "source");
        assert!(doubt.attributes.iter().all(|attribute| attribute.values.len() == doubt.records.len()));
    }
}

/// `people`, of whom each second record is from the shop.
fn two_sources() -> RecordBatch {
    let all = people();
    let ids = all.column(0).as_any().downcast_ref::<StringArray>().expect("texts").clone();
    let sources: StringArray =
        ids.iter().map(|id| Some(if id.is_some_and(|id| id.ends_with('b')) { "shop" } else { "crm" })).collect();
    let mut columns = all.columns().to_vec();
    columns[1] = Arc::new(sources);
    RecordBatch::try_new(all.schema(), columns).expect("a table")
}

#[test]
fn decisions_outvote_the_evidence() {
    let decided = |left: &str, right: &str, one_person| Decided { left: left.into(), right: right.into(), one_person };
    let ask = |decided: Vec<Decided>| link(&people(), &Settings { decided, ..settings(2) });
    let ids = people().column(0).as_any().downcast_ref::<StringArray>().expect("texts").clone();
    let row = |id: &str| ids.iter().position(|other| other == Some(id)).expect("a record");
    let same =
        |linkage: &Linkage, one: &str, other: &str| linkage.customer_ids[row(one)] == linkage.customer_ids[row(other)];
    let before = ask(Vec::new()).expect("links");
    assert!(same(&before, "p000a", "p000b") && !same(&before, "p001a", "p003a"));
    let after = ask(vec![decided("p000b", "p000a", false), decided("p001a", "p003a", true)]).expect("links");
    assert!(!same(&after, "p000a", "p000b") && same(&after, "p001a", "p003a"));
    assert!(same(&after, "p002a", "p002b"), "what nobody decided about is as before");
    assert!((after.confidences[row("p001a")] - 1.0).abs() < 1e-9, "what people decided is sure");

    let torn = vec![decided("p001a", "p003a", true), decided("p003a", "p005a", true), decided("p005a", "p001a", false)];
    let error = ask(torn).expect_err("contradiction");
    assert_eq!(error.message(), "decisions say that `p001a` and `p005a` are one person, and that they are two");
    let error = ask(vec![decided("p001a", "x", true)]).expect_err("not there");
    assert_eq!(error.message(), "there is no record `x`");
}

#[test]
fn nobody_is_twice_in_a_source_that_is_said_or_shown_to_be_clean() {
    let said = link(&people(), &Settings { one_per_source: true, ..settings(2) }).expect("links");
    assert_eq!(said.customers, 600, "all are of one source");
    let shown = link(&two_sources(), &settings(2)).expect("links");
    let rules = shown.rules.iter().filter(|rule| rule.starts_with("nobody is in `")).count();
    assert_eq!(rules, 2, "{:?}", shown.rules);
    let (right, wrong) = pairs(&two_sources(), &shown);
    assert!(right >= 196 && wrong <= 2, "{right} {wrong}");
    let one_source = link(&people(), &settings(2)).expect("links");
    assert!(!one_source.rules.iter().any(|rule| rule.starts_with("nobody is in `")), "{:?}", one_source.rules);
}

/// A person of a registry: given and family name, birth date, phone.
fn registered(n: usize) -> [String; 4] {
    let family = format!("{}{}", FAMILY[n % 20], ["", "a", "u"][n / 20 % 3]);
    let born = format!("19{:02}-{:02}-{:02}", 30 + n % 70, 1 + n * 7 % 12, 1 + n * 11 % 28);
    let phone = format!("07{:08}", n * 104_729 % 100_000_000);
    [GIVEN[n % 24].into(), family, born, phone]
}

/// The number that the state gives a person.
fn national_id(n: usize) -> String {
    format!("{:013}", (n + 1) * 104_729_104_729 % 10_000_000_000_000)
}

/// Records of a registry: each with its id, its person, and the number that it has.
fn registry(records: impl Iterator<Item = (String, usize, String)>) -> RecordBatch {
    let row = |(id, n, number): (String, usize, String)| {
        let [given, family, born, phone] = registered(n);
        vec![id, "crm".into(), given, family, born, phone, number]
    };
    let columns = ["record_id", "source", "prenume", "nume", "data nasterii", "telefon", "CNP"];
    table(&columns, &records.map(row).collect::<Vec<_>>())
}

#[test]
fn whoever_has_another_national_id_or_birth_date_is_another_person() {
    // 300 people with two records each, and of two a twin of the same name who has a number of his own.
    let records = (0..300_usize).flat_map(|n| {
        let twin = n.is_multiple_of(150).then(|| (format!("t{n:03}a"), n, national_id(n + 5000)));
        ['a', 'b'].map(|letter| (format!("p{n:03}{letter}"), n, national_id(n))).into_iter().chain(twin)
    });
    let linkage = link(&registry(records), &settings(2)).expect("links");
    assert_eq!(linkage.customers, 302, "{:?}", linkage.rules);
    assert!(linkage.rules.iter().any(|rule| rule == "nobody has two different values of `CNP`"), "{:?}", linkage.rules);
}

#[test]
fn two_slips_that_contradict_each_other_do_not_take_a_person_apart() {
    // Of the seventh four records are right, and two have slips of which each is near, and the other is not.
    let slip = |number: &str, at: usize| {
        let other = if &number[at..=at] == "5" { "6" } else { "5" };
        format!("{}{other}{}", &number[..at], &number[at + 1..])
    };
    let records = (0..300_usize).flat_map(|n| {
        let right = national_id(n);
        let slips = [slip(&right, 4), slip(&right, 8)];
        let numbers = std::iter::repeat_n(right, 4).chain(slips).take(if n == 7 { 6 } else { 2 });
        ('a'..).zip(numbers).map(move |(letter, number)| (format!("p{n:03}{letter}"), n, number))
    });
    let linkage = link(&registry(records), &settings(2)).expect("links");
    let of_seven = &linkage.customer_ids[14..18];
    assert!(of_seven.iter().all(|id| *id == of_seven[0]), "{:?}", linkage.rules);
    assert!(linkage.rules.iter().any(|rule| rule == "nobody has two different values of `CNP`"), "{:?}", linkage.rules);
}

#[test]
fn decisions_hold_where_no_column_says_who_somebody_is() {
    let rows: Vec<_> = (0..4).map(|n| vec![format!("r{n}"), "x".into(), format!("note {}", n % 2)]).collect();
    let decided = vec![Decided { left: "r3".into(), right: "r1".into(), one_person: true }];
    let linkage = link(&table(&["record_id", "source", "note"], &rows), &Settings { decided, ..settings(1) });
    let Linkage { customer_ids: ids, confidences, .. } = linkage.expect("links");
    assert!(ids[1] == ids[3] && ids[0] != ids[2] && ids[0] != ids[1]);
    assert!(confidences.iter().all(|confidence| (confidence - 1.0).abs() < 1e-9), "{confidences:?}");
}

/// A club's list of 100 people, a third of them with a second record, and these.
fn club(more: &[[&str; 5]]) -> RecordBatch {
    let mut rows = Vec::new();
    for n in 0..100_usize {
        let (given, family) = (GIVEN[n % 24], FAMILY[(n / 24 + n) % 20]);
        let born = format!("19{:02}-{:02}-{:02}", 30 + n * 17 % 70, 1 + n * 7 % 12, 1 + n * 11 % 28);
        let phone = format!("07{:08}", n * 104_729 % 100_000_000);
        for letter in if n.is_multiple_of(3) { ['a', 'b'].as_slice() } else { &['a'] } {
            let born = if n.is_multiple_of(4) { "" } else { &born };
            rows.push([&format!("p{n:03}{letter}"), given, family, born, &phone].map(str::to_owned).to_vec());
        }
    }
    rows.extend(more.iter().map(|row| row.map(str::to_owned).to_vec()));
    table(&["record_id", "prenume", "nume", "data nasterii", "telefon"], &rows)
}

/// Whether two of these records, which are added to the club's, are one person.
fn is_one(more: &[[&str; 5]], one: usize, other: usize) -> bool {
    let linkage = link(&club(more), &settings(1)).expect("links");
    let first = linkage.customer_ids.len() - more.len();
    linkage.customer_ids[first + one] == linkage.customer_ids[first + other]
}

#[test]
fn father_and_son_of_one_name_are_two_however_few_records_there_are() {
    let father = ["x1", "Traian", "Albu", "1948-03-12", "0722111222"];
    let son = ["x2", "Traian", "Albu", "1975-10-28", "0733444555"];
    assert!(!is_one(&[father, son], 0, 1));
    let undated = ["x3", "Traian", "Albu", "", ""];
    assert!(!is_one(&[father, son, undated], 0, 1), "a third record that may be of either does not make them one");
}

#[test]
fn a_slip_in_the_birth_date_does_not_make_two_of_one() {
    let right = ["x1", "Traian", "Albu", "1975-10-28", "0722111222"];
    let slip = ["x2", "Traian", "Albu", "1975-10-23", ""];
    assert!(is_one(&[right, slip], 0, 1));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 96, ..Default::default() })]

    #[test]
    fn whatever_stands_in_the_columns_each_record_has_one_customer(
        rows in proptest::collection::vec(
            proptest::collection::vec("|[0-9]{1,9}|[0-9]{4}-[0-9]{2}-[0-9]{2}|[a-c]{1,3}@[a-c]{1,3}\\.org|[A-Ca-c ]{1,9}|\\PC{0,6}", 8),
            0..40,
        ),
        small in proptest::prelude::any::<bool>(),
    ) {
        // The values of a column repeat, so that they say something.
        let rows: Vec<Vec<String>> = rows.iter().enumerate().map(|(at, row)| {
            let values = if small { &rows[at % 7 % rows.len()] } else { row };
            [format!("r{at}"), "x".to_owned()].into_iter().chain(values.iter().cloned()).collect()
        }).collect();
        let columns = ["record_id", "source", "first name", "surname", "dob", "phone", "email", "zip", "street", "passport"];
        let records = table(&columns, &rows);
        let linkage = link(&records, &settings(2)).expect("links");
        proptest::prop_assert_eq!(linkage.customer_ids.len(), rows.len());
        let mut customers = linkage.customer_ids.clone();
        customers.sort_unstable();
        customers.dedup();
        proptest::prop_assert_eq!(customers.len(), linkage.customers);
    }
}
