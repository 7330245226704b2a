//! What the customers of a file will probably buy: a row for each.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{Field, Schema};

use super::models::{Predicts, Unit};
use super::transactions::Buyer;
use crate::engine::explain_without_sql;
use crate::error::Result;
use crate::value::{GammaGamma, History, Spend};

/// What predictions are asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ahead {
    pub(super) unit: Unit,
    /// In units.
    pub(super) horizon: f64,
    /// Yearly: 0.1 is 10 %.
    pub(super) discount: f64,
}

/// What is expected of one customer.
#[derive(Debug, Clone, Copy, Default)]
struct Expected {
    p_alive: Option<f64>,
    p_order: Option<f64>,
    orders: Option<f64>,
    spend: Option<f64>,
    clv: Option<f64>,
}

impl Expected {
    /// Where the customer stands, as in `rfm.predictions`; none where nobody is seen to leave.
    fn status(&self, age_days: f64) -> Option<&'static str> {
        Some(match self.p_alive? {
            _ if age_days < NEW_DAYS => "new",
            0.75.. => "active",
            0.5.. => "at_risk",
            0.25.. => "lapsed",
            _ => "churned",
        })
    }
}

/// A customer is new for so many days after the first purchase, as `$new_days` says for projects.
const NEW_DAYS: f64 = 60.0;

/// The tiers, as in `rfm.predictions`, and up to which part of the customers, the most valuable first, each reaches.
const TIERS: [(&str, f64); 6] =
    [("platinum", 0.01), ("gold", 0.05), ("silver", 0.1), ("bronze", 0.25), ("medium", 0.5), ("low", 1.0)];

/// Per customer: the tier by rank of the value; none without a value.
fn tiers(expected: &[Expected]) -> Vec<Option<&'static str>> {
    let mut values: Vec<f64> = expected.iter().filter_map(|expected| expected.clv).collect();
    values.sort_unstable_by(|one, other| other.total_cmp(one));
    let tier = |value: f64| {
        let better = values.partition_point(|&other| other > value) as f64 / expected.len() as f64;
        TIERS.iter().find(|(_, until)| better < *until).map(|(name, _)| *name)
    };
    expected.iter().map(|expected| tier(expected.clv?)).collect()
}

/// The rows and the sums of what is expected.
pub(super) struct Predictions {
    pub(super) rows: RecordBatch,
    pub(super) orders: f64,
    /// None without amounts.
    pub(super) value: Option<f64>,
    /// None where no customer ever leaves.
    pub(super) alive: Option<f64>,
}

impl Buyer {
    /// The history in `unit`.
    pub(super) fn history_in(&self, unit: Unit) -> History {
        let days = unit.days();
        History { recency: self.history.recency / days, age: self.history.age / days, ..self.history }
    }
}

/// Predictions for all buyers, in their order; columns are named as in `rfm.predictions`.
pub(super) fn predict(
    buyers: &[Buyer],
    model: &dyn Predicts,
    spending: Option<&GammaGamma>,
    ahead: Ahead,
) -> Result<Predictions> {
    let known = |value: f64| value.is_finite().then_some(value);
    let of = |buyer: &Buyer| {
        let history = buyer.history_in(ahead.unit);
        let spend = spending.and_then(|model| {
            let spend = Spend::new(history.frequency, buyer.mean_spend.unwrap_or(0.0)).ok()?;
            known(model.expected_spend(&spend))
        });
        let clv = |spend| known(model.clv(&history, spend, ahead.horizon, ahead.discount, ahead.unit.per_year()));
        Expected {
            p_alive: model.p_alive(&history).and_then(known),
            p_order: known(model.p_order(&history, ahead.horizon)),
            orders: known(model.expected_orders(&history, ahead.horizon)),
            spend,
            clv: spend.and_then(clv),
        }
    };
    let expected: Vec<Expected> = buyers.iter().map(of).collect();
    let sum = |value: fn(&Expected) -> Option<f64>| {
        expected.iter().filter_map(value).fold(None, |sum: Option<f64>, value| Some(sum.unwrap_or(0.0) + value))
    };
    let rows = rows(buyers, &expected, ahead)?;
    let orders = sum(|expected| expected.orders).unwrap_or(f64::NAN);
    Ok(Predictions { rows, orders, value: sum(|expected| expected.clv), alive: sum(|expected| expected.p_alive) })
}

fn rows(buyers: &[Buyer], expected: &[Expected], ahead: Ahead) -> Result<RecordBatch> {
    let next = |name: &str| format!("predicted_{name}_next_{}{}", ahead.horizon, ahead.unit.letter());
    let of_buyer =
        |value: fn(&Buyer) -> Option<f64>| Arc::new(buyers.iter().map(value).collect::<Float64Array>()) as ArrayRef;
    let whole = |value: fn(&Buyer) -> f64| {
        Arc::new(buyers.iter().map(|buyer| Some(value(buyer) as i64)).collect::<Int64Array>()) as ArrayRef
    };
    let of = |value: fn(&Expected) -> Option<f64>| {
        Arc::new(expected.iter().map(value).collect::<Float64Array>()) as ArrayRef
    };
    let ids = StringArray::from_iter_values(buyers.iter().map(|buyer| buyer.customer_id.as_str()));
    let status = buyers.iter().zip(expected).map(|(buyer, expected)| expected.status(buyer.history.age));
    let columns: Vec<(String, ArrayRef)> = vec![
        ("customer_id".into(), Arc::new(ids)),
        ("repeat_days".into(), whole(|buyer| buyer.history.frequency)),
        ("first_to_last_days".into(), whole(|buyer| buyer.history.recency)),
        ("age_days".into(), whole(|buyer| buyer.history.age)),
        ("mean_spend".into(), of_buyer(|buyer| buyer.mean_spend)),
        ("p_alive".into(), of(|expected| expected.p_alive)),
        (next("probability_of_transaction"), of(|expected| expected.p_order)),
        (next("order_frequency"), of(|expected| expected.orders)),
        (next("average_order_revenue"), of(|expected| expected.spend)),
        (next("clv"), of(|expected| expected.clv)),
        ("predicted_customer_lifecycle_status".into(), Arc::new(status.collect::<StringArray>())),
        (
            "predicted_customer_lifetime_value_tier".into(),
            Arc::new(tiers(expected).into_iter().collect::<StringArray>()),
        ),
    ];
    let (fields, arrays): (Vec<_>, Vec<_>) =
        columns.into_iter().map(|(name, array)| (Field::new(name, array.data_type().clone(), true), array)).unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(|error| explain_without_sql(&error.into()))
}
