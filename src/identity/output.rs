//! The tables that a resolution gives. Strings are shared between columns wherever they can be.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, RecordBatch};
use datafusion::arrow::array::{StringViewArray, StringViewBuilder, UInt32Array};
use datafusion::arrow::compute::take;
use datafusion::arrow::datatypes::{Field, Schema};

use super::block::Notice;
use super::cluster::{Edge, Partition, Refusal};
use super::customer_id::CustomerId;
use super::history::History;
use super::kinds::{KindIndex, Kinds};
use super::linkage::diagnose::{Comparison, Level, State};
use super::linkage::probability;
use super::records::Records;
use super::scored::{Doubt, Scored};
use super::stable_id::Customers;

/// Who is who, and why. Each table is one batch, the same for the same input: sorted by its ids in the order of columns,
/// and where kinds of evidence come into it, strongest first.
#[derive(Debug, Clone)]
pub struct Resolution {
    /// One row per record: `record_id VARCHAR`, `customer_id VARCHAR`, `confidence DOUBLE` (0 to 1: how sure all that the
    /// record shares with others of the customer makes us, or its strongest link if that says more; of a customer of one
    /// record, that it is no other's, as far as that is in doubt), `reason VARCHAR` (the kind of the strongest link,
    /// `override`, or `single`), `since BIGINT` (the run that created the customer id), `former_customer_ids VARCHAR`
    /// (whose it once was, the last first, apart by spaces; null: nobody else's).
    pub identities: RecordBatch,
    /// One row per link that was followed: `left_record VARCHAR`, `right_record VARCHAR`, `kind VARCHAR`, `weight DOUBLE`.
    /// A spanning forest: the links of a customer of n records are n − 1.
    pub edges: RecordBatch,
    /// One row per link that was not followed: `left_record VARCHAR`, `right_record VARCHAR`, `kind VARCHAR`,
    /// `veto VARCHAR` (the column in which people differ, or `unlink`). Of several links between two groups of records,
    /// one is named.
    pub refusals: RecordBatch,
    /// What happened since the previous run: `customer_id VARCHAR`, `other_customer_id VARCHAR`, `event VARCHAR`,
    /// `records BIGINT` (how many were concerned). Events: `created`, a customer of new records only; `merged`, the other
    /// customer became part of this one and its id leads here; `split`, records of the other customer, who goes on,
    /// became this new one; `moved`, records came over from the other customer; `retired`, none of its records is left.
    pub history: RecordBatch,
    /// Ids that nobody bears any more, from all runs: `old_customer_id VARCHAR`, `customer_id VARCHAR` (null: nobody).
    pub aliases: RecordBatch,
    /// One row per value that was not simply used: `kind VARCHAR`, `value_hash VARCHAR`, `records BIGINT`,
    /// `action VARCHAR` (`generic`, `too_large`: skipped; `contested`: different people share it).
    pub block_report: RecordBatch,
    /// One row per two customers who may be one: `left_record VARCHAR`, `right_record VARCHAR` (the two records that are
    /// most alike), `weight DOUBLE` (mean match weight of their records, in bits), `probability DOUBLE`.
    pub reviews: RecordBatch,
    /// What each agreement weighs, one row per comparison and level: `comparison VARCHAR`, `holds VARCHAR` (what kind of
    /// value), `depends_on VARCHAR` and `depends_on_agrees BOOLEAN` (another comparison, on whose agreement this depends;
    /// null if on none), `level VARCHAR`, `m DOUBLE` (how probable it is for two records of one person), `u DOUBLE` (and of
    /// two people), `weight DOUBLE` (bits that it adds).
    pub model: RecordBatch,
    /// One row: `records BIGINT` (that differ), `pairs BIGINT` (that were compared), `prior DOUBLE` (how probable it is that
    /// any two records are one person), `matches DOUBLE` (pairs of one person that the model counts among those that teach
    /// it), `links BIGINT` (that were followed), `reviews BIGINT`, `warnings VARCHAR` (what makes the model doubtful; null
    /// if nothing does).
    pub fit: RecordBatch,
}

/// All that is known at the end.
pub(super) struct Results {
    pub(super) records: Records,
    pub(super) kinds: Kinds,
    pub(super) partition: Partition,
    pub(super) customers: Customers,
    pub(super) history: History,
    pub(super) notices: Vec<Notice>,
    pub(super) scored: Scored,
}

