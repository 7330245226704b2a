//! The scored tier: what no identifier joins.

use super::*;

pub(super) const GIVEN: [&str; 24] = [
    "Ana", "Ion", "Maria", "Vasile", "Elena", "Radu", "Ioana", "Mihai", "Irina", "Dan", "Corina", "Paul", "Simona",
    "Victor", "Laura", "George", "Alina", "Sorin", "Diana", "Florin", "Monica", "Tudor", "Oana", "Petre",
];
pub(super) const FAMILY: [&str; 20] = [
    "Popescu", "Stan", "Dumitru", "Gheorghe", "Rusu", "Matei", "Lungu", "Serban", "Toma", "Vlad", "Barbu", "Cojocaru",
    "Neagu", "Sandu", "Ene", "Oprea", "Manea", "Voicu", "Tanase", "Bucur",
];
pub(super) const COLUMNS: [&str; 6] = ["record_id", "source", "given_name", "family_name", "birth_date", "phone"];

/// A shop whose people have one record or two. Of every fourth person the two show one phone number, and the name was once
/// mistyped; of every fourth the second shows no phone number, and only name and birth date say that it is the same person.
struct People {
    comparisons: Vec<RecordBatch>,
    identifiers: Vec<RecordBatch>,
    records: Vec<RecordBatch>,
}

fn people(count: usize) -> People {
    let (mut compared, mut shown, mut known) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..count {
        let born = format!("19{:02}-{:02}-{:02}", 30 + n % 70, 1 + n * 7 % 12, 1 + n * 11 % 27);
        let phone = format!("+407{:08}", n * 104_729 % 100_000_000);
        for letter in ["a", "b"].into_iter().take(1 + usize::from(n % 2 == 0)) {
            let id = format!("p{n:04}{letter}");
            let phone = if letter == "a" || n % 4 == 0 { phone.clone() } else { String::new() };
            let (given, family) = (GIVEN[n % 24], FAMILY[(n / 24 + n) % 20]);
            let slip = if letter == "b" && n % 4 == 0 { "x" } else { "" };
            compared.push([
                id.clone(),
                "crm".into(),
                format!("{given}{slip}"),
                family.into(),
                born.clone(),
                phone.clone(),
            ]);
            shown.push([id.clone(), "phone".into(), phone]);
            known.push([id, born.clone()]);
        }
    }
    People {
        comparisons: vec![table(COLUMNS, &texts(&compared))],
        identifiers: vec![table(["record_id", "kind", "value"], &texts(&shown))],
        records: vec![table(["record_id", "birth_date"], &texts(&known))],
    }
}

fn texts<const N: usize>(rows: &[[String; N]]) -> Vec<[&str; N]> {
    rows.iter().map(|row| std::array::from_fn(|at| row[at].as_str())).collect()
}

impl People {
    fn input(&self) -> Input<'_> {
        Input {
            records: &self.records,
            identifiers: &self.identifiers,
            comparisons: &self.comparisons,
            ..Input::default()
        }
    }
}

/// How many customers have two records of one person, and how many have records of several.
fn right_and_wrong(resolution: &Resolution) -> (usize, usize) {
    let groups = groups(resolution);
    let groups = groups.split(' ').filter(|group| group.contains(','));
    let (right, wrong): (Vec<_>, Vec<_>) = groups.partition(|group| group.split(',').all(|id| id[..5] == group[..5]));
    (right.len(), wrong.len())
}

#[test]
fn records_that_are_alike_are_one_person_without_an_identifier_in_common() {
    let people = people(800);
    let by_identifiers = resolve(Input { comparisons: &[], ..people.input() }, &settings()).unwrap();
    assert_eq!(right_and_wrong(&by_identifiers), (200, 0));
    let resolution = resolve(people.input(), &settings()).unwrap();
    let (right, wrong) = right_and_wrong(&resolution);
    assert!(right >= 390, "of 400 people with two records, {right} are together");
    assert_eq!(wrong, 0);
    let edges = rows(&resolution.edges);
    assert!(edges.iter().any(|edge| edge.starts_with("p0002a p0002b score 0.9")), "{:?}", &edges[..4]);
    // The model says what it learnt.
    let model = rows(&resolution.model);
    assert!(model.iter().any(|level| level.starts_with("birth_date birth date - - exact 0.9")), "{model:?}");
}

