//! `resolve`: who is who in any files of records, without a project.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use clap::Args as ClapArgs;
use datafusion::arrow::array::{ArrayRef, AsArray, Float64Array, RecordBatch, StringArray};
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::{Field, Schema};
use datafusion::logical_expr::{LogicalPlanBuilder, lit};
use datafusion::prelude::DataFrame;
use serde::Serialize;

use super::Global;
use super::output::{Align, print, print_json, say, seconds, table, thousands};
use super::progress::progress;
use crate::engine::{Session, SessionOptions, explain_without_sql};
use crate::error::{Error, Kind, Result, nearest};
use crate::identity::linkage::{self, Linkage, Settings, Step, THRESHOLD, Waterfall};
use crate::lake::layout::{FILE, LINE};
use crate::lake::{Lake, Manifest, TableName};
use crate::land::{self, Failure};
use crate::project::Project;
use crate::repl::{OutputFormat, save};

/// Find which records of any files are the same person: no project, no rules, no labels.
///
/// Columns are compared by what they hold, found from their names and values; how much each agreement weighs is learnt from
/// the records themselves (Fellegi and Sunter's model). The output has all columns of the input, with `record_id`, `source`,
/// `customer_id` and `confidence` in front. Rows that cannot be read are told and left out.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  onefold resolve contacts.csv --out customers.parquet\n  onefold resolve crm.csv shop.parquet --out customers.csv --id \"Customer No\" --ignore notes"
)]
pub(super) struct Args {
    /// CSV, TSV, NDJSON, JSON or Parquet files, also .gz and .zst; each is a source of its own.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The file for the result; its ending says the format.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The column that tells records apart. Default: `record_id` or `id`, else the number of the row. Of several files, each
    /// record's id begins with its source.
    #[arg(long, value_name = "COLUMN")]
    id: Option<String>,
    /// The column that says where a record is from. Default: `source`, else the file.
    #[arg(long, value_name = "COLUMN")]
    source: Option<String>,
    /// What stands between the fields of CSV files. Default: `,`, of .tsv a tab.
    #[arg(long, value_name = "C")]
    delimiter: Option<String>,
    /// The encoding of text files, such as windows-1252. Default: UTF-8, or what the file's mark says.
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Columns that say nothing of who somebody is.
    #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
    ignore: Vec<String>,
    /// How probable it must be that two records are one person, 0 to 1. Default: one in three, because a pair is judged
    /// together with all others of its group.
    #[arg(long, value_name = "P", default_value_t = THRESHOLD, hide_default_value = true, value_parser = probability)]
    threshold: f64,
    /// Show what the agreement of two records weighs, column by column.
    #[arg(long, num_args = 2, value_names = ["RECORD", "RECORD"])]
    explain: Vec<String>,
}

fn probability(text: &str) -> std::result::Result<f64, String> {
    let wrong = || "it is between 0 and 1, such as 0.9".to_owned();
    text.parse().ok().filter(|p| (0.0..=1.0).contains(p)).ok_or_else(wrong)
}

/// What was found, as `--json` prints it.
#[derive(Debug, Serialize)]
struct Report {
    records: usize,
    customers: usize,
    /// Records that could not be read.
    quarantined: u64,
    columns: Vec<Column>,
    /// Pairs of records that were compared.
    pairs: u64,
    /// What the model expects of the clusters; none where it cannot tell.
    expected_precision: Option<f64>,
    expected_recall: Option<f64>,
    warnings: Vec<String>,
    /// The sum for the two records of `--explain`.
    waterfall: Option<Waterfall>,
    out: PathBuf,
    elapsed_ms: u64,
}

#[derive(Debug, Serialize)]
struct Column {
    name: String,
    kind: String,
}

