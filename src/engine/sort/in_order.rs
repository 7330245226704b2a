//! Rows that need no sort of them all: the partitions are ranges of their key, and each gives its own in order, or nearly.

use std::sync::Arc;

use datafusion::arrow::compute::SortOptions;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::runtime::SpawnedTask;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{LexOrdering, Partitioning, PhysicalSortExpr};
use datafusion::physical_plan::sorts::partial_sort::PartialSortExec;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use futures::StreamExt;
use tokio::sync::mpsc;

use super::super::texts::{in_one_piece, schema_in_one_piece};
use super::panicked;

/// Batches that a partition computes before its turn.
const BATCHES_AHEAD: usize = 64;

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
/// computed before their turn.
pub(in crate::engine) fn one_after_another(
    plan: Arc<dyn ExecutionPlan>,
    task: Arc<TaskContext>,
    threads: usize,
) -> SendableRecordBatchStream {
    let schema: SchemaRef = schema_in_one_piece(&plan.schema());
    let partitions = 0..plan.output_partitioning().partition_count();
    let rows_of = move |partition| {
        let (plan, task) = (Arc::clone(&plan), Arc::clone(&task));
        let (sender, mut batches) = mpsc::channel(BATCHES_AHEAD);
        let computing = SpawnedTask::spawn(async move {
            let mut rows = plan.execute(partition, task)?;
            while let Some(batch) = rows.next().await {
                if sender.send(in_one_piece(&batch?)?).await.is_err() {
                    break;
                }
            }
            Ok::<_, DataFusionError>(())
        });
        // Computing may end only after the last batch was taken.
        let batches = futures::stream::poll_fn(move |context| batches.poll_recv(context)).map(Ok);
        let end = futures::stream::once(async { computing.await.map_err(panicked)? });
        std::future::ready(batches.chain(end.filter_map(async |end| end.err().map(Err))))
    };
    let rows = futures::stream::iter(partitions.map(rows_of)).buffered(threads).flatten();
    Box::pin(RecordBatchStreamAdapter::new(schema, rows))
}
