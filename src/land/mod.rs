//! Landing: sources → `raw`. What arrived, unchanged, plus where it came from.
//!
//! A file lands once: a load is known by the BLAKE3 hash of the file's bytes, of how they are read and of its name.
//! A new file adds its rows, a renamed one moves them; what a changed or vanished one does is a rule of the source.
//! Nothing is lost: records read = records landed + records quarantined, for every file, and a file whose quarantine is
//! too large stops its source. A source that cannot land stays as it was; the others land all the same.
//!
//! The rows of `raw.<source>` are those of its files in the order of their names, each file in its own order; the bytes
//! in the lake depend on nothing else. Files are read in chunks on all cores, so memory does not grow with them.
//! Tables of databases land likewise: whole, or from a watermark on.
//!
//! It must never guess a type, repair a value, drop a record without a trace, or put a value into a message.

mod chunk;
mod column;
mod columns;
mod csv;
mod database;
mod decode;
mod delimiter;
mod delivery;
mod discover;
mod drift;
mod encoded;
mod expect;
mod failure;
mod input;
mod json;
mod load;
mod newest;
mod parallel;
mod parquet;
mod part;
mod quarantine;
mod report;
mod retention;
mod rules;
mod settings;
mod source;
mod stored;
#[cfg(test)]
mod tests;
mod trial;

pub(crate) use self::columns::ParquetColumns;
pub use self::delimiter::delimiter_of;
pub use self::expect::{Expectation, expectations};
pub use self::failure::{Failure, as_one};
pub use self::quarantine::BadRow;
pub use self::report::SourceReport;
pub use self::retention::{Expired, Expiry};
pub use self::settings::format_of;
pub use self::trial::{Reading, Trial};
use crate::error::Result;
use crate::lake::{Lake, Manifest};
use crate::progress::{Progress, Unit};
use crate::project::Project;

/// Lands the sources that `only` names, or all if it is empty, and enters them into `draft`: `raw.<source>`,
/// `quarantine.<source>` if there are such records, and the loads. The caller commits.
///
/// A source fails, and stays in `draft` as it was, with `Config` for wrong settings, `Source` for a file that is missing or
/// cannot be read and for a database that does not answer, `Timeout` for one that takes too long, `Denied` for one that
/// does not let us in, `Check` when too many of its records cannot be read, a column changed its type, or it is to stop
/// when it is not as expected.
///
/// # Errors
/// `Usage` for an unknown source, and what stops all sources: the lake, the disk. `draft` must not be committed then.
pub async fn land(
    project: &Project,
    only: &[String],
    lake: &Lake,
    draft: &mut Manifest,
    progress: &dyn Progress,
) -> Result<Outcome> {
    let chosen = source::choose(project, only)?;
    progress.job("land", chosen.len());
    let mut outcome = Outcome::default();
    for source in chosen {
        let begun = lake.begun();
        match source::land(project, source, lake, draft, progress).await {
            Ok(report) => outcome.reports.push(report),
            Err(error) if failure::is_its_own(&error) => {
                // No manifest will name what it has written so far.
                lake.discard_since(begun).await;
                let task = format!("land {}", source.0);
                // Also one that failed before it began is told.
                progress.begin(&task, None, Unit::Bytes);
                progress.finish(&task, &format!("did not land: {}", error.message()));
                outcome.failures.push(Failure { source: source.0.to_owned(), error });
            }
            Err(error) => return Err(error),
        }
    }
    Ok(outcome)
}

/// What became of the sources that were to land, in the order of their names.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Those that landed.
    pub reports: Vec<SourceReport>,
    /// Those that did not.
    pub failures: Vec<Failure>,
}
