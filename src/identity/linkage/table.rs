//! The input as plain columns of text, its rows in an order of their own: by record id, so that nothing that follows
//! depends on how the rows arrived. Texts stay where they are; only other types are written out as text.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, GenericListArray, LargeStringArray, OffsetSizeTrait, PrimitiveArray, RecordBatch,
    StringArray, StringViewArray,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int32Type};
use datafusion::arrow::error::ArrowError;

use rustc_hash::FxHashMap;

use super::kind::Kind;
use crate::parallel;

/// A column of text.
pub(crate) struct TextColumn {
    pub(crate) name: String,
    /// What it holds, if that is known.
    pub(crate) kind: Option<Kind>,
    texts: Texts,
    /// Which row of the input each row was.
    order: Arc<[u32]>,
}

impl TextColumn {
    /// Texts in the order of the input's rows.
    pub(crate) fn of(name: String, texts: LargeStringArray, kind: Option<Kind>, order: Arc<[u32]>) -> Self {
        Self { name, kind, texts: Texts::Large(texts), order }
    }

    /// The texts in the order of the input's rows.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Option<&str>> {
        (0..self.order.len()).map(|row| self.texts.get(row))
    }

    /// The text in a row without white space around it; none if nothing is left.
    pub(crate) fn text(&self, row: usize) -> Option<&str> {
        self.row(self.order[row] as usize)
    }

    /// As [`TextColumn::text`], in a row of the input.
    pub(crate) fn row(&self, row: usize) -> Option<&str> {
        self.texts.get(row).map(trimmed).filter(|text| !text.is_empty())
    }

    /// The texts of all rows that have one.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|row| self.text(row))
    }

    /// The distinct texts, of which none is empty text, and per row the number of its own.
    pub(crate) fn numbered(&self) -> (Vec<&str>, Vec<u32>) {
        let (mut texts, mut numbers) = (Vec::new(), FxHashMap::default());
        let mut number = |text| {
            *numbers.entry(text).or_insert_with(|| {
                texts.push(text);
                texts.len() as u32 - 1
            })
        };
        let rows = (0..self.len()).map(|row| number(self.text(row).unwrap_or_default())).collect();
        (texts, rows)
    }

    /// The texts of about `rows_max` rows of everywhere, of all if there are no more.
    pub(crate) fn sample(&self, rows_max: usize) -> impl Iterator<Item = &str> {
        let every = self.len().div_ceil(rows_max).max(1);
        (0..self.len()).step_by(every).filter_map(|row| self.text(row))
    }

    /// Of about twenty thousand rows of everywhere, how many have a text here and in another column, and how many in both.
    pub(crate) fn beside(&self, other: &Self) -> ([usize; 2], usize) {
        const ROWS: usize = 20_000;
        let (mut filled, mut both) = ([0; 2], 0);
        for row in (0..self.len()).step_by(self.len().div_ceil(ROWS).max(1)) {
            let is_filled = [self, other].map(|column| column.text(row).is_some());
            (0..2).for_each(|at| filled[at] += usize::from(is_filled[at]));
            both += usize::from(is_filled == [true; 2]);
        }
        (filled, both)
    }

    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }
}

/// A text without white space around it; mostly there is none, which its first and last byte tell.
fn trimmed(text: &str) -> &str {
    let bytes = text.as_bytes();
    let dark = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
    if dark(bytes.first()) && dark(bytes.last()) { text } else { text.trim() }
}

/// Texts as Arrow holds them.
#[derive(Clone)]
enum Texts {
    Small(StringArray),
    Large(LargeStringArray),
    View(StringViewArray),
    /// Numbers of distinct texts.
    Numbered(PrimitiveArray<Int32Type>, Box<Texts>),
}

impl Texts {
    fn new(array: &ArrayRef) -> Result<Self, ArrowError> {
        Ok(match array.data_type() {
            DataType::Utf8 => Self::Small(array.as_string().clone()),
            DataType::LargeUtf8 => Self::Large(array.as_string().clone()),
            DataType::Utf8View => Self::View(array.as_string_view().clone()),
            DataType::Dictionary(key, _) if **key == DataType::Int32 => {
                let dictionary = array.as_dictionary::<Int32Type>();
                Self::Numbered(dictionary.keys().clone(), Box::new(Self::new(dictionary.values())?))
            }
            _ => Self::Large(cast(array, &DataType::LargeUtf8)?.as_string().clone()),
        })
    }

