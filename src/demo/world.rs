//! What all customers of one sample shop have in common: its years, its products and its files.

use super::Options;
use super::catalogue::Catalogue;
use super::chance::Chance;
use super::moment::{DAY, Day, Moment};
use super::sheet::Sheets;

/// How long the shop has been open, in days: four and a half years.
const HISTORY_DAYS: i32 = 1_641;
/// How long it has taken euros, in days.
const EURO_DAYS: i32 = 365;

/// The sample shop.
pub(super) struct World {
    pub(super) seed: u64,
    pub(super) customers: u64,
    /// When the shop opened.
    pub(super) start: Moment,
    /// The end of the data, which is exclusive: `as_of`.
    pub(super) end: Moment,
    /// Since when the web shop also takes euros.
    pub(super) euro_since: Moment,
    pub(super) catalogue: Catalogue,
    pub(super) sheets: Sheets,
}

impl World {
    /// The shop that `options` describe.
    pub(super) fn new(options: &Options) -> Self {
        let last = Day::from_civil(options.as_of);
        let first = Day(last.0 - HISTORY_DAYS);
        Self {
            seed: options.seed,
            customers: options.customers,
            start: first.start(),
            end: last.start(),
            euro_since: Day(last.0 - EURO_DAYS).start(),
            catalogue: Catalogue::new(options.seed),
            sheets: Sheets::new(first, Day(last.0 - 1)),
        }
    }

    /// Any moment since the shop opened.
    pub(super) fn moment(&self, chance: &mut Chance) -> Moment {
        Moment(chance.between(self.start.0, self.end.0))
    }

    /// When a person first meets the shop, in the daytime; more of them in later years than in earlier ones.
    pub(super) fn joining_moment(&self, chance: &mut Chance) -> Moment {
        let days = ((self.end.0 - self.start.0) / DAY) as f64;
        let day = (chance.unit().powf(0.85) * days).floor() as i64;
        Moment(self.start.0 + day * DAY + chance.between(9 * 3_600, 20 * 3_600))
    }

    /// `at`, or the last second before the end of the data if that is earlier.
    pub(super) fn capped(&self, at: Moment) -> Moment {
        at.min(self.end.plus(-1))
    }
}
