//! `customer`: one person on one screen. The queries are `sql/lookup/*.sql`; here they are only drawn.

use clap::Args as ClapArgs;
use datafusion::arrow::array::{Array, RecordBatch};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use futures::TryStreamExt;
use nu_ansi_term::Style;
use serde_json::{Map, Value as Json};

use super::context::Context;
use super::output::{Align, paint, print, print_json, table};
use crate::engine::{Session, SessionOptions, explain_without_sql};
use crate::error::{Error, Kind, Result};
use crate::lake::Snapshot;
use crate::project::{Params, Value};

/// Show one person: golden record, where each value comes from, timeline, segments.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  onefold customer CX4K2M9Q8XW3\n  onefold customer ana@example.org\n  onefold customer +40721000111 --events 50")]
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

/// A row of a look-up: column → text; nulls are left out.
type Row = Map<String, Json>;

pub(super) async fn run(context: &Context, args: &Args) -> Result<()> {
    let snapshot = context.snapshot(args.run).await?;
    let session = Session::new(&SessionOptions::default())?;
    session.attach(&snapshot).await?;
    let lookup = Lookup { context, session: &session };
    let customer_id = lookup.find(&args.needle, &args.country).await?;
    let mut params = Params::default();
    params.set("customer_id", Value::Text(customer_id.clone()));
    let person = Person {
        profile: lookup.rows("profile", &params).await?.into_iter().next().unwrap_or_default(),
        provenance: lookup.rows("provenance", &params).await?,
        claims: lookup.rows("claims", &params).await?,
        records: lookup.rows("records", &params).await?,
        timeline: lookup.rows("timeline", &params).await?,
        segments: lookup.segments(&snapshot, &params).await?,
    };
    if context.json { print_json(&person) } else { print(&person.draw(&customer_id, args.events)) }
}

struct Lookup<'a> {
    context: &'a Context,
    session: &'a Session,
}

impl Lookup<'_> {
    /// The one customer that `needle` means.
    async fn find(&self, needle: &str, country: &str) -> Result<String> {
        let mut params = Params::default();
        params.set("needle", Value::Text(needle.trim().to_owned()));
        params.set("country", Value::Text(country.to_owned()));
        let found = self.rows("customers", &params).await?;
        match found.as_slice() {
            [] => Err(Error::new(Kind::Usage, "nobody is known by that")
                .hint("give a customer id, a record id such as `crm:1042`, an e-mail address or a phone number with its country")),
            [one] => Ok(text_of(one, "customer_id").to_owned()),
            several => {
                let cells = |row: &Row| ["customer_id", "full_name", "email", "phone"].map(|name| text_of(row, name).to_owned()).to_vec();
                let rows: Vec<Vec<String>> = several.iter().map(cells).collect();
                let header = ["customer", "name", "e-mail", "phone"].map(|name| (name, Align::Left));
                Err(Error::new(Kind::Usage, format!("{} customers are known by that", several.len()))
                    .detail(table(&header, &rows))
                    .hint("name one by its customer id"))
            }
        }
    }

    async fn rows(&self, name: &str, params: &Params) -> Result<Vec<Row>> {
        let path = format!("lookup/{name}.sql");
        let file = self.context.project.sql.get(&path);
        let file = file.ok_or_else(|| Error::new(Kind::Config, format!("`sql/{path}` is missing")))?;
        self.query(&file.text, params).await.map_err(|error| error.with("file", format!("sql/{path}")))
    }

    /// The segments that hold the customer.
    async fn segments(&self, snapshot: &Snapshot, params: &Params) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for name in snapshot.manifest.tables.keys().filter(|name| name.starts_with("segment.")) {
            let sql = format!("SELECT customer_id FROM {name} WHERE customer_id = $customer_id LIMIT 1");
            if !self.query(&sql, params).await?.is_empty() {
                names.push(name["segment.".len()..].to_owned());
            }
        }
        Ok(names)
    }

    async fn query(&self, sql: &str, params: &Params) -> Result<Vec<Row>> {
        let plan = self.session.plan(sql, params).await?;
        let stream = self.session.stream(self.session.physical_plan(&plan).await?)?;
        let batches: Vec<RecordBatch> = stream.try_collect().await.map_err(|error| explain_without_sql(&error))?;
        let mut rows = Vec::new();
        for batch in &batches {
            rows.extend(rows_of(batch)?);
        }
        Ok(rows)
    }
}