pub(super) async fn run(global: &Global, args: &Args) -> Result<()> {
    let started = Instant::now();
    refuse_out(args)?;
    let (rows, mut warnings, quarantined) = read(global, args).await?;
    let columns = Columns::choose(&rows, args)?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let explain = <[String; 2]>::try_from(args.explain.clone()).ok();
    // The id says which record it is, and nothing of who somebody is.
    let ignore = args.ignore.iter().chain(&columns.id).cloned().collect();
    let settings = Settings { ignore, threshold: args.threshold, threads, explain };
    let records = columns.records(&rows)?;
    let linkage = tokio::task::block_in_place(|| linkage::link(&records, &settings))?;
    save(&args.out.to_string_lossy(), &[result(&records, &linkage)?])?;
    warnings.extend(linkage.warnings.iter().cloned());
    let report = Report {
        records: records.num_rows(),
        customers: linkage.customers,
        quarantined,
        columns: linkage.kinds.iter().map(|(name, kind)| Column { name: name.clone(), kind: kind.clone() }).collect(),
        pairs: linkage.pairs,
        expected_precision: linkage.expected_precision,
        expected_recall: linkage.expected_recall,
        warnings,
        waterfall: linkage.waterfall,
        out: args.out.clone(),
        elapsed_ms: started.elapsed().as_millis() as u64,
    };
    if global.json {
        return print_json(&report);
    }
    report.warnings.iter().for_each(|warning| say(&format!("warning: {warning}")));
    if !global.quiet {
        print(&draw(&report))?;
    }
    report.waterfall.as_ref().map_or(Ok(()), |waterfall| print(&fall(waterfall)))
}

/// What is wrong with the result's file should be said before the work, and an input is never written over.
fn refuse_out(args: &Args) -> Result<()> {
    let out = args.out.display();
    if OutputFormat::of_file(&args.out).is_none() {
        return Err(Error::new(Kind::Usage, "the file's name does not say which format it is to have")
            .with("file", out)
            .hint("end it in .csv, .json, .ndjson, .md or .parquet"));
    }
    let there = args.out.canonicalize().ok();
    if there.is_some() && args.files.iter().any(|file| file.canonicalize().ok() == there) {
        return Err(Error::new(Kind::Denied, "the result would be written over a file that is read")
            .with("file", out)
            .hint("name another file with `--out`"));
    }
    Ok(())
}

/// All records of the files, their columns joined by name, with `source` where the files do not have it.
async fn read(global: &Global, args: &Args) -> Result<(RecordBatch, Vec<String>, u64)> {
    let folder = tempfile::tempdir().map_err(|error| {
        Error::new(Kind::of_io(&error), "cannot make a folder for what is read from the files").source(error)
    })?;
    let names = names(&args.files);
    std::fs::write(folder.path().join("onefold.toml"), config(args, &names)?)
        .map_err(|error| Error::new(Kind::of_io(&error), "cannot write to the temp folder").source(error))?;
    let project = Project::open(folder.path())?;
    let lake = Lake::open("lake", folder.path())?;
    let mut draft = Manifest::empty("resolve").next(lake.writer(), "resolve", jiff::Timestamp::UNIX_EPOCH);
    let progress = progress(global.quiet || global.json);
    let landed = Box::pin(land::land(&project, &[], &lake, &mut draft, progress.as_ref())).await?;
    if let Some(Failure { error, .. }) = landed.failures.into_iter().next() {
        return Err(match error.kind() {
            Kind::Check => error.hint("check `--delimiter` and `--encoding`, or mend the file"),
            _ => error,
        });
    }
    let notices = landed.reports.iter().flat_map(|report| report.notices.clone()).collect();
    let quarantined = landed.reports.iter().map(|report| report.rows_quarantined).sum();

    let session = Session::new(&SessionOptions::default())?;
    let mut frame: Option<DataFrame> = None;
    let given = args.source.clone().unwrap_or_else(|| "source".into());
    let failed = |error| explain_without_sql(&error);
    for name in &names {
        let landed = TableName::new("raw", name)?;
        let files = draft.table(&landed).map(|table| table.files.clone()).unwrap_or_default();
        session.register(&lake, &landed, &files).await?;
        let rows = session.context().table(landed.to_string()).await.map_err(failed)?;
        let has_source = rows.schema().has_column_with_unqualified_name(&given);
        if args.source.is_some() && !has_source {
            return Err(missing(&given, rows.schema().fields().iter().map(|field| field.name().as_str())));
        }
        let rows = rows.drop_columns(&[FILE, LINE]).map_err(failed)?;
        let rows = if has_source { rows } else { rows.with_column("source", lit(name.as_str())).map_err(failed)? };
        frame = Some(match frame {
            None => rows,
            Some(before) => union(before, rows)?,
        });
    }
    let frame = frame.ok_or_else(|| Error::new(Kind::Usage, "no file was named"))?;
    let schema = Arc::new(frame.schema().as_arrow().clone());
    let batches = frame.collect().await.map_err(failed)?;
    let rows = concat_batches(&schema, &batches).map_err(|error| failed(error.into()))?;
    Ok((rows, notices, quarantined))
}

