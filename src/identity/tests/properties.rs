//! What holds for every input: checked on random small worlds, in which records share few values so that much collides.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::array::UInt32Array;
use proptest::prelude::*;

use super::*;

const RECORDS: usize = 12;

/// Rows of each input table.
#[derive(Debug, Clone)]
struct World {
    births: Vec<Option<u8>>,
    identifiers: Vec<(usize, u8, u8)>,
    decisions: Vec<(usize, usize, bool)>,
}

fn record(number: usize) -> String {
    format!("{}:{number}", ["crm", "shop", "till"][number % 3])
}

impl World {
    fn records(&self) -> RecordBatch {
        let birth = |birth: &Option<u8>| birth.map(|year| format!("19{year}0-01-01")).unwrap_or_default();
        let rows: Vec<[String; 2]> = (0..).map(record).zip(&self.births).map(|(id, year)| [id, birth(year)]).collect();
        table(["record_id", "birth_date"], &borrow(&rows))
    }

    fn identifiers(&self) -> RecordBatch {
        let kind = |kind: u8| ["email", "phone", "loyalty_id", "club_card"][kind as usize].to_owned();
        let row = |&(who, what, value): &(usize, u8, u8)| [record(who), kind(what), format!("value {value}")];
        let rows: Vec<[String; 3]> = self.identifiers.iter().map(row).collect();
        table(["record_id", "kind", "value"], &borrow(&rows))
    }

    fn decisions(&self) -> RecordBatch {
        let name = |link| if link { "link".to_owned() } else { "unlink".to_owned() };
        let rows: Vec<[String; 3]> =
            self.decisions.iter().map(|&(left, right, link)| [record(left), record(right), name(link)]).collect();
        table(["left_record", "right_record", "decision"], &borrow(&rows))
    }

    fn resolve(&self, run: i64, previous: Option<&Resolution>) -> Resolution {
        let batches = previous.map(|previous| (previous.identities.clone(), previous.aliases.clone()));
        let (identities, aliases): (Vec<_>, Vec<_>) = batches.into_iter().unzip();
        let input = Input {
            records: &[self.records()],
            identifiers: &[self.identifiers()],
            overrides: &[self.decisions()],
            previous_identities: &identities,
            previous_aliases: &aliases,
            ..Input::default()
        };
        resolve(input, &Settings { run, ..settings() }).unwrap()
    }
}

fn borrow<const N: usize>(rows: &[[String; N]]) -> Vec<[&str; N]> {
    rows.iter().map(|row| std::array::from_fn(|at| row[at].as_str())).collect()
}

fn world() -> impl Strategy<Value = World> {
    let births = prop::collection::vec(prop::option::weighted(0.4, 6..9_u8), RECORDS);
    let identifiers = prop::collection::vec((0..RECORDS, 0..4_u8, 0..5_u8), 0..20);
    let decisions = prop::collection::vec((0..RECORDS, 0..RECORDS, prop::bool::ANY), 0..6);
    (births, identifiers, decisions).prop_map(|(births, identifiers, decisions)| World {
        births,
        identifiers,
        decisions,
    })
}

/// A table in another order, cut into several batches.
fn mixed(batch: &RecordBatch, seed: &[prop::sample::Index]) -> Vec<RecordBatch> {
    let mut order: Vec<u32> = (0..batch.num_rows() as u32).collect();
    for at in 1..order.len() {
        order.swap(at, seed[at % seed.len()].index(at + 1));
    }
    let batch = datafusion::arrow::compute::take_record_batch(batch, &UInt32Array::from(order)).unwrap();
    let cut = seed[0].index(batch.num_rows() + 1);
    vec![batch.slice(0, cut), batch.slice(cut, batch.num_rows() - cut)]
}

/// Record id → customer id.
fn customers(resolution: &Resolution) -> BTreeMap<String, String> {
    let cell = |at, row| array_value_to_string(resolution.identities.column(at), row).unwrap();
    (0..resolution.identities.num_rows()).map(|row| (cell(0, row), cell(1, row))).collect()
}

/// Per record: whose it once was.
fn bearers(resolution: &Resolution) -> BTreeMap<String, String> {
    let ids = cells(&resolution.identities, "record_id");
    ids.into_iter().zip(cells(&resolution.identities, "former_customer_ids")).collect()
}

/// The cells of one column, null as an empty text.
fn cells(batch: &RecordBatch, name: &str) -> Vec<String> {
    let column = batch.column_by_name(name).unwrap();
    (0..batch.num_rows()).map(|row| array_value_to_string(column, row).unwrap()).collect()
}

