//! Clusters of like rows: k-means (Lloyd 1982) on standardised traits, seeded by k-means++ (Arthur, Vassilvitskii 2007),
//! the number of clusters chosen by the silhouette (Rousseeuw 1987).
//!
//! A value further from the mean than [`REACH`] standard deviations counts as if it were no further, so that one customer
//! far from all others does not become a cluster, nor move one. Amounts and times, whose deviation is that of the few
//! largest, are better given as logarithms. Numbers of clusters and seeds are tried on a fair sample; what is found there
//! is refined on all rows.

mod centres;
mod seed;
mod silhouette;

use super::rows::{Rows, compare};
use super::scale::Scale;
use centres::{Centres, Nearest};
use silhouette::{Silhouette, silhouette};

/// How far from the mean a value can be, in standard deviations.
const REACH: f64 = 3.0;
/// Numbers of clusters that are tried: two say little of a customer base, and nobody remembers nine.
const TRIED: std::ops::RangeInclusive<usize> = 3..=8;
/// With fewer rows for each cluster, clusters are those of chance.
const ROWS_PER_CLUSTER_MIN: f64 = 10.0;
/// How many rows numbers of clusters and seeds are tried on, and silhouettes are computed of.
const SAMPLE_ROWS: usize = 8_192;
const SILHOUETTE_ROWS: usize = 2_048;
/// How often k-means starts anew from other seeds; the best end is taken.
const STARTS: u64 = 5;
/// Below this mean silhouette no substantial structure has been found (Kaufman, Rousseeuw 1990, table 4).
const SILHOUETTE_WEAK: f64 = 0.25;

/// The clusters of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Clustering {
    /// How each trait is put on the common scale.
    pub scales: Vec<Scale>,
    /// The clusters, the one with most rows first.
    pub centres: Vec<Centre>,
    /// The rows that it has learnt from.
    pub n: u64,
    /// The share of the rows' variance between the clusters, 0 to 1; NaN where nothing varies.
    pub explained: f64,
    /// The mean silhouette, −1 to 1: how much nearer rows are to their own cluster than to the next; NaN for one cluster.
    pub silhouette: f64,
    /// Why there are so many clusters.
    pub why: String,
    /// What a user must know before reading meaning into them.
    pub warning: Option<String>,
}

/// The middle of a cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Centre {
    /// For each trait, in standard deviations from the mean of all rows.
    pub traits: Vec<f64>,
    /// How many of the rows are in it.
    pub n: u64,
}

/// Clusters `rows`: into `clusters`, or into as many as their silhouette speaks for.
pub fn cluster(rows: &Rows, clusters: Option<usize>) -> Clustering {
    let mut rows = rows.settled();
    let scales = Scale::of(&rows, 0);
    for row in rows.values_mut().chunks_exact_mut(scales.len()) {
        row.iter_mut().zip(&scales).for_each(|(value, scale)| *value = standardise(scale, *value));
    }
    let sample = rows.sample(SAMPLE_ROWS);
    let choice = choose(&rows, &sample, clusters);
    let mut centres = choice.centres;
    let mut ended = centres.refine(&rows);
    order(&mut centres, &mut ended);
    let n: f64 = rows.weights().iter().sum();
    let total = Centres::mean(&rows).refine(&rows).inertia;
    let is_weak = choice.silhouette < SILHOUETTE_WEAK;
    let warning = is_weak.then(|| {
        format!(
            "the clusters run into one another (mean silhouette {:.2}, below {SILHOUETTE_WEAK}): read them as regions of \
             one crowd, not as kinds of their own",
            choice.silhouette
        )
    });
    let centre = |(centre, weight): (&[f64], &f64)| Centre { traits: centre.to_vec(), n: *weight as u64 };
    Clustering {
        centres: centres.iter().zip(&ended.weights).map(centre).collect(),
        scales,
        n: n as u64,
        explained: if total > 0.0 { 1.0 - ended.inertia / total } else { f64::NAN },
        silhouette: choice.silhouette,
        why: choice.why,
        warning: choice.warning.or(warning),
    }
}

/// The value on the scale on which clusters are found.
fn standardise(scale: &Scale, value: f64) -> f64 {
    scale.standardise(value).clamp(-REACH, REACH)
}

/// Clusters that have been found, for rows that look for theirs.
pub struct Clusters {
    scales: Vec<Scale>,
    nearest: Nearest,
}

impl Clusters {
    /// The clusters with these centres, in standard deviations of each trait.
    pub fn new<'a>(scales: Vec<Scale>, centres: impl IntoIterator<Item = &'a [f64]>) -> Self {
        let mut all = Centres::none(scales.len());
        centres.into_iter().for_each(|centre| all.push(centre));
        Self { nearest: Nearest::of(&all), scales }
    }

    /// The nearest cluster, counted from 0, and how far its centre is, in standard deviations; none if there are no
    /// clusters. `row`, the traits, is put on the common scale.
    pub fn find(&self, row: &mut [f64]) -> Option<(usize, f64)> {
        row.iter_mut().zip(&self.scales).for_each(|(value, scale)| *value = standardise(scale, *value));
        self.nearest.find(row).map(|(at, square)| (at, square.sqrt()))
    }
}

