//! A shop from run to run: what an earlier run left decides which ids customers bear, and never who is who.

use proptest::prelude::*;

use super::scored::{COLUMNS, FAMILY, GIVEN};
use super::*;

/// What happens between two runs.
#[derive(Debug, Clone)]
enum Event {
    /// Somebody new comes, with one record or two.
    Insert(u16, bool),
    /// A record shows another name or number than before.
    Change(prop::sample::Index, u16),
    Delete(prop::sample::Index),
    Decide(prop::sample::Index, prop::sample::Index, bool),
}

fn event() -> impl Strategy<Value = Event> {
    let record = any::<prop::sample::Index>;
    prop_oneof![
        (any::<u16>(), any::<bool>()).prop_map(|(person, twice)| Event::Insert(person, twice)),
        (record(), any::<u16>()).prop_map(|(at, person)| Event::Change(at, person)),
        record().prop_map(Event::Delete),
        (record(), record(), any::<bool>()).prop_map(|(one, other, link)| Event::Decide(one, other, link)),
    ]
}

/// Records by id (given name, family name, birth date, phone), and what people decided.
#[derive(Default)]
struct Shop {
    records: BTreeMap<String, [String; 4]>,
    decisions: BTreeMap<[String; 2], bool>,
}

/// What the one or the other record of a person says.
fn said(person: usize, second: bool) -> [String; 4] {
    let born = format!("19{:02}-{:02}-{:02}", 30 + person % 70, 1 + person * 7 % 12, 1 + person * 11 % 27);
    let phone = format!("+407{:08}", person * 104_729 % 100_000_000);
    let slip = if second && person.is_multiple_of(4) { "x" } else { "" };
    let phone = if second && !person.is_multiple_of(4) { String::new() } else { phone };
    [format!("{}{slip}", GIVEN[person % 24]), FAMILY[(person / 24 + person) % 20].into(), born, phone]
}

impl Shop {
    fn insert(&mut self, person: usize, twice: bool) {
        for second in [false, true].into_iter().take(1 + usize::from(twice)) {
            self.records.insert(format!("p{person:05}{}", if second { "b" } else { "a" }), said(person, second));
        }
    }

    fn happen(&mut self, event: &Event) {
        let ids: Vec<String> = self.records.keys().cloned().collect();
        match event {
            Event::Insert(person, twice) => self.insert(usize::from(*person), *twice),
            Event::Change(at, person) => {
                self.records.insert(at.get(&ids).clone(), said(usize::from(*person), person % 3 == 0));
            }
            Event::Delete(at) => drop(self.records.remove(at.get(&ids))),
            Event::Decide(one, other, link) => {
                let mut pair = [one.get(&ids).clone(), other.get(&ids).clone()];
                pair.sort_unstable();
                self.decisions.insert(pair, *link);
            }
        }
    }

    fn resolve(&self, run: i64, threads: usize, previous: Option<&Resolution>) -> Resolution {
        let records: Vec<_> = self.records.iter().collect();
        let compared: Vec<[&str; 6]> = records
            .iter()
            .map(|(id, [given, family, born, phone])| [id.as_str(), "crm", given, family, born, phone])
            .collect();
        let shown: Vec<[&str; 3]> = records.iter().map(|(id, said)| [id.as_str(), "phone", said[3].as_str()]).collect();
        let known: Vec<[&str; 2]> = records.iter().map(|(id, said)| [id.as_str(), said[2].as_str()]).collect();
        let word = |link: &bool| if *link { "link" } else { "unlink" };
        let decided: Vec<[&str; 3]> =
            self.decisions.iter().map(|([one, other], link)| [one.as_str(), other, word(link)]).collect();
        let (identities, aliases): (Vec<_>, Vec<_>) =
            previous.into_iter().map(|previous| (previous.identities.clone(), previous.aliases.clone())).unzip();
        let input = Input {
            records: &super::records(&known),
            identifiers: &identifiers(&shown),
            comparisons: &[table(COLUMNS, &compared)],
            overrides: &overrides(&decided),
            previous_identities: &identities,
            previous_aliases: &aliases,
            ..Input::default()
        };
        let scoring = Scoring { threads, ..Scoring::default() };
        resolve(input, &Settings { run, scoring, ..settings() }).unwrap()
    }
}

/// All that says who is who and why, but for the ids.
fn who_is_who(resolution: &Resolution) -> Vec<Vec<String>> {
    let Resolution { edges, refusals, block_report, reviews, model, fit, .. } = resolution;
    let mut all: Vec<Vec<String>> = [edges, refusals, block_report, reviews, model, fit].map(rows).into();
    all.push(vec![groups(resolution)]);
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn a_run_after_any_other_runs_finds_what_a_first_run_finds(
        runs in prop::collection::vec(prop::collection::vec(event(), 1..12), 1..4),
    ) {
        let mut shop = Shop::default();
        (0..220).for_each(|person| shop.insert(person, person % 2 == 0));
        let mut previous = shop.resolve(1, 1, None);
        for (run, events) in (2..).zip(&runs) {
            for event in events {
                shop.happen(event);
            }
            let first = who_is_who(&shop.resolve(run, 1, None));
            let next = shop.resolve(run, 1, Some(&previous));
            prop_assert_eq!(&first, &who_is_who(&next));
            for threads in [2, 8] {
                let again = shop.resolve(run, threads, Some(&previous));
                prop_assert_eq!(&first, &who_is_who(&again));
                prop_assert_eq!(&next.identities, &again.identities);
                prop_assert_eq!(&next.history, &again.history);
            }
            previous = next;
        }
    }
}
