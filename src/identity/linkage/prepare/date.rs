//! Dates as eight digits, year first; what is not a real date keeps its digits, because a slip of the pen is still alike.

/// Which of the first two parts of `3/4/1985` is the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    DayFirst,
    MonthFirst,
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// The parts of a date: numbers with their digit counts, a month's name as its number with a length of 0.
fn parts(text: &str) -> Option<([(u32, usize); 3], bool)> {
    let mut parts = [(0, 0); 3];
    let (mut found, mut named) = (0, false);
    let text = text.split('T').next().unwrap_or(text);
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if found == 3 {
            break; // a time of day follows
        }
        if word.bytes().all(|byte| byte.is_ascii_digit()) && word.len() <= 8 {
            parts[found] = (word.parse().ok()?, word.len());
        } else {
            let lower = word.to_ascii_lowercase();
            let month = MONTHS.iter().position(|month| lower.starts_with(month))?;
            parts[found] = (month as u32 + 1, 0);
            named = true;
        }
        found += 1;
    }
    if found == 1 && parts[0].1 == 8 {
        let number = parts[0].0;
        return Some(([(number / 10_000, 4), (number / 100 % 100, 2), (number % 100, 2)], false));
    }
    (found == 3).then_some((parts, named))
}

/// Whether a text is written like a date.
pub(crate) fn shaped(text: &str) -> bool {
    text.len() <= 32
        && parts(text).is_some_and(|(parts, named)| {
            let plausible = |year: u32| (1000..=2200).contains(&year);
            named
                || (parts[0].1 == 4 && plausible(parts[0].0) && parts[1].0 <= 99 && parts[2].0 <= 99)
                || (parts[0].1 <= 2 && parts[1].1 <= 2 && (plausible(parts[2].0) || parts[2].1 == 2))
        })
}

/// How most values of a column that leave no doubt write the day.
pub(crate) fn order<'a>(texts: impl Iterator<Item = &'a str>) -> Order {
    let (mut day_first, mut month_first) = (0usize, 0usize);
    for (parts, named) in texts.filter_map(parts) {
        if !named && parts[0].1 <= 2 {
            day_first += usize::from(parts[0].0 > 12);
            month_first += usize::from(parts[1].0 > 12);
        }
    }
    if month_first > day_first { Order::MonthFirst } else { Order::DayFirst }
}

/// Eight digits out of year, month and day that stand apart; none as of [`digits`], or if one is missing.
pub(crate) fn of_parts(texts: &[&str]) -> Option<[u8; 8]> {
    let [year, month, day] = texts else { return None };
    let [year, month, day] = [year, month, day].map(|part| part.trim_end_matches(".0"));
    digits(&format!("{year}-{month}-{day}"), Order::DayFirst)
}

/// Eight digits, year first; none if the text is nothing like a date or stands for an unknown one.
pub(crate) fn digits(text: &str, order: Order) -> Option<[u8; 8]> {
    let (parts, _) = parts(text)?;
    let (year, month, day) = if parts[0].1 >= 3 {
        (parts[0], parts[1].0, parts[2].0)
    } else if parts[1].1 == 0 {
        (parts[2], parts[1].0, parts[0].0)
    } else if parts[0].1 == 0 || (order == Order::MonthFirst && parts[0].0 <= 12) || parts[1].0 > 12 {
        (parts[2], parts[0].0, parts[1].0)
    } else {
        (parts[2], parts[1].0, parts[0].0)
    };
    let year = match year {
        (year, 0..=2) if year <= 26 => 2000 + year,
        (year, 0..=2) => 1900 + year,
        (year, _) => year,
    };
    if year > 9999 || (year, month, day) == (1900, 1, 1) || (year, month, day) == (1970, 1, 1) || (month, day) == (0, 0)
    {
        return None;
    }
    let number = year * 10_000 + month.min(99) * 100 + day.min(99);
    let mut digits = [0; 8];
    for (at, digit) in digits.iter_mut().enumerate() {
        *digit = b'0' + (number / 10u32.pow(7 - at as u32) % 10) as u8;
    }
    Some(digits)
}
