//! A stage's SQL as one plan: its parts joined, in the columns and types of its contract, without anything that would
//! give another answer at another time.

use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, Volatility};

use super::conform::conform;
use super::contract::ContractTable;
use super::materialise::Workshop;
use super::segment;
use super::stage::Stage;
use crate::engine::explain_without_sql;
use crate::error::{Error, Kind, Result};
use crate::project::SqlFile;

/// The plan of a stage.
///
/// # Errors
/// `Sql` or `Config` when a part is wrong, `Check` when a column that the contract wants is missing.
pub(super) async fn plan(workshop: &Workshop<'_>, stage: &Stage, parts: &[SqlFile]) -> Result<LogicalPlan> {
    let contract = workshop.contract.table(&stage.name);
    let plan = match (union(workshop, stage, parts, contract).await?, contract) {
        (Some(whole), _) => whole,
        (None, Some(contract)) => empty(&contract.schema())?,
        (None, None) => return Err(Error::new(Kind::Internal, format!("stage `{}` has no SQL", stage.name))),
    };
    segment::need_customers(&stage.name, &plan)?;
    if let Some(missing) = stage.key.iter().find(|name| !plan.schema().has_column_with_unqualified_name(name)) {
        let message = format!("the key of `{}` names the column `{missing}`, which it does not have", stage.name);
        return Err(Error::new(Kind::Config, message).hint("mend the line `-- key:` of the stage"));
    }
    Ok(plan)
}

/// The parts, joined by the names of their columns; none without parts.
async fn union(
    workshop: &Workshop<'_>,
    stage: &Stage,
    parts: &[SqlFile],
    contract: Option<&ContractTable>,
) -> Result<Option<LogicalPlan>> {
    let wrong = |error| explain_without_sql(&error);
    let mut whole: Option<LogicalPlanBuilder> = None;
    for part in parts {
        let here = |error: Error| error.with("file", format!("sql/{}", part.path));
        let plan = part_plan(workshop, stage, part, contract).await.map_err(here)?;
        whole = Some(match whole {
            Some(whole) => whole.union_by_name(plan).map_err(wrong)?,
            None => LogicalPlanBuilder::from(plan),
        });
    }
    let Some(whole) = whole else { return Ok(None) };
    let plan = whole.build().map_err(wrong)?;
    // A union may have widened types; a second look is free when nothing is left to cast.
    Ok(Some(if parts.len() > 1 { conform(plan, &stage.name, contract)? } else { plan }))
}

/// One part in the columns and types of the contract.
pub(super) async fn part_plan(
    workshop: &Workshop<'_>,
    stage: &Stage,
    part: &SqlFile,
    contract: Option<&ContractTable>,
) -> Result<LogicalPlan> {
    let plan = workshop.session.plan(&part.text, workshop.params).await?;
    forbid_clock_and_chance(&plan)?;
    conform(plan, &stage.name, contract)
}

/// A stage whose inputs have not changed is carried over, which is right only if it would give the same answer again.
fn forbid_clock_and_chance(plan: &LogicalPlan) -> Result<()> {
    let mut found = None;
    let looked = plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expression| {
            expression.apply(|inner| {
                if let Expr::ScalarFunction(call) = inner
                    && call.func.signature().volatility != Volatility::Immutable
                {
                    found = Some(call.func.name().to_owned());
                    return Ok(TreeNodeRecursion::Stop);
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    });
    looked.map_err(|error| explain_without_sql(&error))?;
    let Some(name) = found else { return Ok(()) };
    let message = format!("a stage may not call `{name}`: it would give another answer each time");
    Err(Error::new(Kind::Config, message)
        .hint("for dates use `$as_of`, for samples a hash such as `md5(customer_id) < '1'`"))
}

fn empty(schema: &SchemaRef) -> Result<LogicalPlan> {
    let wrong = |error| explain_without_sql(&error);
    let table = datafusion::datasource::MemTable::try_new(Arc::clone(schema), vec![vec![]]).map_err(wrong)?;
    let source = datafusion::datasource::provider_as_source(Arc::new(table));
    LogicalPlanBuilder::scan("empty", source, None).and_then(LogicalPlanBuilder::build).map_err(wrong)
}

/// Whether each output row comes from one input row, in the input's order: then there is nothing to sort.
pub(super) fn is_linear(plan: &LogicalPlan) -> Result<bool> {
    let mut linear = true;
    plan.apply(|node| {
        let expressions = node.expressions();
        let subqueries = expressions.iter().any(|expression| expression.contains_outer() || has_subquery(expression));
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

fn has_subquery(expression: &Expr) -> bool {
    let mut found = false;
    let _ = expression.apply(|node| {
        found |= matches!(node, Expr::Exists(_) | Expr::InSubquery(_) | Expr::ScalarSubquery(_));
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    found
}
