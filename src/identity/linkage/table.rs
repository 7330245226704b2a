//! The input as plain columns of text, its rows in an order of their own: by record id, so that nothing that follows
//! depends on how the rows arrived.

use datafusion::arrow::array::{Array, AsArray, LargeStringArray, RecordBatch, UInt32Array};
use datafusion::arrow::compute::{cast, take};
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::error::ArrowError;

/// A column of text.
pub(crate) struct TextColumn {
    pub(crate) name: String,
    texts: LargeStringArray,
}

impl TextColumn {
    /// The text in a row without white space around it; none if nothing is left.
    pub(crate) fn text(&self, row: usize) -> Option<&str> {
        self.texts.is_valid(row).then(|| self.texts.value(row).trim()).filter(|text| !text.is_empty())
    }

    /// The texts of all rows that have one.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|row| self.text(row))
    }

    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }
}

/// The rows, ordered by record id.
pub(crate) struct Table {
    ids: TextColumn,
    /// Where each record is from, if that is known.
    pub(crate) sources: Option<TextColumn>,
    pub(crate) columns: Vec<TextColumn>,
    /// Which row of the input each row was.
    pub(crate) order: Vec<u32>,
}

impl Table {
    /// Reads all columns but those to ignore and where a record is from, which says nothing of who somebody is.
    ///
    /// # Errors
    /// If a column cannot be read as text.
    pub(crate) fn read(batch: &RecordBatch, id: &str, source: &str, ignore: &[String]) -> Result<Self, ArrowError> {
        let text = |array| cast(array, &DataType::LargeUtf8);
        let ids = match batch.column_by_name(id) {
            Some(ids) => text(ids)?,
            None => return Err(ArrowError::SchemaError(format!("there is no column `{id}`"))),
        };
        let order = UInt32Array::from(order(ids.as_string()));
        let mut columns = Vec::new();
        let mut sources = None;
        for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
            let name = field.name();
            if name == source {
                let texts = take(&text(array)?, &order, None)?.as_string().clone();
                sources = Some(TextColumn { name: name.clone(), texts });
            }
            if name == id || name == source || ignore.contains(name) || field.data_type().is_nested() {
                continue;
            }
            let texts = take(&text(array)?, &order, None)?.as_string().clone();
            columns.push(TextColumn { name: name.clone(), texts });
        }
        let ids = TextColumn { name: id.to_owned(), texts: take(&ids, &order, None)?.as_string().clone() };
        Ok(Self { ids, sources, columns, order: order.values().to_vec() })
    }

    pub(crate) fn records(&self) -> usize {
        self.order.len()
    }

    /// The id of a record; empty if it has none.
    pub(crate) fn id(&self, record: usize) -> &str {
        self.ids.text(record).unwrap_or_default()
    }
}

/// The rows by their ids.
fn order(ids: &LargeStringArray) -> Vec<u32> {
    let id = |row: u32| if ids.is_valid(row as usize) { ids.value(row as usize).trim() } else { "" };
    // The first bytes decide nearly always, and are at hand.
    let start = |row: u32| {
        let mut bytes = [0; 16];
        let text = &id(row).as_bytes();
        let length = text.len().min(16);
        bytes[..length].copy_from_slice(&text[..length]);
        u128::from_be_bytes(bytes)
    };
    let mut order: Vec<(u128, u32)> = (0..ids.len() as u32).map(|row| (start(row), row)).collect();
    order.sort_unstable_by(|one, other| {
        one.0.cmp(&other.0).then_with(|| id(one.1).cmp(id(other.1))).then(one.1.cmp(&other.1))
    });
    order.into_iter().map(|(_, row)| row).collect()
}
