//! The session: the only place that builds a `SessionContext`.

use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Arc;

use datafusion::catalog::MemorySchemaProvider;
use datafusion::common::ParamValues;
use datafusion::common::metadata::ScalarAndMetadata;
use datafusion::config::ConfigOptions;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::{SendableRecordBatchStream, SessionStateBuilder, TaskContext};
use datafusion::logical_expr::registry::FunctionRegistry;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::{DataFrame, SessionConfig, SessionContext};
use datafusion::scalar::ScalarValue;
use datafusion::sql::parser::Statement;

use super::balance::balance;
use super::compact::CompactBeforeSort;
use super::depth::too_deep;
use super::literals::DoublesStayDoubles;
use super::pool::Pool;
use super::spill::SpillFolder;
use super::sql_error::{SPILL_FULL, explain, explain_for_log, explain_without_sql};
use super::{files, from_first, functions, join_keys, reference, scan, sort, statistics};
use crate::error::{Error, Kind, Result};
use crate::lake::Lake;
use crate::lake::layout::{LAYERS, QUARANTINE, SPILL, SUPERSEDED};
use crate::project::{Limits, Params, Value};

/// The catalog that all schemas lie in.
const CATALOG: &str = "onefold";

/// The estimated size of a join's smaller side up to which each thread sees all of it, so that the larger side need not be
/// dealt out by key.
const COLLECTED_JOIN_BYTES_MAX: usize = 64 << 20;

/// Rows are dealt by key into so many parts for each thread: the hash table of a part is small enough for the cache to be
/// of use, and a thread that is done early has another part to go on with.
const PARTITIONS_PER_THREAD: usize = 2;

/// How a session may use the machine, and what it may see of it.
#[derive(Debug, Clone)]
pub struct SessionOptions {
    /// Memory for queries, in bytes.
    pub memory_bytes_max: usize,
    /// Threads; none for all cores.
    pub threads: Option<usize>,
    /// The folder for spill files; none for the system's temp folder.
    pub spill: Option<PathBuf>,
    /// Whether `FROM 'file.parquet'` reads local files.
    pub files: bool,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self { memory_bytes_max: 2048 << 20, threads: None, spill: None, files: false }
    }
}

impl SessionOptions {
    /// How a project wants the engine to use the machine for work on its lake.
    pub fn of(limits: &Limits, lake: &Lake) -> Self {
        Self {
            memory_bytes_max: limits.memory_mb << 20,
            threads: limits.threads,
            spill: lake.folder().map(|folder| folder.join(SPILL)),
            files: false,
        }
    }
}

/// A DataFusion session with Onefold's functions, schemas and limits.
pub struct Session {
    context: SessionContext,
    /// The spill files go with the session.
    spill: SpillFolder,
    threads: usize,
    memory_bytes_max: usize,
}

