//! Centres of clusters, and Lloyd's two steps: each row to its nearest centre, each centre to the mean of its rows.

use super::super::rows::Rows;

/// Centres are looked at so many at a time: the compiler makes one instruction of several of them.
const LANES: usize = 8;
const ITERATIONS_MAX: usize = 60;
/// The search ends when an iteration brings the rows less than this part nearer to their centres.
const GAIN_MIN: f64 = 1e-7;

/// The centres, in an order of their own.
#[derive(Debug, Clone)]
pub(super) struct Centres {
    width: usize,
    centres: Vec<f64>,
}

/// How a search ended.
pub(super) struct Ended {
    /// The rows of each centre.
    pub(super) weights: Vec<f64>,
    /// The rows' squared distances to their centres.
    pub(super) inertia: f64,
}

impl Centres {
    /// No centres, of `width` traits.
    pub(super) fn none(width: usize) -> Self {
        Self { width, centres: Vec::new() }
    }

    /// One centre, in the middle of all rows.
    pub(super) fn mean(rows: &Rows) -> Self {
        let mut one = Self::none(rows.width());
        if let Some((first, _)) = rows.iter().next() {
            one.push(first);
        }
        one
    }

    pub(super) fn push(&mut self, centre: &[f64]) {
        self.centres.extend_from_slice(centre);
    }

    pub(super) fn len(&self) -> usize {
        self.centres.len() / self.width.max(1)
    }

    pub(super) fn centre(&self, at: usize) -> &[f64] {
        &self.centres[at * self.width..][..self.width]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[f64]> {
        self.centres.chunks_exact(self.width.max(1))
    }

    /// The centres at these places.
    pub(super) fn picked(&self, places: &[usize]) -> Self {
        let mut picked = Self::none(self.width);
        for at in places {
            picked.push(self.centre(*at));
        }
        picked
    }

    /// Moves the centres until they are the means of their rows.
    pub(super) fn refine(&mut self, rows: &Rows) -> Ended {
        let mut last = f64::INFINITY;
        for _ in 0..ITERATIONS_MAX {
            let Ended { inertia, .. } = self.step(rows, true);
            // Twice the same inertia: no row has changed its centre.
            if last - inertia <= GAIN_MIN * inertia {
                break;
            }
            last = inertia;
        }
        self.step(rows, false)
    }

    /// Finds each row's centre and, if asked to, moves the centres to the means of their rows. Of equally near centres the
    /// first counts. A centre without rows stays where it is.
    fn step(&mut self, rows: &Rows, moves: bool) -> Ended {
        let count = self.len();
        let near = Nearest::of(self);
        let (mut sums, mut weights, mut inertia) = (vec![0.0; self.centres.len()], vec![0.0; count], 0.0);
        for (row, weight) in rows.iter() {
            let Some((at, distance)) = near.find(row) else { break };
            inertia += weight * distance;
            weights[at] += weight;
            let sums = &mut sums[at * self.width..][..self.width];
            sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * value);
        }
        if moves {
            for (at, weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
                let range = at * self.width..(at + 1) * self.width;
                self.centres[range.clone()]
                    .iter_mut()
                    .zip(&sums[range])
                    .for_each(|(centre, sum)| *centre = sum / weight);
            }
        }
        Ended { weights, inertia }
    }
}

/// The centres laid out for finding the nearest: for each trait those of [`LANES`] centres side by side.
pub(super) struct Nearest {
    width: usize,
    lanes: Vec<[f64; LANES]>,
}

impl Nearest {
    pub(super) fn of(centres: &Centres) -> Self {
        let width = centres.width;
        // A place without a centre is infinitely far away.
        let mut lanes = vec![[f64::INFINITY; LANES]; centres.len().div_ceil(LANES) * width];
        for (at, centre) in centres.iter().enumerate() {
            let block = &mut lanes[at / LANES * width..][..width];
            block.iter_mut().zip(centre).for_each(|(lanes, value)| lanes[at % LANES] = *value);
        }
        Self { width, lanes }
    }

    /// The nearest centre with the squared distance; none if there are no centres.
    #[inline]
    pub(super) fn find(&self, row: &[f64]) -> Option<(usize, f64)> {
        let mut nearest = None;
        for (block, lanes) in self.lanes.chunks_exact(self.width.max(1)).enumerate() {
            let mut squares = [0.0; LANES];
            for (value, centres) in row.iter().zip(lanes) {
                for (square, centre) in squares.iter_mut().zip(centres) {
                    let apart = value - centre;
                    *square += apart * apart;
                }
            }
            for (lane, square) in squares.into_iter().enumerate() {
                if nearest.is_none_or(|(_, least)| square < least) {
                    nearest = Some((block * LANES + lane, square));
                }
            }
        }
        nearest
    }
}
