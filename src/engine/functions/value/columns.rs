//! Numbers and fitted models as columns.

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

/// An argument of numbers. One that is the same for all rows is not written out for each.
struct Numbers {
    values: Float64Array,
    is_constant: bool,
}

impl Numbers {
    fn of(argument: &ColumnarValue, rows: usize) -> Result<Self> {
        let is_constant = matches!(argument, ColumnarValue::Scalar(_));
        let values = numbers(&argument.to_array(if is_constant { 1 } else { rows })?)?;
        Ok(Self { values, is_constant })
    }

    fn get(&self, row: usize) -> Option<f64> {
        let row = if self.is_constant { 0 } else { row };
        self.values.is_valid(row).then(|| self.values.value(row))
    }
}

/// Models have at most so many parameters.
const PARAMETERS_MAX: usize = 8;

/// An argument of fitted models: STRUCTs with the parameters under their names, whatever else they hold.
struct Models {
    valid: Option<NullBuffer>,
    parameters: Vec<Float64Array>,
    is_constant: bool,
}

impl Models {
    fn of(argument: &ColumnarValue, rows: usize, names: &[&str]) -> Result<Self> {
        let is_constant = matches!(argument, ColumnarValue::Scalar(_));
        let column = argument.to_array(if is_constant { 1 } else { rows })?;
        let parameters = match column.data_type() {
            DataType::Null => Vec::new(),
            DataType::Struct(_) => {
                let structs = column.as_struct();
                let of = |name: &&str| match structs.column_by_name(name) {
                    Some(parameter) => numbers(parameter),
                    None => exec_err!("the model has no parameter `{name}`"),
                };
                names.iter().map(of).collect::<Result<_>>()?
            }
            other => return exec_err!("expected a fitted model, got {other}"),
        };
        Ok(Self { valid: column.logical_nulls(), parameters, is_constant })
    }

    /// The parameters of the row's model, or `None` where it, or one of them, is NULL.
    fn get(&self, row: usize) -> Option<[f64; PARAMETERS_MAX]> {
        let row = if self.is_constant { 0 } else { row };
        if self.valid.as_ref().is_some_and(|valid| valid.is_null(row)) {
            return None;
        }
        let mut values = [0.0; PARAMETERS_MAX];
        for (value, column) in values.iter_mut().zip(&self.parameters) {
            *value = column.is_valid(row).then(|| column.value(row))?;
        }
        Some(values)
    }
}

/// The kernel of a prediction: its arguments are a model and `N` numbers. NULL where any of them is, where `predict` says
/// so, and where the answer is no finite number.
pub(super) fn predict<M: Parameters, const N: usize>(
    arguments: &[ColumnarValue],
    rows: usize,
    predict: impl Fn(&M, [f64; N]) -> Option<f64>,
) -> Result<ArrayRef> {
    predict_with_memo(arguments, rows, |model, values, _: &mut Memo<0>| predict(model, values))
}

/// The same for a `predict` that asks the [`Memo`] for what the same model gave for rows before.
pub(super) fn predict_with_memo<M: Parameters, const N: usize, const K: usize>(
    arguments: &[ColumnarValue],
    rows: usize,
    predict: impl Fn(&M, [f64; N], &mut Memo<K>) -> Option<f64>,
) -> Result<ArrayRef> {
    let Some((models, rest)) = arguments.split_first().filter(|(_, rest)| rest.len() == N) else {
        return exec_err!("expected a fitted model and {N} numbers");
    };
    let models = Models::of(models, rows, M::NAMES)?;
    let rest: Vec<Numbers> = rest.iter().map(|argument| Numbers::of(argument, rows)).collect::<Result<_>>()?;
    let mut memo = Memo::new(rows);
    // Rows of one model mostly come in a row.
    let (mut last, mut model) = (None, None);
    let row = |row: usize| {
        let parameters = models.get(row)?;
        let bits = Some(parameters.map(f64::to_bits));
        if bits != last {
            (last, model) = (bits, M::from_values(parameters.get(..M::NAMES.len())?));
            memo.forget();
        }
        let mut values = [0.0; N];
        for (value, column) in values.iter_mut().zip(&rest) {
            *value = column.get(row)?;
        }
        predict(model.as_ref()?, values, &mut memo).filter(|answer| answer.is_finite())
    };
    Ok(Arc::new((0..rows).map(row).collect::<Float64Array>()))
}

/// Numbers that were computed from `K` others. Each has one place, where a later one may take its.
pub(super) struct Memo<const K: usize> {
    places: Vec<Place<K>>,
    /// Places of an earlier one do not count.
    generation: u64,
}

#[derive(Clone, Copy)]
struct Place<const K: usize> {
    generation: u64,
    of: [u64; K],
    value: f64,
}

/// As many places as the processor's nearest memory but one holds.
const PLACES_MAX: usize = 4096;

impl<const K: usize> Memo<K> {
    fn new(rows: usize) -> Self {
        let empty = Place { generation: 0, of: [0; K], value: 0.0 };
        Self { places: vec![empty; if K == 0 { 0 } else { rows.next_power_of_two().min(PLACES_MAX) }], generation: 1 }
    }

    fn forget(&mut self) {
        self.generation += 1;
    }

    /// What `compute` gives, which depends on `of` alone.
    pub(super) fn get(&mut self, of: [f64; K], compute: impl FnOnce() -> f64) -> f64 {
        let of = of.map(f64::to_bits);
        // The high bits of a product depend on all bits of its factors (Knuth's multiplicative hashing).
        let hash = of.iter().fold(0_u64, |hash, bits| (hash.rotate_left(5) ^ bits).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let Some(at) = self.places.len().checked_sub(1).map(|mask| (hash >> 48) as usize & mask) else {
            return compute();
        };
        let place = &mut self.places[at];
        if place.generation != self.generation || place.of != of {
            *place = Place { generation: self.generation, of, value: compute() };
        }
        place.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memo_tells_what_it_was_told_of_the_same_numbers_and_model() {
        let mut memo = Memo::<2>::new(4);
        let mut asked = 0;
        let mut ask = |memo: &mut Memo<2>, x: f64, y: f64| {
            let answer = memo.get([x, y], || {
                asked += 1;
                10.0 * x + y
            });
            answer as u64
        };
        // More than there are places.
        for _ in 0..2 {
            for x in 0..20_u32 {
                let asked_twice = [0; 2].map(|_| ask(&mut memo, f64::from(x), 1.0));
                assert_eq!(asked_twice, [u64::from(10 * x + 1); 2]);
            }
        }
        memo.forget();
        assert_eq!(ask(&mut memo, 19.0, 1.0), 191);
        assert!((21..=41).contains(&asked), "{asked}");
    }
}
