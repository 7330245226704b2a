//! Landing: sources → `raw`. What arrived, unchanged, plus where it came from.
//!
//! A file lands once: a load is known by the BLAKE3 hash of the file's bytes, of how they are read and of its name.
//! A new file adds its rows; what a changed or vanished one does is a rule of the source. Nothing is lost: records read =
//! records landed + records quarantined, for every file, and a file whose quarantine is too large stops the run.
//!
//! The rows of `raw.<source>` are those of its files in the order of their names, each file in its own order; the bytes
//! in the lake depend on nothing else. Files are read in chunks on all cores, so memory does not grow with them.
//! Tables of databases land likewise: whole, or from a watermark on.
//!
//! It must never guess a type, repair a value, drop a record without a trace, or put a value into a message.

mod chunk;
mod column;
mod csv;
mod database;
mod decode;
mod delivery;
mod discover;
mod drift;
mod encoded;
mod expect;
mod input;
mod json;
mod load;
mod newest;
mod parallel;
mod parquet;
mod part;
mod quarantine;
mod report;
mod rules;
mod settings;
mod source;
#[cfg(test)]
mod tests;
mod trial;

pub use self::expect::{Expectation, expectations};
pub use self::quarantine::BadRow;
pub use self::report::SourceReport;
pub use self::trial::{Reading, Trial};
use crate::error::Result;
use crate::lake::{Lake, Manifest};
use crate::progress::Progress;
use crate::project::Project;

/// Lands the sources that `only` names, or all if it is empty, and enters them into `draft`: `raw.<source>`,
/// `quarantine.<source>` if there are such records, and the loads. The caller commits.
///
/// # Errors
/// `Usage` for an unknown source, `Config` for wrong settings, `Source` for a file that is missing or cannot be read and
/// for a database that does not answer, `Denied` for one that does not let us in, `Check` when too many of a source's
/// records cannot be read, a column changed its type, or a source that is to stop then is not as expected. After an error
/// `draft` must not be committed.
pub async fn land(
    project: &Project,
    only: &[String],
    lake: &Lake,
    draft: &mut Manifest,
    progress: &dyn Progress,
) -> Result<Vec<SourceReport>> {
    let chosen = source::choose(project, only)?;
    progress.job("land", chosen.len());
    let mut reports = Vec::with_capacity(chosen.len());
    for source in chosen {
        reports.push(source::land(project, source, lake, draft, progress).await?);
    }
    Ok(reports)
}
