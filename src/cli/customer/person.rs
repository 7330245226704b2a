//! One customer on one screen. Here the answers of `sql/lookup/*.sql` are only drawn.

use nu_ansi_term::Style;

use super::super::lookup::{Row, count_of, text_of};
use super::super::output::{Align, counted, paint, table, thousands, wrapped};
use super::months;

/// How many of a customer's source records are listed, and how many other values of one attribute.
const RECORDS_SHOWN: usize = 8;
const RIVALS_SHOWN: usize = 3;

/// All that is known of one customer.
#[derive(Debug, serde::Serialize)]
pub(super) struct Person {
    pub(super) run: u64,
    pub(super) as_of: Option<String>,
    pub(super) profile: Row,
    /// What the customer will probably buy; none for one who has not bought in the reporting currency.
    pub(super) value: Option<Row>,
    /// Habits, likes and what else profile.customers has; none of a run that is older than these columns.
    pub(super) glance: Option<Row>,
    pub(super) spend: Vec<Row>,
    pub(super) months: Vec<Row>,
    pub(super) provenance: Vec<Row>,
    pub(super) rivals: Vec<Row>,
    pub(super) claims: Vec<Row>,
    pub(super) records: Vec<Row>,
    pub(super) timeline: Vec<Row>,
    pub(super) segments: Vec<String>,
}

impl Person {
    pub(super) fn draw(&self, customer_id: &str, events_max: usize) -> String {
        let name = paint(&text_of(&self.profile, "full_name"), Style::new().bold());
        let as_of = format!("run {}, as of {}", self.run, self.as_of.as_deref().unwrap_or("no date"));
        let mut text = format!("{name}  {}  {}\n", dimmed(customer_id), dimmed(&as_of));
        for (label, fact) in self.facts().iter().filter(|(_, fact)| !fact.trim().is_empty()) {
            text.push_str(&format!("  {}  {}\n", dimmed(&format!("{label:<10}")), wrapped(fact, 14)));
        }
        if let Some((title, chart)) = months::draw(&self.months) {
            text.push_str(&head(&title));
            text.push_str(&chart);
        }
        text.push_str(&head("Where it comes from"));
        text.push_str(&self.draw_provenance());
        if !self.rivals.is_empty() {
            text.push_str(&head("Who says otherwise"));
            text.push_str(&self.draw_rivals());
        }
        text.push_str(&head(&format!("Records ({})", self.records.len())));
        text.push_str(&self.draw_records());
        text.push_str(&head(&format!("Timeline ({} of {})", events_max.min(self.timeline.len()), self.timeline.len())));
        text.push_str(&self.draw_timeline(events_max));
        text
    }

    fn draw_provenance(&self) -> String {
        let row = |row: &Row| {
            let of = |name: &str| text_of(row, name).into_owned();
            let stale = if of("is_stale") == "true" { ", stale" } else { "" };
            let claims = format!("{} of {}", of("agreeing"), of("records"));
            vec![of("attribute"), tidy(&of("value")), of("record_id"), format!("{}{stale}", of("reason")), claims]
        };
        let align = |name| if name == "from" { Align::Key } else { Align::Left };
        let header = ["attribute", "value", "from", "won by", "say the same"].map(|name| (name, align(name)));
        table(&header, &self.provenance.iter().map(row).collect::<Vec<_>>())
    }

    fn draw_rivals(&self) -> String {
        let mut rows = Vec::new();
        for rivals in self.rivals.chunk_by(|a, b| text_of(a, "attribute") == text_of(b, "attribute")) {
            for row in rivals.iter().take(RIVALS_SHOWN) {
                let of = |name: &str| text_of(row, name).into_owned();
                let from = format!("{} ({})", of("sources"), counted(count_of(row, "records"), "record"));
                rows.push(vec![of("attribute"), tidy(&of("value")), from, day(&of("confirmed_at"))]);
            }
            if let Some(more) = more(rivals.len(), RIVALS_SHOWN) {
                rows.push(vec![String::new(), more, String::new(), String::new()]);
            }
        }
        table(&["attribute", "value", "from", "last confirmed"].map(|name| (name, Align::Left)), &rows)
    }

    fn draw_records(&self) -> String {
        let cells = |row: &Row| {
            let of = |name: &str| text_of(row, name).into_owned();
            vec![of("record_id"), of("reason"), of("confidence"), day(&of("first_seen_at"))]
        };
        let mut rows: Vec<Vec<String>> = self.records.iter().take(RECORDS_SHOWN).map(cells).collect();
        if let Some(more) = more(self.records.len(), RECORDS_SHOWN) {
            rows.push(vec![more, String::new(), String::new(), String::new()]);
        }
        let align = |name| if name == "record" { Align::Key } else { Align::Left };
        table(&["record", "joined by", "confidence", "first seen"].map(|name| (name, align(name))), &rows)
    }

    fn draw_timeline(&self, events_max: usize) -> String {
        let header = [
            ("when", Align::Left),
            ("what", Align::Left),
            ("", Align::Left),
            ("amount", Align::Right),
            ("", Align::Left),
        ];
        table(&header, &self.timeline.iter().take(events_max).map(event_row).collect::<Vec<_>>())
    }
}

fn event_row(row: &Row) -> Vec<String> {
    let of = |name: &str| text_of(row, name).into_owned();
    let when = of("happened_at").chars().take(16).collect::<String>().replace('T', " ");
    vec![when, of("kind"), of("title"), of("amount"), of("currency")]
}

fn head(text: &str) -> String {
    format!("\n{}\n", paint(text, Style::new().bold()))
}

fn dimmed(text: &str) -> String {
    paint(text, Style::new().dimmed())
}

/// The text with single spaces, however its source typed it.
pub(super) fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn day(timestamp: &str) -> String {
    timestamp.chars().take(10).collect()
}

/// What says that a list was cut.
fn more(length: usize, shown: usize) -> Option<String> {
    (length > shown).then(|| format!("… and {} more", thousands((length - shown) as u64)))
}
