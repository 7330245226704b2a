//! How the partitions of a plan share the files that it scans.
//!
//! DataFusion gives each partition a stretch of the files, and lets one that is done early take what another one has not
//! begun yet. So rows of one stretch are not where they were planned to be, and stretches must be short to be shared.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::datasource::listing::{FileRange, PartitionedFile};
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfig, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::physical_plan::ExecutionPlan;

/// Bytes of a file that are taken at a time, if a row group begins in them.
const STRETCH_BYTES: u64 = 4 << 20;

/// The plan with each partition reading what it was given and nothing else.
pub(super) fn unshared(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let scans = plan.transform_up(|node| {
        Ok(match node.with_preserve_order(true) {
            Some(unshared) => Transformed::yes(unshared),
            None => Transformed::no(node),
        })
    });
    Ok(scans?.data)
}

/// The plan with its scans in stretches that partitions of unequal speed can share well, where no order is relied on.
pub(super) fn shared(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let scans = plan.transform_up(|node| {
        let scan = node.downcast_ref::<DataSourceExec>();
        let scan = scan.and_then(|scan| scan.downcast_to_file_source::<ParquetSource>());
        let is_free = |files: &FileScanConfig| !files.preserve_order && files.output_partitioning.is_none();
        let Some((files, _)) = scan.filter(|(files, _)| files.file_groups.len() > 1 && is_free(files)) else {
            return Ok(Transformed::no(node));
        };
        let groups = files.file_groups.iter().map(|group| group.iter().flat_map(stretches).collect::<FileGroup>());
        let files = FileScanConfigBuilder::from(files.clone()).with_file_groups(groups.collect()).build();
        Ok(Transformed::yes(DataSourceExec::from_data_source(files) as _))
    });
    Ok(scans?.data)
}

fn stretches(file: &PartitionedFile) -> impl Iterator<Item = PartitionedFile> {
    let (start, end) = file.range();
    let starts = (start..end).step_by(STRETCH_BYTES as usize);
    starts.map(move |start| {
        let range = FileRange { start: start as i64, end: end.min(start + STRETCH_BYTES) as i64 };
        PartitionedFile { range: Some(range), ..file.clone() }
    })
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{Array, RecordBatch, StringArray};
    use datafusion::parquet::arrow::ArrowWriter;
    use datafusion::parquet::file::properties::WriterProperties;
    use datafusion::prelude::ParquetReadOptions;
    use futures::{StreamExt, TryStreamExt};

    use super::super::{Session, SessionOptions};
    use super::*;
    use crate::project::Params;

    /// Rows of the file, which is large enough to be cut and has more than a batch of them, and of each of its row groups.
    const ROWS: i64 = 10_000;
    const ROWS_OF_GROUP: usize = 200;
    const LETTERS_OF_ROW: usize = 4_000;

    /// A session with the file as table `t`, and the folder that it lies in.
    async fn session() -> (Session, tempfile::TempDir) {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("t.parquet");
        let texts = (0..ROWS).map(|n| format!("{n}{}", "x".repeat(LETTERS_OF_ROW)));
        let column = Arc::new(StringArray::from_iter_values(texts)) as Arc<dyn Array>;
        let batch = RecordBatch::try_from_iter([("text", column)]).expect("a batch");
        let properties = WriterProperties::builder().set_max_row_group_row_count(Some(ROWS_OF_GROUP));
        let properties = properties.set_dictionary_enabled(false).build();
        let file = std::fs::File::create(&path).expect("creates");
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).expect("opens");
        writer.write(&batch).expect("writes");
        writer.close().expect("closes");
        let options = SessionOptions { threads: Some(2), ..SessionOptions::default() };
        let session = Session::new(&options).expect("a session");
        let path = path.to_str().expect("UTF-8");
        session.context().register_parquet("t", path, ParquetReadOptions::default()).await.expect("registers");
        (session, dir)
    }

    /// The rows of a partition that nobody else has taken.
    async fn rest(session: &Session, plan: &Arc<dyn ExecutionPlan>, partition: usize) -> i64 {
        let batches = plan.execute(partition, session.task()).expect("starts").try_collect::<Vec<_>>();
        batches.await.expect("reads").iter().map(|batch| batch.num_rows() as i64).sum()
    }

    #[tokio::test]
    async fn partitions_in_order_keep_to_their_part_of_a_file() {
        let (session, _dir) = session().await;
        let logical = session.plan("SELECT text FROM t", &Params::default()).await.expect("plans");
        let plan = session.ordered_physical_plan(&logical, 4).await.expect("plans");
        let mut rows = Vec::new();
        for partition in 0..4 {
            rows.push(rest(&session, &plan, partition).await);
        }
        assert!(rows.iter().all(|rows| *rows < ROWS / 3), "{rows:?}");
        assert_eq!(rows.iter().sum::<i64>(), ROWS);
    }

    #[tokio::test]
    async fn a_partition_takes_what_a_slower_one_has_not_begun() {
        let (session, _dir) = session().await;
        let logical = session.plan("SELECT text FROM t", &Params::default()).await.expect("plans");
        let plan = session.physical_plan(&logical).await.expect("plans");
        let mut slow = plan.execute(0, session.task()).expect("starts");
        let first = slow.next().await.expect("rows").expect("reads").num_rows() as i64;
        let fast = rest(&session, &plan, 1).await;
        assert!(fast > ROWS * 85 / 100, "{fast}");
        let slow: i64 =
            slow.map_ok(|batch| batch.num_rows() as i64).try_fold(first, async |a, b| Ok(a + b)).await.expect("reads");
        assert_eq!(slow + fast, ROWS);
    }
}
