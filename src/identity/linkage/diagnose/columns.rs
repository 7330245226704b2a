//! How full the columns are, how much they repeat, and why some of them do not count.

use datafusion::arrow::array::Array;
use rustc_hash::FxHashMap;
use serde::Serialize;

use super::super::kind::Kind;
use super::super::prepare::Prepared;
use super::super::table::TextColumn;
use super::Linked;

/// What one column of the input holds. Its values stay where they are.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it was found to hold; none if it was not looked at.
    pub kind: Option<&'static str>,
    /// Records with a value.
    pub filled: usize,
    /// Different values; none if it was not looked at.
    pub distinct: Option<usize>,
    /// How many records hold the most frequent values, the most frequent first.
    pub frequent: Vec<usize>,
    /// Why it does not count; none if it does.
    pub ignored: Option<&'static str>,
}

/// Of how many values the frequency is told.
const FREQUENT: usize = 3;

pub(super) fn columns(linked: &Linked<'_>) -> Vec<Column> {
    let schema = linked.records.schema();
    let fields = schema.fields().iter().zip(linked.records.columns());
    let others = fields.filter(|(field, _)| !matches!(field.name().as_str(), "record_id" | "source"));
    let column = |(field, array): (&datafusion::arrow::datatypes::FieldRef, &datafusion::arrow::array::ArrayRef)| {
        let read = linked.table.columns.iter().position(|column| column.name == *field.name());
        if let Some(at) = read {
            return of(linked.prepared, &linked.table.columns[at], linked.prepared.plan.columns[at].1);
        }
        let ignored = if field.data_type().is_nested() { "holds lists or structures" } else { "is to be ignored" };
        Column {
            name: field.name().clone(),
            kind: None,
            filled: array.len() - array.null_count(),
            distinct: None,
            frequent: Vec::new(),
            ignored: Some(ignored),
        }
    };
    others.map(column).collect()
}

fn of(prepared: &Prepared, column: &TextColumn, kind: Kind) -> Column {
    let mut held: FxHashMap<&str, usize> = FxHashMap::default();
    for value in column.texts() {
        *held.entry(value).or_default() += 1;
    }
    let mut counts: Vec<usize> = held.into_values().collect();
    counts.sort_unstable_by(|one, other| other.cmp(one));
    let filled = counts.iter().sum();
    let ignored = match (filled, counts.len(), kind) {
        (0, ..) => Some("is empty"),
        (_, 1, _) => Some("always says the same"),
        (.., Kind::Nothing) => Some("says nothing"),
        _ if !is_compared(prepared, column, kind) => Some("has too few values that are not placeholders"),
        _ => None,
    };
    let distinct = Some(counts.len());
    counts.truncate(FREQUENT);
    Column { name: column.name.clone(), kind: Some(kind.name()), filled, distinct, frequent: counts, ignored }
}

fn is_compared(prepared: &Prepared, column: &TextColumn, kind: Kind) -> bool {
    let mut comparisons = prepared.comparisons.iter();
    match kind {
        Kind::Given | Kind::Family | Kind::Middle | Kind::FullName => comparisons
            .any(|comparison| matches!(comparison.kind, Kind::Given | Kind::Family | Kind::Middle | Kind::Generation)),
        Kind::Address | Kind::BirthDate => comparisons.any(|comparison| comparison.kind == kind),
        _ => comparisons.any(|comparison| comparison.name == column.name),
    }
}
