//! `resolve`: who is who in any files of records, without a project.

mod decisions;
mod draw;
mod read;
mod records;
mod state;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args as ClapArgs;
use datafusion::arrow::array::RecordBatch;
use serde::Serialize;

use super::Global;
use super::landed::{refuse_input, refuse_result};
use super::output::{print, print_json, say};
use super::picture;
use super::progress::progress;
use super::waterfall;
use crate::chart;
use crate::error::{Error, Kind, Result};
use crate::identity::linkage::diagnose::Diagnostics;
use crate::identity::linkage::{self, Follow, Linkage, Past, Settings, THRESHOLD, Waterfall};
use crate::progress::{Progress, Unit};
use crate::repl::{ResultFile, save, save_text};
use crate::report;
use crate::{memory, parallel};
use read::Files;
use state::State;

/// Find which records of any files are the same person: no project, no rules, no labels.
///
/// Columns are compared by what they hold, found from their names and values, so that files may call them differently; of
/// several phone numbers or e-mail addresses, in columns or in one cell, each is held against each. How much each agreement
/// weighs is learnt from the records themselves (Fellegi and Sunter's model). The output has all columns of the input, with
/// `record_id`, `source`, `customer_id` and `confidence` in front. Rows that cannot be read are told and left out.
///
/// `--report DIR` writes DIR/report.html, one page to look at before trusting the result: how full the columns are, which
/// pairs were compared and how many were missed, what was learnt, and the least certain customers with their records.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  onefold resolve contacts.csv --out customers.parquet\n  onefold resolve crm.csv shop.parquet --out customers.csv --id \"Customer No\" --ignore notes\n  onefold resolve crm.csv shop.csv --out customers.csv --report report/     then open report/report.html\n  onefold resolve crm.csv shop.csv --out customers.csv --explain crm:1 shop:7 --svg why.svg\n  onefold resolve crm.csv shop.csv --out customers.csv --one-per-source --decisions decided.csv\n  onefold resolve crm.csv shop.csv --out customers.csv --state known.state     again every night, with what changed"
)]
pub(super) struct Args {
    /// CSV, TSV, NDJSON, JSON or Parquet files, also .gz and .zst; each is a source of its own.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The file for the result; its ending says the format.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The column that tells records apart; named once for each name that it has in the files. Default: `record_id` or `id`,
    /// else the number of the row. Of several files, each record's id begins with its source.
    #[arg(long, value_name = "COLUMN")]
    id: Vec<String>,
    /// The column that says where a record is from. Default: `source`, else the file.
    #[arg(long, value_name = "COLUMN")]
    source: Option<String>,
    /// What stands between the fields of CSV files. Default: what the first line shows, of .tsv a tab.
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
    /// Nobody is twice in a source. Where it is not said, sources that clearly show it are taken so.
    #[arg(long)]
    one_per_source: bool,
    /// A CSV file with what people decided, as in `match.overrides`: left_record, right_record, and decision, which is
    /// `link` or `unlink`. No evidence outvotes it.
    #[arg(long, value_name = "FILE")]
    decisions: Option<PathBuf>,
    /// A file for what is learnt and compared, so that the next run with it compares only records that are new or changed: with
    /// the same customers as comparing all by what was learnt. All is learnt anew when a fifth of the records are others, or
    /// columns or settings are. Records are known by their ids; the file holds these, and hashes of what records say.
    #[arg(long, value_name = "FILE", conflicts_with = "report")]
    state: Option<PathBuf>,
    /// Show what the agreement of two records weighs, column by column.
    #[arg(long, num_args = 2, value_names = ["RECORD", "RECORD"])]
    explain: Vec<String>,
    /// The file for the chart of `--explain`, as SVG.
    #[arg(long, value_name = "FILE", requires = "explain")]
    svg: Option<PathBuf>,
    /// The folder for report.html, a page on how the records were told apart. It holds personal data.
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
}

fn probability(text: &str) -> std::result::Result<f64, String> {
    let wrong = || "it is between 0 and 1, such as 0.9".to_owned();
    text.parse().ok().filter(|p| (0.0..=1.0).contains(p)).ok_or_else(wrong)
}