/// Where the clusters come from.
struct Choice {
    centres: Centres,
    silhouette: f64,
    why: String,
    warning: Option<String>,
}

fn choose(rows: &Rows, sample: &Rows, clusters: Option<usize>) -> Choice {
    let n: f64 = rows.weights().iter().sum();
    if rows.is_empty() {
        let warning = Some("there are no rows: nothing to learn from".to_owned());
        let why = "none: there are no rows".to_owned();
        return Choice { centres: Centres::none(rows.width()), silhouette: f64::NAN, why, warning };
    }
    if let Some(clusters) = clusters {
        let centres = best(sample, clusters);
        let why = match centres.len() {
            found if found == clusters => format!("{clusters}, as asked for"),
            found => format!("{found}, one for each different row; {clusters} were asked for"),
        };
        return Choice::without_rivals(sample, centres, why);
    }
    let fewest = *TRIED.start();
    if n < fewest as f64 * ROWS_PER_CLUSTER_MIN {
        let why = format!("1: so few rows ({n}) do not tell {fewest} clusters from chance");
        return Choice::without_rivals(sample, Centres::mean(sample), why);
    }
    if sample.len() <= fewest {
        let why = format!("{}, one for each different row", sample.len());
        return Choice::without_rivals(sample, best(sample, sample.len()), why);
    }
    let tried: Vec<usize> = TRIED.filter(|k| *k as f64 * ROWS_PER_CLUSTER_MIN <= n && *k < sample.len()).collect();
    by_silhouette(sample, &tried)
}

impl Choice {
    /// A number of clusters that is not chosen by the silhouette.
    fn without_rivals(sample: &Rows, centres: Centres, why: String) -> Self {
        let silhouette = silhouette(&sample.sample(SILHOUETTE_ROWS), &centres).mean;
        Self { centres, silhouette, why, warning: None }
    }
}

/// The smallest number of clusters whose mean silhouette is within a standard error of the highest (the rule of Breiman et
/// al. 1984): more clusters must earn their place.
fn by_silhouette(sample: &Rows, tried: &[usize]) -> Choice {
    let part = sample.sample(SILHOUETTE_ROWS);
    let found: Vec<(Centres, Silhouette)> = tried
        .iter()
        .map(|clusters| {
            let centres = best(sample, *clusters);
            let silhouette = silhouette(&part, &centres);
            (centres, silhouette)
        })
        .collect();
    let said: Vec<String> =
        found.iter().map(|(centres, silhouette)| format!("{}: {:.3}", centres.len(), silhouette.mean)).collect();
    let highest = found.iter().map(|(_, silhouette)| *silhouette).reduce(|a, b| if b.mean > a.mean { b } else { a });
    let highest = highest.expect("one or more were tried");
    let chosen = found.into_iter().find(|(_, silhouette)| silhouette.mean >= highest.mean - highest.error);
    let (centres, silhouette) = chosen.expect("the highest is one of them");
    let reason = if silhouette.mean == highest.mean {
        "which has the highest mean silhouette".to_owned()
    } else {
        format!("the fewest whose mean silhouette is within {:.3}, its standard error, of the highest", highest.error)
    };
    let why = format!("{}, {reason} ({})", centres.len(), said.join(", "));
    Choice { centres, silhouette: silhouette.mean, why, warning: None }
}

/// The best of several searches, by the rows' distances to their centres.
fn best(sample: &Rows, clusters: usize) -> Centres {
    let search = |start| {
        let mut centres = seed::seed(sample, clusters, start);
        let inertia = centres.refine(sample).inertia;
        (centres, inertia)
    };
    let ends = (0..STARTS).map(search);
    let best = ends.reduce(|best, end| if end.1 < best.1 { end } else { best });
    best.expect("there is at least one start").0
}

/// Numbers clusters by how many rows they have, and equal ones by their centres: a number means the same whatever the
/// seeds.
fn order(centres: &mut Centres, ended: &mut centres::Ended) {
    let mut order: Vec<usize> = (0..centres.len()).collect();
    order.sort_by(|a, b| {
        let larger = ended.weights[*b].total_cmp(&ended.weights[*a]);
        larger.then_with(|| compare(centres.centre(*b), centres.centre(*a)))
    });
    ended.weights = order.iter().map(|at| ended.weights[*at]).collect();
    *centres = centres.picked(&order);
}

#[cfg(test)]
mod tests {
    use super::super::simulate::{Chance, shuffled};
    use super::*;

    /// `counts[i]` rows around the i-th of some corners, with a third trait that says nothing.
    fn blobs(counts: &[usize]) -> Vec<[f64; 3]> {
        let corners = [[0.0, 0.0], [100.0, 0.0], [0.0, 0.01], [100.0, 0.01], [50.0, 0.005]];
        let mut chance = Chance::new(5);
        let mut blob = |(corner, count): (&[f64; 2], &usize)| -> Vec<[f64; 3]> {
            let row = |_| [corner[0] + 6.0 * chance.normal(), corner[1] + 0.0006 * chance.normal(), 7.0];
            (0..*count).map(row).collect()
        };
        corners.iter().zip(counts).flat_map(&mut blob).collect()
    }

