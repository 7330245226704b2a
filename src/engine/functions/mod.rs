//! The SQL functions that SQL lacks: normalisation of e-mail addresses, phone numbers, names and postcodes, parsing of
//! legacy dates, numbers and booleans, and the aggregates that pick one value out of many.
//!
//! All are pure: same arguments, same answer, on any day and any machine; none reads the clock, the locale or a file.
//! A value that cannot be understood becomes NULL, never an error and never a guess; only a wrong *use* of a function,
//! such as an unknown strptime directive, is an error, when the query is planned if it can be seen there.
//! This module never builds a session: `engine/session.rs` registers what it lists.

mod aggregate;
mod boolean;
mod country;
mod date;
mod days;
mod decimal;
mod email;
mod fold;
mod latest;
mod name;
mod phone;
mod postcode;
mod scalar;
mod strptime;
mod survivor;
mod timestamp;
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
static SCALARS: [&Scalar; 14] = [
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
];

/// Every aggregate function, in the order of the catalog.
static AGGREGATES: [&Aggregate; 2] = [&latest::LATEST, &survivor::SURVIVOR];

/// The scalar functions, to be registered in a session.
pub fn scalar_functions() -> Vec<Arc<ScalarUDF>> {
    SCALARS.iter().map(|scalar| Arc::new(scalar::function(scalar))).collect()
}

/// The aggregate functions, to be registered in a session.
pub fn aggregate_functions() -> Vec<Arc<AggregateUDF>> {
    AGGREGATES.iter().map(|aggregate| Arc::new(aggregate::function(aggregate))).collect()
}

/// One entry per function of ours: scalars by theme, then aggregates.
pub fn catalog() -> &'static [FunctionDoc] {
    static CATALOG: LazyLock<Vec<FunctionDoc>> = LazyLock::new(|| {
        SCALARS.iter().map(|scalar| scalar.doc).chain(AGGREGATES.iter().map(|aggregate| aggregate.doc)).collect()
    });
    &CATALOG
}
