//! Finds the records that are meant on the command line.

use super::super::lookup::{Lookup, Row, text_of};
use crate::error::{Error, Kind, Result};
use crate::project::{Params, Value};

/// A record, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) record_id: String,
    pub(super) customer_id: String,
}

/// The one record that `needle` names: a record id, or its key without the source.
///
/// # Errors
/// `Usage` when there is none or several.
pub(super) async fn record(lookup: &Lookup<'_>, needle: &str) -> Result<Found> {
    let mut params = Params::default();
    params.set("needle", Value::Text(needle.trim().to_owned()));
    let found = lookup.rows("record", &params).await?;
    match found.as_slice() {
        [one] => Ok(Found::of(one)),
        [] => Err(Error::new(Kind::Usage, format!("there is no record `{}`", needle.escape_debug())).hint(
            "a record is its source and its key there, such as `crm:1042`; `onefold customer NAME` lists a customer's",
        )),
        several => {
            let ids: Vec<_> = several.iter().take(5).map(|row| format!("`{}`", text_of(row, "record_id"))).collect();
            let message = format!("{} records have the key `{}`", several.len(), needle.escape_debug());
            Err(Error::new(Kind::Usage, message).hint(format!("name one with its source: {}", ids.join(", "))))
        }
    }
}

impl Found {
    fn of(row: &Row) -> Self {
        let text = |name| text_of(row, name).into_owned();
        Self { record_id: text("record_id"), customer_id: text("customer_id") }
    }
}
