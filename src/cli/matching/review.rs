//! `match review`: walk through customers who may be one person, and decide.

use std::io::{BufRead, Write};

use clap::Args as ClapArgs;
use nu_ansi_term::{Color, Style};

use super::super::context::Context;
use super::super::lookup::{Lookup, Row, text_of};
use super::super::output::{Align, paint, print, print_json, say, table, thousands};
use super::decide::save;
use crate::engine::{Session, SessionOptions};
use crate::error::{Error, Kind, Result};
use crate::lake::Manifest;
use crate::pipeline::Pipeline;
use crate::pipeline::overrides::{Decision, Override, Pair};
use crate::project::{Params, Value};

/// Decide about customers who may be one person, the likeliest first.
///
/// Shows two records side by side and asks: y (one person), n (two people), s (skip), b (back to the one before), q (quit).
/// Each answer is kept at once and holds from the next run on, as those of `match link` and `match unlink` do. With
/// `--json` it lists what there is to decide, and asks nothing.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  onefold match review\n  onefold match review --note 'looked up by Ana'\n  onefold match review --json | jq length"
)]
pub(super) struct Args {
    /// Why, for whoever asks later; it is kept with each answer.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

/// What somebody answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Decide(Decision),
    Skip,
    Back,
    Quit,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<()> {
    let snapshot = context.snapshot(None).await?;
    let session = Session::new(&SessionOptions::default())?;
    session.attach(&snapshot).await?;
    let lookup = Lookup { sql: &context.project.sql, session: &session };
    let reviews = lookup.rows("reviews", &Params::default()).await?;
    if context.json {
        return print_json(&reviews);
    }
    if reviews.is_empty() {
        return print("No two customers are in doubt.\n");
    }
    let pipeline = Pipeline::read(&context.project)?;
    let mut head: Manifest = snapshot.manifest.as_ref().clone();
    let mut decided: Vec<Option<Decision>> = vec![None; reviews.len()];
    let mut at = 0;
    while let Some(review) = reviews.get(at) {
        let (left, right) = (text_of(review, "left_record"), text_of(review, "right_record"));
        let pair = Pair::of(&left, &right).ok_or_else(|| Error::new(Kind::Corrupt, "a review is of one record"))?;
        let mut params = Params::default();
        params.set("left", Value::Text(left.to_string()));
        params.set("right", Value::Text(right.to_string()));
        let records = lookup.rows("compared", &params).await?;
        print(&draw(review, &records, at, reviews.len()))?;
        let new = match tokio::task::block_in_place(ask)? {
            Answer::Quit => break,
            Answer::Back => {
                at = at.saturating_sub(1);
                continue;
            }
            Answer::Skip => None,
            Answer::Decide(decision) => Some(decision),
        };
        if new != decided[at] {
            let decision =
                new.map(|decision| Override { decision, note: args.note.clone(), decided_at: context.now() });
            (head, _) = save(context, &pipeline, &head, pair, decision, "match review").await?;
            decided[at] = new;
        }
        at += 1;
    }
    if !context.quiet {
        say(&summary(&decided));
    }
    Ok(())
}

/// Two records side by side; where they differ is marked.
fn draw(review: &Row, records: &[Row], at: usize, count: usize) -> String {
    let number = |key| review.get(key).and_then(serde_json::Value::as_f64).unwrap_or_default();
    let mut text = format!(
        "\n{}  {:.0} % probable\n",
        paint(&format!("{} of {}", thousands(at as u64 + 1), thousands(count as u64)), Style::new().bold()),
        100.0 * number("probability"),
    );
    let side = |key: &str| {
        let id = text_of(review, key);
        records.iter().find(|row| text_of(row, "record_id") == id).cloned().unwrap_or_default()
    };
    let (left, right) = (side("left_record"), side("right_record"));
    let mut columns: Vec<&String> = left.keys().collect();
    columns.extend(right.keys().filter(|key| !left.contains_key(*key)));
    let customer = |key| text_of(review, key).into_owned();
    let mut rows =
        vec![vec!["customer".to_owned(), customer("left_customer"), customer("right_customer"), String::new()]];
    for column in columns.into_iter().filter(|column| *column != "record_id") {
        let (one, other) = (text_of(&left, column).into_owned(), text_of(&right, column).into_owned());
        let mark = match (one.is_empty() || other.is_empty(), one == other) {
            (true, _) => String::new(),
            (_, true) => "=".to_owned(),
            _ => paint("≠", Style::new().fg(Color::Yellow)),
        };
        rows.push(vec![column.clone(), one, other, mark]);
    }
    let (one, other) = (text_of(review, "left_record"), text_of(review, "right_record"));
    let header = [("", Align::Left), (one.as_ref(), Align::Left), (other.as_ref(), Align::Left), ("", Align::Left)];
    text.push_str(&table(&header, &rows));
    text
}

/// Asks until somebody answers; the end of the input is the end of the walk.
fn ask() -> Result<Answer> {
    let unreadable = |error| Error::new(Kind::Usage, "cannot read the answer").source(error);
    loop {
        eprint_prompt("One person? y, n, s(kip), b(ack), q(uit): ").map_err(unreadable)?;
        let mut line = String::new();
        if std::io::stdin().lock().read_line(&mut line).map_err(unreadable)? == 0 {
            return Ok(Answer::Quit);
        }
        if let Some(answer) = answer(&line) {
            return Ok(answer);
        }
    }
}

fn eprint_prompt(text: &str) -> std::io::Result<()> {
    let mut stderr = std::io::stderr().lock();
    stderr.write_all(text.as_bytes())?;
    stderr.flush()
}

fn answer(line: &str) -> Option<Answer> {
    Some(match line.trim().to_lowercase().as_str() {
        "y" | "yes" => Answer::Decide(Decision::Link),
        "n" | "no" => Answer::Decide(Decision::Unlink),
        "s" | "skip" => Answer::Skip,
        "b" | "back" => Answer::Back,
        "q" | "quit" => Answer::Quit,
        _ => return None,
    })
}

fn summary(decided: &[Option<Decision>]) -> String {
    let count = |decision: Option<Decision>| decided.iter().filter(|one| **one == decision).count() as u64;
    let [one, two, open] = [Some(Decision::Link), Some(Decision::Unlink), None].map(|what| thousands(count(what)));
    format!("one person: {one}, two people: {two}, not decided: {open}; it holds from the next `onefold run` on")
}
