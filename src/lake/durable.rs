//! What survives a power loss. A folder's files and their names reach the disk only when they are flushed: `object_store`
//! 0.13 leaves that to the operating system.

use std::fs::File;
use std::io::Result;
use std::path::{Path as FsPath, PathBuf};

use object_store::path::Path;

/// Someone who brings objects to the disk.
pub trait Flush: std::fmt::Debug + Send + Sync {
    /// Returns once the object's content, and every name that leads to it, would survive a power loss.
    fn flush(&self, path: &Path) -> Result<()>;
}

/// The folder of a local lake.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The folder at `path`; makes it, durably, if it is not there.
    pub(super) fn create(path: &FsPath) -> Result<Self> {
        let missing: Vec<&FsPath> = path.ancestors().take_while(|place| !place.exists()).collect();
        std::fs::create_dir_all(path)?;
        for parent in missing.iter().filter_map(|place| place.parent()) {
            sync(if parent.as_os_str().is_empty() { FsPath::new(".") } else { parent })?;
        }
        Ok(Self { root: path.canonicalize()? })
    }

    pub(super) fn path(&self) -> &FsPath {
        &self.root
    }
}

impl Folder {
    /// Does `sync` to the object and to each folder that leads to it, the innermost first.
    fn each_place(&self, path: &Path, mut sync: impl FnMut(&FsPath) -> Result<()>) -> Result<()> {
        let object = self.root.join(path.as_ref());
        object.ancestors().take_while(|place| place.starts_with(&self.root)).try_for_each(&mut sync)
    }
}

impl Flush for Folder {
    fn flush(&self, path: &Path) -> Result<()> {
        self.each_place(path, sync)
    }
}

fn sync(place: &FsPath) -> Result<()> {
    File::open(place)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_below_missing_ones_is_made_and_its_files_are_flushed() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::create(&dir.path().join("a/b")).expect("makes");
        std::fs::create_dir(folder.path().join("c")).expect("makes");
        std::fs::write(folder.path().join("c/d"), "x").expect("writes");
        folder.flush(&Path::from("c/d")).expect("flushes");
        assert_eq!(folder.flush(&Path::from("c/e")).expect_err("missing").kind(), std::io::ErrorKind::NotFound);
    }

    #[test]
    fn the_file_and_each_folder_up_to_the_root_is_synced() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::create(&dir.path().join("lake")).expect("makes");
        let mut synced = Vec::new();
        let record = |place: &FsPath| {
            synced.push(place.strip_prefix(folder.path()).expect("within").to_string_lossy().into_owned());
            Ok(())
        };
        folder.each_place(&Path::from("raw/crm/a.parquet"), record).expect("records");
        assert_eq!(synced, ["raw/crm/a.parquet", "raw/crm", "raw", ""]);
    }

    /// What takes no sync says so, unless nobody asks it to.
    #[cfg(target_os = "linux")]
    #[test]
    fn the_system_is_asked_to_bring_it_to_the_disk() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::create(dir.path()).expect("is there");
        std::os::unix::fs::symlink("/dev/null", folder.path().join("null")).expect("links");
        File::open(folder.path().join("null")).expect("opens");
        let error = folder.flush(&Path::from("null")).expect_err("no file");
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    }
}
