//! Fitted models as a column: a STRUCT with a LIST of STRUCTs, one for each thing that was learnt of a trait.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Float64Array, ListArray};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::ColumnarValue;

use super::super::scalar::Text;
use super::traits::{Traits, numbers};

/// A model that is read from its parts.
pub(super) trait Model: Sized {
    /// The LIST in the STRUCT.
    const LIST: &'static str;
    /// The numbers of a part, beside the name of its trait.
    const NUMBERS: &'static [&'static str];

    /// The model of these parts, which come in any order.
    fn read(parts: &[Part]) -> Result<Self>;

    /// The traits that it knows, in the order in which it wants them.
    fn traits(&self) -> &[String];
}

/// What a model has learnt of a trait.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) numbers: Vec<f64>,
}

/// Whether a type is that of a model with a LIST of this name, whose STRUCTs have a trait and these numbers.
pub(in super::super) fn is_model(given: &DataType, list: &str, wanted: &[&str]) -> bool {
    let field_of = |given: &DataType, name: &str| match given {
        DataType::Struct(fields) => fields.find(name).map(|(_, field)| field.data_type().clone()),
        _ => None,
    };
    let Some(DataType::List(item)) = field_of(given, list) else { return false };
    let is_number = |name: &&str| field_of(item.data_type(), name).is_some_and(|kind| kind.is_numeric());
    field_of(item.data_type(), "trait").is_some_and(|kind| kind.is_string()) && wanted.iter().all(is_number)
}

/// The answers to `ask` about each row's traits, by the row's model; none where either is NULL, or nothing is known of the
/// row. `ask` may change the traits, which are in the model's order.
pub(super) fn ask<M: Model, T>(
    arguments: &[ColumnarValue],
    rows: usize,
    ask: impl Fn(&M, &mut [f64]) -> Option<T>,
) -> Result<Vec<Option<T>>> {
    let [model, traits] = arguments else {
        return exec_err!("expected a fitted model and traits");
    };
    let traits = Traits::of(&traits.to_array(rows)?)?;
    // A model is the same for all rows, or for many in turn: it is read once.
    let models = Models::of::<M>(&model.to_array(if matches!(model, ColumnarValue::Scalar(_)) { 1 } else { rows })?)?;
    let mut known: Option<(usize, M, Vec<usize>)> = None;
    let mut values = Vec::new();
    let mut answers = Vec::with_capacity(rows);
    for row in 0..rows {
        let at = row.min(models.len() - 1);
        if models.is_null(at) {
            answers.push(None);
            continue;
        }
        let is_other = known.as_ref().is_none_or(|(read, ..)| !models.are_equal(*read, at));
        if is_other {
            let model = M::read(&models.parts(at))?;
            let places = traits.places(model.traits())?;
            values.resize(places.len(), 0.0);
            known = Some((at, model, places));
        }
        let Some((_, model, places)) = &known else { continue };
        answers.push(if traits.read(row, places, &mut values) { ask(model, &mut values) } else { None });
    }
    Ok(answers)
}

/// A column of models.
struct Models {
    valid: Option<NullBuffer>,
    lists: Option<ListArray>,
    names: ArrayRef,
    numbers: Vec<Float64Array>,
    len: usize,
}

impl Models {
    fn of<M: Model>(column: &ArrayRef) -> Result<Self> {
        let mut models =
            Self { valid: None, lists: None, names: Arc::clone(column), numbers: Vec::new(), len: column.len() };
        if column.data_type() == &DataType::Null {
            return Ok(models);
        }
        let Some(list) = column.as_struct_opt().and_then(|model| model.column_by_name(M::LIST)) else {
            return exec_err!("expected a fitted model, got {}", column.data_type());
        };
        let lists = list.as_list::<i32>().clone();
        models.valid = NullBuffer::union(column.logical_nulls().as_ref(), lists.nulls());
        let parts = lists.values().as_struct();
        let part = |name: &str| match parts.column_by_name(name) {
            Some(values) => Ok(Arc::clone(values)),
            None => exec_err!("the model has no `{name}`"),
        };
        models.names = part("trait")?;
        models.numbers = M::NUMBERS.iter().map(|name| numbers(&part(name)?)).collect::<Result<_>>()?;
        models.lists = Some(lists);
        Ok(models)
    }

    fn len(&self) -> usize {
        self.len
    }

    fn is_null(&self, row: usize) -> bool {
        self.lists.is_none() || self.valid.as_ref().is_some_and(|valid| valid.is_null(row))
    }

    fn range(&self, row: usize) -> std::ops::Range<usize> {
        let offsets = self.lists.as_ref().map(ListArray::value_offsets).unwrap_or_default();
        offsets[row] as usize..offsets[row + 1] as usize
    }

    /// Whether two rows have the same model.
    fn are_equal(&self, a: usize, b: usize) -> bool {
        let (a, b) = (self.range(a), self.range(b));
        a == b
            || a.len() == b.len()
                && self.numbers.iter().all(|numbers| {
                    let bits = |range: &std::ops::Range<usize>| numbers.slice(range.start, range.len());
                    bits(&a) == bits(&b)
                })
                && self.names.slice(a.start, a.len()) == self.names.slice(b.start, b.len())
    }

    fn parts(&self, row: usize) -> Vec<Part> {
        let names = ColumnarValue::Array(Arc::clone(&self.names));
        let Ok(names) = Text::of(&names) else { return Vec::new() };
        let number = |numbers: &Float64Array, at| if numbers.is_valid(at) { numbers.value(at) } else { f64::NAN };
        self.range(row)
            .map(|at| Part {
                name: names.get(at).unwrap_or_default().to_owned(),
                numbers: self.numbers.iter().map(|numbers| number(numbers, at)).collect(),
            })
            .collect()
    }
}
