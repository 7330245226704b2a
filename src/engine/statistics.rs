//! How large the planner takes intermediate results to be: by it, joins choose the side that they keep in memory.
//!
//! DataFusion knows the size of a table with text columns by its rows only, and would keep the fewer rows even where they
//! are ten times as wide. Of a join whose keys it knows nothing about, it thinks that no more rows come out than the
//! smaller side has: three million people joined to nine sources were nine rows, and were all kept by the next join.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Schema};
use datafusion::common::stats::Precision;
use datafusion::common::{JoinType, Statistics};
use datafusion::error::Result;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::joins::HashJoinExec;
use datafusion::physical_plan::operator_statistics::{
    ExtendedStatistics, StatisticsProvider, StatisticsRegistry, StatisticsResult,
};
use datafusion::physical_plan::statistics::{StatisticsArgs, StatisticsContext};
use datafusion::physical_plan::union::UnionExec;

/// What a text, list or structure takes in memory: its view and its letters, as names, addresses and ids have them.
const VARIABLE_BYTES: usize = 40;

/// Statistics with our estimates of rows and bytes.
pub(super) fn registry() -> StatisticsRegistry {
    StatisticsRegistry::with_providers(vec![Arc::new(Estimates)])
}

#[derive(Debug)]
struct Estimates;

impl StatisticsProvider for Estimates {
    fn compute_statistics(&self, plan: &dyn ExecutionPlan, inputs: &[ExtendedStatistics]) -> Result<StatisticsResult> {
        let known = statistics(plan)?;
        let inputs: Vec<_> = inputs.iter().map(|input| input.base().num_rows).collect();
        let num_rows = rows(plan, known.num_rows, &inputs)?;
        let total_byte_size = num_rows.to_inexact().multiply(&Precision::Inexact(row_bytes(&plan.schema())));
        let estimated = Statistics { num_rows, total_byte_size, ..known.as_ref().clone() };
        Ok(StatisticsResult::Computed(ExtendedStatistics::new(estimated)))
    }
}

/// DataFusion's own statistics.
fn statistics(plan: &dyn ExecutionPlan) -> Result<Arc<Statistics>> {
    StatisticsContext::new().compute(plan, &StatisticsArgs::new())
}

/// The rows of `plan`, of which DataFusion has `known`, given ours of its inputs.
fn rows(plan: &dyn ExecutionPlan, known: Precision<usize>, inputs: &[Precision<usize>]) -> Result<Precision<usize>> {
    if let (Some(join), [left, right]) = (plan.downcast_ref::<HashJoinExec>(), inputs) {
        return Ok(joined(*join.join_type(), left, right).to_inexact());
    }
    if plan.downcast_ref::<UnionExec>().is_some() {
        return Ok(inputs.iter().fold(Precision::Exact(0), |sum, input| sum.add(input)));
    }
    // What a filter or a group leaves is the same share of however many rows come in.
    let ([input], [child]) = (inputs, &plan.children()[..]) else { return Ok(known) };
    let child = statistics(child.as_ref())?.num_rows;
    Ok(match (known, child.get_value(), input.get_value()) {
        (Precision::Inexact(known), Some(&child), Some(&input)) if child > 0 && input != child => {
            Precision::Inexact((known as f64 / child as f64 * input as f64).ceil() as usize)
        }
        (Precision::Absent, _, _) => input.to_inexact(),
        (known, _, _) => known,
    })
}

/// The rows of an equi-join, as if each row of the larger side found one of the smaller.
fn joined(join: JoinType, left: &Precision<usize>, right: &Precision<usize>) -> Precision<usize> {
    match join {
        JoinType::Inner | JoinType::Left | JoinType::Right => left.max(right),
        JoinType::Full => left.add(right),
        JoinType::LeftSemi | JoinType::LeftAnti | JoinType::LeftMark => *left,
        JoinType::RightSemi | JoinType::RightAnti | JoinType::RightMark => *right,
    }
}

fn row_bytes(schema: &Schema) -> usize {
    let bytes = |data_type: &DataType| data_type.primitive_width().unwrap_or(VARIABLE_BYTES);
    schema.fields().iter().map(|field| bytes(field.data_type())).sum()
}

#[cfg(test)]
mod tests {
    use datafusion::prelude::ParquetReadOptions;

    use super::super::{Session, SessionOptions};
    use crate::project::Params;

    /// The physical plan of `sql` on a project with a wide table, a longer and narrow one, and a small one.
    fn planned(sql: &str) -> String {
        let dir = tempfile::tempdir().expect("a folder");
        let work = async {
            let session = Session::new(&SessionOptions::default())?;
            for (name, rows, columns) in [
                (
                    "contacts",
                    60_000,
                    "concat('r', n) AS record_id, concat('s', n % 9) AS source, concat('a', n) AS a, \
                  concat('b', n) AS b, concat('c', n) AS c, concat('d', n) AS d, concat('e', n) AS e",
                ),
                ("identities", 90_000, "concat('r', n) AS record_id, concat('c', n / 2) AS customer_id"),
                ("sources", 9, "concat('s', n) AS source, n AS trust"),
                ("addresses", 40_000, "concat('a', n) AS address, n AS bounces"),
            ] {
                let path = dir.path().join(format!("{name}.parquet"));
                let path = path.to_str().expect("UTF-8");
                let copy = format!("COPY (SELECT {columns} FROM generate_series(1, {rows}) AS s(n)) TO '{path}'");
                let context = session.context();
                context.sql(&copy).await.expect("plans").collect().await.expect("writes");
                context.register_parquet(name, path, ParquetReadOptions::default()).await.expect("registers");
            }
            let plan = session.physical_plan(&session.plan(sql, &Params::default()).await?).await?;
            Ok::<_, crate::error::Error>(
                datafusion::physical_plan::displayable(plan.as_ref()).indent(false).to_string(),
            )
        };
        tokio::runtime::Runtime::new().expect("a runtime").block_on(work).expect("plans")
    }

    /// The first file that is read below each hash join, the outermost first: the side that it keeps.
    fn kept(plan: &str) -> Vec<&str> {
        let after = plan.match_indices("HashJoinExec").map(|(at, _)| &plan[at..]);
        let file = |text: &str| {
            let end = text.find(".parquet").expect("a file");
            let start = text[..end].rfind('/').expect("a path") + 1;
            (plan.len() - text.len() + start, plan.len() - text.len() + end)
        };
        after.map(file).map(|(start, end)| &plan[start..end]).collect()
    }

    #[test]
    fn joins_keep_the_narrow_side_and_small_tables_do_not_hide_large_results() {
        let plan = planned(
            "SELECT * FROM contacts AS c JOIN identities AS i ON i.record_id = c.record_id
             JOIN sources AS s ON s.source = c.source LEFT JOIN addresses AS a ON a.address = c.a",
        );
        assert_eq!(kept(&plan), ["addresses", "sources", "identities"], "{plan}");
    }
}
