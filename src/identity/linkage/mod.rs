//! Probabilistic record linkage that needs neither labels nor settings: which records of any table are one person.
//!
//! ```text
//! table ──▶ apart, kind     what each column holds; whole contacts and addresses are taken apart
//!       ──▶ prepare         values cleaned and numbered, each distinct one once; how common they are
//!       ──▶ candidates      pairs worth comparing, by several rules within a budget
//!       ──▶ levels, compare how far two records agree in each column
//!       ──▶ model           what each agreement weighs (Fellegi and Sunter, 1969), learnt without labels
//!       ──▶ score, cluster  weights of pairs, and groups in which they agree
//!       ──▶ customers       the groups, and how sure they are
//! past  ──▶                 all that of before, so that only what changed is compared
//! ```
//!
//! The same records give the same clusters, in whatever order they arrive and on any number of threads.

mod apart;
mod candidates;
mod chance;
mod cluster;
pub mod compare;
mod constraints;
mod customers;
mod decisions;
pub mod diagnose;
mod explain;
mod groups;
mod kind;
mod levels;
mod model;
mod past;
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
use crate::progress::{Progress, Unit};
use constraints::{Certain, Constraints};
use customers::Customers;
pub use decisions::Decided;
use decisions::Decisions;
use diagnose::{Diagnostics, Linked};
pub use explain::{Step, Waterfall};
use past::Followed;
pub use past::Past;
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

/// What takes long, as it is told.
const READ_TASK: &str = "see what records say";
const CLUSTER_TASK: &str = "group likely pairs";

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
    /// Per record: how probable its strongest link to another record of its customer is, which is 1 for a link that people
    /// decided; of a customer of one record, how probable it is that the most alike record of another is not the same one's.
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
    /// What was compared of the records of before; none if all was learnt anew.
    pub followed: Option<Follow>,
    /// Why all was learnt anew, though something was known; none if nothing was, or it was not.
    pub anew: Option<String>,
}

/// What had to be compared, of records most of which were compared before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Follow {
    /// Records that are new or changed.
    pub fresh: usize,
    /// Records that are gone, or say something else.
    pub gone: usize,
}

/// Finds out who is who among `records`: `record_id`, unique and not null, `source`, and any other columns. `progress` hears
/// what takes long.
///
/// # Errors
/// `Check` when a record has no id or two have the same, `Config` when a column cannot be read as text, `Usage` when a
/// record that is asked for or decided about is not there, or decisions contradict each other.
pub fn link(records: &RecordBatch, settings: &Settings, progress: &dyn Progress) -> Result<Linkage> {
    Ok(Case::new(records, settings)?.learn(false, progress).0)
}

/// As [`link`], and gives what was learnt and compared, if anything was. Where that is known of before, only records that
/// are new or changed are compared, which gives the same customers as comparing all by the same fit; it is learnt anew where
/// it does not apply any more, or when [`Settings::diagnose`] asks to look at all pairs.
///
/// # Errors
/// As of [`link`].
pub fn link_again(
    records: &RecordBatch,
    settings: &Settings,
    past: Option<Past>,
    progress: &dyn Progress,
) -> Result<(Linkage, Option<Past>)> {
    let case = Case::new(records, settings)?;
    match past
        .filter(|_| !settings.diagnose)
        .map(|past| past.follow(&case.table, &case.decisions, settings, &case.rules))
    {
        Some(Ok(followed)) => Ok(case.told(followed)),
        Some(Err(anew)) => {
            let (linkage, past) = case.learn(true, progress);
            Ok((Linkage { anew: Some(anew), ..linkage }, past))
        }
        None => Ok(case.learn(true, progress)),
    }
}

/// Records to tell apart.
struct Case<'a> {
    records: &'a RecordBatch,
    settings: &'a Settings,
    table: Table,
    asked: Option<[u32; 2]>,
    decisions: Decisions,
    rules: cluster::Settings,
}

