//! Dates as eight digits, year first; what is not a real date keeps its digits, because a slip of the pen is still alike.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::table::TextColumn;
use crate::names::ascii;

/// How the dates of a column stand, where a date by itself does not show it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Order {
    /// The month is in front of the day: `3/25/1985`.
    pub(crate) month_first: bool,
    /// Of six digits, the last two are the year: `040385`.
    pub(crate) year_last: bool,
}

/// How the names of the months begin, in ASCII: in English, German, French, Spanish, Italian, Portuguese, Dutch, Polish and
/// Romanian.
const MONTHS: [&[&str]; 12] = [
    &["jan", "ene", "gen", "sty", "ian"],
    &["feb", "fev", "lut"],
    &["mar", "mrt", "maer"],
    &["apr", "avr", "abr", "kwi"],
    &["may", "mai", "maj", "mag", "mei"],
    &["jun", "juin", "giu", "cze", "iun"],
    &["jul", "juil", "lug", "lip", "iul"],
    &["aug", "aou", "ago", "sie"],
    &["sep", "set", "wrz"],
    &["oct", "okt", "ott", "out", "paz"],
    &["nov", "lis"],
    &["dec", "dez", "dic", "gru"],
];

/// The month of this name.
fn month(word: &str) -> Option<u32> {
    let word = ascii(word);
    (1..).zip(MONTHS).find(|(_, names)| names.iter().any(|name| word.starts_with(name))).map(|(month, _)| month)
}

/// What stands behind the number of a day.
const ORDINALS: [&str; 6] = ["st", "nd", "rd", "th", "er", "º"];

/// Japanese eras, by their names and their letters, and the year before each.
const ERAS: [(&str, &str, u32); 5] =
    [("明治", "m", 1867), ("大正", "t", 1911), ("昭和", "s", 1925), ("平成", "h", 1988), ("令和", "r", 2018)];

/// The year before the era that a text begins with, and what follows it.
fn era(text: &str) -> (u32, &str) {
    let of = |&(name, letter, before): &(&str, &str, u32)| {
        let rest = text.strip_prefix(name).or_else(|| {
            let (first, rest) = text.split_at_checked(1)?;
            (first.eq_ignore_ascii_case(letter) && rest.starts_with(|c: char| c.is_ascii_digit())).then_some(rest)
        })?;
        Some((before, rest))
    };
    ERAS.iter().find_map(of).unwrap_or((0, text))
}

/// A number in which letters were read for digits: `l2`, `19OB`.
fn misread(word: &str) -> Cow<'_, str> {
    let digit = |c: char| match c {
        'O' | 'o' | 'Q' => '0',
        'l' | 'I' | 'i' => '1',
        'Z' | 'z' => '2',
        'S' | 's' => '5',
        'B' => '8',
        'g' | 'q' => '9',
        c => c,
    };
    let is_number = word.contains(|c: char| c.is_ascii_digit()) && word.chars().all(|c| digit(c).is_ascii_digit());
    if is_number { Cow::Owned(word.chars().map(digit).collect()) } else { Cow::Borrowed(word) }
}

/// `1990-12-15T08:00` without what stands behind the `T`, which is also a letter of months.
fn without_time(text: &str) -> &str {
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let is_end =
        |&(at, _): &(usize, &str)| is_digit(text[..at].chars().next_back()) && is_digit(text[at + 1..].chars().next());
    text.match_indices('T').find(is_end).map_or(text, |(at, _)| &text[..at])
}

/// `15DEC1990` with spaces between day, month and year.
fn spaced(text: &str) -> Cow<'_, str> {
    let is_digit = |c: char| c.is_ascii_digit();
    let apart = || {
        let (day, rest) = text.split_at_checked(text.find(|c| !is_digit(c))?)?;
        let (month, year) = rest.split_at_checked(rest.find(is_digit)?)?;
        let fits = (1..=2).contains(&day.len()) && month.len() >= 3 && matches!(year.len(), 2 | 4);
        (fits && month.chars().all(char::is_alphabetic) && year.chars().all(is_digit))
            .then(|| format!("{day} {month} {year}"))
    };
    apart().map_or(Cow::Borrowed(text), Cow::Owned)
}

