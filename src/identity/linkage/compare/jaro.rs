//! Jaro (1989) and Jaro–Winkler (Winkler 1990) similarity on ASCII texts, with positions as bits of a word.

use super::Peq;

/// 0 to 1; a shared beginning of up to four bytes counts extra once the rest is at all alike. Longer texts than 64 bytes
/// are compared by their first 64.
pub(crate) fn jaro_winkler(left: &[u8], right: &[u8]) -> f64 {
    let jaro = jaro(left, right);
    if jaro <= 0.7 {
        return jaro;
    }
    let prefix = left.iter().zip(right).take(4).take_while(|(left, right)| left == right).count();
    jaro + 0.1 * prefix as f64 * (1.0 - jaro)
}

fn jaro(left: &[u8], right: &[u8]) -> f64 {
    let (left, right) = (&left[..left.len().min(64)], &right[..right.len().min(64)]);
    if left.is_empty() || right.is_empty() {
        return f64::from(u8::from(left.is_empty() && right.is_empty()));
    }
    let reach = (left.len().max(right.len()) / 2).saturating_sub(1);
    let peq = Peq::new(left);
    let (mut used_left, mut used_right) = (0u64, 0u64);
    for (at, &byte) in right.iter().enumerate() {
        let low = at.saturating_sub(reach);
        let window = (!0u64 >> (63 - (at + reach).min(63))) & (!0u64).checked_shl(low as u32).unwrap_or(0);
        let free = peq.get(byte) & window & !used_left;
        if free != 0 {
            used_left |= free & free.wrapping_neg();
            used_right |= 1 << at;
        }
    }
    let common = used_left.count_ones();
    if common == 0 {
        return 0.0;
    }
    let mut out_of_place = 0u32;
    while used_right != 0 {
        let (one, other) = (used_left.trailing_zeros() as usize, used_right.trailing_zeros() as usize);
        out_of_place += u32::from(left[one] != right[other]);
        used_left &= used_left - 1;
        used_right &= used_right - 1;
    }
    let (common, half) = (f64::from(common), f64::from(out_of_place / 2));
    (common / left.len() as f64 + common / right.len() as f64 + (common - half) / common) / 3.0
}
