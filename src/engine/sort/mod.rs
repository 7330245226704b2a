//! Sorting what a plan gives: in bounded memory, on all cores.
//!
//! Rows are cut as they come into sorted runs of as many as memory holds; all runs but the last of each sorter go to disk.
//! Every run knows some of its keys, from which the key space is cut into ranges of about equal size. A
//! range is small enough for a core's own work: several are put together side by side, and leave in their order. Where
//! runs and ranges end is nowhere seen, so the answer is the same on any number of threads and in any memory, as long as
//! rows of one key are equal.
//!
//! DataFusion's own sort merges a run for every batch of 8192 rows, row by row, on one core, with memory of its own for each
//! of them: at tens of millions of rows by several text columns it is slow and then out of memory.

mod in_order;
mod keys;
mod range;
mod run;
mod sorter;

use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::available_parallelism;

use datafusion::arrow::array::RecordBatch;
use datafusion::common::runtime::SpawnedTask;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::union::UnionExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use futures::{StreamExt, TryStreamExt};
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::texts::schema_in_one_piece;
pub(super) use in_order::{one_after_another, partitions_by_key};
use keys::Keys;
use run::Run;
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
    threads: usize,
) -> Result<SendableRecordBatchStream> {
    sorted_by_ranges(plan, key, task, threads, RANGE_BYTES).await
}

async fn sorted_by_ranges(
    plan: Arc<dyn ExecutionPlan>,
    key: &[usize],
    task: Arc<TaskContext>,
    threads: usize,
    range_bytes: usize,
) -> Result<SendableRecordBatchStream> {
    let schema = plan.schema();
    let keys = Arc::new(Keys::new(&schema, key)?);
    // Each holds a thread until the last row has come, and those who read the rows need some too.
    let sorters = threads.min(available_parallelism().map_or(1, NonZero::get));
    let (sender, batches) = mpsc::channel(sorters);
    let batches = Arc::new(Mutex::new(batches));
    let sorting: Vec<_> = (0..sorters)
        .map(|at| {
            let (sorter, batches) = (Sorter::new(Arc::clone(&keys), &task, at, sorters), Arc::clone(&batches));
            SpawnedTask::spawn_blocking(move || sort_all(sorter, &batches))
        })
        .collect();
    for part in parts(plan) {
        compute(&part, &task, &sender).await?;
    }
    drop(sender);
    let mut runs = Vec::new();
    for sorted in sorting {
        runs.extend(sorted.await.map_err(panicked)??);
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

/// Computes the plan's rows for the sorters, all partitions at a time: what is dealt to one that nobody reads would pile up,
/// and a join waits until each has said which keys it needs. There may be more than threads, from a union below a join.
async fn compute(plan: &Arc<dyn ExecutionPlan>, task: &Arc<TaskContext>, sorters: &Sender<RecordBatch>) -> Result<()> {
    let partitions = plan.output_partitioning().partition_count();
    let computing = (0..partitions).map(|partition| {
        let (plan, task, sorters) = (Arc::clone(plan), Arc::clone(task), sorters.clone());
        let computing = SpawnedTask::spawn(async move {
            let mut rows = plan.execute(partition, task)?;
            while let Some(batch) = rows.next().await {
                // A sorter that failed says why itself.
                if sorters.send(batch?).await.is_err() {
                    break;
                }
            }
            Ok(())
        });
        async { computing.await.map_err(panicked)? }
    });
    futures::stream::iter(computing).buffer_unordered(partitions.max(1)).try_collect().await
}

/// Sorts batches as they come. Whichever sorter is free takes the next one, so that none waits for one that spills.
fn sort_all(mut sorter: Sorter, batches: &Mutex<Receiver<RecordBatch>>) -> Result<Vec<Run>> {
    let receiver = || batches.lock().unwrap_or_else(PoisonError::into_inner);
    let next = || receiver().blocking_recv();
    while let Some(batch) = next() {
        if let Err(error) = sorter.push(batch) {
            receiver().close();
            return Err(error);
        }
    }
    Ok(sorter.finish())
}

fn panicked(error: impl std::error::Error + Send + Sync + 'static) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

#[cfg(test)]
mod tests;
