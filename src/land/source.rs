//! Landing one source: which of its files are known, new or changed, and the tables that come out.

use std::sync::Arc;
use std::time::Instant;

use super::database;
use super::discover::{self, Found};
use super::drift::Columns;
use super::expect;
use super::input::Input;
use super::load::{self, Target};
use super::newest;
use super::report::SourceReport;
use super::rules::{self, Standing};
use super::settings::Settings;
use crate::error::{Error, Kind, Result};
use crate::lake::layout::QUARANTINE;
use crate::lake::{Fingerprint, Lake, Load, Manifest, Table, TableName};
use crate::progress::{Progress, Unit};
use crate::project::{Project, Source};

/// Lands the source called `name` into `draft`, which is unchanged after an error.
pub(super) async fn land(
    project: &Project,
    (name, source): (&str, &Source),
    lake: &Lake,
    draft: &mut Manifest,
    progress: &dyn Progress,
) -> Result<SourceReport> {
    newest::check(name, source)?;
    if source.url.is_some() {
        return Box::pin(database::land(project, (name, source), lake, draft, progress)).await;
    }
    let begun = Instant::now();
    let task = format!("land {name}");
    rules::check(name, source)?;
    let found = rules::counting(discover::files(&project.root, name, &source.path).await?, source.keep);
    progress.begin(&task, Some(found.iter().map(|file| file.bytes).sum()), Unit::Bytes);
    let target =
        Target { lake, run: draft.run, quarantine_percent_max: source.quarantine_percent_max, progress, task: &task };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = project.config.limits.threads.unwrap_or(cores);
    let before = draft.loads.get(name).map_or(&[][..], Vec::as_slice);
    let mut landing = Landing::new(name, before);
    let (dropped, notices) = rules::drop_vanished(&mut landing.loads, &found, source.keep);
    for file in &found {
        landing.file(source, file, &found, threads, &target).await?;
    }
    landing.report.notices.extend(rules::vanished(&landing.loads, &found));
    landing.report.notices.extend(copies(source, &landing.loads, draft.run));
    landing.report.files_dropped = dropped;
    landing.report.notices.extend(notices);
    let expectations = expect::hold((name, source), &found, &landing.loads, lake, draft).await?;
    landing.report.expect(expectations);
    let Landing { loads, mut report, .. } = landing;
    report.elapsed_ms = begun.elapsed().as_millis() as u64;
    enter(project, (name, source), lake, draft, loads, report.elapsed_ms).await?;
    report.notices.iter().for_each(|notice| progress.notice(notice));
    progress.finish(&task, &report.summary());
    Ok(report)
}

/// A source while its files land.
struct Landing<'a> {
    name: String,
    /// The loads of the run before.
    before: &'a [Load],
    /// The loads that count, in the order of their files' names, versions of a file in the order in which they landed.
    loads: Vec<Load>,
    /// The columns of all loads, those that count no longer included; known once the first file lands.
    columns: Option<Columns>,
    report: SourceReport,
}

impl<'a> Landing<'a> {
    fn new(name: &str, before: &'a [Load]) -> Self {
        Self { name: name.to_owned(), before, loads: before.to_vec(), columns: None, report: SourceReport::new(name) }
    }

