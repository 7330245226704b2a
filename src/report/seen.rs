//! What the records hold, and which of their pairs were compared.

use super::html::{Html, table};
use super::{CHART, Report};
use crate::chart::{Bars, Group, Row, Series, percent, thousands};
use crate::identity::linkage::diagnose::{Column, Rule};

/// How many rules are shown.
const RULES: usize = 12;

pub(super) fn columns(report: &Report<'_>) -> Html {
    let records = report.linkage.customer_ids.len().max(1);
    let filled = |column: &Column| column.filled as f64 / records as f64;
    let row = |column: &Column| Row {
        label: column.name.clone(),
        values: vec![filled(column) as f32],
        figure: percent(filled(column)),
    };
    let mut html = Html::default();
    let bars = Bars {
        title: "Completeness",
        description: "Of each column, the part of the records that have a value.",
        series: Series::One,
        groups: vec![Group { heading: String::new(), rows: report.diagnostics.columns.iter().map(row).collect() }],
        width: CHART,
    };
    html.figure(&bars.draw(), "Completeness: how many of the records have a value.");
    let count = |number: usize| thousands(number as u64);
    let cells = |column: &Column| {
        vec![
            column.name.clone(),
            column.kind.unwrap_or("–").to_owned(),
            column.ignored.map_or_else(|| "yes".to_owned(), |why| format!("no: it {why}")),
            count(column.filled),
            column.distinct.map_or_else(|| "–".to_owned(), count),
            column.frequent.iter().map(|&held| count(held)).collect::<Vec<_>>().join(" · "),
        ]
    };
    let rows: Vec<_> = report.diagnostics.columns.iter().map(cells).collect();
    let header = ["column", "holds", "compared", "filled", "different values", "most frequent ones held by"];
    html.append(&table(&header, 3, &rows));
    html
}

pub(super) fn blocking(report: &Report<'_>) -> Html {
    let blocking = &report.diagnostics.blocking;
    let mut html = Html::default();
    let share = percent(blocking.compared as f64 / blocking.possible.max(1) as f64);
    html.element(
        "p",
        "",
        &format!(
            "The records make {} pairs; {} of them ({share}) were compared.",
            thousands(blocking.possible),
            thousands(blocking.compared)
        ),
    );
    if blocking.rules.is_empty() {
        html.element("p", "", "The records are few enough to compare every pair, so that no pair was missed.");
        return html;
    }
    let recall = blocking.recall.map_or_else(
        || "Too few matches were found to estimate how many pairs the rules miss.".to_owned(),
        |recall| format!("Of one person's pairs the rules are estimated to make {}.", percent(recall)),
    );
    html.element(
        "p",
        "",
        &format!(
            "{recall} It is a capture–recapture estimate: how often one person's records agree in a column is counted among \
             the matches that other columns have found, and gives how probable it is that no rule makes a match. It is \
             rather too high than too low: it knows nothing of people whose records are bad in several columns at once, of \
             pairs in groups that were left out, and of records that have no column in common."
        ),
    );
    let mut rules: Vec<&Rule> = blocking.rules.iter().collect();
    rules.sort_by(|one, other| other.matches.total_cmp(&one.matches));
    let name = |rule: &Rule| rule.parts.join(" + ");
    // Names of rules are long, so that each stands above its bar.
    let group = |rule: &&Rule| Group {
        heading: name(rule),
        rows: vec![Row {
            label: String::new(),
            values: vec![rule.matches as f32],
            figure: thousands(rule.matches.round() as u64),
        }],
    };
    let bars = Bars {
        title: "Matches by rule",
        description: "Of each rule, how many matches are expected among the pairs that no earlier rule makes.",
        series: Series::One,
        groups: rules.iter().take(RULES).map(group).collect(),
        width: CHART,
    };
    html.figure(&bars.draw(), "The rules that found most: matches expected among the pairs that no earlier rule made.");
    let round = |number: f64| thousands(number.round() as u64);
    let cells = |rule: &&Rule| {
        vec![
            name(rule),
            thousands(rule.pairs),
            thousands(rule.fresh),
            round(rule.matches),
            round(rule.alone),
            thousands(rule.left_out as u64),
        ]
    };
    let mut rows: Vec<_> = rules.iter().take(RULES).map(cells).collect();
    if let Some(rest) = rules.get(RULES..).filter(|rest| !rest.is_empty()) {
        let sum = |of: fn(&Rule) -> f64| round(rest.iter().map(|rule| of(rule)).sum());
        rows.push(vec![
            format!("{} more", thousands(rest.len() as u64)),
            "–".to_owned(),
            sum(|rule| rule.fresh as f64),
            sum(|rule| rule.matches),
            sum(|rule| rule.alone),
            sum(|rule| rule.left_out as f64),
        ]);
    }
    let header = ["records agree in", "pairs", "new pairs", "new matches", "found by no other", "groups left out"];
    html.append(&table(&header, 1, &rows));
    html
}
