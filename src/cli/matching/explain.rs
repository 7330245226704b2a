//! `match explain`: why records are one customer, or why two of them are not.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;

use clap::Args as ClapArgs;
use nu_ansi_term::Style;
use serde::Serialize;

use super::super::context::Context;
use super::super::lookup::{Lookup, Row, text_of};
use super::super::output::{Align, paint, percent, print, print_json, table};
use super::super::picture;
use super::super::waterfall;
use super::records::{Found, record};
use crate::engine::{Session, SessionOptions};
use crate::error::{Error, Kind, Result};
use crate::identity::linkage::Waterfall;
use crate::lake::Snapshot;
use crate::pipeline;
use crate::progress::Unit;
use crate::project::{Params, Value};
use crate::report;

/// Explain a customer, or two records.
///
/// Of a customer (its id, or one of its records): the records, the links that hold them together, the weakest first, and
/// what it was kept apart from. Of two records: the way of links from one to the other, or what both show and why it
/// did not join them; and what the agreement of their columns weighs, by what is learnt anew from all records, which takes
/// as long as it took the run.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  onefold match explain CX4K2M9Q8XW3\n  onefold match explain crm:1042\n  onefold match explain crm:1042 shop:77 --svg why.svg"
)]
pub(super) struct Args {
    /// A customer id or a record.
    #[arg(value_name = "CUSTOMER|RECORD")]
    one: String,
    /// Another record.
    #[arg(value_name = "RECORD")]
    other: Option<String>,
    /// Look at an older run.
    #[arg(long, value_name = "N")]
    run: Option<u64>,
    /// The file for the chart of two records' match weight, as SVG.
    #[arg(long, value_name = "FILE", requires = "other")]
    svg: Option<PathBuf>,
}

/// A customer, or the way between two of its records.
#[derive(Debug, Serialize)]
struct Customer {
    customer_id: String,
    records: Vec<Row>,
    /// The weakest first; between two records, the way from one to the other.
    links: Vec<Row>,
    kept_apart: Vec<Row>,
    /// Between two records: why they have the match weight that they have.
    #[serde(skip_serializing_if = "Option::is_none")]
    waterfall: Option<Waterfall>,
}

