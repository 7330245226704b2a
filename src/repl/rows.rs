//! The rows of a running query, and those of the last one.
//!
//! Queries run on threads of their own: some work for minutes without a pause, and on the shell's threads they would
//! keep Ctrl-C from being heard.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::common::DataFusionError;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use futures::StreamExt;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::engine::{STACK_BYTES, Session, plain_literals};
use crate::error::{Error, Kind};

/// Batches that are ready before they are asked for.
const BATCHES_AHEAD: usize = 4;

/// The threads that queries run on.
pub(super) struct Workers {
    /// Some until the drop.
    runtime: Option<Runtime>,
}

impl Workers {
    /// As many threads as there are cores.
    pub(super) fn new() -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .thread_name("query")
            .thread_stack_size(STACK_BYTES)
            .build()
            .map_err(|error| Error::new(Kind::Internal, "cannot start threads for queries").source(error))?;
        Ok(Self { runtime: Some(runtime) })
    }

    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
        self.runtime.as_ref().expect("the threads live as long as their owner").spawn(work)
    }
}

impl Drop for Workers {
    /// Does not wait: a query that is stopped may go on for a while, up to the next pause that it makes.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A running query; it stops on drop.
pub(super) struct Rows {
    pub(super) schema: SchemaRef,
    batches: mpsc::Receiver<Result<RecordBatch, DataFusionError>>,
    /// None for rows that are at hand.
    task: Option<JoinHandle<()>>,
}

impl Drop for Rows {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl Rows {
    /// Starts a query on `workers`.
    pub(super) fn start(workers: &Workers, session: &Session, plan: Arc<dyn ExecutionPlan>) -> Self {
        let schema = distinct_names(&plan.schema());
        let context = session.task();
        let (sender, batches) = mpsc::channel(BATCHES_AHEAD);
        let task = workers.spawn(async move {
            let mut stream = match execute_stream(plan, context) {
                Ok(stream) => stream,
                Err(error) => return drop(sender.send(Err(error)).await),
            };
            while let Some(batch) = stream.next().await {
                let failed = batch.is_err();
                if sender.send(batch).await.is_err() || failed {
                    break;
                }
            }
        });
        Self { schema, batches, task: Some(task) }
    }

    /// The rows of a batch.
    pub(super) fn of(batch: RecordBatch) -> Self {
        let (sender, batches) = mpsc::channel(1);
        let schema = batch.schema();
        // The channel is new and has room for one.
        let _ = sender.try_send(Ok(batch));
        Self { schema, batches, task: None }
    }

    /// The next batch; none at the end.
    pub(super) async fn next(&mut self) -> Option<Result<RecordBatch, DataFusionError>> {
        // A query that is always ahead would leave its owner no moment for Ctrl-C.
        tokio::task::yield_now().await;
        let batch = self.batches.recv().await?;
        Some(batch.and_then(|batch| Ok(RecordBatch::try_new(Arc::clone(&self.schema), batch.columns().to_vec())?)))
    }
}

/// The schema with names for people: `1` and not `Int64(1)`, and different names for columns of one name, such as `id`
/// and `id_1` of a join, since a file or an object cannot have two. Columns may be null, as batches of a union may be.
fn distinct_names(schema: &Schema) -> SchemaRef {
    let mut fields: Vec<Field> = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let taken = |name: &str| fields.iter().any(|other| other.name() == name);
        let name = plain_literals(field.name());
        let mut numbered = (1..).map(|number| format!("{name}_{number}"));
        let free = if taken(&name) { numbered.find(|name| !taken(name)) } else { None };
        let name = free.unwrap_or(name);
        fields.push(Field::new(name, field.data_type().clone(), true));
    }
    Arc::new(Schema::new(fields))
}

/// Most rows that a kept result may have.
const KEPT_ROWS_MAX: usize = 1_000_000;

/// Most bytes that a kept result may have.
const KEPT_BYTES_MAX: usize = 256 << 20;

/// The rows of a result, as long as they are few enough to be kept as `_`.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) batches: Vec<RecordBatch>,
    rows: usize,
    bytes: usize,
    pub(super) is_too_large: bool,
}

impl Kept {
    /// Keeps a batch; drops all when it is one too many.
    pub(super) fn push(&mut self, batch: &RecordBatch) {
        self.rows += batch.num_rows();
        self.bytes += batch.get_array_memory_size();
        self.is_too_large |= self.rows > KEPT_ROWS_MAX || self.bytes > KEPT_BYTES_MAX;
        if self.is_too_large {
            self.batches.clear();
        } else if batch.num_rows() > 0 {
            self.batches.push(batch.clone());
        }
    }
}

