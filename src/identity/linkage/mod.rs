//! Probabilistic record linkage that needs neither labels nor settings: which records of any table are one person.
//!
//! ```text
//! table ──▶ kind, prepare   what each column holds; values cleaned and numbered, each distinct one once
//!       ──▶ candidates      pairs worth comparing, by several rules within a budget
//!       ──▶ levels, compare how far two records agree in each column
//!       ──▶ model           what each agreement weighs (Fellegi and Sunter, 1969), learnt without labels
//!       ──▶ score, cluster  weights of pairs, and groups in which they agree
//! ```
//!
//! The same records give the same clusters, in whatever order they arrive and on any number of threads.

mod candidates;
mod chance;
mod cluster;
pub mod compare;
mod constraints;
pub mod diagnose;
mod explain;
mod groups;
mod kind;
mod levels;
mod model;
mod prepare;
mod score;
mod table;
pub(crate) mod tier;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use datafusion::arrow::array::RecordBatch;

use super::CustomerId;
use crate::error::{Error, Kind, Result};
use crate::parallel;
use constraints::Constraints;
pub use constraints::Decided;
use diagnose::{Diagnostics, Linked};
pub use explain::{Step, Waterfall};
use prepare::Prepared;
use score::Scored;
use table::Table;

/// No pair of records speaks louder, in bits: a rare name in common does not outweigh three others that differ.
const WEIGHT_MAX: f32 = 10.0;

/// Records that agree in what makes candidates are all compared, unless there are more.
const BLOCK_MAX: usize = 1000;

/// Groups of more records are cut at a higher threshold before they are looked at as a whole.
const COMPONENT_MAX: usize = 400;

/// An expected precision below it is told.
const DOUBTFUL: f64 = 0.8;

/// What is to be settled before; all of it has a default.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Columns that say nothing of who somebody is.
    pub ignore: Vec<String>,
    /// How probable it must be that two records are one person, 0 to 1.
    pub threshold: f64,
    /// Threads to work on.
    pub threads: usize,
    /// Two records whose match weight is to be explained.
    pub explain: Option<[String; 2]>,
    /// Whether the linkage is to be looked at, which takes about as long again.
    pub diagnose: bool,
    /// Whether nobody is twice in a source. Where it is not said, sources that show it are taken so.
    pub one_per_source: bool,
    /// What people decided, which no evidence outvotes.
    pub decided: Vec<Decided>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            ignore: Vec::new(),
            threshold: THRESHOLD,
            threads: 1,
            explain: None,
            diagnose: false,
            one_per_source: false,
            decided: Vec::new(),
        }
    }
}

/// The default of [`Settings::threshold`]: a pair is judged together with all others of its group, whose evidence is
/// lost where doubtful pairs are left out from the beginning.
pub const THRESHOLD: f64 = 1.0 / 3.0;

/// Who is who.
#[derive(Debug, Clone, Default)]
pub struct Linkage {
    /// Per record, in the order of the input: its customer, named after the customer's smallest record id.
    pub customer_ids: Vec<CustomerId>,
    /// Per record: how probable its strongest link to another record of its customer is; 1 for a customer of one, and for
    /// a link that people decided.
    pub confidences: Vec<f64>,
    /// How many customers there are.
    pub customers: usize,
    /// How many customers have so many records, by that number.
    pub sizes: BTreeMap<usize, usize>,
    /// What each column was found to hold.
    pub kinds: Vec<(String, String)>,
    /// Pairs of records that were compared.
    pub pairs: u64,
    /// Of the pairs that are together, which part the model expects to be right; none if nothing is together.
    pub expected_precision: Option<f64>,
    /// Of the pairs that the model expects to be of one person, which part is together; none if there are none.
    pub expected_recall: Option<f64>,
    /// What the records show to be so without exception, and was taken for certain.
    pub rules: Vec<String>,
    /// What makes the answer doubtful.
    pub warnings: Vec<String>,
    /// Why two records have the match weight that they have; none if nobody asked.
    pub waterfall: Option<Waterfall>,
    /// What a person should see before trusting it; none if nobody asked, or nobody could be recognised.
    pub diagnostics: Option<Diagnostics>,
}

