//! Where a text has a byte: in all places at once, without a table to fill and to clear.

/// A text of up to 16 × `LANES` bytes.
pub(super) struct Positions<const LANES: usize> {
    lanes: [u128; LANES],
    /// One bit per byte of the text.
    all: u64,
}

impl<const LANES: usize> Positions<LANES> {
    pub(super) fn new(text: &[u8]) -> Self {
        let mut lanes = [0; LANES];
        for (lane, part) in lanes.iter_mut().zip(text.chunks(16)) {
            *lane = load(part);
        }
        Self { lanes, all: if text.is_empty() { 0 } else { !0 >> (64 - text.len().min(64)) } }
    }

    /// The places at which the text has the byte, as bits.
    #[inline]
    pub(super) fn of(&self, byte: u8) -> u64 {
        let mut found = 0;
        for (at, &lane) in self.lanes.iter().enumerate() {
            found |= u64::from(same(lane, byte)) << (16 * at);
        }
        found & self.all
    }
}

/// Up to 16 bytes, the first lowest. Two loads that may overlap are cheaper than a copy of any length.
fn load(text: &[u8]) -> u128 {
    let length = text.len();
    let join = |first: u64, last: u64, size: usize| u128::from(first) | u128::from(last) << (8 * (length - size));
    if let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk()) {
        join(u64::from_le_bytes(*first), u64::from_le_bytes(*last), 8)
    } else if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk()) {
        join(u64::from(u32::from_le_bytes(*first)), u64::from(u32::from_le_bytes(*last)), 4)
    } else {
        text.iter().rev().fold(0, |word, &byte| word << 8 | u128::from(byte))
    }
}

/// Which of 16 bytes are this one, as bits.
#[cfg(target_arch = "x86_64")]
#[inline]
#[expect(unsafe_code, reason = "the compiler does not find this instruction by itself, and every x86-64 has it (SSE2)")]
fn same(lane: u128, byte: u8) -> u16 {
    use std::arch::x86_64::{_mm_cmpeq_epi8, _mm_movemask_epi8, _mm_set_epi64x, _mm_set1_epi8};
    // SAFETY: none of them touches memory.
    unsafe {
        let text = _mm_set_epi64x((lane >> 64) as i64, lane as i64);
        _mm_movemask_epi8(_mm_cmpeq_epi8(text, _mm_set1_epi8(byte as i8))) as u16
    }
}

/// Which of 16 bytes are this one, as bits.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn same(lane: u128, byte: u8) -> u16 {
    by_words(lane, byte)
}

/// The same with words for vectors (after Mycroft, 1987, without his false alarms).
#[cfg(any(test, not(target_arch = "x86_64")))]
fn by_words(lane: u128, byte: u8) -> u16 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let word = |word: u64| {
        let differ = word ^ (u64::from(byte) * 0x0101_0101_0101_0101);
        let zero = !(((differ & LOW) + LOW) | differ | LOW);
        // Each byte's highest bit, side by side in the highest byte.
        (zero >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
    };
    (word(lane as u64) | word((lane >> 64) as u64) << 8) as u16
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_place_of_a_byte_is_found(text in "[ab\\PC]{0,64}", byte: u8) {
            let text = &text.as_bytes()[..text.len().min(64)];
            for byte in [byte, b'a'] {
                let expected = text.iter().rev().fold(0u64, |places, &other| places << 1 | u64::from(other == byte));
                prop_assert_eq!(Positions::<4>::new(text).of(byte), expected);
                if text.len() <= 16 {
                    prop_assert_eq!(Positions::<1>::new(text).of(byte), expected);
                    let all = !(!0u32 << text.len()) as u16;
                    prop_assert_eq!(u64::from(by_words(load(text), byte) & all), expected);
                }
            }
        }
    }
}