/// What was found, as `--json` prints it.
#[derive(Debug, Serialize)]
struct Report<'a> {
    records: usize,
    customers: usize,
    /// How many customers have so many records, by that number.
    sizes: &'a BTreeMap<usize, usize>,
    /// Records that could not be read.
    quarantined: u64,
    columns: Vec<Column>,
    /// Pairs of records that were compared.
    pairs: u64,
    /// What the model expects of the clusters; none where it cannot tell.
    expected_precision: Option<f64>,
    expected_recall: Option<f64>,
    /// What the records show to be so without exception, and was taken for certain.
    rules: &'a [String],
    /// With `--state`: what was compared of the records; none if all was learnt anew.
    followed: Option<Follow>,
    /// Why all was learnt anew, though there was a state.
    learnt_anew: Option<&'a str>,
    warnings: Vec<String>,
    /// The sum for the two records of `--explain`.
    waterfall: Option<&'a Waterfall>,
    /// What the page of `--report` shows, without the values of records.
    diagnostics: Option<&'a Diagnostics>,
    out: PathBuf,
    report: Option<PathBuf>,
    svg: Option<PathBuf>,
    elapsed_ms: u64,
}

#[derive(Debug, Serialize)]
struct Column {
    name: String,
    kind: String,
}

pub(super) async fn run(global: &Global, args: &Args) -> Result<()> {
    let started = Instant::now();
    refuse(args)?;
    let decided = args.decisions.as_deref().map(decisions::read).transpose()?.unwrap_or_default();
    let progress = progress(global.quiet || global.json);
    let Files { tables, notices: mut warnings, quarantined } = read::read(global, args, progress.as_ref()).await?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let explain = <[String; 2]>::try_from(args.explain.clone()).ok();
    let ignore = args.ignore.iter().cloned().chain(records::ids(&tables)).collect();
    let diagnose = args.report.is_some();
    if args.state.is_some() && tables.iter().any(|table| table.id.is_none()) {
        warnings.push(
            "rows are numbered, so that one more makes others of all that follow: `--id` names the column that tells records \
             apart"
                .to_owned(),
        );
    }
    let one_per_source = args.one_per_source;
    let settings = Settings { ignore, threshold: args.threshold, threads, explain, diagnose, one_per_source, decided };
    let (records, state) = tokio::task::block_in_place(|| {
        let state = || args.state.as_ref().map(|path| state::read(path, threads)).transpose();
        parallel::both(|| records::records(tables, args), state)
    });
    let (records, state) = (records?, state?);
    // What reading left behind may not fit beside what follows.
    memory::give_back();
    let linkage = tokio::task::block_in_place(|| {
        let (linkage, past) = link(state, &records, &settings, progress.as_ref())?;
        let keep = || args.state.as_ref().zip(past).map(|(path, past)| state::write(path, &past)).transpose();
        let result = || write(args, &records::result(&records, &linkage)?, progress.as_ref());
        let (written, kept) = parallel::both(result, keep);
        written?;
        // What is known is not to be ahead of what was told.
        kept?.map_or(Ok(()), ResultFile::finish).map(|()| linkage)
    })?;
    drop(progress);
    warnings.extend(linkage.warnings.iter().cloned());
    let waterfall = fall(args, &linkage);
    if let Some((svg, waterfall)) = args.svg.as_ref().zip(waterfall.as_ref()) {
        picture::save(&waterfall.draw(picture::SLIDE), svg)?;
    }
    let page = write_page(args, &linkage, quarantined, &mut warnings)?;
    let report = Report {
        records: records.num_rows(),
        customers: linkage.customers,
        sizes: &linkage.sizes,
        quarantined,
        columns: linkage.kinds.iter().map(|(name, kind)| Column { name: name.clone(), kind: kind.clone() }).collect(),
        pairs: linkage.pairs,
        expected_precision: linkage.expected_precision,
        expected_recall: linkage.expected_recall,
        rules: &linkage.rules,
        followed: linkage.followed,
        learnt_anew: linkage.anew.as_deref(),
        warnings,
        waterfall: linkage.waterfall.as_ref(),
        diagnostics: linkage.diagnostics.as_ref(),
        out: args.out.clone(),
        report: page,
        svg: args.svg.clone(),
        elapsed_ms: started.elapsed().as_millis() as u64,
    };
    if global.json {
        return print_json(&report);
    }
    report.warnings.iter().for_each(|warning| say(&format!("warning: {warning}")));
    if let Some(why) = report.learnt_anew {
        say(&format!("note: all was learnt anew, without the state of before: {why}"));
    }
    if !global.quiet {
        print(&draw::summary(&report))?;
    }
    waterfall.map_or(Ok(()), |waterfall| print(&waterfall::draw(&waterfall)))
}

