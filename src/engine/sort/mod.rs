//! Sorting what a plan gives: in bounded memory, on all cores.
//!
//! Each partition of the plan is cut into sorted runs of as many rows as memory holds; all runs but the last go to disk.
//! Every run knows some of its keys, from which the key space is cut into ranges of about equal size. A
//! range is small enough for a core's own work: several are put together side by side, and leave in their order. Where
//! runs and ranges end is nowhere seen, so the answer is the same on any number of threads and in any memory, as long as
//! rows of one key are equal.
//!
//! DataFusion's own sort merges a run for every batch of 8192 rows, row by row, on one core, with memory of its own for each
//! of them: at tens of millions of rows by several text columns it is slow and then out of memory.

mod keys;
mod range;
mod run;
mod sorter;

use std::sync::Arc;

use datafusion::common::runtime::SpawnedTask;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::union::UnionExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use futures::{StreamExt, TryStreamExt};

use super::texts::schema_in_one_piece;
use keys::Keys;
use sorter::Sorter;

/// Bytes of the rows that a range should have. Its keys and its sorted copy come on top, for a range a thread.
const RANGE_BYTES: usize = 32 << 20;

/// The plan's rows by the columns `key`, ascending, nulls first, with their texts in one piece.
///
/// # Errors
/// What the plan says, and what the disk says of spilled runs.
pub(super) async fn sorted(
    plan: Arc<dyn ExecutionPlan>,
    key: &[usize],
    task: Arc<TaskContext>,
) -> Result<SendableRecordBatchStream> {
    sorted_by_ranges(plan, key, task, RANGE_BYTES).await
}

async fn sorted_by_ranges(
    plan: Arc<dyn ExecutionPlan>,
    key: &[usize],
    task: Arc<TaskContext>,
    range_bytes: usize,
) -> Result<SendableRecordBatchStream> {
    let schema = plan.schema();
    let keys = Arc::new(Keys::new(&schema, key)?);
    let threads = task.session_config().target_partitions();
    let mut sorters: Vec<_> = (0..threads).map(|at| Sorter::new(Arc::clone(&keys), &task, at, threads)).collect();
    for part in parts(plan) {
        sorters = take(&part, &task, sorters).await?;
    }
    let finishing: Vec<_> =
        sorters.into_iter().map(|sorter| SpawnedTask::spawn_blocking(move || sorter.finish())).collect();
    let mut runs = Vec::new();
    for finished in finishing {
        runs.extend(finished.await.map_err(panicked)?);
    }
    let ranges = range::cut(&runs, range_bytes);
    let runs = Arc::new(runs);
    let rows_of = move |range: range::KeyRange| {
        let (runs, keys) = (Arc::clone(&runs), Arc::clone(&keys));
        async move { SpawnedTask::spawn_blocking(move || range.rows(&runs, &keys)).await.map_err(panicked)? }
    };
    let rows = futures::stream::iter(ranges).map(rows_of).buffered(threads);
    let batches = rows.map_ok(|batches| futures::stream::iter(batches).map(Ok)).try_flatten();
    Ok(Box::pin(RecordBatchStreamAdapter::new(schema_in_one_piece(&schema), batches)))
}

/// The inputs of a union. All at once they would hold the build sides of all their joins.
fn parts(plan: Arc<dyn ExecutionPlan>) -> Vec<Arc<dyn ExecutionPlan>> {
    match plan.downcast_ref::<UnionExec>() {
        Some(union) => union.inputs().iter().flat_map(|input| parts(Arc::clone(input))).collect(),
        None => vec![plan],
    }
}

/// Hands the plan's rows to the sorters, which work side by side, each on the partitions that are its turn.
async fn take(plan: &Arc<dyn ExecutionPlan>, task: &Arc<TaskContext>, sorters: Vec<Sorter>) -> Result<Vec<Sorter>> {
    let (count, step) = (plan.output_partitioning().partition_count(), sorters.len());
    let work = sorters.into_iter().enumerate().map(|(first, mut sorter)| {
        let (plan, task) = (Arc::clone(plan), Arc::clone(task));
        SpawnedTask::spawn(async move {
            for partition in (first..count).step_by(step) {
                let mut rows = plan.execute(partition, Arc::clone(&task))?;
                while let Some(batch) = rows.next().await {
                    sorter.push(batch?)?;
                }
            }
            Ok::<_, DataFusionError>(sorter)
        })
    });
    let work: Vec<_> = work.collect();
    let mut sorters = Vec::new();
    for sorter in work {
        sorters.push(sorter.await.map_err(panicked)??);
    }
    Ok(sorters)
}

fn panicked(error: impl std::error::Error + Send + Sync + 'static) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

#[cfg(test)]
mod tests;
