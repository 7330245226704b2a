//! Times the kernels that compare two values beside those of the `rapidfuzz` crate, on the same pairs in the same run, as
//! Markdown on stdout: `cargo bench --bench kernels`.
//!
//! Pairs are made of the names, streets and places in `data/`: of strangers, which most candidate pairs are, and of one
//! person with a slip of the pen. A figure is the least of several rounds in which both take turns, and includes the walk
//! over the pairs. No framework: it would be several dependencies for a loop and a minimum.

#![allow(clippy::print_stdout, reason = "the table is what it is for")]

use std::hint::black_box;
use std::time::Instant;

use onefold::identity::linkage::compare::{jaro_winkler, osa, osa_within, slips};
use rapidfuzz::distance;

type Pair = (Vec<u8>, Vec<u8>);
type Kernel<'a> = &'a dyn Fn(&[u8], &[u8]) -> f64;

const PAIRS: u64 = 20_000;
const ROUNDS: usize = 15;

/// SplitMix64.
fn chance(at: u64, end: usize) -> usize {
    let mut z = at.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) % end as u64) as usize
}

/// A column of a table in `data/`, in small letters.
fn column(table: &str, at: usize) -> Vec<String> {
    let texts = table.lines().skip(1).filter_map(|line| line.split(',').nth(at)).map(str::to_lowercase);
    texts.filter(|text| text.is_ascii() && !text.is_empty()).collect()
}

/// Pairs of strangers, or of one value with and without a slip.
fn pairs(alike: bool, value: &dyn Fn(u64) -> String) -> Vec<Pair> {
    let pair = |at: u64| {
        let one = value(2 * at).into_bytes();
        let mut other = if alike { one.clone() } else { value(2 * at + 1).into_bytes() };
        if alike {
            let place = chance(at << 20, other.len());
            match chance(at << 21, 4) {
                0 => drop(other.remove(place)),
                1 => other.insert(place, b'e'),
                2 => other[place] = b'o',
                _ if place > 0 => other.swap(place - 1, place),
                _ => {}
            }
        }
        (one, other)
    };
    (0..PAIRS).map(pair).collect()
}

/// Nanoseconds per pair of each function.
fn time(pairs: &[Pair], functions: [Kernel<'_>; 2]) -> [f64; 2] {
    let mut best = [f64::INFINITY; 2];
    for _ in 0..ROUNDS {
        for (best, function) in best.iter_mut().zip(functions) {
            let started = Instant::now();
            let sum: f64 = pairs.iter().map(|(one, other)| function(black_box(one), black_box(other))).sum();
            black_box(sum);
            *best = best.min(started.elapsed().as_secs_f64() * 1e9 / pairs.len() as f64);
        }
    }
    best
}

fn main() {
    let given = column(include_str!("../data/given_names.csv"), 4);
    let family = column(include_str!("../data/family_names.csv"), 2);
    let streets = column(include_str!("../data/streets.csv"), 2);
    let places = column(include_str!("../data/places.csv"), 2);
    let one_of = |texts: &[String], at: u64| texts[chance(at, texts.len())].clone();
    let name = |at: u64| format!("{} {}", one_of(&given, at), one_of(&family, at + 7));
    let address = |at: u64| format!("{} {} {}", 1 + chance(at, 200), one_of(&streets, at + 1), one_of(&places, at + 2));
    let date = |at: u64| {
        let (year, month, day) = (1930 + chance(at, 75), 1 + chance(at + 1, 12), 1 + chance(at + 2, 28));
        format!("{year}{month:02}{day:02}")
    };
    let values: [(&str, &dyn Fn(u64) -> String); 5] = [
        ("given name", &|at| one_of(&given, at)),
        ("family name", &|at| one_of(&family, at)),
        ("whole name", &name),
        ("address", &address),
        ("birth date", &date),
    ];
    println!(
        "Nanoseconds per pair.\n\n| kernel | values | pairs | ours | rapidfuzz | times |\n|---|---|---|--:|--:|--:|"
    );
    for (what, value) in values {
        for alike in [false, true] {
            let pairs = pairs(alike, value);
            let print = |kernel: &str, [ours, theirs]: [f64; 2]| {
                let of = if alike { "one person's" } else { "strangers'" };
                println!("| {kernel} | {what} | {of} | {ours:.1} | {theirs:.1} | {:.1} |", theirs / ours);
            };
            print(
                "Jaro–Winkler",
                time(
                    &pairs,
                    [&jaro_winkler, &|one, other| {
                        distance::jaro_winkler::similarity(one.iter().copied(), other.iter().copied())
                    }],
                ),
            );
            let theirs =
                |one: &[u8], other: &[u8]| distance::osa::distance(one.iter().copied(), other.iter().copied()) as f64;
            print("OSA", time(&pairs, [&|one, other| f64::from(osa(one, other)), &theirs]));
            let cut = distance::osa::Args::default().score_cutoff(2);
            let within = |one: &[u8], other: &[u8]| {
                let found = distance::osa::distance_with_args(one.iter().copied(), other.iter().copied(), &cut);
                f64::from(u8::from(found.is_some()))
            };
            print("OSA ≤ 2", time(&pairs, [&|one, other| f64::from(u8::from(osa_within(one, other, 2))), &within]));
            if what == "birth date" {
                let ours = |one: &[u8], other: &[u8]| match (one.try_into(), other.try_into()) {
                    (Ok(one), Ok(other)) => f64::from(slips(one, other)),
                    _ => f64::from(osa(one, other)),
                };
                print("slips of a date", time(&pairs, [&ours, &theirs]));
            }
        }
    }
}
