//! Counts beside those of the plainest way to count.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

/// Sets, and every pair of each.
fn naive(lines: &[(u8, u32)], items: usize, limits: &Limits) -> Counts {
    let mut baskets: BTreeMap<u8, BTreeSet<u32>> = BTreeMap::new();
    for (basket, item) in lines {
        baskets.entry(*basket).or_default().insert(*item);
    }
    let (small, large): (Vec<_>, Vec<_>) = baskets.into_values().partition(|basket| basket.len() <= limits.items_max);
    let (mut by_item, mut pairs) = (vec![0; items], BTreeMap::new());
    for basket in &small {
        for item in basket {
            by_item[*item as usize] += 1;
            for other in basket.range(item + 1..) {
                *pairs.entry((*item, *other)).or_insert(0) += 1;
            }
        }
    }
    let enough = limits.baskets_min;
    let rare_items = by_item.iter().filter(|n| (1..enough).contains(*n)).count() as u64;
    let pairs = pairs.into_iter().filter(|(_, baskets)| *baskets >= enough);
    let pairs = pairs.map(|((item, other), baskets)| Pair { item, other, baskets }).collect();
    Counts { baskets: small.len() as u64, large_baskets: large.len() as u64, rare_items, by_item, pairs }
}

/// A basket's key with its number in the leading bits, by which baskets are dealt into parts.
fn key(basket: u8) -> u128 {
    u128::from(basket) << 120 | 7
}

/// Every rule of everything bought, and a sort.
fn naive_next(purchases: &[(u32, u32)], customers: u32, rules: &[Vec<Rule>], best: usize) -> Vec<Candidate> {
    let of = |customer: u32| {
        let bought: BTreeSet<u32> =
            purchases.iter().filter(|(who, _)| *who == customer).map(|(_, item)| *item).collect();
        let mut all: Vec<Candidate> = bought
            .iter()
            .flat_map(|because| rules[*because as usize].iter().map(move |rule| (because, rule)))
            .filter(|(_, rule)| !bought.contains(&rule.item))
            .map(|(because, rule)| Candidate {
                customer,
                place: 0,
                item: rule.item,
                because: *because,
                score: rule.score,
            })
            .collect();
        all.sort_by(|a, b| b.score.total_cmp(&a.score).then((a.item, a.because).cmp(&(b.item, b.because))));
        let mut seen = BTreeSet::new();
        let distinct = all.into_iter().filter(move |candidate| seen.insert(candidate.item)).take(best);
        (1..).zip(distinct).map(|(place, candidate)| Candidate { place, ..candidate }).collect::<Vec<_>>()
    };
    (0..customers).flat_map(of).collect()
}

proptest! {
    #[test]
    fn candidates_are_those_of_all_rules(
        purchases in prop::collection::vec((0..9_u32, 0..8_u32), 0..60),
        rules in prop::collection::vec(prop::collection::vec((0..8_u32, 0..4_u8), 0..5), 8),
        best in 0..4_usize,
    ) {
        let rules: Vec<Vec<Rule>> = rules
            .into_iter()
            .map(|rules| rules.into_iter().map(|(item, score)| Rule { item, score: f64::from(score) }).collect())
            .collect();
        prop_assert_eq!(next(&purchases, 9, &rules, best, 2), naive_next(&purchases, 9, &rules, best));
    }

    #[test]
    fn counts_are_those_of_sets(
        lines in prop::collection::vec((any::<u8>(), 0..12_u32), 0..400),
        baskets_min in 0..6_u32,
        items_max in 1..9_usize,
        threads in 1..4_usize,
        cut in 0..400_usize,
    ) {
        let limits = Limits { baskets_min, items_max, threads };
        let (one, other) = lines.split_at(cut.min(lines.len()));
        // Numbered from the end, and the second part from its own end.
        let places: Vec<u32> = (0..12).rev().collect();
        let [mut all, mut more] = [Lines::default(), Lines::default()];
        for (basket, item) in one {
            all.push(key(*basket), 11 - item);
        }
        for (basket, item) in other {
            more.push(key(*basket), *item);
        }
        let (keys, ends, items) = more.columns();
        all.append(keys.iter().copied(), ends, items, &places).unwrap();
        prop_assert_eq!(count(&all, &places, &limits), naive(&lines, 12, &limits));
    }
}

#[test]
fn many_parts_and_threads_give_what_one_gives() {
    // More runs than fit into a part, each basket in two of them.
    let mut lines = Lines::default();
    for round in 0..2_u32 {
        for basket in 0..40_000_u32 {
            let scattered = u128::from(basket.wrapping_mul(0x9e37_79b1)) << 96;
            lines.push(scattered, basket % 97);
            lines.push(scattered, 97 + (basket / 7 + round) % 31);
        }
    }
    let limits = Limits { baskets_min: 2, items_max: 10, threads: 1 };
    let places: Vec<u32> = (0..128).collect();
    let counts = count(&lines, &places, &limits);
    assert_eq!(counts.baskets, 40_000);
    assert_eq!(counts.by_item.iter().sum::<u32>(), 3 * 40_000);
    assert_eq!(counts.pairs.iter().map(|pair| pair.baskets).sum::<u32>(), 3 * 40_000);
    assert_eq!(count(&lines, &places, &Limits { threads: 3, ..limits }), counts);
}

#[test]
fn columns_that_do_not_fit_are_no_lines() {
    let append = |keys: Vec<u128>, ends: &[u32], items: &[u32]| {
        Lines::default().append(keys.into_iter(), ends, items, &[0, 1, 2, 3, 4, 5])
    };
    assert!(append(vec![1], &[1], &[5]).is_some());
    assert!(append(vec![1], &[], &[5]).is_none(), "a run without an end");
    assert!(append(vec![1], &[2], &[5]).is_none(), "an end behind the last line");
    assert!(append(vec![1], &[1], &[6]).is_none(), "an item without a number");
    assert!(append(vec![], &[], &[]).is_some());
}