    /// Lands `file`, one of those that are there, `found`, unless it has landed.
    async fn file(
        &mut self,
        source: &Source,
        file: &Found,
        found: &[Found],
        threads: usize,
        target: &Target<'_>,
    ) -> Result<()> {
        let settings = Settings::new(&self.name, source, &file.name)?;
        let local = file.local().await?;
        let mut input = Arc::new(Input::new(&self.name, &file.name, &local.path, settings, threads)?);
        let mut id = load::identity(&input).await?;
        let standing = rules::standing(&self.loads, found, &file.name, &id);
        let is_changed = standing != Standing::New;
        if standing == Standing::Known {
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
        let notice = rules::make_room(&mut self.loads, (&self.name, source), &file.name, &standing)?;
        self.report.notices.extend(notice);
        if self.loads.iter().any(|load| load.file == file.name) {
            Arc::make_mut(&mut input).as_version_of(target.run);
            id = id.of_version(target.run);
        }
        let landed = Box::pin(load::land(input, id, target)).await?;
        self.report.notices.extend(landed.notices);
        let columns = match &mut self.columns {
            Some(columns) => columns,
            none => none.insert(Columns::of(target.lake, &self.before.iter().collect::<Vec<_>>()).await?),
        };
        newest::has_key((&self.name, source), &file.name, &landed.schema)?;
        columns.same_types(&self.name, &file.name, &landed.schema)?;
        self.report.notices.extend(columns.compare(&file.name, &landed.schema, self.loads.is_empty()));
        columns.add(&landed.schema);
        self.report.count(&landed.load, is_changed);
        self.enter(landed.load);
        Ok(())
    }

    /// Takes a load in, at its place.
    fn enter(&mut self, load: Load) {
        let place = self.loads.partition_point(|other| other.file <= load.file);
        self.loads.insert(place, load);
    }
}

/// Says which of `loads` that landed in `run` have the bytes of another one.
fn copies(source: &Source, loads: &[Load], run: u64) -> Vec<String> {
    let what = match source.key.is_empty() {
        true => "its rows count twice",
        false => "rows that have their `key` count once, others twice",
    };
    let landed = loads.iter().filter(|load| load.run == run && load.rows_landed > 0);
    let of = |load: &&Load| {
        let is_twin = |other: &&Load| {
            other.content == load.content && (other.run < run || other.file < load.file) && other.file != load.file
        };
        let twin = loads.iter().find(is_twin)?;
        Some(format!("`{}` is a copy of `{}`: {what}", load.file, twin.file))
    };
    landed.filter_map(|load| of(&load)).collect()
}

/// Enters the loads that count and the source's tables into `draft`. A table that is there with the same loads is left as
/// it is; without files there is no table.
pub(super) async fn enter(
    project: &Project,
    (name, source): (&str, &Source),
    lake: &Lake,
    draft: &mut Manifest,
    loads: Vec<Load>,
    elapsed_ms: u64,
) -> Result<()> {
    let (raw, quarantine) = (TableName::new("raw", name)?, TableName::new(QUARANTINE, name)?);
    let (run, fingerprint) = (draft.run, fingerprint(&loads));
    let table = |files| Table { run, files, fingerprint: fingerprint.clone(), elapsed_ms, ..Table::default() };
    let mut landed = table(loads.iter().map(|load| load.data.clone()).collect());
    landed.fingerprint.extend(newest::print(source).map(|rule| (newest::ASPECT.to_owned(), rule)));
    if is_other(draft, &raw, &landed) {
        landed.newest = newest::rule(project, source, lake, &raw, &landed).await?;
        draft.tables.insert(raw.to_string(), landed);
    }
    let quarantined = table(loads.iter().filter_map(|load| load.quarantine.clone()).collect());
    if quarantined.files.is_empty() {
        draft.tables.remove(&quarantine.to_string());
    } else if is_other(draft, &quarantine, &quarantined) {
        draft.tables.insert(quarantine.to_string(), quarantined);
    }
    draft.loads.insert(name.to_owned(), loads);
    Ok(())
}

/// What a source's tables are made of: its files, each by the loads of its versions and what is gone of them.
fn fingerprint(loads: &[Load]) -> Fingerprint {
    let mut fingerprint = Fingerprint::new();
    for load in loads {
        let print = fingerprint.entry(load.file.clone()).or_default();
        print.push_str(&load.load[..16]);
        if load.rows_expired > 0 {
            print.push_str(&format!("-{}", load.rows_expired));
        }
    }
    fingerprint
}

/// Whether `table` is another than the draft's.
fn is_other(draft: &Manifest, name: &TableName, table: &Table) -> bool {
    draft.table(name).is_none_or(|before| before.fingerprint != table.fingerprint)
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
