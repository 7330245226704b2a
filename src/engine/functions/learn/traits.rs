//! Traits as a column: a STRUCT of numbers.

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::common::{Result, exec_err};

/// The most traits that a fit takes.
const TRAITS_MAX: usize = 64;

/// Whether a type is that of traits.
pub(in super::super) fn are_traits(given: &DataType) -> bool {
    let is_number = |given: &DataType| given.is_numeric() || matches!(given, DataType::Null | DataType::Boolean);
    let DataType::Struct(fields) = given else { return false };
    (1..=TRAITS_MAX).contains(&fields.len()) && fields.iter().all(|field| is_number(field.data_type()))
}

/// The names of the traits.
pub(super) fn names(traits: &DataType) -> Vec<String> {
    let DataType::Struct(fields) = traits else { return Vec::new() };
    fields.iter().map(|field| field.name().clone()).collect()
}

/// A column of traits.
pub(super) struct Traits {
    valid: Option<NullBuffer>,
    columns: Vec<(String, Float64Array)>,
}

impl Traits {
    pub(super) fn of(column: &ArrayRef) -> Result<Self> {
        let columns = match column.data_type() {
            DataType::Null => Vec::new(),
            DataType::Struct(_) => {
                let structs = column.as_struct();
                let named = names(column.data_type()).into_iter().zip(structs.columns());
                named.map(|(name, values)| Ok((name, numbers(values)?))).collect::<Result<_>>()?
            }
            other => return exec_err!("expected a STRUCT of numbers, got {other}"),
        };
        Ok(Self { valid: column.logical_nulls(), columns })
    }

    /// Where the traits of these names are.
    pub(super) fn places(&self, names: &[String]) -> Result<Vec<usize>> {
        let place = |name: &String| match self.columns.iter().position(|(known, _)| known == name) {
            Some(at) => Ok(at),
            None => exec_err!("the model knows the trait `{name}`, which is not among those given"),
        };
        names.iter().map(place).collect()
    }

    /// Puts the values of a row's traits into `values`, NaN for a NULL, and says whether one or more are known.
    pub(super) fn read(&self, row: usize, places: &[usize], values: &mut [f64]) -> bool {
        if self.valid.as_ref().is_some_and(|valid| valid.is_null(row)) {
            return false;
        }
        let mut is_known = false;
        for (value, place) in values.iter_mut().zip(places) {
            let column = &self.columns[*place].1;
            *value = if column.is_valid(row) { column.value(row) } else { f64::NAN };
            is_known |= value.is_finite();
        }
        is_known
    }
}

/// A column of numbers of any kind.
pub(super) fn numbers(column: &ArrayRef) -> Result<Float64Array> {
    Ok(cast(column, &DataType::Float64)?.as_primitive::<Float64Type>().clone())
}
