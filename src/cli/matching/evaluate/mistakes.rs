//! Links that should not be, and those that should.

use serde::Serialize;

use super::super::super::context::Context;
use super::super::super::lookup::{Lookup, Row, text_of};
use crate::error::Result;
use crate::identity::linkage::Waterfall;
use crate::lake::Manifest;
use crate::pipeline;
use crate::progress::Unit;
use crate::project::Params;

/// Two records that are wrongly linked, or wrongly not.
#[derive(Debug, Serialize)]
pub(super) struct Mistake {
    #[serde(flatten)]
    pub(super) link: Row,
    /// With `--explain`: why they have the match weight that they have; none where one of them is not compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) waterfall: Option<Waterfall>,
}

impl Mistake {
    /// Its two records.
    pub(super) fn records(&self) -> [String; 2] {
        ["left_record", "right_record"].map(|side| text_of(&self.link, side).into_owned())
    }
}

/// Wrong links and missed ones, so many of each at most.
///
/// # Errors
/// What the lake says.
pub(super) async fn find(lookup: &Lookup<'_>, manifest: &Manifest, limit: usize) -> Result<[Vec<Mistake>; 2]> {
    let mut found = [Vec::new(), Vec::new()];
    // Older runs compare nothing.
    if !manifest.tables.contains_key("match.comparisons") {
        return Ok(found);
    }
    for (mistakes, query) in found.iter_mut().zip(["wrong_links", "missed_links"]) {
        let rows = lookup.rows(query, &Params::default()).await?;
        mistakes.extend(rows.into_iter().take(limit).map(|link| Mistake { link, waterfall: None }));
    }
    Ok(found)
}

/// Finds out why they have the match weights that they have, all by one look at the records.
///
/// # Errors
/// What the lake says.
pub(super) async fn explain(
    context: &Context,
    lookup: &Lookup<'_>,
    run: u64,
    mistakes: &mut [Vec<Mistake>; 2],
) -> Result<()> {
    const TASK: &str = "match weights";
    let records: Vec<[String; 2]> = mistakes.iter().flatten().map(Mistake::records).collect();
    let pairs: Vec<[&str; 2]> = records.iter().map(|[left, right]| [left.as_str(), right.as_str()]).collect();
    if pairs.is_empty() {
        return Ok(());
    }
    context.progress.begin(TASK, None, Unit::Rows);
    let waterfalls = pipeline::explain(lookup.session, &context.project.config.matching, run, &pairs).await;
    context.progress.finish(TASK, "learnt from all records");
    for (mistake, waterfall) in mistakes.iter_mut().flatten().zip(waterfalls?) {
        mistake.waterfall = waterfall;
    }
    Ok(())
}
