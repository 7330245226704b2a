//! Printing: data and reports on stdout, errors on stderr, tables that are made to be read.

use std::borrow::Cow;
use std::io::{IsTerminal, Write};

use nu_ansi_term::{Color, Style};
use serde::Serialize;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

pub(super) use crate::chart::{counted, percent, thousands};
use crate::error::{Error, Kind, Result};

/// Prints text on stdout. A reader that went away, such as `head`, is no error.
pub(super) fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::new(Kind::Store, "cannot write to stdout").source(error))
        }
        _ => Ok(()),
    }
}

/// Prints a report as one JSON document on stdout.
pub(super) fn print_json(report: &impl Serialize) -> Result<()> {
    let json = serde_json::to_string_pretty(report)
        .map_err(|error| Error::new(Kind::Internal, "the report cannot be written as JSON").source(error))?;
    print(&format!("{json}\n"))
}

/// Prints a line on stderr.
pub(super) fn say(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Prints an error on stderr, and with `--json` as an object on stdout too, unless a report there tells it.
pub(super) fn report_error(error: &Error, json: bool) {
    let label = paint_err("error", Style::new().fg(Color::Red).bold());
    let text = error.to_string();
    let text = text.replacen("\nhint:", &format!("\n{}", paint_err("hint:", Style::new().fg(Color::Cyan).bold())), 1);
    say(&format!("{label}: {text}"));
    if json && !error.is_reported() {
        let _ = print_json(&serde_json::json!({ "error": error }));
    }
}

/// Whether stdout shows colours.
pub(super) fn colours() -> bool {
    std::io::stdout().is_terminal() && no_color_is_unset()
}

fn no_color_is_unset() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Text for stdout in a style, if stdout shows colours.
pub(super) fn paint(text: &str, style: Style) -> String {
    if colours() { style.paint(text).to_string() } else { text.to_owned() }
}

fn paint_err(text: &str, style: Style) -> String {
    if std::io::stderr().is_terminal() && no_color_is_unset() { style.paint(text).to_string() } else { text.to_owned() }
}

/// An exact decimal with thousands separated: 24035.54 → 24,035.54.
pub(super) fn money(amount: &str) -> String {
    let (sign, digits) = amount.strip_prefix('-').map_or(("", amount), |digits| ("-", digits));
    let (whole, cents) = digits.split_once('.').map_or((digits, None), |(whole, cents)| (whole, Some(cents)));
    let Ok(whole) = whole.parse() else { return amount.to_owned() };
    let cents = cents.map_or_else(String::new, |cents| format!(".{cents}"));
    format!("{sign}{}{cents}", thousands(whole))
}

/// A number of bytes for people.
pub(super) fn bytes(number: u64) -> String {
    indicatif::HumanBytes(number).to_string()
}

/// Milliseconds for people.
pub(super) fn seconds(elapsed_ms: u64) -> String {
    match elapsed_ms {
        0..1000 => format!("{elapsed_ms} ms"),
        1000..60_000 => format!("{:.1} s", elapsed_ms as f64 / 1000.0),
        _ => format!("{} min {:02} s", elapsed_ms / 60_000, elapsed_ms / 1000 % 60),
    }
}

/// How many characters wide the terminal is; none if stdout is none.
pub(super) fn terminal_width() -> Option<usize> {
    let is_terminal = std::io::stdout().is_terminal();
    is_terminal.then(terminal_size::terminal_size).flatten().map(|(width, _)| usize::from(width.0))
}

/// How wide a terminal shows a text, whose colours take no room.
pub(super) fn shown_width(text: &str) -> usize {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().map_or(0, UnicodeWidthStr::width);
    first + parts.map(|part| part.split_once('m').map_or(part, |(_, text)| text).width()).sum::<usize>()
}

/// How a column of a [`table`] stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    /// Text, which is cut where there is no room.
    Left,
    /// What is to be typed again, such as a record's id, and is never cut.
    Key,
    Right,
}

/// Rows in aligned columns below a dim header, indented by two spaces. What a terminal has no room for is cut, of the widest
/// columns of text first; `--json` has all of it.
pub(super) fn table(header: &[(&str, Align)], rows: &[Vec<String>]) -> String {
    table_within(terminal_width().unwrap_or(usize::MAX), header, rows)
}

/// Columns of text are not cut to fewer characters.
const CUT_MIN: usize = 10;

