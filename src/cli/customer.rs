//! `customer`: one person on one screen. The queries are `sql/lookup/*.sql`; here they are only drawn.

use clap::Args as ClapArgs;
use nu_ansi_term::Style;

use super::context::Context;
use super::lookup::{Lookup, Row, text_of};
use super::output::{Align, paint, print, print_json, table};
use crate::engine::{Session, SessionOptions};
use crate::error::{Error, Kind, Result};
use crate::lake::Snapshot;
use crate::project::{Params, Value};

/// Show one person: golden record, where each value comes from, timeline, segments.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  onefold customer CX4K2M9Q8XW3\n  onefold customer ana@example.org\n  onefold customer +40721000111 --events 50"
)]
pub(super) struct Args {
    /// A customer id (also a former one), a source's record id, an e-mail address, or a phone number.
    #[arg(value_name = "ID|EMAIL|PHONE")]
    needle: String,
    /// How many events of the timeline to show.
    #[arg(long, default_value_t = 12, value_name = "N")]
    events: usize,
    /// The country of a phone number without an international prefix.
    #[arg(long, default_value = "", value_name = "ISO2", hide_default_value = true)]
    country: String,
    /// Look at an older run.
    #[arg(long, value_name = "N")]
    run: Option<u64>,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<()> {
    let snapshot = context.snapshot(args.run).await?;
    let session = Session::new(&SessionOptions::default())?;
    session.attach(&snapshot).await?;
    let lookup = Lookup { sql: &context.project.sql, session: &session };
    let customer_id = find(&lookup, &args.needle, &args.country).await?;
    let mut params = Params::default();
    params.set("customer_id", Value::Text(customer_id.clone()));
    let person = Person {
        profile: lookup.rows("profile", &params).await?.into_iter().next().unwrap_or_default(),
        spend: lookup.rows("spend", &params).await?,
        provenance: lookup.rows("provenance", &params).await?,
        claims: lookup.rows("claims", &params).await?,
        records: lookup.rows("records", &params).await?,
        timeline: lookup.rows("timeline", &params).await?,
        segments: segments(&lookup, &snapshot, &params).await?,
    };
    if context.json { print_json(&person) } else { print(&person.draw(&customer_id, args.events)) }
}

/// The one customer that `needle` means.
async fn find(lookup: &Lookup<'_>, needle: &str, country: &str) -> Result<String> {
    let mut params = Params::default();
    params.set("needle", Value::Text(needle.trim().to_owned()));
    params.set("country", Value::Text(country.to_owned()));
    let found = lookup.rows("customers", &params).await?;
    match found.as_slice() {
        [] => Err(Error::new(Kind::Usage, "nobody is known by that").hint(
            "give a customer id, a record id such as `crm:1042`, an e-mail address or a phone number with its country",
        )),
        [one] => Ok(text_of(one, "customer_id").into_owned()),
        several => {
            let cells = |row: &Row| {
                ["customer_id", "full_name", "email", "phone"].map(|name| text_of(row, name).into_owned()).to_vec()
            };
            let rows: Vec<Vec<String>> = several.iter().map(cells).collect();
            let header = ["customer", "name", "e-mail", "phone"].map(|name| (name, Align::Left));
            Err(Error::new(Kind::Usage, format!("{} customers are known by that", several.len()))
                .detail(table(&header, &rows))
                .hint("name one by its customer id"))
        }
    }
}

/// The segments that hold the customer.
async fn segments(lookup: &Lookup<'_>, snapshot: &Snapshot, params: &Params) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for name in snapshot.manifest.tables.keys().filter(|name| name.starts_with("segment.")) {
        let sql = format!("SELECT customer_id FROM {name} WHERE customer_id = $customer_id LIMIT 1");
        if !lookup.query(&sql, params).await?.is_empty() {
            names.push(name["segment.".len()..].to_owned());
        }
    }
    Ok(names)
}

/// All that is known of one customer.
#[derive(Debug, serde::Serialize)]
struct Person {
    profile: Row,
    spend: Vec<Row>,
    provenance: Vec<Row>,
    claims: Vec<Row>,
    records: Vec<Row>,
    timeline: Vec<Row>,
    segments: Vec<String>,
}

