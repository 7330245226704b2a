//! Rows that need no sort of them all: the partitions are ranges of their key, and each gives its own in order, or nearly.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::SortOptions;
use datafusion::common::runtime::SpawnedTask;
use datafusion::error::Result;
use datafusion::execution::memory_pool::MemoryLimit;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{LexOrdering, Partitioning, PhysicalSortExpr};
use datafusion::physical_plan::sorts::partial_sort::PartialSortExec;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use futures::{Stream, StreamExt};
use tokio::sync::{Semaphore, mpsc};

use super::super::texts::{in_one_piece, schema_in_one_piece};
use super::panicked;
use crate::lake::value_bytes;

/// The share of the memory for queries that may be held of what partitions have computed before their turn.
const MEMORY_SHARE: usize = 8;

/// The plan whose partitions, one after another, give its rows by the columns `key`; none when it takes a sort of them all.
pub(in crate::engine) fn partitions_by_key(
    plan: &Arc<dyn ExecutionPlan>,
    key: &[usize],
) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let Partitioning::Range(ranges) = plan.output_partitioning() else { return Ok(None) };
    let (schema, options) = (plan.schema(), SortOptions { descending: false, nulls_first: true });
    let column = |at: &usize| PhysicalSortExpr::new(Arc::new(Column::new(schema.field(*at).name(), *at)), options);
    let Some(order) = LexOrdering::new(key.iter().map(column)) else { return Ok(None) };
    if ranges.ordering()[..] != order[..1] {
        return Ok(None);
    }
    let given = plan.equivalence_properties();
    let mut known = order.len();
    while known > 0 && !given.ordering_satisfy(order[..known].to_vec())? {
        known -= 1;
    }
    Ok(match known {
        0 => None,
        all if all == order.len() => Some(Arc::clone(plan)),
        some => Some(Arc::new(PartialSortExec::new(order, Arc::clone(plan), some).with_preserve_partitioning(true))),
    })
}

/// The rows of the plan's partitions, one after another, with their texts in one piece. As many as there are threads are
/// computed before their turn, up to a share of the memory.
pub(in crate::engine) fn one_after_another(
    plan: Arc<dyn ExecutionPlan>,
    task: Arc<TaskContext>,
    threads: usize,
) -> SendableRecordBatchStream {
    let schema = schema_in_one_piece(&plan.schema());
    let partitions = 0..plan.output_partitioning().partition_count();
    let memory = match task.memory_pool().memory_limit() {
        MemoryLimit::Finite(bytes) => bytes / MEMORY_SHARE / (threads + 1),
        MemoryLimit::Infinite | MemoryLimit::Unknown => usize::MAX,
    };
    let rows_of =
        move |partition| std::future::ready(computed_ahead(Arc::clone(&plan), partition, Arc::clone(&task), memory));
    let rows = futures::stream::iter(partitions.map(rows_of)).buffered(threads).flatten();
    Box::pin(RecordBatchStreamAdapter::new(schema, rows))
}

/// The rows of a partition, computed from now on, of which about `bytes` wait for whoever takes them.
fn computed_ahead(
    plan: Arc<dyn ExecutionPlan>,
    partition: usize,
    task: Arc<TaskContext>,
    bytes: usize,
) -> impl Stream<Item = Result<RecordBatch>> {
    let all = u32::try_from(bytes >> 10).unwrap_or(u32::MAX).clamp(1, u32::MAX >> 4);
    let (room, (sender, receiver)) = (Arc::new(Semaphore::new(all as usize)), mpsc::unbounded_channel());
    let computing = SpawnedTask::spawn(async move {
        let mut rows = plan.execute(partition, task)?;
        while let Some(batch) = rows.next().await {
            let batch = in_one_piece(&batch?)?;
            let kilobytes = batch.columns().iter().map(value_bytes).sum::<usize>() >> 10;
            // A batch has to be somewhere, however little room there is.
            let needed = u32::try_from(kilobytes).unwrap_or(all).clamp(1, all);
            let place = Arc::clone(&room).acquire_many_owned(needed).await.map_err(panicked)?;
            if sender.send((batch, place)).is_err() {
                break;
            }
        }
        Ok(())
    });
    let batches = futures::stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|(batch, _place)| (Ok(batch), receiver))
    });
    // Only when the last batch was taken is it known whether that was all.
    let end = futures::stream::once(async { computing.await.map_err(panicked)? });
    batches.chain(end.filter_map(|end| std::future::ready(end.err().map(Err))))
}
