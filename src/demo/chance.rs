//! Seeded chance: the only source of randomness of the generator.
//!
//! Every customer and every household draws from a stream of its own, so what one of them does depends neither on how
//! many others there are nor on which thread makes them. It must never be seeded from the machine or the clock.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Beta, Distribution, Exp1, Gamma};

/// What a stream of random numbers is for; streams of different purposes never meet.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    /// Who lives together, and what they share.
    Household = 0,
    /// What a customer does, and what the sources write down of it.
    Customer = 1,
    /// The companies that buy.
    Account = 2,
    /// The products on sale.
    Catalogue = 3,
}

/// One stream of random numbers.
pub(super) struct Chance(ChaCha8Rng);

impl Chance {
    /// The stream of `number` for `purpose` under the user's `seed`.
    pub(super) fn new(seed: u64, purpose: Purpose, number: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(number << 2 | purpose as u64);
        Self(rng)
    }

    /// True with probability `p`.
    pub(super) fn yes(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// Uniform in [0, 1).
    pub(super) fn unit(&mut self) -> f64 {
        self.0.random::<f64>()
    }

    /// A whole number from 0 to `n` - 1; `n` must not be 0.
    pub(super) fn below(&mut self, n: u32) -> u32 {
        self.0.random_range(0..n)
    }

    /// A whole number from `low` to `high` - 1, or `low` if there is none.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        if high <= low { low } else { self.0.random_range(low..high) }
    }

    /// One of `items`, which must not be empty.
    pub(super) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u32) as usize]
    }

    /// Gamma distributed with the given shape and rate (1 / scale).
    pub(super) fn gamma(&mut self, shape: f64, rate: f64) -> f64 {
        Gamma::new(shape, 1.0 / rate).expect("shape and rate are positive").sample(&mut self.0)
    }

    /// Beta distributed, in [0, 1].
    pub(super) fn beta(&mut self, a: f64, b: f64) -> f64 {
        Beta::new(a, b).expect("a and b are positive").sample(&mut self.0)
    }

    /// Exponentially distributed with the given rate.
    pub(super) fn exponential(&mut self, rate: f64) -> f64 {
        let unit: f64 = Exp1.sample(&mut self.0);
        unit / rate
    }

    /// Poisson distributed; meant for small means (Knuth's method: one draw per event).
    pub(super) fn poisson(&mut self, mean: f64) -> u32 {
        let floor = (-mean).exp();
        let (mut count, mut product) = (0, self.unit());
        while product > floor {
            count += 1;
            product *= self.unit();
        }
        count
    }
}

/// Things to draw from by weight.
pub(super) struct Weighted<T> {
    items: Vec<T>,
    /// The sum of the weights up to and including each item.
    totals: Vec<u32>,
}

impl<T> Weighted<T> {
    /// From pairs of a thing and its weight, of which at least one must be positive.
    pub(super) fn new(pairs: impl IntoIterator<Item = (T, u32)>) -> Self {
        let mut total = 0;
        let (items, totals) = pairs
            .into_iter()
            .map(|(item, weight)| {
                total += weight;
                (item, total)
            })
            .unzip();
        Self { items, totals }
    }

    /// Draws one.
    pub(super) fn draw(&self, chance: &mut Chance) -> &T {
        let total = *self.totals.last().expect("there is something to draw from");
        let at = chance.below(total);
        &self.items[self.totals.partition_point(|upto| *upto <= at)]
    }
}

/// A number that looks drawn but is unique: `n` shuffled within 0..10^`digits`, of which it must be one.
///
/// Multiplying by a number that shares no factor with the modulus permutes the residues.
pub(super) fn shuffled(n: u64, digits: u32, salt: u64) -> u64 {
    let modulus = 10_u128.pow(digits);
    debug_assert!(u128::from(n) < modulus, "{n} has more than {digits} digits");
    // Ends in 1, so it is coprime to 10.
    let multiplier = u128::from(7_368_787_u64 + salt * 20) * 1_000 + 371;
    ((u128::from(n) * multiplier + u128::from(salt) * 104_729) % modulus) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_differ() {
        let draw = |seed, number| Chance::new(seed, Purpose::Customer, number).below(1_000_000);
        assert_eq!(draw(7, 1), draw(7, 1));
        assert_ne!(draw(7, 1), draw(7, 2));
        assert_ne!(draw(7, 1), draw(8, 1));
    }

    #[test]
    fn shuffled_numbers_are_unique() {
        for salt in 0..5 {
            let mut seen: Vec<u64> = (0..10_000).map(|n| shuffled(n, 4, salt)).collect();
            seen.sort_unstable();
            assert_eq!(seen, (0..10_000).collect::<Vec<_>>());
        }
    }

    #[test]
    fn weights_are_kept() {
        let coins = Weighted::new([("never", 0), ("rarely", 1), ("often", 9)]);
        let mut chance = Chance::new(7, Purpose::Customer, 0);
        let drawn: Vec<_> = (0..10_000).map(|_| *coins.draw(&mut chance)).collect();
        assert!(!drawn.contains(&"never"));
        let rarely = drawn.iter().filter(|name| **name == "rarely").count();
        assert!((900..1_100).contains(&rarely), "{rarely}");
    }
}
