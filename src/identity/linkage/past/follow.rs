//! New and changed records among those that were compared before.

use datafusion::arrow::buffer::ScalarBuffer;

use super::super::candidates::Candidates;
use super::super::cluster::{self, Edge};
use super::super::constraints::Constraints;
use super::super::customers::Customers;
use super::super::decisions::Decisions;
use super::super::model::scorer::Scorer;
use super::super::prepare::Prepared;
use super::super::table::Table;
use super::super::{Follow, Settings, score};
use super::changes::{self, Changes};
use super::reach::Reach;
use super::{Past, Settled, ids, some};
use crate::identity::union_find::UnionFind;
use crate::parallel;

/// What came of it.
pub(in super::super) struct Followed {
    /// What is known now.
    pub(in super::super) past: Past,
    pub(in super::super) follow: Follow,
    /// Pairs of records that were compared.
    pub(in super::super) pairs: u64,
}

/// Where more records than this part of those that a fit was learnt from are others since, it is learnt anew.
const OTHERS_MAX: f64 = 0.2;

impl Past {
    /// Follows what became of the records; `decisions` are those that hold now.
    ///
    /// # Errors
    /// Why all has to be learnt anew.
    pub(in super::super) fn follow(
        self,
        table: &Table,
        decisions: &Decisions,
        settings: &Settings,
        rules: &cluster::Settings,
    ) -> Result<Followed, String> {
        if self.settled != Settled::of(settings) {
            return Err("it was made with other settings".into());
        }
        if !self.fit.known.columns().eq(table.columns.iter().map(|column| column.name.as_str())) {
            return Err("the columns are others".into());
        }
        let hashes = changes::hashes(table, settings.threads);
        let changes = Changes::of(&self.ids, &self.hashes, table, &hashes);
        let others_since = self.others_since + changes.fresh.len().max(changes.gone.len());
        if others_since as f64 > OTHERS_MAX * self.learnt_from as f64 {
            return Err(format!("{others_since} of {} records are others since", self.learnt_from));
        }
        if !self.is_read_as_before(table, &changes, settings.threads) {
            return Err("the records are read otherwise".into());
        }
        let follow = Follow { fresh: changes.fresh.len(), gone: changes.gone.len() };
        let (past, pairs) = Following { table, settings, rules, decisions, changes }.follow(self, hashes);
        Ok(Followed { past: Self { others_since, ..past }, follow, pairs })
    }

    /// Whether some of the records that have not changed are read as they were: the program may have learnt to read better.
    fn is_read_as_before(&self, table: &Table, changes: &Changes, threads: usize) -> bool {
        let now = |&(record, reading): &(u32, u64)| Some((changes.after[record as usize]?, reading));
        let (records, readings): (Vec<u32>, Vec<u64>) = self.probe.iter().filter_map(now).unzip();
        let prepared = Prepared::with(&self.fit.known, &table.select(&records), threads);
        (0..).zip(readings).all(|(record, reading)| prepared.reading(record) == reading)
    }

    /// Per rule: the keys of some records.
    fn keys_of(&self, table: &Table, records: &[u32], threads: usize) -> Vec<Vec<u64>> {
        let prepared = Prepared::with(&self.fit.known, &table.select(records), threads);
        Candidates::keyed(&prepared, threads, &self.fit.keying).rule_keys()
    }
}

struct Following<'a> {
    table: &'a Table,
    settings: &'a Settings,
    rules: &'a cluster::Settings,
    decisions: &'a Decisions,
    changes: Changes,
}

