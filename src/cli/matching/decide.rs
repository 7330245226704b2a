//! `match link`, `unlink` and `forget`: what a person decides about two records holds in every later run.

use clap::Args as ClapArgs;
use serde::Serialize;

use super::super::context::Context;
use super::super::lookup::Lookup;
use super::super::output::{print_json, say};
use super::super::refresh::publish;
use super::records::{Found, record};
use crate::engine::{Session, SessionOptions};
use crate::error::{Error, Kind, Result};
use crate::lake::Manifest;
use crate::pipeline::Pipeline;
use crate::pipeline::overrides::{self, Decision, Override, Pair};

/// Say that two records are one person, whatever speaks against it.
///
/// Their whole customers become one. It holds from the next run on, in which profiles, RFM and segments follow.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Example:\n  onefold match link crm:1042 shop:77 --note 'called, married name'")]
pub(super) struct LinkArgs {
    #[command(flatten)]
    pair: PairArgs,
    /// Why, for whoever asks later.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

/// Say that two records are two people, whatever speaks for one.
///
/// The customer's other records go where the evidence is stronger. It holds from the next run on, in which profiles, RFM
/// and segments follow; it beats every `link` of other records that would bring the two together.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Example:\n  onefold match unlink crm:1042 shop:77 --note 'father and son'")]
pub(super) struct UnlinkArgs {
    #[command(flatten)]
    pair: PairArgs,
    /// Why, for whoever asks later.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

/// Take back what was decided about two records: the rules decide again.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Example:\n  onefold match forget crm:1042 shop:77\n  onefold sql -c 'FROM match.overrides'     what has been decided"
)]
pub(super) struct ForgetArgs {
    #[command(flatten)]
    pair: PairArgs,
}

#[derive(Debug, ClapArgs)]
struct PairArgs {
    /// A record, such as `crm:1042`; its key alone will do if no other source has it.
    #[arg(value_name = "RECORD")]
    one: String,
    /// The other record.
    #[arg(value_name = "RECORD")]
    other: String,
}

#[derive(Debug, Serialize)]
struct Report {
    /// The run that was committed with the decision.
    run: u64,
    left_record: String,
    right_record: String,
    /// What holds now; none if the rules decide.
    decision: Option<String>,
    /// What held before; none if the rules decided.
    before: Option<String>,
}

pub(super) async fn link(context: &Context, args: &LinkArgs) -> Result<()> {
    decide(context, &args.pair, Some(Decision::Link), args.note.clone()).await
}

pub(super) async fn unlink(context: &Context, args: &UnlinkArgs) -> Result<()> {
    decide(context, &args.pair, Some(Decision::Unlink), args.note.clone()).await
}

pub(super) async fn forget(context: &Context, args: &ForgetArgs) -> Result<()> {
    decide(context, &args.pair, None, None).await
}

async fn decide(context: &Context, args: &PairArgs, decision: Option<Decision>, note: Option<String>) -> Result<()> {
    let pipeline = Pipeline::read(&context.project)?;
    let snapshot = context.snapshot(None).await?;
    let session = Session::new(&SessionOptions::default())?;
    session.attach(&snapshot).await?;
    let lookup = Lookup { sql: &context.project.sql, session: &session };
    let (one, other) = match decision {
        Some(_) => (record(&lookup, &args.one).await?, record(&lookup, &args.other).await?),
        None => (decided(&lookup, &args.one).await?, decided(&lookup, &args.other).await?),
    };
    let pair = Pair::of(&one.record_id, &other.record_id).ok_or_else(|| {
        Error::new(Kind::Usage, format!("`{}` is one record", one.record_id)).hint("name two records")
    })?;
    let command = decision.map_or_else(|| "forget".to_owned(), |decision| decision.to_string());
    let new = decision.map(|decision| Override { decision, note, decided_at: context.now() });
    let (head, before) = save(context, &pipeline, &snapshot.manifest, pair, new, &format!("match {command}")).await?;
    if decision.is_none() && before.is_none() {
        return Err(Error::new(Kind::Usage, "nobody has decided anything about these two records")
            .hint("`onefold sql -c 'FROM match.overrides'` lists what has been decided"));
    }
    let (left, right) = (&one.record_id, &other.record_id);
    if context.json {
        return print_json(&Report {
            run: head.run,
            left_record: left.min(right).clone(),
            right_record: left.max(right).clone(),
            decision: decision.map(|decision| decision.to_string()),
            before: before.map(|before| before.to_string()),
        });
    }
    if !context.quiet {
        let said = match decision {
            Some(Decision::Link) => "are one person",
            Some(Decision::Unlink) => "are two people",
            None => "are up to the rules again",
        };
        let replaced = before.filter(|before| Some(*before) != decision);
        let replaced = replaced.map(|before| format!("; before, somebody had decided `{before}`")).unwrap_or_default();
        let run = head.run;
        say(&format!(
            "`{left}` and `{right}` {said}, from the next `onefold run` on (decision in run {run}){replaced}"
        ));
    }
    Ok(())
}

/// A record about which something may have been decided: it need not be there any more.
async fn decided(lookup: &Lookup<'_>, needle: &str) -> Result<Found> {
    match record(lookup, needle).await {
        Err(error) if error.kind() == Kind::Usage => {
            Ok(Found { record_id: needle.trim().to_owned(), customer_id: String::new() })
        }
        found => found,
    }
}

/// Commits a decision about two records, or that there is none, on top of `head`; gives the new head, and what held
/// before. Where nothing changes nothing is committed.
///
/// # Errors
/// What the lake says; nothing has changed then.
pub(super) async fn save(
    context: &Context,
    pipeline: &Pipeline,
    head: &Manifest,
    pair: Pair,
    new: Option<Override>,
    command: &str,
) -> Result<(Manifest, Option<Decision>)> {
    let takes_back = new.is_none();
    let mut draft = head.next(context.lake.writer(), command, context.now());
    let outcome = overrides::decide(pipeline, &context.lake, &mut draft, pair, new).await;
    let before = match outcome {
        Ok(before) => before,
        Err(error) => {
            context.lake.discard().await;
            return Err(error);
        }
    };
    if takes_back && before.is_none() {
        context.lake.discard().await;
        return Ok((head.clone(), None));
    }
    draft.committed_at = context.now().to_string();
    context.committing(draft.run, context.lake.commit(&draft)).await?;
    publish(context, &draft).await?;
    Ok((draft, before))
}
