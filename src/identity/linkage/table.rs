//! The input as plain columns of text, its rows in an order of their own: by record id, so that nothing that follows
//! depends on how the rows arrived.

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::compute::{cast, concat_batches};
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::error::ArrowError;

/// A column of text; empty and white texts are null.
pub(crate) struct TextColumn {
    pub(crate) name: String,
    pub(crate) values: Vec<Option<String>>,
}

/// The rows, ordered by record id.
pub(crate) struct Table {
    pub(crate) ids: Vec<String>,
    pub(crate) columns: Vec<TextColumn>,
    /// Which row of the input each row was.
    pub(crate) order: Vec<usize>,
}

impl Table {
    /// Reads all columns but `ignore`, `id` and `source`.
    ///
    /// # Errors
    /// If the batches do not fit together or a column cannot be read as text.
    pub(crate) fn read(
        batches: &[RecordBatch],
        id: &str,
        source: Option<&str>,
        ignore: &[String],
    ) -> Result<Self, ArrowError> {
        let Some(first) = batches.first() else {
            return Ok(Self { ids: Vec::new(), columns: Vec::new(), order: Vec::new() });
        };
        let batch = concat_batches(&first.schema(), batches)?;
        let mut columns = Vec::new();
        for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
            if ignore.contains(field.name()) || field.data_type().is_nested() {
                continue;
            }
            let text = cast(array, &DataType::Utf8)?;
            let text = text.as_string::<i32>();
            let values = (0..text.len()).map(|row| text.is_valid(row).then(|| text.value(row).trim()));
            let values = values.map(|value| value.filter(|value| !value.is_empty()).map(String::from)).collect();
            columns.push(TextColumn { name: field.name().clone(), values });
        }
        let mut take =
            |name: &str| columns.iter().position(|column| column.name == name).map(|at| columns.remove(at).values);
        let ids = take(id);
        // Where a record is from says nothing of who somebody is.
        let _ = source.and_then(&mut take);
        let rows = batch.num_rows();
        let ids: Vec<String> = match ids {
            Some(ids) => ids.into_iter().map(Option::unwrap_or_default).collect(),
            None => (0..rows).map(|row| format!("{row:010}")).collect(),
        };
        let mut order: Vec<usize> = (0..rows).collect();
        order.sort_by(|&one, &other| ids[one].cmp(&ids[other]));
        let put = |values: &[Option<String>]| order.iter().map(|&row| values[row].clone()).collect();
        Ok(Self {
            columns: columns.into_iter().map(|column| TextColumn { values: put(&column.values), ..column }).collect(),
            ids: order.iter().map(|&row| ids[row].clone()).collect(),
            order,
        })
    }
}