/// The parts of a date: numbers with their digit counts, a month's name as its number with a length of 0.
fn parts(text: &str) -> Option<([(u32, usize); 3], bool)> {
    let mut parts = [(0, 0); 3];
    let (mut found, mut named) = (0, false);
    let (before, text) = era(text);
    let text = if before == 0 { without_time(text) } else { text };
    let ends = |c: char| !c.is_alphanumeric() || matches!(c, '年' | '月' | '日' | '년' | '월' | '일');
    for word in spaced(text).split(ends).filter(|word| !word.is_empty()) {
        if found == 3 {
            break; // a time of day follows
        }
        if matches!(word, "de" | "del" | "of" | "the" | "den" | "di" | "do") {
            continue;
        }
        let word = ORDINALS.iter().find_map(|end| word.strip_suffix(end)).filter(|day| day.len() <= 2).unwrap_or(word);
        let word = &*misread(word);
        if word.bytes().all(|byte| byte.is_ascii_digit()) && word.len() <= 8 {
            parts[found] = (word.parse().ok()?, word.len());
        } else {
            parts[found] = (month(word)?, 0);
            named = true;
        }
        found += 1;
    }
    if before > 0 && found == 3 {
        parts[0] = (before + parts[0].0, 4);
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

/// How dates that leave no doubt are written.
#[derive(Default, Clone, Copy)]
pub(crate) struct Votes {
    day_first: usize,
    month_first: usize,
    year_first: usize,
    year_last: usize,
}

impl Votes {
    pub(crate) fn add(&mut self, text: &str) {
        if let Some([first, second, third]) = pairs(text) {
            let (leads, ends) = (is_day(second, third), is_day(second, first) || is_day(first, second));
            self.year_first += usize::from(leads && !ends);
            self.year_last += usize::from(ends && !leads);
        } else if let Some((parts, false)) = parts(text)
            && parts[0].1 <= 2
        {
            self.day_first += usize::from(parts[0].0 > 12);
            self.month_first += usize::from(parts[1].0 > 12);
        }
    }

    /// How most of them are written; none if all leave a doubt.
    pub(crate) fn order(self) -> Option<Order> {
        let Self { day_first, month_first, year_first, year_last } = self;
        let order = Order { month_first: month_first > day_first, year_last: year_last > year_first };
        (day_first + month_first + year_first + year_last > 0).then_some(order)
    }
}

impl<'a> Extend<&'a str> for Votes {
    fn extend<T: IntoIterator<Item = &'a str>>(&mut self, texts: T) {
        texts.into_iter().for_each(|text| self.add(text));
    }
}

/// In which order the dates of a column stand.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub(crate) struct Orders {
    /// That of most.
    pub(crate) all: Order,
    /// By source, if there are several: that of most of its own, if they show one.
    pub(crate) own: BTreeMap<String, Option<Order>>,
}

impl Orders {
    pub(crate) fn of(column: &TextColumn, sources: Option<&TextColumn>) -> Self {
        let (mut all, mut own) = (Votes::default(), BTreeMap::<&str, Votes>::new());
        for row in 0..column.len() {
            let own = sources.map(|sources| own.entry(sources.text(row).unwrap_or_default()).or_default());
            if let Some(text) = column.text(row) {
                all.add(text);
                if let Some(own) = own {
                    own.add(text);
                }
            }
        }
        if own.len() < 2 {
            own.clear();
        }
        let own = own.into_iter().map(|(source, votes)| (source.to_owned(), votes.order())).collect();
        Self { all: all.order().unwrap_or_default(), own }
    }
}

/// Eight digits out of year, month and day that stand apart; none as of [`digits`], or if one is missing.
pub(crate) fn of_parts(texts: &[&str]) -> Option<[u8; 8]> {
    let [year, month, day] = texts else { return None };
    let [year, month, day] = [year, month, day].map(|part| part.trim_end_matches(".0"));
    digits(&format!("{year}-{month}-{day}"), Order::default())
}

/// The three pairs of six digits.
fn pairs(text: &str) -> Option<[u32; 3]> {
    let is_six = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    let number: u32 = text.parse().ok().filter(|_| is_six)?;
    Some([number / 10_000, number / 100 % 100, number % 100])
}

