//! Numbers as people read them.

/// A number with thousands separated: 1234567 → 1,234,567.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// So many of what `noun` names: `1 file`, `1,234 files`.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", thousands(number), if number == 1 { "" } else { "s" })
}

/// A share of 0 to 1 in percent: two digits that count, and never 0 or 100 for what is neither.
pub(crate) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        0.0 => "0 %".to_owned(),
        100.0 => "100 %".to_owned(),
        ..0.0001 => "< 0.0001 %".to_owned(),
        ..0.001 => format!("{percent:.5} %"),
        ..0.01 => format!("{percent:.4} %"),
        ..0.1 => format!("{percent:.3} %"),
        ..1.0 => format!("{percent:.2} %"),
        99.99.. => "> 99.99 %".to_owned(),
        99.9.. => format!("{percent:.2} %"),
        ..10.0 | 99.0.. => format!("{percent:.1} %"),
        _ => format!("{percent:.0} %"),
    }
}

/// A weight with its sign: +7.3, −1.0, 0.0.
pub(crate) fn bits(weight: f32) -> String {
    let text = format!("{:.1}", weight.abs());
    match weight {
        _ if text == "0.0" => text,
        ..0.0 => format!("−{text}"),
        _ => format!("+{text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_made_to_be_read() {
        assert_eq!([0, 999, 1000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([7.28, -0.96, -0.04].map(bits), ["+7.3", "−1.0", "0.0"]);
    }

    #[test]
    fn shares_keep_their_meaning_at_both_ends() {
        let read = [0.0, 0.000_000_1, 0.000_034, 0.0042, 0.073, 0.5, 0.994, 0.999_99, 1.0].map(percent);
        assert_eq!(read, ["0 %", "< 0.0001 %", "0.0034 %", "0.42 %", "7.3 %", "50 %", "99.4 %", "> 99.99 %", "100 %"]);
    }
}
