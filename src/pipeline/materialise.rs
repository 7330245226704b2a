//! Computing one stage into one file: rows in an order that does not depend on threads, keys checked on the way.

use std::sync::Arc;
use std::time::Instant;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::common::hash_utils::{RandomState, create_hashes};
use datafusion::common::runtime::SpawnedTask;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use futures::{StreamExt, TryStreamExt};

use super::conform::{conform, store, stored_schema};
use super::contract::{Contract, ContractTable};
use super::stage::Stage;
use crate::engine::{Session, explain_for_log, explain_without_sql};
use crate::error::{Error, Kind, Result};
use crate::lake::{DataFile, Lake, Manifest, Table, TableName};
use crate::progress::{Progress, Unit};
use crate::project::{Params, SqlFile};

/// The layer of segments, and the column that makes a table one.
const SEGMENT: &str = "segment";
const CUSTOMER_ID: &str = "customer_id";

/// Rows of the largest input that a partition of a linear stage stands for: few enough to hold those of one partition a
/// thread in memory.
const LINEAR_PARTITION_ROWS: u64 = 262_144;

/// What a stage is computed with.
pub(super) struct Workshop<'a> {
    pub(super) session: &'a Session,
    pub(super) lake: &'a Lake,
    pub(super) contract: &'a Contract,
    pub(super) params: &'a Params,
    pub(super) progress: &'a dyn Progress,
}

impl Workshop<'_> {
    /// Computes a SQL stage into a table of the draft's run.
    pub(super) async fn materialise(&self, stage: &Stage, parts: &[SqlFile], draft: &Manifest) -> Result<Table> {
        let started = Instant::now();
        let contract = self.contract.table(&stage.name);
        let plan = self.logical_plan(stage, parts, contract).await?;
        let schema = stored_schema(plan.schema().as_arrow(), contract);
        let mut sink = Sink::create(self, stage, &schema, draft)?;
        if is_linear(&plan)? {
            let partitions = stage.inputs.iter().filter_map(|input| draft.table(input)).map(Table::rows).max();
            let partitions = (partitions.unwrap_or_default() / LINEAR_PARTITION_ROWS) as usize + 1;
            let physical = self.session.ordered_physical_plan(&plan, partitions).await?;
            self.drain_in_order(physical, &mut sink).await?;
        } else {
            let order = order(stage, &plan)?;
            let physical = self.session.physical_plan(&plan).await?;
            sink.drain(self.session.sorted_stream(physical, &order).await?).await?;
        }
        let file = sink.finish(self).await?;
        Ok(Table {
            run: draft.run,
            files: vec![file],
            inputs: stage.inputs.iter().map(ToString::to_string).collect(),
            elapsed_ms: started.elapsed().as_millis() as u64,
            ..Table::default()
        })
    }

    /// Computes partitions side by side, and takes their rows in the order of the partitions.
    async fn drain_in_order(&self, plan: Arc<dyn ExecutionPlan>, sink: &mut Sink<'_>) -> Result<()> {
        let partitions = 0..plan.output_partitioning().partition_count();
        let rows_of = |partition| {
            let stream = plan.execute(partition, self.session.task());
            let collecting = SpawnedTask::spawn(async move { stream?.try_collect::<Vec<_>>().await });
            async { collecting.await.map_err(|error| DataFusionError::External(Box::new(error)))? }
        };
        let mut computed = futures::stream::iter(partitions.map(rows_of)).buffered(self.session.threads());
        while let Some(batches) = computed.next().await {
            for batch in batches.map_err(|error| explain_for_log(&error))? {
                sink.take(&batch).await?;
            }
        }
        Ok(())
    }

    /// The parts as one plan, in the contract's columns.
    async fn logical_plan(
        &self,
        stage: &Stage,
        parts: &[SqlFile],
        contract: Option<&ContractTable>,
    ) -> Result<LogicalPlan> {
        let wrong = |error| explain_without_sql(&error);
        let mut whole: Option<LogicalPlanBuilder> = None;
        for part in parts {
            let here = |error: Error| error.with("file", format!("sql/{}", part.path));
            let plan = self.session.plan(&part.text, self.params).await.map_err(here)?;
            let plan = conform(plan, &stage.name, contract).map_err(here)?;
            whole = Some(match whole {
                Some(whole) => whole.union_by_name(plan).map_err(wrong)?,
                None => LogicalPlanBuilder::from(plan),
            });
        }
        let whole = match (whole, contract) {
            (Some(whole), _) => whole,
            (None, Some(contract)) => LogicalPlanBuilder::from(empty(&contract.schema())?),
            (None, None) => return Err(Error::new(Kind::Internal, format!("stage `{}` has no SQL", stage.name))),
        };
        let plan = whole.build().map_err(wrong)?;
        // A union may have widened types; a second look is free when nothing is left to cast.
        let plan = if parts.len() > 1 { conform(plan, &stage.name, contract)? } else { plan };
        if stage.name.schema == SEGMENT && !plan.schema().has_column_with_unqualified_name(CUSTOMER_ID) {
            return Err(Error::new(
                Kind::Config,
                format!("the segment `{}` has no column `{CUSTOMER_ID}`", stage.name.table),
            )
            .hint("a segment is a set of customers: add `customer_id` to its SELECT"));
        }
        if let Some(missing) = stage.key.iter().find(|name| !plan.schema().has_column_with_unqualified_name(name)) {
            let message = format!("the key of `{}` names the column `{missing}`, which it does not have", stage.name);
            return Err(Error::new(Kind::Config, message).hint("mend the line `-- key:` of the stage"));
        }
        Ok(plan)
    }
}