impl<'a> Case<'a> {
    fn new(records: &'a RecordBatch, settings: &'a Settings) -> Result<Self> {
        let mut table = Table::read(records, ["record_id", "source"], &settings.ignore, settings.threads)
            .map_err(|error| Error::new(Kind::Config, "a column cannot be read as text").source(error))?;
        check(&table, settings.threads)?;
        table.take_apart(settings.threads);
        let find = |pair: &[String; 2]| Ok([find(&table, &pair[0])?, find(&table, &pair[1])?]);
        let asked = settings.explain.as_ref().map(find).transpose()?;
        let decisions = Decisions::read(&table, &settings.decided)?;
        let rules = cluster::Settings {
            threshold: bits(settings.threshold),
            weight_max: WEIGHT_MAX,
            component_max: COMPONENT_MAX,
            threads: settings.threads,
        };
        Ok(Self { records, settings, table, asked, decisions, rules })
    }

    /// Learns from all records, and compares them; gives what is to be kept, if it `keeps` it.
    fn learn(self, keeps: bool, progress: &dyn Progress) -> (Linkage, Option<Past>) {
        let Self { records, settings, table, asked, decisions, rules } = self;
        let (table, threads, sources) = (&table, settings.threads, table.sources.as_ref());
        let rows = table.records() as u64;
        progress.begin(READ_TASK, None, Unit::Rows);
        progress.advance(READ_TASK, rows);
        let prepared = Prepared::new(table, threads);
        progress.finish(READ_TASK, &format!("{rows} records"));
        let kinds = prepared.plan.kinds();
        if !prepared.comparisons.iter().any(|comparison| comparison.kind.tells_people_apart()) {
            let warnings =
                vec!["no column says who somebody is, so that every record is a customer of its own".to_owned()];
            let certain = Certain::default();
            let constraints = Constraints::new(&prepared, &certain, decisions, sources);
            let nothing = |_, _| f32::NEG_INFINITY;
            let told = Customers::of(prepared.records, &[], &rules, &constraints, &nothing).told(table, None, threads);
            return (Linkage { kinds, warnings, expected_precision: None, ..told }, None);
        }
        let scored = score::score(&prepared, None, rules.threshold, threads, settings.diagnose || keeps, progress);
        // As many matches as the model counts among all candidates, and not only among those whose weights were kept.
        let matches = scored.fits.last().map_or(0.0, |fit| fit.matches);
        let certain = Certain::find(&prepared, &scored.model, &scored.edges, sources, settings.one_per_source);
        let constraints = Constraints::new(&prepared, &certain, decisions.clone(), sources);
        let weight = |left, right| score::weight(&prepared, &scored.model, left, right);
        progress.begin(CLUSTER_TASK, None, Unit::Pairs);
        progress.advance(CLUSTER_TASK, scored.edges.len() as u64);
        let customers = Customers::of(prepared.records, &scored.edges, &rules, &constraints, &weight);
        progress.finish(CLUSTER_TASK, &format!("{} likely pairs", scored.edges.len()));
        let told = customers.told(table, Some(matches), threads);
        let learnt = warnings(&prepared, &scored);
        let more = too_many(&prepared, &scored).chain(imprecise(&told));
        let warnings = learnt.iter().cloned().chain(more).collect();
        let clusters = &customers.cluster_of;
        let diagnostics = scored.candidates.as_ref().filter(|_| settings.diagnose).map(|candidates| {
            let (prepared, scored, threshold) = (&prepared, &scored, rules.threshold);
            diagnose::diagnose(&Linked { records, settings, table, prepared, scored, candidates, clusters, threshold })
        });
        let waterfall = asked.map(|[left, right]| explain::explain(&prepared, &scored.model, left, right));
        let (rules, pairs) = (certain.rules.clone(), scored.compared);
        let past = scored.candidates.as_ref().filter(|_| keeps).map(|candidates| {
            let parts = (certain.clone(), customers, decisions, learnt);
            Past::of(table, &prepared, &scored, candidates, parts, settings)
        });
        (Linkage { kinds, pairs, rules, warnings, waterfall, diagnostics, ..told }, past)
    }