/// Finds out who is who among `records`: `record_id`, unique and not null, `source`, and any other columns.
///
/// # Errors
/// `Check` when a record has no id or two have the same, `Config` when a column cannot be read as text, `Usage` when a
/// record that is asked for or decided about is not there, or decisions contradict each other.
pub fn link(records: &RecordBatch, settings: &Settings) -> Result<Linkage> {
    let table = Table::read(records, "record_id", "source", &settings.ignore)
        .map_err(|error| Error::new(Kind::Config, "a column cannot be read as text").source(error))?;
    check(&table, settings.threads)?;
    let asked =
        settings.explain.as_ref().map(|pair| Ok([find(&table, &pair[0])?, find(&table, &pair[1])?])).transpose()?;
    let prepared = Prepared::new(&table, settings.threads);
    let mut constraints = Constraints::new(&table, &prepared, &settings.decided)?;
    let kinds = prepared.kinds.iter().map(|(name, kind)| (name.clone(), kind.name().to_owned())).collect();
    let threshold = bits(settings.threshold);
    let rules = cluster::Settings {
        threshold,
        weight_max: WEIGHT_MAX,
        component_max: COMPONENT_MAX,
        threads: settings.threads,
    };
    if !prepared.comparisons.iter().any(|comparison| comparison.kind.tells_people_apart()) {
        let warnings = vec!["no column says who somebody is, so that every record is a customer of its own".to_owned()];
        let nothing = |_, _| f32::NEG_INFINITY;
        let clusters = cluster::cluster(prepared.records, &[], &rules, &constraints, &nothing);
        let together =
            together(&clusters, settings.threads, &|left, right| decided(&constraints, left, right, nothing));
        let told = told(&table, &clusters, &together, 0.0);
        return Ok(Linkage { kinds, warnings, expected_precision: None, ..told });
    }
    let scored = score::score(&prepared, None, threshold, settings.threads, settings.diagnose);
    let weight = |left, right| score::weight(&prepared, &scored.model, left, right);
    // As many matches as the model counts among all candidates, and not only among those whose weights were kept.
    let matches = scored.fits.last().map_or(0.0, |fit| fit.matches);
    constraints.find_reliable(&scored.model, &scored.edges);
    if let Some(sources) = &table.sources {
        constraints.find_single(sources, &scored.edges, settings.one_per_source);
    }
    let clusters = cluster::cluster(prepared.records, &scored.edges, &rules, &constraints, &weight);
    let mut warnings = warnings(&prepared, &scored);
    let waterfall = asked.map(|[left, right]| explain::explain(&prepared, &scored.model, left, right));
    let together = together(&clusters, settings.threads, &|left, right| decided(&constraints, left, right, weight));
    let told = told(&table, &clusters, &together, matches);
    if let Some(precision) = told.expected_precision.filter(|precision| *precision < DOUBTFUL) {
        let percent = precision * 100.0;
        warnings.push(format!(
            "of the pairs that were put together the model expects only {percent:.0} % to be right: the columns say too \
             little of who somebody is, or the threshold is too low"
        ));
    }
    let diagnostics = scored.candidates.as_ref().map(|candidates| {
        let (table, prepared, scored, clusters) = (&table, &prepared, &scored, &clusters);
        diagnose::diagnose(&Linked { records, settings, table, prepared, scored, candidates, clusters, threshold })
    });
    let rules = constraints.rules;
    Ok(Linkage { kinds, pairs: scored.compared, rules, warnings, waterfall, diagnostics, ..told })
}

/// The record with this id.
fn find(table: &Table, id: &str) -> Result<u32> {
    table.find(id).ok_or_else(|| Error::new(Kind::Usage, format!("there is no record `{}`", id.escape_debug())))
}

/// Every record has an id of its own.
fn check(table: &Table, threads: usize) -> Result<()> {
    let hint = "`--id` names the column that tells records apart; without one, rows are numbered";
    let found = parallel::map(threads, table.records(), 65_536, |range| {
        let twice = range.clone().filter(|&record| record > 0 && table.id(record - 1) == table.id(record)).count();
        (range.into_iter().any(|record| table.id(record).is_empty()), twice)
    });
    if found.iter().any(|&(is_empty, _)| is_empty) {
        return Err(Error::new(Kind::Check, "a record has no id").hint(hint));
    }
    let twice: usize = found.iter().map(|&(_, twice)| twice).sum();
    if twice > 0 {
        return Err(Error::new(Kind::Check, format!("{twice} records have the id of another one")).hint(hint));
    }
    Ok(())
}