    /// Lists as texts, in which their values are told apart as in a cell.
    fn joined<O: OffsetSizeTrait>(lists: &GenericListArray<O>) -> Result<Self, ArrowError> {
        let text = |list: ArrayRef| {
            let texts = cast(&list, &DataType::Utf8)?;
            Ok(texts.as_string::<i32>().iter().flatten().collect::<Vec<_>>().join("; "))
        };
        let texts: Result<LargeStringArray, ArrowError> = lists.iter().map(|list| list.map(text).transpose()).collect();
        Ok(Self::Large(texts?))
    }

    fn get(&self, row: usize) -> Option<&str> {
        match self {
            Self::Small(texts) => texts.is_valid(row).then(|| texts.value(row)),
            Self::Large(texts) => texts.is_valid(row).then(|| texts.value(row)),
            Self::View(texts) => texts.is_valid(row).then(|| texts.value(row)),
            Self::Numbered(numbers, texts) => {
                let number = numbers.is_valid(row).then(|| numbers.value(row))?;
                texts.get(usize::try_from(number).ok()?)
            }
        }
    }
}

/// The rows, ordered by record id.
pub(crate) struct Table {
    ids: TextColumn,
    /// Where each record is from, if that is known.
    pub(crate) sources: Option<TextColumn>,
    pub(crate) columns: Vec<TextColumn>,
    /// Which row of the input each row was.
    pub(crate) order: Arc<[u32]>,
}

impl Table {
    /// Reads all columns but those to ignore and where a record is from, which says nothing of who somebody is.
    ///
    /// # Errors
    /// If a column cannot be read as text.
    pub(crate) fn read(
        batch: &RecordBatch,
        [id, source]: [&str; 2],
        ignore: &[String],
        threads: usize,
    ) -> Result<Self, ArrowError> {
        let ids = match batch.column_by_name(id) {
            Some(ids) => Texts::new(ids)?,
            None => return Err(ArrowError::SchemaError(format!("there is no column `{id}`"))),
        };
        let order: Arc<[u32]> = order(&ids, batch.num_rows(), threads).into();
        let column = |name: &str, texts| {
            let (name, order) = (name.to_owned(), Arc::clone(&order));
            TextColumn { name, kind: None, texts, order }
        };
        let mut columns = Vec::new();
        let mut sources = None;
        for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
            let name = field.name();
            if name == source {
                sources = Some(column(name, Texts::new(array)?));
            }
            if name == id || name == source || ignore.contains(name) {
                continue;
            }
            columns.push(match field.data_type() {
                DataType::List(of) if !of.data_type().is_nested() => {
                    column(name, Texts::joined(array.as_list::<i32>())?)
                }
                DataType::LargeList(of) if !of.data_type().is_nested() => {
                    column(name, Texts::joined(array.as_list::<i64>())?)
                }
                kind if kind.is_nested() => continue,
                _ => column(name, Texts::new(array)?),
            });
        }
        Ok(Self { ids: column(id, ids), sources, columns, order })
    }

    pub(crate) fn records(&self) -> usize {
        self.order.len()
    }

    /// Some of the records, which are sorted.
    pub(crate) fn select(&self, records: &[u32]) -> Self {
        let order: Arc<[u32]> = records.iter().map(|&record| self.order[record as usize]).collect();
        let some = |column: &TextColumn| TextColumn {
            name: column.name.clone(),
            kind: column.kind,
            texts: column.texts.clone(),
            order: Arc::clone(&order),
        };
        Self {
            ids: some(&self.ids),
            sources: self.sources.as_ref().map(some),
            columns: self.columns.iter().map(some).collect(),
            order: Arc::clone(&order),
        }
    }

    /// The id of a record; empty if it has none.
    pub(crate) fn id(&self, record: usize) -> &str {
        self.ids.text(record).unwrap_or_default()
    }

    /// The record with this id: they are in the order of their ids.
    pub(crate) fn find(&self, id: &str) -> Option<u32> {
        let (mut start, mut end) = (0, self.records());
        while start < end {
            let middle = start.midpoint(end);
            if self.id(middle) < id { start = middle + 1 } else { end = middle }
        }
        (start < self.records() && self.id(start) == id).then_some(start as u32)
    }
}

