//! What is expected of a source: how fresh it is, and how much comes.

use jiff::Timestamp;
use serde::Serialize;

use super::database;
use super::delivery::{self, Delivery, USUAL};
use super::discover::{self, Found};
use super::rules;
use crate::error::{Error, Kind, Result};
use crate::lake::{Lake, Load, Manifest};
use crate::project::{Expect, Project, Source, Span};

/// Deliveries that it takes to know what is usual.
const USUAL_MIN: usize = 3;

/// An expectation of a source, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Expectation {
    /// `max_age`, `min_rows` or `max_change_percent`.
    pub expectation: &'static str,
    /// Whether it is met.
    pub met: bool,
    /// What was found, as a sentence.
    pub found: String,
}

/// How the source called `name` stands now, without landing anything: its newest file, or the newest row that landed of
/// a database, and its last delivery.
///
/// # Errors
/// As the lake says.
pub async fn expectations(project: &Project, name: &str, lake: &Lake, draft: &Manifest) -> Result<Vec<Expectation>> {
    let Some(source) = project.config.sources.get(name) else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    if source.url.is_some() {
        let loads = draft.loads.get(name).map_or(&[][..], Vec::as_slice);
        all.extend(newest_row(source, loads, begun(draft)?));
    } else if source.max_age.is_some() {
        match discover::files(&project.root, name, &source.path).await {
            Ok(found) => all.extend(freshness(source, &rules::counting(found, source.keep), begun(draft)?)),
            Err(error) => {
                let found = error.message().to_owned();
                all.push(Expectation { expectation: "max_age", met: false, found });
            }
        }
    }
    if source.min_rows.is_some() || source.max_change_percent.is_some() {
        let deliveries = delivery::history(lake, draft, name, source.keep).await?;
        all.extend(volume(source, &deliveries, deliveries.len().saturating_sub(1)));
    }
    Ok(all)
}

/// Holds what is expected of a source against the files `found`, of which a database has none, and the `loads` that
/// count after landing; `draft` is that of the run before they are entered.
///
/// # Errors
/// `Check` when something is not as expected and the source is to stop then.
pub(super) async fn hold(
    (name, source): (&str, &Source),
    found: &[Found],
    loads: &[Load],
    lake: &Lake,
    draft: &Manifest,
) -> Result<Vec<Expectation>> {
    let freshness = match &source.url {
        Some(_) => newest_row(source, loads, begun(draft)?),
        None => freshness(source, found, begun(draft)?),
    };
    let mut all: Vec<Expectation> = freshness.into_iter().collect();
    if source.min_rows.is_some() || source.max_change_percent.is_some() {
        let history = delivery::history(lake, draft, name, source.keep).await?;
        let (deliveries, known) = delivery::extend(history, loads, source.keep);
        all.extend(volume(source, &deliveries, known));
    }
    let unmet: Vec<&str> = all.iter().filter(|one| !one.met).map(|one| one.found.as_str()).collect();
    if unmet.is_empty() || source.expect == Expect::Warn {
        return Ok(all);
    }
    Err(Error::new(Kind::Check, "the source is not as expected")
        .with("source", name)
        .detail(unmet.iter().map(|found| format!("  {found}")).collect::<Vec<_>>().join("\n"))
        .hint(format!(
            "it stays as it was; mend the source, or change what `[sources.{name}]` expects: `expect = \"warn\"` only tells"
        )))
}

/// When the run began: the moment that ages are counted to.
fn begun(draft: &Manifest) -> Result<Timestamp> {
    let wrong = |error| Error::new(Kind::Internal, "the run does not say when it began").source(error);
    draft.started_at.parse().map_err(wrong)
}

fn freshness(source: &Source, found: &[Found], now: Timestamp) -> Option<Expectation> {
    let max_age = source.max_age.as_ref()?;
    let (modified, newest) = found.iter().filter_map(|file| Some((file.modified?, &file.name))).max()?;
    Some(fresh(&format!("the newest file, `{newest}`,"), modified, max_age, now))
}

