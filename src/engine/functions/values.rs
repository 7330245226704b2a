//! Values of any type as bytes that compare like the values, and one buffer for the bytes of many groups: what lets an
//! aggregate keep a million winners without a million heap objects.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, LargeStringArray, LargeStringBuilder, StringArray, StringBuilder, StringViewArray,
    StringViewBuilder, new_null_array,
};
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::row::{RowConverter, RowParser, Rows, SortField};
use datafusion::common::Result;

/// How values of one type become bytes and come back. Strings are their own bytes; all else is arrow's row format.
pub(super) struct Codec {
    data_type: DataType,
    rows: Option<RowCodec>,
}

struct RowCodec {
    converter: RowConverter,
    parser: RowParser,
    null: Box<[u8]>,
}

impl Codec {
    pub(super) fn new(data_type: &DataType) -> Result<Self> {
        let is_text = matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
        let rows = if is_text { None } else { Some(RowCodec::new(data_type)?) };
        Ok(Self { data_type: data_type.clone(), rows })
    }

    /// The bytes of each value of `array`.
    pub(super) fn encode<'a>(&self, array: &'a ArrayRef) -> Result<Encoded<'a>> {
        Ok(match (&self.rows, array.data_type()) {
            (Some(rows), _) => Encoded::Rows(rows.converter.convert_columns(&[Arc::clone(array)])?, array),
            (None, DataType::Utf8) => Encoded::Utf8(array.as_string()),
            (None, DataType::LargeUtf8) => Encoded::LargeUtf8(array.as_string()),
            (None, _) => Encoded::Utf8View(array.as_string_view()),
        })
    }

    /// The array of values whose bytes these are.
    pub(super) fn decode<'a>(&self, values: impl ExactSizeIterator<Item = Option<&'a [u8]>>) -> Result<ArrayRef> {
        if let Some(RowCodec { converter, parser, null }) = &self.rows {
            let rows = values.map(|bytes| parser.parse(bytes.unwrap_or(null)));
            return Ok(converter.convert_rows(rows)?.swap_remove(0));
        }
        let len = values.len();
        let texts = values.map(|bytes| bytes.map(|bytes| str::from_utf8(bytes).expect("it was encoded from text")));
        Ok(match &self.data_type {
            DataType::Utf8 => {
                let mut builder = StringBuilder::with_capacity(len, 0);
                texts.for_each(|text| builder.append_option(text));
                Arc::new(builder.finish())
            }
            DataType::LargeUtf8 => {
                let mut builder = LargeStringBuilder::with_capacity(len, 0);
                texts.for_each(|text| builder.append_option(text));
                Arc::new(builder.finish())
            }
            _ => {
                let mut builder = StringViewBuilder::with_capacity(len);
                texts.for_each(|text| builder.append_option(text));
                Arc::new(builder.finish())
            }
        })
    }
}

impl RowCodec {
    fn new(data_type: &DataType) -> Result<Self> {
        let converter = RowConverter::new(vec![SortField::new(data_type.clone())])?;
        let null = converter.convert_columns(&[new_null_array(data_type, 1)])?.row(0).as_ref().into();
        Ok(Self { parser: converter.parser(), converter, null })
    }
}

