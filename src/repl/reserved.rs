//! The places that no result may be written to: the lake, the project's own files, the files of its sources.

use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};

use super::settings::About;
use crate::error::{Error, Kind, Result};
use crate::lake::layout::MANIFESTS;
use crate::project::CONFIG_FILE;

/// As landing finds the files of a source.
const MATCHING: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// That the file `path`, whose folder is `folder`, is not one of those that the shell is open on. Both are canonical, as
/// far as they exist.
///
/// # Errors
/// `Denied`.
pub(super) fn refuse(path: &Path, folder: &Path, about: &About) -> Result<()> {
    let denied = |what: &str, hint: &str| Err(Error::new(Kind::Denied, what).with("file", path.display()).hint(hint));
    let is_in_this_lake = about.lake_folder.as_ref().is_some_and(|lake| folder.starts_with(canonical(lake)));
    if is_in_this_lake || folder.ancestors().any(|folder| folder.join(MANIFESTS).is_dir()) {
        let hint = "write it somewhere else; a table of the lake is made by a stage";
        return denied("a lake's folder is for Onefold only", hint);
    }
    let Some(project) = about.folder.as_ref().map(|folder| canonical(folder)) else { return Ok(()) };
    let file = folder.join(path.file_name().unwrap_or_default());
    if file == project.join(CONFIG_FILE) || folder.starts_with(project.join("sql")) {
        return denied("a result must not replace a file of the project", "write it somewhere else");
    }
    match about.sources.iter().find(|source| matches(&project, source, &file)) {
        Some(source) => denied(
            &format!("a result must not become a file of a source: `path = \"{source}\"` matches it"),
            "write it somewhere else",
        ),
        None => Ok(()),
    }
}

/// Whether `file` is, or would be, one of the files of a source.
fn matches(project: &Path, source: &str, file: &Path) -> bool {
    let source = source.strip_prefix("file://").unwrap_or(source);
    // The folders before the first wildcard exist, so that `..` and links in them can be resolved.
    let wild = source.find(['*', '?', '[']).unwrap_or(source.len());
    let fixed = source[..wild].rfind('/').map_or(0, |slash| slash + 1);
    let (fixed, rest) = source.split_at(fixed);
    let fixed = canonical(&project.join(fixed));
    let pattern = format!("{}/{rest}", Pattern::escape(fixed.to_string_lossy().trim_end_matches('/')));
    Pattern::new(&pattern).is_ok_and(|pattern| pattern.matches_path_with(file, MATCHING))
}

fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_project_and_of_its_sources_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().canonicalize().expect("exists");
        for inside in ["shop/sources/crm", "shop/sql/segment", "exports"] {
            std::fs::create_dir_all(root.join(inside)).expect("makes");
        }
        let sources = ["sources/crm/*.csv", "../exports/orders.csv"].map(str::to_owned).to_vec();
        let about = About { folder: Some(root.join("shop")), sources, ..About::default() };
        let refused = |file: &str| {
            let path = root.join(file);
            refuse(&path, path.parent().expect("a folder"), &about).is_err_and(|error| error.kind() == Kind::Denied)
        };
        let own = ["shop/onefold.toml", "shop/sql/x.csv", "shop/sql/segment/vip.sql"];
        for file in own.into_iter().chain(["shop/sources/crm/contacts.csv", "exports/orders.csv"]) {
            assert!(refused(file), "{file}");
        }
        for file in ["shop/x.csv", "shop/sources/crm/x.parquet", "exports/x.csv", "onefold.toml"] {
            assert!(!refused(file), "{file}");
        }
    }
}
