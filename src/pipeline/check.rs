//! Checks: queries below `sql/check/` that must return no rows before a run may commit. One with the line
//! `-- severity: warn` only tells what it found.
//!
//! The rows that a failed check shows go into logs, so their personal values are masked.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::common::{Column, JoinType};
use datafusion::logical_expr::{Expr, LogicalPlan};
use futures::StreamExt;

use super::contract::Contract;
use super::stage::{Stage, Work, tag};
use crate::engine::{Session, explain_without_sql};
use crate::error::{Error, Kind, Result};
use crate::lake::TableName;
use crate::lake::layout::QUARANTINE;
use crate::project::{Params, SqlFile};

/// The folder of the checks, and what their names begin with.
pub(super) const SCHEMA: &str = "check";

/// How many rows of a failed check are shown.
const ROWS_SHOWN: usize = 5;

/// What stands in place of a personal value.
const MASK: &str = "…";

/// Holds one check against the session's tables. A warning is given back.
///
/// # Errors
/// `Check` with the first rows when it returns any; what `contract` marks as personal is masked in them. `Config` when
/// its severity is not one.
pub(super) async fn hold(
    session: &Session,
    check: &Stage,
    params: &Params,
    contract: &Contract,
) -> Result<Option<String>> {
    let Work::Check(file) = &check.work else { return Ok(None) };
    let here = |error: Error| error.with("file", format!("sql/{}", file.path));
    let only_warns = only_warns(file).map_err(here)?;
    let plan = session.plan(&file.text, params).await.map_err(here)?;
    let columns = 0..plan.schema().fields().len();
    let personal: Vec<bool> = columns.map(|at| is_personal(&plan, at, contract)).collect();
    let frame = session.frame(plan).limit(0, Some(ROWS_SHOWN)).map_err(|error| here(explain_without_sql(&error)))?;
    let mut stream = session.stream(session.physical_plan(frame.logical_plan()).await?).map_err(here)?;
    let mut rows = Vec::new();
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(|error| here(explain_without_sql(&error)))?;
        if batch.num_rows() > 0 {
            rows.push(masked(&batch, &personal).map_err(here)?);
        }
    }
    if rows.is_empty() {
        return Ok(None);
    }
    let shown = pretty_format_batches(&rows).map_err(|error| here(explain_without_sql(&error.into())))?;
    let is_masked = if personal.contains(&true) { format!(" (`{MASK}` is a personal value)") } else { String::new() };
    if only_warns {
        return Ok(Some(format!("the check `{}` found rows{is_masked}: {}\n{shown}", check.name.table, check.summary)));
    }
    Err(Error::new(Kind::Check, format!("the check `{}` failed: {}", check.name.table, check.summary))
        .with("file", format!("sql/{}", file.path))
        .detail(format!("the first rows that it found{is_masked}:\n{shown}"))
        .hint("nothing was committed; mend the data or the stages, or change the check"))
}

/// The batch with a mask in place of what is personal; nulls stay nulls.
fn masked(batch: &RecordBatch, personal: &[bool]) -> Result<RecordBatch> {
    let mask = |column: &ArrayRef| -> ArrayRef {
        let masks = (0..column.len()).map(|row| column.is_valid(row).then_some(MASK));
        Arc::new(masks.collect::<StringArray>())
    };
    let columns = batch.columns().iter().zip(personal);
    let columns: Vec<ArrayRef> =
        columns.map(|(column, hide)| if *hide { mask(column) } else { column.clone() }).collect();
    let schema = batch.schema();
    let fields = schema.fields().iter().zip(&columns);
    let fields: Vec<Field> =
        fields.map(|(field, column)| Field::new(field.name(), column.data_type().clone(), true)).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(|error| explain_without_sql(&error.into()))
}

