//! Keeps the optimizer from losing conditions of joins.

use std::sync::Arc;

use datafusion::common::tree_node::Transformed;
use datafusion::common::{NullEquality, Result};
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, Join, JoinType, LogicalPlan, Operator, binary_expr};
use datafusion::optimizer::optimizer::{ApplyOrder, Optimizer};
use datafusion::optimizer::{OptimizerConfig, OptimizerRule};

/// DataFusion's rules, with [`KeysOfSeveralTables`] before the one that loses such keys.
pub(super) fn optimizer_rules() -> Vec<Arc<dyn OptimizerRule + Send + Sync>> {
    let mut rules = Optimizer::new().rules;
    let place = rules.iter().position(|rule| rule.name() == "eliminate_cross_join").unwrap_or(0);
    rules.insert(place, Arc::new(KeysOfSeveralTables));
    rules
}

/// Makes a join's keys that are computed from several tables filters of the join.
///
/// DataFusion 55's rule `eliminate_cross_join` takes inner joins apart and puts their tables together anew, by the keys
/// that two of them share. A key such as `c.x = coalesce(a.x, b.x)` is of three: it fits nowhere, is dropped, and the join
/// has rows too many. Filters are kept.
#[derive(Debug)]
struct KeysOfSeveralTables;

impl OptimizerRule for KeysOfSeveralTables {
    fn name(&self) -> &'static str {
        "keys_of_several_tables"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::TopDown)
    }

    fn supports_rewrite(&self) -> bool {
        true
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Join(mut join) = plan else { return Ok(Transformed::no(plan)) };
        let (left, right) = (tables(&join.left), tables(&join.right));
        let is_kept = |(one, other): &(Expr, Expr)| is_of_one(one, &left) && is_of_one(other, &right);
        if join.join_type != JoinType::Inner || join.on.iter().all(is_kept) {
            return Ok(Transformed::no(LogicalPlan::Join(join)));
        }
        let (kept, moved): (Vec<_>, Vec<_>) = join.on.iter().cloned().partition(is_kept);
        let equals = match join.null_equality {
            NullEquality::NullEqualsNothing => Operator::Eq,
            NullEquality::NullEqualsNull => Operator::IsNotDistinctFrom,
        };
        let moved = moved.into_iter().map(|(one, other)| binary_expr(one, equals, other));
        join.filter = conjunction(join.filter.take().into_iter().chain(moved));
        join.on = kept;
        Ok(Transformed::yes(LogicalPlan::Join(join)))
    }
}

/// What is joined to each other below a plan by inner joins: the plan itself if it is none.
fn tables(plan: &LogicalPlan) -> Vec<&LogicalPlan> {
    match plan {
        LogicalPlan::Join(Join { join_type: JoinType::Inner, left, right, .. }) => {
            let mut both = tables(left);
            both.extend(tables(right));
            both
        }
        other => vec![other],
    }
}

/// Whether one of the tables has all columns of a key.
fn is_of_one(key: &Expr, tables: &[&LogicalPlan]) -> bool {
    let columns = key.column_refs();
    tables.iter().any(|table| columns.iter().all(|column| table.schema().has_column(column)))
}