impl Person {
    fn draw(&self, customer_id: &str, events_max: usize) -> String {
        let of = |name: &str| text_of(&self.profile, name);
        let head = |text: &str| format!("\n{}\n", paint(text, Style::new().bold()));
        let mut text = format!(
            "{}  {}\n",
            paint(&of("full_name"), Style::new().bold()),
            paint(customer_id, Style::new().dimmed())
        );
        let stale = |flag: &str| if of(flag) == "true" { " (stale)" } else { "" };
        let facts = [
            ("e-mail", format!("{}{}", of("email"), stale("email_is_stale"))),
            ("phone", format!("{}{}", of("phone"), stale("phone_is_stale"))),
            (
                "address",
                format!(
                    "{}{}",
                    join(&[of("street"), of("postcode"), of("city"), of("country")]),
                    stale("address_is_stale")
                ),
            ),
            ("born", of("birth_date").into_owned()),
            ("company", join(&[of("job_title"), of("company")])),
            ("language", of("language").into_owned()),
            ("consents", self.consents()),
            ("stands", join(&[of("lifecycle"), of("label"), of("rfm_score")])),
            ("orders", self.orders()),
            ("loyalty", join(&[of("tier"), of("points")])),
            (
                "complaints",
                if of("open_complaints") == "0" { String::new() } else { of("open_complaints").into_owned() },
            ),
            ("segments", self.segments.join(", ")),
        ];
        for (label, fact) in facts.iter().filter(|(_, fact)| !fact.trim().is_empty()) {
            text.push_str(&format!("  {}  {fact}\n", paint(&format!("{label:<10}"), Style::new().dimmed())));
        }
        text.push_str(&head("Where it comes from"));
        let provenance: Vec<Vec<String>> = self.provenance.iter().map(provenance_row).collect();
        text.push_str(&table(
            &["attribute", "value", "from", "won by", "claims", "rivals"].map(|name| (name, Align::Left)),
            &provenance,
        ));
        text.push_str(&head(&format!("Records ({})", self.records.len())));
        let records: Vec<Vec<String>> = self
            .records
            .iter()
            .map(|row| ["record_id", "reason", "confidence"].map(|name| text_of(row, name).into_owned()).to_vec())
            .collect();
        text.push_str(&table(&["record", "joined by", "confidence"].map(|name| (name, Align::Left)), &records));
        text.push_str(&head(&format!("Timeline ({} of {})", events_max.min(self.timeline.len()), self.timeline.len())));
        let events: Vec<Vec<String>> = self.timeline.iter().take(events_max).map(event_row).collect();
        let header = [
            ("when", Align::Left),
            ("what", Align::Left),
            ("", Align::Left),
            ("amount", Align::Right),
            ("", Align::Left),
        ];
        text.push_str(&table(&header, &events));
        text
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

    fn orders(&self) -> String {
        let of = |name: &str| text_of(&self.profile, name);
        match of("orders").as_ref() {
            "" | "0" => "none yet".to_owned(),
            orders => {
                let amount = |row: &Row| format!(", {} {}", text_of(row, "monetary"), text_of(row, "currency"));
                let spent: String = self.spend.iter().map(amount).collect();
                let last: String = of("last_order_at").chars().take(10).collect();
                format!("{orders}{spent}, last on {last} ({} days ago)", of("recency_days"))
            }
        }
    }
}

fn join(parts: &[std::borrow::Cow<'_, str>]) -> String {
    parts.iter().filter(|part| !part.is_empty()).map(AsRef::as_ref).collect::<Vec<_>>().join(", ")
}

fn provenance_row(row: &Row) -> Vec<String> {
    let of = |name: &str| text_of(row, name).into_owned();
    let stale = if of("is_stale") == "true" { ", stale" } else { "" };
    let claims = format!("{} of {}", of("agreeing"), of("records"));
    vec![of("attribute"), of("value"), of("record_id"), format!("{}{stale}", of("reason")), claims, of("rivals")]
}

fn event_row(row: &Row) -> Vec<String> {
    let of = |name: &str| text_of(row, name).into_owned();
    let when = of("happened_at").chars().take(16).collect::<String>().replace('T', " ");
    vec![when, of("kind"), of("title"), of("amount"), of("currency")]
}