/// A column of values as bytes.
pub(super) enum Encoded<'a> {
    Utf8(&'a StringArray),
    LargeUtf8(&'a LargeStringArray),
    Utf8View(&'a StringViewArray),
    Rows(Rows, &'a ArrayRef),
}

impl Encoded<'_> {
    /// The bytes of a row's value, or `None` for NULL.
    #[inline]
    pub(super) fn get(&self, row: usize) -> Option<&[u8]> {
        match self {
            Self::Utf8(array) => array.is_valid(row).then(|| array.value(row).as_bytes()),
            Self::LargeUtf8(array) => array.is_valid(row).then(|| array.value(row).as_bytes()),
            Self::Utf8View(array) => array.is_valid(row).then(|| array.value(row).as_bytes()),
            Self::Rows(rows, array) => array.is_valid(row).then(|| rows.row(row).data()),
        }
    }
}

/// Where a group's bytes lie in a [`Heap`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) start: u64,
    pub(super) len: u32,
}

impl Span {
    /// Nothing.
    pub(super) const EMPTY: Self = Self { start: 0, len: 0 };
}

/// The bytes of all groups. What a group leaves behind stays until [`Heap::is_wasteful`] says to [`Heap::compact`].
#[derive(Debug, Default)]
pub(super) struct Heap {
    bytes: Vec<u8>,
    dead: usize,
}

/// Below this size nobody minds the waste.
const WASTE_BYTES_MIN: usize = 1 << 16;

impl Heap {
    #[inline]
    pub(super) fn get(&self, span: Span) -> &[u8] {
        &self.bytes[span.start as usize..][..span.len as usize]
    }

    /// Stores `parts` one behind the other in place of what `old` names.
    pub(super) fn replace(&mut self, old: Span, parts: &[&[u8]]) -> Span {
        let len: usize = parts.iter().map(|part| part.len()).sum();
        let span_len = u32::try_from(len).expect("an arrow value of 4 GiB has failed before");
        if len <= old.len as usize {
            let mut at = old.start as usize;
            for part in parts {
                self.bytes[at..at + part.len()].copy_from_slice(part);
                at += part.len();
            }
            self.dead += old.len as usize - len;
            return Span { start: old.start, len: span_len };
        }
        self.dead += old.len as usize;
        let start = self.bytes.len() as u64;
        for part in parts {
            self.bytes.extend_from_slice(part);
        }
        Span { start, len: span_len }
    }

    /// What `span` names is no longer needed.
    pub(super) fn release(&mut self, span: Span) {
        self.dead += span.len as usize;
    }

    /// Whether more than half is waste.
    pub(super) fn is_wasteful(&self) -> bool {
        self.dead > WASTE_BYTES_MIN && self.dead > self.bytes.len() / 2
    }

    /// Drops the waste; `spans` are all that is still needed and are moved along.
    pub(super) fn compact<'a>(&mut self, spans: impl Iterator<Item = &'a mut Span>) {
        let mut bytes = Vec::with_capacity(self.bytes.len() - self.dead);
        for span in spans {
            let start = bytes.len() as u64;
            bytes.extend_from_slice(self.get(*span));
            span.start = start;
        }
        *self = Self { bytes, dead: 0 };
    }

    /// Bytes on the heap.
    pub(super) fn size(&self) -> usize {
        self.bytes.capacity()
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{BooleanArray, Float64Array, Int64Array, StructArray};

    use super::*;

    #[test]
    fn values_come_back() {
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![Some(3), None, Some(-1)]));
        let pairs: ArrayRef = Arc::new(StructArray::from(vec![(
            Arc::new(datafusion::arrow::datatypes::Field::new("n", DataType::Int64, true)),
            Arc::clone(&numbers),
        )]));
        let arrays: [ArrayRef; 7] = [
            numbers,
            pairs,
            Arc::new(Float64Array::from(vec![Some(0.5), None, Some(f64::INFINITY)])),
            Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)])),
            Arc::new(StringArray::from(vec![Some("Ana"), None, Some("")])),
            Arc::new(LargeStringArray::from(vec![Some("Ana"), None, Some("")])),
            Arc::new(StringViewArray::from(vec![Some("a text longer than a view"), None, Some("")])),
        ];
        for array in arrays {
            let codec = Codec::new(array.data_type()).unwrap();
            let encoded = codec.encode(&array).unwrap();
            let bytes: Vec<_> = (0..array.len()).map(|row| encoded.get(row)).collect();
            assert_eq!(&codec.decode(bytes.into_iter()).unwrap(), &array);
        }
    }

    #[test]
    fn compacting_keeps_what_is_alive() {
        let mut heap = Heap::default();
        let mut spans = [Span::EMPTY; 3];
        for round in 0..10_000_u32 {
            for (at, span) in spans.iter_mut().enumerate() {
                let text = "x".repeat((round as usize * 7 + at * 3) % 23);
                *span = heap.replace(*span, &[text.as_bytes(), &[at as u8]]);
            }
            if heap.is_wasteful() {
                heap.compact(spans.iter_mut());
            }
            for (at, span) in spans.iter().enumerate() {
                assert_eq!(heap.get(*span).len(), (round as usize * 7 + at * 3) % 23 + 1);
                assert_eq!(heap.get(*span).last(), Some(&(at as u8)));
            }
        }
        assert!(heap.size() < 4 * WASTE_BYTES_MIN);
    }
}
