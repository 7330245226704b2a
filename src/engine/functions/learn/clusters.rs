//! `kmeans_fit`, `kmeans_cluster` and `kmeans_distance`: which rows are alike.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, Float64Array, Float64Builder, Int64Array, Int64Builder, StringViewBuilder, StructArray,
};
use datafusion::arrow::datatypes::{DataType, Field, Fields};
use datafusion::common::{Result, exec_err};

use super::super::FunctionDoc;
use super::super::aggregate::Aggregate;
use super::super::scalar::{Scalar, Takes};
use super::fit::{Besides, Collected, Fits, lists, state};
use super::model::{Model, Part, ask};
use super::traits::are_traits;
use crate::learn::{Clustering, Clusters, Scale, cluster};

pub(in super::super) static KMEANS_FIT: Aggregate = Aggregate {
    doc: FunctionDoc {
        name: "kmeans_fit",
        signature: "kmeans_fit(traits [, clusters])",
        returns: "STRUCT(centres LIST(STRUCT(cluster, trait, mean, deviation, centre, n)), clusters, n, explained, \
                  silhouette, why, warning)",
        summary: "Clusters of rows that are alike in their traits, a STRUCT of numbers (k-means). Traits are standardised, \
                  so that none counts for more because of its unit; beyond three standard deviations further is no \
                  further. Without `clusters`, or with 0, their number is the smallest of 3 to 8 whose mean silhouette is \
                  within a standard error of the highest, and `why` says so. Cluster 1 has most rows; a `centre` is in \
                  standard deviations from the mean of all. A trait that is NULL counts as usual; rows without any do not count. `explained` is the share \
                  of the variance between the clusters. The same in whatever order rows come; of more than a million \
                  different rows a fair sample of a million is used.",
        example: "SELECT kmeans_fit(named_struct('x', x), 2)['clusters'] FROM (VALUES (1.0), (1.1), (9.0), (NULL)) AS t(x)",
        example_result: "2",
    },
    coerce: |given| match given {
        [traits] if are_traits(traits) => Some(given.to_vec()),
        [traits, clusters] if are_traits(traits) && (clusters.is_numeric() || *clusters == DataType::Null) => {
            Some(vec![traits.clone(), DataType::Float64])
        }
        _ => None,
    },
    returns: |_| DataType::Struct(fields()),
    state: |name, _| state(name),
    groups: |arguments| Ok(Box::new(Fits::new(Besides::Setting, arguments, fits))),
};

pub(in super::super) static KMEANS_CLUSTER: Scalar = Scalar {
    doc: FunctionDoc {
        name: "kmeans_cluster",
        signature: "kmeans_cluster(model, traits)",
        returns: "BIGINT",
        summary: "The cluster that is nearest to a row with these traits, by a model from kmeans_fit: a STRUCT whose \
                  `centres` have `cluster`, `trait`, `mean`, `deviation` and `centre`. Traits are matched by name; one \
                  that is NULL counts as usual. NULL if an argument is, or if no trait is known.",
        example: "kmeans_cluster(named_struct('centres', make_array(named_struct('cluster', 1, 'trait', 'x', 'mean', 4.0, \
                  'deviation', 2.0, 'centre', -1.0), named_struct('cluster', 2, 'trait', 'x', 'mean', 4.0, 'deviation', \
                  2.0, 'centre', 1.5))), named_struct('x', 6))",
        example_result: "2",
    },
    takes: &[Takes::Learnt(Assignment::LIST, Assignment::NUMBERS), Takes::Traits],
    more: None,
    returns: DataType::Int64,
    check: None,
    kernel: |arguments, rows| {
        let answers =
            ask(arguments, rows, |model: &Assignment, traits| model.find(traits).map(|(cluster, _)| cluster))?;
        Ok(Arc::new(answers.into_iter().collect::<Int64Array>()))
    },
};

pub(in super::super) static KMEANS_DISTANCE: Scalar = Scalar {
    doc: FunctionDoc {
        name: "kmeans_distance",
        signature: "kmeans_distance(model, traits)",
        returns: "DOUBLE",
        summary: "How far a row with these traits is from the centre of its cluster, in standard deviations: small for \
                  who is typical of it. As kmeans_cluster.",
        example: "kmeans_distance(named_struct('centres', make_array(named_struct('cluster', 1, 'trait', 'x', 'mean', \
                  4.0, 'deviation', 2.0, 'centre', -1.0), named_struct('cluster', 2, 'trait', 'x', 'mean', 4.0, \
                  'deviation', 2.0, 'centre', 1.5))), named_struct('x', 6))",
        example_result: "0.5",
    },
    takes: &[Takes::Learnt(Assignment::LIST, Assignment::NUMBERS), Takes::Traits],
    more: None,
    returns: DataType::Float64,
    check: None,
    kernel: |arguments, rows| {
        let answers = ask(arguments, rows, |model: &Assignment, traits| model.find(traits).map(|(_, far)| far))?;
        Ok(Arc::new(answers.into_iter().collect::<Float64Array>()))
    },
};

/// The most clusters that can be asked for.
const CLUSTERS_MAX: f64 = 64.0;

fn centre_fields() -> Fields {
    [
        ("cluster", DataType::Int64),
        ("trait", DataType::Utf8View),
        ("mean", DataType::Float64),
        ("deviation", DataType::Float64),
        ("centre", DataType::Float64),
        ("n", DataType::Int64),
    ]
    .into_iter()
    .map(|(name, data_type)| Field::new(name, data_type, true))
    .collect()
}

