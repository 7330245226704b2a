//! `customer`: finds the one person that is meant, and all that is known of them. The queries are `sql/lookup/*.sql`.

mod facts;
mod months;
mod person;

use clap::Args as ClapArgs;

use super::context::Context;
use super::lookup::{Lookup, Row, params_of, text_of};
use super::output::{Align, print, print_json, table};
use crate::engine::{Session, SessionOptions};
use crate::error::{Error, Kind, Result};
use crate::lake::{Manifest, Snapshot};
use crate::project::{Params, Value};
use person::Person;

/// Show one person: golden record, where each value comes from, timeline, segments.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  onefold customer CX4K2M9Q8XW3\n  onefold customer ana@example.org\n  onefold customer +40721000111 --events 50\n\nWith --json, counts and scores are numbers, flags are true or false, and money is text such as \"350.00\", so that no reader rounds it; what is not known is left out."
)]
pub(super) struct Args {
    /// A customer id (also a former one), a source's record id or key, an e-mail address, or a phone number.
    #[arg(value_name = "ID|EMAIL|PHONE")]
    needle: String,
    /// How many events of the timeline to show.
    #[arg(long, default_value_t = 12, value_name = "N")]
    events: usize,
    /// The country of a phone number without an international prefix. Default: any that contacts are in.
    #[arg(long, default_value = "", value_name = "ISO2", hide_default_value = true)]
    country: String,
    /// Look at an older run.
    #[arg(long, value_name = "N")]
    run: Option<u64>,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<()> {
    let snapshot = context.snapshot(args.run).await?;
    refuse_other_date(context, &snapshot.manifest)?;
    let session = Session::new(&SessionOptions::default())?;
    session.attach(&snapshot).await?;
    let lookup = Lookup { sql: &context.project.sql, session: &session };
    let customer_id = find(context, &lookup, &snapshot.manifest, args).await?;
    let mut params = params_of(&snapshot.manifest);
    params.set("customer_id", Value::Text(customer_id.clone()));
    let person = Person {
        run: snapshot.manifest.run,
        as_of: snapshot.manifest.as_of.clone(),
        profile: lookup.rows("profile", &params).await?.into_iter().next().unwrap_or_default(),
        value: if_there(&lookup, &snapshot, "rfm.predictions", "value", &params).await?.into_iter().next(),
        glance: if_there(&lookup, &snapshot, "profile.people", "glance", &params).await?.into_iter().next(),
        spend: lookup.rows("spend", &params).await?,
        months: lookup.rows("spend_by_month", &params).await?,
        provenance: lookup.rows("provenance", &params).await?,
        rivals: lookup.rows("rivals", &params).await?,
        claims: lookup.rows("claims", &params).await?,
        records: lookup.rows("records", &params).await?,
        timeline: lookup.rows("timeline", &params).await?,
        segments: segments(&lookup, &snapshot, &params).await?,
    };
    if context.json { print_json(&person) } else { print(&person.draw(&customer_id, args.events)) }
}

/// A run shows its own date and no other: to look at another one, another run is needed.
fn refuse_other_date(context: &Context, run: &Manifest) -> Result<()> {
    let Some(asked) = context.as_of_asked else { return Ok(()) };
    if run.as_of.as_deref() == Some(&asked.to_string()) {
        return Ok(());
    }
    let message = format!("run {} is as of {}, not {asked}", run.run, run.as_of.as_deref().unwrap_or("no date"));
    Err(Error::new(Kind::Usage, message).hint(format!(
        "`onefold history` lists the runs with their dates and `--run N` shows an older one; \
         `onefold run --as-of {asked}` makes one as of that date"
    )))
}

/// The one customer that is meant.
async fn find(context: &Context, lookup: &Lookup<'_>, run: &Manifest, args: &Args) -> Result<String> {
    let mut params = params_of(run);
    params.set("needle", Value::Text(args.needle.trim().to_owned()));
    params.set("country", Value::Text(args.country.clone()));
    let found = lookup.rows("customers", &params).await?;
    match found.as_slice() {
        [] => Err(Error::new(Kind::Usage, "nobody is known by that").hint(
            "give a customer id, a record id such as `crm:1042` or its key alone, an e-mail address or a phone number; \
             a number without an international prefix is tried in the countries that contacts are in, and `--country GB` \
             names another",
        )),
        [one] => Ok(text_of(one, "customer_id").into_owned()),
        several => {
            let names = ["customer_id", "full_name", "email", "phone", "found_by"];
            let cells = |row: &Row| names.map(|name| text_of(row, name).into_owned()).to_vec();
            let header = ["customer", "name", "e-mail", "phone", "found by"].map(|name| (name, Align::Left));
            let candidates = table(&header, &several.iter().map(cells).collect::<Vec<_>>());
            let error = Error::new(Kind::Usage, format!("{} customers are known by that", several.len()))
                .hint("name one by its customer id");
            // They are what was asked for, and so go to stdout; with --json the error there holds them.
            if context.json {
                return Err(error.detail(candidates));
            }
            print(&candidates)?;
            Err(error)
        }
    }
}

/// The rows of a lookup; none of a run that is older than the table it reads.
async fn if_there(
    lookup: &Lookup<'_>,
    snapshot: &Snapshot,
    table: &str,
    name: &str,
    params: &Params,
) -> Result<Vec<Row>> {
    if !snapshot.manifest.tables.contains_key(table) {
        return Ok(Vec::new());
    }
    lookup.rows(name, params).await
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
