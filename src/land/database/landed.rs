//! The rows that landed last: a landing reads those from the watermark on again, and they must not land twice.

use arrow::array::AsArray;
use arrow::datatypes::SchemaRef;
use futures::TryStreamExt;

use super::digest::{Landed, RowHasher};
use super::watermark::Since;
use crate::error::Result;
use crate::lake::{Lake, Load};
use crate::land::stored;

/// The column of the quarantine that shows a row.
const RAW: &str = "raw";

/// The rows of `loads` that are read again `since` a watermark, by the columns that they have in common with `schema`.
/// Their files are held against the manifest's hashes first.
pub(super) async fn landed(lake: &Lake, loads: &[Load], since: &Since, schema: &SchemaRef) -> Result<Landed> {
    let mut landed = Landed::default();
    for load in loads {
        let Some(rows) = load.watermark.as_ref().and_then(|highest| since.rows_of(load, highest)) else { continue };
        lake.check(std::iter::once(&load.data).chain(&load.quarantine).cloned().collect()).await?;
        let set = landed.set(RowHasher::common(schema, &lake.schema(&load.data).await?)?);
        let mut batches = stored::rows(lake, &load.data, load.data.rows.saturating_sub(rows)).await?;
        while let Some(batch) = batches.try_next().await? {
            set.add(&since.rows_in(batch)?)?;
        }
        let Some(quarantine) = &load.quarantine else { continue };
        let mut batches = stored::rows(lake, quarantine, 0).await?;
        while let Some(batch) = batches.try_next().await? {
            let raw = batch.column_by_name(RAW).and_then(|raw| raw.as_string_opt::<i32>());
            raw.iter().flat_map(|raw| raw.iter().flatten()).for_each(|raw| set.add_bad(raw));
        }
    }
    Ok(landed)
}
