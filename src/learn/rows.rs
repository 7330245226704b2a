//! What a fit learns from: the distinct rows of numbers, each with how often it came, in an order of their own.

use std::cmp::Ordering;

/// The most distinct rows that are kept: a fair sample of more says the same about a few dozen numbers, and so neither
/// memory nor time grows without bound.
pub(super) const ROWS_MAX: usize = 1 << 20;

/// Rows of `width` numbers with how often each came. What is not known is NaN.
///
/// Equal rows become one with a weight. Of more than about a million different ones those with the smallest hashes are
/// kept, which are the same ones in whatever order and parts the rows come.
#[derive(Debug, Clone)]
pub struct Rows {
    width: usize,
    rows_max: usize,
    values: Vec<f64>,
    weights: Vec<f64>,
}

impl Rows {
    /// No rows, of `width` numbers.
    pub fn new(width: usize) -> Self {
        Self { width, rows_max: ROWS_MAX, values: Vec::new(), weights: Vec::new() }
    }

    /// Adds a row that came `weight` times.
    pub fn add(&mut self, row: &[f64], weight: f64) {
        debug_assert_eq!(row.len(), self.width, "rows are of one width");
        // What is unknown is so in one way, and adding zero turns -0.0 into 0.0: equal numbers have equal bits.
        self.values.extend(row.iter().map(|value| if value.is_finite() { value + 0.0 } else { f64::NAN }));
        self.weights.push(weight);
        if self.weights.len() >= 2 * self.rows_max {
            *self = self.settled();
        }
    }

    #[cfg(test)]
    pub(super) fn of<const N: usize>(rows: &[[f64; N]]) -> Self {
        let mut collected = Self::new(N);
        for row in rows {
            collected.add(row, 1.0);
        }
        collected
    }

    /// Adds all rows of `other`.
    pub fn merge(&mut self, other: &Self) {
        for (row, weight) in other.iter() {
            self.add(row, weight);
        }
    }

    /// How many numbers a row has.
    pub fn width(&self) -> usize {
        self.width
    }

    /// How many rows are held, equal ones counted once if they have been settled.
    pub fn len(&self) -> usize {
        self.weights.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// The rows with their weights.
    pub fn iter(&self) -> impl Iterator<Item = (&[f64], f64)> {
        // A row without numbers has no traits to learn from, but it must not stop the program.
        self.values.chunks_exact(self.width.max(1)).zip(self.weights.iter().copied())
    }

    /// All numbers, row by row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// How often each row came.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The memory that it holds, in bytes.
    pub fn size_bytes(&self) -> usize {
        (self.values.capacity() + self.weights.capacity()) * size_of::<f64>()
    }

    /// The same rows, each once, in the order of their hashes.
    pub(super) fn settled(&self) -> Self {
        let hashes = self.iter().enumerate().map(|(at, (row, _))| (hash(row), at as u32));
        let mut order: Vec<(u64, u32)> = hashes.collect();
        order.sort_unstable_by(|(a, at_a), (b, at_b)| {
            a.cmp(b).then_with(|| compare(self.row(*at_a as usize), self.row(*at_b as usize)))
        });
        let mut settled = Self { width: self.width, rows_max: self.rows_max, values: Vec::new(), weights: Vec::new() };
        let len = self.len().min(self.rows_max);
        settled.values.reserve_exact(len * self.width);
        settled.weights.reserve_exact(len);
        let mut last = None;
        for (hash, at) in order {
            let (row, weight) = (self.row(at as usize), self.weights[at as usize]);
            let is_equal = last == Some(hash) && compare(settled.row(settled.len() - 1), row).is_eq();
            if is_equal && let Some(sum) = settled.weights.last_mut() {
                // Whole numbers: their sum is the same in any order.
                *sum += weight;
            } else if settled.len() == settled.rows_max {
                break;
            } else {
                settled.values.extend_from_slice(row);
                settled.weights.push(weight);
            }
            last = Some(hash);
        }
        settled
    }

    /// `size` rows drawn in proportion to their weights, or all if there are not more: of settled rows, laid end to end,
    /// those at equal distances.
    pub(super) fn sample(&self, size: usize) -> Self {
        if self.len() <= size {
            return self.clone();
        }
        let step = self.weights.iter().sum::<f64>() / size as f64;
        let mut sample = Self { width: self.width, rows_max: self.rows_max, values: Vec::new(), weights: Vec::new() };
        let (mut passed, mut next) = (0.0, 0.5 * step);
        for (row, weight) in self.iter() {
            passed += weight;
            let hits = if next < passed { ((passed - next) / step).ceil() } else { 0.0 };
            if hits > 0.0 {
                sample.values.extend_from_slice(row);
                sample.weights.push(hits);
                next += hits * step;
            }
        }
        sample
    }

    pub(super) fn values_mut(&mut self) -> &mut [f64] {
        &mut self.values
    }

    fn row(&self, at: usize) -> &[f64] {
        &self.values[at * self.width..][..self.width]
    }
}

/// A number that depends on the row's numbers alone, as if by chance (the finaliser of SplitMix64: Steele, Lea, Flood
/// 2014).
fn hash(row: &[f64]) -> u64 {
    row.iter().fold(0x9e37_79b9_7f4a_7c15, |hash: u64, value| {
        let mut mixed = (hash ^ value.to_bits()).wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    })
}

/// Orders rows number by number.
pub(super) fn compare(a: &[f64], b: &[f64]) -> Ordering {
    let differing = a.iter().zip(b).map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne());
    differing.unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(count: usize) -> Vec<[f64; 2]> {
        (0..count).map(|at| [(at % 70) as f64, (at % 3) as f64]).collect()
    }

