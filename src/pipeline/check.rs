//! Checks: queries below `sql/check/` that must return no rows before a run may commit. One with the line
//! `-- severity: warn` only tells what it found.

use datafusion::arrow::util::pretty::pretty_format_batches;
use futures::StreamExt;

use super::stage::{Parsed, Stage, Work, tag};
use crate::engine::{Session, explain_without_sql};
use crate::error::{Error, Kind, Result};
use crate::project::{Params, SqlFile};

/// The folder of the checks, and what their names begin with.
pub(super) const SCHEMA: &str = "check";

/// How many rows of a failed check are shown.
const ROWS_SHOWN: usize = 5;

pub(super) fn stage(parsed: Parsed, file: SqlFile) -> Stage {
    let Parsed { name, inputs, params, key, summary } = parsed;
    Stage { name, work: Work::Check(file), inputs, params, key, summary }
}

/// Holds one check against the session's tables. A warning is given back.
///
/// # Errors
/// `Check` with the first rows when it returns any, `Config` when its severity is not one.
pub(super) async fn hold(session: &Session, check: &Stage, params: &Params) -> Result<Option<String>> {
    let Work::Check(file) = &check.work else { return Ok(None) };
    let here = |error: Error| error.with("file", format!("sql/{}", file.path));
    let only_warns = only_warns(file).map_err(here)?;
    let plan = session.plan(&file.text, params).await.map_err(here)?;
    let frame = session.frame(plan).limit(0, Some(ROWS_SHOWN)).map_err(|error| here(explain_without_sql(&error)))?;
    let mut stream = session.stream(session.physical_plan(frame.logical_plan()).await?).map_err(here)?;
    let mut rows = Vec::new();
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(|error| here(explain_without_sql(&error)))?;
        if batch.num_rows() > 0 {
            rows.push(batch);
        }
    }
    if rows.is_empty() {
        return Ok(None);
    }
    let shown = pretty_format_batches(&rows).map_err(|error| here(explain_without_sql(&error.into())))?;
    if only_warns {
        return Ok(Some(format!("the check `{}` found rows: {}\n{shown}", check.name.table, check.summary)));
    }
    Err(Error::new(Kind::Check, format!("the check `{}` failed: {}", check.name.table, check.summary))
        .with("file", format!("sql/{}", file.path))
        .detail(format!("the first rows that it found:\n{shown}"))
        .hint("nothing was committed; mend the data or the stages, or change the check"))
}

/// Whether the run goes on when the check finds something.
fn only_warns(file: &SqlFile) -> Result<bool> {
    match tag(&file.text, "severity:") {
        None => Ok(false),
        Some("warn") => Ok(true),
        Some(other) => Err(Error::new(Kind::Config, format!("`{}` is not a severity", other.escape_debug()))
            .hint("write `-- severity: warn`, or leave the line out: then the run stops")),
    }
}
