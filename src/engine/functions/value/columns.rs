//! Numbers and fitted models as columns.

use std::marker::PhantomData;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::ColumnarValue;

use crate::value::Parameters;

/// A column of numbers of any kind.
pub(super) fn numbers(column: &ArrayRef) -> Result<Float64Array> {
    Ok(cast(column, &DataType::Float64)?.as_primitive::<Float64Type>().clone())
}

/// A column of fitted models: a STRUCT with the parameters under their names, whatever else it holds.
struct Models<M> {
    valid: Option<NullBuffer>,
    parameters: Vec<Float64Array>,
    model: PhantomData<M>,
}

impl<M: Parameters> Models<M> {
    fn of(column: &ArrayRef) -> Result<Self> {
        let parameters = match column.data_type() {
            DataType::Null => Vec::new(),
            DataType::Struct(_) => {
                let structs = column.as_struct();
                let of = |name: &&str| match structs.column_by_name(name) {
                    Some(parameter) => numbers(parameter),
                    None => exec_err!("the model has no parameter `{name}`"),
                };
                M::NAMES.iter().map(of).collect::<Result<_>>()?
            }
            other => return exec_err!("expected a fitted model, got {other}"),
        };
        Ok(Self { valid: column.logical_nulls(), parameters, model: PhantomData })
    }

    /// The row's model, or `None` where it, or one of its parameters, is NULL.
    fn get(&self, row: usize) -> Option<M> {
        if self.valid.as_ref().is_some_and(|valid| valid.is_null(row)) {
            return None;
        }
        let mut values = [f64::NAN; 8];
        let values = values.get_mut(..self.parameters.len())?;
        for (value, column) in values.iter_mut().zip(&self.parameters) {
            *value = column.is_valid(row).then(|| column.value(row))?;
        }
        M::from_values(values)
    }
}

/// The kernel of a prediction: its arguments are a model and `N` numbers. NULL where any of them is, where `predict` says
/// so, and where the answer is no finite number.
pub(super) fn predict<M: Parameters, const N: usize>(
    arguments: &[ColumnarValue],
    rows: usize,
    predict: impl Fn(&M, [f64; N]) -> Option<f64>,
) -> Result<ArrayRef> {
    let columns: Vec<ArrayRef> = arguments.iter().map(|argument| argument.to_array(rows)).collect::<Result<_>>()?;
    let Some((models, rest)) = columns.split_first().filter(|(_, rest)| rest.len() == N) else {
        return exec_err!("expected a fitted model and {N} numbers");
    };
    let models = Models::<M>::of(models)?;
    let rest: Vec<Float64Array> = rest.iter().map(numbers).collect::<Result<_>>()?;
    let row = |row: usize| {
        let model = models.get(row)?;
        let mut values = [0.0; N];
        for (value, column) in values.iter_mut().zip(&rest) {
            *value = column.is_valid(row).then(|| column.value(row))?;
        }
        predict(&model, values).filter(|answer| answer.is_finite())
    };
    Ok(Arc::new((0..rows).map(row).collect::<Float64Array>()))
}