fn table_within(room: usize, header: &[(&str, Align)], rows: &[Vec<String>]) -> String {
    let width = |at: usize| {
        let cells = rows.iter().map(|row| shown_width(&row[at]));
        cells.chain([header[at].0.width()]).max().unwrap_or(0)
    };
    let mut widths: Vec<usize> = (0..header.len()).map(width).collect();
    while widths.iter().map(|width| width + 2).sum::<usize>() > room {
        let may_be_cut = |at: &usize| header[*at].1 == Align::Left && widths[*at] > CUT_MIN;
        let Some(widest) = (0..widths.len()).filter(may_be_cut).max_by_key(|&at| widths[at]) else { break };
        widths[widest] -= 1;
    }
    let line = |cells: &[&str]| {
        let mut text = String::new();
        for ((cell, &width), (_, align)) in cells.iter().zip(&widths).zip(header) {
            let cell = cut(cell, width);
            let pad = " ".repeat(width.saturating_sub(shown_width(&cell)));
            text.push_str("  ");
            match align {
                Align::Left | Align::Key => text.extend([&*cell, &pad]),
                Align::Right => text.extend([pad.as_str(), &cell]),
            }
        }
        text.truncate(text.trim_end().len());
        text
    };
    let names: Vec<&str> = header.iter().map(|(name, _)| *name).collect();
    let mut text = paint(&line(&names), Style::new().dimmed());
    for row in rows {
        text.push('\n');
        text.push_str(&line(&row.iter().map(String::as_str).collect::<Vec<_>>()));
    }
    text.push('\n');
    text
}

/// A text that is no wider; one with colours, which are short, stays as it is.
fn cut(text: &str, width: usize) -> Cow<'_, str> {
    if text.width() <= width || text.contains('\u{1b}') {
        return Cow::Borrowed(text);
    }
    let mut kept = String::new();
    for c in text.chars() {
        if kept.width() + c.width().unwrap_or(0) >= width {
            break;
        }
        kept.push(c);
    }
    Cow::Owned(kept + "…")
}

/// A text in lines that a terminal has room for behind an `indent`, broken between words.
pub(super) fn wrapped(text: &str, indent: usize) -> String {
    wrapped_within(terminal_width().unwrap_or(usize::MAX), text, indent)
}

fn wrapped_within(room: usize, text: &str, indent: usize) -> String {
    let room = room.saturating_sub(indent).max(CUT_MIN);
    let (mut lines, mut width) = (String::new(), 0);
    for word in text.split(' ') {
        let own = shown_width(word);
        if width > 0 && width + 1 + own > room {
            lines.push_str(&format!("\n{}", " ".repeat(indent)));
            width = 0;
        } else if !lines.is_empty() {
            lines.push(' ');
            width += 1;
        }
        lines.push_str(word);
        width += own;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_has_no_room_for_is_cut_or_goes_on_below() {
        let header = [("record", Align::Key), ("e-mail", Align::Left), ("spent", Align::Right)];
        let rows = [vec!["crm:1042".into(), "王小明.a.long.address@example.org".into(), "1,204.00".into()]];
        let text = table_within(40, &header, &rows);
        assert_eq!(text, "  record    e-mail                 spent\n  crm:1042  王小明.a.long.add…  1,204.00\n");
        assert!(text.lines().all(|line| shown_width(line) <= 40));
        assert!(table_within(usize::MAX, &header, &rows).contains("example.org"));
        let wrapped = wrapped_within(24, "expected 12.00 GBP in a year", 8);
        assert_eq!(wrapped, "expected 12.00\n        GBP in a year");
    }

    #[test]
    fn tables_are_aligned_by_what_a_terminal_shows() {
        let rows = [vec!["王小明".into(), "7".into()], vec!["Ana".into(), "1,204".into()]];
        let text = table(&[("name", Align::Left), ("orders", Align::Right)], &rows);
        assert_eq!(text, "  name    orders\n  王小明       7\n  Ana      1,204\n");
        assert_eq!(shown_width(&Style::new().bold().paint("王小明").to_string()), 6);
    }

    #[test]
    fn money_keeps_every_cent() {
        let read = ["0", "999.50", "-1234.00", "24035.54", "90071992547409.93"].map(money);
        assert_eq!(read, ["0", "999.50", "-1,234.00", "24,035.54", "90,071,992,547,409.93"]);
    }

    #[test]
    fn times_are_made_to_be_read() {
        assert_eq!([12, 1500, 61_000].map(seconds), ["12 ms", "1.5 s", "1 min 01 s"]);
    }
}
