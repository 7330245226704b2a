//! What `resolve` says in the terminal.

use nu_ansi_term::{Color, Style};

use super::super::output::{Align, paint, seconds, table, thousands};
use super::Report;
use crate::chart::terminal;

/// Sizes of customers that have a bar of their own.
const SIZES: usize = 5;

pub(super) fn summary(report: &Report<'_>) -> String {
    let count = |number: usize| thousands(number as u64);
    let header = [("column", Align::Left), ("compared as", Align::Left)];
    let rows: Vec<_> = report.columns.iter().map(|column| vec![column.name.clone(), column.kind.clone()]).collect();
    let mut text = format!("{}{}", head("What the columns hold"), table(&header, &rows));
    text.push_str(&head("Who is who"));
    text.push_str(&format!(
        "  {} records are {} customers ({} pairs compared)\n",
        count(report.records),
        count(report.customers),
        thousands(report.pairs)
    ));
    if report.customers == report.records && report.records > 1 {
        text.push_str("  nobody is there twice, or the columns say too little of who somebody is\n");
    }
    if let Some(followed) = report.followed {
        text.push_str(&format!(
            "  {} of them new or changed, {} gone or changed since they were compared before\n",
            count(followed.fresh),
            count(followed.gone)
        ));
    }
    if let Some(precision) = report.expected_precision {
        let recall = report.expected_recall.map(|recall| format!(", recall {recall:.3}")).unwrap_or_default();
        text.push_str(&format!("  expected precision {precision:.3}{recall}, by the model, without labels\n"));
    }
    for rule in report.rules {
        text.push_str(&format!("  taken for certain: {rule}\n"));
    }
    text.push_str(&head("Customers by their number of records"));
    text.push_str(&sizes(report));
    text.push_str(&format!("\nwritten to {} in {}\n", report.out.display(), seconds(report.elapsed_ms)));
    for (what, path) in [("report", &report.report), ("chart", &report.svg)] {
        if let Some(path) = path {
            text.push_str(&format!("{what}: {}\n", path.display()));
        }
    }
    text
}

fn sizes(report: &Report<'_>) -> String {
    let named = |size: usize| if size == 1 { "1 record".to_owned() } else { format!("{size} records") };
    let mut rows: Vec<(String, usize)> =
        report.sizes.range(..=SIZES).map(|(&size, &customers)| (named(size), customers)).collect();
    let more: usize = report.sizes.range(SIZES + 1..).map(|(_, customers)| customers).sum();
    if more > 0 {
        rows.push((format!("{} or more", SIZES + 1), more));
    }
    let most = rows.iter().map(|(_, customers)| *customers).max().unwrap_or(1) as f64;
    let line = |(name, customers): &(String, usize)| {
        let bar = paint(&terminal::bar(*customers as f64, most, 40), Style::new().fg(Color::Cyan));
        format!("  {name:<20} {:>9} {bar}\n", thousands(*customers as u64))
    };
    rows.iter().map(line).collect()
}

fn head(text: &str) -> String {
    format!("\n{}\n", paint(text, Style::new().bold()))
}
