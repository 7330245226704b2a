//! Bars and columns of block characters, an eighth of a character exact where they end, and lines of dots.

/// A bar from the left, `value` of `most` of `width` characters; what is more than nothing is seen.
pub(crate) fn bar(value: f64, most: f64, width: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (value / most.max(f64::MIN_POSITIVE) * width as f64 * 8.0).round() as usize;
    let eighths = if value > 0.0 { eighths.clamp(1, width * 8) } else { 0 };
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

/// A column for each value, `height` characters for `most`, as rows of characters, the highest first. What is more than
/// nothing is seen; what is less stands as nothing does.
pub(crate) fn columns(values: &[f64], most: f64, height: usize) -> Vec<String> {
    const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let eighths = |value: f64| {
        let share = value.max(0.0) / most.max(f64::MIN_POSITIVE);
        let eighths = (share * (height * 8) as f64).round() as usize;
        if value > 0.0 { eighths.clamp(1, height * 8) } else { 0 }
    };
    let row = |floor: usize| values.iter().map(|value| EIGHTHS[eighths(*value).saturating_sub(floor).min(8)]).collect();
    (0..height).rev().map(|row_number| row(row_number * 8)).collect()
}

/// A bar between two values of a range that `width` characters stand for, one character wide at least.
pub(crate) fn floating(from: f32, to: f32, range: (f32, f32), width: usize) -> String {
    let extent = (range.1 - range.0).max(f32::MIN_POSITIVE);
    let at = |value: f32| ((value - range.0) / extent * width as f32).round() as usize;
    let left = at(from.min(to)).min(width.saturating_sub(1));
    let right = at(from.max(to)).clamp(left + 1, width.max(left + 1));
    format!("{}{}", " ".repeat(left), "█".repeat(right - left))
}

/// Two lines of points as rows of characters, the highest first: `●` for the first line, `○` for the second, `◉` for both.
/// Points lie within `across` and `up`.
pub(crate) fn plot(
    lines: [&[(f32, f32)]; 2],
    across: (f32, f32),
    up: (f32, f32),
    (width, height): (usize, usize),
) -> Vec<String> {
    let cell = |value: f32, range: (f32, f32), cells: usize| {
        let share = (value - range.0) / (range.1 - range.0).max(f32::MIN_POSITIVE);
        ((share * cells.saturating_sub(1) as f32).round().max(0.0) as usize).min(cells.saturating_sub(1))
    };
    let mut rows = vec![vec![0_usize; width]; height];
    for (line, bit) in lines.into_iter().zip([1, 2]) {
        for &(x, y) in line {
            let row = &mut rows[height - 1 - cell(y, up, height)];
            row[cell(x, across, width)] |= bit;
        }
    }
    let draw = |row: &Vec<usize>| row.iter().map(|bits| [' ', '●', '○', '◉'][*bits]).collect::<String>();
    rows.iter().map(|row| draw(row).trim_end().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stand_where_their_points_are() {
        let (one, other) = ([(0.0, 0.0), (5.0, 5.0), (10.0, 10.0)], [(0.0, 0.0), (5.0, 2.5), (10.0, 5.0)]);
        let rows = plot([&one, &other], (0.0, 10.0), (0.0, 10.0), (11, 5));
        assert_eq!(rows, ["          ●", "", "     ●    ○", "     ○", "◉"]);
    }

    #[test]
    fn bars_end_at_an_eighth_of_a_character() {
        assert_eq!([0.0, 0.01, 50.0, 100.0].map(|value| bar(value, 100.0, 4)), ["", "▏", "██", "████"]);
        assert_eq!(bar(56.25, 100.0, 4), "██▎");
        assert_eq!(bar(3.0, 0.0, 2), "██");
    }

    #[test]
    fn columns_stand_beside_each_other() {
        assert_eq!(columns(&[0.0, 0.01, 4.0, 6.0, 8.0, -3.0], 8.0, 2), ["   ▄█ ", " ▁███ "]);
        assert_eq!(columns(&[0.0], 0.0, 1), [" "]);
    }

    #[test]
    fn floating_bars_stand_between_their_values() {
        assert_eq!(floating(-5.0, 0.0, (-10.0, 10.0), 20), "     █████");
        assert_eq!(floating(5.0, 0.0, (-10.0, 10.0), 20), "          █████");
        assert_eq!(floating(10.0, 10.0, (-10.0, 10.0), 20), "                   █");
    }
}