    /// What came of following the records.
    fn told(self, followed: Followed) -> (Linkage, Option<Past>) {
        let Followed { past, follow, pairs } = followed;
        let told = past.customers.told(&self.table, None, self.settings.threads);
        let fit = &past.fit;
        let mut warnings = fit.warnings.clone();
        warnings.extend(imprecise(&told));
        let waterfall = self.asked.map(|[left, right]| {
            let some = self.table.select(&[left, right]);
            let prepared = Prepared::with(&fit.known, &some, self.settings.threads);
            explain::explain(&prepared, &fit.model, 0, 1)
        });
        let (kinds, rules) = (fit.known.plan.kinds(), fit.certain.rules.clone());
        let followed = Some(follow);
        (Linkage { kinds, pairs, rules, warnings, waterfall, followed, ..told }, Some(past))
    }
}

/// What makes the clusters doubtful, by what the model thinks of them.
fn imprecise(told: &Linkage) -> Option<String> {
    let precision = told.expected_precision.filter(|precision| *precision < DOUBTFUL)?;
    Some(format!(
        "of the pairs that were put together the model expects only {:.0} % to be right: the columns say too little of who \
         somebody is, or the threshold is too low",
        precision * 100.0
    ))
}

/// The record with this id.
fn find(table: &Table, id: &str) -> Result<u32> {
    table.find(id).ok_or_else(|| Error::new(Kind::Usage, format!("there is no record `{}`", id.escape_debug())))
}

/// Every record has an id of its own.
fn check(table: &Table, threads: usize) -> Result<()> {
    let hint = "`--id` names the column that tells records apart; without one, rows are numbered";
    let found = parallel::map(threads, table.records(), 65_536, |range| {
        let twice = range.clone().filter(|&record| record > 0 && table.id(record - 1) == table.id(record));
        (range.clone().any(|record| table.id(record).is_empty()), (twice.clone().count(), twice.min()))
    });
    if found.iter().any(|&(is_empty, _)| is_empty) {
        return Err(Error::new(Kind::Check, "a record has no id").hint(hint));
    }
    let twice: usize = found.iter().map(|&(_, (twice, _))| twice).sum();
    if let Some(first) = found.iter().find_map(|&(_, (_, first))| first) {
        let id = table.id(first).escape_debug();
        let further = if twice > 1 { format!(", and {} more have that of another", twice - 1) } else { String::new() };
        return Err(Error::new(Kind::Check, format!("two records have the id `{id}`{further}")).hint(hint));
    }
    Ok(())
}

fn warnings(prepared: &Prepared, scored: &Scored) -> Vec<String> {
    let name = |comparison: usize| prepared.comparisons[comparison].name.clone();
    let implausible: Vec<usize> = scored.fits.iter().filter_map(|fit| fit.implausible).collect();
    let without = implausible.iter().filter(|&&comparison| scored.model.left_out[comparison]).map(|&comparison| {
        let name = name(comparison);
        format!("`{name}` was left out: what is one person's by all other columns differs in it")
    });
    // The last fit was held by what the one before it showed.
    let before = scored.fits.len().checked_sub(2).and_then(|at| scored.fits[at].implausible);
    let usual = before.filter(|_| scored.model.held).map(|comparison| {
        let name = name(comparison);
        format!(
            "too much of what passed for matches differs in `{name}`: the records do not say what one person's look like, and \
             what is usual was taken instead"
        )
    });
    without.chain(usual).collect()
}

/// What was too much to compare.
fn too_many(prepared: &Prepared, scored: &Scored) -> impl Iterator<Item = String> {
    scored.left_out.iter().map(|(comparisons, blocks)| {
        let name = |&comparison: &usize| format!("`{}`", prepared.comparisons[comparison].name);
        let columns: Vec<String> = comparisons.iter().map(name).collect();
        format!(
            "groups of more than {BLOCK_MAX} records that agree in {} were not compared for that alone: {blocks}",
            columns.join(" and ")
        )
    })
}

/// How probable it is that two records of this match weight are one person's.
pub fn probability(weight: f32) -> f64 {
    1.0 / (1.0 + f64::from(-weight).exp2())
}

/// The match weight of a probability.
fn bits(probability: f64) -> f32 {
    (probability / (1.0 - probability)).log2().clamp(-60.0, 60.0) as f32
}
