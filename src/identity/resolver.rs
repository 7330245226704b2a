//! The resolution step by step: each takes its tables in any pieces and keeps of them only what the next ones need, so
//! that no table has to be in memory as a whole.
//!
//! ```text
//! Resolver  records, then identifiers ─▶ join
//! Joined    comparisons ───────────────▶ score
//! Decided   the previous run ──────────▶ finish
//! ```

use datafusion::arrow::array::RecordBatch;

use super::block::{Action, Blocks, Generic, Identifiers, Notice, value_hash};
use super::cluster::{Clusters, Partition};
use super::comparisons::Comparisons;
use super::input::Text;
use super::kinds::Kinds;
use super::linkage::Waterfall;
use super::output::{self, Resolution, Results};
use super::records::{Arrivals, Records};
use super::scored::{self, Scored};
use super::stable_id::{Identities, Previous};
use super::veto::{Guard, VetoColumn};
use super::{Settings, history};
use crate::error::{Error, Kind, Result};

const RECORDS: &str = "records";

/// Takes the records, then their identifiers.
pub struct Resolver<'a> {
    settings: &'a Settings,
    arrivals: Arrivals,
    vetoes: Vec<VetoColumn>,
    identifiers: Identifiers,
    /// Rows of the table `records`.
    rows: usize,
}

impl<'a> Resolver<'a> {
    /// Nothing to resolve yet.
    pub fn new(settings: &'a Settings) -> Self {
        let vetoes = settings.vetoes.iter().map(|name| VetoColumn::new(name)).collect();
        Self { settings, arrivals: Arrivals::new(), vetoes, identifiers: Identifiers::default(), rows: 0 }
    }

    /// Adds rows of the table `records`, as [`super::Input::records`] has them; all of them before any identifier.
    ///
    /// # Errors
    /// `Config` if a column is missing, `Check` if a record id is null, empty, or there twice.
    pub fn records(&mut self, batches: &[RecordBatch]) -> Result<()> {
        let Self { arrivals, vetoes, rows, .. } = self;
        let ids = Text::columns(batches, RECORDS, "record_id")?;
        let (numbered, read) = std::thread::scope(|scope| {
            let read = scope.spawn(|| vetoes.iter_mut().try_for_each(|column| column.add(batches)));
            let numbered = ids.iter().try_for_each(|ids| {
                let numbered = arrivals.add(ids, *rows, RECORDS).map(drop);
                *rows += ids.len();
                numbered
            });
            (numbered, read.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        });
        numbered?;
        if self.arrivals.len() != self.rows {
            return Err(Error::new(Kind::Check, "a record id appears twice")
                .with("table", RECORDS)
                .with("rows", self.rows)
                .with("different record ids", self.arrivals.len())
                .hint("one row per record: group by `record_id` in the stage's SQL"));
        }
        read
    }

    /// Adds rows of the table `identifiers`, as [`super::Input::identifiers`] has them.
    ///
    /// # Errors
    /// `Config` if a column is missing, `Check` if a record id is null or empty, or there are too many kinds.
    pub fn identifiers(&mut self, batches: &[RecordBatch]) -> Result<()> {
        self.identifiers.add(batches, &mut self.arrivals)
    }

    /// Follows what people decided, then puts together who shows the same identifier.
    ///
    /// # Errors
    /// `Config` if a table lacks a column or a decision is unknown.
    pub fn join(self, overrides: &[RecordBatch], generic: &[RecordBatch]) -> Result<Joined<'a>> {
        let Self { settings, arrivals, vetoes, identifiers, .. } = self;
        let records = arrivals.sort();
        let mut clusters = Clusters::new(records.len(), Guard::new(vetoes, &records));
        decide(&mut clusters, overrides, &records)?;
        let generic = Generic::read(generic)?;
        let (kinds, blocks) = identifiers.blocks(&records, settings);
        let notices = join(&mut clusters, blocks, &kinds, &generic, settings.block_records_max);
        let comparisons = Comparisons::new(records.len());
        Ok(Joined { settings, records, clusters, kinds, notices, comparisons })
    }
}

/// Takes what records are compared in.
pub struct Joined<'a> {
    settings: &'a Settings,
    records: Records,
    clusters: Clusters,
    kinds: Kinds,
    notices: Vec<Notice>,
    comparisons: Comparisons,
}

impl<'a> Joined<'a> {
    /// Adds rows of the table `comparisons`, as [`super::Input::comparisons`] has them.
    ///
    /// # Errors
    /// `Config` if a column is missing or cannot be read as text, `Check` if a record is there twice.
    pub fn comparisons(&mut self, batches: &[RecordBatch]) -> Result<()> {
        batches.iter().try_for_each(|batch| self.comparisons.add(batch, &self.records, &mut self.clusters))
    }

    /// Asks why pairs of records have the match weight that they have; before any comparison is added.
    ///
    /// # Errors
    /// `Usage` if a record is unknown.
    pub fn asking(mut self, pairs: &[[&str; 2]]) -> Result<Self> {
        let find = |id: &str| {
            let unknown = || Error::new(Kind::Usage, format!("there is no record `{}`", id.escape_debug()));
            self.records.find(id).ok_or_else(unknown)
        };
        let asked: Vec<u32> = pairs.iter().flatten().map(|id| find(id)).collect::<Result<_>>()?;
        self.comparisons.ask(&asked);
        Ok(self)
    }