/// The first and the last rows of a result, and how many there are.
pub(super) struct Ends {
    rows_max: usize,
    pub(super) head: Vec<RecordBatch>,
    head_rows: usize,
    tail: std::collections::VecDeque<RecordBatch>,
    tail_rows: usize,
    pub(super) rows: usize,
}

impl Ends {
    /// Keeps at most `rows_max` rows, half of them from the end if there are more; all if it is 0.
    pub(super) fn new(rows_max: usize) -> Self {
        let rows_max = if rows_max == 0 { usize::MAX } else { rows_max };
        Self {
            rows_max,
            head: Vec::new(),
            head_rows: 0,
            tail: std::collections::VecDeque::new(),
            tail_rows: 0,
            rows: 0,
        }
    }

    pub(super) fn push(&mut self, batch: &RecordBatch) {
        self.rows += batch.num_rows();
        let first = (self.rows_max - self.head_rows).min(batch.num_rows());
        if first > 0 {
            self.head.push(batch.slice(0, first));
            self.head_rows += first;
        }
        let rest = batch.slice(first, batch.num_rows() - first);
        if rest.num_rows() == 0 {
            return;
        }
        self.tail_rows += rest.num_rows();
        self.tail.push_back(rest);
        // Whole batches that are not among the last rows go.
        while let Some(oldest) = self.tail.front()
            && self.tail_rows - oldest.num_rows() >= self.tail_max()
        {
            self.tail_rows -= oldest.num_rows();
            self.tail.pop_front();
        }
    }

    fn tail_max(&self) -> usize {
        self.rows_max / 2
    }

    /// The rows to show: all in the first list, or the first ones and the last ones.
    pub(super) fn finish(mut self) -> (Vec<RecordBatch>, Vec<RecordBatch>) {
        if self.rows <= self.rows_max {
            return (self.head, Vec::new());
        }
        let tail_max = self.tail_max();
        let mut last: Vec<RecordBatch> = Vec::new();
        let mut wanted = tail_max;
        // A tail that is shorter than it may be is filled from the end of the head.
        let all = std::mem::take(&mut self.head).into_iter().chain(self.tail).collect::<Vec<_>>();
        for batch in all.iter().rev() {
            let rows = batch.num_rows().min(wanted);
            if rows > 0 {
                last.push(batch.slice(batch.num_rows() - rows, rows));
            }
            wanted -= rows;
        }
        last.reverse();
        let mut wanted = self.rows_max - tail_max;
        let mut first = Vec::new();
        for batch in &all {
            let rows = batch.num_rows().min(wanted);
            if rows > 0 {
                first.push(batch.slice(0, rows));
            }
            wanted -= rows;
        }
        (first, last)
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{ArrayRef, AsArray, Int64Array};
    use datafusion::arrow::datatypes::{DataType, Int64Type};

    use super::*;

    fn numbers(from: i64, to: i64) -> RecordBatch {
        let column: ArrayRef = Arc::new(Int64Array::from_iter_values(from..to));
        RecordBatch::try_from_iter([("n", column)]).expect("one column")
    }

    fn values(batches: &[RecordBatch]) -> Vec<i64> {
        batches.iter().flat_map(|batch| batch.column(0).as_primitive::<Int64Type>().values().to_vec()).collect()
    }

    #[test]
    fn the_first_and_the_last_rows_are_kept_whatever_the_batches() {
        for size in [1, 2, 3, 7, 100] {
            for total in [0, 1, 5, 6, 23, 100] {
                let mut ends = Ends::new(5);
                let mut from = 0;
                while from < total {
                    let to = (from + size).min(total);
                    ends.push(&numbers(from, to));
                    from = to;
                }
                assert_eq!(ends.rows, total as usize);
                let (first, last) = ends.finish();
                if total <= 5 {
                    assert_eq!((values(&first), values(&last)), ((0..total).collect(), vec![]));
                } else {
                    assert_eq!((values(&first), values(&last)), (vec![0, 1, 2], vec![total - 2, total - 1]));
                }
            }
        }
    }

    #[test]
    fn columns_of_one_name_are_told_apart() {
        let field = |name: &str| Field::new(name, DataType::Int64, true);
        let schema = Schema::new(vec![field("id"), field("id_1"), field("id"), field("id")]);
        let distinct = distinct_names(&schema);
        let names: Vec<&str> = distinct.fields().iter().map(|field| field.name().as_str()).collect();
        assert_eq!(names, ["id", "id_1", "id_2", "id_3"]);
    }

    #[test]
    fn a_large_result_is_not_kept() {
        let mut kept = Kept::default();
        kept.push(&numbers(0, 10));
        assert!(!kept.is_too_large);
        kept.push(&numbers(0, KEPT_ROWS_MAX as i64));
        assert!(kept.is_too_large && kept.batches.is_empty());
    }
}
