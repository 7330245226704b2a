//! Tables in the order of customers, read range by range (see `lake::ranges`).
//!
//! Each partition of a scan has some ranges of its own, and the planner is told of it: groups and windows by customer need
//! no rows of another partition, and tables are joined partition by partition.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::compute::SortOptions;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Constraints, SplitPoint, Statistics};
use datafusion::datasource::listing::{ListingTable, PartitionedFile};
use datafusion::datasource::physical_plan::parquet::ParquetRowSelection;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfig, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::parquet::arrow::arrow_reader::{RowSelection, RowSelector};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{LexOrdering, Partitioning, PhysicalSortExpr, RangePartitioning};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::scalar::ScalarValue;

use crate::lake::ranges::{CUSTOMER_ID, RANGES, first_ids, range_starts};

/// Smaller tables are not worth a look at where their ranges begin.
pub(super) const RANGED_ROWS_MIN: u64 = 4096;

/// Partitions for each that the planner aims at: what waits for its turn to leave in order is so much smaller.
const PARTITIONS_PER_TARGET: usize = 4;

/// The ranges of a table's only file.
#[derive(Debug)]
pub(super) struct Ranges {
    /// The first row of each range, and behind the last one, the number of rows.
    bounds: Vec<u64>,
}

impl Ranges {
    /// As a data file of so many rows describes them; none when it does not.
    pub(super) fn new(description: &str, rows: u64) -> Option<Self> {
        let starts = range_starts(description, rows)?;
        Some(Self { bounds: [0].into_iter().chain(starts).chain([rows]).collect() })
    }

    /// The scan of the file in `partitions` partitions, a power of two.
    fn scan(&self, scan: &FileScanConfig, file: &PartitionedFile, partitions: usize) -> Result<FileScanConfig> {
        let schema = scan.file_source.table_schema().table_schema();
        let at = schema.index_of(CUSTOMER_ID)?;
        let step = RANGES / partitions;
        let groups = (0..partitions).map(|partition| {
            let (start, end) = (self.bounds[partition * step] as usize, self.bounds[(partition + 1) * step] as usize);
            let behind = self.bounds[RANGES] as usize - end;
            let selectors = [RowSelector::skip(start), RowSelector::select(end - start), RowSelector::skip(behind)];
            let selection = RowSelection::from(selectors.to_vec());
            let part = || file.clone().with_extension(ParquetRowSelection::new(selection));
            if start < end { FileGroup::new(vec![part()]) } else { FileGroup::default() }
        });
        let splits = first_ids().skip(step - 1).step_by(step).map(|first| {
            Ok(SplitPoint::new(vec![ScalarValue::Utf8View(Some(first)).cast_to(schema.field(at).data_type())?]))
        });
        let order = SortOptions { descending: false, nulls_first: true };
        let order = LexOrdering::from([PhysicalSortExpr::new(Arc::new(Column::new(CUSTOMER_ID, at)), order)]);
        let partitioning = RangePartitioning::try_new(order, splits.collect::<Result<_>>()?)?;
        let scan = FileScanConfigBuilder::from(scan.clone()).with_file_groups(groups.collect());
        Ok(scan.with_output_partitioning(Some(Partitioning::Range(partitioning))).build())
    }
}

/// The table of some data files of the lake.
#[derive(Debug)]
pub(super) struct LakeTable {
    files: ListingTable,
    ranges: Option<Ranges>,
}

impl LakeTable {
    pub(super) fn new(files: ListingTable, ranges: Option<Ranges>) -> Self {
        Self { files, ranges }
    }
}

#[async_trait]
impl TableProvider for LakeTable {
    fn schema(&self) -> SchemaRef {
        self.files.schema()
    }

    fn constraints(&self) -> Option<&Constraints> {
        self.files.constraints()
    }

    fn table_type(&self) -> TableType {
        self.files.table_type()
    }