impl Following<'_> {
    /// What is known now, and how many pairs were compared.
    fn follow(&self, past: Past, hashes: Vec<u64>) -> (Past, u64) {
        let keys = self.keys(&past);
        let reached = self.reach(&past, &keys);
        let large: Vec<Vec<u64>> = reached.iter().map(|reach| reach.large.clone()).collect();
        let mut touched = vec![false; self.table.records()];
        self.changes.fresh.iter().for_each(|&record| touched[record as usize] = true);
        let mut edges = self.kept(&past, &keys, &reached, &mut touched);
        let pairs = self.pairs(&past, reached);
        let found = self.weigh(&past, &pairs);
        found.iter().flat_map(|edge| [edge.left, edge.right]).for_each(|record| touched[record as usize] = true);
        edges.extend(found);
        edges.sort_by_key(|edge| (edge.left, edge.right));
        edges.dedup_by_key(|edge| (edge.left, edge.right));
        self.decided_otherwise(&past, &mut touched);
        let customers = self.customers(&past, &edges, &touched);
        let records: Vec<u32> = some(self.table.records()).collect();
        let read = Prepared::with(&past.fit.known, &self.table.select(&records), self.settings.threads);
        let probe = records.iter().zip(0..).map(|(&record, at)| (record, read.reading(at))).collect();
        let (ids, hashes, decisions) = (ids(self.table), hashes.into(), self.decisions.clone());
        let past = Past { ids, hashes, keys, large, edges, customers, decisions, probe, ..past };
        (past, pairs.len() as u64)
    }

    /// Per rule: the keys of all records, of which most are known.
    fn keys(&self, past: &Past) -> Vec<ScalarBuffer<u64>> {
        let own = past.keys_of(self.table, &self.changes.fresh, self.settings.threads);
        let merged = |at: usize| {
            let mut own = own[at].iter();
            let key = |before: &Option<u32>| match before {
                Some(before) => past.keys[at][*before as usize],
                None => own.next().copied().unwrap_or_default(),
            };
            ScalarBuffer::from(self.changes.before.iter().map(key).collect::<Vec<u64>>())
        };
        parallel::map(self.settings.threads, own.len(), 1, |range| merged(range.start))
    }

    fn reach(&self, past: &Past, keys: &[ScalarBuffer<u64>]) -> Vec<Reach> {
        let is_fresh: Vec<bool> = self.changes.before.iter().map(Option::is_none).collect();
        parallel::map(self.settings.threads, keys.len(), 1, |range| {
            let at = range.start;
            let gone: Vec<u64> = self.changes.gone.iter().map(|&record| past.keys[at][record as usize]).collect();
            Reach::of(&keys[at], &is_fresh, &gone, &past.large[at])
        })
    }

    /// The edges of before between records that are as they were; who loses one is touched.
    fn kept(&self, past: &Past, keys: &[ScalarBuffer<u64>], reached: &[Reach], touched: &mut [bool]) -> Vec<Edge> {
        let mut closed = vec![false; self.table.records()];
        reached.iter().flat_map(|reach| &reach.closed).for_each(|&record| closed[record as usize] = true);
        let meet = |left: u32, right: u32| {
            keys.iter().zip(reached).any(|(keys, reach)| {
                let key = keys[left as usize];
                key != 0 && key == keys[right as usize] && reach.large.binary_search(&key).is_err()
            })
        };
        let after = &self.changes.after;
        let mut kept = Vec::with_capacity(past.edges.len());
        for edge in &past.edges {
            let ends = [after[edge.left as usize], after[edge.right as usize]];
            if let [Some(left), Some(right)] = ends
                && (!closed[left as usize] || !closed[right as usize] || meet(left, right))
            {
                kept.push(Edge { left, right, ..*edge });
            } else {
                ends.into_iter().flatten().for_each(|record| touched[record as usize] = true);
            }
        }
        kept
    }

    /// The pairs that have to be compared, each once.
    fn pairs(&self, past: &Past, reached: Vec<Reach>) -> Vec<(u32, u32)> {
        let mut pairs: Vec<(u32, u32)> = reached.into_iter().flat_map(|reach| reach.pairs).collect();
        if past.fit.keying.all {
            let others = 0..self.table.records() as u32;
            let with_all =
                |&record: &u32| others.clone().filter(move |&other| other != record).map(move |other| (record, other));
            pairs.extend(self.changes.fresh.iter().flat_map(with_all));
        }
        for pair in &mut pairs {
            *pair = (pair.0.min(pair.1), pair.0.max(pair.1));
        }
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    /// The pairs that are likely enough.
    fn weigh(&self, past: &Past, pairs: &[(u32, u32)]) -> Vec<Edge> {
        let threads = self.settings.threads;
        let (some, place) = self.numbered(pairs.iter().flat_map(|&(left, right)| [left, right]));
        let prepared = Prepared::with(&past.fit.known, &self.table.select(&some), threads);
        let scorer = Scorer::new(&prepared, &past.fit.model, self.rules.threshold);
        let found = parallel::map(threads, pairs.len(), 4096, |range| {
            let weighed = |&(left, right): &(u32, u32)| {
                let weight = scorer.weight_above(place[left as usize], place[right as usize])?;
                Some(Edge { left, right, weight })
            };
            pairs[range].iter().filter_map(weighed).collect::<Vec<_>>()
        });
        found.concat()
    }

    /// Records, each once and sorted, and per record of all its place among them.
    fn numbered(&self, records: impl Iterator<Item = u32>) -> (Vec<u32>, Vec<u32>) {
        let mut place = vec![u32::MAX; self.table.records()];
        records.for_each(|record| place[record as usize] = 0);
        let some: Vec<u32> = (0..place.len() as u32).filter(|&record| place[record as usize] == 0).collect();
        some.iter().zip(0..).for_each(|(&record, at)| place[record as usize] = at);
        (some, place)
    }

    /// Touches the records about which people decide otherwise than before.
    fn decided_otherwise(&self, past: &Past, touched: &mut [bool]) {
        let (before, now) = (&past.decisions, self.decisions);
        let pairs = |decisions: &Decisions| [decisions.together.clone(), decisions.apart.iter().copied().collect()];
        for (before, mut now) in pairs(before).into_iter().zip(pairs(now)) {
            let after = |record: u32| self.changes.after[record as usize];
            let before = before.into_iter().map(|(left, right)| [after(left), after(right)]);
            let (mut same, mut others) = (Vec::new(), Vec::new());
            for ends in before {
                match ends {
                    [Some(left), Some(right)] => same.push((left, right)),
                    ends => others.extend(ends.into_iter().flatten()),
                }
            }
            same.sort_unstable();
            now.sort_unstable();
            let is_other = |pair: &&(u32, u32)| same.binary_search(pair).is_err() || now.binary_search(pair).is_err();
            others.extend(same.iter().chain(&now).filter(is_other).flat_map(|&(left, right)| [left, right]));
            for record in others {
                touched[record as usize] = true;
            }
        }
    }

    /// The customers, of which those stay as they were that hang together with nothing that was touched.
    fn customers(&self, past: &Past, edges: &[Edge], touched: &[bool]) -> Customers {
        let records = self.table.records();
        let mut sets = UnionFind::new(records);
        let pairs = edges.iter().map(|edge| (edge.left, edge.right)).chain(self.decisions.together.iter().copied());
        for (left, right) in pairs {
            sets.join(left, right);
        }
        let mut reached = vec![false; records];
        for record in (0..records as u32).filter(|&record| touched[record as usize]) {
            reached[sets.find(record) as usize] = true;
        }
        let again = (0..records as u32).filter(|&record| reached[sets.find(record) as usize]);
        let (again, place) = self.numbered(again);
        let is_again = |record: u32| place[record as usize] != u32::MAX;
        let inner = edges.iter().filter(|edge| is_again(edge.left)).map(|edge| Edge {
            left: place[edge.left as usize],
            right: place[edge.right as usize],
            ..*edge
        });
        let inner: Vec<Edge> = inner.collect();
        let some = self.table.select(&again);
        let prepared = Prepared::with(&past.fit.known, &some, self.settings.threads);
        let decisions = self.decisions.among(&again);
        let constraints = Constraints::new(&prepared, &past.fit.certain, decisions, some.sources.as_ref());
        let weight = |left, right| score::weight(&prepared, &past.fit.model, left, right);
        let own = Customers::of(again.len(), &inner, self.rules, &constraints, &weight);
        let mut customers = Customers::default();
        for (record, before) in self.changes.before.iter().enumerate() {
            let (of, at) = match (place[record], before) {
                (u32::MAX, Some(before)) => (&past.customers, *before as usize),
                (at, _) => (&own, at as usize),
            };
            customers.strongest.push(of.strongest[at]);
            customers.right.push(of.right[at]);
            let cluster = of.cluster_of[at];
            customers.cluster_of.push(if place[record] == u32::MAX {
                self.changes.after[cluster as usize].unwrap_or(record as u32)
            } else {
                again[cluster as usize]
            });
        }
        customers
    }
}
