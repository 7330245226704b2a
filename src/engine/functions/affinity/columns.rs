//! Columns and lists of them.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, LargeListArray, new_empty_array};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::compute::concat;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Int64Type};
use datafusion::common::Result;

/// The elements of a list of `data_type`.
pub(super) fn item(data_type: &DataType) -> FieldRef {
    Arc::new(Field::new_list_field(data_type.clone(), true))
}

/// Whether an argument of this type is cast to BIGINT: a whole number, or a $parameter, whose type is not known before it is
/// bound.
pub(super) fn is_integer(given: &DataType) -> bool {
    given.is_integer() || given.is_null()
}

/// The whole number in a row of a BIGINT column, unless it is NULL.
pub(super) fn integer(column: &ArrayRef, row: usize) -> Option<i64> {
    let column = column.as_primitive::<Int64Type>();
    column.is_valid(row).then(|| column.value(row))
}

/// Lists of so many values each, one behind the other. They may hold more than two billion in all.
pub(super) fn lists(values: ArrayRef, lengths: impl ExactSizeIterator<Item = usize>) -> Result<ArrayRef> {
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(LargeListArray::try_new(item(values.data_type()), offsets, values, None)?))
}

/// Arrays of one type one behind the other.
pub(super) fn joined(arrays: &[ArrayRef], data_type: &DataType) -> Result<ArrayRef> {
    let arrays: Vec<&dyn Array> = arrays.iter().map(AsRef::as_ref).collect();
    if arrays.is_empty() {
        return Ok(new_empty_array(data_type));
    }
    Ok(concat(&arrays)?)
}