/// The columns that a table's rows are in the order of: its key. Without one, only the order of all columns is the same on
/// any number of threads.
fn order(stage: &Stage, plan: &LogicalPlan) -> Result<Vec<usize>> {
    let column =
        |name: &String| plan.schema().as_arrow().index_of(name).map_err(|error| explain_without_sql(&error.into()));
    match &stage.key[..] {
        [] => Ok((0..plan.schema().fields().len()).collect()),
        key => key.iter().map(column).collect(),
    }
}

fn empty(schema: &SchemaRef) -> Result<LogicalPlan> {
    let wrong = |error| explain_without_sql(&error);
    let table = datafusion::datasource::MemTable::try_new(Arc::clone(schema), vec![vec![]]).map_err(wrong)?;
    let source = datafusion::datasource::provider_as_source(Arc::new(table));
    LogicalPlanBuilder::scan("empty", source, None).and_then(LogicalPlanBuilder::build).map_err(wrong)
}

/// Whether each output row comes from one input row, in the input's order: then there is nothing to sort.
fn is_linear(plan: &LogicalPlan) -> Result<bool> {
    let mut linear = true;
    plan.apply(|node| {
        let subqueries = node.expressions().iter().any(datafusion::logical_expr::Expr::contains_outer)
            || !node.expressions().iter().all(|expression| !has_subquery(expression));
        linear &= !subqueries
            && matches!(
                node,
                LogicalPlan::Projection(_)
                    | LogicalPlan::Filter(_)
                    | LogicalPlan::TableScan(_)
                    | LogicalPlan::SubqueryAlias(_)
                    | LogicalPlan::Union(_)
                    | LogicalPlan::EmptyRelation(_)
                    | LogicalPlan::Values(_)
            );
        Ok(if linear { TreeNodeRecursion::Continue } else { TreeNodeRecursion::Stop })
    })
    .map_err(|error| explain_without_sql(&error))?;
    Ok(linear)
}

