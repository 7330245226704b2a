//! The report of `match evaluate` in the terminal.

use super::super::super::lookup::text_of;
use super::super::super::output::{Align, table, thousands};
use super::super::super::waterfall;
use super::mistakes::Mistake;
use super::{Figures, Report, Saying, Threshold};
use crate::identity::diff::Change;
use crate::report;

/// The report as tables.
pub(super) fn report(report: &Report) -> String {
    let count = |number: usize| thousands(number as u64);
    let header = [("", Align::Left), ("precision", Align::Right), ("recall", Align::Right), ("F1", Align::Right)];
    let row = |name: &str, figures: &Figures| {
        let cell = |value: f64| format!("{value:.4}");
        vec![name.to_owned(), cell(figures.precision), cell(figures.recall), cell(figures.f1)]
    };
    let mut rows = vec![row("pairs of records", &report.pairwise)];
    if let Some(Saying { records, pairwise }) = &report.of_records_that_say_something {
        let silent = count(report.records - records);
        rows.push(row(&format!("… without {silent} that show nothing of whom they are"), pairwise));
    }
    rows.extend([row("B³", &report.b_cubed), row("whole customers", &report.clusters)]);
    let mut text = format!(
        "{} records of {} people, who are {} customers in run {}\n\n{}",
        count(report.records),
        count(report.persons),
        count(report.customers),
        report.run,
        table(&header, &rows)
    );
    text.push_str(&format!(
        "\n  {} customers are several people, {} people are several customers\n",
        count(report.customers_of_several_people),
        count(report.people_of_several_customers)
    ));
    text.push_str(&thresholds(report));
    text.push_str(&mistakes(&report.wrongly_together, "customer", "people"));
    text.push_str(&mistakes(&report.wrongly_apart, "person", "customers"));
    text.push_str(&links("wrongly linked", &report.wrong_links));
    text.push_str(&links("not linked, and one person", &report.missed_links));
    for mistake in report.wrong_links.iter().chain(&report.missed_links) {
        if let Some(waterfall) = &mistake.waterfall {
            let [left, right] = &mistake.records();
            text.push_str(&waterfall::draw(&report::waterfall([left, right], waterfall)));
        }
    }
    text
}

/// What other thresholds would give.
fn thresholds(report: &Report) -> String {
    let header = [
        ("if linked from", Align::Left),
        ("links by likeness", Align::Right),
        ("precision", Align::Right),
        ("recall", Align::Right),
        ("F1", Align::Right),
    ];
    let row = |point: &Threshold| {
        let Threshold { link_probability, links, pairwise } = point;
        let is_set = link_probability.total_cmp(&report.link_probability).is_eq();
        let name = format!("{link_probability}{}", if is_set { " as set" } else { "" });
        let figures = [pairwise.precision, pairwise.recall, pairwise.f1].map(|value| format!("{value:.4}"));
        [vec![name, thousands(*links as u64)], figures.to_vec()].concat()
    };
    format!("\n{}", table(&header, &report.threshold_curve.iter().map(row).collect::<Vec<_>>()))
}

fn links(title: &str, mistakes: &[Mistake]) -> String {
    if mistakes.is_empty() {
        return String::new();
    }
    let header = [(title, Align::Left), ("", Align::Left), ("by", Align::Left), ("probability", Align::Right)];
    let row = |mistake: &Mistake| {
        let [left, right] = mistake.records();
        let probability = ["weight", "probability"].into_iter().find_map(|name| mistake.link.get(name)?.as_f64());
        let probability = probability.map_or_else(|| "not asked".to_owned(), |probability| format!("{probability:.3}"));
        vec![left, right, text_of(&mistake.link, "kind").into_owned(), probability]
    };
    format!("\n{}", table(&header, &mistakes.iter().map(row).collect::<Vec<_>>()))
}

fn mistakes(changes: &[Change], one: &str, several: &str) -> String {
    if changes.is_empty() {
        return String::new();
    }
    let header = [(one, Align::Left), ("records", Align::Right), (several, Align::Left)];
    let row = |change: &Change| {
        let others = change.others.iter().take(6).map(|(id, records)| format!("{id} ({records})"));
        let records = thousands(change.records as u64);
        vec![change.customer_id.clone(), records, others.collect::<Vec<_>>().join(", ")]
    };
    format!("\n{}", table(&header, &changes.iter().map(row).collect::<Vec<_>>()))
}
