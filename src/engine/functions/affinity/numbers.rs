//! Numbers for the values of a column: what is counted and handed on in place of them.

use std::mem::size_of;

use datafusion::arrow::array::ArrayRef;
use datafusion::common::Result;
use rustc_hash::FxHashMap;

use super::super::values::Codec;

/// Distinct values, numbered as they come. Their bytes are those of a [`Codec`].
#[derive(Default)]
pub(super) struct Numbers {
    numbers: FxHashMap<Box<[u8]>, u32>,
    bytes: usize,
}

impl Numbers {
    /// The number of a value.
    #[inline]
    pub(super) fn number(&mut self, value: &[u8]) -> u32 {
        if let Some(number) = self.numbers.get(value) {
            return *number;
        }
        let number = u32::try_from(self.numbers.len()).expect("fewer than 4 billion values fit in memory");
        self.numbers.insert(value.into(), number);
        self.bytes += value.len();
        number
    }

    /// The numbers of the values of `array`, none of them NULL.
    pub(super) fn number_all(&mut self, codec: &Codec, array: &ArrayRef) -> Result<Vec<u32>> {
        let values = codec.encode(array)?;
        Ok((0..array.len()).filter_map(|row| Some(self.number(values.get(row)?))).collect())
    }

    /// The values by number.
    pub(super) fn values(&self, codec: &Codec) -> Result<ArrayRef> {
        let mut values: Vec<&[u8]> = vec![&[]; self.len()];
        self.numbers.iter().for_each(|(value, number)| values[*number as usize] = value);
        codec.decode(values.into_iter().map(Some))
    }

    /// The values in order, and the place of each number in it.
    pub(super) fn sorted(&self) -> (Vec<&[u8]>, Vec<u32>) {
        let mut sorted: Vec<(&[u8], u32)> = self.numbers.iter().map(|(value, number)| (&value[..], *number)).collect();
        sorted.sort_unstable();
        let mut places = vec![0; sorted.len()];
        (0_u32..).zip(&sorted).for_each(|(place, (_, number))| places[*number as usize] = place);
        (sorted.into_iter().map(|(value, _)| value).collect(), places)
    }

    /// How many values there are.
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Bytes on the heap.
    pub(super) fn size(&self) -> usize {
        self.numbers.capacity() * (size_of::<(Box<[u8]>, u32)>() + 1) + self.bytes
    }
}
