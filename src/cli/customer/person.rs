//! One customer on one screen. Here the answers of `sql/lookup/*.sql` are only drawn.

use nu_ansi_term::Style;

use super::super::lookup::{Row, count_of, text_of};
use super::super::output::{Align, money, paint, percent, table, thousands};
use super::months;

/// How many of a customer's source records are listed, and how many other values of one attribute.
const RECORDS_SHOWN: usize = 20;
const RIVALS_SHOWN: usize = 5;

/// All that is known of one customer.
#[derive(Debug, serde::Serialize)]
pub(super) struct Person {
    pub(super) run: u64,
    pub(super) as_of: Option<String>,
    pub(super) profile: Row,
    /// What the customer will probably buy; none for one who has not bought in the reporting currency.
    pub(super) value: Option<Row>,
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
            text.push_str(&format!("  {}  {fact}\n", dimmed(&format!("{label:<10}"))));
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

    /// What fits on a line each; facts that are not known are empty.
    fn facts(&self) -> [(&'static str, String); 16] {
        let of = |name: &str| text_of(&self.profile, name);
        let stale = |flag: &str| if of(flag) == "true" { " (stale)" } else { "" };
        let count = |name: &str, unit: &str| match count_of(&self.profile, name) {
            0 => String::new(),
            number => format!("{}{unit}", thousands(number)),
        };
        let address = join(&["street", "postcode", "city", "region", "country"].map(of));
        [
            ("e-mail", format!("{}{}", of("email"), stale("email_is_stale"))),
            ("phone", format!("{}{}", of("phone"), stale("phone_is_stale"))),
            ("address", format!("{address}{}", stale("address_is_stale"))),
            ("born", of("birth_date").into_owned()),
            ("company", join(&["job_title", "company"].map(of))),
            ("language", of("language").into_owned()),
            ("consents", self.consents()),
            ("stands", of("lifecycle").into_owned()),
            ("scores", self.scores()),
            ("orders", self.orders()),
            ("spent", self.spent()),
            ("expected", self.expected()),
            ("alive", self.alive()),
            ("loyalty", join(&[of("tier"), count("points", " points").into()])),
            ("complaints", count("open_complaints", " open")),
            ("segments", self.segments.join(", ")),
        ]
    }

    fn consents(&self) -> String {
        let channels = ["email", "sms", "phone", "post"].iter().filter_map(|channel| {
            match text_of(&self.profile, &format!("{channel}_consent")).as_ref() {
                "true" => Some(format!("{channel} yes")),
                "false" => Some(format!("{channel} no")),
                _ => None,
            }
        });
        channels.collect::<Vec<_>>().join(", ")
    }

    /// The scores in words, or why a buyer has none.
    fn scores(&self) -> String {
        let of = |name: &str| text_of(&self.profile, name);
        if !of("label").is_empty() {
            return format!(
                "{} {}: recency {}, frequency {}, monetary {}; 5 is best",
                of("label"),
                of("rfm_score"),
                of("recency_score"),
                of("frequency_score"),
                of("monetary_score")
            );
        }
        match count_of(&self.profile, "orders") {
            0 => String::new(),
            _ if self.spend.iter().any(|row| text_of(row, "is_scored") == "true") => {
                "none, because nothing is left after returns".to_owned()
            }
            _ => "none, because they are by spend in the reporting currency".to_owned(),
        }
    }

    fn orders(&self) -> String {
        let of = |name: &str| text_of(&self.profile, name);
        match count_of(&self.profile, "orders") {
            0 => "none yet".to_owned(),
            orders => {
                let last = day(&of("last_order_at"));
                let days = counted(count_of(&self.profile, "recency_days"), "day");
                let as_of = self.as_of.as_deref().unwrap_or("no date");
                format!("{}, last on {last} ({days} ago, as of {as_of})", thousands(orders))
            }
        }
    }

    /// Net spend, each currency for itself.
    fn spent(&self) -> String {
        let spent = |row: &Row| {
            let mut text = format!("{} {}", money(&text_of(row, "monetary")), text_of(row, "currency"));
            if count_of(row, "returns") > 0 {
                let (returned, returns) = (money(&text_of(row, "returned_amount")), count_of(row, "returns"));
                text.push_str(&format!(" ({returned} sent back in {})", counted(returns, "return")));
            }
            if text_of(row, "is_scored") != "true" {
                text.push_str(" (not in the scores)");
            }
            text
        };
        self.spend.iter().map(spent).collect::<Vec<_>>().join(", ")
    }

    /// What the customer will probably spend, in the reporting currency.
    fn expected(&self) -> String {
        let Some(value) = &self.value else { return String::new() };
        let of = |name: &str| text_of(value, name);
        let (year, later) = (of("predicted_clv_next_365d"), of("predicted_clv"));
        if year.is_empty() {
            return "unknown: too few customers bought again to learn from".to_owned();
        }
        let orders = number_of(value, "predicted_order_frequency_next_365d");
        format!(
            "{} {currency} in the next 365 days ({} orders of {}), {} {currency} in {} days; tier {}",
            money(&year),
            orders.map_or_else(String::new, |orders| format!("{orders:.2}")),
            money(&of("predicted_average_order_revenue_next_365d")),
            money(&later),
            thousands(count_of(value, "clv_horizon_days")),
            of("predicted_customer_lifetime_value_tier"),
            currency = of("currency"),
        )
    }

    /// How probable it is that the customer is one still, and buys again.
    fn alive(&self) -> String {
        let Some(value) = &self.value else { return String::new() };
        let again = number_of(value, "predicted_probability_of_transaction_next_365d").map(percent);
        let again = again.map(|again| format!("buys within 365 days: {again}"));
        let status = text_of(value, "predicted_customer_lifecycle_status");
        match (number_of(value, "p_alive"), again) {
            (Some(p_alive), Some(again)) => format!("{} ({status}); {again}", percent(p_alive)),
            (None, Some(again)) => format!("unknown; {again}; {}", text_of(value, "warning")),
            _ => String::new(),
        }
    }

    fn draw_provenance(&self) -> String {
        let row = |row: &Row| {
            let of = |name: &str| text_of(row, name).into_owned();
            let stale = if of("is_stale") == "true" { ", stale" } else { "" };
            let claims = format!("{} of {}", of("agreeing"), of("records"));
            vec![of("attribute"), tidy(&of("value")), of("record_id"), format!("{}{stale}", of("reason")), claims]
        };
        let header = ["attribute", "value", "from", "won by", "say the same"].map(|name| (name, Align::Left));
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
        table(&["record", "joined by", "confidence", "first seen"].map(|name| (name, Align::Left)), &rows)
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

pub(super) fn number_of(row: &Row, name: &str) -> Option<f64> {
    row.get(name).and_then(serde_json::Value::as_f64)
}

fn head(text: &str) -> String {
    format!("\n{}\n", paint(text, Style::new().bold()))
}

fn dimmed(text: &str) -> String {
    paint(text, Style::new().dimmed())
}

fn join(parts: &[std::borrow::Cow<'_, str>]) -> String {
    parts.iter().map(|part| tidy(part)).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// The text with single spaces, however its source typed it.
fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn day(timestamp: &str) -> String {
    timestamp.chars().take(10).collect()
}

fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", thousands(number), if number == 1 { "" } else { "s" })
}

/// What says that a list was cut.
fn more(length: usize, shown: usize) -> Option<String> {
    (length > shown).then(|| format!("… and {} more", thousands((length - shown) as u64)))
}