/// Whether the column `at` of a plan's result may show a value that the contract marks as personal, under whatever name.
/// What is not known to be harmless counts as personal.
fn is_personal(plan: &LogicalPlan, at: usize, contract: &Contract) -> bool {
    let of = |expression: Option<&Expr>, input| expression.is_none_or(|it| shows_personal(it, input, contract));
    match plan {
        _ if plan.schema().field(at).data_type() == &DataType::Boolean => false,
        LogicalPlan::TableScan(scan) => {
            let table = TableName::new(scan.table_name.schema().unwrap_or_default(), scan.table_name.table());
            is_personal_column(table.ok().as_ref(), plan.schema().field(at).name(), contract)
        }
        LogicalPlan::Projection(projection) => of(projection.expr.get(at), &projection.input),
        LogicalPlan::Aggregate(aggregate) => {
            of(aggregate.group_expr.iter().chain(&aggregate.aggr_expr).nth(at), &aggregate.input)
        }
        LogicalPlan::Window(window) => match at.checked_sub(window.input.schema().fields().len()) {
            Some(at) => of(window.window_expr.get(at), &window.input),
            None => is_personal(&window.input, at, contract),
        },
        LogicalPlan::Join(join) => {
            let is_right_only = matches!(join.join_type, JoinType::RightSemi | JoinType::RightAnti);
            let left = if is_right_only { 0 } else { join.left.schema().fields().len() };
            match at.checked_sub(left) {
                Some(at) => is_personal(&join.right, at, contract),
                None => is_personal(&join.left, at, contract),
            }
        }
        LogicalPlan::Union(union) => union.inputs.iter().any(|input| is_personal(input, at, contract)),
        LogicalPlan::EmptyRelation(_) | LogicalPlan::Values(_) => false,
        LogicalPlan::Filter(_)
        | LogicalPlan::Sort(_)
        | LogicalPlan::Limit(_)
        | LogicalPlan::Distinct(_)
        | LogicalPlan::SubqueryAlias(_) => plan.inputs().iter().any(|input| is_personal(input, at, contract)),
        _ => true,
    }
}

/// Whether an expression over the columns of `input` may show a personal value. A count does not.
fn shows_personal(expression: &Expr, input: &LogicalPlan, contract: &Contract) -> bool {
    match expression {
        Expr::Alias(alias) => return shows_personal(&alias.expr, input, contract),
        Expr::AggregateFunction(call) if call.func.name() == "count" => return false,
        Expr::ScalarFunction(call) if call.name() == "get_field" => {
            if let [_, Expr::Literal(field, _)] = &call.args[..] {
                let field = field.to_string();
                return is_personal_column(None, &field, contract);
            }
        }
        Expr::ScalarSubquery(_) => return true,
        _ => {}
    }
    let is_personal = |column: &&Column| {
        input.schema().maybe_index_of_column(column).is_none_or(|at| is_personal(input, at, contract))
    };
    expression.column_refs().iter().any(is_personal)
}

/// Whether a column is personal. Of a table that is not in the contract, it is what columns of its name are elsewhere;
/// a name that the contract does not know may hold anything, as in raw rows.
fn is_personal_column(table: Option<&TableName>, column: &str, contract: &Contract) -> bool {
    match table.map(|table| table.schema.as_str()) {
        Some("reference") => return false,
        // Of a row that could not be read, its place and what is wrong with it tell nothing of anybody.
        Some(QUARANTINE) => return column == "raw",
        _ if column.starts_with('_') => return false,
        _ => {}
    }
    let known = table.and_then(|table| contract.table(table));
    let columns = contract.tables().filter(|(_, other)| known.is_none_or(|known| known == *other));
    let mut same = columns.flat_map(|(_, table)| &table.columns).filter(|known| known.name == column).peekable();
    same.peek().is_none() || same.any(|known| known.personal)
}
/// Whether the run goes on when the check finds something.
fn only_warns(file: &SqlFile) -> Result<bool> {
    match tag(&file.text, "severity:") {
        None => Ok(false),
        Some("warn") => Ok(true),
        Some(other) => Err(Error::new(Kind::Config, format!("`{}` is not a severity", other.escape_debug()))
            .hint("write `-- severity: warn`, or leave the line out: then the run stops")),
    }
}
