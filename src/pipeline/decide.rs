//! Whether a stage must be computed, and why: its fingerprint against the one of the run before.

use std::collections::BTreeSet;

use serde::Serialize;

use super::contract::Contract;
use super::stage::{Stage, Work};
use crate::error::Result;
use crate::lake::{Fingerprint, Manifest, TableName};
use crate::project::Params;

/// What happens to a stage in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "action", content = "because")]
pub enum Decision {
    /// It is computed, for these reasons.
    Compute(Vec<String>),
    /// Nothing that it depends on has changed: its files are carried over.
    Carry,
    /// It was not selected: its files are carried over as they are.
    Skip,
}

/// What the stage depends on, given the tables of the draft.
///
/// The version of Onefold is part of it: another version may compute another answer.
pub(super) fn fingerprint(
    stage: &Stage,
    contract: &Contract,
    params: &Params,
    draft: &Manifest,
) -> Result<Fingerprint> {
    let mut fingerprint = Fingerprint::new();
    let mut add = |aspect: &str, value: String| fingerprint.insert(aspect.to_owned(), value);
    add("version", env!("CARGO_PKG_VERSION").to_owned());
    match &stage.work {
        Work::Sql(parts) => {
            let mut hasher = blake3::Hasher::new();
            for part in parts {
                hasher.update(part.path.as_bytes()).update(b"\0").update(part.text.as_bytes()).update(b"\0");
            }
            add("sql", hasher.finalize().to_hex()[..16].to_owned());
        }
        Work::Identity(_) | Work::Commands(_) | Work::Check(_) => {}
    }
    if let Some(hash) = contract.hash(&stage.name) {
        add("contract", hash[..16].to_owned());
    }
    for name in &stage.params {
        add(&format!("${name}"), params.require(name, &stage.name.to_string())?.to_string());
    }
    for input in &stage.inputs {
        let hash = draft.table(input).map(|table| table.content_hash()[..16].to_owned());
        add(&input.to_string(), hash.unwrap_or_else(|| "none".to_owned()));
    }
    Ok(fingerprint)
}

/// Compares a stage with what the draft, before the stage is computed, still holds of it. `moving` are the tables that
/// will be computed before it but have not been: only a plan has such.
pub(super) fn decide(stage: &Stage, now: &Fingerprint, draft: &Manifest, moving: &BTreeSet<TableName>) -> Decision {
    let Some(before) =
        draft.table(&stage.name).filter(|_| stage.outputs().iter().all(|name| draft.table(name).is_some()))
    else {
        return Decision::Compute(vec!["it does not exist yet".into()]);
    };
    if matches!(stage.work, Work::Commands(_)) {
        return Decision::Carry;
    }
    let then = &before.fingerprint;
    let mut reasons: Vec<String> = Vec::new();
    for aspect in now.keys().chain(then.keys()).collect::<BTreeSet<_>>() {
        let moves = stage.inputs.iter().any(|input| &input.to_string() == aspect && moving.contains(input));
        if now.get(aspect) != then.get(aspect) || moves {
            reasons.push(reason(aspect, then.get(aspect), now.get(aspect), moves));
        }
    }
    if reasons.is_empty() { Decision::Carry } else { Decision::Compute(reasons) }
}

fn reason(aspect: &str, then: Option<&String>, now: Option<&String>, moves: bool) -> String {
    match (aspect, then, now) {
        ("version", Some(then), Some(now)) => format!("Onefold went from {then} to {now}"),
        ("sql", ..) => "its SQL changed".into(),
        ("contract", ..) => "its contract changed".into(),
        (name, Some(then), Some(now)) if name.starts_with('$') => format!("{name} went from {then} to {now}"),
        (name, None, Some(_)) => format!("it depends on {name}, which it did not"),
        (name, Some(_), None) => format!("it no longer depends on {name}"),
        (name, ..) if moves => format!("{name} will be computed"),
        (name, ..) => format!("{name} changed"),
    }
}
