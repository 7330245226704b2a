//! Numbers with a fraction in SQL: decimals, so that `amount * 1.19` stays money, but doubles beside a double. DataFusion
//! would make a decimal of that double instead, and fail on one that is too large.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{Expr, ExprSchemable};

/// Plans operators between a double and a literal.
#[derive(Debug)]
pub(super) struct DoublesStayDoubles;

impl ExprPlanner for DoublesStayDoubles {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        let RawBinaryExpr { op, left, right } = expr;
        let is_double = |expr: &Expr| expr.get_type(schema).is_ok_and(|data_type| data_type.is_floating());
        let (left, right) = match (is_double(&left), is_double(&right)) {
            (true, false) => (left, double(right)?),
            (false, true) => (double(left)?, right),
            _ => (left, right),
        };
        Ok(PlannerResult::Original(RawBinaryExpr { op, left, right }))
    }
}

/// A decimal literal as a double; any other expression as it is.
fn double(expr: Expr) -> Result<Expr> {
    match expr {
        Expr::Literal(value, metadata) if value.data_type().is_decimal() => {
            Ok(Expr::Literal(value.cast_to(&DataType::Float64)?, metadata))
        }
        expr => Ok(expr),
    }
}
