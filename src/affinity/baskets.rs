//! From lines to baskets: each basket once, with its distinct items in order.

use super::lines::Lines;
use super::pairs::Limits;
use crate::parallel::fold;

/// Lines are gathered in parts of about so many runs, which fit into a core's cache.
const RUNS_PER_PART: usize = 1 << 13;

/// Baskets one behind the other, the items of each in ascending order.
#[derive(Debug, Default)]
pub(super) struct Baskets {
    items: Vec<u32>,
    /// Per basket: where its items end.
    ends: Vec<u32>,
}

impl Baskets {
    fn push(&mut self, items: impl IntoIterator<Item = u32>) {
        self.items.extend(items);
        self.ends.push(self.items.len() as u32);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let basket = &self.items[start..*end as usize];
            start = *end as usize;
            basket
        })
    }
}

/// What was found in some of the lines, or in all.
#[derive(Default)]
pub(super) struct Gathered {
    /// The baskets of two items or more, in parts.
    parts: Vec<Baskets>,
    /// Baskets by item.
    pub(super) by_item: Vec<u32>,
    /// Baskets that count.
    pub(super) baskets: u64,
    /// Baskets of too many items, which do not.
    pub(super) large_baskets: u64,
}

/// Gathers the lines of each basket, whatever order they come in. Items are known by their places from then on.
pub(super) fn gather(lines: &Lines, places: &[u32], limits: &Limits) -> Gathered {
    let bits = (lines.runs() / RUNS_PER_PART).next_power_of_two().ilog2();
    // Parts are dealt out to threads in bands; all lines are looked at for each band.
    let bands = limits.threads.next_power_of_two().min(1 << bits);
    let per_band = (1 << bits) / bands;
    let gather_band = |own: &mut Gathered, band: usize| {
        own.by_item.resize(places.len(), 0);
        let mut baskets = Baskets::default();
        for part in lines.parts(bits, band * per_band..(band + 1) * per_band, places) {
            own.gather_part(&part, bits, limits, &mut baskets);
        }
        own.parts.push(baskets);
    };
    let mut all = Gathered { by_item: vec![0; places.len()], ..Gathered::default() };
    for mut own in fold(limits.threads, bands, gather_band) {
        all.parts.append(&mut own.parts);
        all.by_item.iter_mut().zip(&own.by_item).for_each(|(sum, own)| *sum += own);
        all.baskets += own.baskets;
        all.large_baskets += own.large_baskets;
    }
    all
}

impl Gathered {
    fn gather_part(&mut self, lines: &Lines, bits: u32, limits: &Limits, baskets: &mut Baskets) {
        let mut basket = Vec::new();
        for runs in lines.sorted_runs(bits).chunk_by(|one, other| lines.are_one(*one, *other)) {
            basket.clear();
            for run in runs {
                basket.extend_from_slice(lines.items(*run));
            }
            basket.sort_unstable();
            basket.dedup();
            if basket.len() > limits.items_max {
                self.large_baskets += 1;
                continue;
            }
            self.baskets += 1;
            for item in &basket {
                self.by_item[*item as usize] += 1;
            }
            if basket.len() > 1 {
                baskets.push(basket.iter().copied());
            }
        }
    }

    /// The baskets with two items or more of those to which `number` gives a number, by which items are known from then on.
    /// Numbers ascend with items. Baskets come in no order.
    pub(super) fn keep(self, number: &[Option<u32>], threads: usize) -> Vec<Baskets> {
        let keep_part = |own: &mut Vec<Baskets>, part: usize| {
            let (mut kept, mut basket) = (Baskets::default(), Vec::new());
            for items in self.parts[part].iter() {
                basket.clear();
                basket.extend(items.iter().filter_map(|item| number[*item as usize]));
                if basket.len() > 1 {
                    kept.push(basket.iter().copied());
                }
            }
            own.push(kept);
        };
        fold(threads, self.parts.len(), keep_part).into_iter().flatten().collect()
    }
}
