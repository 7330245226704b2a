//! The shape that our aggregates share: a static description and a [`Groups`], which holds the state of all groups in
//! columns. `GROUP BY` (in one phase, in two, or spilling), an aggregate over everything and a window all run on it.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, BooleanArray};
use datafusion::arrow::compute::nullif;
use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{Result, ScalarValue, plan_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Documentation, EmitTo, GroupsAccumulator, Signature, Volatility,
};

use super::FunctionDoc;
use super::scalar::documentation;

/// An aggregate function.
pub(super) struct Aggregate {
    pub(super) doc: FunctionDoc,
    /// The types to which arguments of these types are cast, or `None` if they do not fit.
    pub(super) coerce: fn(&[DataType]) -> Option<Vec<DataType>>,
    /// The result's type, from coerced arguments.
    pub(super) returns: fn(&[DataType]) -> DataType,
    /// The columns of the state that is handed from phase to phase, by the name of the call and its coerced arguments.
    pub(super) state: fn(&str, &[DataType]) -> Vec<FieldRef>,
    /// An empty state for coerced arguments.
    pub(super) groups: fn(&[DataType]) -> Result<Box<dyn Groups>>,
}

/// The state of all groups of one aggregate. Groups are numbered from 0.
pub(super) trait Groups: Send + Sync {
    /// Makes room for `groups` groups.
    fn resize(&mut self, groups: usize);
    /// Takes in rows: `groups[i]` is the group of row `i`; rows that `keep` rejects are skipped.
    fn update(&mut self, arguments: &[ArrayRef], groups: &[usize], keep: Option<&BooleanArray>) -> Result<()>;
    /// Takes in the states of other instances.
    fn merge(&mut self, states: &[ArrayRef], groups: &[usize]) -> Result<()>;
    /// The results of the first `groups` groups.
    fn results(&self, groups: usize) -> Result<ArrayRef>;
    /// The states of the first `groups` groups.
    fn states(&self, groups: usize) -> Result<Vec<ArrayRef>>;
    /// The states of groups of one row each.
    fn states_of_rows(&self, arguments: &[ArrayRef], keep: Option<&BooleanArray>) -> Result<Vec<ArrayRef>>;
    /// Drops the first `groups` groups; group `groups` becomes group 0.
    fn drop_first(&mut self, groups: usize);
    /// How many groups there are.
    fn len(&self) -> usize;
    /// Bytes on the heap.
    fn size(&self) -> usize;
}

/// Whether `keep` lets a row pass.
#[inline]
pub(super) fn passes(keep: Option<&BooleanArray>, row: usize) -> bool {
    keep.is_none_or(|keep| keep.is_valid(row) && keep.value(row))
}

/// The values that `keep` lets pass, NULL in place of the others: the states of rows, where a state is a value.
pub(super) fn kept(values: &ArrayRef, keep: Option<&BooleanArray>) -> Result<ArrayRef> {
    let Some(keep) = keep else { return Ok(Arc::clone(values)) };
    Ok(nullif(values, &(0..keep.len()).map(|row| Some(!passes(Some(keep), row))).collect())?)
}

/// DataFusion's form of the state of many groups.
pub(super) fn grouped(groups: Box<dyn Groups>) -> Box<dyn GroupsAccumulator> {
    Box::new(ManyGroups(groups))
}

/// DataFusion's form of `aggregate`.
pub(super) fn function(aggregate: &'static Aggregate) -> AggregateUDF {
    let signature = Signature::user_defined(Volatility::Immutable);
    AggregateUDF::new_from_impl(Function { aggregate, signature, documentation: documentation(&aggregate.doc) })
}

#[derive(Debug)]
struct Function {
    aggregate: &'static Aggregate,
    signature: Signature,
    documentation: Documentation,
}

impl fmt::Debug for Aggregate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.doc.name)
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.aggregate.doc.name == other.aggregate.doc.name
    }
}

impl Eq for Function {}

impl Hash for Function {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.aggregate.doc.name.hash(state);
    }
}

impl Function {
    fn groups(&self, args: &AccumulatorArgs) -> Result<Box<dyn Groups>> {
        if args.is_distinct || !args.order_bys.is_empty() {
            return plan_err!("`{}` takes neither DISTINCT nor ORDER BY", self.aggregate.doc.name);
        }
        (self.aggregate.groups)(&types(args.expr_fields))
    }
}