/// Whether there is such a day in some month.
fn is_day(month: u32, day: u32) -> bool {
    (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// The parts of a date of six digits: `850304`, or `040385` in that order or where it is no other date.
fn six_digits(text: &str, order: Order) -> Option<[(u32, usize); 3]> {
    let [first, second, third] = pairs(text)?;
    let leads = Some((first, second, third)).filter(|_| is_day(second, third));
    let ends = match order.month_first {
        true if is_day(first, second) => Some((third, first, second)),
        _ => Some((third, second, first)).filter(|_| is_day(second, first)),
    };
    let (year, month, day) = if order.year_last { ends.or(leads) } else { leads.or(ends) }?;
    let year = if year <= NEW_CENTURY { 2000 + year } else { 1900 + year };
    Some([(year, 4), (month, 2), (day, 2)])
}

/// A birth of which only the year is known.
pub(crate) fn year(text: &str) -> Option<[u8; 4]> {
    let digits = text.strip_suffix(".0").unwrap_or(text).as_bytes();
    <[u8; 4]>::try_from(digits).ok().filter(|digits| (b"1800"..=b"2099").contains(&digits))
}

/// Whether a text is a date of six digits, in whatever order they stand.
pub(crate) fn is_six_digits(text: &str) -> bool {
    pairs(text)
        .is_some_and(|[first, second, third]| is_day(second, third) || is_day(second, first) || is_day(first, second))
}

/// Of years of two digits, those up to this are of the new century.
const NEW_CENTURY: u32 = 26;

/// Eight digits, year first; none if the text is nothing like a date or stands for an unknown one.
pub(crate) fn digits(text: &str, order: Order) -> Option<[u8; 8]> {
    let parts = six_digits(text, order).or_else(|| Some(parts(text)?.0))?;
    let (year, month, day) = if parts[0].1 >= 3 {
        (parts[0], parts[1].0, parts[2].0)
    } else if parts[1].1 == 0 {
        (parts[2], parts[1].0, parts[0].0)
    } else if parts[0].1 == 0 || (order.month_first && parts[0].0 <= 12) || parts[1].0 > 12 {
        (parts[2], parts[0].0, parts[1].0)
    } else {
        (parts[2], parts[1].0, parts[0].0)
    };
    let year = match year {
        (year, 0..=2) if year <= NEW_CENTURY => 2000 + year,
        (year, 0..=2) => 1900 + year,
        // Of the Buddha, as Thailand counts them.
        (year @ 2400..=2650, _) => year - 543,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_people_write_them() {
        let read =
            |text: &str| digits(text, Order::default()).map(|digits| String::from_utf8_lossy(&digits).into_owned());
        for text in [
            "1992-07-18",
            "18.7.1992",
            "18/07/92",
            "18 July 1992",
            "18. Juli 1992",
            "18 juillet 1992",
            "18 lipca 1992",
            "18 iulie 1992",
            "July 18th, 1992",
            "18 de julio de 1992",
            "1992年7月18日",
            "平成4年7月18日",
            "H4.7.18",
            "1992년 7월 18일",
            "19920718",
            "920718",
            "180792",
            "1992-07-18T00:00:00",
            "l8/7/92",
            "18 July I992",
            "18JUL1992",
            "18jul92",
            "18JUL1992T08:30",
            "18-07-2535",
        ] {
            assert_eq!(read(text).as_deref(), Some("19920718"), "{text}");
        }
        assert_eq!(["18OCT1992", "18 August 1992", "18AUGUST1992"].map(|text| read(text).is_some()), [true; 3]);
        for text in ["", "unknown", "1900-01-01", "Tuesday", "H4", "R2D2"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn of_some_births_only_the_year_is_known() {
        assert_eq!(["1985", "1985.0"].map(year), [Some(*b"1985"); 2]);
        assert_eq!(["85", "0000", "9999", "19850304", "1985-03"].map(year), [None; 5]);
    }

    #[test]
    fn which_part_is_the_day_is_told_by_dates_that_leave_no_doubt() {
        let order = |texts: &[&str]| {
            let mut votes = Votes::default();
            votes.extend(texts.iter().copied());
            votes.order()
        };
        let [month_first, year_last] =
            [(true, false), (false, true)].map(|(month_first, year_last)| Some(Order { month_first, year_last }));
        assert_eq!(order(&["3/4/1985", "25/4/1985"]), Some(Order::default()));
        assert_eq!(order(&["3/4/1985", "4/25/1985"]), month_first);
        assert_eq!(order(&["3/4/1985"]), None);
        // The 5th of March 1930 and the 4th of March 1985, as others beside them show.
        assert_eq!(order(&["050330", "040385"]), year_last);
        let read = |text, order: Option<Order>| digits(text, order.unwrap_or_default()).map(|digits| digits.to_vec());
        assert_eq!(read("050330", year_last), Some(b"19300305".to_vec()));
        assert_eq!(read("850304", year_last), Some(b"19850304".to_vec()), "no other date");
        assert_eq!(read("050330", None), Some(b"20050330".to_vec()));
    }
}
