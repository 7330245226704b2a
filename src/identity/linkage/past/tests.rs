//! Following what became of records gives what comparing all of them gives.

use std::collections::BTreeMap;

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};

use super::super::chance::below;
use super::super::constraints::Constraints;
use super::super::{Case, Decided, Linkage, Settings, link_again};
use super::reach::Reach;
use super::*;
use crate::progress::Silent;

const COLUMNS: [&str; 8] = ["source", "first name", "surname", "birth date", "phones", "e-mail", "street", "country"];
const GIVEN: [&str; 16] = [
    "Ana", "John", "Mary", "William", "Elena", "Robert", "Joan", "Michael", "Irene", "Daniel", "Linh", "Paul",
    "Simona", "Victor", "Laura", "George",
];
const FAMILY: [&str; 14] = [
    "Smith", "Stan", "Taylor", "Brown", "Rusu", "Matei", "Nguyen", "Walker", "Toma", "Wright", "Hill", "Cooper",
    "Ward", "Ene",
];
const STREETS: [&str; 9] = [
    "Mill Lane",
    "High Street",
    "Station Road",
    "Elm Avenue",
    "Rose Court",
    "Park View",
    "Abbey Way",
    "Dock Row",
    "Ring",
];

/// Records by id, as they change.
struct World {
    records: BTreeMap<String, [String; 8]>,
    seed: u64,
}

impl World {
    fn new(people: usize, seed: u64) -> Self {
        let mut world = Self { records: BTreeMap::new(), seed };
        for person in 0..people {
            world.add(person);
            if world.random(3) > 0 {
                world.add(person);
            }
        }
        world
    }

    fn random(&mut self, end: u64) -> usize {
        self.seed += 1;
        below(self.seed, end) as usize
    }

    /// Adds a record of a person, with slips.
    fn add(&mut self, person: usize) {
        let own = |what: u64, end: u64| below(what << 32 | person as u64, end) as usize;
        let family = format!("{}{}", FAMILY[own(2, 14)], ["", "s", "son", "man"][own(3, 4)]);
        let given = GIVEN[own(1, 16)].to_owned();
        let email = format!("{}.{}{}@mail.example", given.to_lowercase(), family.to_lowercase(), own(9, 40));
        let phone = format!("07{:08}", person * 104_729 % 100_000_000);
        let born = format!("19{:02}-{:02}-{:02}", 30 + own(4, 70), 1 + own(5, 12), 1 + own(6, 28));
        let street = format!("{} {}", 1 + own(7, 90), STREETS[own(8, 9)]);
        let is_shop = self.random(2) == 1;
        let source = if is_shop { "shop" } else { "crm" }.to_owned();
        // The shop writes its dates in an order of its own.
        let born = if is_shop { format!("{}/{}/{}", &born[5..7], &born[8..], &born[..4]) } else { born };
        let id = format!("{person:05}-{:06}", self.random(1_000_000));
        let country = ["GB", "RO", "VN"][own(10, 3)].to_owned();
        self.records.insert(id.clone(), [source, given, family, born, phone, email, street, country]);
        for _ in 0..self.random(3) {
            self.slip(&id);
        }
    }

    /// Changes something in a record.
    fn slip(&mut self, id: &str) {
        let (at, how) = (1 + self.random(6), self.random(3));
        let (number, other) = (self.random(10_000_000), GIVEN[self.random(16)]);
        let value = &mut self.records.get_mut(id).expect("it is there")[at];
        *value = match (how, at) {
            (0, _) => String::new(),
            (1, 1) => other.to_owned(),
            (1, 4) => format!("{value}; 072{number:07}"),
            (1, 2) => "N/A".to_owned(),
            (1, 3) => format!("19{:02}", 30 + number % 70),
            (1, 5) => value.replace('@', "+news@"),
            (1, 6) => format!("{value} rear"),
            _ => {
                let mut letters: Vec<char> = value.chars().collect();
                let place = number % letters.len().max(1);
                if place < letters.len() {
                    letters.remove(place);
                }
                letters.into_iter().collect()
            }
        };
    }

