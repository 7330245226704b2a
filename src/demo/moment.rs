//! Points in time as plain numbers, and how the sources write them: the generator writes a hundred million of them.

/// Seconds since 1970-01-01 00:00 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Moment(pub(super) i64);

/// Days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Day(pub(super) i32);

/// Seconds of a day.
pub(super) const DAY: i64 = 86_400;

impl Moment {
    /// The day in UTC.
    pub(super) fn day(self) -> Day {
        Day(self.0.div_euclid(DAY) as i32)
    }

    /// Hour, minute and second in UTC.
    pub(super) fn clock(self) -> (u32, u32, u32) {
        let seconds = self.0.rem_euclid(DAY) as u32;
        (seconds / 3_600, seconds / 60 % 60, seconds % 60)
    }

    /// Later by so many seconds.
    pub(super) fn plus(self, seconds: i64) -> Self {
        Self(self.0 + seconds)
    }

    /// For sorting rows by time.
    pub(super) fn key(self) -> u64 {
        self.0 as u64
    }
}

impl Day {
    /// The day of a calendar date.
    pub(super) fn from_civil(date: jiff::civil::Date) -> Self {
        Self(jiff::civil::date(1970, 1, 1).duration_until(date).as_hours() as i32 / 24)
    }

    /// Year, month and day. Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
    pub(super) fn civil(self) -> (i32, u32, u32) {
        let z = self.0 + 719_468;
        let era = z.div_euclid(146_097);
        let day_of_era = z.rem_euclid(146_097) as u32;
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        (year_of_era as i32 + era * 400 + i32::from(month <= 2), month, day)
    }

    /// The fifth of the same month.
    pub(super) fn fifth(self) -> Self {
        Self(self.0 - self.civil().2 as i32 + 5)
    }

    /// Midnight UTC.
    pub(super) fn start(self) -> Moment {
        Moment(i64::from(self.0) * DAY)
    }

    /// 0 for Monday to 6 for Sunday.
    fn weekday(self) -> i32 {
        (self.0 + 3).rem_euclid(7)
    }
}

/// Where people live and shops stand; decides clocks, phone numbers and postal addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Country {
    Britain,
    Romania,
    Vietnam,
    China,
}

impl Country {
    /// ISO 3166-1 alpha-2.
    pub(super) fn iso(self) -> &'static str {
        match self {
            Self::Britain => "GB",
            Self::Romania => "RO",
            Self::Vietnam => "VN",
            Self::China => "CN",
        }
    }

    /// What the local clock is ahead of UTC, in seconds; Europe's summer time included.
    pub(super) fn offset(self, at: Moment) -> i64 {
        let summer = i64::from(matches!(self, Self::Britain | Self::Romania) && is_european_summer(at));
        let standard = match self {
            Self::Britain => 0,
            Self::Romania => 2,
            Self::Vietnam => 7,
            Self::China => 8,
        };
        (standard + summer) * 3_600
    }
}

/// From the last Sunday of March to the last Sunday of October, 01:00 UTC each (Directive 2000/84/EC; the same in the UK).
fn is_european_summer(at: Moment) -> bool {
    let day = at.day();
    let (_, month, of_month) = day.civil();
    match month {
        4..=9 => true,
        3 | 10 => {
            let last_sunday =
                of_month as i32 - (day.weekday() + 1) % 7 + 7 * ((31 - of_month as i32 + (day.weekday() + 1) % 7) / 7);
            let passed = match (of_month as i32).cmp(&last_sunday) {
                std::cmp::Ordering::Less => false,
                std::cmp::Ordering::Greater => true,
                std::cmp::Ordering::Equal => at.0.rem_euclid(DAY) >= 3_600,
            };
            passed == (month == 3)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (year, month, day) in
            [(1899, 12, 31), (1970, 1, 1), (2000, 2, 29), (2024, 2, 29), (2026, 6, 30), (2100, 3, 1)]
        {
            let civil = Day::from_civil(date(year, month, day)).civil();
            assert_eq!(civil, (i32::from(year), month as u32, day as u32));
        }
    }

    #[test]
    fn clocks_change_when_europe_changes_them() {
        let zones = [
            (Country::Britain, "Europe/London"),
            (Country::Romania, "Europe/Bucharest"),
            (Country::Vietnam, "Asia/Ho_Chi_Minh"),
            (Country::China, "Asia/Shanghai"),
        ];
        let start = Day::from_civil(date(2022, 1, 1)).start();
        for (country, name) in zones {
            let zone = jiff::tz::TimeZone::get(name).unwrap();
            for half_day in 0..4 * 730 {
                let at = start.plus(half_day * DAY / 2 + 3_600);
                let expected = zone.to_offset(jiff::Timestamp::from_second(at.0).unwrap()).seconds();
                assert_eq!(country.offset(at), i64::from(expected), "{name} at {at:?}");
            }
        }
    }
}
