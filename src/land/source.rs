//! Landing one source: which of its files are known, new or changed, and the tables that come out.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;

use super::database;
use super::discover::{self, Found};
use super::drift::Columns;
use super::input::Input;
use super::load::{self, Target};
use super::settings::Settings;
use crate::error::{Error, Kind, Result};
use crate::lake::layout::QUARANTINE;
use crate::lake::{DataFile, Fingerprint, Lake, Load, Manifest, Table, TableName};
use crate::progress::{Progress, Unit};
use crate::project::{Project, Source};

/// What landing did with one source. Rows and bytes are those of the files that landed now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceReport {
    /// The source's name.
    pub source: String,
    /// Files that landed for the first time.
    pub files_landed: usize,
    /// Files that had landed before and have not changed.
    pub files_unchanged: usize,
    /// Files that landed again because they had changed, in place of their older version.
    pub files_replaced: usize,
    /// Records found: `rows_landed + rows_quarantined`.
    pub rows_read: u64,
    /// Records that became rows of `raw.<source>`.
    pub rows_landed: u64,
    /// Records that went to `quarantine.<source>`.
    pub rows_quarantined: u64,
    /// Bytes of the files.
    pub bytes: u64,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
    /// What the user should know, though nothing failed.
    pub notices: Vec<String>,
}

/// Lands the source called `name` into `draft`, which is unchanged after an error.
pub(super) async fn land(
    project: &Project,
    (name, source): (&str, &Source),
    lake: &Lake,
    draft: &mut Manifest,
    progress: &dyn Progress,
) -> Result<SourceReport> {
    if source.url.is_some() {
        return Box::pin(database::land(project, (name, source), lake, draft, progress)).await;
    }
    let begun = Instant::now();
    let task = format!("land {name}");
    let found = discover::files(&project.root, name, &source.path).await?;
    progress.begin(&task, Some(found.iter().map(|file| file.bytes).sum()), Unit::Bytes);
    let target =
        Target { lake, run: draft.run, quarantine_percent_max: source.quarantine_percent_max, progress, task: &task };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = project.config.limits.threads.unwrap_or(cores);
    let mut landing = Landing::new(name, draft.loads.get(name).cloned().unwrap_or_default());
    for file in &found {
        landing.file(source, file, threads, &target).await?;
    }
    landing.name_the_vanished(&found);
    let Landing { loads, mut report, .. } = landing;
    report.elapsed_ms = begun.elapsed().as_millis() as u64;
    enter(draft, name, loads, report.elapsed_ms)?;
    report.notices.iter().for_each(|notice| progress.notice(notice));
    progress.finish(&task, &report.summary());
    Ok(report)
}

/// Enters all loads of the source called `name` into `draft`, and the tables that they make.
pub(super) fn enter(draft: &mut Manifest, name: &str, loads: Vec<Load>, elapsed_ms: u64) -> Result<()> {
    let table_name = |schema: &str| TableName::new(schema, name).map(|name| name.to_string());
    let (raw, quarantine) = (table_name("raw")?, table_name(QUARANTINE)?);
    set_table(draft, raw, loads.iter().map(|load| load.data.clone()).collect(), &loads, elapsed_ms);
    let quarantined = loads.iter().filter_map(|load| load.quarantine.clone()).collect();
    set_table(draft, quarantine, quarantined, &loads, elapsed_ms);
    draft.loads.insert(name.to_owned(), loads);
    Ok(())
}

impl SourceReport {
    pub(super) fn new(source: &str) -> Self {
        Self {
            source: source.to_owned(),
            files_landed: 0,
            files_unchanged: 0,
            files_replaced: 0,
            rows_read: 0,
            rows_landed: 0,
            rows_quarantined: 0,
            bytes: 0,
            elapsed_ms: 0,
            notices: Vec::new(),
        }
    }

    /// Takes in a load, which landed in place of an older version of it or for the first time.
    pub(super) fn count(&mut self, load: &Load, replaced: bool) {
        self.files_landed += usize::from(!replaced);
        self.files_replaced += usize::from(replaced);
        self.rows_read += load.rows_read;
        self.rows_landed += load.rows_landed;
        self.rows_quarantined += load.rows_quarantined;
        self.bytes += load.bytes;
    }