    /// A record of those that there are.
    fn any(&mut self) -> String {
        let at = self.random(self.records.len() as u64);
        self.records.keys().nth(at).expect("there are some").clone()
    }

    /// The records, in an order of no meaning.
    fn table(&mut self) -> RecordBatch {
        let mut rows: Vec<(&String, &[String; 8])> = self.records.iter().collect();
        rows.sort_by_key(|(id, _)| super::super::chance::text_hash(id.as_bytes()) ^ self.seed);
        let texts = |texts: Vec<&str>| -> ArrayRef {
            let texts = texts.into_iter().map(|text| Some(text).filter(|text| !text.is_empty()));
            std::sync::Arc::new(texts.collect::<StringArray>())
        };
        let ids = ("record_id", texts(rows.iter().map(|row| row.0.as_str()).collect()), true);
        let column = |at: usize| texts(rows.iter().map(|row| row.1[at].as_str()).collect());
        let columns = COLUMNS.iter().enumerate().map(|(at, name)| (*name, column(at), true));
        RecordBatch::try_from_iter_with_nullable(std::iter::once(ids).chain(columns)).expect("a table")
    }
}

/// What comparing all records by the same fit gives.
fn compare_all(past: &Past, records: &RecordBatch, settings: &Settings) -> Linkage {
    let case = Case::new(records, settings).expect("a case");
    let prepared = Prepared::with(&past.fit.known, &case.table, 2);
    let mut candidates = Candidates::keyed(&prepared, 2, &past.fit.keying);
    let weight = |left, right| super::super::score::weight(&prepared, &past.fit.model, left, right);
    let visit = |edges: &mut Vec<Edge>, left: u32, right: u32| {
        let (left, right, weight) = (left.min(right), left.max(right), weight(left, right));
        edges.extend(Some(Edge { left, right, weight }).filter(|edge| edge.weight > case.rules.threshold));
    };
    let parts = candidates.visit(Vec::new, visit, |_| {});
    let mut edges = parts.concat();
    edges.sort_unstable_by_key(|edge| (edge.left, edge.right));
    let sources = case.table.sources.as_ref();
    let constraints = Constraints::new(&prepared, &past.fit.certain, case.decisions.clone(), sources);
    Customers::of(prepared.records, &edges, &case.rules, &constraints, &weight).told(&case.table, None, 2)
}

/// Through tables and back, as from one run to the next.
fn kept(past: Option<Past>) -> Option<Past> {
    let tables = past.expect("something was learnt").tables().expect("tables");
    Past::read(&tables, 2).expect("the same")
}

/// Whether both have the same customers, as sure and as good.
fn assert_same(one: &Linkage, other: &Linkage, what: &str) {
    assert_eq!(one.customer_ids, other.customer_ids, "{what}");
    assert_eq!(one.confidences, other.confidences, "{what}");
    assert_eq!((one.customers, &one.sizes), (other.customers, &other.sizes), "{what}");
    assert_eq!(one.expected_precision, other.expected_precision, "{what}");
}

