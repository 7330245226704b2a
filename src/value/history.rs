//! A customer's buying history in three numbers, and the sample of a whole customer base.

use crate::error::{Error, Kind, Result};

use super::sample::Sample;

/// One customer's history, all times in one unit: days, weeks, or any other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct History {
    /// Repeat purchase periods, `x` in the papers: the first purchase does not count. A whole number.
    pub frequency: f64,
    /// Time from the first to the last purchase, `t_x`. Zero without repeat purchases.
    pub recency: f64,
    /// Time from the first purchase to the day on which we look, `T`.
    pub age: f64,
}

impl History {
    /// A history that can exist.
    ///
    /// # Errors
    /// `Sql` when a number is negative, not finite, or contradicts another.
    pub fn new(frequency: f64, recency: f64, age: f64) -> Result<Self> {
        let refuse = |message: &str, hint: &str| {
            Err(Error::new(Kind::Sql, message)
                .with("frequency", frequency)
                .with("recency", recency)
                .with("age", age)
                .hint(hint))
        };
        if ![frequency, recency, age].iter().all(|value| value.is_finite() && *value >= 0.0) {
            return refuse("a buying history has a negative or missing number", "leave such customers out with WHERE");
        }
        if frequency.fract() != 0.0 {
            return refuse("frequency is not a whole number", "count distinct purchase periods after the first");
        }
        // Times that come from a division may differ in the last digits.
        if recency > age * (1.0 + 1e-9) {
            return refuse(
                "recency is greater than age",
                "recency is from first to last purchase, age from first to now",
            );
        }
        if frequency == 0.0 && recency > 0.0 {
            return refuse("recency is not zero though nothing was bought again", "count the periods after the first");
        }
        if frequency > 0.0 && recency == 0.0 {
            return refuse("recency is zero though something was bought again", "count periods, not purchases");
        }
        Ok(Self { frequency, recency: recency.min(age), age })
    }

    /// A history in occasions, for BG/BB: `frequency` bought, the last of them the one numbered `last`, of `occasions`.
    ///
    /// # Errors
    /// `Sql` as for [`History::new`], and when there are more purchases than occasions, or parts of one.
    pub fn of_occasions(frequency: f64, last: f64, occasions: f64) -> Result<Self> {
        let history = Self::new(frequency, last, occasions)?;
        if last.fract() != 0.0 || occasions.fract() != 0.0 || frequency > last {
            return Err(Error::new(Kind::Sql, "a history in occasions is not in whole occasions")
                .with("frequency", frequency)
                .with("last", last)
                .with("occasions", occasions)
                .hint("number the occasions 1, 2, …, and count each once"));
        }
        Ok(history)
    }

    /// A customer who has just bought for the first time.
    pub const NEW: Self = Self { frequency: 0.0, recency: 0.0, age: 0.0 };
}

impl From<History> for [f64; 3] {
    fn from(history: History) -> Self {
        // Age before recency: what depends on frequency and age alone is then computed once for a run of rows.
        [history.frequency, history.age, history.recency]
    }
}

impl From<[f64; 3]> for History {
    fn from([frequency, age, recency]: [f64; 3]) -> Self {
        Self { frequency, recency, age }
    }
}

/// The histories of a customer base.
pub type Histories = Sample<3>;

/// Sorted histories with times divided by the mean age, so that a fit takes the same steps whatever the unit is.
#[derive(Debug)]
pub(super) struct Scaled {
    /// What one unit of time here is in the caller's unit.
    pub(super) unit: f64,
    pub(super) rows: Vec<(History, f64)>,
    pub(super) customers: f64,
    /// Repeat purchases of all customers.
    pub(super) orders: f64,
    /// Customers' time, in `unit`.
    pub(super) exposure: f64,
}

impl Scaled {
    pub(super) fn new(histories: &Histories) -> Self {
        let rows = histories.rows();
        let sum = |of: fn(&[f64; 3]) -> f64| -> f64 { rows.iter().map(|(row, count)| of(row) * *count as f64).sum() };
        let (customers, orders, time) = (sum(|_| 1.0), sum(|row| row[0]), sum(|row| row[1]));
        let unit = if time > 0.0 { time / customers } else { 1.0 };
        let scale = |(row, count): &([f64; 3], u64)| {
            let history = History { frequency: row[0], age: row[1] / unit, recency: row[2] / unit };
            (history, *count as f64)
        };
        Self { unit, rows: rows.iter().map(scale).collect(), customers, orders, exposure: time / unit }
    }

    /// The same without recency, which NBD does not use.
    pub(super) fn without_recency(&self) -> Vec<(f64, f64, f64)> {
        let mut rows: Vec<(f64, f64, f64)> = Vec::new();
        for (history, count) in &self.rows {
            match rows.last_mut() {
                Some((x, age, sum)) if *x == history.frequency && *age == history.age => *sum += count,
                _ => rows.push((history.frequency, history.age, *count)),
            }
        }
        rows
    }

    /// The purchase rate of all customers together, per `unit`.
    pub(super) fn rate(&self) -> f64 {
        self.orders / self.exposure
    }

    /// What the log-likelihood in the caller's unit has more than in `unit`: a density is per unit of time.
    pub(super) fn density(&self) -> f64 {
        -self.orders * self.unit.ln()
    }
}

/// A few customers, and how many are like each.
#[cfg(test)]
pub(super) fn examples() -> Vec<(History, f64)> {
    [
        (0.0, 0.0, 38.86, 3.0),
        (0.0, 0.0, 12.0, 1.0),
        (1.0, 1.71, 38.86, 2.0),
        (2.0, 30.43, 38.86, 1.0),
        (26.0, 12.5, 31.0, 1.0),
    ]
    .map(|(frequency, recency, age, weight)| (History { frequency, recency, age }, weight))
    .to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_that_cannot_be_is_refused_with_its_numbers() {
        for (frequency, recency, age) in
            [(-1.0, 0.0, 1.0), (1.0, 3.0, 2.0), (0.5, 1.0, 2.0), (0.0, 1.0, 2.0), (1.0, 0.0, 2.0), (1.0, 1.0, f64::NAN)]
        {
            assert!(History::new(frequency, recency, age).is_err(), "{frequency} {recency} {age}");
        }
        let error = History::new(2.0, 40.0, 30.0).unwrap_err().to_string();
        assert!(error.starts_with("recency is greater than age (frequency `2`, recency `40`, age `30`)"), "{error}");
        assert_eq!(History::new(1.0, 2.000_000_000_1, 2.0).unwrap().recency, 2.0);
    }
}
