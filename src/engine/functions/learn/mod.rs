//! Learning from rows in SQL: a fit is an aggregate whose result is a STRUCT, an answer about a row a scalar function that
//! takes it. What they compute is in [`crate::learn`]; here are the SQL types, the columns and the texts.
//!
//! Traits come as a STRUCT of numbers and are known by their names, not by their places. What a model has learnt is a LIST
//! of STRUCTs in it, one for each trait: UNNEST makes a table of them, and `array_agg` a model of such a table.

#![allow(clippy::float_cmp, reason = "labels, numbers of clusters and settings are whole numbers")]

mod clusters;
mod fit;
mod logistic;
mod model;
mod traits;

pub(super) use clusters::{KMEANS_CLUSTER, KMEANS_DISTANCE, KMEANS_FIT};
pub(super) use logistic::{LOGISTIC_FIT, LOGISTIC_PROBABILITY};
pub(super) use model::is_model;
pub(super) use traits::are_traits;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch};
    use datafusion::arrow::util::pretty::pretty_format_batches;

    use super::super::aggregate::tests::query;

    /// Shops of two kinds of customers, of whom those with many visits buy; every ninth visit is not known.
    fn customers(range: std::ops::Range<i64>) -> RecordBatch {
        let column = |of: fn(i64) -> i64| Arc::new(Int64Array::from_iter_values(range.clone().map(of))) as ArrayRef;
        let visits = range.clone().map(|at| (at % 9 != 0).then_some((at % 7 + 20 * (at % 2)) as f64));
        let buys = range.clone().map(|at| (at % 11 != 0).then_some(at % 2 == 1 || at % 5 == 0));
        let columns = [
            ("shop", column(|at| at % 3)),
            ("pages", column(|at| at % 13 + 100 * (at % 2))),
            ("visits", Arc::new(visits.collect::<Float64Array>())),
            ("buys", Arc::new(buys.collect::<BooleanArray>())),
        ];
        RecordBatch::try_from_iter(columns).unwrap()
    }

    const TRAITS: &str = "named_struct('pages', pages, 'visits', visits)";

    /// The same answer to `sql` from one partition and from several, whose states are merged in either way.
    async fn answer(sql: &str) -> String {
        let sql = sql.replace("{traits}", TRAITS);
        let whole = vec![vec![customers(0..600)]];
        let parts = vec![vec![customers(300..600)], vec![customers(0..100), customers(100..300)]];
        let answers = [(whole, false), (parts.clone(), false), (parts, true)];
        let mut said = Vec::new();
        for (partitions, skips_partial) in answers {
            said.push(pretty_format_batches(&query(partitions, &sql, skips_partial).await).unwrap().to_string());
        }
        assert!(said[0] == said[1] && said[0] == said[2], "{said:#?}");
        said.swap_remove(0)
    }

    #[tokio::test]
    async fn parts_merged_are_the_whole() {
        let clusters = answer("SELECT shop, kmeans_fit({traits}, 2) AS fit FROM t GROUP BY shop ORDER BY shop").await;
        assert!(clusters.contains("trait: visits"), "{clusters}");
        answer("SELECT kmeans_fit({traits}) AS fit FROM t WHERE visits IS NOT NULL").await;
        let logistic =
            answer("SELECT shop, logistic_fit(buys, {traits}) AS fit FROM t GROUP BY shop ORDER BY shop").await;
        assert!(logistic.contains("trait: (intercept)"), "{logistic}");
        answer("SELECT logistic_fit(buys, {traits}) FILTER (WHERE pages > 3) AS fit FROM t").await;
    }

    #[tokio::test]
    async fn a_model_answers_from_its_table_too() {
        let direct = answer(
            "WITH fit AS (SELECT logistic_fit(buys, {traits}) AS model FROM t)
             SELECT pages, visits, logistic_probability(model, {traits}) AS p FROM t CROSS JOIN fit ORDER BY 1, 2, 3",
        );
        let from_table = answer(
            "WITH fit AS (SELECT unnest(fit['coefficients']) AS part FROM (SELECT logistic_fit(buys, {traits}) AS fit FROM t)),
             model AS (SELECT named_struct('coefficients', array_agg(part ORDER BY part['trait'] DESC)) AS model FROM fit)
             SELECT pages, visits, logistic_probability(model, named_struct('visits', visits, 'pages', pages)) AS p
             FROM t CROSS JOIN model ORDER BY 1, 2, 3",
        );
        assert_eq!(direct.await, from_table.await);
        let apart = answer(
            "WITH fit AS (SELECT kmeans_fit({traits}, 2) AS model FROM t)
             SELECT DISTINCT kmeans_cluster(model, {traits}) AS cluster, pages >= 100 AS many,
                    kmeans_distance(model, {traits}) < 2 AS near
             FROM t CROSS JOIN fit ORDER BY 1, 2",
        )
        .await;
        assert_eq!(apart.lines().count(), 6, "{apart}");
    }

    #[tokio::test]
    async fn nothing_to_learn_from_gives_null_and_says_so() {
        let said = answer(
            "WITH fit AS (SELECT logistic_fit(buys, {traits}) AS model FROM t WHERE pages < 0)
             SELECT count(logistic_probability(model, {traits})) AS answers, max(model['warning']) AS warning
             FROM t CROSS JOIN fit",
        )
        .await;
        assert!(said.contains("| 0       | there are no rows: nothing to learn from |"), "{said}");
        let said = answer(
            "WITH fit AS (SELECT kmeans_fit({traits}) AS model FROM t WHERE pages < 0)
             SELECT count(kmeans_cluster(model, {traits})) AS answers, max(model['clusters']) AS clusters FROM t CROSS JOIN fit",
        )
        .await;
        assert!(said.contains("| 0       | 0        |"), "{said}");
    }
}
