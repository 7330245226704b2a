//! `FROM orders` for `SELECT * FROM orders`, as DuckDB has it: the parser knows it, the planner would select nothing.

use std::ops::ControlFlow;

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{
    Select, SelectFlavor, SelectItem, VisitMut, VisitorMut, WildcardAdditionalOptions,
};

/// The statement with `SELECT *` wherever it begins with FROM and selects nothing.
pub(super) fn complete(mut statement: Statement) -> Statement {
    let sql = match &mut statement {
        Statement::Statement(sql) => Some(sql),
        Statement::Explain(explain) => match explain.statement.as_mut() {
            Statement::Statement(sql) => Some(sql),
            _ => None,
        },
        _ => None,
    };
    if let Some(sql) = sql {
        let _ = sql.visit(&mut SelectAll);
    }
    statement
}

struct SelectAll;

impl VisitorMut for SelectAll {
    type Break = ();

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        if select.flavor == SelectFlavor::FromFirstNoSelect {
            select.flavor = SelectFlavor::Standard;
            select.projection = vec![SelectItem::Wildcard(WildcardAdditionalOptions::default())];
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::RecordBatch;

    use crate::engine::{Session, SessionOptions};
    use crate::project::Params;

    #[tokio::test]
    async fn from_alone_selects_everything() {
        let session = Session::new(&SessionOptions::default()).expect("a session");
        for (sql, columns, rows) in [
            ("FROM reference.countries LIMIT 2", None, 2),
            ("WITH c AS (FROM reference.countries) SELECT * FROM c WHERE alpha2 = 'RO'", None, 1),
            ("SELECT count(*) FROM (FROM reference.countries LIMIT 3)", Some(1), 1),
            ("FROM reference.countries SELECT name LIMIT 4", Some(1), 4),
        ] {
            let plan = session.plan(sql, &Params::default()).await.expect(sql);
            let all = session.plan("SELECT * FROM reference.countries", &Params::default()).await.expect("plans");
            let wanted = columns.unwrap_or(all.schema().fields().len());
            assert_eq!(plan.schema().fields().len(), wanted, "{sql}");
            let batches = session.frame(plan).collect().await.expect(sql);
            let found: usize = batches.iter().map(RecordBatch::num_rows).sum();
            assert_eq!(found, rows, "{sql}");
        }
    }
}
