//! The SQL files of a project: those that ship, each replaced by the project's own file of the same path. That is the
//! whole override mechanism.

use std::collections::BTreeMap;
use std::path::Path;

use include_dir::{Dir, include_dir};

use crate::error::{Error, Kind, Result};

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/sql");

/// One SQL file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlFile {
    /// Its path below `sql/`, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Whether it is the project's own.
    pub own: bool,
}

/// All SQL files of a project by their path below `sql/`.
#[derive(Debug, Clone, Default)]
pub struct SqlFolder {
    files: BTreeMap<String, SqlFile>,
}

impl SqlFolder {
    /// The built-in files, overlaid with those below `root/sql`.
    ///
    /// # Errors
    /// `Config` when a file cannot be read as UTF-8 text.
    pub fn read(root: &Path) -> Result<Self> {
        let mut folder = Self::built_in();
        let own = root.join("sql");
        if own.is_dir() {
            folder.read_own(&own, "")?;
        }
        Ok(folder)
    }

    /// The files that ship.
    pub fn built_in() -> Self {
        fn add(dir: &Dir<'_>, files: &mut BTreeMap<String, SqlFile>) {
            for file in dir.files().filter(|file| file.path().extension().is_some_and(|e| e == "sql")) {
                let path = file.path().to_string_lossy().replace('\\', "/");
                let text = file.contents_utf8().unwrap_or_default().to_owned();
                files.insert(path.clone(), SqlFile { path, text, own: false });
            }
            dir.dirs().for_each(|dir| add(dir, files));
        }
        let mut folder = Self::default();
        add(&BUILT_IN, &mut folder.files);
        folder
    }

    /// The file at `path` below `sql/`.
    pub fn get(&self, path: &str) -> Option<&SqlFile> {
        self.files.get(path)
    }

    /// All files in the order of their paths.
    pub fn files(&self) -> impl Iterator<Item = &SqlFile> {
        self.files.values()
    }

    fn read_own(&mut self, dir: &Path, prefix: &str) -> Result<()> {
        let failed = |path: &Path, error| {
            Error::new(Kind::Config, "cannot read a SQL file").with("file", path.display()).source(error)
        };
        for entry in std::fs::read_dir(dir).map_err(|error| failed(dir, error))? {
            let path = entry.map_err(|error| failed(dir, error))?.path();
            let name = format!("{prefix}{}", path.file_name().unwrap_or_default().to_string_lossy());
            if path.is_dir() {
                self.read_own(&path, &format!("{name}/"))?;
            } else if path.extension().is_some_and(|extension| extension == "sql") {
                let text = std::fs::read_to_string(&path).map_err(|error| failed(&path, error))?;
                self.files.insert(name.clone(), SqlFile { path: name, text, own: true });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_projects_file_replaces_the_built_in_one_of_the_same_path() {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(dir.path().join("sql/segment")).expect("folders");
        std::fs::write(dir.path().join("sql/contract.sql"), "-- mine").expect("writes");
        std::fs::write(dir.path().join("sql/segment/vip.sql"), "SELECT 1 AS customer_id").expect("writes");
        let folder = SqlFolder::read(dir.path()).expect("reads");
        assert_eq!(folder.get("contract.sql").map(|file| (file.own, file.text.as_str())), Some((true, "-- mine")));
        assert!(folder.get("segment/vip.sql").is_some_and(|file| file.own));
        assert!(SqlFolder::built_in().get("contract.sql").is_some_and(|file| !file.own));
    }
}
