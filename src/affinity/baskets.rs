//! From lines to baskets: each basket once, with its distinct items in order.

use super::lines::Lines;
use super::pairs::Limits;
use super::parallel::fold;

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

/// What was found in a part of the lines, or in all.
#[derive(Default)]
pub(super) struct Gathered {
    /// The baskets of two items or more, by part.
    parts: Vec<(usize, Baskets)>,
    /// Baskets by item.
    pub(super) by_item: Vec<u32>,
    /// Baskets that count.
    pub(super) baskets: u64,
    /// Baskets of too many items, which do not.
    pub(super) large_baskets: u64,
}

/// Gathers the lines of each basket, whatever order they come in. Items are known by their places from then on.
pub(super) fn gather(lines: &Lines, places: &[u32], limits: &Limits) -> Gathered {
    let items = places.len();
    let parts = lines.parts((lines.runs() / RUNS_PER_PART).next_power_of_two().ilog2(), places);
    let gather_part = |own: &mut Gathered, part: usize| {
        own.by_item.resize(items, 0);
        let lines = &parts[part];
        let (mut baskets, mut basket) = (Baskets::default(), Vec::new());
        for runs in lines.sorted_runs().chunk_by(|one, other| one.0 == other.0) {
            basket.clear();
            runs.iter().for_each(|(_, start)| lines.read_run(*start, &mut basket));
            basket.sort_unstable();
            basket.dedup();
            if basket.len() > limits.items_max {
                own.large_baskets += 1;
                continue;
            }
            own.baskets += 1;
            basket.iter().for_each(|item| own.by_item[*item as usize] += 1);
            if basket.len() > 1 {
                baskets.push(basket.iter().copied());
            }
        }
        own.parts.push((part, baskets));
    };
    let mut all = Gathered { by_item: vec![0; items], ..Gathered::default() };
    for mut own in fold(limits.threads, parts.len(), gather_part) {
        all.parts.append(&mut own.parts);
        all.by_item.iter_mut().zip(&own.by_item).for_each(|(sum, own)| *sum += own);
        all.baskets += own.baskets;
        all.large_baskets += own.large_baskets;
    }
    all.parts.sort_unstable_by_key(|(part, _)| *part);
    all
}

impl Gathered {
    /// The baskets with two items or more of those to which `number` gives a number, by which items are known from then on.
    /// Numbers ascend with items.
    pub(super) fn keep(self, number: &[Option<u32>]) -> Baskets {
        let size = |of: fn(&Baskets) -> usize| self.parts.iter().map(|(_, part)| of(part)).sum();
        let (items, ends) = (size(|part| part.items.len()), size(|part| part.ends.len()));
        let mut kept = Baskets { items: Vec::with_capacity(items), ends: Vec::with_capacity(ends) };
        let mut basket = Vec::new();
        for (_, part) in self.parts {
            for items in part.iter() {
                basket.clear();
                basket.extend(items.iter().filter_map(|item| number[*item as usize]));
                if basket.len() > 1 {
                    kept.push(basket.iter().copied());
                }
            }
        }
        kept
    }
}
