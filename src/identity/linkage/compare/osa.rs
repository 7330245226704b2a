//! Optimal string alignment distance (Damerau 1964, restricted), bit-parallel after Hyyrö (2003).

use super::Peq;

/// How many insertions, deletions, substitutions and swaps of neighbours part two ASCII texts; each part of a text is
/// edited once. Longer texts than 64 bytes are compared by their first 64.
pub(crate) fn osa(left: &[u8], right: &[u8]) -> u32 {
    let (left, right) = (&left[..left.len().min(64)], &right[..right.len().min(64)]);
    if left.is_empty() || right.is_empty() {
        return (left.len() + right.len()) as u32;
    }
    let peq = Peq::new(left);
    let last = 1u64 << (left.len() - 1);
    let (mut vp, mut vn, mut d0, mut previous) = (!0u64, 0u64, 0u64, 0u64);
    let mut distance = left.len() as u32;
    for &byte in right {
        let matches = peq.get(byte);
        let swapped = (((!d0) & matches) << 1) & previous;
        d0 = ((matches & vp).wrapping_add(vp) ^ vp) | matches | vn | swapped;
        let hp = vn | !(d0 | vp);
        let hn = d0 & vp;
        distance += u32::from(hp & last != 0);
        distance -= u32::from(hn & last != 0);
        let hp = (hp << 1) | 1;
        let hn = hn << 1;
        vp = hn | !(d0 | hp);
        vn = hp & d0;
        previous = matches;
    }
    distance
}
