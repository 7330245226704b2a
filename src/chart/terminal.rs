//! Bars of block characters, an eighth of a character exact where they end.

/// A bar from the left, `value` of `most` of `width` characters; what is more than nothing is seen.
pub(crate) fn bar(value: f64, most: f64, width: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (value / most.max(f64::MIN_POSITIVE) * width as f64 * 8.0).round() as usize;
    let eighths = if value > 0.0 { eighths.clamp(1, width * 8) } else { 0 };
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

/// A bar between two values of a range that `width` characters stand for, one character wide at least.
pub(crate) fn floating(from: f32, to: f32, range: (f32, f32), width: usize) -> String {
    let extent = (range.1 - range.0).max(f32::MIN_POSITIVE);
    let at = |value: f32| ((value - range.0) / extent * width as f32).round() as usize;
    let left = at(from.min(to)).min(width.saturating_sub(1));
    let right = at(from.max(to)).clamp(left + 1, width.max(left + 1));
    format!("{}{}", " ".repeat(left), "█".repeat(right - left))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_end_at_an_eighth_of_a_character() {
        assert_eq!([0.0, 0.01, 50.0, 100.0].map(|value| bar(value, 100.0, 4)), ["", "▏", "██", "████"]);
        assert_eq!(bar(56.25, 100.0, 4), "██▎");
        assert_eq!(bar(3.0, 0.0, 2), "██");
    }

    #[test]
    fn floating_bars_stand_between_their_values() {
        assert_eq!(floating(-5.0, 0.0, (-10.0, 10.0), 20), "     █████");
        assert_eq!(floating(5.0, 0.0, (-10.0, 10.0), 20), "          █████");
        assert_eq!(floating(10.0, 10.0, (-10.0, 10.0), 20), "                   █");
    }
}
