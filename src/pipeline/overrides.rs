//! What people decided about who is who: `match.overrides`, which commands write. Runs carry it over and the identity
//! engine obeys it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, TimestampMicrosecondArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, TimeUnit, TimestampMicrosecondType};
use futures::TryStreamExt;
use jiff::Timestamp;

use super::graph::Pipeline;
use super::materialise::{Workshop, write_batches};
use super::stage::{Stage, Work};
use crate::engine::{Session, SessionOptions, explain_without_sql};
use crate::error::Result;
use crate::lake::{Lake, Manifest, Table, TableName};
use crate::progress::Silent;
use crate::project::Params;

/// What somebody decided about two records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// They are one person, whatever speaks against it.
    Link,
    /// They are two people, whatever speaks for one.
    Unlink,
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Link => "link",
            Self::Unlink => "unlink",
        })
    }
}

/// Two different records, in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    left: String,
    right: String,
}

impl Pair {
    /// The pair of two records; none if they are one.
    pub fn of(one: &str, other: &str) -> Option<Self> {
        let (left, right) = if one <= other { (one, other) } else { (other, one) };
        (left != right).then(|| Self { left: left.to_owned(), right: right.to_owned() })
    }
}

/// A decision, why and when it was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// What was decided.
    pub decision: Decision,
    /// Why, in the words of whoever decided.
    pub note: Option<String>,
    /// When.
    pub decided_at: Timestamp,
}

/// The table's name.
pub fn table() -> TableName {
    TableName { schema: "match".into(), table: "overrides".into() }
}

/// The table's node in the graph.
pub(super) fn stage() -> Stage {
    Stage {
        name: table(),
        work: Work::Commands("`onefold match link` and `unlink`"),
        inputs: BTreeSet::new(),
        params: BTreeSet::new(),
        key: vec!["left_record".into(), "right_record".into()],
        summary: "What people decided about who is who.".into(),
        taken: BTreeMap::new(),
    }
}

/// Puts what was decided about `pair` into the draft's table, in place of what stood there; nothing: as if nobody had
/// ever decided. Gives what stood there before. The caller commits the draft.
///
/// # Errors
/// What the lake says.
pub async fn decide(
    pipeline: &Pipeline,
    lake: &Lake,
    draft: &mut Manifest,
    pair: Pair,
    new: Option<Override>,
) -> Result<Option<Decision>> {
    let session = Session::new(&SessionOptions::default())?;
    let mut all = read(&session, lake, draft).await?;
    let before = match new {
        Some(new) => all.insert(pair, new),
        None => all.remove(&pair),
    };
    let (params, progress) = (Params::default(), Silent);
    let workshop =
        Workshop { session: &session, lake, contract: &pipeline.contract, params: &params, progress: &progress };
    let file = write_batches(&workshop, &table(), &[batch(&all)?], draft).await?;
    draft.tables.insert(table().to_string(), Table { run: draft.run, files: vec![file], ..Table::default() });
    Ok(before.map(|before| before.decision))
}

async fn read(session: &Session, lake: &Lake, manifest: &Manifest) -> Result<BTreeMap<Pair, Override>> {
    let Some(before) = manifest.table(&table()) else { return Ok(BTreeMap::new()) };
    lake.check(before.files.clone()).await?;
    session.register(lake, &table(), &before.files).await?;
    let sql = "SELECT left_record, right_record, decision, note, decided_at FROM match.overrides";
    let plan = session.plan(sql, &Params::default()).await?;
    let stream = session.stream(session.physical_plan(&plan).await?)?;
    let batches: Vec<RecordBatch> = stream.try_collect().await.map_err(|error| explain_without_sql(&error))?;
    let mut all = BTreeMap::new();
    for batch in &batches {
        let text = |at| cast(batch.column(at), &DataType::Utf8).map_err(|error| explain_without_sql(&error.into()));
        let (left, right, decision, note) = (text(0)?, text(1)?, text(2)?, text(3)?);
        let [left, right, decision, note] = [&left, &right, &decision, &note].map(AsArray::as_string::<i32>);
        let decided_at = batch.column(4).as_primitive::<TimestampMicrosecondType>();
        for row in 0..batch.num_rows() {
            let decision = if decision.value(row) == "link" { Decision::Link } else { Decision::Unlink };
            let note = note.is_valid(row).then(|| note.value(row).to_owned());
            let decided_at = Timestamp::from_microsecond(decided_at.value(row)).unwrap_or_default();
            if let Some(pair) = Pair::of(left.value(row), right.value(row)) {
                all.insert(pair, Override { decision, note, decided_at });
            }
        }
    }
    Ok(all)
}

fn batch(all: &BTreeMap<Pair, Override>) -> Result<RecordBatch> {
    let texts = |text: fn((&Pair, &Override)) -> Option<String>| -> ArrayRef {
        Arc::new(all.iter().map(text).collect::<StringArray>())
    };
    let decided_at =
        TimestampMicrosecondArray::from_iter_values(all.values().map(|one| one.decided_at.as_microsecond()));
    let decided_at = cast(&decided_at, &DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())))
        .map_err(|error| explain_without_sql(&error.into()))?;
    RecordBatch::try_from_iter([
        ("left_record", texts(|(pair, _)| Some(pair.left.clone()))),
        ("right_record", texts(|(pair, _)| Some(pair.right.clone()))),
        ("decision", texts(|(_, one)| Some(one.decision.to_string()))),
        ("note", texts(|(_, one)| one.note.clone())),
        ("decided_at", decided_at),
    ])
    .map_err(|error| explain_without_sql(&error.into()))
}
