//! What `resolve` says in the terminal.

use nu_ansi_term::{Color, Style};

use super::super::output::{Align, paint, seconds, shown_width, table, terminal_width, thousands};
use super::Report;
use crate::chart::{Waterfall, bits, terminal};

/// Characters of a bar, and of two values side by side where no terminal says how much room there is.
const BAR: usize = 30;
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
    if let (Some(precision), Some(recall)) = (report.expected_precision, report.expected_recall) {
        text.push_str(&format!(
            "  expected precision {precision:.3}, recall {recall:.3}, by the model, without labels\n"
        ));
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

/// The steps from any two records to these, in bits.
pub(super) fn fall(waterfall: &Waterfall) -> String {
    let range = waterfall.range();
    let falls = waterfall.falls.iter().chain([&waterfall.whole]);
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (at, (fall, span)) in falls.zip(waterfall.spans()).enumerate() {
        let style = match at {
            _ if at == waterfall.falls.len() => Style::new().bold(),
            _ if fall.value < 0.0 => Style::new().fg(Color::Red),
            _ => Style::new().fg(Color::Green),
        };
        let bar = paint(&terminal::floating(span.from, span.to, range, BAR), style);
        rows.push(vec![fall.label.clone(), bits(fall.value), bar, fall.detail.clone()]);
    }
    let widest = rows.iter().map(|row| shown_width(&row[0])).max().unwrap_or(0);
    // Two spaces before each of four columns, and seven characters of bits.
    let room = terminal_width().map(|width| width.saturating_sub(widest + BAR + 15).max(12));
    for row in &mut rows {
        if let Some(room) = room {
            row[3] = cut(&row[3], room);
        }
    }
    let header = [("", Align::Left), ("bits", Align::Right), ("", Align::Left), ("", Align::Left)];
    let note = if waterfall.note.is_empty() { String::new() } else { format!("  {}\n", waterfall.note) };
    format!("{}  {}\n{}{note}", head(&waterfall.title), waterfall.subtitle, table(&header, &rows))
}

/// A text that is too wide, without its end.
fn cut(text: &str, room: usize) -> String {
    if shown_width(text) <= room {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if shown_width(&kept) >= room {
            kept.pop();
            break;
        }
    }
    format!("{}…", kept.trim_end())
}

fn head(text: &str) -> String {
    format!("\n{}\n", paint(text, Style::new().bold()))
}
