//! Casting a stage's output to its contract, and to types that every reader of Parquet takes.

use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::compute::cast as cast_array;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit, TimestampMicrosecondType};
use datafusion::common::{Column, DFSchema};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, cast, lit};
use datafusion::scalar::ScalarValue;

use super::contract::ContractTable;
use crate::engine::explain_without_sql;
use crate::error::{Error, Kind, Result, nearest};
use crate::lake::TableName;

/// The plan with the contract's columns in their order and types, then any further ones.
///
/// # Errors
/// `Check` when a column that may not be null is missing.
pub(super) fn conform(plan: LogicalPlan, table: &TableName, contract: Option<&ContractTable>) -> Result<LogicalPlan> {
    let mut columns = Vec::new();
    let schema = Arc::clone(plan.schema());
    for column in contract.map_or(&[][..], |contract| &contract.columns) {
        let expression = match find(&schema, &column.name) {
            Some((found, data_type)) if fits(&data_type, &column.data_type) => found,
            Some((found, _)) => cast(found, column.data_type.clone()),
            None if column.nullable => null(&column.data_type)?,
            None => {
                let message = format!("`{table}` has no column `{}`, which the contract wants", column.name);
                return Err(
                    Error::new(Kind::Check, message).hint(format!("add `{}` to the stage's SELECT", column.name))
                );
            }
        };
        columns.push(expression.alias(&column.name));
    }
    for (qualifier, field) in schema.iter() {
        if contract.is_some_and(|contract| contract.columns.iter().any(|column| &column.name == field.name())) {
            continue;
        }
        if let Some(contract) = contract {
            no_slip(field.name(), &schema, table, contract)?;
        }
        let found = Expr::Column(Column::new(qualifier.cloned(), field.name()));
        let expression = match readable(field.data_type()) {
            Some(data_type) if !fits(field.data_type(), &data_type) => cast(found, data_type),
            _ => found,
        };
        columns.push(expression.alias(field.name()));
    }
    let plan = LogicalPlanBuilder::from(plan).project(columns).and_then(LogicalPlanBuilder::build);
    plan.map_err(|error| explain_without_sql(&error))
}

/// A further column whose name is close to one that the stage lacks is a slip, and would leave that one empty.
fn no_slip(name: &str, schema: &DFSchema, table: &TableName, contract: &ContractTable) -> Result<()> {
    let columns = contract.columns.iter().map(|column| column.name.as_str());
    let missing = columns.filter(|column| !schema.has_column_with_unqualified_name(column));
    let Some(near) = nearest(name, missing) else { return Ok(()) };
    let message = format!("`{table}` has no column `{name}` in the contract; did you mean `{near}`?");
    Err(Error::new(Kind::Config, message)
        .hint(format!("rename it, or, if it is meant as a further column, select `NULL AS {near}` too")))
}

fn find(schema: &DFSchema, name: &str) -> Option<(Expr, DataType)> {
    let (qualifier, field) = schema.iter().find(|(_, field)| field.name() == name)?;
    Some((Expr::Column(Column::new(qualifier.cloned(), name)), field.data_type().clone()))
}

/// Whether values need no cast: how a text is held is for the query to choose, and is settled when it is stored.
fn fits(found: &DataType, wanted: &DataType) -> bool {
    found == wanted || (*found == DataType::Utf8View && *wanted == DataType::Utf8)
}

fn null(data_type: &DataType) -> Result<Expr> {
    ScalarValue::try_from(data_type).map(lit).map_err(|error| explain_without_sql(&error))
}

/// The type to store in place of one that some reader chokes on; none if it is fine.
fn readable(data_type: &DataType) -> Option<DataType> {
    match data_type {
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 | DataType::UInt64 => Some(DataType::Int64),
        DataType::Float16 => Some(DataType::Float32),
        DataType::Null | DataType::Interval(_) | DataType::Duration(_) | DataType::Utf8View | DataType::LargeUtf8 => {
            Some(DataType::Utf8)
        }
        DataType::Time64(TimeUnit::Nanosecond) => Some(DataType::Time64(TimeUnit::Microsecond)),
        DataType::Timestamp(TimeUnit::Microsecond, None) => None,
        DataType::Timestamp(_, None) => Some(DataType::Timestamp(TimeUnit::Microsecond, None)),
        DataType::Timestamp(_, Some(_)) => Some(DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))),
        DataType::Dictionary(_, values) => Some(readable(values).unwrap_or_else(|| values.as_ref().clone())),
        _ => None,
    }
}

/// The schema that is stored: in types that every reader takes; instants carry their zone, so that BI tools read them as
/// such.
pub(super) fn stored_schema(schema: &Schema, contract: Option<&ContractTable>) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| {
        let data_type = in_utc(&readable(field.data_type()).unwrap_or_else(|| field.data_type().clone()));
        let column = contract.and_then(|contract| contract.columns.iter().find(|column| &column.name == field.name()));
        Field::new(field.name(), data_type, column.is_none_or(|column| column.nullable))
    });
    Schema::new(fields.collect::<Vec<_>>()).into()
}

/// The type with every instant in it, however deep, in UTC.
fn in_utc(data_type: &DataType) -> DataType {
    let inner = |field: &Arc<Field>| Arc::new(field.as_ref().clone().with_data_type(in_utc(field.data_type())));
    match data_type {
        DataType::Timestamp(TimeUnit::Microsecond, None) => {
            DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
        }
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(inner).collect()),
        DataType::List(field) => DataType::List(inner(field)),
        data_type => data_type.clone(),
    }
}

/// The batch in its stored schema.
///
/// # Errors
/// `Check` when a column that may not be null is.
pub(super) fn store(batch: &RecordBatch, schema: &SchemaRef, table: &TableName) -> Result<RecordBatch> {
    let mut columns = Vec::with_capacity(schema.fields().len());
    for (field, column) in schema.fields().iter().zip(batch.columns()) {
        if !field.is_nullable() && column.logical_null_count() > 0 {
            let message =
                format!("column `{}` of `{table}` is null in some rows, which the contract forbids", field.name());
            let name = field.name();
            let hint = format!(
                "in the stage's SQL leave such rows out (`WHERE {name} IS NOT NULL`) or fill them (`coalesce`)"
            );
            return Err(Error::new(Kind::Check, message).hint(hint));
        }
        columns.push(match (column.data_type(), field.data_type()) {
            (DataType::Timestamp(TimeUnit::Microsecond, None), DataType::Timestamp(_, Some(zone))) => {
                Arc::new(column.as_primitive::<TimestampMicrosecondType>().clone().with_timezone(Arc::clone(zone))) as _
            }
            // The planner may give views where it promised texts, and structures hold instants.
            (found, wanted) if found != wanted => {
                cast_array(column, wanted).map_err(|error| explain_without_sql(&error.into()))?
            }
            _ => Arc::clone(column),
        });
    }
    RecordBatch::try_new(Arc::clone(schema), columns).map_err(|error| {
        Error::new(Kind::Internal, format!("the rows of `{table}` do not fit its schema")).source(error)
    })
}