/// Two records that are not one customer.
#[derive(Debug, Serialize)]
struct Strangers {
    customer_ids: [String; 2],
    records: [String; 2],
    /// What both show.
    shared: Vec<Row>,
    /// Links between the two customers that were forbidden.
    kept_apart: Vec<Row>,
    decision: Option<Row>,
    /// How probable it is that the two customers are one, all their records taken together; none if that is not in doubt.
    doubt: Option<Row>,
    waterfall: Option<Waterfall>,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<()> {
    args.svg.as_ref().map_or(Ok(()), |svg| picture::refuse_other_than_svg(svg))?;
    let snapshot = context.snapshot(args.run).await?;
    let session = Session::new(&SessionOptions::of(&context.project.config.limits, &context.lake))?;
    session.attach(&snapshot).await?;
    let lookup = Lookup { sql: &context.project.sql, session: &session };
    let Some(other) = &args.other else {
        let customer = read(&lookup, &customer_of(&lookup, &args.one).await?).await?;
        return if context.json { print_json(&customer) } else { print(&customer.draw()) };
    };
    let (one, other) = (record(&lookup, &args.one).await?, record(&lookup, other).await?);
    if one.record_id == other.record_id {
        return Err(Error::new(Kind::Usage, format!("`{}` is one record", one.record_id)).hint("name two records"));
    }
    let weight = weigh(context, &session, &snapshot, [&one.record_id, &other.record_id]).await?;
    let chart = weight.as_ref().map(|weight| report::waterfall([&one.record_id, &other.record_id], weight));
    if let Some((file, chart)) = args.svg.as_ref().zip(chart.as_ref()) {
        picture::save(&chart.draw(picture::SLIDE), file)?;
    }
    let without_picture = (args.svg.is_some() && chart.is_none()).then(|| not_compared(&one, &other));
    let drawn = chart.map_or_else(String::new, |chart| waterfall::draw(&chart));
    if one.customer_id == other.customer_id {
        let mut customer = read(&lookup, &one.customer_id).await?;
        customer.links = way(&customer.links, &one.record_id, &other.record_id);
        customer.waterfall = weight;
        let draw = || draw_way(&customer, &one, &other) + &drawn;
        if context.json { print_json(&customer) } else { print(&draw()) }?;
    } else {
        let mut strangers = strangers(&lookup, one, other).await?;
        strangers.waterfall = weight;
        if context.json { print_json(&strangers) } else { print(&(strangers.draw() + &drawn)) }?;
    }
    without_picture.map_or(Ok(()), Err)
}

/// What the agreement of two records weighs; none if one of them is not compared, or the run is older than comparisons are.
async fn weigh(
    context: &Context,
    session: &Session,
    snapshot: &Snapshot,
    records: [&str; 2],
) -> Result<Option<Waterfall>> {
    const TASK: &str = "match weights";
    if !snapshot.manifest.tables.contains_key("match.comparisons") {
        return Ok(None);
    }
    context.progress.begin(TASK, None, Unit::Rows);
    let weights = pipeline::explain(session, &context.project.config.matching, snapshot.manifest.run, &[records]).await;
    context.progress.finish(TASK, "learnt from all records");
    Ok(weights?.pop().flatten())
}

fn not_compared(one: &Found, other: &Found) -> Error {
    Error::new(Kind::Usage, "there is no match weight to draw: one of the records is not in `match.comparisons`")
        .with("records", format!("{}, {}", one.record_id, other.record_id))
        .hint("devices and other records without a contact are joined by identifiers only")
}

/// A customer id as it is, who bears on what a former one stood for, or the customer of a record.
async fn customer_of(lookup: &Lookup<'_>, needle: &str) -> Result<String> {
    let needle = needle.trim();
    let mut params = Params::default();
    params.set("customer_id", Value::Text(needle.to_ascii_uppercase()));
    if let Some(found) = lookup.rows("customer_by_id", &params).await?.first() {
        let id = text_of(found, "customer_id");
        if id.is_empty() {
            return Err(Error::new(
                Kind::Usage,
                format!("the customer `{needle}` is no more: none of the records is left"),
            )
            .hint("an older run may have them: `--run N`; `onefold sql -c 'FROM match.history'` says when"));
        }
        return Ok(id.into_owned());
    }
    Ok(record(lookup, needle).await?.customer_id)
}

async fn read(lookup: &Lookup<'_>, customer_id: &str) -> Result<Customer> {
    let mut params = Params::default();
    params.set("customer_id", Value::Text(customer_id.to_owned()));
    Ok(Customer {
        customer_id: customer_id.to_owned(),
        records: lookup.rows("matched_records", &params).await?,
        links: lookup.rows("matched_edges", &params).await?,
        kept_apart: lookup.rows("kept_apart", &params).await?,
        waterfall: None,
    })
}

async fn strangers(lookup: &Lookup<'_>, one: Found, other: Found) -> Result<Strangers> {
    let mut params = Params::default();
    params.set("left", Value::Text(one.record_id.clone()));
    params.set("right", Value::Text(other.record_id.clone()));
    params.set("customer_id", Value::Text(one.customer_id.clone()));
    params.set("left_customer", Value::Text(one.customer_id.clone()));
    params.set("right_customer", Value::Text(other.customer_id.clone()));
    let kept_apart = lookup.rows("kept_apart", &params).await?;
    Ok(Strangers {
        shared: lookup.rows("shared_evidence", &params).await?,
        kept_apart: kept_apart.into_iter().filter(|row| text_of(row, "other_customer") == other.customer_id).collect(),
        decision: lookup.rows("override", &params).await?.into_iter().next(),
        doubt: lookup.rows("doubt", &params).await?.into_iter().next(),
        customer_ids: [one.customer_id, other.customer_id],
        records: [one.record_id, other.record_id],
        waterfall: None,
    })
}

/// The links from one record to another. There is one way: links are a forest.
fn way(links: &[Row], from: &str, to: &str) -> Vec<Row> {
    let mut neighbours: BTreeMap<String, Vec<(String, usize)>> = BTreeMap::new();
    for (at, link) in links.iter().enumerate() {
        let [left, right] = ["left_record", "right_record"].map(|name| text_of(link, name).into_owned());
        neighbours.entry(left.clone()).or_default().push((right.clone(), at));
        neighbours.entry(right).or_default().push((left, at));
    }
    let mut came: BTreeMap<String, (String, usize)> = BTreeMap::new();
    let mut next = VecDeque::from([from.to_owned()]);
    while let Some(record) = next.pop_front() {
        for (neighbour, link) in neighbours.get(&record).into_iter().flatten() {
            if neighbour != from && !came.contains_key(neighbour) {
                came.insert(neighbour.clone(), (record.clone(), *link));
                next.push_back(neighbour.clone());
            }
        }
    }
    let mut at = to.to_owned();
    let mut way = Vec::new();
    while let Some((before, link)) = came.get(&at) {
        way.push(links[*link].clone());
        at = before.clone();
    }
    way.reverse();
    way
}

impl Customer {
    fn draw(&self) -> String {
        let mut text = format!("{}  {} records\n", bold(&self.customer_id), self.records.len());
        text.push_str(&rows(
            &self.records,
            &["record_id", "full_name", "birth_date", "email", "phone", "city", "reason", "confidence"],
            &["record", "name", "born", "e-mail", "phone", "city", "joined by", "confidence"],
        ));
        if self.links.is_empty() {
            text.push_str("\n  One record: nothing joins it to another.\n");
        } else {
            text.push_str(&format!(
                "\n{}\n{}",
                bold("What holds them together, the weakest first"),
                links(&self.links)
            ));
        }
        if !self.kept_apart.is_empty() {
            text.push_str(&format!("\n{}\n{}", bold("What it was kept apart from"), apart(&self.kept_apart)));
        }
        text
    }
}

fn draw_way(customer: &Customer, one: &Found, other: &Found) -> String {
    let both = format!("{} and {}", bold(&one.record_id), bold(&other.record_id));
    let (count, plural) = (customer.links.len(), if customer.links.len() == 1 { "" } else { "s" });
    format!(
        "{both} are one customer, {}, by {count} link{plural}\n{}\n  To part them: onefold match unlink {} {}\n",
        customer.customer_id,
        links(&customer.links),
        one.record_id,
        other.record_id
    )
}

impl Strangers {
    fn draw(&self) -> String {
        let [one, other] = &self.records;
        let [mine, theirs] = &self.customer_ids;
        let mut text = format!("{} ({mine}) and {} ({theirs}) are two customers\n", bold(one), bold(other));
        if let Some(decision) = &self.decision {
            let note = text_of(decision, "note");
            let note = if note.is_empty() { String::new() } else { format!(" ({note})") };
            text.push_str(&format!(
                "\n  Somebody decided `{}`{note} on {}.\n",
                text_of(decision, "decision"),
                text_of(decision, "decided_at")
            ));
        }
        if let Some(doubt) = &self.doubt {
            let probability = doubt.get("probability").and_then(serde_json::Value::as_f64).map(percent);
            text.push_str(&format!(
                "\n  Whether they are one person is in doubt: {} by all records of both, and not enough to put them together.\n  \
                 To decide: onefold match review\n",
                probability.unwrap_or_default()
            ));
        }
        if self.shared.is_empty() {
            text.push_str("\n  They show no identifier in common.\n");
        } else {
            text.push_str(&format!("\n{}\n", bold("What both show")));
            let header = ["kind", "value", "what it says"].map(|name| (name, Align::Left));
            let cells = |row: &Row| vec![text_of(row, "kind").into(), text_of(row, "value").into(), worth(row)];
            text.push_str(&table(&header, &self.shared.iter().map(cells).collect::<Vec<_>>()));
        }
        if !self.kept_apart.is_empty() {
            text.push_str(&format!("\n{}\n{}", bold("Links that were forbidden"), apart(&self.kept_apart)));
        }
        text.push_str(&format!("\n  To join them: onefold match link {one} {other}\n"));
        text
    }
}

/// What a value that both records show says of them.
fn worth(row: &Row) -> String {
    let records = text_of(row, "records");
    match (text_of(row, "reach").as_ref(), text_of(row, "joins") == "true") {
        (_, true) => "it would join them, but for a veto".to_owned(),
        ("nobody", _) => format!("nothing: generic, {records} records show it"),
        ("name", _) => {
            format!(
                "one person only where name and birth date fit as well: {records} records show it, of several people"
            )
        }
        ("person", _) => "one person, but one of the records is too weak to go by it alone".to_owned(),
        _ => "nothing: one record alone shows it".to_owned(),
    }
}

fn links(rows_of: &[Row]) -> String {
    let columns = ["left_record", "kind", "value", "right_record", "weight"];
    rows(rows_of, &columns, &["record", "by", "value", "record", "weight"])
}

fn apart(rows_of: &[Row]) -> String {
    let columns = ["record_id", "other_record", "other_customer", "kind", "veto"];
    rows(rows_of, &columns, &["record", "other record", "its customer", "shared", "forbidden by"])
}

fn rows(rows: &[Row], columns: &[&str], names: &[&str]) -> String {
    let filled: Vec<usize> =
        (0..columns.len()).filter(|at| rows.iter().any(|row| !text_of(row, columns[*at]).is_empty())).collect();
    let align = |column| match column {
        "confidence" | "weight" => Align::Right,
        "record_id" | "left_record" | "right_record" | "other_record" | "other_customer" => Align::Key,
        _ => Align::Left,
    };
    let header: Vec<_> = filled.iter().map(|at| (names[*at], align(columns[*at]))).collect();
    let cells = |row: &Row| filled.iter().map(|at| text_of(row, columns[*at]).into_owned()).collect();
    table(&header, &rows.iter().map(cells).collect::<Vec<_>>())
}

fn bold(text: &str) -> String {
    paint(text, Style::new().bold())
}