impl Session {
    /// A session without tables, beside those of the schema `reference`.
    ///
    /// # Errors
    /// `Exhausted` or `Store` when the spill folder cannot be made.
    pub fn new(options: &SessionOptions) -> Result<Self> {
        let spill = SpillFolder::create(options.spill.as_deref())?;
        let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Directories(vec![spill.path().to_owned()]));
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(Pool::new(options.memory_bytes_max)))
            .with_disk_manager_builder(disk)
            // The LIST cache would hide new files and trip over replaced ones.
            .with_object_list_cache_limit(0)
            .build_arc()
            .map_err(|error| explain_without_sql(&error))?;
        let threads = options.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, NonZero::get));
        let mut state = SessionStateBuilder::new_with_default_features()
            .with_config(config(threads))
            .with_runtime_env(runtime)
            .with_statistics_registry(statistics::registry())
            .with_optimizer_rules(join_keys::optimizer_rules())
            .with_physical_optimizer_rule(Arc::new(CompactBeforeSort))
            .build();
        state.register_expr_planner(Arc::new(DoublesStayDoubles)).map_err(|error| explain_without_sql(&error))?;
        #[allow(clippy::disallowed_methods)]
        let context = SessionContext::new_with_state(state);
        let context = if options.files { files::enable(context) } else { context };
        for function in functions::scalar_functions() {
            context.register_udf(function.as_ref().clone());
        }
        for function in functions::aggregate_functions() {
            context.register_udaf(function.as_ref().clone());
        }
        for function in functions::replaced_aggregates() {
            context.register_udaf(function);
        }
        let session = Self { context, spill, threads, memory_bytes_max: options.memory_bytes_max };
        for schema in LAYERS.iter().chain([&QUARANTINE, &SUPERSEDED, &reference::SCHEMA]) {
            session.add_schema(schema)?;
        }
        reference::register(&session.context)?;
        Ok(session)
    }

    /// DataFusion's context, for what this type does not wrap. Register nothing through it that writes.
    pub fn context(&self) -> &SessionContext {
        &self.context
    }

    /// Plans one statement with `params` bound to its `$names`.
    ///
    /// # Errors
    /// `Sql` with the place in the statement and the nearest name; `Config` when a parameter has no value or is written
    /// otherwise than `$name`.
    pub async fn plan(&self, sql: &str, params: &Params) -> Result<LogicalPlan> {
        if let Some(reason) = too_deep(sql) {
            return Err(Error::new(Kind::Sql, reason));
        }
        let state = self.context.state();
        let dialect = state.config_options().sql_parser.dialect;
        let mut statement =
            state.sql_to_statement(sql, &dialect).map_err(|error| explain(&self.context, sql, &error))?;
        balance(&mut statement);
        self.plan_statement(statement, sql, params).await
    }

    /// Plans a parsed statement; `sql` is the text that it was parsed from, for messages.
    ///
    /// # Errors
    /// As [`Self::plan`].
    pub async fn plan_statement(&self, statement: Statement, sql: &str, params: &Params) -> Result<LogicalPlan> {
        let failed = |error| explain(&self.context, sql, &error);
        let statement = from_first::complete(statement);
        let plan = self.context.state().statement_to_plan(statement).await.map_err(failed)?;
        let names = plan.get_parameter_names().map_err(failed)?;
        let mut values = std::collections::HashMap::new();
        for name in names {
            let name = Params::name_of(&name)?;
            values.insert(name.to_owned(), ScalarAndMetadata::from(scalar(params.require(name, "this statement")?)));
        }
        plan.with_param_values(ParamValues::Map(values)).map_err(failed)
    }

    /// The expression over the columns of `rows` that `setting` says.
    ///
    /// # Errors
    /// `Config` when it is none.
    pub fn expression(&self, setting: &str, sql: &str, rows: &DataFrame) -> Result<Expr> {
        self.context().parse_sql_expr(sql, rows.schema()).map_err(|error| {
            let explained = explain(self.context(), sql, &error);
            let mut wrong = Error::new(Kind::Config, format!("`{setting}` is wrong: {}", explained.message()));
            if let Some(detail) = explained.detail_text() {
                wrong = wrong.detail(detail);
            }
            match explained.hint_text() {
                Some(hint) => wrong.hint(hint),
                None => wrong,
            }
        })
    }

    /// The data frame of a plan.
    pub fn frame(&self, plan: LogicalPlan) -> DataFrame {
        DataFrame::new(self.context.state(), plan)
    }

    /// The physical plan of a logical one, optimised.
    pub async fn physical_plan(&self, plan: &LogicalPlan) -> Result<Arc<dyn ExecutionPlan>> {
        self.physical_plan_with(plan, |_| {}).await
    }

    /// The same with other options than the session's.
    async fn physical_plan_with(
        &self,
        plan: &LogicalPlan,
        set: impl FnOnce(&mut ConfigOptions),
    ) -> Result<Arc<dyn ExecutionPlan>> {
        scan::shared(self.planned(plan, set).await?).map_err(|error| explain_without_sql(&error))
    }

    /// The physical plan of a logical one without a sort, join or group, in about `partitions` partitions, which, one
    /// after another, give the rows in the order of the inputs.
    pub(super) async fn ordered_physical_plan(
        &self,
        plan: &LogicalPlan,
        partitions: usize,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let set = |options: &mut ConfigOptions| {
            options.execution.target_partitions = partitions.max(1);
            // Files are cut into ranges in their order; dealing batches out in turn would lose it.
            options.optimizer.enable_round_robin_repartition = false;
        };
        scan::unshared(self.planned(plan, set).await?).map_err(|error| explain_without_sql(&error))
    }

    /// DataFusion's physical plan of a logical one, with options of its own.
    async fn planned(
        &self,
        plan: &LogicalPlan,
        set: impl FnOnce(&mut ConfigOptions),
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut state = self.context.state();
        set(state.config_mut().options_mut());
        state.create_physical_plan(plan).await.map_err(|error| explain_without_sql(&error))
    }

    /// How many threads a query runs on.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Memory for queries, in bytes.
    pub fn memory_bytes_max(&self) -> usize {
        self.memory_bytes_max
    }

    /// Runs a physical plan as one stream.
    pub fn stream(&self, plan: Arc<dyn ExecutionPlan>) -> Result<SendableRecordBatchStream> {
        execute_stream(plan, self.task()).map_err(|error| explain_without_sql(&error))
    }

    /// Runs a plan without a sort, join or group as one stream of rows in the order of its inputs, of about `partitions`
    /// parts that are computed side by side. Where it costs nothing, they are by the columns `key`, ascending, nulls first;
    /// says whether they are.
    ///
    /// # Errors
    /// What planning says, without personal values.
    pub async fn ordered_stream(
        &self,
        plan: &LogicalPlan,
        key: &[usize],
        partitions: usize,
    ) -> Result<(SendableRecordBatchStream, bool)> {
        let inputs = self.ordered_physical_plan(plan, partitions).await?;
        let by_key = sort::partitions_by_key(&inputs, key).map_err(|error| explain_for_log(&error))?;
        let are_sorted = by_key.is_some();
        let plan = by_key.unwrap_or(inputs);
        Ok((sort::one_after_another(plan, self.task(), self.threads), are_sorted))
    }

    /// Runs a plan as one stream of rows by the columns `key`, ascending, nulls first. Rows of one key must be equal, or
    /// come in an order that depends on threads.
    ///
    /// # Errors
    /// What planning and running say, without personal values.
    pub async fn sorted_stream(&self, plan: &LogicalPlan, key: &[usize]) -> Result<SendableRecordBatchStream> {
        let failed = |error| explain_for_log(&error);
        let mut physical = self.physical_plan(plan).await?;
        let mut by_key = sort::partitions_by_key(&physical, key).map_err(failed)?;
        if by_key.is_some() {
            // A join that tells its other side which keys to look for waits for all partitions, and those would wait for
            // their turn.
            let set = |options: &mut ConfigOptions| options.optimizer.enable_join_dynamic_filter_pushdown = false;
            physical = self.physical_plan_with(plan, set).await?;
            by_key = sort::partitions_by_key(&physical, key).map_err(failed)?;
        }
        match by_key {
            Some(plan) => Ok(sort::one_after_another(plan, self.task(), self.threads)),
            None => sort::sorted(physical, key, self.task(), self.threads).await.map_err(failed),
        }
    }

    /// Adds to the error of a query that could not spill where it tried to, and what it may hold in memory.
    #[must_use]
    pub fn name_spill(&self, error: Error) -> Error {
        if !error.message().ends_with(SPILL_FULL) {
            return error;
        }
        error.with("path", self.spill.path().display()).with("bytes in memory", self.memory_bytes_max)
    }

    /// The context that physical plans run in.
    pub fn task(&self) -> Arc<TaskContext> {
        self.context.task_ctx()
    }

    fn add_schema(&self, name: &str) -> Result<()> {
        let catalog =
            self.context.catalog(CATALOG).ok_or_else(|| Error::new(Kind::Internal, "the catalog is missing"))?;
        catalog
            .register_schema(name, Arc::new(MemorySchemaProvider::new()))
            .map_err(|error| explain_without_sql(&error))?;
        Ok(())
    }
}