    /// Puts together who is alike enough.
    ///
    /// # Errors
    /// `Config` if the batches of `comparisons` do not fit together.
    pub fn score(self) -> Result<Decided<'a>> {
        let Self { settings, records, mut clusters, kinds, notices, comparisons } = self;
        let scored = scored::score(comparisons.finish()?, &mut clusters, kinds.score(), &settings.scoring)?;
        let (partition, identities) = (clusters.finish(), Identities::default());
        Ok(Decided { settings, records, kinds, notices, scored, partition, identities })
    }
}

/// Takes who was who before, so that ids stay.
pub struct Decided<'a> {
    settings: &'a Settings,
    records: Records,
    kinds: Kinds,
    notices: Vec<Notice>,
    scored: Scored,
    partition: Partition,
    identities: Identities,
}

impl Decided<'_> {
    /// Why the pairs of [`Joined::asking`] have the match weight that they have; none where a record is not compared, and no
    /// pairs where nothing is.
    pub fn waterfalls(&self) -> &[Option<Waterfall>] {
        &self.scored.waterfalls
    }

    /// Adds rows of the previous run's identities, as [`super::Input::previous_identities`] has them.
    ///
    /// # Errors
    /// `Config` if a column is missing, `Corrupt` if a customer id is not one of ours.
    pub fn previous(&mut self, batches: &[RecordBatch]) -> Result<()> {
        self.identities.add(batches, &self.records)
    }

    /// Gives every cluster its customer id; `aliases` are those of the previous run.
    ///
    /// # Errors
    /// `Corrupt` if a customer id is not one of ours.
    pub fn finish(self, aliases: &[RecordBatch]) -> Result<Resolution> {
        let Self { settings, records, kinds, notices, scored, partition, identities } = self;
        let previous = Previous::new(identities, aliases, records.len())?;
        let overlaps = previous.overlaps(&partition);
        let customers = previous.assign(&overlaps, &partition, &records, settings.run);
        let history = history::compare(&previous, &overlaps, &customers, &partition.sizes());
        let results = Results { records, kinds, partition, customers, history, notices, scored };
        Ok(output::tables(&results, &settings.vetoes))
    }
}

/// Follows what people decided: first what must stay apart, then what belongs together, in the order of record ids.
fn decide(clusters: &mut Clusters, overrides: &[RecordBatch], records: &Records) -> Result<()> {
    let column = |name| Text::columns(overrides, "overrides", name);
    let (lefts, rights, decisions) = (column("left_record")?, column("right_record")?, column("decision")?);
    let (mut links, mut unlinks) = (Vec::new(), Vec::new());
    for (batch, decisions) in decisions.iter().enumerate() {
        for row in 0..decisions.len() {
            let pairs = match decisions.get(row) {
                Some("link") => &mut links,
                Some("unlink") => &mut unlinks,
                _ => return Err(unknown_decision(row)),
            };
            let find = |column: &[Text]| column[batch].get(row).and_then(|id| records.find(id));
            if let (Some(left), Some(right)) = (find(&lefts), find(&rights))
                && left != right
            {
                pairs.push((left.min(right), left.max(right)));
            }
        }
    }
    for (left, right) in unlinks {
        clusters.unlink(left, right);
    }
    links.sort_unstable();
    for (left, right) in links {
        clusters.force(left, right);
    }
    Ok(())
}

fn unknown_decision(row: usize) -> Error {
    Error::new(Kind::Config, "an override's decision is unknown")
        .with("table", "overrides")
        .with("row", row + 1)
        .hint("a decision is `link` or `unlink`")
}

/// Puts the records of each block together, and says which blocks were not simply used.
fn join(
    clusters: &mut Clusters,
    blocks: Vec<Blocks>,
    kinds: &Kinds,
    generic: &Generic,
    records_max: usize,
) -> Vec<Notice> {
    let generic = generic.set();
    let mut notices = Vec::new();
    let mut members = Vec::new();
    for blocks in blocks {
        let (name, confidence) = (&kinds.names[blocks.kind as usize], kinds.confidences[blocks.kind as usize]);
        for value in blocks.values() {
            blocks.members(value, &mut members);
            if members.len() < 2 {
                continue;
            }
            let text = blocks.text(value);
            let is_generic = [Some(name.as_str()), None].iter().any(|&kind| generic.contains(&(kind, text)));
            let action = if is_generic {
                Some(Action::Generic)
            } else if members.len() > records_max {
                Some(Action::TooLarge)
            } else {
                clusters.join(&members, blocks.kind, confidence).then_some(Action::Contested)
            };
            notices.extend(action.map(|action| Notice {
                kind: blocks.kind,
                value_hash: value_hash(name, text),
                records: members.len() as i64,
                action,
            }));
        }
    }
    notices.sort_unstable();
    notices
}
