//! Computing one stage into one file: rows in an order that does not depend on threads, keys checked on the way.

use std::sync::Arc;
use std::time::Instant;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::common::runtime::SpawnedTask;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use futures::{StreamExt, TryStreamExt};

use super::blame;
use super::conform::{store, stored_schema};
use super::contract::Contract;
use super::keys::{self, KeysSeen};
use super::query;
use super::segment;
use super::stage::Stage;
use crate::engine::{Session, explain_for_log, explain_without_sql, in_one_piece};
use crate::error::{Error, Kind, Result};
use crate::lake::{DataFile, Lake, Manifest, Table, TableName};
use crate::progress::{Progress, Unit};
use crate::project::{Params, SqlFile};

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
        let plan = query::plan(self, stage, parts).await?;
        self.store_plan(stage, &plan, parts, draft).await
    }

    /// Computes a plan, made of `parts` if it is of files, into a table of the draft's run.
    pub(super) async fn store_plan(
        &self,
        stage: &Stage,
        plan: &LogicalPlan,
        parts: &[SqlFile],
        draft: &Manifest,
    ) -> Result<Table> {
        let started = Instant::now();
        let contract = self.contract.table(&stage.name);
        let schema = segment::stored_schema(&stage.name, stored_schema(plan.schema().as_arrow(), contract));
        let is_linear = query::is_linear(plan)?;
        let mut sink = Sink::create(self, stage, &schema, draft, KeysSeen::new(!is_linear))?;
        let poured = match is_linear {
            true => self.pour_in_order(stage, plan, draft, &mut sink).await,
            false => self.pour_sorted(stage, plan, &mut sink).await,
        };
        if let Err(error) = poured {
            return Err(blame::blame(self, stage, parts, error).await);
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

    /// Computes the rows of a linear plan into the sink, in the order of its largest input.
    async fn pour_in_order(
        &self,
        stage: &Stage,
        plan: &LogicalPlan,
        draft: &Manifest,
        sink: &mut Sink<'_>,
    ) -> Result<()> {
        let partitions = stage.inputs.iter().filter_map(|input| draft.table(input)).map(Table::rows).max();
        let partitions = (partitions.unwrap_or_default() / LINEAR_PARTITION_ROWS) as usize + 1;
        let physical = self.session.ordered_physical_plan(plan, partitions).await?;
        self.drain_in_order(physical, sink).await
    }

    /// Computes the plan's rows into the sink, by their key.
    async fn pour_sorted(&self, stage: &Stage, plan: &LogicalPlan, sink: &mut Sink<'_>) -> Result<()> {
        let order = order(stage, plan)?;
        let physical = self.session.physical_plan(plan).await?;
        sink.drain(self.session.sorted_stream(physical, &order).await?).await
    }

    /// Computes partitions side by side, and takes their rows in the order of the partitions.
    async fn drain_in_order(&self, plan: Arc<dyn ExecutionPlan>, sink: &mut Sink<'_>) -> Result<()> {
        let partitions = 0..plan.output_partitioning().partition_count();
        let rows_of = |partition| {
            let stream = plan.execute(partition, self.session.task());
            let in_one_piece = |batch| std::future::ready(in_one_piece(&batch));
            let collecting =
                SpawnedTask::spawn(async move { stream?.and_then(in_one_piece).try_collect::<Vec<_>>().await });
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

/// Where the rows of one stage go: its file, and what is known of its keys.
struct Sink<'a> {
    writer: crate::lake::DataFileWriter,
    table: &'a TableName,
    key: &'a [String],
    key_columns: Vec<usize>,
    keys_seen: KeysSeen,
    schema: SchemaRef,
    progress: &'a dyn Progress,
}

impl<'a> Sink<'a> {
    fn create(
        workshop: &Workshop<'a>,
        stage: &'a Stage,
        schema: &SchemaRef,
        draft: &Manifest,
        keys_seen: KeysSeen,
    ) -> Result<Self> {
        let path = stage.name.data_path(draft.run, workshop.lake.writer(), 0);
        let metadata = [("onefold.table", stage.name.to_string()), ("onefold.run", draft.run.to_string())];
        let writer = workshop.lake.create(path, Arc::clone(schema), &metadata)?;
        workshop.progress.begin(&stage.name.to_string(), None, Unit::Rows);
        let key_columns = stage.key.iter().filter_map(|name| schema.index_of(name).ok()).collect();
        let (schema, progress) = (Arc::clone(schema), workshop.progress);
        Ok(Self { writer, table: &stage.name, key: &stage.key, key_columns, keys_seen, schema, progress })
    }

    async fn drain(&mut self, mut stream: datafusion::execution::SendableRecordBatchStream) -> Result<()> {
        while let Some(batch) = stream.next().await {
            self.take(&batch.map_err(|error| explain_for_log(&error))?).await?;
        }
        Ok(())
    }

    async fn take(&mut self, batch: &RecordBatch) -> Result<()> {
        self.progress.advance(&self.table.to_string(), batch.num_rows() as u64);
        let key: Vec<_> = self.key_columns.iter().map(|at| Arc::clone(batch.column(*at))).collect();
        self.keys_seen.add(&key, batch.num_rows())?;
        self.writer.write(store(batch, &self.schema, self.table)?).await
    }

    /// Closes the file. Only when a key may have come twice is it looked for, by a query.
    async fn finish(self, workshop: &Workshop<'_>) -> Result<DataFile> {
        let comparing = SpawnedTask::spawn_blocking(move || self.keys_seen.may_have_equals());
        let file = self.writer.finish().await?;
        let compared = comparing.await;
        if compared.map_err(|error| Error::new(Kind::Internal, "comparing keys failed").source(error))? {
            workshop.session.register(workshop.lake, self.table, std::slice::from_ref(&file)).await?;
            keys::forbid(workshop, self.table, self.key).await?;
        }
        Ok(file)
    }
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