fn config(threads: usize) -> SessionConfig {
    let mut config = SessionConfig::new()
        .with_default_catalog_and_schema(CATALOG, "public")
        .with_information_schema(true)
        .with_collect_statistics(true)
        .with_target_partitions(threads * PARTITIONS_PER_THREAD);
    let options = config.options_mut();
    options.sql_parser.collect_spans = true;
    // Money is never a float, so `amount * 1.19` must not make it one.
    options.sql_parser.parse_float_as_decimal = true;
    options.execution.parquet.pushdown_filters = false;
    options.optimizer.use_statistics_registry = true;
    options.optimizer.hash_join_single_partition_threshold = COLLECTED_JOIN_BYTES_MAX;
    // Most filters are "before `$as_of`" and leave nearly all rows. Taking them for a fifth let joins keep the side in
    // memory that was five times as large.
    options.optimizer.default_filter_selectivity = 100;
    config
}

/// A parameter's value for DataFusion.
fn scalar(value: &Value) -> ScalarValue {
    match value {
        Value::Integer(value) => ScalarValue::Int64(Some(*value)),
        Value::Number(value) => ScalarValue::Float64(Some(*value)),
        Value::Text(value) => ScalarValue::Utf8View(Some(value.clone())),
        Value::Boolean(value) => ScalarValue::Boolean(Some(*value)),
        Value::Date(value) => {
            let days = (*value - jiff::civil::date(1970, 1, 1)).get_days();
            ScalarValue::Date32(Some(days))
        }
    }
}