    /// What came out, on one line.
    pub(super) fn summary(&self) -> String {
        let files = match self.files_landed + self.files_replaced {
            0 => return "unchanged".into(),
            1 => "1 file".to_owned(),
            files => format!("{files} files"),
        };
        let mut summary = format!("{} rows, {files}", self.rows_landed);
        if self.rows_quarantined > 0 {
            let _ = write!(summary, ", {} quarantined", self.rows_quarantined);
        }
        summary
    }
}

/// A source while its files land.
struct Landing {
    name: String,
    /// All loads, those of earlier runs included, in the order of their files' names.
    loads: Vec<Load>,
    /// The columns of all loads; known once the first file lands.
    columns: Option<Columns>,
    report: SourceReport,
}

impl Landing {
    fn new(name: &str, loads: Vec<Load>) -> Self {
        Self { name: name.to_owned(), loads, columns: None, report: SourceReport::new(name) }
    }

    async fn file(&mut self, source: &Source, file: &Found, threads: usize, target: &Target<'_>) -> Result<()> {
        let settings = Settings::new(&self.name, source, &file.name)?;
        let local = file.local().await?;
        let input = Arc::new(Input::new(&self.name, &file.name, &local.path, settings, threads)?);
        let id = load::identity(&input).await?;
        let before = self.loads.iter().position(|load| load.file == file.name);
        if before.is_some_and(|at| self.loads[at].load == id) {
            self.report.files_unchanged += 1;
            target.progress.advance(target.task, file.bytes);
            return Ok(());
        }
        if input.bytes == 0 {
            let error = input.error("the file is empty");
            return Err(
                error.hint("a source without rows still needs its header; delete the file if it arrived by mistake")
            );
        }
        let landed = Box::pin(load::land(input, id, target)).await?;
        if let Some(at) = before {
            self.loads.remove(at);
            self.columns = None;
            self.report.notices.push(format!("`{}` changed since it landed: its rows are replaced", file.name));
        }
        self.report.notices.extend(landed.notices);
        let mut columns = match self.columns.take() {
            Some(columns) => columns,
            None => Columns::of(target.lake, &self.loads.iter().collect::<Vec<_>>()).await?,
        };
        columns.same_types(&self.name, &file.name, &landed.schema)?;
        self.report.notices.extend(columns.compare(&file.name, &landed.schema));
        columns.add(&landed.schema);
        self.columns = Some(columns);
        self.report.count(&landed.load, before.is_some());
        let place = self.loads.partition_point(|load| load.file < landed.load.file);
        self.loads.insert(place, landed.load);
        Ok(())
    }

    fn name_the_vanished(&mut self, found: &[Found]) {
        let gone = self.loads.iter().filter(|load| found.iter().all(|file| file.name != load.file));
        self.report.notices.extend(gone.map(|load| format!("`{}` is no longer there: its rows stay", load.file)));
    }
}

/// Puts the table into `draft`, unless it is there with the same loads; without files there is no table.
fn set_table(draft: &mut Manifest, name: String, files: Vec<DataFile>, loads: &[Load], elapsed_ms: u64) {
    let fingerprint: Fingerprint = loads.iter().map(|load| (load.file.clone(), load.load[..16].to_owned())).collect();
    if files.is_empty() {
        draft.tables.remove(&name);
    } else if draft.tables.get(&name).is_none_or(|table| table.fingerprint != fingerprint) {
        draft.tables.insert(name, Table { run: draft.run, files, fingerprint, inputs: Vec::new(), elapsed_ms });
    }
}

/// The sources that `only` names, or all, in the order of their names.
///
/// # Errors
/// `Usage` when there is no such source, or none at all.
pub(super) fn choose<'a>(project: &'a Project, only: &[String]) -> Result<Vec<(&'a str, &'a Source)>> {
    let sources = &project.config.sources;
    if sources.is_empty() {
        let error = Error::new(Kind::Usage, "the project has no sources");
        return Err(error.hint("add one to onefold.toml, such as `[sources.crm]` with `path = \"crm/*.csv\"`"));
    }
    if let Some(unknown) = only.iter().find(|name| !sources.contains_key(*name)) {
        let error = Error::new(Kind::Usage, format!("there is no source `{}`", unknown.escape_debug()));
        let names: Vec<&str> = sources.keys().map(String::as_str).collect();
        return Err(match crate::error::nearest(unknown, names.iter().copied()) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint(format!("the sources are `{}`", names.join("`, `"))),
        });
    }
    let wanted = |name: &str| only.is_empty() || only.iter().any(|only| only == name);
    Ok(sources.iter().map(|(name, source)| (name.as_str(), source)).filter(|(name, _)| wanted(name)).collect())
}
