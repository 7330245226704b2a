//! How far two dates are from each other, in slips of the pen.

/// How many digits of two dates of eight digits were mistaken, left out, put in, or swapped with their neighbour: 0, 1, 2,
/// or 3 for more. It is the optimal string alignment distance up to 2, with the digits as bytes of a word.
pub fn slips(left: [u8; 8], right: [u8; 8]) -> u32 {
    let (left, right) = (u64::from_le_bytes(left), u64::from_le_bytes(right));
    let differ = left ^ right;
    if differ == 0 {
        return 0;
    }
    // The part in which they differ, from the first digit that does to the last.
    let first = differ.trailing_zeros() / 8;
    let last = 7 - differ.leading_zeros() / 8;
    let same = |from: u32, to: u32| from <= to && part(differ, from, to) == 0;
    let swapped = |from: u32| part(left, from, from + 2) == part(right, from, from + 2).swap_bytes() >> 48;
    let shifted = |one: u64, other: u64| part(one, first + 1, last + 1) == part(other, first, last);
    if first == last || (first + 1 == last && swapped(first)) {
        return 1;
    }
    // Two slips: one at each end of the part, or a digit left out at one end and another put in at the other.
    let at_ends = same(first + 1, last)
        || (same(first + 2, last) && swapped(first))
        || (same(first + 1, last - 1) && swapped(last - 1))
        || (same(first + 2, last - 1) && swapped(first) && swapped(last - 1));
    if at_ends || shifted(left, right) || shifted(right, left) { 2 } else { 3 }
}

/// The digits of a date from one place up to another.
fn part(date: u64, from: u32, to: u32) -> u64 {
    if from == to { 0 } else { date << (64 - 8 * to) >> (64 - 8 * (to - from)) }
}
