//! Going back: a run that holds what an older one held.

use jiff::Timestamp;

use super::manifest::Manifest;
use super::store::Lake;
use crate::error::{Error, Kind, Result};

impl Lake {
    /// Commits what `old` held as the run behind `newest`, whose manifest need not be readable, once all of its files
    /// have proved intact.
    ///
    /// # Errors
    /// `Usage` when its files have been collected, `Corrupt` when one is damaged, `Conflict` when someone else commits
    /// or collects meanwhile. The lake holds then what it held before.
    pub async fn restore(&self, old: &Manifest, newest: u64, at: Timestamp) -> Result<Manifest> {
        if self.kept_from().await? > old.run {
            let message = format!("the files of run {} have been collected", old.run);
            return Err(Error::new(Kind::Usage, message).hint("`onefold history` lists the runs whose files are kept"));
        }
        self.check(old.files().into_values().map(|(_, file)| file).collect()).await?;
        let restored = self.again(old, newest, at);
        self.commit(&restored).await?;
        // A collection that did not see the commit had written its record before.
        if self.kept_from().await? > old.run {
            self.commit(&self.again(&self.manifest(newest).await?, restored.run, at)).await?;
            let message = format!("the files of run {} were collected meanwhile", old.run);
            return Err(Error::new(Kind::Conflict, message).hint("the lake holds what it held before"));
        }
        Ok(restored)
    }

    /// What `old` held, as the run behind `newest`.
    fn again(&self, old: &Manifest, newest: u64, at: Timestamp) -> Manifest {
        let draft = old.next(self.writer(), &format!("restore {}", old.run), at);
        Manifest { run: newest + 1, parent: Some(newest), committed_at: at.to_string(), ..draft }
    }
}
