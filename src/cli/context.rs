//! What most commands begin with: the project, its lake, its parameters.

use jiff::Timestamp;
use jiff::civil::Date;

use super::progress::progress;
use super::{Commit, Global, Reached};
use crate::clock;
use crate::error::{Error, Kind, Result};
use crate::lake::{Lake, Manifest, Snapshot};
use crate::progress::Progress;
use crate::project::{Params, Project, Value};

/// A project at work.
pub(super) struct Context {
    pub(super) project: Project,
    pub(super) lake: Lake,
    pub(super) params: Params,
    /// What `--as-of` asks for, if it was given.
    pub(super) as_of_asked: Option<Date>,
    now: Option<Timestamp>,
    /// How far the command has come.
    reached: Reached,
    pub(super) quiet: bool,
    pub(super) json: bool,
    pub(super) progress: Box<dyn Progress>,
}

impl Context {
    /// Opens the project that the global options name.
    pub(super) fn open(global: &Global) -> Result<Self> {
        let project = Project::open(&global.project)?;
        let lake = match &global.given {
            Some(given) => given.lake.clone(),
            None => Lake::open(global.lake.as_deref().unwrap_or(&project.config.lake), &project.root)?,
        };
        let now = global.given.as_ref().and_then(|given| given.now);
        let mut params = project.params.clone();
        if let Some(as_of) = global.as_of {
            params.set("as_of", Value::Date(as_of));
        } else if params.get("as_of").is_none() {
            params.set("as_of", Value::Date(clock::day_after(now.unwrap_or_else(clock::now))));
        }
        let progress = progress(global.quiet || global.json);
        Ok(Self {
            project,
            lake,
            params,
            as_of_asked: global.as_of,
            now,
            reached: global.reached.clone(),
            quiet: global.quiet,
            json: global.json,
            progress,
        })
    }

    /// The time of day: the wall clock's, unless the caller brought a time.
    pub(super) fn now(&self) -> Timestamp {
        self.now.unwrap_or_else(clock::now)
    }

    /// Does `work`, which commits `run`.
    pub(super) async fn committing<T>(&self, run: u64, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.reached.set(Commit::Begun(run));
        let outcome = work.await;
        if outcome.is_ok() {
            self.reached.set(Commit::Done(run));
        }
        outcome
    }

    /// The newest run, or the empty lake before the first.
    ///
    /// # Errors
    /// `Denied` when the lake belongs to another project.
    pub(super) async fn head(&self) -> Result<Manifest> {
        let name = &self.project.config.name;
        match self.lake.head().await? {
            Some(head) => self.owned(head),
            None => Ok(Manifest::empty(name)),
        }
    }

    /// Pins `run`, or the newest one.
    pub(super) async fn snapshot(&self, run: Option<u64>) -> Result<Snapshot> {
        let snapshot = self.lake.snapshot(run).await?;
        self.owned(snapshot.manifest.as_ref().clone())?;
        Ok(snapshot)
    }

    /// The date that the parameters bound time with.
    pub(super) fn as_of(&self) -> Option<Date> {
        match self.params.get("as_of") {
            Some(Value::Date(date)) => Some(*date),
            _ => None,
        }
    }

    fn owned(&self, manifest: Manifest) -> Result<Manifest> {
        let name = &self.project.config.name;
        if &manifest.project == name {
            return Ok(manifest);
        }
        let message = format!("the lake belongs to the project `{}`, and this is `{name}`", manifest.project);
        Err(Error::new(Kind::Denied, message)
            .with("lake", self.lake.location())
            .hint("name another `lake` in onefold.toml; if the project was renamed, give it its old `name` back"))
    }
}
