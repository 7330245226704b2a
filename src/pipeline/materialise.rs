//! Computing one stage into one file: rows in an order that does not depend on threads, keys checked on the way.

use std::sync::Arc;
use std::time::Instant;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::common::runtime::SpawnedTask;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::logical_expr::LogicalPlan;
use futures::StreamExt;

use super::blame;
use super::conform::{store, stored_schema};
use super::contract::Contract;
use super::keys::{self, KeysSeen};
use super::query;
use super::segment;
use super::stage::Stage;
use crate::engine::{Session, explain_for_log, explain_without_sql};
use crate::error::{Error, Kind, Result};
use crate::lake::ranges::CUSTOMER_ID;
use crate::lake::{DataFile, Lake, Manifest, Table, TableName};
use crate::progress::{Progress, Unit};
use crate::project::{Params, SqlFile};

/// Rows of the largest input that a partition of a linear stage stands for: few enough to be computed before their turn.
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
        let mut sink = Sink::create(self, stage, &schema, draft)?;
        if let Err(error) = self.pour(stage, plan, draft, &mut sink).await {
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

    /// Computes the plan's rows into the sink: by their key, or those of a linear plan in the order of its largest input. A
    /// table of customers is always sorted, because those who read it gain by that.
    async fn pour(&self, stage: &Stage, plan: &LogicalPlan, draft: &Manifest, sink: &mut Sink<'_>) -> Result<()> {
        let key = order(stage, plan)?;
        let is_of_customers = stage.key == [CUSTOMER_ID];
        if query::is_linear(plan)? {
            let partitions = stage.inputs.iter().filter_map(|input| draft.table(input)).map(Table::rows).max();
            let partitions = (partitions.unwrap_or_default() / LINEAR_PARTITION_ROWS) as usize + 1;
            let (rows, are_sorted) = self.session.ordered_stream(plan, &key, partitions).await?;
            if are_sorted || !is_of_customers {
                return sink.drain(rows, are_sorted).await;
            }
        }
        sink.drain(self.session.sorted_stream(plan, &key).await?, true).await
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
    fn create(workshop: &Workshop<'a>, stage: &'a Stage, schema: &SchemaRef, draft: &Manifest) -> Result<Self> {
        let path = stage.name.data_path(draft.run, workshop.lake.writer(), 0);
        let metadata = [("onefold.table", stage.name.to_string()), ("onefold.run", draft.run.to_string())];
        let writer = workshop.lake.create(path, Arc::clone(schema), &metadata)?;
        workshop.progress.begin(&stage.name.to_string(), None, Unit::Rows);
        let key_columns = stage.key.iter().filter_map(|name| schema.index_of(name).ok()).collect();
        let keys_seen = KeysSeen::new(false);
        let (schema, progress) = (Arc::clone(schema), workshop.progress);
        Ok(Self { writer, table: &stage.name, key: &stage.key, key_columns, keys_seen, schema, progress })
    }

    /// Takes all rows, of which it is known whether they come by their key.
    async fn drain(&mut self, mut rows: SendableRecordBatchStream, are_sorted: bool) -> Result<()> {
        if are_sorted {
            self.writer.expect_order(&self.key_columns);
            self.keys_seen = KeysSeen::new(true);
        }
        while let Some(batch) = rows.next().await {
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