fn warnings(prepared: &Prepared, scored: &Scored) -> Vec<String> {
    let implausible = scored.fits.iter().filter_map(|fit| fit.implausible);
    let name = |comparison: usize| prepared.comparisons[comparison].name.clone();
    let left_out = scored.left_out.iter().map(|(comparisons, blocks)| {
        let columns: Vec<String> = comparisons.iter().map(|&comparison| format!("`{}`", name(comparison))).collect();
        format!(
            "groups of more than {BLOCK_MAX} records that agree in {} were not compared for that alone: {blocks}",
            columns.join(" and ")
        )
    });
    implausible
        .map(|comparison| {
            let name = name(comparison);
            if scored.model.left_out[comparison] {
                format!("`{name}` was left out: what is one person's by all other columns differs in it")
            } else {
                format!(
                    "too much of what passed for matches differs in `{name}`: the records do not say what one person's \
                     look like, and what is usual was taken instead"
                )
            }
        })
        .chain(left_out)
        .collect()
}

/// The weight of two records, which is beyond doubt if people decided that they are one person's.
fn decided(constraints: &Constraints<'_>, left: u32, right: u32, weight: impl Fn(u32, u32) -> f32) -> f32 {
    if constraints.decided_together(left, right) { f32::INFINITY } else { weight(left, right) }
}

/// All pairs of records of one cluster, with their weights.
fn together(clusters: &[u32], threads: usize, weight: &(impl Fn(u32, u32) -> f32 + Sync)) -> Vec<cluster::Edge> {
    let mut records: Vec<(u32, u32)> = clusters.iter().zip(0..).map(|(&cluster, record)| (cluster, record)).collect();
    records.sort_unstable();
    let groups: Vec<&[(u32, u32)]> =
        records.chunk_by(|one, other| one.0 == other.0).filter(|group| group.len() > 1).collect();
    let edges = parallel::map(threads, groups.len(), 256, |range| {
        let mut edges = Vec::new();
        for group in &groups[range] {
            for (at, &(_, left)) in group.iter().enumerate() {
                let rest = group[at + 1..].iter();
                edges.extend(rest.map(|&(_, right)| cluster::Edge { left, right, weight: weight(left, right) }));
            }
        }
        edges
    });
    edges.concat()
}

/// How probable it is that two records of this match weight are one person's.
pub fn probability(weight: f32) -> f64 {
    1.0 / (1.0 + f64::from(-weight).exp2())
}

/// The match weight of a probability.
fn bits(probability: f64) -> f32 {
    (probability / (1.0 - probability)).log2().clamp(-60.0, 60.0) as f32
}

/// The clusters under the ids of the input's rows, with what the model, which expects so many matches, thinks of them.
fn told(table: &Table, clusters: &[u32], together: &[cluster::Edge], matches: f64) -> Linkage {
    let mut strongest: Vec<Option<f32>> = vec![None; clusters.len()];
    // Sums in fixed point do not depend on their order.
    let fixed = |probability: f64| (probability * f64::from(1 << 20)) as u64;
    let mut right = 0_u64;
    for edge in together {
        right += fixed(probability(edge.weight));
        for record in [edge.left as usize, edge.right as usize] {
            strongest[record] = Some(strongest[record].map_or(edge.weight, |weight| weight.max(edge.weight)));
        }
    }
    let mut sizes = vec![0_u32; clusters.len()];
    let mut ids: Vec<Option<CustomerId>> = vec![None; clusters.len()];
    for (record, &cluster) in clusters.iter().enumerate() {
        sizes[cluster as usize] += 1;
        ids[cluster as usize].get_or_insert_with(|| CustomerId::of(table.id(record), 0));
    }
    let right_pairs = right as f64 / fixed(1.0) as f64;
    let mut told = Linkage {
        customer_ids: vec![CustomerId::of("", 0); clusters.len()],
        confidences: vec![1.0; clusters.len()],
        customers: sizes.iter().filter(|&&size| size > 0).count(),
        sizes: count(&sizes),
        expected_precision: (!together.is_empty()).then(|| right_pairs / together.len() as f64),
        expected_recall: (matches > 0.0).then(|| (right_pairs / matches).min(1.0)),
        ..Linkage::default()
    };
    for (record, &row) in table.order.iter().enumerate() {
        let cluster = clusters[record] as usize;
        told.customer_ids[row as usize] = ids[cluster].expect("every cluster has a first record");
        if sizes[cluster] > 1 {
            // What no pair by itself put there is worth what all of its group had to be.
            told.confidences[row as usize] = strongest[record].map_or(THRESHOLD, probability);
        }
    }
    told
}

/// How often each size but 0 occurs.
fn count(sizes: &[u32]) -> BTreeMap<usize, usize> {
    let mut counts = BTreeMap::new();
    for &size in sizes.iter().filter(|&&size| size > 0) {
        *counts.entry(size as usize).or_default() += 1;
    }
    counts
}