fn rows_of(batch: &RecordBatch) -> Result<Vec<Row>> {
    let options = FormatOptions::default();
    let wrong = |error: datafusion::arrow::error::ArrowError| explain_without_sql(&error.into());
    let formatters: Vec<ArrayFormatter<'_>> =
        batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options)).collect::<Result<_, _>>().map_err(wrong)?;
    let mut rows = vec![Row::new(); batch.num_rows()];
    for ((field, column), formatter) in batch.schema().fields().iter().zip(batch.columns()).zip(&formatters) {
        for (at, row) in rows.iter_mut().enumerate().filter(|(at, _)| column.is_valid(*at)) {
            row.insert(field.name().clone(), Json::String(formatter.value(at).to_string()));
        }
    }
    Ok(rows)
}

/// The text of a column, without control characters, so that a name cannot drive the terminal; empty if it is null.
fn text_of<'a>(row: &'a Row, name: &str) -> std::borrow::Cow<'a, str> {
    let text = row.get(name).and_then(Json::as_str).unwrap_or_default();
    if text.contains(char::is_control) { text.replace(char::is_control, " ").into() } else { text.into() }
}

/// All that is known of one customer.
#[derive(Debug, serde::Serialize)]
struct Person {
    profile: Row,
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
        let mut text = format!("{}  {}\n", paint(&of("full_name"), Style::new().bold()), paint(customer_id, Style::new().dimmed()));
        let stale = |flag: &str| if of(flag) == "true" { " (stale)" } else { "" };
        let facts = [
            ("e-mail", format!("{}{}", of("email"), stale("email_is_stale"))),
            ("phone", format!("{}{}", of("phone"), stale("phone_is_stale"))),
            ("address", format!("{}{}", join(&[of("street"), of("postcode"), of("city"), of("country")]), stale("address_is_stale"))),
            ("born", of("birth_date").into_owned()),
            ("company", join(&[of("job_title"), of("company")])),
            ("language", of("language").into_owned()),
            ("consents", self.consents()),
            ("stands", join(&[of("lifecycle"), of("label"), of("rfm_score")])),
            ("orders", self.orders()),
            ("loyalty", join(&[of("tier"), of("points")])),
            ("complaints", if of("open_complaints") == "0" { String::new() } else { of("open_complaints").into_owned() }),
            ("segments", self.segments.join(", ")),
        ];
        for (label, fact) in facts.iter().filter(|(_, fact)| !fact.trim().is_empty()) {
            text.push_str(&format!("  {}  {fact}\n", paint(&format!("{label:<10}"), Style::new().dimmed())));
        }
        text.push_str(&head("Where it comes from"));
        let provenance: Vec<Vec<String>> = self.provenance.iter().map(provenance_row).collect();
        text.push_str(&table(&["attribute", "value", "from", "won by", "claims", "rivals"].map(|name| (name, Align::Left)), &provenance));
        text.push_str(&head(&format!("Records ({})", self.records.len())));
        let records: Vec<Vec<String>> = self.records.iter().map(|row| {
            ["record_id", "reason", "confidence"].map(|name| text_of(row, name).into_owned()).to_vec()
        }).collect();
        text.push_str(&table(&["record", "joined by", "confidence"].map(|name| (name, Align::Left)), &records));
        text.push_str(&head(&format!("Timeline ({} of {})", events_max.min(self.timeline.len()), self.timeline.len())));
        let events: Vec<Vec<String>> = self.timeline.iter().take(events_max).map(event_row).collect();
        let header = [("when", Align::Left), ("what", Align::Left), ("", Align::Left), ("amount", Align::Right), ("", Align::Left)];
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
                let spent = if of("monetary").is_empty() { String::new() } else { format!(", {} {}", of("monetary"), of("currency")) };
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
