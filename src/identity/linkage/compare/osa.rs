//! Optimal string alignment distance (Damerau 1964, restricted), bit-parallel after Hyyrö (2003).

use super::positions::Positions;

/// How many insertions, deletions, substitutions and swaps of neighbouring bytes part two texts; each part of a text is
/// edited once.
pub fn osa(left: &[u8], right: &[u8]) -> u32 {
    let (left, right) = different(left, right);
    // The shorter text is the pattern: it may fit a word where the longer one does not.
    let (left, right) = if left.len() <= right.len() { (left, right) } else { (right, left) };
    match left.len() {
        0 => right.len() as u32,
        1..=16 => parallel::<1>(left, right, u32::MAX),
        17..=32 => parallel::<2>(left, right, u32::MAX),
        33..=64 => parallel::<4>(left, right, u32::MAX),
        _ => by_rows(left, right),
    }
}

/// Whether so few edits part two texts: the lengths say mostly no, and the first bytes soon.
pub fn osa_within(left: &[u8], right: &[u8], most: u32) -> bool {
    if left.len().abs_diff(right.len()) > most as usize {
        return false;
    }
    let (left, right) = different(left, right);
    let (left, right) = if left.len() <= right.len() { (left, right) } else { (right, left) };
    match left.len() {
        // What is left of the longer one is no longer than they differ in length.
        0 => true,
        1..=16 => parallel::<1>(left, right, most) <= most,
        17..=32 => parallel::<2>(left, right, most) <= most,
        33..=64 => parallel::<4>(left, right, most) <= most,
        _ => by_rows(left, right) <= most,
    }
}

/// The texts without what they begin and end with alike.
fn different<'a>(left: &'a [u8], right: &'a [u8]) -> (&'a [u8], &'a [u8]) {
    let start = left.iter().zip(right).take_while(|(left, right)| left == right).count();
    let (left, right) = (&left[start..], &right[start..]);
    let end = left.iter().rev().zip(right.iter().rev()).take_while(|(left, right)| left == right).count();
    (&left[..left.len() - end], &right[..right.len() - end])
}

/// The distance, or any number above `most` if it is above.
fn parallel<const LANES: usize>(left: &[u8], right: &[u8], most: u32) -> u32 {
    let positions = Positions::<LANES>::new(left);
    let last = left.len() - 1;
    let (mut vp, mut vn, mut d0, mut previous) = (!0u64, 0u64, 0u64, 0u64);
    let mut distance = left.len() as u32;
    for (at, &byte) in right.iter().enumerate() {
        let matches = positions.of(byte);
        let swapped = (((!d0) & matches) << 1) & previous;
        d0 = ((matches & vp).wrapping_add(vp) ^ vp) | matches | vn | swapped;
        let hp = vn | !(d0 | vp);
        let hn = d0 & vp;
        distance += (hp >> last & 1) as u32;
        distance -= (hn >> last & 1) as u32;
        let hp = (hp << 1) | 1;
        let hn = hn << 1;
        vp = hn | !(d0 | hp);
        vn = hp & d0;
        previous = matches;
        // Each of the bytes to come takes one off at most.
        if distance > most.saturating_add((right.len() - 1 - at) as u32) {
            return distance;
        }
    }
    distance
}

/// Row by row, for texts that do not fit a word.
fn by_rows(left: &[u8], right: &[u8]) -> u32 {
    let width = right.len() + 1;
    let (mut before, mut above) = (vec![0; width], (0..width as u32).collect::<Vec<u32>>());
    let mut row = vec![0; width];
    for (at, &byte) in left.iter().enumerate() {
        row[0] = at as u32 + 1;
        for (to, &other) in right.iter().enumerate() {
            let changed = above[to] + u32::from(byte != other);
            row[to + 1] = changed.min(above[to + 1] + 1).min(row[to] + 1);
            if at > 0 && to > 0 && byte == right[to - 1] && left[at - 1] == other {
                row[to + 1] = row[to + 1].min(before[to - 1] + 1);
            }
        }
        std::mem::swap(&mut before, &mut above);
        std::mem::swap(&mut above, &mut row);
    }
    above[width - 1]
}
