//! Files as tables without a project: landed like the sources of one, in a lake that is gone afterwards.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use datafusion::arrow::util::display::array_value_to_string;
use datafusion::error::DataFusionError;
use datafusion::prelude::{DataFrame, col};
use tempfile::TempDir;

use super::Global;
use super::progress::progress;
use crate::engine::{Session, SessionOptions, explain_without_sql};
use crate::error::{Error, Kind, Result, nearest};
use crate::lake::layout::{FILE, QUARANTINE};
use crate::lake::{Lake, Manifest, TableName};
use crate::land::{self, Failure};
use crate::memory;
use crate::project::{Format, Project};
use crate::repl::OutputFormat;

/// How the text files are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written<'a> {
    pub(super) delimiter: Option<&'a str>,
    pub(super) encoding: Option<&'a str>,
}

/// Files that can be queried for as long as this is there.
pub(super) struct Landed {
    pub(super) session: Session,
    /// The rows of each file, by its name, with where each was in it (`_line`).
    pub(super) tables: Vec<(String, DataFrame)>,
    /// What is to be told of the files.
    pub(super) notices: Vec<String>,
    /// Rows that could not be read.
    pub(super) quarantined: u64,
    _folder: TempDir,
}

/// A file, and the name that it has as a table.
pub(super) type Named = (String, PathBuf);

/// The files that are not empty, each with a name that is made of its own, and what is to be told of the others.
///
/// # Errors
/// `Usage` when one is not there, or none is left.
pub(super) fn named(files: &[PathBuf]) -> Result<(Vec<Named>, Vec<String>)> {
    for file in files {
        std::fs::metadata(file)
            .map_err(|error| Error::new(Kind::Usage, format!("cannot read `{}`", file.display())).source(error))?;
    }
    let (empty, files): (Vec<_>, Vec<_>) = files.iter().cloned().partition(|file| is_empty(file));
    let notices = empty.iter().map(|file| format!("`{}` is empty and left out", file.display())).collect();
    if files.is_empty() {
        return Err(Error::new(Kind::Usage, "there is nothing in the files").hint("name a file with records"));
    }
    Ok((names(&files).into_iter().zip(files).collect(), notices))
}

/// Lands `files`, each as a table of its own with the columns that it has, those of text files as text.
///
/// # Errors
/// `Usage` for a file that is not there, and what landing says.
pub(super) async fn land_files(global: &Global, files: &[Named], written: Written<'_>) -> Result<Landed> {
    let folder = tempfile::tempdir().map_err(|error| {
        Error::new(Kind::of_io(&error), "cannot make a folder for what is read from the files").source(error)
    })?;
    std::fs::write(folder.path().join("onefold.toml"), config(files, written)?)
        .map_err(|error| Error::new(Kind::of_io(&error), "cannot write to the temp folder").source(error))?;
    let project = Project::open(folder.path())?;
    let lake = Lake::open("lake", folder.path())?;
    let mut draft = Manifest::empty("files").next(lake.writer(), "files", jiff::Timestamp::UNIX_EPOCH);
    let progress = progress(global.quiet || global.json);
    let landed = Box::pin(land::land(&project, &[], &lake, &mut draft, progress.as_ref())).await?;
    if let Some(Failure { error, .. }) = landed.failures.into_iter().next() {
        return Err(match error.kind() {
            Kind::Check => error.hint("check `--delimiter` and `--encoding`, or mend the file"),
            _ => error,
        });
    }
    let mut notices: Vec<String> = landed.reports.iter().flat_map(|report| report.notices.clone()).collect();
    let quarantined = landed.reports.iter().map(|report| report.rows_quarantined).sum();
    memory::keep_freed();
    let session = Session::new(&SessionOptions::default())?;
    let mut tables = Vec::with_capacity(files.len());
    for (name, _) in files {
        let landed = TableName::new("raw", name)?;
        let files = draft.table(&landed).map(|table| table.files.clone()).unwrap_or_default();
        session.register(&lake, &landed, &files).await?;
        let rows = session.context().table(landed.to_string()).await;
        let rows = rows.and_then(|rows| rows.drop_columns(&[FILE])).map_err(|error| explain_without_sql(&error))?;
        tables.push((name.clone(), rows));
    }
    for report in landed.reports.iter().filter(|report| report.rows_quarantined > 0) {
        let table = TableName::new(QUARANTINE, &report.source)?;
        let files = draft.table(&table).map(|table| table.files.clone()).unwrap_or_default();
        session.register(&lake, &table, &files).await?;
        let first = first_bad(&session, &table).await.map_err(|error| explain_without_sql(&error))?;
        notices.push(format!(
            "{} of {} records of `{}` cannot be read and are left out; the first is {first}",
            report.rows_quarantined, report.rows_read, report.source
        ));
    }
    Ok(Landed { session, tables, notices, quarantined, _folder: folder })
}

