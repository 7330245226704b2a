//! Tables of which the newest row of each key counts. The rule stands in the manifest beside the files, which hold all
//! rows as they landed; so an older run is read by the rule that it was committed with.

use datafusion::common::{Column, TableReference};
use datafusion::dataframe::DataFrame;
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::{Expr, ExprFunctionExt, SortExpr, lit};

use super::session::Session;
use super::sql_error::explain_without_sql;
use crate::error::Result;
use crate::lake::layout::{FILE, LINE, SUPERSEDED};
use crate::lake::{Lake, Newest, Table, TableName};

/// The column that ranks the rows of a key while they are told apart; no table has it.
const RANK: &str = "_onefold_rank";

impl Session {
    /// Shows a table of a manifest in place of what it was. Of one with a rule for the newest, `<name>` has the rows that
    /// count, and `superseded.<table>` the others.
    ///
    /// # Errors
    /// `Corrupt` when a file is missing or is not Parquet, `Config` when the rule does not fit the table.
    pub async fn show(&self, lake: &Lake, name: &TableName, table: &Table) -> Result<()> {
        self.register(lake, name, &table.files).await?;
        let Some(rule) = &table.newest else { return Ok(()) };
        let failed = |error| explain_without_sql(&error);
        let reference = TableReference::partial(name.schema.as_str(), name.table.as_str());
        let landed = self.context().table(reference.clone()).await.map_err(failed)?;
        let rank = self.rank(&landed, rule)?;
        let columns: Vec<Expr> = landed.schema().columns().into_iter().map(Expr::Column).collect();
        let ranked = landed.window(vec![rank]).map_err(failed)?;
        let of = |test: Expr| ranked.clone().filter(test)?.select(columns.clone());
        let (newest, superseded) = (of(counts(rule)).map_err(failed)?, of(!counts(rule)).map_err(failed)?);
        self.replace(reference, newest)?;
        self.replace(TableReference::partial(SUPERSEDED, name.table.as_str()), superseded)
    }

    /// The place of a row among those of its key, the newest first; of equally new ones, the last of the last file.
    fn rank(&self, landed: &DataFrame, rule: &Newest) -> Result<Expr> {
        let mut order: Vec<SortExpr> = Vec::with_capacity(rule.by.len() + 2);
        for sql in &rule.by {
            order.push(self.expression("newest_by", sql, landed)?.sort(false, false));
        }
        order.extend([FILE, LINE].map(|name| column(name).sort(false, false)));
        let key = rule.key.iter().map(|name| column(name)).collect();
        let rank =
            row_number().partition_by(key).order_by(order).build().map_err(|error| explain_without_sql(&error))?;
        Ok(rank.alias(RANK))
    }

    fn replace(&self, name: TableReference, rows: DataFrame) -> Result<()> {
        let failed = |error| explain_without_sql(&error);
        let _ = self.context().deregister_table(name.clone()).map_err(failed)?;
        let _ = self.context().register_table(name, rows.into_view()).map_err(failed)?;
        Ok(())
    }
}

/// Whether a row counts. Without a key it is about nothing that another could be newer of.
fn counts(rule: &Newest) -> Expr {
    let first = column(RANK).eq(lit(1_u64));
    rule.key.iter().fold(first, |counts, name| counts.or(column(name).is_null()))
}

/// The column of exactly this name.
fn column(name: &str) -> Expr {
    Expr::Column(Column::new_unqualified(name))
}
