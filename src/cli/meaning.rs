//! What the shell is told about a project's tables: the contract's comments, the stages' first lines, the manifest's
//! counts, and which tables are still to be made.

use std::collections::BTreeMap;

use crate::lake::{Manifest, TableName};
use crate::pipeline::contract::{Contract, ContractTable};
use crate::pipeline::{Pipeline, Stage, Work};
use crate::project::Project;
use crate::repl::{Dictionary, Unmade};

/// A dictionary of the tables of a project, at one run.
#[derive(Default)]
pub(super) struct Meaning {
    contract: Contract,
    summaries: BTreeMap<String, String>,
    /// The columns of each stage that are another table's as they are.
    taken: BTreeMap<String, BTreeMap<String, (String, String)>>,
    rows: BTreeMap<String, u64>,
    unmade: Vec<Unmade>,
}

impl Meaning {
    /// Of a project at the run of `manifest`, which is empty before the first. A project whose SQL is wrong can still be
    /// looked at.
    pub(super) fn new(project: &Project, manifest: &Manifest) -> Self {
        let pipeline = Pipeline::read(project).ok();
        let contract = match &pipeline {
            Some(pipeline) => pipeline.contract.clone(),
            None => Contract::read(&project.sql).unwrap_or_default(),
        };
        let unmade = unmade(project, pipeline.as_ref(), &contract, manifest);
        Self { unmade, ..Self::of(contract, pipeline.as_ref(), manifest) }
    }

    /// Of a lake whose project is elsewhere: what the contract that ships says of its tables.
    pub(super) fn of_lake(contract: Contract, manifest: &Manifest) -> Self {
        Self::of(contract, None, manifest)
    }

    fn of(contract: Contract, pipeline: Option<&Pipeline>, manifest: &Manifest) -> Self {
        let rows = manifest.tables.iter().map(|(name, table)| (name.clone(), table.rows())).collect();
        let stages = || pipeline.into_iter().flat_map(|pipeline| &pipeline.stages);
        let own = stages().map(|stage| (stage.name.to_string(), summary(stage)));
        let engine = IDENTITY.iter().map(|(table, summary)| ((*table).to_owned(), (*summary).to_owned()));
        let taken = stages().map(|stage| {
            let columns = stage.taken.iter();
            let columns = columns.map(|(own, (table, column))| (own.clone(), (table.to_string(), column.clone())));
            (stage.name.to_string(), columns.collect())
        });
        let taken = taken.collect();
        Self { contract, summaries: engine.chain(own).collect(), taken, rows, unmade: Vec::new() }
    }
}

/// So many tables are looked through for what a column means.
const TAKEN_MAX: usize = 10;

/// What a stage makes; of several files the first one says it.
fn summary(stage: &Stage) -> String {
    match &stage.work {
        Work::Sql(files) if files.len() > 1 => format!("{} (the first of {} files)", stage.summary, files.len()),
        _ => stage.summary.clone(),
    }
}

/// What the identity engine makes beside `match.identities`.
const IDENTITY: [(&str, &str); 8] = [
    ("match.edges", "The links that hold the records of each customer together."),
    ("match.refusals", "The links that were forbidden: by what differs in two people, or by a decision."),
    ("match.reviews", "Customers who may be one, for people to decide: `onefold match review`."),
    ("match.history", "What happened to customers from run to run: created, merged, split, moved, retired."),
    ("match.aliases", "Former customer ids, and to whom each leads."),
    (
        "match.block_report",
        "Identifier values that join nobody, or only who is named alike, because too many show them.",
    ),
    ("match.model", "What the agreement of two records weighs, learnt from the records themselves."),
    ("match.fit", "How well that could be learnt, and what came of it."),
];

/// The tables that the project would have after a refresh and that the run does not have.
fn unmade(project: &Project, pipeline: Option<&Pipeline>, contract: &Contract, manifest: &Manifest) -> Vec<Unmade> {
    let mut tables: BTreeMap<TableName, Unmade> = BTreeMap::new();
    for source in project.config.sources.keys() {
        if let Ok(name) = TableName::new("raw", source) {
            let how = format!("`onefold land {source}` lands it");
            tables.insert(name.clone(), Unmade { name, columns: None, how });
        }
    }
    let command = if manifest.loads.is_empty() { "refresh" } else { "run" };
    let stages = pipeline.into_iter().flat_map(Pipeline::tables);
    for name in stages.chain(contract.tables().map(|(name, _)| name)) {
        let columns = contract.table(name).map(ContractTable::schema);
        let how = format!("`onefold {command}` makes it");
        tables.insert(name.clone(), Unmade { name: name.clone(), columns, how });
    }
    tables.into_values().filter(|table| manifest.table(&table.name).is_none()).collect()
}

impl Dictionary for Meaning {
    fn column(&self, table: &str, column: &str) -> Option<&str> {
        // What is taken over as it is means what it means there.
        let (mut table, mut column) = (table, column);
        for _ in 0..TAKEN_MAX {
            if let Some(comment) = self.contract.comment(table, column) {
                return Some(comment);
            }
            let taken = self.taken.get(table)?.get(column)?;
            (table, column) = (&taken.0, &taken.1);
        }
        None
    }

    fn table(&self, table: &str) -> Option<&str> {
        self.summaries.get(table).map(String::as_str)
    }

    fn rows(&self, table: &str) -> Option<u64> {
        self.rows.get(table).copied()
    }

    fn unmade(&self) -> &[Unmade] {
        &self.unmade
    }
}
