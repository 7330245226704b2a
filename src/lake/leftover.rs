//! What a killed process left behind in a local lake: files that `object_store` was writing under a name of its own, such
//! as `x.parquet#1`, which it hides from listings.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::gc::{Object, millis};
use super::layout::{LAYERS, QUARANTINE};
use super::store::Lake;
use crate::error::{Error, Kind, Result};

/// The further folders in which we write.
const FOLDERS: [&str; 2] = ["published", "_onefold"];

/// What the names of our objects end with.
const ENDINGS: [&str; 3] = [".parquet", ".json", ".clock"];

impl Lake {
    /// The leftovers that were last written before the time `until`.
    pub(super) fn leftovers(&self, until: i64) -> Result<Vec<Object>> {
        let Some(root) = self.folder() else { return Ok(Vec::new()) };
        let folders = LAYERS.iter().chain([&QUARANTINE]).chain(&FOLDERS);
        let mut open: Vec<_> = folders.map(|folder| root.join(folder)).filter(|folder| folder.is_dir()).collect();
        let mut found = Vec::new();
        while let Some(folder) = open.pop() {
            for path in inside(&folder)? {
                let Ok(meta) = path.symlink_metadata() else { continue };
                if meta.is_dir() {
                    open.push(path);
                } else if is_leftover(&path) && meta.modified().is_ok_and(|at| since_1970(at) <= until) {
                    let below = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
                    found.push(Object { path: below, bytes: meta.len() });
                }
            }
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    /// Removes leftovers.
    pub(super) fn sweep(&self, leftovers: &[Object]) -> Result<()> {
        let Some(root) = self.folder() else { return Ok(()) };
        for leftover in leftovers {
            let file = root.join(&leftover.path);
            match std::fs::remove_file(&file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(unreadable(&file, error)),
                _ => {}
            }
        }
        Ok(())
    }
}

/// What lies in a folder. What vanishes meanwhile, as the folder of a process that is done, is not left over.
fn inside(folder: &Path) -> Result<Vec<PathBuf>> {
    let paths = std::fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    match paths {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        other => other.map_err(|error| unreadable(folder, error)),
    }
}

fn is_leftover(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.rsplit_once('#').is_some_and(|(object, number)| {
        ENDINGS.iter().any(|ending| object.ends_with(ending)) && number.parse::<u64>().is_ok()
    })
}

fn since_1970(time: SystemTime) -> i64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, millis)
}

fn unreadable(path: &Path, error: std::io::Error) -> Error {
    Error::new(Kind::Store, "cannot sweep the lake's folder").with("path", path.display()).source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_has_vanished_holds_nothing_and_what_is_no_folder_is_told() {
        let dir = tempfile::tempdir().expect("a folder");
        assert_eq!(inside(&dir.path().join("spill-of-one-that-is-done")).expect("nothing"), Vec::<PathBuf>::new());
        let file = dir.path().join("a.parquet#1");
        std::fs::write(&file, "").expect("writes");
        assert_eq!(inside(dir.path()).expect("one"), std::slice::from_ref(&file));
        assert!(inside(&file).expect_err("it is a file").message().contains("cannot sweep"));
    }
}
