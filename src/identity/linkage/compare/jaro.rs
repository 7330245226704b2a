//! Jaro (1989) and Jaro–Winkler (Winkler 1990) similarity, with positions as bits of a word.

use super::positions::Positions;

/// 0 to 1; a shared beginning of up to four bytes counts extra once the rest is at all alike.
pub fn jaro_winkler(left: &[u8], right: &[u8]) -> f64 {
    winkler(jaro(left, right, right.len()), beginning(left, right))
}

/// The similarity if it is at least so great. Most pairs are not: their lengths say so, or soon too many bytes have no
/// partner.
pub fn jaro_winkler_from(left: &[u8], right: &[u8], least: f64) -> Option<f64> {
    let beginning = beginning(left, right);
    // What Jaro's similarity must be, and how many bytes must have partners for it if all of these are in place.
    let bonus = 0.1 * beginning as f64;
    let jaro_least = ((least - bonus) / (1.0 - bonus)).max(least.min(BONUS_FROM));
    let (one, other) = (left.len() as f64, right.len() as f64);
    let common_least = (3.0 * jaro_least - 1.0) * one * other / (one + other) - 1e-6;
    if common_least > one.min(other) {
        return None;
    }
    let misses_max = (other - common_least).min(other).max(0.0) as usize;
    let likeness = winkler(jaro(left, right, misses_max), beginning);
    (likeness >= least).then_some(likeness)
}

/// Texts that are less alike get nothing for their beginning.
const BONUS_FROM: f64 = 0.7;

fn winkler(jaro: f64, beginning: usize) -> f64 {
    if jaro <= BONUS_FROM { jaro } else { jaro + 0.1 * beginning as f64 * (1.0 - jaro) }
}

/// With how many bytes both texts begin, up to four.
fn beginning(left: &[u8], right: &[u8]) -> usize {
    left.iter().zip(right).take(4).take_while(|(left, right)| left == right).count()
}

/// 0 if more bytes of the right text than `misses_max` have no partner.
fn jaro(left: &[u8], right: &[u8], misses_max: usize) -> f64 {
    match left.len().max(right.len()) {
        _ if left.is_empty() || right.is_empty() => f64::from(u8::from(left.is_empty() && right.is_empty())),
        1..=16 => by_word::<1>(left, right, misses_max),
        17..=32 => by_word::<2>(left, right, misses_max),
        33..=64 => by_word::<4>(left, right, misses_max),
        _ => by_definition(left, right),
    }
}

/// How far apart the same byte may stand in two texts.
fn reach(left: &[u8], right: &[u8]) -> usize {
    (left.len().max(right.len()) / 2).saturating_sub(1)
}

fn by_word<const LANES: usize>(left: &[u8], right: &[u8], misses_max: usize) -> f64 {
    let reach = reach(left, right);
    let positions = Positions::<LANES>::new(left);
    // The places within reach: they move on with the byte of the other text.
    let mut window = !0u64 >> (63 - reach);
    let (mut used_left, mut used_right, mut misses) = (0u64, 0u64, 0);
    for (at, &byte) in right.iter().enumerate() {
        let free = positions.of(byte) & window & !used_left;
        used_left |= free & free.wrapping_neg();
        used_right |= u64::from(free != 0) << at;
        window = window << 1 | u64::from(at < reach);
        misses += usize::from(free == 0);
        if misses > misses_max {
            return 0.0;
        }
    }
    let mut out_of_place = 0u32;
    let common = used_left.count_ones();
    while used_right != 0 {
        let (one, other) = (used_left.trailing_zeros() as usize, used_right.trailing_zeros() as usize);
        out_of_place += u32::from(left[one] != right[other]);
        used_left &= used_left - 1;
        used_right &= used_right - 1;
    }
    similarity(common, out_of_place, left, right)
}

/// For texts that do not fit a word.
fn by_definition(left: &[u8], right: &[u8]) -> f64 {
    let reach = reach(left, right);
    let mut used = vec![false; left.len()];
    let mut of_right = Vec::new();
    for (at, &byte) in right.iter().enumerate() {
        let within = at.saturating_sub(reach)..(at + reach + 1).min(left.len());
        if let Some(place) = within.into_iter().find(|&place| left[place] == byte && !used[place]) {
            used[place] = true;
            of_right.push(byte);
        }
    }
    let of_left = left.iter().zip(&used).filter(|(_, used)| **used).map(|(&byte, _)| byte);
    let out_of_place = of_left.zip(&of_right).filter(|(one, other)| one != *other).count();
    similarity(of_right.len() as u32, out_of_place as u32, left, right)
}

fn similarity(common: u32, out_of_place: u32, left: &[u8], right: &[u8]) -> f64 {
    if common == 0 {
        return 0.0;
    }
    let (common, half) = (f64::from(common), f64::from(out_of_place / 2));
    (common / left.len() as f64 + common / right.len() as f64 + (common - half) / common) / 3.0
}
