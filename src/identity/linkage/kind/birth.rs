//! Birth dates whose year, month and day stand in columns of their own, side by side.

use super::super::table::TextColumn;
use super::{GENERATION, words};

/// A part of a date that a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Year,
    Month,
    Day,
}

/// Rows that are looked at, at most.
const ROWS_MAX: usize = 20_000;

/// Of the values, so many are of the part; the others are slips.
const CLEAN: f64 = 0.95;

/// The columns of year, month and day, if three side by side are these: of a birth, because the years lie far apart or the
/// column's name says so.
pub(super) fn parts(columns: &[TextColumn]) -> Option<[usize; 3]> {
    let found: Vec<Option<(Part, bool)>> = columns.iter().map(part).collect();
    (0..found.len().saturating_sub(2)).find_map(|first| {
        let three = &found[first..first + 3];
        let place = |part| three.iter().position(|found| found.is_some_and(|(other, _)| other == part));
        let at = [place(Part::Year)?, place(Part::Month)?, place(Part::Day)?];
        three.iter().flatten().any(|&(_, of_birth)| of_birth).then(|| at.map(|at| first + at))
    })
}

/// Which part of a date a column holds, and whether it shows that it is of a birth.
fn part(column: &TextColumn) -> Option<(Part, bool)> {
    let texts: Vec<&str> = column.sample(ROWS_MAX).collect();
    let mut numbers: Vec<u32> = texts.iter().filter_map(|text| text.trim_end_matches(".0").parse().ok()).collect();
    numbers.sort_unstable();
    if numbers.len() < 2 || (numbers.len() as f64) < CLEAN * texts.len() as f64 {
        return None;
    }
    let margin = numbers.len() / 20;
    let (least, most) = (numbers[margin], numbers[numbers.len() - 1 - margin]);
    let part = match (least, most) {
        (1.., ..=12) => Part::Month,
        (1.., ..=31) => Part::Day,
        (1000.., ..=2200) => Part::Year,
        _ => return None,
    };
    let words = words(&column.name);
    let named = ["birth", "dob", "born"].iter().any(|word| words.contains(&format!(" {word} ")));
    Some((part, named || part == Part::Year && most - least >= GENERATION))
}
