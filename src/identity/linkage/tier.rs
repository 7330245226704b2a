//! Linkage as a further tier of matching: records that identifiers brought together are groups already, and what is
//! asked is which groups are one person nevertheless.

use datafusion::arrow::array::RecordBatch;

use super::cluster::Edge;
use super::diagnose::{self, Comparison};
use super::groups::{self, Proposals, Rules};
use super::kind::Kind as Of;
use super::levels::{ALIKE, COMPARISONS_MAX, DIFFERENT, Pattern, different_to};
use super::model::Model;
use super::prepare::{How, Prepared};
use super::table::Table;
use super::{COMPONENT_MAX, WEIGHT_MAX, Waterfall, bits, explain, score};
use crate::error::{Error, Kind, Result};
use crate::identity::dictionary::NONE;
use crate::progress::Silent;

/// Fewer matches than this teach nothing that is sure.
const LEARNT_MIN: f64 = 100.0;

/// A person's records seldom differ in given name or birth date: where more of them seem to, they are not one person's.
const DIFFERENT_MAX: f64 = 0.3;

/// More questions than these nobody answers.
const DOUBTFUL_MAX: usize = 10_000;

/// How to judge.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// How probable it must be that two groups are one person, 0 to 1.
    pub(crate) accept: f64,
    /// Less probable ones are doubtful down to this.
    pub(crate) doubt: f64,
    /// Threads to work on.
    pub(crate) threads: usize,
    /// Pairs of rows whose match weight is to be explained; none for a pair of which a record is not compared.
    pub(crate) explain: Vec<Option<[u32; 2]>>,
}

/// What was found. Pairs are rows of the input.
#[derive(Debug, Default)]
pub(crate) struct Tier {
    /// Groups that are one person, the surest first.
    pub(crate) links: Vec<Edge>,
    /// Groups that may be one person, the likeliest first.
    pub(crate) doubtful: Vec<Edge>,
    /// What each agreement weighs.
    pub(crate) weights: Vec<Comparison>,
    /// Pairs of records that were compared.
    pub(crate) pairs: u64,
    /// How probable it is that any two records are one person.
    pub(crate) prior: f64,
    /// Pairs of one person that the model counts among the candidates.
    pub(crate) matches: f64,
    /// What makes the answer doubtful.
    pub(crate) warnings: Vec<String>,
    /// Why the pairs that were asked for have the match weight that they have.
    pub(crate) waterfalls: Vec<Option<Waterfall>>,
}