fn union(one: DataFrame, other: DataFrame) -> Result<DataFrame> {
    let (state, one) = one.into_parts();
    let plan = LogicalPlanBuilder::from(one).union_by_name(other.into_unoptimized_plan());
    let plan = plan.and_then(LogicalPlanBuilder::build).map_err(|error| explain_without_sql(&error))?;
    Ok(DataFrame::new(state, plan))
}

/// A name for each file, of letters that a source may have: from its own, numbered where two are alike.
fn names(files: &[PathBuf]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let name = |file: &PathBuf| {
        let stem = file.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        let stem = stem.split('.').next().unwrap_or_default();
        let mut name: String = stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(40).collect();
        if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
            name.insert_str(0, "file_");
        }
        let base = name.clone();
        let mut number = 1;
        while !taken.insert(name.clone()) {
            number += 1;
            name = format!("{base}_{number}");
        }
        name
    };
    files.iter().map(name).collect()
}

/// A project that has the files as its sources.
fn config(args: &Args, names: &[String]) -> Result<String> {
    let mut config = "name = \"resolve\"\n".to_owned();
    for (file, name) in args.files.iter().zip(names) {
        let path = file
            .canonicalize()
            .map_err(|error| Error::new(Kind::Usage, format!("cannot read `{}`", file.display())).source(error))?;
        let path = glob::Pattern::escape(&path.to_string_lossy());
        config.push_str(&format!("[sources.{name}]\npath = {}\n", toml::Value::String(path)));
        for (key, value) in [("delimiter", &args.delimiter), ("encoding", &args.encoding)] {
            if let Some(value) = value {
                config.push_str(&format!("{key} = {}\n", toml::Value::String(value.clone())));
            }
        }
    }
    Ok(config)
}

/// Which columns say which record it is and where it is from.
struct Columns {
    /// Whether there are several files, whose records may have the same ids: then each begins with its source.
    many: bool,
    /// None: rows are numbered.
    id: Option<String>,
    source: String,
}

impl Columns {
    fn choose(rows: &RecordBatch, args: &Args) -> Result<Self> {
        let schema = rows.schema();
        let names = || schema.fields().iter().map(|field| field.name().as_str());
        for name in args.id.iter().chain(&args.source).chain(&args.ignore) {
            if !names().any(|known| known == name) {
                return Err(missing(name, names()));
            }
        }
        let usual = ["record_id", "id"].iter().find_map(|name| names().find(|known| known.eq_ignore_ascii_case(name)));
        let id = args.id.clone().or_else(|| usual.map(str::to_owned));
        let many = args.files.len() > 1;
        Ok(Self { many, id, source: args.source.clone().unwrap_or_else(|| "source".into()) })
    }

    /// The rows with `record_id` and `source` in front.
    fn records(&self, rows: &RecordBatch) -> Result<RecordBatch> {
        let failed = |error: datafusion::arrow::error::ArrowError| explain_without_sql(&error.into());
        let text = |name: &str| {
            let column = rows.column_by_name(name).cloned();
            let column = column.ok_or_else(|| missing(name, std::iter::empty()))?;
            datafusion::arrow::compute::cast(&column, &datafusion::arrow::datatypes::DataType::Utf8).map_err(failed)
        };
        let ids: ArrayRef = match &self.id {
            Some(name) => text(name)?,
            None => Arc::new((1..=rows.num_rows()).map(|row| Some(row.to_string())).collect::<StringArray>()),
        };
        let source = text(&self.source)?;
        let ids = if self.many && self.id.is_some() { with_source(&source, &ids) } else { ids };
        let mut fields = vec![Arc::new(Field::new("record_id", ids.data_type().clone(), true))];
        let mut columns = vec![ids];
        fields.push(Arc::new(Field::new("source", source.data_type().clone(), true)));
        columns.push(source);
        for (field, column) in rows.schema().fields().iter().zip(rows.columns()) {
            let is_taken = Some(field.name()) == self.id.as_ref() && field.name() == "record_id";
            if !is_taken && *field.name() != self.source {
                fields.push(Arc::clone(field));
                columns.push(Arc::clone(column));
            }
        }
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(failed)
    }
}

