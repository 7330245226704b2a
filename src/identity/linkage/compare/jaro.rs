//! Jaro (1989) and Jaro–Winkler (Winkler 1990) similarity, with positions as bits of a word.

use super::positions::Positions;

/// 0 to 1; a shared beginning of up to four bytes counts extra once the rest is at all alike.
pub fn jaro_winkler(left: &[u8], right: &[u8]) -> f64 {
    let jaro = match left.len().max(right.len()) {
        _ if left.is_empty() || right.is_empty() => f64::from(u8::from(left.is_empty() && right.is_empty())),
        1..=16 => jaro::<1>(left, right),
        17..=32 => jaro::<2>(left, right),
        33..=64 => jaro::<4>(left, right),
        _ => by_definition(left, right),
    };
    if jaro <= 0.7 {
        return jaro;
    }
    let prefix = left.iter().zip(right).take(4).take_while(|(left, right)| left == right).count();
    jaro + 0.1 * prefix as f64 * (1.0 - jaro)
}

/// How far apart the same byte may stand in two texts.
fn reach(left: &[u8], right: &[u8]) -> usize {
    (left.len().max(right.len()) / 2).saturating_sub(1)
}

fn jaro<const LANES: usize>(left: &[u8], right: &[u8]) -> f64 {
    let reach = reach(left, right);
    let positions = Positions::<LANES>::new(left);
    // The places within reach: they move on with the byte of the other text.
    let mut window = !0u64 >> (63 - reach);
    let (mut used_left, mut used_right) = (0u64, 0u64);
    for (at, &byte) in right.iter().enumerate() {
        let free = positions.of(byte) & window & !used_left;
        used_left |= free & free.wrapping_neg();
        used_right |= u64::from(free != 0) << at;
        window = window << 1 | u64::from(at < reach);
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
