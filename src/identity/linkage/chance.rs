//! Seeded numbers that depend on nothing but where they are asked for.

/// SplitMix64 (Steele, Lea and Flood, 2014): a well mixed number for each `at`.
pub(crate) fn mix(at: u64) -> u64 {
    let mut z = at.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number below `end`.
pub(crate) fn below(at: u64, end: u64) -> u64 {
    ((u128::from(mix(at)) * u128::from(end)) >> 64) as u64
}

/// FNV-1a, mixed: the same on every machine.
pub(crate) fn text_hash(text: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for &byte in text {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    }
    mix(hash)
}
