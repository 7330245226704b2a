//! Which file and column a value that does not fit its type stands in: found once a stage has failed, by computing its
//! columns one by one.

use datafusion::common::Column;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};
use futures::TryStreamExt;

use super::materialise::Workshop;
use super::query::part_plan;
use super::stage::Stage;
use crate::engine::explain_for_log;
use crate::error::{Error, Kind, Result};
use crate::project::SqlFile;

/// The error, with the file and the column that it is about if one column alone gives it too.
pub(super) async fn blame(workshop: &Workshop<'_>, stage: &Stage, parts: &[SqlFile], error: Error) -> Error {
    if error.kind() != Kind::Check {
        return error;
    }
    for part in parts {
        let Ok(plan) = part_plan(workshop, stage, part, workshop.contract.table(&stage.name)).await else { continue };
        for column in plan.schema().columns() {
            let name = column.name.clone();
            if compute(workshop, &plan, column).await.is_err_and(|again| again.message() == error.message()) {
                return error.with("column", name).with("file", format!("sql/{}", part.path));
            }
        }
    }
    error
}

async fn compute(workshop: &Workshop<'_>, plan: &LogicalPlan, column: Column) -> Result<()> {
    let plan = LogicalPlanBuilder::from(plan.clone())
        .project([Expr::Column(column)])
        .and_then(LogicalPlanBuilder::build)
        .map_err(|error| explain_for_log(&error))?;
    let mut rows = workshop.session.stream(workshop.session.physical_plan(&plan).await?)?;
    while rows.try_next().await.map_err(|error| explain_for_log(&error))?.is_some() {}
    Ok(())
}
