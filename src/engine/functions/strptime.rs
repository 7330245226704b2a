//! strptime for legacy texts: a format is compiled once and matches the whole text or not at all.
//!
//! It never guesses: `%Y` is exactly four digits, a format without separators (`%Y%m%d`) takes full widths only, and a
//! date that does not exist (31 April, 0000-00-00) does not match.

/// What a text said. A date is always there; a time that the format does not name is midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) date: Date,
    pub(super) hour: u32,
    pub(super) minute: u32,
    pub(super) second: u32,
    pub(super) micros: u32,
    /// East of UTC; `None` if the text does not say.
    pub(super) offset_seconds: Option<i32>,
}

/// A day of the proleptic Gregorian calendar, years 1 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) year: i32,
    pub(super) month: u32,
    pub(super) day: u32,
}

impl Date {
    /// The day, if it exists.
    pub(super) fn new(year: i32, month: u32, day: u32) -> Option<Self> {
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            2 => 28 + u32::from(is_leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        let exists = (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=days).contains(&day);
        exists.then_some(Self { year, month, day })
    }

    /// Days since 1970-01-01 (Howard Hinnant, 2013, "chrono-Compatible Low-Level Date Algorithms", days_from_civil).
    pub(super) fn days_since_epoch(self) -> i32 {
        let year = if self.month <= 2 { self.year - 1 } else { self.year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month_from_march = (self.month as i32 + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + self.day as i32 - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }
}

impl Moment {
    /// Microseconds since 1970-01-01T00:00:00 of the clock that the text shows.
    pub(super) fn local_micros(&self) -> i64 {
        let seconds = i64::from(self.hour * 3600 + self.minute * 60 + self.second);
        (i64::from(self.date.days_since_epoch()) * 86_400 + seconds) * 1_000_000 + i64::from(self.micros)
    }
}

/// A compiled format.
pub(super) struct Format {
    items: Vec<Item>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Item {
    Char(char),
    /// One or more white-space characters.
    Space,
    Number(Field, usize, usize),
    MonthName,
    WeekdayName,
    Meridiem,
    /// Digits of a fraction of a second.
    Fraction,
    /// The same with its point or comma, or nothing.
    PointFraction,
    Offset,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Year,
    YearOfCentury,
    Month,
    Day,
    DayOfYear,
    Hour,
    Hour12,
    Minute,
    Second,
}

const DIRECTIVES: &str = "%Y %y %m %b %B %d %e %j %H %I %M %S %f %.f %p %z %a %A %F %T %R %D %%";

impl Format {
    /// Compiles a strptime format, or says what is wrong with it.
    pub(super) fn compile(format: &str) -> Result<Self, String> {
        let mut items = Vec::new();
        push_items(format.trim(), &mut items)?;
        fix_widths(&mut items);
        let has = |field: Field| items.iter().any(|item| matches!(item, Item::Number(other, ..) if *other == field));
        let has_month = has(Field::Month) || items.contains(&Item::MonthName);
        let has_year = has(Field::Year) || has(Field::YearOfCentury);
        if has_year && (has_month && has(Field::Day) || has(Field::DayOfYear)) {
            Ok(Self { items })
        } else {
            Err(format!("format `{format}` does not say year, month and day"))
        }
    }

    /// What `text`, already without white space around it, says in this format.
    pub(super) fn parse(&self, text: &str) -> Option<Moment> {
        let mut cursor = Cursor { rest: text };
        let mut seen = Seen::default();
        for item in &self.items {
            match *item {
                Item::Char(c) => cursor.rest = cursor.rest.strip_prefix(c)?,
                Item::Space => {
                    let rest = cursor.rest.trim_start();
                    if rest.len() == cursor.rest.len() {
                        return None;
                    }
                    cursor.rest = rest;
                }
                Item::Number(field, min, max) => seen.set(field, cursor.digits(min, max)?),
                Item::MonthName => seen.month = Some(cursor.name(&MONTHS)? + 1),
                Item::WeekdayName => drop(cursor.name(&WEEKDAYS)?),
                Item::Meridiem => seen.afternoon = Some(cursor.name(&["am", "pm"])? == 1),
                Item::Fraction => seen.micros = cursor.micros()?,
                Item::PointFraction => {
                    if let Some(rest) = cursor.rest.strip_prefix(['.', ',']) {
                        cursor.rest = rest;
                        seen.micros = cursor.micros()?;
                    }
                }
                Item::Offset => seen.offset_seconds = Some(cursor.offset()?),
            }
        }
        if cursor.rest.is_empty() { seen.moment() } else { None }
    }
}

fn push_items(format: &str, items: &mut Vec<Item>) -> Result<(), String> {
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_whitespace() {
            push_space(items);
            continue;
        }
        if c != '%' {
            items.push(Item::Char(c));
            continue;
        }
        // Padding flags say how to write; reading takes either width.
        let flag = chars.next_if(|c| matches!(c, '-' | '_' | '0'));
        items.push(match chars.next() {
            Some('Y') => Item::Number(Field::Year, 4, 4),
            Some('y') => Item::Number(Field::YearOfCentury, 2, 2),
            Some('m') => Item::Number(Field::Month, 1, 2),
            Some('d' | 'e') => Item::Number(Field::Day, 1, 2),
            Some('j') => Item::Number(Field::DayOfYear, 1, 3),
            Some('H' | 'k') => Item::Number(Field::Hour, 1, 2),
            Some('I' | 'l') => Item::Number(Field::Hour12, 1, 2),
            Some('M') => Item::Number(Field::Minute, 1, 2),
            Some('S') => Item::Number(Field::Second, 1, 2),
            Some('f') => Item::Fraction,
            Some('.') if chars.next_if_eq(&'f').is_some() => Item::PointFraction,
            Some('b' | 'B' | 'h') => Item::MonthName,
            Some('a' | 'A') => Item::WeekdayName,
            Some('p' | 'P') => Item::Meridiem,
            Some('z') => Item::Offset,
            Some('%') if flag.is_none() => Item::Char('%'),
            Some('F') => {
                push_items("%Y-%m-%d", items)?;
                continue;
            }
            Some('T') => {
                push_items("%H:%M:%S", items)?;
                continue;
            }
            Some('R') => {
                push_items("%H:%M", items)?;
                continue;
            }
            Some('D') => {
                push_items("%m/%d/%y", items)?;
                continue;
            }
            Some(other) => {
                return Err(format!("unknown directive `%{other}` in format `{format}`; known: {DIRECTIVES}"));
            }
            None => return Err(format!("format `{format}` ends in a lone `%`")),
        });
    }
    Ok(())
}

fn push_space(items: &mut Vec<Item>) {
    if items.last() != Some(&Item::Space) {
        items.push(Item::Space);
    }
}

/// Numbers that touch have full widths: with fewer, `2024111` would be 11 January or 1 November.
fn fix_widths(items: &mut [Item]) {
    let is_number = |item: Option<&Item>| matches!(item, Some(Item::Number(..) | Item::Fraction));
    for at in 0..items.len() {
        let touches = is_number(items.get(at + 1)) || at > 0 && is_number(items.get(at - 1));
        if let Item::Number(_, min, max) = &mut items[at]
            && touches
        {
            *min = *max;
        }
    }
}

/// The fields of a text, before they are checked together.
#[derive(Default)]
struct Seen {
    year: Option<i32>,
    month: Option<u32>,
    day: Option<u32>,
    day_of_year: Option<u32>,
    hour: u32,
    hour12: Option<u32>,
    afternoon: Option<bool>,
    minute: u32,
    second: u32,
    micros: u32,
    offset_seconds: Option<i32>,
}

impl Seen {
    fn set(&mut self, field: Field, number: u32) {
        match field {
            Field::Year => self.year = Some(number as i32),
            // As POSIX has it: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068.
            Field::YearOfCentury => self.year = Some(number as i32 + if number >= 69 { 1900 } else { 2000 }),
            Field::Month => self.month = Some(number),
            Field::Day => self.day = Some(number),
            Field::DayOfYear => self.day_of_year = Some(number),
            Field::Hour => self.hour = number,
            Field::Hour12 => self.hour12 = Some(number),
            Field::Minute => self.minute = number,
            Field::Second => self.second = number,
        }
    }

    fn moment(self) -> Option<Moment> {
        let year = self.year?;
        let date = match (self.month, self.day, self.day_of_year) {
            (Some(month), Some(day), _) => Date::new(year, month, day)?,
            (_, _, Some(day_of_year)) => from_day_of_year(year, day_of_year)?,
            _ => return None,
        };
        let hour = match (self.hour12, self.afternoon) {
            (Some(hour @ 1..=12), Some(afternoon)) => hour % 12 + if afternoon { 12 } else { 0 },
            (Some(hour @ 1..=12), None) => hour,
            (Some(_), _) => return None,
            // `14:30 PM` is common enough; `14:30 AM` contradicts itself.
            (None, Some(false)) if self.hour >= 12 => return None,
            (None, _) => self.hour,
        };
        Moment {
            date,
            hour,
            minute: self.minute,
            second: self.second,
            micros: self.micros,
            offset_seconds: self.offset_seconds,
        }
        .checked()
    }
}

impl Moment {
    /// The moment if such a time exists; a leap second is taken as the second before it.
    fn checked(mut self) -> Option<Self> {
        if self.second == 60 {
            self.second = 59;
        }
        (self.hour < 24 && self.minute < 60 && self.second < 60).then_some(self)
    }
}

fn from_day_of_year(year: i32, day_of_year: u32) -> Option<Date> {
    let mut left = day_of_year;
    for month in 1..=12 {
        let days = (28..=31).rev().find(|&day| Date::new(year, month, day).is_some())?;
        if left <= days {
            return Date::new(year, month, left);
        }
        left -= days;
    }
    None
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// A text that is eaten from the front.
struct Cursor<'a> {
    rest: &'a str,
}

impl Cursor<'_> {
    fn eat(&mut self, c: char) -> bool {
        let rest = self.rest.strip_prefix(c);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// A number of `min` to `max` digits, as many as there are.
    fn digits(&mut self, min: usize, max: usize) -> Option<u32> {
        let bytes = self.rest.as_bytes();
        let mut number = 0;
        let mut len = 0;
        while len < max && bytes.get(len).is_some_and(u8::is_ascii_digit) {
            number = number * 10 + u32::from(bytes[len] - b'0');
            len += 1;
        }
        self.rest = &self.rest[len..];
        (len >= min).then_some(number)
    }

    /// One to nine digits behind a decimal point, as microseconds; what is finer is cut off.
    fn micros(&mut self) -> Option<u32> {
        let before = self.rest.len();
        let number = self.digits(1, 9)?;
        let len = before - self.rest.len();
        Some(if len <= 6 { number * 10_u32.pow(6 - len as u32) } else { number / 10_u32.pow(len as u32 - 6) })
    }

    /// The index of the name, in full or by its first three letters (four for `Sept`), in any case.
    fn name(&mut self, names: &[&str]) -> Option<u32> {
        let len = self.rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(len);
        let at = names.iter().position(|name| {
            let is_short = len == name.len().min(3) || len == 4 && *name == "september";
            (is_short || len == name.len()) && name[..len].eq_ignore_ascii_case(word)
        })?;
        self.rest = rest;
        Some(at as u32)
    }

    /// `Z`, `+03`, `+0300` or `+03:00`, in seconds east of UTC.
    fn offset(&mut self) -> Option<i32> {
        if self.eat('Z') || self.eat('z') {
            return Some(0);
        }
        let sign = match (self.eat('+'), self.eat('-') || self.eat('\u{2212}')) {
            (true, false) => 1,
            (false, true) => -1,
            _ => return None,
        };
        let hours = self.digits(2, 2)?;
        let has_minutes = self.eat(':') || self.rest.starts_with(|c: char| c.is_ascii_digit());
        let minutes = if has_minutes { self.digits(2, 2)? } else { 0 };
        (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60) as i32)
    }
}

/// RFC 3339 and what is close to it: `2024-03-01T10:15:30.5+02:00`, with a space for the `T`, without seconds, without
/// offset, the basic form `20240301T101530Z`, or a date alone, which is its midnight.
pub(super) fn parse_iso(text: &str) -> Option<Moment> {
    let mut cursor = Cursor { rest: text };
    let year = cursor.digits(4, 4)? as i32;
    let extended = cursor.eat('-');
    let month = cursor.digits(2, 2)?;
    if extended && !cursor.eat('-') {
        return None;
    }
    let date = Date::new(year, month, cursor.digits(2, 2)?)?;
    let mut moment = Moment { date, hour: 0, minute: 0, second: 0, micros: 0, offset_seconds: None };
    if cursor.rest.is_empty() {
        return Some(moment);
    }
    if !(cursor.eat('T') || cursor.eat('t') || cursor.eat(' ')) {
        return None;
    }
    moment.hour = cursor.digits(2, 2)?;
    let colons = cursor.eat(':');
    moment.minute = cursor.digits(2, 2)?;
    if if colons { cursor.eat(':') } else { cursor.rest.starts_with(|c: char| c.is_ascii_digit()) } {
        moment.second = cursor.digits(2, 2)?;
        if cursor.eat('.') || cursor.eat(',') {
            moment.micros = cursor.micros()?;
        }
    }
    cursor.rest = cursor.rest.trim_start();
    if !cursor.rest.is_empty() {
        moment.offset_seconds = Some(match cursor.rest {
            "UTC" | "GMT" => 0,
            _ => cursor.offset().filter(|_| cursor.rest.is_empty())?,
        });
    }
    moment.checked()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The moment as RFC 3339 would write it.
    fn parse(format: &str, text: &str) -> Option<String> {
        let m = Format::compile(format).unwrap().parse(text)?;
        let offset = m.offset_seconds.map(|seconds| format!(" {seconds}s")).unwrap_or_default();
        let Date { year, month, day } = m.date;
        Some(format!(
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:06}{offset}",
            m.hour, m.minute, m.second, m.micros
        ))
    }

    #[test]
    fn formats_match_whole_texts() {
        let day = Some("2024-03-01T00:00:00.000000");
        for (format, text) in [
            ("%Y-%m-%d", "2024-03-01"),
            ("%F", "2024-3-1"),
            ("%d.%m.%Y", "1.3.2024"),
            ("%d/%m/%y", "01/03/24"),
            ("%Y%m%d", "20240301"),
            ("%d %b %Y", "1  MAR 2024"),
            ("%A, %B %d, %Y", "Friday, March 1, 2024"),
            ("%Y年%m月%d日", "2024年3月1日"),
            ("%Y-%j", "2024-061"),
            ("%D", "03/01/24"),
        ] {
            assert_eq!(parse(format, text).as_deref(), day, "{format} {text}");
        }
        for (format, text) in [
            ("%Y-%m-%d", "24-03-01"),
            ("%Y-%m-%d", "2024-03-01 10:00"),
            ("%Y-%m-%d", "2024-02-30"),
            ("%Y-%m-%d", "0000-00-00"),
            ("%Y-%m-%d", "2024-13-01"),
            ("%Y%m%d", "2024111"),
            ("%d %m %Y", "01032024"),
            ("%Y-%j", "2023-366"),
        ] {
            assert_eq!(parse(format, text), None, "{format} {text}");
        }
    }

    #[test]
    fn times() {
        assert_eq!(parse("%F %T%.f", "2024-03-01 10:15:30.1234567").as_deref(), Some("2024-03-01T10:15:30.123456"));
        assert_eq!(parse("%F %T%.f", "2024-03-01 10:15:30").as_deref(), Some("2024-03-01T10:15:30.000000"));
        assert_eq!(parse("%m/%d/%Y %I:%M %p", "03/01/2024 12:05 am").as_deref(), Some("2024-03-01T00:05:00.000000"));
        assert_eq!(parse("%m/%d/%Y %I:%M %p", "03/01/2024 12:05 PM").as_deref(), Some("2024-03-01T12:05:00.000000"));
        assert_eq!(parse("%F %R %z", "2024-03-01 10:15 -0530").as_deref(), Some("2024-03-01T10:15:00.000000 -19800s"));
        assert_eq!(parse("%F %R", "2024-03-01 24:00"), None);
        assert_eq!(parse("%F %T", "2016-12-31 23:59:60").as_deref(), Some("2016-12-31T23:59:59.000000"));
    }

    #[test]
    fn wrong_formats_say_why() {
        assert!(Format::compile("%Q").is_err_and(|error| error.contains("`%Q`")));
        assert!(Format::compile("%Y-%m-%").is_err_and(|error| error.contains("lone")));
        assert!(Format::compile("%Y-%m").is_err_and(|error| error.contains("month and day")));
    }

    #[test]
    fn days_agree_with_jiff() {
        let mut date = jiff::civil::date(1, 1, 1);
        let mut days = -719_162;
        while date < jiff::civil::date(9999, 12, 30) {
            let ours = Date::new(i32::from(date.year()), date.month() as u32, date.day() as u32).unwrap();
            assert_eq!(ours.days_since_epoch(), days, "{date}");
            date = date.checked_add(jiff::Span::new().days(97)).unwrap();
            days += 97;
            if date > jiff::civil::date(9999, 9, 1) {
                break;
            }
        }
    }

    proptest! {
        #[test]
        fn never_panics(format in "(%[A-Za-z.%]|[ ./:T年-]){0,8}", text in "\\PC*|[0-9 ./:TZ+-]{0,25}") {
            if let Ok(format) = Format::compile(&format) {
                format.parse(&text);
            }
            parse_iso(&text);
        }
    }
}
