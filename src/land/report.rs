//! What landing says about a source.

use std::fmt::Write as _;

use serde::Serialize;

use super::expect::Expectation;
use crate::lake::Load;

/// What landing did with one source. Rows and bytes are those of the files that landed now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SourceReport {
    /// The source's name.
    pub source: String,
    /// Files that landed for the first time.
    pub files_landed: usize,
    /// Files that had landed before and have not changed.
    pub files_unchanged: usize,
    /// Files that landed again because they had changed, were renamed, or are read in another way.
    pub files_changed: usize,
    /// Files that landed in earlier runs and count no longer.
    pub files_dropped: usize,
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
    /// What is expected of the source, and how it stands.
    pub expectations: Vec<Expectation>,
    /// What the user should know, though nothing failed.
    pub notices: Vec<String>,
}

impl SourceReport {
    /// Nothing landed yet.
    pub(super) fn new(source: &str) -> Self {
        Self { source: source.to_owned(), ..Self::default() }
    }

    /// Takes in what landed of a file.
    pub(super) fn count(&mut self, load: &Load, changed: bool) {
        self.files_landed += usize::from(!changed);
        self.files_changed += usize::from(changed);
        self.rows_read += load.rows_read;
        self.rows_landed += load.rows_landed;
        self.rows_quarantined += load.rows_quarantined;
        self.bytes += load.bytes;
    }

    /// Takes in what is expected of the source; what is not met is a notice too.
    pub(super) fn expect(&mut self, expectations: Vec<Expectation>) {
        self.expectations = expectations;
        let unmet = self.unmet();
        self.notices.extend(unmet);
    }

    /// What is expected of the source and not met, a sentence each.
    pub fn unmet(&self) -> Vec<String> {
        let unmet = self.expectations.iter().filter(|one| !one.met);
        let sentence = |one: &Expectation| {
            let (source, found, rule) = (&self.source, &one.found, one.expectation);
            let advice = format!("ask who delivers it, or change `{rule}` under `[sources.{source}]`");
            format!("`{source}` is not as expected: {found}; {advice}")
        };
        unmet.map(sentence).collect()
    }

    /// What came out, on one line.
    pub(super) fn summary(&self) -> String {
        let files = |count: usize| if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
        let mut summary = match self.files_landed + self.files_changed {
            0 if self.files_dropped == 0 => "unchanged".to_owned(),
            0 => format!("{} dropped", files(self.files_dropped)),
            count => format!("{} rows, {}", self.rows_landed, files(count)),
        };
        if self.rows_quarantined > 0 {
            let _ = write!(summary, ", {} quarantined", self.rows_quarantined);
        }
        summary
    }
}
