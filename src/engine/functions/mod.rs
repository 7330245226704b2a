//! The SQL functions that SQL lacks: normalisation of e-mail addresses, phone numbers, names and postcodes, parsing of
//! legacy dates, numbers and booleans, tone and topic of what customers write, the aggregates that pick one value out of
//! many, what is bought together, the models of lifetime value, and clusters and propensities.
//!
//! All are pure: same arguments, same answer, on any day and any machine; none reads the clock, the locale or a file.
//! A value that cannot be understood becomes NULL, never an error and never a guess; only a wrong *use* of a function,
//! such as an unknown strptime directive, is an error, when the query is planned if it can be seen there.
//! This module never builds a session: `engine/session.rs` registers what it lists.

mod affinity;
mod aggregate;
mod boolean;
mod claims;
mod country;
mod date;
mod days;
mod decimal;
mod email;
mod extremes;
mod fold;
mod latest;
mod learn;
mod name;
mod phone;
mod postcode;
mod scalar;
mod strptime;
mod survivor;
mod text;
mod timestamp;
mod value;
mod values;

use std::sync::{Arc, LazyLock};

use datafusion::logical_expr::{AggregateUDF, ScalarUDF};

use aggregate::Aggregate;
use scalar::Scalar;

/// What `\df` says about a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FunctionDoc {
    /// The name in SQL.
    pub name: &'static str,
    /// How it is called, such as `normalize_phone(text, country)`.
    pub signature: &'static str,
    /// The SQL type of the result.
    pub returns: &'static str,
    /// What it does and when it is NULL, in a few sentences.
    pub summary: &'static str,
    /// An expression, or for an aggregate a whole query, that runs as it is.
    pub example: &'static str,
    /// The example's value as SQL shows it; `NULL` for a null.
    pub example_result: &'static str,
}

/// Every scalar function, in the order of the catalog.
static SCALARS: [&Scalar; 44] = [
    &email::NORMALIZE_EMAIL,
    &email::EMAIL_DOMAIN,
    &phone::NORMALIZE_PHONE,
    &name::NORMALIZE_NAME,
    &fold::FOLD_NAME,
    &postcode::NORMALIZE_POSTCODE,
    &country::COUNTRY_CODE,
    &date::PARSE_DATE,
    &timestamp::PARSE_TIMESTAMP,
    &timestamp::FROM_EPOCH_MILLIS,
    &timestamp::FROM_EPOCH_SECONDS,
    &decimal::PARSE_DECIMAL,
    &boolean::PARSE_BOOLEAN,
    &days::DAYS_BETWEEN,
    &text::TEXT_TONE,
    &text::TEXT_TOPIC,
    &value::MBG_NBD.p_alive,
    &value::MBG_NBD.p_order,
    &value::MBG_NBD.expected_orders,
    &value::MBG_NBD.clv,
    &value::BG_NBD.p_alive,
    &value::BG_NBD.p_order,
    &value::BG_NBD.expected_orders,
    &value::BG_NBD.clv,
    &value::PARETO_NBD.p_alive,
    &value::PARETO_NBD.p_order,
    &value::PARETO_NBD.expected_orders,
    &value::PARETO_NBD_RESIDUAL_ORDERS,
    &value::PARETO_NBD.clv,
    &value::NBD.p_alive,
    &value::NBD.p_order,
    &value::NBD.expected_orders,
    &value::NBD.clv,
    &value::BG_BB.p_alive,
    &value::BG_BB.p_order,
    &value::BG_BB.expected_orders,
    &value::BG_BB.clv,
    &value::GAMMA_GAMMA_EXPECTED_SPEND,
    &value::SBG_SURVIVAL,
    &value::SBG_RETENTION,
    &value::SBG_EXPECTED_RENEWALS,
    &learn::KMEANS_CLUSTER,
    &learn::KMEANS_DISTANCE,
    &learn::LOGISTIC_PROBABILITY,
];

/// Every aggregate function, in the order of the catalog.
static AGGREGATES: [&Aggregate; 13] = [
    &latest::LATEST,
    &survivor::SURVIVOR,
    &affinity::BOUGHT_TOGETHER,
    &affinity::NEXT_PRODUCTS,
    &value::MBG_NBD.fit,
    &value::BG_NBD.fit,
    &value::PARETO_NBD.fit,
    &value::NBD.fit,
    &value::BG_BB.fit,
    &value::GAMMA_GAMMA_FIT,
    &value::SBG_FIT,
    &learn::KMEANS_FIT,
    &learn::LOGISTIC_FIT,
];

/// The scalar functions, to be registered in a session.
pub fn scalar_functions() -> Vec<Arc<ScalarUDF>> {
    SCALARS.iter().map(|scalar| Arc::new(scalar::function(scalar))).collect()
}

/// The aggregate functions, to be registered in a session.
pub fn aggregate_functions() -> Vec<Arc<AggregateUDF>> {
    AGGREGATES.iter().map(|aggregate| Arc::new(aggregate::function(aggregate))).collect()
}

/// DataFusion's own aggregates that are kept in another way here, to be registered in place of them.
pub fn replaced_aggregates() -> [AggregateUDF; 2] {
    extremes::functions()
}

