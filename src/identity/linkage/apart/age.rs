//! Ages beside the year in which somebody was so old: years of birth.

use std::sync::Arc;

use datafusion::arrow::array::{Array, LargeStringArray};

use super::super::kind::{Kind, is_age, kinds_of};
use super::super::table::{Table, TextColumn};

/// Of the texts, so many are ages and years.
const CLEAN: f64 = 0.9;

/// Nobody is older.
const AGE_MAX: u32 = 120;

/// Years in which somebody may have been seen.
const YEARS: std::ops::Range<u32> = 1500..2200;

impl Table {
    /// Puts the year of birth beside ages, of records that do not say when people were born, where a column says in which year
    /// they were so old, as that of a census; the date on which somebody became a customer does not. Where nothing does, or
    /// others say the day, which a year may miss by one, ages are only numbers.
    pub(super) fn take_ages_apart(&mut self, threads: usize) {
        let Some(at) = self.columns.iter().position(is_of_ages) else { return };
        let kinds = kinds_of(&self.columns, threads).kinds;
        let births = self.columns.iter().zip(&kinds).filter(|(_, kind)| **kind == Kind::BirthDate);
        let births: Vec<&TextColumn> = births.map(|(column, _)| column).collect();
        if births.iter().any(|births| !births.texts().all(is_year)) {
            return;
        }
        let ages = &self.columns[at];
        let may_be = |at: &usize| matches!(kinds[*at], Kind::Number | Kind::Category);
        let columns = (0..kinds.len()).filter(may_be).map(|at| &self.columns[at]);
        let dates = columns.filter(|column| column.texts().all(is_year)).chain(&self.sources);
        let Some(dates) = dates.into_iter().find(|column| says_when(column, ages)) else { return };
        let born = ages.rows().zip(dates.rows()).enumerate().map(|(row, (age, date))| {
            let (age, year) = (age.and_then(age_in)?, date.and_then(year_in)?);
            let is_said = births.iter().any(|births| births.row(row).is_some());
            (!is_said).then(|| (year - age).to_string())
        });
        let born: LargeStringArray = born.collect();
        if born.null_count() == born.len() {
            return;
        }
        let name = format!("year of birth by {}", ages.name);
        self.columns.push(TextColumn::of(name, born, Some(Kind::BirthDate), Arc::clone(&self.order)));
        self.columns[at].kind = Some(Kind::Nothing);
    }
}

fn is_of_ages(column: &TextColumn) -> bool {
    is_age(&column.name) && {
        let (filled, ages) = count(column.rows().flatten(), age_in);
        ages > 1 && ages as f64 >= CLEAN * filled as f64
    }
}

/// Whether nearly all rows with an age have the year in which it was, of which there are several.
fn says_when(column: &TextColumn, ages: &TextColumn) -> bool {
    let rows =
        || ages.rows().zip(column.rows()).filter(|(age, _)| age.is_some()).map(|(_, date)| date.unwrap_or_default());
    let (filled, dated) = count(rows(), year_in);
    let mut years = rows().filter_map(year_in);
    let first = years.next();
    dated as f64 >= CLEAN * filled as f64 && years.any(|year| Some(year) != first)
}

/// How many texts there are, and how many of them are what is looked for.
fn count<'a>(texts: impl Iterator<Item = &'a str>, of: impl Fn(&str) -> Option<u32>) -> (usize, usize) {
    texts.fold((0, 0), |(all, found), text| (all + 1, found + usize::from(of(text).is_some())))
}

/// An age in years; that of infants, `7/12` or `3 months`, is 0.
fn age_in(text: &str) -> Option<u32> {
    let text = text.trim();
    let number = text.strip_suffix(".0").unwrap_or(text);
    let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    let (number, rest) = number.split_at(end);
    let age: u32 = number.parse().ok()?;
    let rest = rest.trim().to_lowercase();
    match rest.as_str() {
        "/12" | "m" | "mo" | "mos" | "month" | "months" | "w" | "wk" | "week" | "weeks" | "d" | "day" | "days" => {
            Some(0)
        }
        "" | "y" | "yr" | "yrs" | "years" | "½" => Some(age).filter(|&age| age <= AGE_MAX),
        _ => None,
    }
}

fn is_year(text: &str) -> bool {
    let text = text.strip_suffix(".0").unwrap_or(text);
    text.len() == 4 && year_in(text).is_some()
}

/// The year in the name of a list or by itself: `1881`, `census_1881`; none if there are several.
fn year_in(text: &str) -> Option<u32> {
    let years = text.split(|c: char| !c.is_ascii_digit()).filter(|digits| digits.len() == 4);
    let mut years = years.filter_map(|digits| digits.parse().ok()).filter(|year| YEARS.contains(year));
    let year = years.next()?;
    years.all(|other| other == year).then_some(year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_written_in_many_ways() {
        let of = |texts: &[&str]| texts.iter().map(|text| age_in(text)).collect::<Vec<_>>();
        assert_eq!(of(&["34", " 34.0", "34 y", "7/12", "3 months", "0"]), [34, 34, 34, 0, 0, 0].map(Some));
        assert_eq!(of(&["", "young", "150", "30-39", "34 Mill Lane"]), [None; 5]);
    }

    #[test]
    fn the_year_is_found_in_names_of_lists() {
        let of = |texts: &[&str]| texts.iter().map(|text| year_in(text)).collect::<Vec<_>>();
        assert_eq!(of(&["1881", "census_1881", "list of 1881, part 2"]), [Some(1881); 3]);
        assert_eq!(of(&["", "12345", "99", "1881 to 1891"]), [None; 4]);
        assert_eq!(["1881", "1881.0", "1881-04-03", "188"].map(is_year), [true, true, false, false]);
    }
}
