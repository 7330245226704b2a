//! `match evaluate`: how right the customers are, by a file that knows.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use datafusion::arrow::array::RecordBatch;
use datafusion::common::ScalarValue;
use datafusion::prelude::{col, ident, lit};
use serde::Serialize;

use super::super::context::Context;
use super::super::lookup::Lookup;
use super::super::output::{Align, print, print_json, table, thousands};
use crate::engine::{Session, SessionOptions, explain_without_sql};
use crate::error::{Error, Kind, Result};
use crate::identity::diff::{Change, diff};
use crate::identity::evaluate::{Score, evaluate};
use crate::project::Params;

/// Measure who is who against a file that knows: precision, recall, and the worst mistakes.
///
/// The file (CSV, JSON or Parquet) has a row per record: the record's id as in match.identities, and a value that is the
/// same for records of the same person. Records that it does not name are left out.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Example:\n  onefold match evaluate --truth truth/people.csv\n  onefold match evaluate --truth labels.parquet --id id --person cluster"
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
    /// Look at an older run.
    #[arg(long, value_name = "N")]
    run: Option<u64>,
}

#[derive(Debug, Serialize)]
struct Report {
    run: u64,
    records: usize,
    persons: usize,
    customers: usize,
    pairwise: Figures,
    b_cubed: Figures,
    /// Customers that are several people, and people who are several customers.
    customers_of_several_people: usize,
    people_of_several_customers: usize,
    /// The largest of both.
    wrongly_together: Vec<Change>,
    wrongly_apart: Vec<Change>,
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
    let truth = read_truth(&session, args).await?;
    let evaluation = evaluate(&identities, &truth)?;
    if evaluation.records == 0 {
        let message = format!("`{}` knows the person of no record", args.truth.display());
        return Err(Error::new(Kind::Usage, message).with("column", &args.id));
    }
    // The truth as the later run: what it brings together was apart, what it splits was wrongly together.
    let mistakes = diff(&identities, &renamed(&truth)?)?;
    let report = Report {
        run: snapshot.manifest.run,
        records: evaluation.records,
        persons: evaluation.persons,
        customers: evaluation.customers,
        pairwise: evaluation.pairwise.into(),
        b_cubed: evaluation.b_cubed.into(),
        customers_of_several_people: mistakes.split.len(),
        people_of_several_customers: mistakes.merged.len(),
        wrongly_together: mistakes.split.into_iter().take(args.limit).collect(),
        wrongly_apart: mistakes.merged.into_iter().take(args.limit).collect(),
    };
    if context.json { print_json(&report) } else { print(&draw(&report)) }
}

/// The file as `record_id`, `person_id`.
async fn read_truth(session: &Session, args: &Args) -> Result<Vec<RecordBatch>> {
    let path = std::path::absolute(&args.truth).map_err(|error| {
        Error::new(Kind::Usage, format!("there is no file `{}`", args.truth.display())).source(error)
    })?;
    let path = path.to_string_lossy().replace('\'', "''");
    let plan = session.plan(&format!("SELECT * FROM '{path}'"), &Params::default()).await?;
    let frame = session.frame(plan);
    let text = |name: &str| {
        let utf8 = ScalarValue::Utf8View(None).data_type();
        datafusion::logical_expr::cast(ident(name), utf8)
    };
    let frame = frame
        .select([text(&args.id).alias("record_id"), text(&args.person).alias("person_id")])
        .and_then(|frame| frame.filter(col("record_id").is_not_null().and(col("person_id").not_eq(lit("")))))
        .map_err(|error| {
            let hint = "`--id` and `--person` name the columns";
            explain_without_sql(&error).with("file", args.truth.display()).hint(hint)
        })?;
    frame.collect().await.map_err(|error| explain_without_sql(&error))
}

fn renamed(truth: &[RecordBatch]) -> Result<Vec<RecordBatch>> {
    let rename = |batch: &RecordBatch| {
        let columns = [("record_id", batch.column(0).clone()), ("customer_id", batch.column(1).clone())];
        RecordBatch::try_from_iter(columns).map_err(|error| explain_without_sql(&error.into()))
    };
    truth.iter().map(rename).collect()
}

fn draw(report: &Report) -> String {
    let count = |number: usize| thousands(number as u64);
    let header = [("", Align::Left), ("precision", Align::Right), ("recall", Align::Right), ("F1", Align::Right)];
    let row = |name: &str, figures: &Figures| {
        let cell = |value: f64| format!("{value:.4}");
        vec![name.to_owned(), cell(figures.precision), cell(figures.recall), cell(figures.f1)]
    };
    let mut text = format!(
        "{} records of {} people, who are {} customers in run {}\n\n{}",
        count(report.records),
        count(report.persons),
        count(report.customers),
        report.run,
        table(&header, &[row("pairs of records", &report.pairwise), row("B³", &report.b_cubed)])
    );
    text.push_str(&format!(
        "\n  {} customers are several people, {} people are several customers\n",
        count(report.customers_of_several_people),
        count(report.people_of_several_customers)
    ));
    text.push_str(&mistakes(&report.wrongly_together, "customer", "people"));
    text.push_str(&mistakes(&report.wrongly_apart, "person", "customers"));
    text
}

fn mistakes(changes: &[Change], one: &str, several: &str) -> String {
    if changes.is_empty() {
        return String::new();
    }
    let header = [(one, Align::Left), ("records", Align::Right), (several, Align::Left)];
    let row = |change: &Change| {
        let others = change.others.iter().take(6).map(|(id, records)| format!("{id} ({records})"));
        let records = thousands(change.records as u64);
        vec![change.customer_id.clone(), records, others.collect::<Vec<_>>().join(", ")]
    };
    format!("\n{}", table(&header, &changes.iter().map(row).collect::<Vec<_>>()))
}