/// A world of so many people changes in so many steps.
fn change(people: usize, steps: usize, seed: u64, one_per_source: bool) {
    let mut world = World::new(people, seed);
    let many = 2 + people as u64 / 150;
    let mut settings = Settings { threads: 2, one_per_source, ..Settings::default() };
    let first = world.table();
    let (learnt, past) = link_again(&first, &settings, None, &Silent).expect("links");
    let mut past = kept(past);
    assert!(learnt.sizes.keys().any(|&size| size > 1), "somebody is found");
    assert_same(&learnt, &compare_all(past.as_ref().expect("kept"), &first, &settings), "the fit by itself");
    for step in 0..steps {
        let mut changed = std::collections::BTreeSet::new();
        let before = world.records.clone();
        for _ in 0..world.random(many) {
            let person = world.random(people as u64 * 11 / 10);
            world.add(person);
        }
        for _ in 0..world.random(many) {
            let id = world.any();
            world.slip(&id);
        }
        for _ in 0..world.random(many) {
            let id = world.any();
            if !settings.decided.iter().any(|decided| decided.left == id || decided.right == id) {
                world.records.remove(&id);
            }
        }
        if world.random(3) == 0 && !settings.decided.is_empty() {
            settings.decided.remove(0);
        }
        let (left, right) = (world.any(), world.any());
        if left != right {
            let one_person = world.random(2) == 0 && settings.decided.is_empty();
            settings.decided.push(Decided { left, right, one_person });
        }
        let stays = |id: &String, row: &[String; 8]| world.records.get(id) == Some(row);
        let gone = before.iter().filter(|(id, row)| !stays(id, row)).count();
        changed.extend(world.records.iter().filter(|(id, row)| before.get(*id) != Some(row)).map(|(id, _)| id.clone()));
        let records = world.table();
        settings.threads = 1 + step % 2;
        let (linkage, next) = link_again(&records, &settings, past.take(), &Silent).expect("links");
        let followed = linkage.followed.map(|followed| (followed.fresh, followed.gone));
        assert_eq!(followed, Some((changed.len(), gone)), "{:?}", linkage.anew);
        past = kept(next);
        let all = compare_all(past.as_ref().expect("kept"), &records, &settings);
        assert_same(&linkage, &all, &format!("{people} people, seed {seed}, step {step}"));
    }
}

#[test]
fn following_changes_gives_what_comparing_all_gives() {
    change(1500, 6, 1, false);
}

#[test]
fn a_small_table_is_followed_too() {
    (0..4).for_each(|seed| change(300, 5, 1000 * seed, seed == 3));
}

#[test]
fn what_does_not_apply_any_more_is_learnt_anew() {
    let mut world = World::new(300, 7);
    let settings = Settings { threads: 2, ..Settings::default() };
    let (_, past) = link_again(&world.table(), &settings, None, &Silent).expect("links");
    let again = |records: &RecordBatch, settings: &Settings| {
        link_again(records, settings, past.clone(), &Silent).expect("links").0.anew.unwrap_or_default()
    };
    let same = world.table();
    assert_eq!(again(&same, &settings), "");
    assert!(
        again(&same, &Settings { threshold: 0.9, ..settings.clone() }).starts_with("it was made with other settings")
    );
    let fewer = same.project(&[0, 1, 2, 3, 4]).expect("columns");
    assert_eq!(again(&fewer, &settings), "the columns are others");
    (0..300).for_each(|person| world.add(10_000 + person));
    assert!(again(&world.table(), &settings).ends_with("records are others since"));
}

#[test]
fn a_block_that_grows_too_large_is_closed_and_one_that_shrinks_is_opened() {
    let keys = |count: usize| -> ScalarBuffer<u64> { vec![7; count].into() };
    let fresh = |count: usize, fresh: usize| (0..count).map(|at| at >= count - fresh).collect::<Vec<_>>();
    let grown = Reach::of(&keys(1001), &fresh(1001, 1), &[], &[]);
    assert_eq!((grown.pairs.len(), grown.large, grown.closed.len()), (0, vec![7], 1001));
    let larger = Reach::of(&keys(1002), &fresh(1002, 1), &[], &[7]);
    assert_eq!((larger.pairs.len(), larger.large, larger.closed.len()), (0, vec![7], 0));
    let shrunk = Reach::of(&keys(1000), &fresh(1000, 0), &[7], &[7]);
    assert_eq!((shrunk.pairs.len(), shrunk.large, shrunk.closed.len()), (1000 * 999 / 2, vec![], 0));
    let usual = Reach::of(&keys(10), &fresh(10, 2), &[7, 0], &[]);
    assert_eq!((usual.pairs.len(), usual.large, usual.closed.len()), (8 + 8 + 1, vec![], 0));
}
