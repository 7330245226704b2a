//! Landing one file: its identity, its rows, its quarantine, its balance.

use std::fs::File;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use futures::TryStreamExt;
use object_store::path::Path;

use super::input::Input;
use super::part::Rows;
use super::quarantine::Quarantine;
use super::{csv, json, parallel, parquet};
use crate::error::{Error, Kind, Result};
use crate::lake::{Lake, Load};
use crate::progress::Progress;
use crate::project::Format;

/// Rises when the same file would be read into other rows than by the version before.
const READER: &str = "onefold-land-1";

/// One file that was landed.
pub(super) struct Landed {
    pub(super) load: Load,
    /// The columns of its rows.
    pub(super) schema: SchemaRef,
    /// What the user should know about it.
    pub(super) notices: Vec<String>,
}

/// Where a file lands.
pub(super) struct Target<'a> {
    pub(super) lake: &'a Lake,
    pub(super) run: u64,
    pub(super) quarantine_percent_max: f64,
    pub(super) progress: &'a dyn Progress,
    /// The name under which progress is reported.
    pub(super) task: &'a str,
}

/// What tells a file from others, as BLAKE3 in hex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    /// Over the file's bytes, how they are read, and the file's name: the load's identity.
    pub(super) load: String,
    /// Over the file's bytes alone.
    pub(super) content: String,
}

impl Identity {
    /// That of a version that `run` lands beside earlier ones: the same bytes may come again.
    pub(super) fn of_version(&self, run: u64) -> Self {
        let load = blake3::hash(format!("{}@{run}", self.load).as_bytes()).to_hex().to_string();
        Self { load, content: self.content.clone() }
    }

    /// Whether `load` is this file, as it is read now.
    pub(super) fn is_of(&self, load: &Load) -> bool {
        load.load == self.load || load.load == self.of_version(load.run).load
    }
}

/// The identity of a file.
pub(super) async fn identity(input: &Arc<Input>) -> Result<Identity> {
    let input = Arc::clone(input);
    parallel::blocking(move || {
        let mut content = blake3::Hasher::new();
        let file = File::open(&input.path).map_err(|error| input.unreadable(error))?;
        content.update_reader(file).map_err(|error| input.unreadable(error))?;
        let content = content.finalize();
        let mut load = blake3::Hasher::new();
        load.update(content.as_bytes());
        for part in [READER, &input.settings.fingerprint(), &input.name] {
            load.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
        }
        Ok(Identity { load: load.finalize().to_hex().to_string(), content: content.to_hex().to_string() })
    })
    .await
}

/// Opens the file: its columns are known, its rows follow.
pub(super) async fn open(input: &Arc<Input>) -> Result<Rows> {
    let input = Arc::clone(input);
    match input.settings.format {
        Format::Csv => csv::read(input).await,
        Format::Ndjson | Format::Json => json::read(input).await,
        Format::Parquet => parquet::read(input).await,
    }
}

/// Writes the file's rows to `raw`, and those that cannot be read to `quarantine`.
///
/// # Errors
/// `Source` when the file cannot be read as a whole, `Check` when too many of its records cannot.
pub(super) async fn land(input: Arc<Input>, id: Identity, target: &Target<'_>) -> Result<Landed> {
    let mut rows = open(&input).await?;
    let Identity { load: id, content } = id;
    let path =
        |layer: &str| Path::from(format!("{layer}/{}/{}-{}.parquet", input.source, &id[..16], target.lake.writer()));
    let metadata = [("onefold.source", input.source.clone()), ("onefold.load", id.clone())];
    let mut data = target.lake.create(path("raw"), Arc::clone(&rows.schema), &metadata)?;
    let mut quarantine = Quarantine::new(target.lake, path("quarantine"), &input.name, &id);
    while let Some(part) = rows.parts.try_next().await? {
        data.write(part.rows).await?;
        quarantine.push(&part.bad).await?;
        target.progress.advance(target.task, input.meter.take());
    }
    let (rows_landed, rows_quarantined) = (data.rows(), quarantine.rows());
    let rows_read = balance(&input, rows_landed, rows_quarantined)?;
    quarantine.check(&input.source, rows_read, target.quarantine_percent_max)?;
    unchanged(&input)?;
    let load = Load {
        file: input.name.clone(),
        load: id,
        content: Some(content),
        bytes: input.bytes,
        rows_read,
        rows_landed,
        rows_quarantined,
        rows_expired: 0,
        run: target.run,
        data: data.finish().await?,
        quarantine: quarantine.finish().await?,
        watermark: None,
    };
    let mut notices = rows.notices;
    if rows_read == 0 {
        notices.push(format!("`{}` has no rows", input.name));
    }
    Ok(Landed { load, schema: rows.schema, notices })
}

/// The records of a file that was read to its end, of which so many landed and are in quarantine.
///
/// # Errors
/// `Source` when a Parquet file has other rows than its footer says, `Internal` when a record of another file is neither a
/// row nor in quarantine.
pub(super) fn balance(input: &Input, landed: u64, quarantined: u64) -> Result<u64> {
    let read = input.records.take();
    if read == landed + quarantined {
        return Ok(read);
    }
    if input.settings.format == Format::Parquet {
        let error = input.error(format!("the Parquet file says that it has {read} rows, and has {landed}"));
        return Err(error.hint("write it anew"));
    }
    let message = format!("of {read} records {landed} became rows and {quarantined} went to quarantine");
    Err(Error::new(Kind::Internal, message).with("source", &input.source).with("file", &input.name))
}

/// Its identity was taken before it was read: a file that was written in between would be landed under a false one.
fn unchanged(input: &Input) -> Result<()> {
    if input.stamp()? == (input.bytes, input.modified) {
        return Ok(());
    }
    let error = Error::new(Kind::Source, "the file changed while it was read");
    Err(error.with("source", &input.source).with("file", &input.name).hint("land it again when it is complete"))
}