fn types(fields: &[FieldRef]) -> Vec<DataType> {
    fields.iter().map(|field| field.data_type().clone()).collect()
}

impl AggregateUDFImpl for Function {
    fn name(&self) -> &str {
        self.aggregate.doc.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let FunctionDoc { name, signature, .. } = self.aggregate.doc;
        let Some(types) = (self.aggregate.coerce)(given) else {
            let given: Vec<_> = given.iter().map(ToString::to_string).collect();
            return plan_err!("`{name}` is called as `{signature}`, not with ({})", given.join(", "));
        };
        Ok(types)
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        Ok((self.aggregate.returns)(arguments))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        Ok((self.aggregate.state)(args.name, &types(args.input_fields)))
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let mut groups = self.groups(&args)?;
        groups.resize(1);
        Ok(Box::new(OneGroup { groups, zeros: Vec::new() }))
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs) -> bool {
        true
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(grouped(self.groups(&args)?))
    }

    fn documentation(&self) -> Option<&Documentation> {
        Some(&self.documentation)
    }
}

struct ManyGroups(Box<dyn Groups>);

impl ManyGroups {
    fn emitted(&self, emit_to: EmitTo) -> usize {
        match emit_to {
            EmitTo::All => self.0.len(),
            EmitTo::First(groups) => groups,
        }
    }
}

impl GroupsAccumulator for ManyGroups {
    fn update_batch(
        &mut self,
        arguments: &[ArrayRef],
        groups: &[usize],
        keep: Option<&BooleanArray>,
        total_groups: usize,
    ) -> Result<()> {
        self.0.resize(total_groups);
        self.0.update(arguments, groups, keep)
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], total_groups: usize) -> Result<()> {
        self.0.resize(total_groups);
        self.0.merge(states, groups)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let groups = self.emitted(emit_to);
        let results = self.0.results(groups)?;
        self.0.drop_first(groups);
        Ok(results)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let groups = self.emitted(emit_to);
        let states = self.0.states(groups)?;
        self.0.drop_first(groups);
        Ok(states)
    }

    fn convert_to_state(&self, arguments: &[ArrayRef], keep: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        self.0.states_of_rows(arguments, keep)
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.0.size()
    }
}

/// All rows are one group. Results are looked at, not taken: a window asks again as its frame grows.
struct OneGroup {
    groups: Box<dyn Groups>,
    zeros: Vec<usize>,
}

impl fmt::Debug for OneGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OneGroup").finish_non_exhaustive()
    }
}

impl Accumulator for OneGroup {
    fn update_batch(&mut self, arguments: &[ArrayRef]) -> Result<()> {
        self.zeros.resize(arguments[0].len(), 0);
        self.groups.update(arguments, &self.zeros, None)
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.zeros.resize(states[0].len(), 0);
        self.groups.merge(states, &self.zeros)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        ScalarValue::try_from_array(&self.groups.results(1)?, 0)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.groups.states(1)?.iter().map(|state| ScalarValue::try_from_array(state, 0)).collect()
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.groups.size() + self.zeros.capacity() * size_of::<usize>()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use datafusion::arrow::record_batch::RecordBatch;
    use datafusion::datasource::MemTable;
    use datafusion::prelude::{SessionConfig, SessionContext};

    /// Runs `sql` on table `t` of `partitions`, in both plans: straight, and with the partial phase switched to handing
    /// rows on as states.
    #[allow(clippy::disallowed_methods)]
    pub(crate) async fn query(partitions: Vec<Vec<RecordBatch>>, sql: &str, skips_partial: bool) -> Vec<RecordBatch> {
        let config = SessionConfig::new()
            .with_target_partitions(3)
            .with_batch_size(7)
            .set_usize(
                "datafusion.execution.skip_partial_aggregation_probe_rows_threshold",
                if skips_partial { 1 } else { 100_000 },
            )
            .set_str("datafusion.execution.skip_partial_aggregation_probe_ratio_threshold", "0.01");
        let context = SessionContext::new_with_config(config);
        for function in super::super::aggregate_functions() {
            context.register_udaf((*function).clone());
        }
        for function in super::super::replaced_aggregates() {
            context.register_udaf(function);
        }
        for function in super::super::scalar_functions() {
            context.register_udf((*function).clone());
        }
        let schema = partitions[0][0].schema();
        context.register_table("t", Arc::new(MemTable::try_new(schema, partitions).unwrap())).unwrap();
        context.sql(sql).await.unwrap().collect().await.unwrap()
    }
}