    fn statistics(&self) -> Option<Statistics> {
        self.files.statistics()
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        self.files.supports_filters_pushdown(filters)
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let plan = self.files.scan(state, projection, filters, limit).await?;
        let partitions = (state.config().target_partitions() * PARTITIONS_PER_TARGET).next_power_of_two().min(RANGES);
        let plan = plan.transform_up(|node| {
            let scan = node.downcast_ref::<DataSourceExec>();
            let Some((scan, _)) = scan.and_then(|scan| scan.downcast_to_file_source::<ParquetSource>()) else {
                return Ok(Transformed::no(node));
            };
            let file = scan.file_groups.iter().flat_map(FileGroup::iter).next();
            let scan = match (&self.ranges, file) {
                (Some(ranges), Some(file)) => ranges.scan(scan, file, partitions)?,
                // Its order is of no use while its rows are dealt out, and keeps partitions from sharing the file.
                _ => FileScanConfigBuilder::from(scan.clone())
                    .with_output_ordering(vec![])
                    .with_preserve_order(false)
                    .build(),
            };
            Ok(Transformed::yes(DataSourceExec::from_data_source(scan) as _))
        })?;
        Ok(plan.data)
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{Array, AsArray, Int64Array, RecordBatch, StringArray};
    use datafusion::arrow::datatypes::DataType;
    use datafusion::physical_plan::displayable;
    use futures::TryStreamExt;
    use object_store::memory::InMemory;
    use object_store::path::Path;

    use crate::engine::{Session, SessionOptions};
    use crate::error::Result;
    use crate::identity::CustomerId;
    use crate::lake::{DataFile, Lake, TableName};
    use crate::project::Params;

    use super::*;

    const CUSTOMERS: i64 = 9_000;

    /// A table of `each` rows for every `step`th customer, as it is in the lake: by customer if it `is_ordered`.
    async fn table(lake: &Lake, name: &str, step: usize, each: i64, is_ordered: bool) -> Result<DataFile> {
        let mut ids: Vec<_> = (0..CUSTOMERS).map(|n| CustomerId::of(&format!("crm:{n}"), 0).to_string()).collect();
        ids.sort();
        let rows: Vec<_> = ids.iter().step_by(step).flat_map(|id| (0..each).map(move |n| (id, n))).collect();
        let columns: [(&str, Arc<dyn Array>); 2] = [
            ("customer_id", Arc::new(StringArray::from_iter_values(rows.iter().map(|(id, _)| id)))),
            ("n", Arc::new(Int64Array::from_iter_values(rows.iter().map(|(_, n)| *n)))),
        ];
        let batch = RecordBatch::try_from_iter(columns).expect("a batch");
        let mut writer = lake.create(Path::from(format!("{name}.parquet")), batch.schema(), &[])?;
        if is_ordered {
            writer.expect_order(&[0, 1]);
        }
        writer.write(batch).await?;
        writer.finish().await
    }

    /// What `sql` gives by the columns `key` as texts, and its plan, on three tables.
    async fn answer(sql: &str, key: &[usize], is_ordered: bool) -> Result<(Vec<String>, String)> {
        let lake = Lake::with_store(Arc::new(InMemory::new()), "test");
        let session = Session::new(&SessionOptions { threads: Some(2), ..SessionOptions::default() })?;
        for (name, step, each) in [("orders", 1, 5), ("visits", 2, 4), ("people", 1, 1)] {
            let file = table(&lake, name, step, each, is_ordered).await?;
            session.register(&lake, &TableName::new("profile", name)?, &[file]).await?;
        }
        let plan = session.plan(sql, &Params::default()).await?;
        let shown = displayable(session.physical_plan(&plan).await?.as_ref()).indent(false).to_string();
        let rows = session.sorted_stream(&plan, key).await?.try_collect::<Vec<_>>().await.expect("rows");
        let rows = rows.iter().flat_map(|batch| {
            let column =
                |at: usize| datafusion::arrow::compute::cast(batch.column(at), &DataType::Utf8).expect("texts");
            let columns: Vec<_> = (0..batch.num_columns()).map(column).collect();
            let value = |at: usize, row: usize| columns[at].as_string::<i32>().value(row).to_owned();
            (0..batch.num_rows())
                .map(|row| (0..columns.len()).map(|at| value(at, row)).collect::<Vec<_>>().join(" "))
                .collect::<Vec<_>>()
        });
        Ok((rows.collect(), shown))
    }

    /// The same rows in the same order as from tables in no known order.
    #[track_caller]
    fn same(sql: &str, key: &[usize]) -> (Vec<String>, String) {
        let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().expect("a runtime");
        let (expected, dealt) = threads.block_on(answer(sql, key, false)).expect("an answer");
        let (rows, plan) = threads.block_on(answer(sql, key, true)).expect("an answer");
        assert!(dealt.contains("RepartitionExec"), "{dealt}");
        assert!(rows == expected, "{} rows, {} expected: {plan}", rows.len(), expected.len());
        (rows, plan)
    }

    #[test]
    fn groups_joins_and_windows_by_customer_deal_out_no_rows() {
        for (sql, key, rows) in [
            (
                "SELECT customer_id, count(*) AS n, max(n) AS last FROM profile.orders GROUP BY customer_id",
                &[0][..],
                9_000,
            ),
            ("SELECT customer_id, n % 2 AS odd, count(*) AS n FROM profile.orders GROUP BY 1, 2", &[0, 1], 18_000),
            (
                "SELECT o.customer_id, o.n, v.n AS visit FROM profile.orders AS o
                 JOIN profile.visits AS v ON v.customer_id = o.customer_id",
                &[0, 1, 2],
                90_000,
            ),
            (
                "SELECT customer_id, n, row_number() OVER (PARTITION BY customer_id ORDER BY n DESC) AS nth
                 FROM profile.orders",
                &[0, 1],
                45_000,
            ),
        ] {
            let (found, plan) = same(sql, key);
            assert_eq!(found.len(), rows, "{sql}");
            assert!(!plan.contains("RepartitionExec"), "{plan}");
        }
    }

    #[test]
    fn what_is_not_by_customer_is_answered_too() {
        for (sql, key) in [
            ("SELECT n, count(*) AS rows FROM profile.orders GROUP BY n", &[0][..]),
            (
                "SELECT o.n, count(DISTINCT p.customer_id) AS people, sum(v.visits) AS visits FROM profile.orders AS o
                 JOIN profile.people AS p ON p.customer_id = o.customer_id
                 LEFT JOIN (SELECT customer_id, count(*) AS visits FROM profile.visits GROUP BY 1) AS v
                 ON v.customer_id = p.customer_id GROUP BY o.n",
                &[0],
            ),
            (
                "SELECT customer_id, n FROM profile.orders WHERE customer_id NOT IN (SELECT customer_id FROM profile.visits)
                 UNION ALL SELECT customer_id, n + 100 FROM profile.visits WHERE customer_id > 'CT'",
                &[0, 1],
            ),
        ] {
            same(sql, key);
        }
    }
}
