//! Long rows of `AND` and of `OR` as balanced trees. The parser puts all before an operator on its left side, so that ten
//! thousand of them are ten thousand deep, and whoever walks them recurses as far. In which pairs they are taken makes no
//! difference to what they say, not even with nulls.

use std::mem;
use std::ops::ControlFlow;

use datafusion::sql::parser::{CopyToSource, Statement};
use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, Value, VisitMut, VisitorMut};

/// A row that is shorter stays as it was written.
const ROW_MIN: usize = 64;

/// Balances all that a statement holds. Whatever walks it comes after this.
pub fn balance(statement: &mut Statement) {
    match statement {
        Statement::Statement(sql) => balance_sql(sql.as_mut()),
        Statement::Explain(explain) => balance(&mut explain.statement),
        Statement::CopyTo(copy) => {
            if let CopyToSource::Query(query) = &mut copy.source {
                balance_sql(query.as_mut());
            }
        }
        _ => {}
    }
}

/// The same of a statement as the parser alone gives it, or a part of one.
pub fn balance_sql(sql: &mut impl VisitMut) {
    let _ = sql.visit(&mut Balance);
}

struct Balance;

impl VisitorMut for Balance {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::BinaryOp { op: op @ (BinaryOperator::And | BinaryOperator::Or), .. } = expr {
            let op = op.clone();
            if operands(expr, &op) >= ROW_MIN {
                let row = take_apart(mem::replace(expr, Expr::value(Value::Null)), &op);
                *expr = join(row, &op);
            }
        }
        ControlFlow::Continue(())
    }
}

/// How many operands of `op` stand in a row.
fn operands(mut expr: &Expr, wanted: &BinaryOperator) -> usize {
    let mut operands = 1;
    while let Expr::BinaryOp { left, op, .. } = expr
        && op == wanted
    {
        (expr, operands) = (left.as_ref(), operands + 1);
    }
    operands
}

/// They, from the first to the last.
fn take_apart(mut expr: Expr, wanted: &BinaryOperator) -> Vec<Expr> {
    let mut row = Vec::new();
    loop {
        match expr {
            Expr::BinaryOp { left, op, right } if op == *wanted => {
                row.push(*right);
                expr = *left;
            }
            first => {
                row.push(first);
                row.reverse();
                return row;
            }
        }
    }
}

/// Neighbours are joined, then their pairs, until one is left.
fn join(mut row: Vec<Expr>, op: &BinaryOperator) -> Expr {
    while row.len() > 1 {
        let mut operands = row.into_iter();
        row = std::iter::from_fn(|| {
            let left = operands.next()?;
            Some(match operands.next() {
                Some(right) => Expr::BinaryOp { left: Box::new(left), op: op.clone(), right: Box::new(right) },
                None => left,
            })
        })
        .collect();
    }
    row.pop().unwrap_or_else(|| Expr::value(Value::Null))
}

#[cfg(test)]
mod tests {
    use datafusion::sql::parser::DFParser;

    use super::*;

    fn parsed(sql: &str) -> Statement {
        DFParser::parse_sql(sql).expect("parses").pop_front().expect("one statement")
    }

    /// How deep the expressions of a statement are.
    fn depth(statement: &mut Statement) -> usize {
        struct Depth(usize, usize);
        impl VisitorMut for Depth {
            type Break = ();
            fn pre_visit_expr(&mut self, _: &mut Expr) -> ControlFlow<()> {
                self.0 += 1;
                self.1 = self.1.max(self.0);
                ControlFlow::Continue(())
            }
            fn post_visit_expr(&mut self, _: &mut Expr) -> ControlFlow<()> {
                self.0 -= 1;
                ControlFlow::Continue(())
            }
        }
        let Statement::Statement(sql) = statement else { panic!("a query") };
        let mut depth = Depth(0, 0);
        let _ = sql.visit(&mut depth);
        depth.1
    }

    #[test]
    fn a_long_row_says_the_same_and_is_not_deep() {
        for op in ["OR", "AND"] {
            let row: Vec<String> = (0..1000).map(|n| format!("a = {n} + 1")).collect();
            let sql = format!("SELECT 1 WHERE NOT (b AND ({}))", row.join(&format!(" {op} ")));
            let mut statement = parsed(&sql);
            balance(&mut statement);
            assert_eq!(statement.to_string(), sql);
            assert!(depth(&mut statement) < 20, "{}", depth(&mut statement));
        }
    }

    #[test]
    fn rows_of_ands_between_ors_stay_apart() {
        let sql = format!("SELECT {}true", "a AND b OR ".repeat(500));
        let mut statement = parsed(&sql);
        balance(&mut statement);
        assert_eq!((statement.to_string(), depth(&mut statement)), (sql, 11));
    }
}
