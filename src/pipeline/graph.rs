//! The graph of stages: dependencies come from the SQL, the order from the graph.

use std::collections::{BTreeMap, BTreeSet};

use super::contract::{Contract, FILE};
use super::identity;
use super::overrides;
use super::past;
use super::segment;
use super::stage::{Stage, Work};
use crate::error::{Error, Kind, Result, nearest};
use crate::lake::TableName;
use crate::lake::layout::QUARANTINE;
use crate::project::{AS_OF, Project};

/// The layer of the canonical tables.
const CLEAN: &str = "clean";

/// The folder of the queries behind `onefold customer`.
const LOOKUP: &str = "lookup/";

/// All stages of a project, in an order in which each comes after its inputs.
#[derive(Debug, Clone)]
pub struct Pipeline {
    /// The contract.
    pub contract: Contract,
    /// The stages in running order, ties by name.
    pub stages: Vec<Stage>,
    /// The checks, by name.
    pub checks: Vec<Stage>,
}

impl Pipeline {
    /// Reads the SQL of a project.
    ///
    /// # Errors
    /// `Config` when a file is wrong, reads a table that nothing makes, or stages read each other in a circle.
    pub fn read(project: &Project) -> Result<Self> {
        let contract = Contract::read(&project.sql)?;
        let mut stages: BTreeMap<TableName, Stage> = BTreeMap::new();
        let mut checks = Vec::new();
        for file in project.sql.files().filter(|file| is_stage(&file.path)) {
            let part = Stage::read(file)?;
            if matches!(part.work, Work::Check(_)) {
                checks.push(part);
                continue;
            }
            let here = |error: Error| error.with("file", format!("sql/{}", file.path));
            if part.name == past::table() {
                let message = format!("`{}` is made by `onefold privacy retain`, not by SQL", part.name);
                let hint = "sums that a source has are a part of `clean.event_summaries`";
                return Err(here(Error::new(Kind::Config, message).hint(hint)));
            }
            if identity::makes(&part.name) || part.name == overrides::table() {
                let message = format!("`{}` is made by the identity engine and its commands, not by SQL", part.name);
                let hint = "what it goes by is `match.identifiers` and `match.records`; `onefold match link` and `unlink` overrule it";
                return Err(here(Error::new(Kind::Config, message).hint(hint)));
            }
            let key = segment::key(&part).map_err(here)?;
            near_the_contract(&part.name, &contract).map_err(here)?;
            let Some(stage) = stages.get_mut(&part.name) else {
                stages.insert(part.name.clone(), Stage { key, ..part });
                continue;
            };
            if stage.key != key {
                let message = format!("the parts of `{}` do not agree on their key", stage.name);
                return Err(here(Error::new(Kind::Config, message)));
            }
            stage.inputs.extend(part.inputs);
            stage.params.extend(part.params);
            if let (Work::Sql(parts), Work::Sql(more)) = (&mut stage.work, part.work) {
                parts.extend(more);
            }
        }
        for (name, table) in contract.tables() {
            let key = || table.key.clone();
            if !identity::makes(name) {
                let stage = stages.entry(name.clone()).or_insert_with(|| empty(name));
                if !table.key.is_empty() {
                    stage.key = key();
                }
            }
        }
        for made in [identity::stage(), overrides::stage(), past::stage()] {
            stages.insert(made.name.clone(), made);
        }
        let names = project.config.sources.keys();
        let sources = names.flat_map(|name| ["raw", QUARANTINE].map(|schema| format!("{schema}.{name}"))).collect();
        check_inputs(&stages, &checks, &sources)?;
        check_params(project, &stages, &checks)?;
        Ok(Self { contract, stages: sort(stages)?, checks })
    }

    /// The stage that makes `name`.
    pub fn maker(&self, name: &TableName) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.makes(name))
    }

    /// The names of all tables that the stages make.
    pub fn tables(&self) -> impl Iterator<Item = &TableName> {
        self.stages.iter().flat_map(Stage::outputs)
    }
}

impl Stage {
    /// The tables that the stage makes.
    pub fn outputs(&self) -> &[TableName] {
        match &self.work {
            Work::Sql(_) | Work::Commands(_) => std::slice::from_ref(&self.name),
            Work::Identity(tables) => tables,
            Work::Check(_) => &[],
        }
    }

    /// Whether the stage makes `name`.
    pub fn makes(&self, name: &TableName) -> bool {
        self.outputs().contains(name)
    }
}

/// Whether the file is a stage or a check: neither the contract nor one of the queries behind `onefold customer`.
fn is_stage(path: &str) -> bool {
    path != FILE && !path.starts_with(LOOKUP)
}