fn fields() -> Fields {
    [
        ("centres", DataType::new_list(DataType::Struct(centre_fields()), true)),
        ("clusters", DataType::Int64),
        ("n", DataType::Int64),
        ("explained", DataType::Float64),
        ("silhouette", DataType::Float64),
        ("why", DataType::Utf8View),
        ("warning", DataType::Utf8View),
    ]
    .into_iter()
    .map(|(name, data_type)| Field::new(name, data_type, true))
    .collect()
}

fn fits(names: &[String], groups: &[Collected]) -> Result<ArrayRef> {
    let fits: Vec<Clustering> = groups.iter().map(fit).collect::<Result<_>>()?;
    let (mut numbers, mut sizes) = (Int64Builder::new(), Int64Builder::new());
    let mut traits = StringViewBuilder::new();
    let mut parts: [Float64Builder; 3] = std::array::from_fn(|_| Float64Builder::new());
    for fit in &fits {
        for (number, centre) in (1..).zip(&fit.centres) {
            for ((name, Scale { mean, deviation }), value) in names.iter().zip(&fit.scales).zip(&centre.traits) {
                numbers.append_value(number);
                traits.append_value(name);
                parts.iter_mut().zip([mean, deviation, value]).for_each(|(part, number)| part.append_value(*number));
                sizes.append_value(centre.n as i64);
            }
        }
    }
    let mut columns: Vec<ArrayRef> = vec![Arc::new(numbers.finish()), Arc::new(traits.finish())];
    columns.extend(parts.iter_mut().map(|part| Arc::new(part.finish()) as ArrayRef));
    columns.push(Arc::new(sizes.finish()));
    let centres = lists(&centre_fields(), columns, fits.iter().map(|fit| fit.centres.len() * names.len()))?;
    let (mut clusters, mut n) = (Int64Builder::new(), Int64Builder::new());
    let (mut explained, mut silhouette) = (Float64Builder::new(), Float64Builder::new());
    let (mut why, mut warning) = (StringViewBuilder::new(), StringViewBuilder::new());
    // What cannot be said is NULL.
    let known = |value: f64| (!value.is_nan()).then_some(value);
    for fit in fits {
        clusters.append_value(fit.centres.len() as i64);
        n.append_value(fit.n as i64);
        explained.append_option(known(fit.explained));
        silhouette.append_option(known(fit.silhouette));
        why.append_value(fit.why);
        warning.append_option(fit.warning);
    }
    let columns: Vec<ArrayRef> = vec![
        centres,
        Arc::new(clusters.finish()),
        Arc::new(n.finish()),
        Arc::new(explained.finish()),
        Arc::new(silhouette.finish()),
        Arc::new(why.finish()),
        Arc::new(warning.finish()),
    ];
    Ok(Arc::new(StructArray::try_new(fields(), columns, None)?))
}

fn fit(group: &Collected) -> Result<Clustering> {
    let clusters = match group.setting {
        None | Some(0.0) => None,
        Some(clusters) if clusters.fract() == 0.0 && (1.0..=CLUSTERS_MAX).contains(&clusters) => {
            Some(clusters as usize)
        }
        Some(clusters) => {
            return exec_err!("the number of clusters is 1 to {CLUSTERS_MAX}, or 0 for any, not {clusters}");
        }
    };
    Ok(cluster(&group.rows, clusters))
}

/// Clusters that have been found, with their numbers.
struct Assignment {
    names: Vec<String>,
    numbers: Vec<i64>,
    clusters: Clusters,
}

impl Assignment {
    fn find(&self, traits: &mut [f64]) -> Option<(i64, f64)> {
        self.clusters.find(traits).map(|(at, distance)| (self.numbers[at], distance))
    }
}

impl Model for Assignment {
    const LIST: &'static str = "centres";
    const NUMBERS: &'static [&'static str] = &["cluster", "mean", "deviation", "centre"];

    fn read(parts: &[Part]) -> Result<Self> {
        // By cluster, and in each by the name of the trait.
        let mut parts: Vec<&Part> = parts.iter().collect();
        parts.sort_by(|a, b| a.numbers[0].total_cmp(&b.numbers[0]).then_with(|| a.name.cmp(&b.name)));
        let clusters: Vec<&[&Part]> = parts.chunk_by(|a, b| a.numbers[0] == b.numbers[0]).collect();
        let first = clusters.first().copied().unwrap_or_default();
        let is_of_first = |cluster: &&&[&Part]| {
            let (theirs, ours) = (cluster.iter().map(|part| &part.name), first.iter().map(|part| &part.name));
            theirs.eq(ours)
        };
        if let Some(other) = clusters.iter().find(|cluster| !is_of_first(cluster)) {
            return exec_err!(
                "cluster {} of the model has other traits than cluster {}",
                other[0].numbers[0],
                first[0].numbers[0]
            );
        }
        let scales = first.iter().map(|part| Scale { mean: part.numbers[1], deviation: part.numbers[2] }).collect();
        let centres: Vec<Vec<f64>> =
            clusters.iter().map(|cluster| cluster.iter().map(|part| part.numbers[3]).collect()).collect();
        Ok(Self {
            names: first.iter().map(|part| part.name.clone()).collect(),
            numbers: clusters.iter().map(|cluster| cluster[0].numbers[0] as i64).collect(),
            clusters: Clusters::new(scales, centres.iter().map(Vec::as_slice)),
        })
    }

    fn traits(&self) -> &[String] {
        &self.names
    }
}
