//! Which record is which: ids and sources in front of what the files say, and customers in front of what comes out.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Float64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{Field, Schema};

use super::super::landed::missing;
use super::Args;
use crate::engine::explain_without_sql;
use crate::error::Result;
use crate::identity::linkage::Linkage;

/// Which columns say which record it is and where it is from.
pub(super) struct Columns {
    /// Whether there are several files, whose records may have the same ids: then each begins with its source.
    many: bool,
    /// None: rows are numbered.
    pub(super) id: Option<String>,
    source: String,
}

impl Columns {
    pub(super) fn choose(rows: &RecordBatch, args: &Args) -> Result<Self> {
        let schema = rows.schema();
        let names = || schema.fields().iter().map(|field| field.name().as_str());
        for name in args.id.iter().chain(&args.source).chain(&args.ignore) {
            if !names().any(|known| known == name) {
                return Err(missing(name, names()));
            }
        }
        let usual = ["record_id", "id"].iter().find_map(|name| names().find(|known| known.eq_ignore_ascii_case(name)));
        let id = args.id.clone().or_else(|| usual.map(str::to_owned));
        let many = args.files.len() > 1;
        Ok(Self { many, id, source: args.source.clone().unwrap_or_else(|| "source".into()) })
    }

    /// The rows with `record_id` and `source` in front.
    pub(super) fn records(&self, rows: &RecordBatch) -> Result<RecordBatch> {
        let failed = |error: datafusion::arrow::error::ArrowError| explain_without_sql(&error.into());
        let text = |name: &str| {
            let column = rows.column_by_name(name).cloned();
            let column = column.ok_or_else(|| missing(name, std::iter::empty()))?;
            datafusion::arrow::compute::cast(&column, &datafusion::arrow::datatypes::DataType::Utf8).map_err(failed)
        };
        let ids: ArrayRef = match &self.id {
            Some(name) => text(name)?,
            None => Arc::new((1..=rows.num_rows()).map(|row| Some(row.to_string())).collect::<StringArray>()),
        };
        let source = text(&self.source)?;
        let ids = if self.many && self.id.is_some() { with_source(&source, &ids) } else { ids };
        let mut fields = vec![Arc::new(Field::new("record_id", ids.data_type().clone(), true))];
        let mut columns = vec![ids];
        fields.push(Arc::new(Field::new("source", source.data_type().clone(), true)));
        columns.push(source);
        for (field, column) in rows.schema().fields().iter().zip(rows.columns()) {
            let is_taken = Some(field.name()) == self.id.as_ref() && field.name() == "record_id";
            if !is_taken && *field.name() != self.source {
                fields.push(Arc::clone(field));
                columns.push(Arc::clone(column));
            }
        }
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(failed)
    }
}

/// `source:id`; null where there is no id.
fn with_source(sources: &ArrayRef, ids: &ArrayRef) -> ArrayRef {
    let (sources, ids) = (sources.as_string::<i32>(), ids.as_string::<i32>());
    let named = sources.iter().zip(ids).map(|(source, id)| Some(format!("{}:{}", source.unwrap_or_default(), id?)));
    Arc::new(named.collect::<StringArray>())
}

/// The records with their customers: `record_id`, `source`, `customer_id`, `confidence`, and the input's columns.
pub(super) fn result(records: &RecordBatch, linkage: &Linkage) -> Result<RecordBatch> {
    let ids = linkage.customer_ids.iter().map(ToString::to_string);
    let customers: ArrayRef = Arc::new(StringArray::from_iter_values(ids));
    let confidence: ArrayRef = Arc::new(Float64Array::from_iter_values(linkage.confidences.iter().copied()));
    let mut columns = vec![
        (records.schema().field(0).clone(), Arc::clone(records.column(0))),
        (records.schema().field(1).clone(), Arc::clone(records.column(1))),
        (Field::new("customer_id", customers.data_type().clone(), false), customers),
        (Field::new("confidence", confidence.data_type().clone(), false), confidence),
    ];
    let taken = ["record_id", "source", "customer_id", "confidence"];
    for (field, column) in records.schema().fields().iter().zip(records.columns()).skip(2) {
        // What the input calls so is another thing than what was found.
        let name = if taken.contains(&field.name().as_str()) {
            format!("input_{}", field.name())
        } else {
            field.name().clone()
        };
        columns.push((field.as_ref().clone().with_name(name), Arc::clone(column)));
    }
    let (fields, arrays): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(|error| explain_without_sql(&error.into()))
}