fn has_subquery(expression: &datafusion::logical_expr::Expr) -> bool {
    use datafusion::logical_expr::Expr;
    let mut found = false;
    let _ = expression.apply(|node| {
        found |= matches!(node, Expr::Exists(_) | Expr::InSubquery(_) | Expr::ScalarSubquery(_));
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    found
}

/// Where the rows of one stage go: its file, and the hashes of its keys.
struct Sink<'a> {
    writer: crate::lake::DataFileWriter,
    table: &'a TableName,
    key: &'a [String],
    key_columns: Vec<usize>,
    key_hashes: Vec<u64>,
    schema: SchemaRef,
    progress: &'a dyn Progress,
}

impl<'a> Sink<'a> {
    fn create(workshop: &Workshop<'a>, stage: &'a Stage, schema: &SchemaRef, draft: &Manifest) -> Result<Self> {
        let path = stage.name.data_path(draft.run, workshop.lake.writer(), 0);
        let metadata = [("onefold.table", stage.name.to_string()), ("onefold.run", draft.run.to_string())];
        let writer = workshop.lake.create(path, Arc::clone(schema), &metadata)?;
        workshop.progress.begin(&stage.name.to_string(), None, Unit::Rows);
        let key_columns = stage.key.iter().filter_map(|name| schema.index_of(name).ok()).collect();
        let (schema, progress) = (Arc::clone(schema), workshop.progress);
        Ok(Self { writer, table: &stage.name, key: &stage.key, key_columns, key_hashes: Vec::new(), schema, progress })
    }

    async fn drain(&mut self, mut stream: datafusion::execution::SendableRecordBatchStream) -> Result<()> {
        while let Some(batch) = stream.next().await {
            self.take(&batch.map_err(|error| explain_for_log(&error))?).await?;
        }
        Ok(())
    }

    async fn take(&mut self, batch: &RecordBatch) -> Result<()> {
        self.progress.advance(&self.table.to_string(), batch.num_rows() as u64);
        self.hash_keys(batch)?;
        self.writer.write(store(batch, &self.schema, self.table)?).await
    }

    fn hash_keys(&mut self, batch: &RecordBatch) -> Result<()> {
        if self.key_columns.is_empty() {
            return Ok(());
        }
        let columns: Vec<_> = self.key_columns.iter().map(|at| Arc::clone(batch.column(*at))).collect();
        let start = self.key_hashes.len();
        self.key_hashes.resize(start + batch.num_rows(), 0);
        create_hashes(&columns, &RandomState::with_seed(0), &mut self.key_hashes[start..])
            .map_err(|error| explain_without_sql(&error))?;
        Ok(())
    }

    /// Closes the file. Only when two hashes are equal are the keys themselves compared, by a query.
    async fn finish(mut self, workshop: &Workshop<'_>) -> Result<DataFile> {
        let file = self.writer.finish().await?;
        self.key_hashes.sort_unstable();
        if self.key_hashes.windows(2).any(|pair| pair[0] == pair[1]) {
            workshop.session.register(workshop.lake, self.table, std::slice::from_ref(&file)).await?;
            forbid_duplicates(workshop.session, self.table, self.key).await?;
        }
        Ok(file)
    }
}

async fn forbid_duplicates(session: &Session, table: &TableName, key: &[String]) -> Result<()> {
    let columns = key.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "SELECT count(*) AS keys, sum(n) AS rows FROM (SELECT {columns}, count(*) AS n FROM {table} GROUP BY {columns} HAVING count(*) > 1)"
    );
    let plan = session.plan(&sql, &Params::default()).await?;
    let mut stream = session.stream(session.physical_plan(&plan).await?)?;
    let mut duplicates = 0;
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(|error| explain_without_sql(&error))?;
        let keys =
            datafusion::arrow::array::AsArray::as_primitive::<datafusion::arrow::datatypes::Int64Type>(batch.column(0));
        duplicates += keys.iter().flatten().sum::<i64>();
    }
    if duplicates == 0 {
        return Ok(());
    }
    let key = key.join(", ");
    Err(Error::new(
        Kind::Check,
        format!("{duplicates} keys of `{table}` stand in more than one row; its key is ({key})"),
    )
    .hint(format!("keep one row a key, as by `QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY …) = 1`")))
}

/// The empty schema's stand-in in tests and native stages.
pub(super) async fn write_batches(
    workshop: &Workshop<'_>,
    name: &TableName,
    batches: &[RecordBatch],
    draft: &Manifest,
) -> Result<DataFile> {
    let contract = workshop.contract.table(name);
    let schema = batches.first().map_or_else(|| Arc::new(Schema::empty()), RecordBatch::schema);
    let stored = stored_schema(&schema, contract);
    let path = name.data_path(draft.run, workshop.lake.writer(), 0);
    let metadata = [("onefold.table", name.to_string()), ("onefold.run", draft.run.to_string())];
    let mut writer = workshop.lake.create(path, Arc::clone(&stored), &metadata)?;
    for batch in batches {
        writer.write(store(batch, &stored, name)?).await?;
    }
    writer.finish().await
}
