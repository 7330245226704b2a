//! stub
use crate::{
    error::Result,
    lake::{Lake, Manifest},
    progress::Progress,
    project::Project,
};
/// x
#[derive(Debug, serde::Serialize)]
#[allow(missing_docs)]
pub struct SourceReport {
    pub source: String,
    pub files_landed: usize,
    pub files_unchanged: usize,
    pub files_replaced: usize,
    pub rows_read: u64,
    pub rows_landed: u64,
    pub rows_quarantined: u64,
}
/// x
pub async fn land(
    _: &Project,
    _: &[String],
    _: &Lake,
    _: &mut Manifest,
    _: &dyn Progress,
) -> Result<Vec<SourceReport>> {
    Ok(vec![])
}