/// Makes the tables.
pub(super) fn tables(results: &Results, vetoes: &[String]) -> Resolution {
    let ids = results.records.column();
    let edges = &results.partition.edges;
    let refusals = &results.partition.refusals;
    Resolution {
        identities: identities(results, &ids),
        edges: batch([
            column("left_record", pick(&ids, edges.iter().map(|edge| edge.left))),
            column("right_record", pick(&ids, edges.iter().map(|edge| edge.right))),
            column("kind", kinds(&results.kinds, edges.iter().map(|edge| edge.kind))),
            column("weight", Float64Array::from_iter_values(edges.iter().map(|edge| edge.weight))),
        ]),
        refusals: batch([
            column("left_record", pick(&ids, refusals.iter().map(|refusal| refusal.left))),
            column("right_record", pick(&ids, refusals.iter().map(|refusal| refusal.right))),
            column("kind", kinds(&results.kinds, refusals.iter().map(|refusal| refusal.kind))),
            column("veto", obstacles(refusals, vetoes)),
        ]),
        history: history(&results.history),
        aliases: batch([
            column("old_customer_id", customer_ids(results.history.aliases.keys().map(|&id| Some(id)))),
            optional("customer_id", customer_ids(results.history.aliases.values().copied())),
        ]),
        block_report: block_report(&results.notices, &results.kinds),
        reviews: reviews(&results.scored.doubtful, &ids),
        model: model(&results.scored.weights),
        fit: fit(&results.scored),
    }
}

fn reviews(doubtful: &[Doubt], ids: &StringViewArray) -> RecordBatch {
    let weights = || doubtful.iter().map(|doubt| doubt.weight);
    batch([
        column("left_record", pick(ids, doubtful.iter().map(|doubt| doubt.left))),
        column("right_record", pick(ids, doubtful.iter().map(|doubt| doubt.right))),
        column("weight", Float64Array::from_iter_values(weights())),
        column("probability", Float64Array::from_iter_values(weights().map(|weight| probability(weight as f32)))),
    ])
}

/// One row per comparison, state of what it depends on, and level.
fn model(comparisons: &[Comparison]) -> RecordBatch {
    let states = comparisons.iter().flat_map(|one| one.states.iter().map(move |state| (one, state)));
    let rows: Vec<(&Comparison, &State, &Level)> =
        states.flat_map(|(one, state)| state.levels.iter().map(move |level| (one, state, level))).collect();
    let given = || rows.iter().map(|(_, state, _)| state.given.as_ref());
    let number =
        |value: fn(&Level) -> f64| Float64Array::from_iter_values(rows.iter().map(|&(_, _, level)| value(level)));
    batch([
        column("comparison", strings(rows.iter().map(|(one, ..)| one.name.as_str()))),
        column("holds", strings(rows.iter().map(|(one, ..)| one.kind))),
        optional("depends_on", given().map(|given| given.map(|given| given.0.as_str())).collect::<StringViewArray>()),
        optional("depends_on_agrees", given().map(|given| given.map(|given| given.1)).collect::<BooleanArray>()),
        column("level", strings(rows.iter().map(|(.., level)| level.name))),
        column("m", number(|level| level.m)),
        column("u", number(|level| level.u)),
        column("weight", number(|level| f64::from(level.weight))),
    ])
}

fn fit(scored: &Scored) -> RecordBatch {
    let fit = &scored.fit;
    let count = |count: i64| Int64Array::from(vec![count]);
    let warnings = (!fit.warnings.is_empty()).then(|| fit.warnings.join("; "));
    batch([
        column("records", count(fit.records)),
        column("pairs", count(fit.pairs)),
        column("prior", Float64Array::from(vec![fit.prior])),
        column("matches", Float64Array::from(vec![fit.matches])),
        column("links", count(fit.links)),
        column("reviews", count(scored.doubtful.len() as i64)),
        optional("warnings", StringViewArray::from(vec![warnings.as_deref()])),
    ])
}

fn identities(results: &Results, ids: &StringViewArray) -> RecordBatch {
    let (clusters, customers) = (&results.partition.cluster_of, &results.customers);
    let strongest = strongest_links(&results.partition);
    let single = results.kinds.names.len() as u16;
    let reasons = strings(results.kinds.names.iter().map(String::as_str).chain(["single"]));
    let bearers = customer_ids(customers.ids.iter().map(|&id| Some(id)));
    let link = |record: usize| strongest[record].map(|at| &results.partition.edges[at as usize]);
    let rows = 0..clusters.len();
    let doubts = doubts(results);
    let confidence = |record: usize| match link(record) {
        Some(edge) => edge.weight.max(results.kinds.confidence(results.partition.evidence[record])),
        None => 1.0 - doubts[clusters[record] as usize],
    };
    batch([
        column("record_id", ids.clone()),
        column("customer_id", pick(&bearers, clusters.iter().copied())),
        column("confidence", Float64Array::from_iter_values(rows.clone().map(confidence))),
        column("reason", pick(&reasons, rows.map(|row| u32::from(link(row).map_or(single, |edge| edge.kind))))),
        column(
            "since",
            Int64Array::from_iter_values(clusters.iter().map(|&cluster| customers.since[cluster as usize])),
        ),
        optional("former_customer_ids", former_ids(customers, clusters.len())),
    ])
}

