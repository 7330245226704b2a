//! placeholder
use datafusion::logical_expr::{AggregateUDF, ScalarUDF};
use std::sync::Arc;
/// x
pub fn scalar_functions() -> Vec<Arc<ScalarUDF>> {
    vec![]
}
/// x
pub fn aggregate_functions() -> Vec<Arc<AggregateUDF>> {
    vec![]
}
