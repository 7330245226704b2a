//! The reference tables that ship, as the schema `reference`: nicknames, generic values, honorifics, countries.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringViewBuilder};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::TableReference;
use datafusion::datasource::MemTable;
use datafusion::prelude::SessionContext;

use crate::error::{Error, Kind, Result};

pub(super) const SCHEMA: &str = "reference";

/// The tables that SQL may read; the other files of `data/` are for the generator.
const TABLES: [(&str, &str); 4] = [
    ("countries", include_str!("../../data/countries.csv")),
    ("generic_values", include_str!("../../data/generic_values.csv")),
    ("honorifics", include_str!("../../data/honorifics.csv")),
    ("nicknames", include_str!("../../data/nicknames.csv")),
];

/// Registers the tables.
pub(super) fn register(context: &SessionContext) -> Result<()> {
    for (name, text) in TABLES {
        let wrong = |error: Box<dyn std::error::Error + Send + Sync>| {
            Error::new(Kind::Internal, format!("`data/{name}.csv` is wrong")).source(error)
        };
        let batch = read(text).map_err(wrong)?;
        let table = MemTable::try_new(batch.schema(), vec![vec![batch]]).map_err(|error| wrong(error.into()))?;
        let _ = context
            .register_table(TableReference::partial(SCHEMA, name), Arc::new(table))
            .map_err(|error| wrong(error.into()))?;
    }
    Ok(())
}

/// A CSV with a header as one batch of VARCHAR columns; empty fields are null.
fn read(text: &str) -> Result<RecordBatch, Box<dyn std::error::Error + Send + Sync>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
    let mut columns: Vec<StringViewBuilder> = names.iter().map(|_| StringViewBuilder::new()).collect();
    for record in reader.records() {
        let record = record?;
        for (column, field) in columns.iter_mut().zip(&record) {
            column.append_option((!field.is_empty()).then_some(field));
        }
    }
    let fields: Vec<Field> = names.into_iter().map(|name| Field::new(name, DataType::Utf8View, true)).collect();
    let columns = columns.into_iter().map(|mut column| Arc::new(column.finish()) as ArrayRef).collect();
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}
