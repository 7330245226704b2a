//! The match weight of two records as a waterfall in the terminal.

use nu_ansi_term::{Color, Style};

use super::output::{Align, paint, shown_width, table, terminal_width};
use crate::chart::{Waterfall, bits, terminal};

/// Characters of a bar.
const BAR: usize = 30;

/// The steps from any two records to these, in bits.
pub(super) fn draw(waterfall: &Waterfall) -> String {
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
    format!(
        "\n{}\n  {}\n{}{note}",
        paint(&waterfall.title, Style::new().bold()),
        waterfall.subtitle,
        table(&header, &rows)
    )
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