/// The smallest record that each record is connected with.
fn components(records: impl Iterator<Item = String>, links: &[(String, String)]) -> BTreeMap<String, String> {
    let mut smallest: BTreeMap<String, String> = records.map(|record| (record.clone(), record)).collect();
    for _ in 0..RECORDS {
        for (left, right) in links {
            let least = smallest[left].clone().min(smallest[right].clone());
            smallest.insert(left.clone(), least.clone());
            smallest.insert(right.clone(), least);
        }
    }
    smallest
}

/// Do two maps put the same records together?
fn same_groups(left: &BTreeMap<String, String>, right: &BTreeMap<String, String>) -> bool {
    let pairs: BTreeSet<(&String, &String)> = left.values().zip(right.values()).collect();
    let count = |map: &BTreeMap<String, String>| map.values().collect::<BTreeSet<_>>().len();
    left.keys().eq(right.keys()) && pairs.len() == count(left) && pairs.len() == count(right)
}

proptest! {
    #[test]
    fn neither_the_order_of_rows_nor_the_batches_matter(
        world in world(),
        later in world(),
        seed in prop::collection::vec(any::<prop::sample::Index>(), 7),
    ) {
        let previous = world.resolve(1, None);
        let straight = later.resolve(2, Some(&previous));
        let input = Input {
            records: &mixed(&later.records(), &seed),
            identifiers: &mixed(&later.identifiers(), &seed),
            overrides: &mixed(&later.decisions(), &seed),
            previous_identities: &mixed(&previous.identities, &seed),
            previous_aliases: &mixed(&previous.aliases, &seed),
            ..Input::default()
        };
        let other = resolve(input, &Settings { run: 2, ..settings() }).unwrap();
        prop_assert_eq!(&straight.identities, &other.identities);
        prop_assert_eq!(&straight.edges, &other.edges);
        prop_assert_eq!(&straight.refusals, &other.refusals);
        prop_assert_eq!(&straight.history, &other.history);
        prop_assert_eq!(&straight.aliases, &other.aliases);
        prop_assert_eq!(&straight.block_report, &other.block_report);
    }

    #[test]
    fn without_obstacles_customers_are_the_connected_components(mut world in world()) {
        world.births.fill(None);
        world.decisions.retain(|&(_, _, link)| link);
        let shared = |(left, right): (&(usize, u8, u8), &(usize, u8, u8))| {
            (left.1 == right.1 && left.2 == right.2).then(|| (record(left.0), record(right.0)))
        };
        let rows = &world.identifiers;
        let mut links: Vec<_> = rows.iter().flat_map(|left| rows.iter().filter_map(move |right| shared((left, right)))).collect();
        links.extend(world.decisions.iter().map(|&(left, right, _)| (record(left), record(right))));
        let found = customers(&world.resolve(1, None));
        prop_assert!(same_groups(&found, &components((0..RECORDS).map(record), &links)));
    }

    #[test]
    fn edges_are_a_spanning_forest_of_things_that_both_records_show(world in world()) {
        let resolution = world.resolve(1, None);
        let found = customers(&resolution);
        let edges = &resolution.edges;
        let links: Vec<_> = cells(edges, "left_record").into_iter().zip(cells(edges, "right_record")).collect();
        prop_assert!(same_groups(&found, &components((0..RECORDS).map(record), &links)));
        prop_assert_eq!(links.len(), RECORDS - found.values().collect::<BTreeSet<_>>().len());
        let shows = |kind: &str| -> BTreeSet<(String, String)> {
            let table = world.identifiers();
            let rows = cells(&table, "kind").into_iter().zip(cells(&table, "record_id")).zip(cells(&table, "value"));
            rows.filter(|((found, _), _)| found == kind).map(|((_, record), value)| (record, value)).collect()
        };
        for ((left, right), kind) in links.iter().zip(cells(edges, "kind")) {
            let shown = shows(&kind);
            let both = |value: &str| [left, right].iter().all(|record| shown.contains(&((*record).clone(), value.to_owned())));
            let explained = kind == "override" || (0..5).any(|value| both(&format!("value {value}")));
            prop_assert!(explained);
        }
    }

    #[test]
    fn what_people_unlinked_is_never_together(world in world()) {
        let found = customers(&world.resolve(1, None));
        for &(left, right, link) in &world.decisions {
            prop_assert!(link || left == right || found[&record(left)] != found[&record(right)]);
        }
    }

    #[test]
    fn what_people_linked_is_together_unless_they_unlinked_something(mut world in world()) {
        world.decisions.retain(|&(_, _, link)| link);
        let found = customers(&world.resolve(1, None));
        for &(left, right, _) in &world.decisions {
            prop_assert_eq!(&found[&record(left)], &found[&record(right)]);
        }
    }

    #[test]
    fn no_customer_has_two_birth_dates_unless_people_say_so(mut world in world()) {
        world.decisions.retain(|&(_, _, link)| !link);
        let found = customers(&world.resolve(1, None));
        let mut births: BTreeMap<&String, u8> = BTreeMap::new();
        for (number, birth) in world.births.iter().enumerate() {
            if let Some(birth) = birth {
                let known = *births.entry(&found[&record(number)]).or_insert(*birth);
                prop_assert_eq!(known, *birth);
            }
        }
    }

    #[test]
    fn who_shares_a_value_is_one_customer_or_the_value_is_reported(mut world in world()) {
        world.decisions.clear();
        let resolution = world.resolve(1, None);
        let found = customers(&resolution);
        let reported: BTreeSet<String> = cells(&resolution.block_report, "value_hash").into_iter().collect();
        let table = world.identifiers();
        let mut bearer: BTreeMap<String, String> = BTreeMap::new();
        let rows = cells(&table, "record_id").into_iter().zip(cells(&table, "kind")).zip(cells(&table, "value"));
        for ((record, kind), value) in rows {
            let hash = value_hash(&kind, &value);
            let first = bearer.entry(hash.clone()).or_insert_with(|| found[&record].clone());
            prop_assert!(*first == found[&record] || reported.contains(&hash));
        }
    }

    #[test]
    fn the_same_input_again_changes_nothing(world in world(), earlier in world()) {
        let first = world.resolve(2, Some(&earlier.resolve(1, None)));
        let again = world.resolve(3, Some(&first));
        prop_assert_eq!(&first.identities, &again.identities);
        prop_assert_eq!(&first.aliases, &again.aliases);
        prop_assert_eq!(again.history.num_rows(), 0);
    }

    #[test]
    fn an_id_is_never_given_away_and_always_leads_somewhere(
        worlds in prop::collection::vec((world(), 0..RECORDS), 2..6),
    ) {
        let mut previous: Option<Resolution> = None;
        let mut ever: BTreeSet<String> = BTreeSet::new();
        for (run, (mut world, kept)) in (1..).zip(worlds) {
            // Some records are gone in this run.
            world.births.truncate(kept);
            world.identifiers.retain(|&(record, _, _)| record < kept);
            let now = world.resolve(run, previous.as_ref());
            let live: BTreeSet<String> = customers(&now).into_values().collect();
            let aliases: BTreeMap<String, String> =
                cells(&now.aliases, "old_customer_id").into_iter().zip(cells(&now.aliases, "customer_id")).collect();
            let before: BTreeSet<String> =
                previous.as_ref().map(|previous| customers(previous).into_values().collect()).unwrap_or_default();
            // A used id comes back only with who bore it, or is named by it.
            let bore: BTreeMap<String, String> = previous.as_ref().map(bearers).unwrap_or_default();
            let takes_back = |(record, id): (String, String)| {
                let is_named = (0..9).any(|attempt| CustomerId::of(&record, attempt).to_string() == id);
                (is_named || bore.get(&record).is_some_and(|bore| bore.contains(&id))).then_some(id)
            };
            let own: BTreeSet<String> = customers(&now).into_iter().filter_map(takes_back).collect();
            let back: Vec<&String> = live.difference(&before).filter(|id| ever.contains(*id)).collect();
            prop_assert!(back.into_iter().all(|id| own.contains(id)), "a used id came back with others");
            ever.extend(live.iter().cloned());
            prop_assert!(ever.iter().all(|id| live.contains(id) != aliases.contains_key(id)), "an id leads nowhere");
            prop_assert!(aliases.values().all(|id| id.is_empty() || live.contains(id)), "an alias leads to no customer");

            let history = &now.history;
            let events = cells(history, "event").into_iter().zip(cells(history, "customer_id")).zip(cells(history, "other_customer_id"));
            let mut told = before.clone();
            for ((event, customer), other) in events {
                match event.as_str() {
                    "created" | "split" => drop(told.insert(customer)),
                    "retired" => drop(told.remove(&customer)),
                    "merged" => drop(told.remove(&other)),
                    _ => {}
                }
            }
            prop_assert_eq!(told, live, "the history does not lead from one run to the next");
            previous = Some(now);
        }
    }
}