/// Judges `records` (`record_id`, unique and in order, `source`, and any columns to compare) of which `group_of` says
/// which belong together already; `apart` says whether two groups must not meet.
///
/// # Errors
/// `Config` when a column cannot be read as text.
pub(crate) fn judge(
    records: RecordBatch,
    group_of: &[u32],
    apart: &mut dyn FnMut(u32, u32) -> bool,
    settings: &Settings,
) -> Result<Tier> {
    let table = Table::read(&records, ["record_id", "source"], &[], settings.threads)
        .map_err(|error| Error::new(Kind::Config, "a column cannot be read as text").source(error))?;
    drop(records);
    let prepared = Prepared::new(&table, settings.threads);
    if !prepared.comparisons.iter().any(|comparison| comparison.kind.tells_people_apart()) {
        let warning = "no column of `match.comparisons` says who somebody is: nothing was scored";
        return Ok(Tier { warnings: vec![warning.into()], ..Tier::default() });
    }
    // What the texts say is in `prepared`, each once.
    drop(table.columns);
    let order = table.order;
    let group_of: Vec<u32> = order.iter().map(|&row| group_of[row as usize]).collect();
    let rules = Rules {
        accept: bits(settings.accept),
        doubt: bits(settings.doubt),
        weight_max: WEIGHT_MAX,
        groups_max: COMPONENT_MAX,
    };
    let scored = score::score(&prepared, Some(&group_of), rules.doubt, settings.threads, false, &Silent);
    let filled = |record: u32| prepared.values(record).iter().filter(|&&value| value != NONE).count();
    let weigh = |left: u32, right: u32| score::weight(&prepared, &scored.model, left, right);
    let place = |row: u32| order.iter().position(|&at| at == row).map(|place| place as u32);
    let explain = |pair: &Option<[u32; 2]>| {
        let [one, other] = (*pair)?.map(place);
        Some(explain::explain(&prepared, &scored.model, one?, other?))
    };
    let waterfalls = settings.explain.iter().map(explain).collect();
    let mut found = groups::propose(&group_of, &scored.edges, &rules, &filled, apart, &weigh);
    // One home, one phone, one day of birth: twins. Whose given names differ is asked for, whatever else they share.
    let named_apart = |edge: &Edge| {
        let mut pattern: Pattern = [0; COMPARISONS_MAX];
        prepared.levels(edge.left, edge.right, &mut pattern);
        prepared.given.is_some_and(|given| {
            let names = [edge.left, edge.right].map(|record| prepared.values(record)[given] as usize);
            let known_in = names.map(|name| prepared.forms.given_in[name]);
            // John and Josh are no slip for each other.
            let are_two = pattern[given] == ALIKE && known_in[0] & known_in[1] != 0;
            are_two || (DIFFERENT..=different_to(How::Given)).contains(&pattern[given])
        })
    };
    let (asked, links): (Vec<Edge>, Vec<Edge>) = std::mem::take(&mut found.links).into_iter().partition(named_apart);
    found.links = links;
    found.doubtful = asked.into_iter().chain(found.doubtful).collect();
    let matches = scored.fits.last().map_or(0.0, |fit| fit.matches);
    let mut warnings = super::warnings(&prepared, &scored);
    warnings.extend(super::too_many(&prepared, &scored));
    let doubts = doubts(&prepared, &scored.model, matches);
    if scored.model.held || doubts.is_some() {
        // It is enough for a question, and not for an answer.
        found.doubtful = std::mem::take(&mut found.links).into_iter().chain(found.doubtful).collect();
        warnings.extend(doubts);
    }
    if found.doubtful.len() > DOUBTFUL_MAX {
        warnings.push(format!(
            "of {} pairs that are in doubt, the likeliest {DOUBTFUL_MAX} are kept",
            found.doubtful.len()
        ));
        found.doubtful.truncate(DOUBTFUL_MAX);
    }
    let Proposals { links, doubtful } = found;
    let back = |edges: Vec<Edge>| -> Vec<Edge> {
        let row = |record: u32| order[record as usize];
        edges.into_iter().map(|edge| Edge { left: row(edge.left), right: row(edge.right), ..edge }).collect()
    };
    Ok(Tier {
        links: back(links),
        doubtful: back(doubtful),
        weights: diagnose::comparisons(&prepared, &scored.model),
        pairs: scored.compared,
        prior: scored.model.prior,
        matches,
        warnings,
        waterfalls,
    })
}

/// Why the model cannot be trusted to answer, if it cannot.
fn doubts(prepared: &Prepared, model: &Model, matches: f64) -> Option<String> {
    let left_to_people = "what is alike is left to people";
    if matches < LEARNT_MIN {
        return Some(format!(
            "only {matches:.0} pairs of records seem to be of one person, too few to learn from: {left_to_people}"
        ));
    }
    let different = |at: usize| model.m[at][0][1..=model.different_to[at]].iter().sum::<f64>();
    let mut own = prepared.comparisons.iter().enumerate();
    let (at, comparison) = own.find(|&(at, comparison)| {
        matches!(comparison.kind, Of::Given | Of::BirthDate) && different(at) > DIFFERENT_MAX
    })?;
    Some(format!(
        "{:.0} % of what passes for one person would differ in `{}`: {left_to_people}",
        100.0 * different(at),
        comparison.name
    ))
}
