//! Kernels that say how alike two cleaned values are. All are pure, allocate nothing and know nothing of columns.

mod jaro;
mod osa;

pub(crate) use jaro::jaro_winkler;
pub(crate) use osa::osa;

/// Per ASCII byte: the positions at which a text of up to 64 bytes has it. Other bytes fall together by their low bits.
struct Peq([u64; 128]);

impl Peq {
    fn new(text: &[u8]) -> Self {
        let mut positions = [0; 128];
        for (at, byte) in text.iter().enumerate() {
            positions[usize::from(byte & 127)] |= 1 << at;
        }
        Self(positions)
    }

    fn get(&self, byte: u8) -> u64 {
        self.0[usize::from(byte & 127)]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rapidfuzz::distance;

    use super::*;

    proptest! {
        #[test]
        fn kernels_agree_with_rapidfuzz(left in "[a-d ]{0,64}|[a-z]{0,12}", right in "[a-d ]{0,64}|[a-z]{0,12}") {
            let expected = distance::osa::distance(left.chars(), right.chars());
            prop_assert_eq!(osa(left.as_bytes(), right.as_bytes()) as usize, expected);
            let expected = distance::jaro_winkler::similarity(left.chars(), right.chars());
            prop_assert!((jaro_winkler(left.as_bytes(), right.as_bytes()) - expected).abs() < 1e-9);
        }
    }
}