/// The rows by their ids.
fn order(ids: &Texts, rows: usize, threads: usize) -> Vec<u32> {
    let id = |row: u32| ids.get(row as usize).map(trimmed).unwrap_or_default();
    // The first bytes decide nearly always, and are at hand.
    let start = |row: u32| {
        let mut bytes = [0; 16];
        let text = &id(row).as_bytes();
        let length = text.len().min(16);
        bytes[..length].copy_from_slice(&text[..length]);
        u128::from_be_bytes(bytes)
    };
    let by_id = |one: &(u128, u32), other: &(u128, u32)| {
        one.0.cmp(&other.0).then_with(|| id(one.1).cmp(id(other.1))).then(one.1.cmp(&other.1))
    };
    let mut order = vec![(0, 0); rows];
    parallel::fill(threads, &mut order, rows.div_ceil(threads.max(1)), |first, part| {
        part.iter_mut().zip(first..).for_each(|(own, row)| *own = (start(row as u32), row as u32));
        part.sort_unstable_by(by_id);
    });
    // A stable sort merges what is sorted in part.
    order.sort_by(by_id);
    order.into_iter().map(|(_, row)| row).collect()
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{
        BooleanArray, Float64Array, Int64Array, Int64Builder, ListArray, ListBuilder, StructArray,
    };
    use datafusion::arrow::buffer::OffsetBuffer;
    use datafusion::arrow::datatypes::Field;

    use super::*;

    #[test]
    fn texts_are_the_same_however_arrow_holds_them() {
        let texts: ArrayRef = Arc::new(StringArray::from(vec![Some(" Ana "), None, Some(""), Some("Đặng Thị Mai")]));
        let numbered = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let other = DataType::Dictionary(Box::new(DataType::UInt8), Box::new(DataType::Utf8View));
        for kind in [DataType::Utf8, DataType::LargeUtf8, DataType::Utf8View, numbered, other] {
            let ids: ArrayRef = Arc::new(Int64Array::from(vec![4, 3, 2, 1]));
            let column = cast(&texts, &kind).expect("casts");
            let batch = RecordBatch::try_from_iter([("id", ids), ("name", column)]).expect("a table");
            let table = Table::read(&batch, ["id", "source"], &[], 1).expect("reads");
            let read: Vec<Option<&str>> = (0..4).map(|row| table.columns[0].text(row)).collect();
            assert_eq!(read, [Some("Đặng Thị Mai"), None, None, Some("Ana")], "{kind}");
        }
    }

    #[test]
    fn other_types_are_written_out() {
        let batch = RecordBatch::try_from_iter([
            ("id", Arc::new(StringArray::from(vec!["a"])) as ArrayRef),
            ("score", Arc::new(Float64Array::from(vec![1.5])) as ArrayRef),
            ("vip", Arc::new(BooleanArray::from(vec![true])) as ArrayRef),
        ]);
        let table = Table::read(&batch.expect("a table"), ["id", "source"], &[], 1).expect("reads");
        assert_eq!(table.columns.iter().map(|column| column.text(0)).collect::<Vec<_>>(), [Some("1.5"), Some("true")]);
    }

    #[test]
    fn lists_are_several_values_and_what_is_nested_is_left_out() {
        let mut numbers = ListBuilder::new(Int64Builder::new());
        numbers.append_value([Some(721), None, Some(722)]);
        numbers.append_null();
        let texts: ArrayRef = Arc::new(StringArray::from(vec!["a", "b"]));
        let inner = Arc::new(Field::new("tel", DataType::Utf8, true));
        let nested: ArrayRef = Arc::new(StructArray::from(vec![(Arc::clone(&inner), Arc::clone(&texts))]));
        let item = Arc::new(Field::new_list_field(nested.data_type().clone(), true));
        let lists: ArrayRef =
            Arc::new(ListArray::new(item, OffsetBuffer::from_lengths([1, 1]), Arc::clone(&nested), None));
        let batch = RecordBatch::try_from_iter([
            ("id", texts),
            ("phones", Arc::new(numbers.finish()) as ArrayRef),
            ("addresses", lists),
            ("address", nested),
        ]);
        let table = Table::read(&batch.expect("a table"), ["id", "source"], &[], 1).expect("reads");
        assert_eq!(table.columns.iter().map(|column| &*column.name).collect::<Vec<_>>(), ["phones"]);
        assert_eq!([0, 1].map(|row| table.columns[0].text(row)), [Some("721; 722"), None]);
    }
}
