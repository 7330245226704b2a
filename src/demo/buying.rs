//! How people buy: the MBG/NBD model (Batislam, Denizel, Filiztekin 2007) with Gamma–Gamma spend (Fader, Hardie 2013).
//!
//! While a customer is alive, orders come at a rate of their own (gamma distributed over customers); after each order,
//! the first included, the customer leaves for good with a probability of their own (beta distributed). The mean value
//! of an order differs between customers and is independent of the rate. A mild season bends the time between orders.
//! Romanians who buy on the web pay in euros, once the shop takes them.

use super::catalogue::Catalogue;
use super::chance::Chance;
use super::moment::{Country, DAY, Moment};
use super::world::World;

/// Rate of orders per year: gamma with this shape and rate.
const RATE_SHAPE: f64 = 0.8;
const RATE_RATE: f64 = 0.06;
/// Probability of leaving after an order: beta with these parameters.
const LEAVE_A: f64 = 0.6;
const LEAVE_B: f64 = 6.0;
/// Spend per order in pounds: gamma with shape P and a rate that is gamma with shape Q and rate V.
const SPEND_P: f64 = 6.25;
const SPEND_Q: f64 = 3.74;
const SPEND_V: f64 = 20.0;
/// Nobody orders more often than this: it bounds a customer's memory and order numbers.
pub(super) const ORDERS_MAX: usize = 300;
/// How much busier each month is than the average one.
const SEASON: [f64; 12] = [0.85, 0.80, 0.90, 0.95, 1.00, 0.95, 0.90, 0.85, 0.95, 1.05, 1.35, 1.45];
/// How many shops with tills there are, all of them in Britain.
const STORES: u32 = 12;

/// Where an order was placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Web,
    /// A shop, from 1.
    Store(u32),
}

/// What became of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Open,
    Completed,
    Cancelled,
}

/// What an order is paid in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Currency {
    Pound,
    Euro,
}

impl Currency {
    /// ISO 4217.
    pub(super) fn iso(self) -> &'static str {
        match self {
            Self::Pound => "GBP",
            Self::Euro => "EUR",
        }
    }
}

/// One product on an order; money in pence or cents.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Line {
    pub(super) product: u32,
    pub(super) quantity: i64,
    pub(super) unit_price: i64,
    pub(super) discount: i64,
}

impl Line {
    /// What is paid for the line.
    pub(super) fn amount(&self) -> i64 {
        self.quantity * self.unit_price - self.discount
    }

    /// The line as the price list in euros has it.
    fn in_euros(self) -> Self {
        let euros = |pence: i64| pence * 115 / 100;
        Self { unit_price: euros(self.unit_price), discount: euros(self.discount), ..self }
    }
}

/// One order.
#[derive(Debug, Clone)]
pub(super) struct Order {
    /// The customer's how-many-th, from 0.
    pub(super) sequence: u64,
    pub(super) at: Moment,
    pub(super) place: Place,
    pub(super) status: Status,
    pub(super) currency: Currency,
    /// When goods came back; then all of the first `returned_lines` lines did.
    pub(super) returned: Option<Moment>,
    pub(super) returned_lines: usize,
    lines: [Line; 4],
    line_count: usize,
}

impl Order {
    pub(super) fn lines(&self) -> &[Line] {
        &self.lines[..self.line_count]
    }
}

/// How one customer buys.
pub(super) struct Habit {
    /// Orders per year while alive.
    rate: f64,
    leaves: f64,
    /// The rate of the gamma distribution of spend, in 1/£.
    spend_rate: f64,
    /// What share of orders is placed on the web.
    web_share: f64,
    favourite_category: u32,
    favourite_store: u32,
}

impl Habit {
    /// Draws a customer's ways.
    pub(super) fn draw(world: &World, web_share: f64, chance: &mut Chance) -> Self {
        Self {
            rate: chance.gamma(RATE_SHAPE, RATE_RATE).max(1e-6),
            leaves: chance.beta(LEAVE_A, LEAVE_B),
            spend_rate: chance.gamma(SPEND_Q, SPEND_V).max(0.02),
            web_share,
            favourite_category: chance.below(world.catalogue.categories()),
            favourite_store: 1 + chance.below(STORES),
        }
    }

