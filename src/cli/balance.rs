//! Where the orders went: to customers or to nobody, into scores or, in another currency than theirs, not. Nothing that
//! is left out of the customers' figures is left out in silence. The queries are `sql/lookup/`'s.

use serde::Serialize;

use super::context::Context;
use super::lookup::{Lookup, Row, count_of, params_of, text_of};
use super::output::{Align, money, table, thousands};
use crate::engine::{Session, SessionOptions};
use crate::error::Result;
use crate::lake::{Manifest, Snapshot};
use crate::project::Value;

/// The orders of a run, by where they went.
#[derive(Debug, Default, Serialize)]
pub(super) struct Balance {
    /// A row for each currency: all orders, and those of customers, of nobody, and of `as_of` or later.
    pub(super) orders: Vec<Row>,
    /// A row for each currency other than the reporting currency: its buyers, and who of them has no scores.
    pub(super) other_currencies: Vec<Row>,
    /// The reporting currency.
    pub(super) currency: Option<String>,
}

impl Balance {
    /// The balance of a run; empty where it has made no orders or no histories yet.
    pub(super) async fn read(context: &Context, manifest: &Manifest) -> Result<Self> {
        if !["clean.orders", "rfm.history", "rfm.scores"].iter().all(|table| manifest.tables.contains_key(*table)) {
            return Ok(Self::default());
        }
        let session = Session::new(&SessionOptions::default())?;
        session.attach(&Snapshot { lake: context.lake.clone(), manifest: manifest.clone().into() }).await?;
        Self::ask(&Lookup { sql: &context.project.sql, session: &session }, manifest).await
    }

    async fn ask(lookup: &Lookup<'_>, manifest: &Manifest) -> Result<Self> {
        let params = params_of(manifest);
        Ok(Self {
            orders: lookup.rows("order_balance", &params).await?,
            other_currencies: lookup.rows("other_currencies", &params).await?,
            currency: match params.get("currency") {
                Some(Value::Text(currency)) => Some(currency.clone()),
                _ => None,
            },
        })
    }

    /// A table of the orders; empty if there are none.
    pub(super) fn draw(&self) -> String {
        if self.orders.is_empty() {
            return String::new();
        }
        let header = [
            ("orders in", Align::Left),
            ("all", Align::Right),
            ("customers'", Align::Right),
            ("worth", Align::Right),
            ("anonymous", Align::Right),
            ("worth", Align::Right),
            ("as of or later", Align::Right),
        ];
        let cells = |row: &Row| {
            let count = |name: &str| thousands(count_of(row, name));
            let worth = |name: &str| money(&text_of(row, name));
            vec![
                text_of(row, "currency").into_owned(),
                count("orders"),
                count("customer_orders"),
                worth("customer_amount"),
                count("anonymous_orders"),
                worth("anonymous_amount"),
                count("later_orders"),
            ]
        };
        table(&header, &self.orders.iter().map(cells).collect::<Vec<_>>())
    }

    /// What a reader of the scores has to know, a sentence each.
    pub(super) fn notices(&self) -> Vec<String> {
        let reporting = self.currency.as_deref().unwrap_or("the reporting currency");
        let sentence = |row: &Row| {
            let unscored = match count_of(row, "unscored_buyers") {
                0 => "all of them have scores by what else they bought".to_owned(),
                none => format!("{} of them have no scores", thousands(none)),
            };
            format!(
                "not in the scores, which are by spend in {reporting}: {} {} from {} customers, {unscored}",
                money(&text_of(row, "monetary")),
                text_of(row, "currency"),
                thousands(count_of(row, "buyers")),
            )
        };
        self.other_currencies.iter().map(sentence).collect()
    }
}