    /// Rows of which at most fifty different ones are kept.
    fn few<'a>(rows: impl Iterator<Item = &'a [f64; 2]>) -> Rows {
        let mut collected = Rows { rows_max: 50, ..Rows::new(2) };
        for row in rows {
            collected.add(row, 1.0);
        }
        collected
    }

    #[test]
    fn equal_rows_become_one_whatever_their_order() {
        let rows = [[1.0, 7.0], [0.0, f64::NAN], [1.0, 7.0], [-0.0, f64::INFINITY], [2.0, 9.0]];
        let mut backwards = rows;
        backwards.reverse();
        let (forwards, backwards) = (Rows::of(&rows).settled(), Rows::of(&backwards).settled());
        assert_eq!(forwards.len(), 3);
        assert_eq!(forwards.weights().iter().sum::<f64>(), 5.0);
        assert_eq!(format!("{forwards:?}"), format!("{backwards:?}"));
    }

    #[test]
    fn of_too_many_rows_the_same_are_kept_in_any_order() {
        let rows = numbered(2_100);
        let forwards = few(rows.iter()).settled();
        let mut backwards = few(rows.iter().rev().step_by(2));
        backwards.merge(&Rows::of(&rows.iter().rev().skip(1).step_by(2).copied().collect::<Vec<_>>()));
        let backwards = backwards.settled();
        assert_eq!(forwards.len(), 50);
        // Each of the 210 different rows came ten times, and none of these is forgotten.
        assert!(forwards.weights().iter().all(|weight| *weight == 10.0));
        assert_eq!((forwards.values(), forwards.weights()), (backwards.values(), backwards.weights()));
    }

    #[test]
    fn a_sample_has_each_row_in_proportion_to_its_weight() {
        let mut rows = Rows::of(&(0..1_000).map(|at| [f64::from(at)]).collect::<Vec<_>>());
        rows.add(&[500.0], 999.0);
        let sample = rows.settled().sample(200);
        let heavy = sample.iter().find(|(row, _)| row[0] == 500.0).map(|(_, weight)| weight);
        assert_eq!(sample.weights().iter().sum::<f64>(), 200.0);
        assert!((99.0..=101.0).contains(&heavy.unwrap()), "{heavy:?}");
    }
}