/// Where the first record is that cannot be read, and why.
async fn first_bad(session: &Session, table: &TableName) -> std::result::Result<String, DataFusionError> {
    let rows = session.context().table(table.to_string()).await?;
    let first = rows.select_columns(&["line", "reason"])?.sort_by(vec![col("line")])?.limit(0, Some(1))?;
    let batches = first.collect().await?;
    let row = batches.first().filter(|batch| batch.num_rows() > 0).map(|batch| {
        let text = |at: usize| array_value_to_string(batch.column(at), 0).unwrap_or_default();
        format!("line {}: {}", text(0), text(1))
    });
    Ok(row.unwrap_or_default())
}

/// The error for a column that the files do not have.
pub(super) fn missing<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Error {
    let error = Error::new(Kind::Usage, format!("the files have no column `{}`", name.escape_debug()));
    match nearest(name, names) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("columns are named as in the file's first line"),
    }
}

/// Refuses a file for the result of `option` whose name does not say which format it is to have, or that is read.
///
/// # Errors
/// `Usage` for such a name, `Denied` if `path` is one of `files`.
pub(super) fn refuse_result(files: &[PathBuf], option: &str, path: &Path) -> Result<()> {
    if OutputFormat::of_file(path).is_none() {
        return Err(Error::new(Kind::Usage, "the file's name does not say which format it is to have")
            .with("file", path.display())
            .hint("end it in .csv, .json, .ndjson, .md or .parquet"));
    }
    refuse_input(files, option, path)
}

/// Refuses to write the result of `option` over a file that is read.
///
/// # Errors
/// `Denied` if `path` is one of `files`.
pub(super) fn refuse_input(files: &[PathBuf], option: &str, path: &Path) -> Result<()> {
    let there = path.canonicalize().ok();
    if there.is_some() && files.iter().any(|file| file.canonicalize().ok() == there) {
        return Err(Error::new(Kind::Denied, "the result would be written over a file that is read")
            .with("file", path.display())
            .hint(format!("name another file with `{option}`")));
    }
    Ok(())
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
fn config(files: &[Named], written: Written<'_>) -> Result<String> {
    let mut config = "name = \"files\"\n".to_owned();
    let all_json = files.iter().all(|(_, file)| is_json(file));
    for (name, file) in files {
        let path = file
            .canonicalize()
            .map_err(|error| Error::new(Kind::Usage, format!("cannot read `{}`", file.display())).source(error))?;
        let path = glob::Pattern::escape(&path.to_string_lossy());
        config.push_str(&format!("[sources.{name}]\npath = {}\n", toml::Value::String(path)));
        let delimiter = written.delimiter.map(str::to_owned).or_else(|| delimiter(file));
        // JSON is UTF-8 beside text files of another encoding.
        let encoding = written.encoding.filter(|_| all_json || !is_json(file)).map(str::to_owned);
        for (key, value) in [("delimiter", delimiter), ("encoding", encoding)] {
            if let Some(value) = value {
                config.push_str(&format!("{key} = {}\n", toml::Value::String(value)));
            }
        }
    }
    Ok(config)
}

fn is_empty(file: &Path) -> bool {
    std::fs::metadata(file).is_ok_and(|metadata| metadata.is_file() && metadata.len() == 0)
}

fn is_json(file: &Path) -> bool {
    matches!(land::format_of(&file.to_string_lossy()), Some(Format::Json | Format::Ndjson))
}

/// What stands between the fields of a CSV file whose first line shows that it is no comma.
fn delimiter(file: &Path) -> Option<String> {
    let is_csv = land::format_of(&file.to_string_lossy()) == Some(Format::Csv);
    let found = is_csv.then(|| land::delimiter_of(file)).flatten()?;
    (found != ',').then(|| found.to_string())
}
