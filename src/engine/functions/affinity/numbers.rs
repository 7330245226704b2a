//! Numbers for the values of a column: what is counted and handed on in place of them.

use std::mem::size_of;

use datafusion::arrow::array::ArrayRef;
use datafusion::common::Result;
use rustc_hash::FxHashMap;

use super::super::values::Codec;

/// Distinct values, numbered as they come. Their bytes are those of a [`Codec`].
#[derive(Default)]
pub(super) struct Numbers {
    /// By number.
    values: Vec<Box<[u8]>>,
    short: FxHashMap<Short, u32>,
    long: FxHashMap<Box<[u8]>, u32>,
    bytes: usize,
}

/// A value of four to sixteen bytes: its length, and the four or eight bytes at either end, which overlap. It is found without
/// a look elsewhere in memory.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Short(usize, [u64; 2]);

impl Short {
    #[inline]
    fn of(value: &[u8]) -> Option<Self> {
        let ends = match value.len() {
            8..=16 => [value.first_chunk()?, value.last_chunk()?].map(|end| u64::from_ne_bytes(*end)),
            4..=7 => [value.first_chunk()?, value.last_chunk()?].map(|end| u32::from_ne_bytes(*end).into()),
            _ => return None,
        };
        Some(Self(value.len(), ends))
    }
}

impl Numbers {
    /// The number of a value.
    #[inline]
    pub(super) fn number(&mut self, value: &[u8]) -> u32 {
        let short = Short::of(value);
        let known = match &short {
            Some(short) => self.short.get(short),
            None => self.long.get(value),
        };
        if let Some(number) = known {
            return *number;
        }
        let number = u32::try_from(self.values.len()).expect("fewer than 4 billion values fit in memory");
        match short {
            Some(short) => _ = self.short.insert(short, number),
            None => {
                self.long.insert(value.into(), number);
                self.bytes += value.len();
            }
        }
        self.values.push(value.into());
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
        codec.decode(self.values.iter().map(|value| Some(&value[..])))
    }

    /// The values in order, and the place of each number in it.
    pub(super) fn sorted(&self) -> (Vec<&[u8]>, Vec<u32>) {
        let mut sorted: Vec<(&[u8], u32)> = self.values.iter().map(|value| &value[..]).zip(0..).collect();
        sorted.sort_unstable();
        let mut places = vec![0; sorted.len()];
        (0_u32..).zip(&sorted).for_each(|(place, (_, number))| places[*number as usize] = place);
        (sorted.into_iter().map(|(value, _)| value).collect(), places)
    }

    /// How many values there are.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// Bytes on the heap.
    pub(super) fn size(&self) -> usize {
        self.values.capacity() * size_of::<Box<[u8]>>()
            + self.short.capacity() * (size_of::<(Short, u32)>() + 1)
            + self.long.capacity() * (size_of::<(Box<[u8]>, u32)>() + 1)
            + self.bytes
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn values_of_any_length_are_told_apart() {
        let mut values = BTreeSet::new();
        for length in 0..24 {
            for at in 0..=length {
                let mut value = vec![b'a'; length];
                value.get_mut(at).into_iter().for_each(|byte| *byte = b'b');
                values.insert(value);
            }
        }
        let values: Vec<Vec<u8>> = values.into_iter().collect();
        let mut numbers = Numbers::default();
        for _ in 0..2 {
            let found: Vec<u32> = values.iter().map(|value| numbers.number(value)).collect();
            assert!(found.into_iter().eq(0..values.len() as u32));
        }
        let (sorted, places) = numbers.sorted();
        assert!(sorted.into_iter().eq(values.iter().map(|value| &value[..])) && places.is_sorted());
    }
}
