//! `match evaluate`: how right the customers are, by a file that knows.

mod draw;
mod mistakes;
mod truth;

use std::path::PathBuf;

use clap::Args as ClapArgs;
use datafusion::arrow::array::RecordBatch;
use serde::Serialize;

use super::super::context::Context;
use super::super::lookup::Lookup;
use super::super::output::{counted, print, print_json, say};
use crate::engine::{Session, SessionOptions, explain_without_sql};
use crate::error::Result;
use crate::identity::diff::{Change, diff};
use crate::identity::evaluate::{Evaluation, Point, Score, curve, evaluate};
use crate::project::{Matching, Params};
use mistakes::Mistake;
use truth::Truth;

/// Measure who is who against a file that knows: precision, recall, what other thresholds would give, and the worst mistakes.
///
/// The file (CSV, JSON or Parquet) has a row per record: the record's id as in match.identities, and a value that is the
/// same for records of the same person. Records that it does not name are left out, and so are those that the run does not
/// have, which is told.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Example:\n  onefold match evaluate --truth truth/people.csv\n  onefold match evaluate --truth labels.parquet --id id --person cluster\n  onefold match evaluate --truth truth/people.csv --explain --limit 3"
)]
pub(super) struct Args {
    /// The file.
    #[arg(long, value_name = "FILE")]
    truth: PathBuf,
    /// Its column with the record's id.
    #[arg(long, value_name = "COLUMN", default_value = "record_id")]
    id: String,
    /// Its column with the person.
    #[arg(long, value_name = "COLUMN", default_value = "person_id")]
    person: String,
    /// How many mistakes to show of each kind.
    #[arg(long, default_value_t = 5, value_name = "N")]
    limit: usize,
    /// Show what the agreement of the records in wrong and in missed links weighs, column by column. It takes as long as it
    /// took the run.
    #[arg(long)]
    explain: bool,
    /// Look at an older run.
    #[arg(long, value_name = "N")]
    run: Option<u64>,
}

#[derive(Debug, Serialize)]
struct Report {
    run: u64,
    records: usize,
    /// Records of the file that the run does not have, and that no figure is about.
    unknown_records: usize,
    persons: usize,
    customers: usize,
    pairwise: Figures,
    /// The same without records that show nothing of who somebody is; none if all do.
    of_records_that_say_something: Option<Saying>,
    b_cubed: Figures,
    /// Customers that are all records of one person and of nobody else, over all customers and over all people.
    clusters: Figures,
    /// What would be if likeness joined what is at least so probable, the highest first.
    threshold_curve: Vec<Threshold>,
    /// How probable it has to be now.
    link_probability: f64,
    /// Customers that are several people, and people who are several customers.
    customers_of_several_people: usize,
    people_of_several_customers: usize,
    /// The largest of both.
    wrongly_together: Vec<Change>,
    wrongly_apart: Vec<Change>,
    wrong_links: Vec<Mistake>,
    missed_links: Vec<Mistake>,
}

#[derive(Debug, Serialize)]
struct Saying {
    records: usize,
    pairwise: Figures,
}

#[derive(Debug, Serialize)]
struct Threshold {
    link_probability: f64,
    /// Links by likeness.
    links: usize,
    pairwise: Figures,
}

impl From<Point> for Threshold {
    fn from(Point { threshold, links, pairwise }: Point) -> Self {
        Self { link_probability: threshold, links, pairwise: pairwise.into() }
    }
}

#[derive(Debug, Serialize)]
struct Figures {
    precision: f64,
    recall: f64,
    f1: f64,
}

impl From<Score> for Figures {
    fn from(score: Score) -> Self {
        Self { precision: score.precision, recall: score.recall, f1: score.f1 }
    }
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<()> {
    let snapshot = context.snapshot(args.run).await?;
    let session = Session::new(&SessionOptions { files: true, ..SessionOptions::default() })?;
    session.attach(&snapshot).await?;
    let lookup = Lookup { sql: &context.project.sql, session: &session };
    let sql = "SELECT record_id, customer_id FROM match.identities";
    let identities = lookup.batches(sql, &Params::default()).await?;
    let Truth { rows: truth, unknown } = truth::read(&session, args).await?;
    let evaluation = evaluate(&identities, &truth)?;
    // The truth as the later run: what it brings together was apart, what it splits was wrongly together.
    let mistakes = diff(&identities, &renamed(&truth)?)?;
    let said = evaluate(&identities, &truth::of_records_that_say_something(&session, &snapshot.manifest).await?)?;
    let mut links = mistakes::find(&lookup, &snapshot.manifest, args.limit).await?;
    if args.explain {
        mistakes::explain(context, &lookup, snapshot.manifest.run, &mut links).await?;
    }
    let [wrong_links, missed_links] = links;
    let matching = &context.project.config.matching;
    if unknown > 0 && !context.quiet {
        let (run, count) = (snapshot.manifest.run, counted(unknown as u64, "record"));
        say(&format!("warning: left out of what the file has, because run {run} has it not: {count}"));
    }
    let report = Report {
        run: snapshot.manifest.run,
        records: evaluation.records,
        unknown_records: unknown,
        persons: evaluation.persons,
        customers: evaluation.customers,
        pairwise: evaluation.pairwise.into(),
        of_records_that_say_something: saying(&evaluation, &said),
        b_cubed: evaluation.b_cubed.into(),
        clusters: evaluation.clusters.into(),
        threshold_curve: thresholds(&lookup, matching, &truth).await?,
        link_probability: matching.link_probability,
        customers_of_several_people: mistakes.split.len(),
        people_of_several_customers: mistakes.merged.len(),
        wrongly_together: mistakes.split.into_iter().take(args.limit).collect(),
        wrongly_apart: mistakes.merged.into_iter().take(args.limit).collect(),
        wrong_links,
        missed_links,
    };
    if context.json { print_json(&report) } else { print(&draw::report(&report)) }
}

fn saying(all: &Evaluation, said: &Evaluation) -> Option<Saying> {
    (said.records < all.records).then(|| Saying { records: said.records, pairwise: said.pairwise.into() })
}

/// Thresholds that are tried beside the one that is set.
const THRESHOLDS: [f64; 10] = [1.0, 0.999, 0.99, 0.98, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5];

/// What other thresholds would have given; nothing is known below the one from which on pairs are in doubt.
async fn thresholds(lookup: &Lookup<'_>, matching: &Matching, truth: &[RecordBatch]) -> Result<Vec<Threshold>> {
    let edges = "SELECT left_record, right_record, kind, weight FROM match.edges";
    let reviews = "SELECT left_record, right_record, probability FROM match.reviews";
    let edges = lookup.batches(edges, &Params::default()).await?;
    let reviews = lookup.batches(reviews, &Params::default()).await?;
    let accept = matching.link_probability;
    let mut tried: Vec<f64> = THRESHOLDS.into_iter().filter(|tried| *tried >= matching.review_probability).collect();
    tried.push(accept);
    tried.sort_by(f64::total_cmp);
    tried.dedup();
    Ok(curve(&edges, &reviews, truth, accept, &tried)?.into_iter().map(Threshold::from).collect())
}

fn renamed(truth: &[RecordBatch]) -> Result<Vec<RecordBatch>> {
    let rename = |batch: &RecordBatch| {
        let columns = [("record_id", batch.column(0).clone()), ("customer_id", batch.column(1).clone())];
        RecordBatch::try_from_iter(columns).map_err(|error| explain_without_sql(&error.into()))
    };
    truth.iter().map(rename).collect()
}