#[test]
fn what_is_alike_is_one_person_in_whatever_order_rows_come_and_on_any_number_of_threads() {
    let people = people(400);
    let all = resolve(people.input(), &settings()).unwrap();
    let backwards = |batches: &[RecordBatch]| -> Vec<RecordBatch> {
        let order = datafusion::arrow::array::UInt32Array::from_iter_values((0..batches[0].num_rows() as u32).rev());
        let turned = datafusion::arrow::compute::take_record_batch(&batches[0], &order).unwrap();
        vec![turned.slice(0, 100), turned.slice(100, turned.num_rows() - 100)]
    };
    let turned = People {
        comparisons: backwards(&people.comparisons),
        identifiers: backwards(&people.identifiers),
        records: backwards(&people.records),
    };
    let threads = Scoring { threads: 8, ..Scoring::default() };
    let again = resolve(turned.input(), &Settings { scoring: threads, ..settings() }).unwrap();
    for (one, other) in [
        (&all.identities, &again.identities),
        (&all.edges, &again.edges),
        (&all.reviews, &again.reviews),
        (&all.model, &again.model),
        (&all.fit, &again.fit),
    ] {
        assert_eq!(rows(one), rows(other));
    }
}

#[test]
fn a_veto_and_a_persons_decision_hold_against_any_likeness() {
    let people = people(800);
    let unlinked = overrides(&[["p0002a", "p0002b", "unlink"]]);
    let resolution = resolve(Input { overrides: &unlinked, ..people.input() }, &settings()).unwrap();
    assert_ne!(customer_of(&resolution, "p0002a"), customer_of(&resolution, "p0002b"));
    assert_eq!(customer_of(&resolution, "p0006a"), customer_of(&resolution, "p0006b"));
    // What was decided is not asked again.
    assert!(!rows(&resolution.reviews).iter().any(|review| review.starts_with("p0002a p0002b")));
}

#[test]
fn a_few_records_teach_nothing_and_are_left_to_people() {
    let people = people(24);
    let resolution = resolve(people.input(), &settings()).unwrap();
    assert_eq!(right_and_wrong(&resolution), (6, 0), "identifiers alone");
    let reviews = rows(&resolution.reviews);
    assert!(reviews.iter().any(|review| review.starts_with("p0002a p0002b")), "{reviews:?}");
    let fit = rows(&resolution.fit);
    assert!(fit[0].contains("too few to learn from"), "{fit:?}");
}

#[test]
fn the_line_between_a_link_and_a_question_is_set() {
    let people = people(800);
    let never = Scoring { accept: 1.0, ..Scoring::default() };
    let resolution = resolve(people.input(), &Settings { scoring: never, ..settings() }).unwrap();
    assert_eq!(right_and_wrong(&resolution), (200, 0));
    assert!(resolution.reviews.num_rows() >= 190, "{} reviews", resolution.reviews.num_rows());
}

#[test]
fn a_record_is_compared_once() {
    let mut people = people(24);
    let twice = people.comparisons[0].clone();
    people.comparisons.push(twice);
    let error = resolve(people.input(), &settings()).unwrap_err().to_string();
    assert!(error.contains("a record id appears twice"), "{error}");
}

#[test]
fn one_phone_of_five_hundred_people_makes_them_one_in_no_way() {
    let mut shown = Vec::new();
    for n in 0..500 {
        shown.push([
            format!("a{n:03}"),
            "shop".into(),
            "Ana".into(),
            "Pop".into(),
            String::new(),
            "+40721000111".into(),
        ]);
        let (given, family) = (GIVEN[n % 24], FAMILY[n / 24 % 20]);
        let phone = "+40213100000".to_owned();
        shown.push([format!("b{n:03}"), "shop".into(), given.into(), family.into(), String::new(), phone]);
    }
    let comparisons = [table(COLUMNS, &texts(&shown))];
    let ids: Vec<[&str; 2]> = shown.iter().map(|row| [row[0].as_str(), ""]).collect();
    let records = [table(["record_id", "birth_date"], &ids)];
    let input = Input { records: &records, comparisons: &comparisons, ..Input::default() };
    let resolution = resolve(input, &settings()).unwrap();
    let fit = rows(&resolution.fit);
    assert!(fit[0].contains("what passed for matches differs in `given name`"), "{fit:?}");
    let customers: BTreeSet<String> =
        shown.iter().filter(|row| row[0].starts_with('b')).map(|row| customer_of(&resolution, &row[0])).collect();
    assert_eq!(customers.len(), 500, "nobody was joined, not even those of one name");
}