/// `source:id`; null where there is no id.
fn with_source(sources: &ArrayRef, ids: &ArrayRef) -> ArrayRef {
    let (sources, ids) = (sources.as_string::<i32>(), ids.as_string::<i32>());
    let named = sources.iter().zip(ids).map(|(source, id)| Some(format!("{}:{}", source.unwrap_or_default(), id?)));
    Arc::new(named.collect::<StringArray>())
}

fn missing<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Error {
    let error = Error::new(Kind::Usage, format!("the files have no column `{}`", name.escape_debug()));
    match nearest(name, names) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("columns are named as in the file's first line"),
    }
}

/// The records with their customers: `record_id`, `source`, `customer_id`, `confidence`, and the input's columns.
fn result(records: &RecordBatch, linkage: &Linkage) -> Result<RecordBatch> {
    let customers: ArrayRef = Arc::new(StringArray::from_iter_values(&linkage.customer_ids));
    let confidence: ArrayRef = Arc::new(Float64Array::from_iter_values(linkage.confidences.iter().copied()));
    let mut columns = vec![
        (records.schema().field(0).clone(), Arc::clone(records.column(0))),
        (records.schema().field(1).clone(), Arc::clone(records.column(1))),
        (Field::new("customer_id", customers.data_type().clone(), false), customers),
        (Field::new("confidence", confidence.data_type().clone(), false), confidence),
    ];
    let taken = ["record_id", "source", "customer_id", "confidence"];
    for (field, column) in records.schema().fields().iter().zip(records.columns()).skip(2) {
        // What the input calls so is another thing than what was found.
        let name = if taken.contains(&field.name().as_str()) {
            format!("input_{}", field.name())
        } else {
            field.name().clone()
        };
        columns.push((field.as_ref().clone().with_name(name), Arc::clone(column)));
    }
    let (fields, arrays): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(|error| explain_without_sql(&error.into()))
}

fn draw(report: &Report) -> String {
    let header = [("column", Align::Left), ("compared as", Align::Left)];
    let rows: Vec<_> = report.columns.iter().map(|column| vec![column.name.clone(), column.kind.clone()]).collect();
    let count = |number: usize| thousands(number as u64);
    let mut text = table(&header, &rows);
    text.push_str(&format!(
        "\n{} records are {} customers ({} pairs compared)\n",
        count(report.records),
        count(report.customers),
        thousands(report.pairs)
    ));
    if let (Some(precision), Some(recall)) = (report.expected_precision, report.expected_recall) {
        text.push_str(&format!(
            "expected precision {precision:.3}, recall {recall:.3}, by the model, without labels\n"
        ));
    }
    text.push_str(&format!("written to {} in {}\n", report.out.display(), seconds(report.elapsed_ms)));
    text
}

/// The steps from any two records to these, in bits.
fn fall(waterfall: &Waterfall) -> String {
    let header = [("", Align::Left), ("agreement", Align::Left), ("bits", Align::Right), ("values", Align::Left)];
    let bits = |bits: f32| format!("{bits:+.1}");
    let step = |step: &Step| {
        let values =
            if step.left == step.right { step.left.clone() } else { format!("{} | {}", step.left, step.right) };
        vec![step.comparison.clone(), step.level.to_owned(), bits(step.weight + step.rarity), values]
    };
    let line = |name: &str, value: f32| vec![name.to_owned(), String::new(), bits(value), String::new()];
    let mut rows = vec![line("any two records", waterfall.prior)];
    rows.extend(waterfall.steps.iter().filter(|step| step.level != "null").map(step));
    if waterfall.household < -0.05 {
        rows.push(line("may be one household", waterfall.household));
    }
    rows.push(line("together", waterfall.weight));
    let probability = 1.0 / (1.0 + f64::from(-waterfall.weight).exp2());
    format!("\n{}\nby themselves they are one person with probability {probability:.3}\n", table(&header, &rows))
}
