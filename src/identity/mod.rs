//! Decides which records are the same person, and which customer id the person has.
//!
//! Pure functions on Arrow arrays: no I/O, no SQL, no clock, no reading of settings. The same input gives the same bytes,
//! in whatever order its rows arrive and however they are cut into batches.
//!
//! ```text
//! records ─────┐
//! identifiers ─┼─▶ records  numbered by id
//!              └─▶ block    rows that show the same identifier, strongest kinds first
//! overrides ─────▶ cluster  put together (union_find), kept apart (veto)
//! comparisons ───▶ scored   put together what is alike enough (linkage), best pairs first
//! previous run ──▶ stable_id, history  ids that stay, what became of the others
//!                  output   tables
//! resolver         leads from one to the next
//! ```
//!
//! Identifiers come first, because they are sure; what they brought together is compared as a whole.

mod block;
mod cluster;
mod comparisons;
mod customer_id;
mod dictionary;
pub mod diff;
pub mod evaluate;
mod history;
mod input;
mod kinds;
pub mod linkage;
mod lists;
mod output;
mod records;
mod resolver;
mod scored;
mod stable_id;
mod union_find;
mod veto;

#[cfg(test)]
mod tests;

use datafusion::arrow::array::RecordBatch;

pub use block::value_hash;
pub use customer_id::CustomerId;
pub use output::Resolution;
pub use resolver::{Decided, Joined, Resolver};

use crate::error::Result;

/// What to resolve. Columns are found by name and further ones are ignored; strings may be in any Arrow encoding; an
/// empty slice is an empty table.
#[derive(Debug, Clone, Copy, Default)]
pub struct Input<'a> {
    /// One row per record: `record_id VARCHAR`, and the columns that [`Settings::vetoes`] names. Records without
    /// identifiers belong here too: each is a customer of its own.
    pub records: &'a [RecordBatch],
    /// One row per (record, kind, value): `record_id VARCHAR`, `kind VARCHAR`, `value VARCHAR`. Records that `records`
    /// lacks are added. A row whose kind or value is null or empty says nothing but that the record exists.
    pub identifiers: &'a [RecordBatch],
    /// What records are compared in, beyond identifiers: `record_id VARCHAR`, at most one row each, `source VARCHAR`, and
    /// any columns that say who somebody is; what they hold is found from their names and values.
    pub comparisons: &'a [RecordBatch],
    /// Values that belong to nobody in particular, such as `info@…`: `kind VARCHAR` (null: every kind), `value VARCHAR`.
    pub generic: &'a [RecordBatch],
    /// What people decided: `left_record VARCHAR`, `right_record VARCHAR`, `decision VARCHAR`, which is `link` or
    /// `unlink`. Rows about records that are gone are ignored; `unlink` beats `link`.
    pub overrides: &'a [RecordBatch],
    /// [`Resolution::identities`] of the previous run; without `since`, all ids are equally old, and without
    /// `former_customer_ids` none returns with its records.
    pub previous_identities: &'a [RecordBatch],
    /// [`Resolution::aliases`] of the previous run.
    pub previous_aliases: &'a [RecordBatch],
}

/// How to resolve.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The number of this run: the `since` of the customer ids that it creates.
    pub run: i64,
    /// Kinds of identifier, strongest first. Links are followed in this order, so that where an obstacle cuts a chain,
    /// the weaker link gives way. Kinds that are not named come last, by name.
    pub kinds: Vec<KindRule>,
    /// How sure a shared value of a kind that is not named makes us.
    pub other_confidence: f64,
    /// A value that more records share is not used, and reported. It bounds the work, which in a block where people differ
    /// grows with records times people; which values are generic is for the caller to say.
    pub block_records_max: usize,
    /// Columns of `records` in which two records of one customer may not have two different values. Null never differs,
    /// nor do two dates (`1985-03-04`) of one year that share the month or the day, or swap them.
    pub vetoes: Vec<String>,
    /// How the table `comparisons` is judged.
    pub scoring: Scoring,
}

/// How records are judged that no identifier joins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scoring {
    /// How probable it must be that two customers are one to put them together, 0 to 1.
    pub accept: f64,
    /// Less probable ones are left to people, down to this.
    pub doubt: f64,
    /// Threads to work on; the answer does not depend on it.
    pub threads: usize,
}

impl Default for Scoring {
    fn default() -> Self {
        Self { accept: 0.95, doubt: 0.5, threads: 1 }
    }
}

/// What one kind of identifier is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct KindRule {
    /// As in the column `kind`.
    pub name: String,
    /// How sure one shared value makes us that two records are one person, 0 to 1.
    pub confidence: f64,
}

/// The kinds that `sql/match/` makes, strongest first. `…+name` is a value that several people share, together with a
/// name: it links a little less surely than the value would alone, and more surely than any weaker kind.
const KINDS: [(&str, f64); 14] = [
    ("national_id", 0.999),
    ("national_id+name", 0.995),
    ("user_id", 0.995),
    ("user_id+name", 0.99),
    ("loyalty_id", 0.99),
    ("loyalty_id+name", 0.98),
    ("email", 0.98),
    ("email+name", 0.97),
    ("phone", 0.95),
    ("phone+name", 0.94),
    ("name+home", 0.92),
    ("ad_id", 0.9),
    ("device_id", 0.9),
    ("cookie", 0.9),
];

impl Default for Settings {
    fn default() -> Self {
        Self {
            run: 1,
            kinds: KINDS.map(|(name, confidence)| KindRule { name: name.into(), confidence }).into(),
            other_confidence: 0.9,
            block_records_max: 10_000,
            vetoes: vec!["birth_date".into(), "national_id".into()],
            scoring: Scoring::default(),
        }
    }
}

/// Resolves all records, of tables that are in memory; a [`Resolver`] takes them piece by piece.
///
/// # Errors
/// `Config` if a table lacks a column or a decision is unknown, `Check` if a record id is null or empty, `records` holds
/// one twice or there are too many kinds, `Corrupt` if the previous run holds a customer id that is not ours.
pub fn resolve(input: Input<'_>, settings: &Settings) -> Result<Resolution> {
    let mut resolver = Resolver::new(settings);
    resolver.records(input.records)?;
    resolver.identifiers(input.identifiers)?;
    let mut joined = resolver.join(input.overrides, input.generic)?;
    joined.comparisons(input.comparisons)?;
    let mut decided = joined.score()?;
    decided.previous(input.previous_identities)?;
    decided.finish(input.previous_aliases)
}
