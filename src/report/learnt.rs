//! What the model learnt, and what came of it.

use super::html::Html;
use super::{CHART, Report};
use crate::chart::{Bars, Column, Group, Histogram, Mark, Row, Series, Svg, bits, percent, thousands};
use crate::identity::linkage::diagnose::{Comparison, Level, State};

pub(super) fn weights(report: &Report<'_>) -> Html {
    let prior = report.diagnostics.prior;
    let mut html = Html::default();
    html.element(
        "p",
        "",
        &format!(
            "Any two records are taken for one person's with a probability of {}, which is {} bits. Each agreement or \
             difference adds its weight: a bit doubles the odds, ten bits make them a thousandfold. Rare values add more \
             than usual ones, which is not in this chart.",
            percent(prior),
            bits((prior / (1.0 - prior)).log2() as f32)
        ),
    );
    let row =
        |level: &Level| Row { label: level.name.to_owned(), values: vec![level.weight], figure: bits(level.weight) };
    let bars = Bars {
        title: "Match weights",
        description: "Of each level of agreement, the bits that it adds to the match weight.",
        series: Series::Signed(["for one person", "against"]),
        groups: groups(&report.diagnostics.comparisons, row),
        width: CHART,
    };
    html.raw("<div class=\"two\">\n");
    html.figure(&bars.draw(), "Match weights, in bits: what a level of agreement adds.");
    html.figure(
        &probabilities(report),
        "How often a level is reached by records of one person (m) and of two people (u).",
    );
    html.raw("</div>\n");
    html.element(
        "p",
        "",
        "m is how often two records of one person reach a level, u how often records of two people do. What is far apart \
         tells people apart; m at “different” is how often a column is wrong or has changed.",
    );
    html
}

fn probabilities(report: &Report<'_>) -> Svg {
    let row = |level: &Level| Row {
        label: level.name.to_owned(),
        values: vec![level.m as f32, level.u as f32],
        figure: format!("{} | {}", percent(level.m), percent(level.u)),
    };
    let bars = Bars {
        title: "m and u",
        description: "Of each level of agreement, how often records of one person and of two people reach it.",
        series: Series::Two(["m: one person", "u: two people"]),
        groups: groups(&report.diagnostics.comparisons, row),
        width: CHART,
    };
    bars.draw()
}

/// A group for each comparison and state, the closest agreement first.
fn groups(comparisons: &[Comparison], row: impl Fn(&Level) -> Row) -> Vec<Group> {
    let heading = |comparison: &Comparison, state: &State| match &state.given {
        None => comparison.name.clone(),
        Some((other, true)) => format!("{}, where {other} agrees", comparison.name),
        Some((other, false)) => format!("{}, where {other} differs", comparison.name),
    };
    let group = |comparison: &Comparison, state: &State| Group {
        heading: heading(comparison, state),
        rows: state.levels.iter().rev().map(&row).collect(),
    };
    comparisons
        .iter()
        .flat_map(|comparison| comparison.states.iter().map(|state| group(comparison, state)).collect::<Vec<_>>())
        .collect()
}

pub(super) fn pairs(report: &Report<'_>) -> Html {
    let diagnostics = report.diagnostics;
    let threshold = Mark { at: diagnostics.threshold, label: format!("threshold {:.2}", report.threshold) };
    let even = Mark { at: 0.0, label: "as likely as not".to_owned() };
    let column = |bin: &crate::identity::linkage::diagnose::Bin| Column {
        from: bin.from as f32,
        count: bin.pairs,
        part: bin.together,
    };
    let histogram = Histogram {
        title: "Match weights of the compared pairs",
        description: "Compared pairs by match weight, on a logarithmic scale, with the pairs of one customer in front.",
        columns: diagnostics.weights.iter().map(column).collect(),
        bin: 1.0,
        marks: vec![threshold, even],
        axis: "match weight, bits",
        names: ["pairs", "of them one customer"],
        width: CHART,
    };
    let mut html = Html::default();
    html.figure(
        &histogram.draw(),
        "Compared pairs by match weight; each line upwards is ten times as many. Two hills with a valley between them are \
         a good sign; many pairs near the lines are doubtful ones.",
    );
    html.element(
        "p",
        "",
        "Pairs left of the threshold may be of one customer, and pairs right of it of two: a pair is judged together with \
         all others of its group.",
    );
    html
}

pub(super) fn sizes(report: &Report<'_>) -> Html {
    let sizes = &report.linkage.sizes;
    let row = |label: String, customers: usize| Row {
        label,
        values: vec![customers as f32],
        figure: thousands(customers as u64),
    };
    // Large customers are few, so that sizes are put together by doublings.
    let (mut rows, mut from) = (Vec::new(), 1);
    let largest = sizes.keys().next_back().copied().unwrap_or(1);
    while from <= largest {
        let to = if from < 6 { from } else { (from * 2).next_multiple_of(10) - 1 };
        let to = to.max(from).min(largest);
        let customers: usize = sizes.range(from..=to).map(|(_, customers)| customers).sum();
        let label = match (from, to) {
            (1, 1) => "1 record".to_owned(),
            (from, to) if from == to => format!("{from} records"),
            (from, to) => format!("{} to {} records", thousands(from as u64), thousands(to as u64)),
        };
        rows.push(row(label, customers));
        from = to + 1;
    }
    let bars = Bars {
        title: "Customers by their number of records",
        description: "How many customers have one record, two records, and so on.",
        series: Series::One,
        groups: vec![Group { heading: String::new(), rows }],
        width: CHART,
    };
    let mut html = Html::default();
    let caption = format!("Customers by their number of records. The largest has {}.", thousands(largest as u64));
    html.figure(&bars.draw(), &caption);
    html
}
