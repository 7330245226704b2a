//! Which files of a source count, and what a file does to those that landed before it.

use super::discover::Found;
use super::load::Identity;
use crate::error::{Error, Kind, Result};
use crate::lake::Load;
use crate::project::{Keep, OnChange, Source};

/// What a file is to those that landed before it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It has landed.
    Known,
    /// No file of its name has landed.
    New,
    /// It has landed under this name, of which there is no file any more.
    Renamed(String),
    /// Its bytes have landed, and are read in another way: what they were read into before goes.
    Reread,
    /// A file of its name with other bytes has landed.
    Changed,
}

/// What the file called `file`, one of those that are there, `found`, is to `loads`. Of several versions the last counts:
/// one that comes back is a change.
pub(super) fn standing(loads: &[Load], found: &[Found], file: &str, id: &Identity) -> Standing {
    let is_same = |load: &&Load| load.content.as_ref() == Some(&id.content);
    match loads.iter().rfind(|load| load.file == file) {
        None => match loads.iter().find(|load| is_same(load) && is_gone(load, found)) {
            None => Standing::New,
            // All versions but one are nowhere else: they keep the name under which they landed.
            Some(old) if loads.iter().filter(|load| load.file == old.file).count() > 1 => Standing::Known,
            Some(old) => Standing::Renamed(old.file.clone()),
        },
        Some(last) if id.is_of(last) => Standing::Known,
        Some(last) if is_same(&last) => Standing::Reread,
        Some(_) => Standing::Changed,
    }
}

/// Whether there is no file of the load's name any more.
fn is_gone(load: &Load, found: &[Found]) -> bool {
    found.iter().all(|file| file.name != load.file)
}

/// Takes out of `loads` those that the file called `file` takes the place of. Returns a notice.
///
/// # Errors
/// `Check` when the file changed and the source's rule is to stop.
pub(super) fn make_room(
    loads: &mut Vec<Load>,
    (name, source): (&str, &Source),
    file: &str,
    standing: &Standing,
) -> Result<Option<String>> {
    let notice = match (standing, source.on_change) {
        (Standing::Known | Standing::New, _) => return Ok(None),
        (Standing::Renamed(old), _) => {
            loads.retain(|load| load.file != *old);
            return Ok(Some(format!("`{file}` was called `{old}` when it landed: its rows move to the new name")));
        }
        (Standing::Reread, _) => {
            if let Some(last) = loads.iter().rposition(|load| load.file == file) {
                loads.remove(last);
            }
            if loads.iter().any(|load| load.file == file) {
                "is read in another way than when it landed: the rows of its last version are replaced; those of \
                 earlier versions stay as they were read"
            } else {
                "is read in another way than when it landed: its rows are replaced"
            }
        }
        (Standing::Changed, OnChange::Replace) => {
            loads.retain(|load| load.file != file);
            "changed since it landed: its rows are replaced"
        }
        (Standing::Changed, OnChange::Append) => "changed since it landed: the rows of both versions stay",
        (Standing::Changed, OnChange::Stop) => {
            let error = Error::new(Kind::Check, "the file changed since it landed").with("source", name);
            return Err(error.with("file", file).hint(
                "nothing landed; give changed files a name of their own, or set `on_change` to `replace` or `append`",
            ));
        }
    };
    Ok(Some(format!("`{file}` {notice}")))
}

/// The files of a source that count, of those that are there, in the order of their names.
pub(super) fn counting(mut found: Vec<Found>, keep: Keep) -> Vec<Found> {
    match keep {
        Keep::All | Keep::Present => found,
        Keep::Latest => found.split_off(found.len().saturating_sub(1)),
    }
}

/// Says which of `loads` are of files that are no longer there; `found` are those that are.
pub(super) fn vanished(loads: &[Load], found: &[Found]) -> Vec<String> {
    let mut gone: Vec<&str> = loads.iter().filter(|load| is_gone(load, found)).map(|load| &*load.file).collect();
    gone.dedup();
    gone.iter().map(|file| format!("`{file}` is no longer there: its rows stay")).collect()
}

/// Takes out of `loads` what counts no longer, given the files that count now. Returns how many went, and notices.
pub(super) fn drop_vanished(loads: &mut Vec<Load>, counting: &[Found], keep: Keep) -> (usize, Vec<String>) {
    let before = loads.len();
    if keep == Keep::Latest {
        // A rule that was another one may have left several versions.
        loads.reverse();
        loads.dedup_by(|older, newer| older.file == newer.file);
        loads.reverse();
    }
    let vanished: Vec<&Load> = loads.iter().filter(|load| is_gone(load, counting)).collect();
    let notices = match (keep, counting.last()) {
        (Keep::All, _) => Vec::new(),
        (Keep::Latest, Some(latest)) => {
            let newer = vanished.iter().filter(|load| load.file > latest.name);
            newer.map(|load| format!("`{}` is no longer there: `{}` is the latest", load.file, latest.name)).collect()
        }
        (Keep::Present | Keep::Latest, _) => {
            vanished.iter().map(|load| format!("`{}` is no longer there: its rows go", load.file)).collect()
        }
    };
    loads.retain(|load| keep == Keep::All || !is_gone(load, counting));
    (before - loads.len(), notices)
}

/// # Errors
/// `Config` when the rules of a source contradict each other.
pub(super) fn check(name: &str, source: &Source) -> Result<()> {
    if (source.keep, source.on_change) == (Keep::Latest, OnChange::Append) {
        let error = Error::new(Kind::Config, "`keep = \"latest\"` and `on_change = \"append\"` contradict each other");
        return Err(error
            .with("source", name)
            .with("key", format!("sources.{name}.on_change"))
            .hint("of a full snapshot there is one version: leave `on_change` out, or set it to `stop`"));
    }
    Ok(())
}
