//! Which files a source is, and bringing those that are not on local disk here.

use std::io::Write;
use std::path::{Path as FsPath, PathBuf};
use std::sync::Arc;

use futures::TryStreamExt;
use glob::{MatchOptions, Pattern};
use jiff::Timestamp;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use tempfile::NamedTempFile;
use url::Url;

use crate::error::{Error, Kind, Result};
use crate::lake::connect;

/// What a shell does: `*` and `?` do not match `/`, nor a leading dot.
const MATCHING: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// One file of a source.
pub(super) struct Found {
    /// Its name as people know it: relative to the project, or a URL.
    pub(super) name: String,
    /// Its size.
    pub(super) bytes: u64,
    /// When it was last written, if that is known.
    pub(super) modified: Option<Timestamp>,
    place: Place,
}

enum Place {
    Local(PathBuf),
    Remote(Arc<dyn ObjectStore>, Path),
}

/// A file on local disk; a fetched one lives as long as this does.
pub(super) struct Local {
    pub(super) path: PathBuf,
    _fetched: Option<NamedTempFile>,
}

/// The files that `pattern` of the source `source` matches, in the order of their names.
///
/// # Errors
/// `Source` when there is none, `Config` when the pattern is wrong.
pub(super) async fn files(root: &FsPath, source: &str, pattern: &str) -> Result<Vec<Found>> {
    let mut found = match pattern.split_once("://") {
        Some(("file", path)) => local_files(FsPath::new("/"), path.trim_start_matches('/'), "file:///")?,
        Some(_) => remote_files(pattern).await?,
        None => local_files(root, pattern, "")?,
    };
    found.sort_by(|a, b| a.name.cmp(&b.name));
    if found.is_empty() {
        let error = Error::new(Kind::Source, "no file matches").with("source", source).with("path", pattern);
        let from = if pattern.contains("://") { "the store".into() } else { format!("`{}`", root.display()) };
        return Err(error.hint(format!(
            "put the files there, or change `path` under `[sources.{source}]`; it is looked up from {from}"
        )));
    }
    Ok(found)
}

fn local_files(root: &FsPath, pattern: &str, prefix: &str) -> Result<Vec<Found>> {
    let base = if FsPath::new(pattern).is_absolute() { FsPath::new("/") } else { root };
    let parts = pattern.split('/').filter(|part| !["", "."].contains(part)).map(Pattern::new);
    let parts: Vec<Pattern> = parts.collect::<Result<_, _>>().map_err(|error| wrong_pattern(pattern, error))?;
    let mut paths = Vec::new();
    matching(base, &parts, &mut paths)
        .map_err(|error| Error::new(Kind::Source, "a folder cannot be read").with("path", pattern).source(error))?;
    paths.sort();
    paths.dedup();
    let mut found = Vec::new();
    for path in paths {
        let name = path.strip_prefix(root).unwrap_or(&path);
        let Some(name) = name.to_str() else {
            let error = Error::new(Kind::Source, "the name of a file is not UTF-8");
            let shown = name.as_os_str().as_encoded_bytes().escape_ascii().to_string();
            return Err(error.with("file", shown).hint("rename it, or change `path` so that it does not match"));
        };
        let name = name.replace('\\', "/");
        let unreadable = |error| Error::new(Kind::Source, "the file cannot be read").with("file", &name).source(error);
        let meta = std::fs::metadata(&path).map_err(unreadable)?;
        if meta.is_file() {
            let modified = meta.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
            let place = Place::Local(path);
            found.push(Found { name: format!("{prefix}{name}"), bytes: meta.len(), modified, place });
        } else if name.trim_end_matches('/') == pattern.trim_end_matches('/') {
            let error = Error::new(Kind::Source, "the path is a folder").with("path", pattern);
            return Err(error.hint(format!("write `{}/*.csv` for its CSV files", pattern.trim_end_matches('/'))));
        }
    }
    Ok(found)
}

