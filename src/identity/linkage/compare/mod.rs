//! Kernels that say how alike two cleaned values are: pure functions of bytes that know nothing of columns.
//!
//! Texts of up to 64 bytes, which is nearly all, are compared with positions as bits of a word and without allocating;
//! longer ones by the definition.

mod date;
mod jaro;
mod osa;
mod positions;

pub use date::slips;
pub use jaro::{jaro_winkler, jaro_winkler_from};
pub use osa::{osa, osa_within};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rapidfuzz::distance;

    use super::*;

    /// Two texts that are alike or not: short and long, of few letters and of any.
    fn two_texts() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
        let text = || prop_oneof!["[a-d ]{0,80}", "[a-z]{0,12}", "\\PC{0,24}", "[ab]{60,140}"];
        let slip = (text(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(text, at, byte)| {
            let mut other = text.clone().into_bytes();
            let at = at.index(other.len() + 1);
            if byte.is_multiple_of(2) && at < other.len() {
                other.remove(at);
            } else {
                other.insert(at, byte % 26 + b'a');
            }
            (text.into_bytes(), other)
        });
        prop_oneof![(text(), text()).prop_map(|(one, other)| (one.into_bytes(), other.into_bytes())), slip]
    }

    fn check(left: &[u8], right: &[u8]) -> Result<(), TestCaseError> {
        let [one, other] = [left, right].map(|text| text.iter().copied());
        let expected = distance::osa::distance(one.clone(), other.clone());
        prop_assert_eq!(osa(left, right) as usize, expected);
        for most in 0..4 {
            prop_assert_eq!(osa_within(left, right, most), expected <= most as usize, "within {}", most);
        }
        let expected = distance::jaro_winkler::similarity(one, other);
        let found = jaro_winkler(left, right);
        prop_assert!((found - expected).abs() < 1e-9, "{found} for {expected}");
        for least in [0.0, 0.5, 0.7, 0.72, 0.8, 0.85, 0.92, 0.96, 1.0, found] {
            prop_assert_eq!(jaro_winkler_from(left, right, least), (found >= least).then_some(found), "from {}", least);
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, ..Default::default() })]

        #[test]
        fn kernels_agree_with_rapidfuzz((left, right) in two_texts()) {
            check(&left, &right)?;
        }

        #[test]
        fn slips_of_dates_are_their_edits(left in "[0-2]{8}", right in "[0-2]{8}", of in 0..4u8) {
            let bytes = |text: &str| -> [u8; 8] { text.as_bytes().try_into().expect("eight digits") };
            let mut other = bytes(&right);
            // Mostly alike, or few would be near.
            let same = 2 * usize::from(of);
            other[..same].copy_from_slice(&bytes(&left)[..same]);
            let expected = distance::osa::distance(bytes(&left), other) as u32;
            prop_assert_eq!(slips(bytes(&left), other), expected.min(3));
        }
    }

    #[test]
    fn the_ends_of_the_domain_agree_with_rapidfuzz() {
        let long = "abcdefgh".repeat(16);
        let (word, longer) = (&long[..64], &long[..65]);
        for (left, right) in [("", ""), ("", "a"), (word, word), (word, longer), (&long[1..], &long), ("\0", "\0\0")] {
            check(left.as_bytes(), right.as_bytes()).expect("agrees");
            check(right.as_bytes(), left.as_bytes()).expect("agrees");
        }
    }

    #[test]
    fn known_names_are_as_alike_as_in_the_literature() {
        let alike = |left: &str, right: &str| (jaro_winkler(left.as_bytes(), right.as_bytes()) * 1000.0).round() as u32;
        // Winkler 1990, table 1.
        assert_eq!([alike("martha", "marhta"), alike("dwayne", "duane"), alike("dixon", "dicksonx")], [961, 840, 813]);
        assert_eq!(slips(*b"19850412", *b"19850421"), 1, "two digits swapped");
        assert_eq!(slips(*b"19850412", *b"19841225"), 3, "another day");
    }
}
