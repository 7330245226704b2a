//! `lineage`: what a table is made from, and what is made from it.

use std::collections::BTreeSet;

use clap::Args as ClapArgs;
use serde::Serialize;

use super::context::Context;
use super::output::{print, print_json};
use crate::error::{Error, Kind, Result, nearest};
use crate::lake::TableName;
use crate::pipeline::{Pipeline, Work};

/// Show what a table is made from, and what is made from it.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  onefold lineage profile.customers\n  onefold lineage              all tables with their inputs"
)]
pub(super) struct Args {
    /// The table. Default: all.
    table: Option<String>,
}

#[derive(Debug, Serialize)]
struct Node {
    table: String,
    summary: String,
    files: Vec<String>,
    inputs: Vec<String>,
    params: Vec<String>,
    used_by: Vec<String>,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<()> {
    let pipeline = Pipeline::read(&context.project)?;
    let nodes: Vec<Node> = pipeline.tables().map(|name| node(&pipeline, name)).collect();
    let Some(name) = &args.table else {
        return if context.json { print_json(&nodes) } else { print(&overview(&nodes)) };
    };
    let mut known: Vec<String> = nodes.iter().map(|node| node.table.clone()).collect();
    known.extend(context.project.config.sources.keys().map(|source| format!("raw.{source}")));
    if !known.contains(name) {
        return Err(unknown(name, &known));
    }
    let table = &name.parse()?;
    let node = node(&pipeline, table);
    if context.json {
        return print_json(&node);
    }
    let mut text = format!("{name}  {}\n", node.summary);
    for file in &node.files {
        text.push_str(&format!("  made by  {file}\n"));
    }
    if !node.params.is_empty() {
        text.push_str(&format!("  uses     {}\n", node.params.join(", ")));
    }
    text.push_str("\nmade from\n");
    tree(&pipeline, table, &mut text, 1, &mut BTreeSet::new(), &|pipeline, at| {
        pipeline.maker(at).map_or_else(Vec::new, |stage| stage.inputs.iter().cloned().collect())
    });
    text.push_str("\nused by\n");
    tree(&pipeline, table, &mut text, 1, &mut BTreeSet::new(), &users);
    print(&text)
}

/// That there is no such table, with those that may be meant: of the same name, of a name like it, of the same schema.
fn unknown(name: &str, known: &[String]) -> Error {
    let error = Error::new(Kind::Usage, format!("there is no table `{name}`"));
    let parts =
        |full: &str| full.split_once('.').map_or((String::new(), full.to_owned()), |(s, t)| (s.into(), t.into()));
    let (schema, table): (String, String) = parts(name);
    let quoted = |names: Vec<&String>| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let same: Vec<&String> = known.iter().filter(|full| parts(full).1 == table).collect();
    let like: Vec<&String> = known.iter().filter(|full| nearest(&table, [parts(full).1.as_str()]).is_some()).collect();
    let beside: Vec<&String> = known.iter().filter(|full| parts(full).0 == schema).collect();
    if let Some(near) = nearest(name, known.iter().map(String::as_str)).filter(|_| same.is_empty()) {
        return error.hint(format!("did you mean `{near}`?"));
    }
    match [same, like].into_iter().find(|names| !names.is_empty()) {
        Some(names) => error.hint(format!("did you mean {}?", quoted(names))),
        None if !beside.is_empty() => error.hint(format!("`{schema}` has {}", quoted(beside))),
        None => error.hint("`onefold lineage` lists all tables; a name is a layer and a table, as in `clean.contacts`"),
    }
}

fn node(pipeline: &Pipeline, name: &TableName) -> Node {
    let stage = pipeline.maker(name);
    let files = match stage.map(|stage| &stage.work) {
        Some(Work::Sql(parts)) => {
            let whose = |own| if own { "yours" } else { "built in" };
            parts.iter().map(|part| format!("sql/{} ({})", part.path, whose(part.own))).collect()
        }
        Some(Work::Identity(_)) => vec!["the identity engine".to_owned()],
        Some(Work::Commands(commands)) => vec![(*commands).to_owned()],
        _ => Vec::new(),
    };
    Node {
        table: name.to_string(),
        summary: stage.map_or_else(|| "A source.".to_owned(), |stage| stage.summary.clone()),
        files,
        inputs: stage.map_or_else(Vec::new, |stage| stage.inputs.iter().map(ToString::to_string).collect()),
        params: stage.map_or_else(Vec::new, |stage| stage.params.iter().map(|name| format!("${name}")).collect()),
        used_by: users(pipeline, name).iter().map(ToString::to_string).collect(),
    }
}

fn users(pipeline: &Pipeline, name: &TableName) -> Vec<TableName> {
    let stages = pipeline.stages.iter().chain(&pipeline.checks);
    stages.filter(|stage| stage.inputs.contains(name)).map(|stage| stage.name.clone()).collect()
}

/// The tables next to `at`, each with those next to it; what has been shown is not opened again.
fn tree(
    pipeline: &Pipeline,
    at: &TableName,
    text: &mut String,
    depth: usize,
    seen: &mut BTreeSet<TableName>,
    next_to: &dyn Fn(&Pipeline, &TableName) -> Vec<TableName>,
) {
    for next in next_to(pipeline, at) {
        let again = !seen.insert(next.clone());
        let open = !next_to(pipeline, &next).is_empty();
        text.push_str(&format!("{}{next}{}\n", "  ".repeat(depth), if again && open { " …" } else { "" }));
        if !again {
            tree(pipeline, &next, text, depth + 1, seen, next_to);
        }
    }
}

fn overview(nodes: &[Node]) -> String {
    let mut text = String::new();
    for node in nodes {
        let inputs = if node.inputs.is_empty() { "nothing".to_owned() } else { node.inputs.join(", ") };
        text.push_str(&format!("{} ← {inputs}\n", node.table));
    }
    text
}