    /// The customer's orders from `first` on, oldest first, and whether they have not left yet at the end of the data.
    pub(super) fn orders(
        &self,
        world: &World,
        country: Country,
        first: Moment,
        chance: &mut Chance,
    ) -> (Vec<Order>, bool) {
        let mut orders = Vec::new();
        let mut day = first.day().start();
        loop {
            orders.push(self.order(world, country, orders.len() as u64, day, chance));
            if chance.yes(self.leaves) {
                return (orders, false);
            }
            let (_, month, _) = day.day().civil();
            let years = chance.exponential(self.rate) / SEASON[month as usize - 1];
            // Beyond a century nothing is told apart, and nothing overflows.
            let seconds = (years.min(100.0) * 365.25 * DAY as f64) as i64;
            day = day.plus(seconds).day().start();
            if day >= world.end || orders.len() == ORDERS_MAX {
                return (orders, true);
            }
        }
    }

    fn order(&self, world: &World, country: Country, sequence: u64, day: Moment, chance: &mut Chance) -> Order {
        let web = chance.yes(self.web_share);
        let (place, open, close, country) = if web {
            (Place::Web, 7, 23, country)
        } else {
            let store = if chance.yes(0.85) { self.favourite_store } else { 1 + chance.below(STORES) };
            (Place::Store(store), 9, 20, Country::Britain)
        };
        let local = day.plus(chance.between(open * 3_600, close * 3_600));
        let at = local.plus(-country.offset(local)).max(world.start);
        let mut order = Order {
            sequence,
            at,
            place,
            status: Status::Completed,
            currency: Currency::Pound,
            returned: None,
            returned_lines: 0,
            lines: [Line::default(); 4],
            line_count: 0,
        };
        self.fill(&mut order, &world.catalogue, chance);
        if web && country == Country::Romania && at >= world.euro_since {
            order.currency = Currency::Euro;
            order.lines = order.lines.map(Line::in_euros);
        }
        if web && at.plus(2 * DAY) > world.end {
            order.status = Status::Open;
        } else if web && chance.yes(0.02) {
            order.status = Status::Cancelled;
        } else if chance.yes(0.03) {
            let back = day.plus(chance.between(2, 25) * DAY + 12 * 3_600);
            if back < world.end {
                order.returned = Some(back);
                order.returned_lines = if chance.yes(0.6) { order.line_count } else { 1 };
            }
        }
        order
    }

    /// Chooses products that add up to about what the customer spends this time.
    fn fill(&self, order: &mut Order, catalogue: &Catalogue, chance: &mut Chance) {
        let spend = chance.gamma(SPEND_P, self.spend_rate) * 100.0;
        let lines = 1 + chance.poisson(1.3).min(3) as usize;
        let percent = if chance.yes(0.15) { 10 } else { 0 };
        let mut left = spend;
        for at in 0..lines {
            let share = if at + 1 == lines { left } else { left * (0.3 + 0.6 * chance.unit()) };
            left -= share;
            let quantity = if chance.yes(0.2) { 2 + i64::from(chance.below(2)) } else { 1 };
            let category =
                if chance.yes(0.55) { self.favourite_category } else { chance.below(catalogue.categories()) };
            let product = catalogue.near(category, share as i64 / quantity, chance);
            let unit_price = catalogue.price(product);
            let discount = quantity * unit_price * percent / 100;
            order.lines[at] = Line { product, quantity, unit_price, discount };
        }
        order.line_count = lines;
    }
}

/// The sum over the lines of one order of what is paid and of what is granted.
pub(super) fn totals(lines: &[Line]) -> (i64, i64) {
    (lines.iter().map(Line::amount).sum(), lines.iter().map(|line| line.discount).sum())
}
