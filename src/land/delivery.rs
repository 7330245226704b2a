//! The deliveries of a source: how many rows came each time, from the loads of this run and of those before.

use crate::error::{Kind, Result};
use crate::lake::{Lake, Load, Manifest, TableName};
use crate::project::Keep;

/// Deliveries that the usual is taken from.
pub(super) const USUAL: usize = 10;

/// What came at a time: a file, or all files that count together, if the files that are there are the whole; a table of
/// a database, or the rows of it that were later than the watermark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Delivery {
    /// The loads in it.
    id: String,
    /// The file or table; none for several together.
    pub(super) file: Option<String>,
    /// Rows that landed.
    pub(super) rows: u64,
}

/// The deliveries in `loads`, in the order in which they came. Rows of a database that lack its watermark are none,
/// unless they are all there is.
pub(super) fn of(loads: &[Load], keep: Keep) -> Vec<Delivery> {
    let has_watermark = loads.iter().any(|load| load.watermark.is_some());
    let mut loads: Vec<&Load> = loads.iter().filter(|load| load.watermark.is_some() == has_watermark).collect();
    loads.sort_by_key(|load| load.run);
    let of = |loads: &[&Load]| Delivery {
        id: loads.iter().map(|load| &load.load[..16]).collect(),
        file: if let [only] = loads { Some(only.file.clone()) } else { None },
        rows: loads.iter().map(|load| load.rows_landed).sum(),
    };
    match keep {
        Keep::All => loads.iter().map(|load| of(&[load])).collect(),
        Keep::Present | Keep::Latest if loads.is_empty() => Vec::new(),
        Keep::Present | Keep::Latest => vec![of(&loads)],
    }
}

/// The last deliveries of `source` as of `manifest`, those that count no longer included, oldest first.
pub(super) async fn history(lake: &Lake, manifest: &Manifest, source: &str, keep: Keep) -> Result<Vec<Delivery>> {
    let name = TableName::new("raw", source)?;
    let mut history = of(manifest.loads.get(source).map_or(&[][..], Vec::as_slice), keep);
    let mut run = manifest.table(&name).map_or(0, |table| table.run);
    // Each step leads to the run in which the table was still another one.
    for _ in 0..USUAL {
        if history.len() > USUAL || run <= 1 {
            break;
        }
        let before = match lake.manifest(run - 1).await {
            Err(error) if error.kind() == Kind::Usage => break,
            before => before?,
        };
        let mut older = of(before.loads.get(source).map_or(&[][..], Vec::as_slice), keep);
        older.retain(|delivery| !history.iter().any(|known| known.id == delivery.id));
        older.append(&mut history);
        history = older;
        run = before.table(&name).map_or(0, |table| table.run);
    }
    Ok(history)
}

/// `history`, and what of `loads` is new; and how many are not new.
pub(super) fn extend(mut history: Vec<Delivery>, loads: &[Load], keep: Keep) -> (Vec<Delivery>, usize) {
    let known = history.len();
    let mut new = of(loads, keep);
    new.retain(|delivery| !history.iter().any(|known| known.id == delivery.id));
    history.append(&mut new);
    (history, known)
}