/// Tells the records apart, by what the state knows of them if there is one; gives what is to be kept.
fn link(
    state: Option<State>,
    records: &RecordBatch,
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<(Linkage, Option<Past>)> {
    let Some(state) = state else { return Ok((linkage::link(records, settings, progress)?, None)) };
    let (past, anew) = match state {
        State::Missing => (None, None),
        State::Other => (None, Some("another version of Onefold made it".to_owned())),
        State::Known(past) => (Some(*past), None),
    };
    let (linkage, past) = linkage::link_again(records, settings, past, progress)?;
    Ok((Linkage { anew: linkage.anew.or(anew), ..linkage }, past))
}

fn write(args: &Args, result: &RecordBatch, progress: &dyn Progress) -> Result<()> {
    let (path, rows) = (args.out.to_string_lossy(), result.num_rows());
    let task = format!("write {}", args.out.file_name().unwrap_or_default().to_string_lossy());
    progress.begin(&task, None, Unit::Rows);
    progress.advance(&task, rows as u64);
    save(&path, std::slice::from_ref(result))?;
    progress.finish(&task, &format!("{rows} records"));
    Ok(())
}

/// The chart of `--explain`.
fn fall(args: &Args, linkage: &Linkage) -> Option<chart::Waterfall> {
    let [left, right] = <[String; 2]>::try_from(args.explain.clone()).ok()?;
    linkage.waterfall.as_ref().map(|of| report::waterfall([&left, &right], of))
}

/// Writes the page of `--report`; gives its file.
fn write_page(args: &Args, linkage: &Linkage, quarantined: u64, warnings: &mut Vec<String>) -> Result<Option<PathBuf>> {
    let Some(folder) = &args.report else { return Ok(None) };
    let Some(diagnostics) = &linkage.diagnostics else {
        warnings.push("there is nothing to report, because no records were compared".to_owned());
        return Ok(None);
    };
    std::fs::create_dir_all(folder).map_err(|error| {
        Error::new(Kind::of_io(&error), "cannot make the folder of the report")
            .with("folder", folder.display())
            .source(error)
    })?;
    let file = |file: &PathBuf| file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let files = args.files.iter().map(file).collect();
    let page = report::Report { files, linkage, diagnostics, quarantined, threshold: args.threshold, warnings }.page();
    let path = folder.join("report.html");
    save_text(&path.to_string_lossy(), &page)?;
    Ok(Some(path))
}

/// What is wrong with the files for the results should be said before the work, and an input is never written over.
fn refuse(args: &Args) -> Result<()> {
    refuse_result(&args.files, "--out", &args.out)?;
    if let Some(state) = &args.state {
        refuse_state(args, state)?;
    }
    args.svg.as_ref().map_or(Ok(()), |svg| picture::refuse_other_than_svg(svg))?;
    if let Some(folder) = args.report.as_ref().filter(|folder| folder.exists() && !folder.is_dir()) {
        return Err(Error::new(Kind::Usage, "the report goes into a folder, and this is a file")
            .with("file", folder.display())
            .hint("name a folder with `--report`"));
    }
    args.svg.as_ref().map_or(Ok(()), |svg| refuse_input(&args.files, "--svg", svg))
}

/// A state is a file of its own, in a folder that there is.
fn refuse_state(args: &Args, state: &Path) -> Result<()> {
    refuse_input(&args.files, "--state", state)?;
    let place = |path: &Path| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(folder.canonicalize().ok()?.join(path.file_name()?))
    };
    let Some(own) = place(state) else {
        return Err(Error::new(Kind::Usage, "there is no such folder for the state").with("file", state.display()));
    };
    for (option, other) in
        [("--out", Some(&args.out)), ("--svg", args.svg.as_ref()), ("--decisions", args.decisions.as_ref())]
    {
        if other.and_then(|other| place(other)).is_some_and(|other| other == own) {
            return Err(Error::new(Kind::Usage, format!("`--state` and `{option}` name the same file")));
        }
    }
    Ok(())
}
