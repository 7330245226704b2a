//! A growing column of text: one buffer of bytes and the ends of the values in it, as Arrow lays it out.

use arrow::array::{NullBufferBuilder, StringArray};
use arrow::buffer::{Buffer, OffsetBuffer, ScalarBuffer};

use crate::error::{Error, Kind, Result};

/// Builds a nullable text column, value by value.
pub(super) struct TextColumn {
    bytes: Vec<u8>,
    offsets: Vec<i32>,
    valid: NullBufferBuilder,
}

impl TextColumn {
    /// An empty column with room for `rows` values of `bytes` in all.
    pub(super) fn with_capacity(rows: usize, bytes: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        Self { bytes: Vec::with_capacity(bytes), offsets, valid: NullBufferBuilder::new(rows) }
    }

    /// A column that says `value` in each of `rows` rows.
    pub(super) fn repeat(value: &str, rows: usize) -> Result<StringArray> {
        let mut column = Self::with_capacity(rows, value.len() * rows);
        (0..rows).for_each(|_| column.push(value.as_bytes()));
        column.finish()
    }

    /// Values so far.
    pub(super) fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// The bytes of all values so far.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Appends a value.
    pub(super) fn push(&mut self, value: &[u8]) {
        self.bytes.extend_from_slice(value);
        self.close();
    }

    /// Appends the value that `write` appends to the bytes.
    pub(super) fn push_with(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
        self.close();
    }

    /// Appends NULL.
    pub(super) fn push_null(&mut self) {
        self.offsets.push(self.bytes.len() as i32);
        self.valid.append_null();
    }

    /// Appends NULLs until there are `rows` values.
    pub(super) fn pad(&mut self, rows: usize) {
        let missing = rows.saturating_sub(self.len());
        self.offsets.resize(self.offsets.len() + missing, self.bytes.len() as i32);
        self.valid.append_n_nulls(missing);
    }

    /// The column as an array.
    ///
    /// # Errors
    /// `Internal` when the values are not UTF-8 or more than 2 GiB: whoever pushed them must have seen to that.
    pub(super) fn finish(mut self) -> Result<StringArray> {
        let wrong = |error| Error::new(Kind::Internal, "a text column cannot be built").source(error);
        i32::try_from(self.bytes.len())
            .map_err(|_| Error::new(Kind::Internal, "a text column holds more than 2 GiB"))?;
        let offsets = OffsetBuffer::new(ScalarBuffer::from(self.offsets));
        StringArray::try_new(offsets, Buffer::from_vec(self.bytes), self.valid.finish()).map_err(wrong)
    }

    fn close(&mut self) {
        self.offsets.push(self.bytes.len() as i32);
        self.valid.append_non_null();
    }
}
