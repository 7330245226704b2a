//! Looking at every byte of the lake: whether the manifests can be read, and whether the data files are what was written.

use std::collections::BTreeMap;

use futures::TryStreamExt;
use serde::Serialize;

use super::footer::footer;
use super::gc::{Object, is_unnamed};
use super::intact::Damage;
use super::layout::{LAYERS, PUBLISHED as PUBLISHED_LAYERS, QUARANTINE, STAGING, TableName, manifest_path};
use super::manifest::{DataFile, Manifest};
use super::store::Lake;
use crate::error::{Kind, Result};

/// What was looked at, and what was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// The runs whose files were looked at.
    pub runs: Vec<u64>,
    /// Data files and published objects.
    pub files: usize,
    /// Rows in the data files.
    pub rows: u64,
    /// Bytes of the data files and the published objects.
    pub bytes: u64,
    /// What is not as it should be, by path.
    pub damaged: Vec<Damaged>,
    /// Objects that no manifest names: left by a run that failed, or being written by one.
    pub orphans: Vec<Object>,
    /// What the user should know, though nothing is damaged.
    pub notices: Vec<String>,
}

/// An object that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Damaged {
    /// Where it lies.
    pub path: String,
    /// What it belongs to: a table, `published`, or `manifest`.
    pub belongs_to: String,
    /// The newest run that names it.
    pub run: u64,
    /// The size that it should have; none for a manifest.
    pub expected_bytes: Option<u64>,
    /// What is wrong.
    pub problem: String,
}

/// What a [`Damaged`] object below `published/` belongs to.
pub const PUBLISHED: &str = "published";

/// A data file, what it belongs to, and the newest run that names it.
struct Named {
    file: DataFile,
    belongs_to: String,
    run: u64,
}

impl Lake {
    /// Looks at the files of `run`, or of all runs, and at what is published. Reads everything, changes nothing.
    ///
    /// # Errors
    /// `Store` when the store fails, `Usage` when there is no such run; damage is not an error but what it finds.
    pub async fn verify(&self, run: Option<u64>) -> Result<Verification> {
        let mut found = Verification::default();
        let mut named = BTreeMap::new();
        let mut head = None;
        let runs = self.runs().await?;
        for number in runs.iter().copied().filter(|number| run.is_none_or(|run| run == *number)) {
            match self.manifest(number).await {
                Ok(manifest) => {
                    enter(&manifest, &mut named);
                    found.runs.push(number);
                    head = (runs.last() == Some(&number)).then_some(manifest);
                }
                Err(error) if error.kind() == Kind::Corrupt => found.damaged.push(Damaged {
                    path: manifest_path(number).to_string(),
                    belongs_to: "manifest".into(),
                    run: number,
                    expected_bytes: None,
                    problem: error.message().to_owned(),
                }),
                Err(error) => return Err(error),
            }
        }
        if let (Some(run), true) = (run, found.runs.is_empty() && found.damaged.is_empty()) {
            self.manifest(run).await?;
        }
        self.look_at(&mut found, &named).await?;
        // What belongs to a manifest that cannot be read is no orphan.
        if run.is_none() && found.runs.len() == runs.len() {
            self.look_for_orphans(&mut found, &named).await?;
        }
        if let Some(head) = head {
            self.look_at_published(&mut found, &head).await?;
        }
        found.damaged.sort();
        Ok(found)
    }

    async fn look_at(&self, found: &mut Verification, named: &BTreeMap<String, Named>) -> Result<()> {
        let mut damages = self.damages(named.values().map(|named| named.file.clone()).collect());
        while let Some((file, damage)) = damages.try_next().await? {
            let Some(Named { belongs_to, run, .. }) = named.get(&file.path) else { continue };
            // Asked for each time: files may be collected meanwhile.
            if damage == Some(Damage::Missing) && *run < self.kept_from().await? {
                continue;
            }
            found.files += 1;
            found.rows += file.rows;
            found.bytes += file.bytes;
            let damage = match damage {
                None => self.wrong_rows(&file).await?,
                damage => damage,
            };
            found.damaged.extend(damage.map(|damage| Damaged {
                path: file.path.clone(),
                belongs_to: belongs_to.clone(),
                run: *run,
                expected_bytes: Some(file.bytes),
                problem: damage.to_string(),
            }));
        }
        Ok(())
    }

    /// Whether the footer counts other rows than the manifest.
    async fn wrong_rows(&self, file: &DataFile) -> Result<Option<Damage>> {
        let rows = footer(self, file).await?.file_metadata().num_rows();
        let wrong = rows != file.rows as i64;
        Ok(wrong.then(|| Damage::Table(format!("it has {rows} rows, not {}", file.rows))))
    }

    async fn look_for_orphans(&self, found: &mut Verification, named: &BTreeMap<String, Named>) -> Result<()> {
        let named = named.keys().cloned().collect();
        for folder in LAYERS.iter().chain([&QUARANTINE, &STAGING]) {
            let objects = self.metas(folder).await?.into_iter();
            found.orphans.extend(objects.filter(|meta| is_unnamed(&meta.location, &named)).map(Object::from));
        }
        found.orphans.extend(self.leftovers(i64::MAX)?);
        Ok(())
    }

    async fn look_at_published(&self, found: &mut Verification, head: &Manifest) -> Result<()> {
        let record = self.published().await?;
        if record.run != head.run {
            let text =
                format!("`published/` shows run {}, the newest is {}: the next refresh mends it", record.run, head.run);
            found.notices.push(text);
            return Ok(());
        }
        let objects = published_objects(head)?;
        let strangers = self.list("published").await?.into_iter().map(String::from);
        let strangers = strangers.filter(|path| objects.iter().all(|object| object.path != *path));
        let strangers = strangers.map(|path| format!("`{path}` is not ours, and BI tools read it"));
        let (mut notices, mut damaged): (Vec<String>, _) = (strangers.collect(), Vec::new());
        let mut damages = self.damages(objects);
        while let Some((file, damage)) = damages.try_next().await? {
            found.files += 1;
            found.bytes += file.bytes;
            damaged.extend(damage.map(|damage| Damaged {
                path: file.path.clone(),
                belongs_to: PUBLISHED.into(),
                run: head.run,
                expected_bytes: Some(file.bytes),
                problem: damage.to_string(),
            }));
        }
        // A run that was committed meanwhile replaces what we looked at.
        if self.runs().await?.last() == Some(&head.run) {
            found.damaged.append(&mut damaged);
            found.notices.append(&mut notices);
        }
        Ok(())
    }
}

/// The objects that should lie below `published/`, each as the data file that it is a copy of.
fn published_objects(head: &Manifest) -> Result<Vec<DataFile>> {
    let mut objects = Vec::new();
    for (name, table) in &head.tables {
        let name: TableName = name.parse()?;
        if let ([file], true) = (table.files.as_slice(), PUBLISHED_LAYERS.contains(&name.schema.as_str())) {
            objects.push(DataFile { path: name.published_path().to_string(), ..file.clone() });
        }
    }
    Ok(objects)
}

fn enter(manifest: &Manifest, named: &mut BTreeMap<String, Named>) {
    for (path, (belongs_to, file)) in manifest.files() {
        named.insert(path, Named { file, belongs_to, run: manifest.run });
    }
}
