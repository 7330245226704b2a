//! Which stages a run computes: names, `*` in names, and `+` for what is before or behind, as in dbt.

use std::collections::BTreeSet;

use super::graph::Pipeline;
use super::stage::Stage;
use crate::error::{Error, Kind, Result, nearest};
use crate::lake::TableName;

/// The stages that `selectors` name; all of them if there are none.
///
/// A selector is `layer.table`, a layer, or a pattern such as `rfm.*`; `+x` adds all that `x` reads, `x+` all that reads
/// `x`, each all the way.
///
/// # Errors
/// `Usage` with the nearest name when a selector matches nothing.
pub(super) fn select(pipeline: &Pipeline, selectors: &[String]) -> Result<BTreeSet<TableName>> {
    if selectors.is_empty() {
        return Ok(pipeline.stages.iter().map(|stage| stage.name.clone()).collect());
    }
    let mut selected = BTreeSet::new();
    for selector in selectors {
        let (before, rest) = selector.strip_prefix('+').map_or((false, selector.as_str()), |rest| (true, rest));
        let (behind, pattern) = rest.strip_suffix('+').map_or((false, rest), |rest| (true, rest));
        let matched: Vec<&Stage> = pipeline.stages.iter().filter(|stage| matches(stage, pattern)).collect();
        if matched.is_empty() {
            let error = Error::new(Kind::Usage, format!("no stage is called `{pattern}`"));
            let names: Vec<String> = pipeline.tables().map(ToString::to_string).collect();
            return Err(match nearest(pattern, names.iter().map(String::as_str)) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint("`onefold plan` lists the stages"),
            });
        }
        for stage in matched {
            selected.insert(stage.name.clone());
            if before {
                walk(pipeline, stage, &mut selected, &|at, other| at.inputs.iter().any(|input| other.makes(input)));
            }
            if behind {
                walk(pipeline, stage, &mut selected, &|at, other| other.inputs.iter().any(|input| at.makes(input)));
            }
        }
    }
    Ok(selected)
}

fn matches(stage: &Stage, pattern: &str) -> bool {
    let glob = glob::Pattern::new(pattern).ok();
    stage
        .outputs()
        .iter()
        .any(|name| name.schema == pattern || glob.as_ref().is_some_and(|glob| glob.matches(&name.to_string())))
}

fn walk(
    pipeline: &Pipeline,
    from: &Stage,
    selected: &mut BTreeSet<TableName>,
    next_to: &dyn Fn(&Stage, &Stage) -> bool,
) {
    let mut open = vec![from];
    let mut seen = BTreeSet::from([&from.name]);
    while let Some(at) = open.pop() {
        for other in pipeline.stages.iter().filter(|other| next_to(at, other)) {
            if seen.insert(&other.name) {
                selected.insert(other.name.clone());
                open.push(other);
            }
        }
    }
}
