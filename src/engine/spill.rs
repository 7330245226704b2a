//! The folder for spill files. They hold personal data, so the folder is for its owner only, goes with the session, and
//! what a killed process left behind is swept by the next one.

use std::fs::File;
use std::path::Path;

use crate::error::{Error, Kind, Result, no_room};

/// The file by whose lock a living owner is known.
const LOCK: &str = "lock";

/// A folder of its own, removed on drop.
pub(super) struct SpillFolder {
    folder: tempfile::TempDir,
    /// Locked for as long as the folder is in use.
    _lock: File,
}

impl SpillFolder {
    /// A new folder below `parent`, or below the system's temp folder, once the dead ones there are gone.
    pub(super) fn create(parent: Option<&Path>) -> Result<Self> {
        let parent = parent.map_or_else(|| std::env::temp_dir().join("onefold-spill"), Path::to_owned);
        let failed = |error: std::io::Error| {
            let kind = if no_room(error.kind()).is_some() { Kind::Exhausted } else { Kind::Store };
            Error::new(kind, "cannot make the folder for spill files").with("folder", parent.display()).source(error)
        };
        std::fs::create_dir_all(&parent).map_err(failed)?;
        sweep(&parent);
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let folder = builder.prefix("spill-").tempdir_in(&parent).map_err(failed)?;
        let lock = File::create(folder.path().join(LOCK)).map_err(failed)?;
        lock.lock().map_err(failed)?;
        Ok(Self { folder, _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Removes the folders whose owners are dead. What cannot be removed is left: it is not ours or in use.
fn sweep(parent: &Path) {
    let Ok(entries) = std::fs::read_dir(parent) else { return };
    let folders = entries.flatten().map(|entry| entry.path());
    for folder in folders.filter(|path| is_spill(path.as_path())) {
        if File::open(folder.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok()) {
            let _ = std::fs::remove_dir_all(&folder);
        }
    }
}

fn is_spill(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("spill-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dead_process_left_is_swept_and_a_living_one_is_spared() {
        let parent = tempfile::tempdir().expect("a folder");
        let dead = parent.path().join("spill-dead");
        std::fs::create_dir(&dead).expect("makes");
        std::fs::write(dead.join(LOCK), "").expect("writes");
        let living = SpillFolder::create(Some(parent.path())).expect("creates");
        assert!(!dead.exists());
        let second = SpillFolder::create(Some(parent.path())).expect("creates");
        assert!(living.path().exists() && second.path().exists());
        let path = living.path().to_owned();
        drop(living);
        assert!(!path.exists());
    }
}