    fn sizes(clustering: &Clustering) -> Vec<u64> {
        clustering.centres.iter().map(|centre| centre.n).collect()
    }

    #[test]
    fn clusters_that_lie_apart_are_found_and_their_number_too() {
        for counts in [&[400, 300, 200][..], &[500, 400, 300, 200], &[600, 500, 400, 300, 200]] {
            let clustering = cluster(&Rows::of(&blobs(counts)), None);
            assert_eq!(sizes(&clustering), counts.iter().map(|count| *count as u64).collect::<Vec<_>>());
            assert!(clustering.silhouette > 0.7 && clustering.explained > 0.9, "{clustering:?}");
            assert!(clustering.warning.is_none() && clustering.why.starts_with(&counts.len().to_string()));
            // The centre of the largest, in the unit of the data.
            let natural = clustering.scales[0].mean + clustering.scales[0].deviation * clustering.centres[0].traits[0];
            assert!(natural.abs() < 2.0, "{natural}");
        }
    }

    #[test]
    fn rows_find_the_cluster_in_which_they_were() {
        let data = blobs(&[500, 400, 300]);
        let clustering = cluster(&Rows::of(&data), None);
        let clusters =
            Clusters::new(clustering.scales.clone(), clustering.centres.iter().map(|centre| &centre.traits[..]));
        for (at, row) in data.iter().enumerate() {
            let (cluster, distance) = clusters.find(&mut row.clone()).unwrap();
            assert_eq!(cluster, usize::from(at >= 500) + usize::from(at >= 900));
            assert!(distance < 1.0, "{distance}");
        }
        assert_eq!(Clusters::new(clustering.scales, []).find(&mut [0.0; 3]), None);
    }

    #[test]
    fn more_rows_than_a_sample_holds_give_the_same_clusters() {
        let clustering = cluster(&Rows::of(&blobs(&[30_000, 20_000, 10_000, 500])), None);
        assert_eq!(sizes(&clustering), [30_000, 20_000, 10_000, 500]);
    }

    #[test]
    fn the_order_of_rows_and_their_parts_never_show() {
        let data = blobs(&[500, 400, 300, 200]);
        let clustering = cluster(&Rows::of(&data), Some(6));
        let mut merged = Rows::new(3);
        for part in shuffled(&data, 3).chunks(99) {
            merged.merge(&Rows::of(part));
        }
        assert_eq!(cluster(&merged, Some(6)), clustering);
        assert_eq!(clustering.centres.len(), 6);
    }

    #[test]
    fn one_value_out_of_reach_makes_no_cluster() {
        let mut data = blobs(&[400, 300, 200]);
        data.push([1e3, 0.0, 7.0]);
        let (with, without) = (cluster(&Rows::of(&data), Some(3)), cluster(&Rows::of(&data[..900]), Some(3)));
        assert!(sizes(&with).iter().all(|size| *size > 100), "{with:?}");
        assert_eq!(sizes(&without), [400, 300, 200]);
    }

    #[test]
    fn a_crowd_without_clusters_is_called_one() {
        let mut chance = Chance::new(9);
        let data: Vec<_> = (0..2_000).map(|_| [chance.normal(), chance.normal(), chance.normal()]).collect();
        let warning = cluster(&Rows::of(&data), None).warning.unwrap_or_default();
        assert!(warning.starts_with("the clusters run into one another (mean silhouette 0."), "{warning}");
    }

    #[test]
    fn few_rows_equal_rows_and_no_rows_have_an_answer() {
        let none = cluster(&Rows::new(3), None);
        assert_eq!(
            (none.centres.len(), none.warning.as_deref()),
            (0, Some("there are no rows: nothing to learn from"))
        );
        let one = cluster(&Rows::of(&[[1.0, 2.0, 3.0]]), None);
        assert_eq!((sizes(&one), one.centres[0].traits.as_slice()), (vec![1], &[0.0; 3][..]));
        assert_eq!(one.why, "1: so few rows (1) do not tell 3 clusters from chance");
        let same = cluster(&Rows::of(&[[1.0, 2.0, 3.0]; 100]), None);
        assert_eq!((sizes(&same), same.why.as_str()), (vec![100], "1, one for each different row"));
        assert!(same.explained.is_nan() && same.silhouette.is_nan() && same.warning.is_none());
        let few = cluster(&Rows::of(&[[1.0, 2.0, 3.0], [2.0, 2.0, 3.0], [1.0, 2.0, 3.0]]), Some(5));
        assert_eq!((sizes(&few), few.why.as_str()), (vec![2, 1], "2, one for each different row; 5 were asked for"));
        let unknown = cluster(&Rows::of(&[[f64::NAN; 3], [f64::INFINITY; 3]]), Some(2));
        assert_eq!(sizes(&unknown), [2]);
    }
}
