//! What a shell is told when it begins: where it stands, how results look, what the tables mean.

use std::io::IsTerminal;
use std::path::PathBuf;

use super::format::OutputFormat;
use super::unmade::Unmade;
use crate::lake::Snapshot;

/// How a shell shows things.
pub struct Settings {
    /// The format of results; none for what the output file's ending asks for, else the table.
    pub format: Option<OutputFormat>,
    /// The file that the results of a script go to; none for the output.
    pub output: Option<PathBuf>,
    /// How many rows a table on a terminal shows; 0 for all.
    pub rows_max: usize,
    /// The screen that the output is, if it is one.
    pub screen: Screen,
    /// What the shell is open on.
    pub about: About,
    /// What the tables mean.
    pub dictionary: Box<dyn Dictionary>,
    /// The file of the lines that were typed; none to keep none.
    pub history: Option<PathBuf>,
}

impl Default for Settings {
    /// Whole tables without colours, on no project.
    fn default() -> Self {
        Self {
            format: None,
            output: None,
            rows_max: 40,
            screen: Screen::none(),
            about: About::default(),
            dictionary: Box::new(()),
            history: None,
        }
    }
}

/// What is known of the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// Whether results go to a terminal: only there are they cut.
    pub is_terminal: bool,
    /// Its width if that is fixed, as in tests; none to ask the terminal.
    pub fixed_width: Option<usize>,
    /// Whether results are coloured.
    pub colors: bool,
    /// Whether notes and errors are coloured.
    pub note_colors: bool,
}

impl Screen {
    /// No terminal.
    pub fn none() -> Self {
        Self { is_terminal: false, fixed_width: None, colors: false, note_colors: false }
    }

    /// This process's stdout and stderr.
    pub fn detect() -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let is_terminal = std::io::stdout().is_terminal();
        let note_colors = wanted && std::io::stderr().is_terminal();
        Self { is_terminal, fixed_width: None, colors: wanted && is_terminal, note_colors }
    }

    /// The width in columns; none if there is no terminal.
    pub(super) fn width(&self) -> Option<usize> {
        let ask = || terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0));
        self.is_terminal.then(|| self.fixed_width.unwrap_or_else(ask))
    }
}

/// What a shell is open on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// The project's name; none without a project.
    pub project: Option<String>,
    /// The run that is pinned.
    pub run: Option<u64>,
    /// The run's exclusive upper bound in time.
    pub as_of: Option<String>,
    /// When the run was committed, UTC.
    pub committed_at: Option<String>,
    /// The lake as the user calls it.
    pub lake: Option<String>,
    /// The lake's folder if it is a local one: no file is written there.
    pub lake_folder: Option<PathBuf>,
    /// The project's folder: its `onefold.toml` and `sql/` are not written to.
    pub folder: Option<PathBuf>,
    /// The paths of the project's sources, patterns among them: what they match is not written to.
    pub sources: Vec<String>,
}

impl From<&Snapshot> for About {
    fn from(snapshot: &Snapshot) -> Self {
        let manifest = &snapshot.manifest;
        Self {
            project: Some(manifest.project.clone()),
            run: Some(manifest.run),
            as_of: manifest.as_of.clone(),
            committed_at: Some(manifest.committed_at.clone()),
            lake: Some(snapshot.lake.location().to_owned()),
            lake_folder: snapshot.lake.folder().map(ToOwned::to_owned),
            folder: None,
            sources: Vec::new(),
        }
    }
}

/// What the tables mean, and how large they are. Table names are full ones, such as `profile.customers`.
pub trait Dictionary: Send + Sync {
    /// The comment on a column.
    fn column(&self, _table: &str, _column: &str) -> Option<&str> {
        None
    }

    /// The comment on a table.
    fn table(&self, _table: &str) -> Option<&str> {
        None
    }

    /// The number of rows, if it is known without counting.
    fn rows(&self, _table: &str) -> Option<u64> {
        None
    }

    /// The tables that the project knows and that have not been made, by name.
    fn unmade(&self) -> &[Unmade] {
        &[]
    }
}

/// Knows nothing.
impl Dictionary for () {}