/// Per record: the ids of the customers whose it once was, the last first.
fn former_ids(customers: &Customers, records: usize) -> StringViewArray {
    let of = |record: usize| {
        let ids = customers.former.get(&(record as u32))?;
        Some(ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
    };
    (0..records).map(of).collect()
}

/// Per cluster: how probable it is that it is another one's, as far as that is in doubt.
fn doubts(results: &Results) -> Vec<f64> {
    let mut doubts = vec![0.0_f64; results.customers.ids.len()];
    for doubt in &results.scored.doubtful {
        for record in [doubt.left, doubt.right] {
            let cluster = &mut doubts[results.partition.cluster_of[record as usize] as usize];
            *cluster = cluster.max(probability(doubt.weight as f32));
        }
    }
    doubts
}

/// Per record: the surest of its edges, the strongest kind among equals.
fn strongest_links(partition: &Partition) -> Vec<Option<u32>> {
    let mut strongest: Vec<Option<u32>> = vec![None; partition.cluster_of.len()];
    let stronger = |new: &Edge, old: &Edge| new.weight.total_cmp(&old.weight).then(old.kind.cmp(&new.kind)).is_gt();
    for (edge, at) in partition.edges.iter().zip(0..) {
        for record in [edge.left, edge.right] {
            let best = &mut strongest[record as usize];
            if best.is_none_or(|best| stronger(edge, &partition.edges[best as usize])) {
                *best = Some(at);
            }
        }
    }
    strongest
}

fn history(history: &History) -> RecordBatch {
    let entries = &history.entries;
    batch([
        column("customer_id", customer_ids(entries.iter().map(|entry| Some(entry.customer)))),
        optional("other_customer_id", customer_ids(entries.iter().map(|entry| entry.other))),
        column("event", strings(entries.iter().map(|entry| entry.event.name()))),
        column("records", Int64Array::from_iter_values(entries.iter().map(|entry| entry.records))),
    ])
}

fn block_report(notices: &[Notice], names: &Kinds) -> RecordBatch {
    batch([
        column("kind", kinds(names, notices.iter().map(|notice| notice.kind))),
        column("value_hash", strings(notices.iter().map(|notice| notice.value_hash.as_str()))),
        column("records", Int64Array::from_iter_values(notices.iter().map(|notice| notice.records))),
        column("action", strings(notices.iter().map(|notice| notice.action.name()))),
    ])
}

/// A column that is never null.
fn column(name: &str, array: impl Array + 'static) -> (Field, ArrayRef) {
    (Field::new(name, array.data_type().clone(), false), Arc::new(array))
}

/// A column that may be null.
fn optional(name: &str, array: impl Array + 'static) -> (Field, ArrayRef) {
    (Field::new(name, array.data_type().clone(), true), Arc::new(array))
}

fn batch(columns: impl IntoIterator<Item = (Field, ArrayRef)>) -> RecordBatch {
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = columns.into_iter().unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).expect("all columns of a table have its rows")
}

/// Takes strings by index; the strings are shared.
fn pick(strings: &StringViewArray, indices: impl Iterator<Item = u32>) -> StringViewArray {
    let picked =
        take(strings, &UInt32Array::from_iter_values(indices), None).expect("indices were made from the strings");
    picked.as_string_view().clone()
}

fn strings<'a>(values: impl IntoIterator<Item = &'a str>) -> StringViewArray {
    StringViewArray::from_iter_values(values)
}

fn kinds(kinds: &Kinds, indices: impl Iterator<Item = KindIndex>) -> StringViewArray {
    pick(&strings(kinds.names.iter().map(String::as_str)), indices.map(u32::from))
}

fn obstacles(refusals: &[Refusal], vetoes: &[String]) -> StringViewArray {
    let names = strings(["unlink"].into_iter().chain(vetoes.iter().map(String::as_str)));
    pick(&names, refusals.iter().map(|refusal| u32::from(refusal.obstacle)))
}

fn customer_ids(ids: impl Iterator<Item = Option<CustomerId>>) -> StringViewArray {
    let mut builder = StringViewBuilder::with_capacity(ids.size_hint().0);
    for id in ids {
        builder.append_option(
            id.map(CustomerId::encode).as_ref().map(|text| std::str::from_utf8(text).expect("an id is ASCII")),
        );
    }
    builder.finish()
}