/// How old the newest row is that has landed of a database, by its watermark.
fn newest_row(source: &Source, loads: &[Load], now: Timestamp) -> Option<Expectation> {
    let (max_age, column) = (source.max_age.as_ref()?, source.watermark.as_ref()?);
    let watermarks = loads.iter().filter_map(|load| load.watermark.as_ref());
    let Some(newest) = watermarks.filter_map(|watermark| database::time(&watermark.value)).max() else {
        let found = format!("no row has a time in `{column}`; `max_age` is {max_age}");
        return Some(Expectation { expectation: "max_age", met: false, found });
    };
    Some(fresh(&format!("the newest row, by `{column}`,"), newest, max_age, now))
}

/// Whether what is of the time `at` is no older than `max_age`. Nor may it be further ahead, which would hide for as long
/// that nothing comes any more.
fn fresh(what: &str, at: Timestamp, max_age: &Span, now: Timestamp) -> Expectation {
    let minutes = now.duration_since(at).as_mins();
    let (which, minutes) = (if minutes < 0 { "ahead of this run" } else { "old" }, minutes.unsigned_abs());
    let found = format!("{what} is {} {which}; `max_age` is {max_age}", age(minutes));
    Expectation { expectation: "max_age", met: minutes * 60 <= max_age.seconds(), found }
}

/// Minutes for people, as precise as makes a difference to them.
fn age(minutes: u64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}m"),
        (hours @ 1..100, minutes) => format!("{hours}h{minutes:02}m"),
        (hours, _) => format!("{}d{:02}h", hours / 24, hours % 24),
    }
}

/// How the deliveries from the one numbered `first` on stand: all that are not as expected, or else the last.
fn volume(source: &Source, deliveries: &[Delivery], first: usize) -> Vec<Expectation> {
    let judge = |rule: &dyn Fn(usize) -> Option<Expectation>| {
        let mut judged: Vec<_> = (first..deliveries.len()).filter_map(rule).collect();
        let last = judged.pop();
        judged.retain(|one| !one.met);
        if last.as_ref().is_some_and(|last| !last.met) || judged.is_empty() {
            judged.extend(last);
        }
        judged
    };
    let fewest = |at: usize| fewest(source, &deliveries[at]);
    let change = |at: usize| change(source, &deliveries[at.saturating_sub(USUAL)..at], &deliveries[at]);
    [judge(&fewest), judge(&change)].concat()
}

fn fewest(source: &Source, delivery: &Delivery) -> Option<Expectation> {
    let min_rows = source.min_rows?;
    let found = format!("{}; `min_rows` is {min_rows}", has(delivery));
    Some(Expectation { expectation: "min_rows", met: delivery.rows >= min_rows, found })
}

fn change(source: &Source, before: &[Delivery], delivery: &Delivery) -> Option<Expectation> {
    let max_percent = source.max_change_percent?;
    let usual = usual(before)?;
    let percent = (delivery.rows as f64 - usual) * 100.0 / usual;
    let direction = if percent < 0.0 { "fewer" } else { "more" };
    let found = format!(
        "{}, {:.0} % {direction} than the usual {usual:.0}; `max_change_percent` is {max_percent}",
        has(delivery),
        percent.abs()
    );
    Some(Expectation { expectation: "max_change_percent", met: percent.abs() <= max_percent, found })
}

fn has(delivery: &Delivery) -> String {
    match &delivery.file {
        Some(file) => format!("`{file}` has {} rows", delivery.rows),
        None => format!("the files have {} rows together", delivery.rows),
    }
}

/// The median of the rows of deliveries; none if there are too few to tell, or mostly empty ones.
fn usual(deliveries: &[Delivery]) -> Option<f64> {
    if deliveries.len() < USUAL_MIN {
        return None;
    }
    let mut rows: Vec<u64> = deliveries.iter().map(|delivery| delivery.rows).collect();
    rows.sort_unstable();
    let (low, high) = (rows[(rows.len() - 1) / 2], rows[rows.len() / 2]);
    (high > 0).then_some((low + high) as f64 / 2.0)
}
