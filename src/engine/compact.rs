//! Batches that hold no more memory than their rows need, before they are sorted.
//!
//! A group by gives its rows as slices of one batch, and a join leaves the texts of its inputs where they are. DataFusion's
//! sort counts for each batch all the memory that it keeps alive: for eight thousand of a million rows the million, again for
//! each eight thousand. So it wrote each batch to disk by itself, or gave up because a single one was more than its part.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, MutableArrayData, RecordBatch, RecordBatchOptions, make_array,
};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::utils::memory::get_record_batch_memory_size;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::execution_plan::{CardinalityEffect, replace_children_if_necessary};
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::StreamExt;

use crate::lake::value_bytes;

/// A batch may hold so many times the memory that its values take.
const SPARSE: usize = 2;

/// Puts a [`Compact`] below each sort of all rows.
#[derive(Debug)]
pub(super) struct CompactBeforeSort;

impl PhysicalOptimizerRule for CompactBeforeSort {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let compacted = plan.transform_up(|node| {
            let Some(sort) = node.downcast_ref::<SortExec>().filter(|sort| sort.fetch().is_none()) else {
                return Ok(Transformed::no(node));
            };
            let input = Arc::new(Compact { input: Arc::clone(sort.input()) });
            Ok(Transformed::yes(replace_children_if_necessary(node, vec![input])?))
        });
        Ok(compacted?.data)
    }

    fn name(&self) -> &'static str {
        "compact_before_sort"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Hands its input's batches on, with memory of their own where they hold far more than they need.
#[derive(Debug)]
struct Compact {
    input: Arc<dyn ExecutionPlan>,
}

impl DisplayAs for Compact {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl ExecutionPlan for Compact {
    fn name(&self) -> &'static str {
        "Compact"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, mut children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(Self { input: children.swap_remove(0) }))
    }

    fn execute(&self, partition: usize, task: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let batches = self.input.execute(partition, task)?.map(|batch| compact(&batch?));
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), batches)))
    }

    fn cardinality_effect(&self) -> CardinalityEffect {
        CardinalityEffect::Equal
    }
}

fn compact(batch: &RecordBatch) -> Result<RecordBatch> {
    let needed: usize = batch.columns().iter().map(value_bytes).sum();
    if get_record_batch_memory_size(batch) <= SPARSE * needed {
        return Ok(batch.clone());
    }
    let columns = batch.columns().iter().map(copied).collect::<Result<_>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(Arc::clone(batch.schema_ref()), columns, &options)?)
}

/// The array in memory of its own.
fn copied(array: &ArrayRef) -> Result<ArrayRef> {
    Ok(match array.data_type() {
        DataType::Utf8View => Arc::new(array.as_string_view().gc()),
        DataType::BinaryView => Arc::new(array.as_binary_view().gc()),
        _ => {
            let data = array.to_data();
            let mut copy = MutableArrayData::new(vec![&data], false, array.len());
            copy.try_extend(0, 0, array.len())?;
            make_array(copy.freeze())
        }
    })
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{Int64Array, ListArray, StringViewArray};
    use datafusion::arrow::datatypes::{Field, Int64Type, Schema};
    use datafusion::physical_plan::collect;

    use super::*;
    use crate::engine::{Session, SessionOptions};
    use crate::project::Params;

    #[test]
    fn a_slice_becomes_as_small_as_its_rows_and_stays_what_it_was() {
        let texts: StringViewArray = (0..10_000).map(|n| Some(format!("a text of its own, {n}"))).collect();
        let numbers: Int64Array = (0..10_000).map(|n| (n % 7 != 0).then_some(n)).collect();
        let lists = ListArray::from_iter_primitive::<Int64Type, _, _>((0..10_000).map(|n| Some(vec![Some(n); 2])));
        let columns: Vec<ArrayRef> = vec![Arc::new(texts), Arc::new(numbers), Arc::new(lists)];
        let fields = ["text", "number", "list"].iter().zip(&columns);
        let fields = fields.map(|(name, column)| Field::new(*name, column.data_type().clone(), true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let whole = RecordBatch::try_new(schema, columns).expect("a batch");
        let slice = whole.slice(1_000, 100);
        let compacted = compact(&slice).expect("compacts");
        assert_eq!(compacted, slice);
        let needed: usize = slice.columns().iter().map(value_bytes).sum();
        assert!(get_record_batch_memory_size(&slice) > 50 * needed);
        assert!(get_record_batch_memory_size(&compacted) <= SPARSE * needed);
        let same = compact(&whole).expect("compacts");
        assert_eq!(same.column(0).to_data().buffers()[0].as_ptr(), whole.column(0).to_data().buffers()[0].as_ptr());
    }

    /// 200,000 groups of a text are 20 MB, and a window over them sorts them in 32 MB.
    #[test]
    fn a_window_over_many_groups_needs_no_memory_for_each_batch_of_them() {
        let options = SessionOptions { memory_bytes_max: 96 << 20, threads: Some(2), ..SessionOptions::default() };
        let session = Session::new(&options).expect("a session");
        let sql = "SELECT bucket, count(*) AS groups, min(nth) AS least, max(nth) AS most FROM (
                       SELECT id % 10 AS bucket, row_number() OVER (PARTITION BY id % 10 ORDER BY name) AS nth
                       FROM (SELECT value AS id, concat('somebody with a long name, number ', value) AS name, count(*) AS n
                             FROM generate_series(1, 200000) GROUP BY 1, 2))
                   GROUP BY bucket HAVING least <> 1 OR most <> 20000";
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().expect("a runtime");
        let wrong = runtime.block_on(async {
            let plan = session.plan(sql, &Params::default()).await.expect("plans");
            collect(session.physical_plan(&plan).await.expect("plans"), session.task()).await.expect("runs")
        });
        assert_eq!(wrong.iter().map(RecordBatch::num_rows).sum::<usize>(), 0);
    }
}