/// Adds to `found` what the `parts` of a pattern match below `folder`. A name that is not UTF-8 matches by what can be
/// shown of it.
fn matching(folder: &FsPath, parts: &[Pattern], found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let Some((part, rest)) = parts.split_first() else {
        found.push(folder.to_owned());
        return Ok(());
    };
    if !part.as_str().contains(['*', '?', '[']) {
        let path = folder.join(part.as_str());
        return if path.symlink_metadata().is_ok() { matching(&path, rest, found) } else { Ok(()) };
    }
    // Any folders, also none.
    let is_deep = part.as_str() == "**";
    if is_deep {
        matching(folder, rest, found)?;
    }
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder)? {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        let name = name.to_string_lossy();
        if is_deep && !name.starts_with('.') && path.is_dir() {
            matching(&path, parts, found)?;
        } else if !is_deep && part.matches_with(&name, MATCHING) {
            matching(&path, rest, found)?;
        }
    }
    Ok(())
}

async fn remote_files(pattern: &str) -> Result<Vec<Found>> {
    // Behind `http` a `?` begins a query, and nothing can be listed.
    let wild = if pattern.starts_with("http") { None } else { pattern.find(['*', '?', '[']) };
    let fixed = wild.map_or(pattern, |at| pattern[..at].rfind('/').map_or(pattern, |slash| &pattern[..=slash]));
    let url =
        Url::parse(fixed).map_err(|error| Error::new(Kind::Config, format!("`{fixed}` is not a URL")).source(error))?;
    let (store, prefix) = connect(&url)?;
    let failed = |error| unreachable("the store cannot be read", error).with("path", pattern);
    if wild.is_none() {
        let meta = match store.head(&prefix).await {
            Err(object_store::Error::NotFound { .. }) => return Ok(Vec::new()),
            meta => meta.map_err(failed)?,
        };
        return Ok(vec![Found::remote(pattern.to_owned(), meta, &store)]);
    }
    let matching = Pattern::new(&pattern[fixed.len()..]).map_err(|error| wrong_pattern(pattern, error))?;
    let listed: Vec<_> = store.list(Some(&prefix)).try_collect().await.map_err(failed)?;
    let mut found = Vec::new();
    for meta in listed {
        let rest = meta.location.as_ref().strip_prefix(prefix.as_ref()).unwrap_or_default().trim_start_matches('/');
        if matching.matches_with(rest, MATCHING) {
            found.push(Found::remote(format!("{fixed}{rest}"), meta, &store));
        }
    }
    Ok(found)
}

/// A store that refuses or has not what was asked for will do so again; one that cannot be reached may be back soon.
fn unreachable(message: &str, cause: object_store::Error) -> Error {
    use object_store::Error::{NotFound, NotSupported, PermissionDenied, Unauthenticated};
    let error = Error::new(Kind::Source, message);
    let error = match cause {
        NotFound { .. } | NotSupported { .. } | PermissionDenied { .. } | Unauthenticated { .. } => error,
        _ => error.passing(),
    };
    error.source(cause)
}

fn wrong_pattern(pattern: &str, error: glob::PatternError) -> Error {
    Error::new(Kind::Config, "the path's pattern is wrong").with("path", pattern).source(error)
}

impl Found {
    fn remote(name: String, meta: ObjectMeta, store: &Arc<dyn ObjectStore>) -> Self {
        let modified = Timestamp::from_millisecond(meta.last_modified.timestamp_millis()).ok();
        Self { name, bytes: meta.size, modified, place: Place::Remote(Arc::clone(store), meta.location) }
    }

    /// The file on local disk: itself, or a copy in the temporary folder.
    pub(super) async fn local(&self) -> Result<Local> {
        let (store, location) = match &self.place {
            Place::Local(path) => return Ok(Local { path: path.clone(), _fetched: None }),
            Place::Remote(store, location) => (store, location),
        };
        let broken = |error| unreachable("the file cannot be fetched", error).with("file", &self.name);
        let full = |error| {
            Error::new(Kind::Exhausted, "the temporary folder cannot take the file")
                .with("file", &self.name)
                .source(error)
        };
        let copy = NamedTempFile::new().map_err(full)?;
        let mut file = copy.reopen().map_err(full)?;
        let mut bytes = store.get(location).await.map_err(broken)?.into_stream();
        while let Some(piece) = bytes.try_next().await.map_err(broken)? {
            tokio::task::block_in_place(|| file.write_all(&piece)).map_err(full)?;
        }
        Ok(Local { path: copy.path().to_owned(), _fetched: Some(copy) })
    }
}