/// One entry per function of ours: scalars by theme, then aggregates.
pub fn catalog() -> &'static [FunctionDoc] {
    static CATALOG: LazyLock<Vec<FunctionDoc>> = LazyLock::new(|| {
        SCALARS.iter().map(|scalar| scalar.doc).chain(AGGREGATES.iter().map(|aggregate| aggregate.doc)).collect()
    });
    &CATALOG
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::util::display::array_value_to_string;
    use datafusion::prelude::{SessionConfig, SessionContext};

    use super::*;

    #[allow(clippy::disallowed_methods)]
    fn context(config: SessionConfig) -> SessionContext {
        let context = SessionContext::new_with_config(config);
        for function in scalar_functions() {
            context.register_udf((*function).clone());
        }
        for function in aggregate_functions() {
            context.register_udaf((*function).clone());
        }
        context
    }

    async fn value(sql: &str) -> Result<String, String> {
        let frame = context(SessionConfig::new()).sql(sql).await.map_err(|error| error.to_string())?;
        let batches = frame.collect().await.map_err(|error| error.to_string())?;
        let column = batches[0].column(0);
        Ok(if column.is_null(0) { "NULL".to_owned() } else { array_value_to_string(column, 0).unwrap() })
    }

    #[tokio::test]
    async fn every_example_holds() {
        for doc in catalog() {
            let sql = if doc.example.starts_with("SELECT") {
                doc.example.to_owned()
            } else {
                format!("SELECT {}", doc.example)
            };
            assert_eq!(value(&sql).await.as_deref(), Ok(doc.example_result), "{}", doc.example);
        }
    }

    #[test]
    fn every_function_is_in_the_catalog() {
        let names: Vec<_> = catalog().iter().map(|doc| doc.name).collect();
        let scalars = scalar_functions();
        let aggregates = aggregate_functions();
        let functions: Vec<_> = scalars
            .iter()
            .map(|scalar| scalar.name())
            .chain(aggregates.iter().map(|aggregate| aggregate.name()))
            .collect();
        assert_eq!(functions, names);
        assert!(catalog().iter().all(|doc| doc.signature.starts_with(doc.name)));
    }

    #[tokio::test]
    async fn arguments_are_cast_where_it_is_safe() {
        for (sql, expected) in [
            ("SELECT normalize_phone(721234567, 'RO')", "+40721234567"),
            ("SELECT normalize_postcode(1067, 'DE')", "01067"),
            ("SELECT parse_boolean(1)", "true"),
            ("SELECT normalize_phone(NULL, 'RO')", "NULL"),
            ("SELECT normalize_phone('0721234567', NULL)", "NULL"),
            ("SELECT days_between('2024-03-01', DATE '2024-03-31')", "30"),
            ("SELECT days_between(NULL, DATE '2024-03-31')", "NULL"),
            ("SELECT latest(NULL, NULL)", "NULL"),
            ("SELECT survivor(1, 2, NULL, 'a')['value']", "1"),
            ("SELECT survivor('x', NULL, NULL, 'a')['reason']", "NULL"),
        ] {
            assert_eq!(value(sql).await.as_deref(), Ok(expected), "{sql}");
        }
    }

    #[tokio::test]
    async fn information_schema_describes_them() {
        let context = context(SessionConfig::new().with_information_schema(true));
        let sql = "SELECT DISTINCT routine_name, description FROM information_schema.routines
            WHERE routine_name IN ('normalize_email', 'survivor') ORDER BY 1";
        let rows = context.sql(sql).await.unwrap().collect().await.unwrap();
        context.sql("SHOW FUNCTIONS").await.unwrap().collect().await.unwrap();
        assert_eq!(rows[0].num_rows(), 2);
    }

    #[tokio::test]
    async fn wrong_use_is_an_error_when_planned() {
        for (sql, said) in [
            ("SELECT parse_date('x', '%Q')", "unknown directive `%Q`"),
            ("SELECT parse_date('x')", "`parse_date(text, format, …)`"),
            ("SELECT parse_timestamp('x', 'Mars/Olympus')", "unknown time zone `Mars/Olympus`"),
            ("SELECT parse_decimal('1', ';')", "the decimal mark is `.` or `,`, not `;`"),
            ("SELECT parse_decimal(1.5, ',')", "`parse_decimal(text, decimal_mark)`"),
            ("SELECT normalize_email(1.5)", "`normalize_email(text)`"),
            ("SELECT latest('x', 'y')", "`latest(value, at)`"),
            ("SELECT survivor(DISTINCT 'x', 1, NULL, 'a')", "neither DISTINCT nor ORDER BY"),
            ("SELECT kmeans_fit(1)", "`kmeans_fit(traits [, clusters])`"),
            ("SELECT kmeans_fit(named_struct('x', 1.0), 0.5)", "the number of clusters is 1 to 64"),
            ("SELECT logistic_fit('yes', named_struct('x', 1.0))", "`logistic_fit(label, traits)`"),
            ("SELECT logistic_fit(2, named_struct('x', 1.0))", "a label is true or false"),
            (
                "SELECT kmeans_cluster(named_struct('x', 1.0), named_struct('x', 1.0))",
                "`kmeans_cluster(model, traits)`",
            ),
        ] {
            let error = value(sql).await.expect_err(sql);
            assert!(error.contains(said), "{error}");
        }
    }
}