/// A canonical table whose name has a slip would be a table of its own, and its source would be missing from the rest.
fn near_the_contract(name: &TableName, contract: &Contract) -> Result<()> {
    let known = || contract.tables().map(|(known, _)| known).filter(|known| known.schema == name.schema);
    if name.schema != CLEAN || known().any(|known| known == name) {
        return Ok(());
    }
    let Some(near) = nearest(&name.table, known().map(|known| known.table.as_str())) else { return Ok(()) };
    let message = format!("`{name}` is no table of the contract; did you mean `{CLEAN}.{near}`?");
    Err(Error::new(Kind::Config, message)
        .hint("rename the file, or, if it is meant as a table of its own, add it to `sql/contract.sql`"))
}

/// A table of the contract that no file makes: it exists and is empty.
fn empty(name: &TableName) -> Stage {
    let summary = "A table of the contract that no source feeds.".to_owned();
    let (inputs, params) = (BTreeSet::new(), BTreeSet::new());
    let (key, taken) = (Vec::new(), BTreeMap::new());
    Stage { name: name.clone(), work: Work::Sql(Vec::new()), inputs, params, key, summary, taken }
}

/// Every input must be made by a stage or be a source.
fn check_inputs(stages: &BTreeMap<TableName, Stage>, checks: &[Stage], sources: &BTreeSet<String>) -> Result<()> {
    let made: BTreeSet<String> = stages.values().flat_map(Stage::outputs).map(ToString::to_string).collect();
    let known = || made.iter().chain(sources).map(String::as_str);
    for stage in stages.values().chain(checks) {
        for input in &stage.inputs {
            let name = input.to_string();
            if known().any(|known| known == name) {
                continue;
            }
            let error = Error::new(Kind::Config, format!("`{}` reads `{name}`, which does not exist", stage.name));
            return Err(match nearest(&name, known()) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None if ["raw", QUARANTINE].contains(&&*input.schema) => {
                    error.hint(format!("add `[sources.{}]` to onefold.toml", input.table))
                }
                None => error.hint(format!("write it as `sql/{}/{}.sql`", input.schema, input.table)),
            });
        }
    }
    Ok(())
}

/// A parameter of the project that no stage uses is for the project's own queries, unless it is a slip.
fn check_params(project: &Project, stages: &BTreeMap<TableName, Stage>, checks: &[Stage]) -> Result<()> {
    let used: BTreeSet<&str> =
        stages.values().chain(checks).flat_map(|stage| &stage.params).map(String::as_str).collect();
    for name in project.config.params.keys().filter(|name| !used.contains(name.as_str()) && *name != AS_OF) {
        if let Some(near) = nearest(name, used.iter().copied()) {
            let message = format!("no stage uses the parameter `{name}` of `[params]`; did you mean `{near}`?");
            return Err(Error::new(Kind::Config, message).with("file", "onefold.toml"));
        }
    }
    Ok(())
}

/// Kahn's algorithm (1962), always taking the first ready stage by layer and name, so that the order never wavers.
fn sort(mut stages: BTreeMap<TableName, Stage>) -> Result<Vec<Stage>> {
    let layer = |name: &TableName| crate::lake::layout::LAYERS.iter().position(|layer| *layer == name.schema);
    let mut open: BTreeSet<TableName> = stages.values().flat_map(Stage::outputs).cloned().collect();
    let mut sorted: Vec<Stage> = Vec::with_capacity(stages.len());
    while !stages.is_empty() {
        let ready = stages.values().filter(|stage| stage.inputs.is_disjoint(&open)).map(|stage| &stage.name);
        let Some(name) = ready.min_by_key(|name| (layer(name), *name)).cloned() else {
            return Err(cycle(&stages));
        };
        if let Some(stage) = stages.remove(&name) {
            for output in stage.outputs() {
                open.remove(output);
            }
            sorted.push(stage);
        }
    }
    Ok(sorted)
}

/// Names one circle among stages of which none is ready.
fn cycle(stages: &BTreeMap<TableName, Stage>) -> Error {
    let maker = |table: &TableName| stages.values().find(|stage| stage.makes(table)).map(|stage| stage.name.clone());
    let mut path: Vec<TableName> = stages.keys().take(1).cloned().collect();
    while let Some(next) = path.last().and_then(|last| stages[last].inputs.iter().find_map(maker)) {
        if let Some(start) = path.iter().position(|name| *name == next) {
            path.drain(..start);
            path.push(next);
            break;
        }
        path.push(next);
    }
    let circle: Vec<String> = path.iter().map(ToString::to_string).collect();
    Error::new(Kind::Config, format!("stages read each other in a circle: {}", circle.join(" ← ")))
        .hint("move what both need into a stage of its own")
}
