//! Sorted by ranges is sorted: however rows are dealt to partitions, and however little memory there is.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, StringArray, StringViewArray};
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::Int64Type;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use futures::TryStreamExt;
use proptest::prelude::*;

use super::super::texts::schema_in_one_piece;
use super::{one_after_another, sorted_by_ranges};

/// A key of a text and a number, and a value that the key does not hold.
type Row = (Option<String>, Option<i64>, String);

fn batch(rows: &[Row]) -> RecordBatch {
    let texts = rows.iter().map(|(text, _, _)| text.as_deref()).collect::<StringArray>();
    let numbers = rows.iter().map(|(_, number, _)| *number).collect::<Int64Array>();
    let values = rows.iter().map(|(_, _, value)| Some(value)).collect::<StringViewArray>();
    let columns: [(&str, ArrayRef); 3] =
        [("text", Arc::new(texts)), ("number", Arc::new(numbers)), ("value", Arc::new(values))];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true))).expect("equally long")
}

fn rows(batch: &RecordBatch) -> Vec<Row> {
    let (texts, numbers) = (batch.column(0).as_string::<i32>(), batch.column(1).as_primitive::<Int64Type>());
    let values = batch.column(2).as_string::<i32>();
    let row = |((text, number), value): ((Option<&str>, _), Option<&str>)| {
        (text.map(str::to_owned), number, value.unwrap_or_default().to_owned())
    };
    texts.iter().zip(numbers.iter()).zip(values.iter()).map(row).collect()
}

struct Sorted {
    rows: Vec<Row>,
    spilled_bytes: u64,
}

/// Sorts what lies in `partitions`, as lists of batches, by text and number.
fn sort(partitions: &[Vec<Vec<Row>>], memory_bytes: usize, range_bytes: usize) -> Result<Sorted> {
    let schema = batch(&[]).schema();
    let partitions: Vec<Vec<_>> =
        partitions.iter().map(|batches| batches.iter().map(|rows| batch(rows)).collect()).collect();
    let plan = MemorySourceConfig::try_new_exec(&partitions, Arc::clone(&schema), None)?;
    let pool = Arc::new(FairSpillPool::new(memory_bytes));
    let runtime = RuntimeEnvBuilder::new().with_memory_pool(Arc::clone(&pool) as _).build_arc()?;
    let task = Arc::new(TaskContext::default().with_runtime(Arc::clone(&runtime)));
    let work = async {
        let sorted = sorted_by_ranges(plan, &[0, 1], task, 2, range_bytes).await?;
        let spilled_bytes = runtime.disk_manager.spilling_progress().current_bytes;
        Ok::<_, datafusion::error::DataFusionError>((sorted.try_collect::<Vec<_>>().await?, spilled_bytes))
    };
    let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
    let (batches, spilled_bytes) = threads.block_on(work)?;
    Ok(Sorted { rows: rows(&concat_batches(&schema_in_one_piece(&schema), &batches)?), spilled_bytes })
}

fn by_key(row: &Row) -> (Option<String>, Option<i64>) {
    (row.0.clone(), row.1)
}

fn any_rows() -> impl Strategy<Value = Vec<Vec<Vec<Row>>>> {
    // Few texts of one beginning, so that keys are equal, share one head, some or all that are looked at, and end in zeros.
    let text = prop::option::of("(customer 00|a{40}|a{180})?[ab\u{0}]{0,3}");
    let row = (text, prop::option::of(-2_i64..3)).prop_map(|(text, number)| {
        let value = format!("{text:?} {number:?}, which is too long to be kept in a view itself");
        (text, number, value)
    });
    prop::collection::vec(prop::collection::vec(prop::collection::vec(row, 0..40), 0..6), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_row_is_lost_and_all_are_in_order(partitions in any_rows(), tight in any::<bool>(), range in 1_usize..4000) {
        let mut expected: Vec<Row> = partitions.iter().flatten().flatten().cloned().collect();
        expected.sort_by_key(by_key);
        let sorted = sort(&partitions, if tight { 1 } else { usize::MAX }, range).expect("sorts");
        prop_assert_eq!(sorted.rows, expected);
    }
}

#[test]
fn many_rows_in_little_memory_go_to_disk_and_come_back() {
    let customer = |n: u64| format!("c-{:020}", n.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let row = |n: u64| (Some(customer(n / 3)), Some(i64::try_from(n % 3).expect("small")), format!("row {n}"));
    let all: Vec<Row> = (0..60_000).map(row).collect();
    let partitions: Vec<Vec<Vec<Row>>> =
        all.chunks(30_000).map(|part| part.chunks(1000).map(<[Row]>::to_vec).collect()).collect();
    let mut expected = all;
    expected.sort_by_key(by_key);
    let tight = sort(&partitions, 1 << 20, 100_000).expect("sorts");
    let ample = sort(&partitions, 1 << 30, 100_000).expect("sorts");
    assert!(tight.spilled_bytes > 0, "nothing was spilled in 1 MB");
    assert_eq!(ample.spilled_bytes, 0);
    assert!(tight.rows == expected && ample.rows == expected);
}

#[test]
fn partitions_leave_one_after_another_whatever_the_memory() {
    let row = |n: i64| (Some(format!("customer {n:05}")), Some(n), format!("row {n}, which is too long for a view"));
    let all: Vec<Row> = (0..20_000).map(row).collect();
    let partitions: Vec<Vec<_>> = all.chunks(3000).map(|part| part.chunks(500).map(batch).collect()).collect();
    for memory_bytes in [1 << 10, 1 << 30] {
        let plan = MemorySourceConfig::try_new_exec(&partitions, batch(&[]).schema(), None).expect("a plan");
        let pool = Arc::new(FairSpillPool::new(memory_bytes));
        let runtime = RuntimeEnvBuilder::new().with_memory_pool(pool as _).build_arc().expect("a runtime");
        let task = Arc::new(TaskContext::default().with_runtime(runtime));
        let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().expect("threads");
        let leaving = async { one_after_another(plan, task, 2).try_collect::<Vec<_>>().await };
        let batches = threads.block_on(leaving).expect("rows");
        assert!(batches.iter().flat_map(rows).eq(all.iter().cloned()), "in {memory_bytes} bytes");
    }
}
