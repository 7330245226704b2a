//! The manifest: what one run left behind, as JSON. The log of manifests is the lake's history.
//!
//! Its last line but one is a checksum of all lines before: whoever changes a manifest, on purpose or by a dying disk,
//! is found out before a row is read.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::layout::{QUARANTINE, TableName};
use crate::error::{Error, Kind, Result};

/// The manifest format that this version writes. It reads all formats up to this one.
pub const FORMAT: u32 = 2;

/// The first format with a checksum.
const FORMAT_CHECKSUM: u32 = 2;

/// Every table of the lake after one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The manifest's format; a newer one than [`FORMAT`] is refused.
    pub format: u32,
    /// The run's number, from 1; also the manifest's name.
    pub run: u64,
    /// The run that this one read.
    pub parent: Option<u64>,
    /// The project that owns the lake.
    pub project: String,
    /// A random token of the process that wrote the manifest, by which it recognises its own commit.
    pub writer: String,
    /// The version of Onefold that wrote it.
    pub version: String,
    /// What was asked for: `land`, `run`, `refresh`, `demo`.
    pub command: String,
    /// The exclusive upper bound in time of all that the run counted, as `YYYY-MM-DD`; none if nothing has run yet.
    pub as_of: Option<String>,
    /// When the run began, UTC.
    pub started_at: String,
    /// When the manifest was written, UTC.
    pub committed_at: String,
    /// The parameters of the run, by name, as SQL literals.
    pub params: BTreeMap<String, String>,
    /// The tables by full name, such as `profile.customers`.
    pub tables: BTreeMap<String, Table>,
    /// The files landed so far, by source.
    pub loads: BTreeMap<String, Vec<Load>>,
    /// What the user should know about this run. None in manifests that were written before they were kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
}

/// Something that the user should know about a run, though it did not fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The source that it is about; none if it is about another thing.
    pub source: Option<String>,
    /// Whether an expectation of the source was not met.
    pub unmet: bool,
    /// What there is to know, as a sentence without values of rows.
    pub text: String,
}

/// On one line, with the source in front of a text that does not name it.
impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Some(source) if !self.text.contains(&format!("`{source}`")) => write!(f, "{source}: {}", self.text),
            _ => write!(f, "{}", self.text),
        }
    }
}

/// One table of a manifest.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// The run that computed it; smaller than the manifest's run if it was carried over.
    pub run: u64,
    /// Its files, in row order. There is at least one, which holds the schema even when there are no rows.
    pub files: Vec<DataFile>,
    /// What it was computed from: same fingerprint, same table.
    pub fingerprint: Fingerprint,
    /// The tables that it was computed from.
    pub inputs: Vec<String>,
    /// How long it took to compute, in milliseconds.
    pub elapsed_ms: u64,
    /// Which of its rows count; none if all do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<Newest>,
}

/// Of the rows of each key the newest counts; rows that lack a part of the key all count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Newest {
    /// The columns that say what a row is about.
    pub key: Vec<String>,
    /// SQL expressions over the columns, the first deciding: the row with the greatest value is the newest, one without a
    /// value the oldest; of equal ones, the last line of the last file by name.
    pub by: Vec<String>,
    /// Rows that do not count.
    pub superseded: u64,
}

impl Table {
    /// Rows that count.
    pub fn rows(&self) -> u64 {
        let superseded = self.newest.as_ref().map_or(0, |newest| newest.superseded);
        self.files.iter().map(|file| file.rows).sum::<u64>().saturating_sub(superseded)
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// BLAKE3 over what the files hold and which rows of it count: same rows in the same columns, same hash.
    pub fn content_hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for file in &self.files {
            hasher.update(file.content.as_ref().unwrap_or(&file.hash).as_bytes());
        }
        if let Some(Newest { key, by, .. }) = &self.newest {
            hasher.update(format!("{key:?} newest by {by:?}").as_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }
}

/// What a table was computed from, as `aspect → value or BLAKE3`: `sql`, `contract`, `$lapsed_days`, `clean.orders`, …
/// Two runs differ in exactly the aspects that made a table be computed again.
pub type Fingerprint = BTreeMap<String, String>;

/// One Parquet file of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFile {
    /// Where it lies, relative to the lake's root.
    pub path: String,
    /// Rows in it.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// BLAKE3 of its bytes, in hex.
    pub hash: String,
    /// BLAKE3 of its rows and columns, in hex: without the footer, which names the run. None in manifests that were
    /// written before it was taken; then the file's hash counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// The end of it, which every reader holds against this: on a damaged one, Parquet's readers panic. None in older
    /// manifests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub footer: Option<Footer>,
}

/// What stands in a data file behind its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Footer {
    /// How many bytes it has.
    pub bytes: u64,
    /// BLAKE3 of them, in hex.
    pub hash: String,
}

/// One landed source file and its row balance: `rows_read = rows_landed + rows_quarantined`, as it landed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// The source file as `onefold.toml` names it, relative to the project, or its URL.
    pub file: String,
    /// BLAKE3 of the file's bytes and of the settings it was read with: the load's identity.
    pub load: String,
    /// BLAKE3 of the file's bytes alone: tells a changed file from one that is read in another way. None for tables of
    /// databases, and in manifests that were written before it was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// The file's size in bytes.
    pub bytes: u64,
    /// Records found in the file.
    pub rows_read: u64,
    /// Records that became rows of `raw.<source>`.
    pub rows_landed: u64,
    /// Records that went to `quarantine.<source>`.
    pub rows_quarantined: u64,
    /// Of the landed rows, those that are gone because they were older than the source may keep them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rows_expired: u64,
    /// The run that landed it.
    pub run: u64,
    /// The landed rows that are there still.
    pub data: DataFile,
    /// The quarantined rows; none if all could be read, or if they are gone with the last of the landed ones.
    pub quarantine: Option<DataFile>,
    /// How far a table of a database was read; none for files, and for tables that are read whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watermark: Option<Watermark>,
}

/// How far a table was read: up to the highest value of a column that never falls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watermark {
    /// The column.
    pub column: String,
    /// Its highest value among the landed rows, as SQL writes it.
    pub value: String,
    /// How many rows have exactly this value. They are the load's last ones.
    pub rows: u64,
}

impl Manifest {
    /// The first manifest's parent: an empty lake that belongs to `project`.
    pub fn empty(project: &str) -> Self {
        Self {
            format: FORMAT,
            run: 0,
            parent: None,
            project: project.to_owned(),
            writer: String::new(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            command: String::new(),
            as_of: None,
            started_at: String::new(),
            committed_at: String::new(),
            params: BTreeMap::new(),
            tables: BTreeMap::new(),
            loads: BTreeMap::new(),
            notices: Vec::new(),
        }
    }

    /// The draft of the run that follows this one: the same tables under the next number.
    #[must_use]
    pub fn next(&self, writer: &str, command: &str, started_at: jiff::Timestamp) -> Self {
        Self {
            format: FORMAT,
            run: self.run + 1,
            parent: (self.run > 0).then_some(self.run),
            writer: writer.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            command: command.to_owned(),
            started_at: started_at.to_string(),
            committed_at: String::new(),
            notices: Vec::new(),
            ..self.clone()
        }
    }

    /// The table called `name`.
    pub fn table(&self, name: &TableName) -> Option<&Table> {
        self.tables.get(&name.to_string())
    }

    /// Every data file by its path, with the table that it belongs to.
    pub fn files(&self) -> BTreeMap<String, (String, DataFile)> {
        let of_table = |(name, table): (&String, &Table)| {
            let name = name.clone();
            table.files.clone().into_iter().map(move |file| (file.path.clone(), (name.clone(), file)))
        };
        let mut files: BTreeMap<_, _> = self.tables.iter().flat_map(of_table).collect();
        for (source, load) in self.loads.iter().flat_map(|(source, loads)| loads.iter().map(move |load| (source, load)))
        {
            for (schema, file) in [("raw", Some(&load.data)), (QUARANTINE, load.quarantine.as_ref())] {
                let Some(file) = file else { continue };
                files.entry(file.path.clone()).or_insert_with(|| (format!("{schema}.{source}"), file.clone()));
            }
        }
        files
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// `Corrupt` when it is not one, when a byte of it has changed, or when a newer version of Onefold made it.
    pub fn from_json(bytes: &[u8], path: &str) -> Result<Self> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
            version: String,
            checksum: Option<String>,
        }
        let corrupt = || {
            Error::new(Kind::Corrupt, "the manifest is damaged")
                .with("file", path)
                .hint("bring it back from a backup, or go back to an older run by `onefold restore N`")
        };
        let head: Head = serde_json::from_slice(bytes).map_err(|error| corrupt().source(error))?;
        if head.format > FORMAT {
            let message = format!("the lake was made by a newer version of Onefold, {}", head.version.escape_debug());
            return Err(Error::new(Kind::Corrupt, message).with("file", path).hint("upgrade Onefold"));
        }
        let end = bytes.len().saturating_sub(checksum_line(b"").len());
        let (body, checksum) = bytes.split_at(end);
        let is_sealed = head.format >= FORMAT_CHECKSUM || head.checksum.is_some();
        if is_sealed && checksum != checksum_line(body).as_bytes() {
            return Err(corrupt());
        }
        serde_json::from_slice(bytes).map_err(|error| corrupt().source(error))
    }

    /// Writes it as JSON for people: indented, keys in a fixed order.
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).expect("a manifest has only string keys");
        json.truncate(json.len() - "\n}".len());
        let checksum = checksum_line(&json);
        json.extend_from_slice(checksum.as_bytes());
        json
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(rows: &u64) -> bool {
    *rows == 0
}

/// The end of a manifest that begins with `body`. It is of the same length for all.
fn checksum_line(body: &[u8]) -> String {
    format!(",\n  \"checksum\": \"{}\"\n}}\n", blake3::hash(body).to_hex())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_format_is_refused_by_name() {
        let mut manifest = Manifest::empty("shop");
        manifest.format = FORMAT + 1;
        manifest.version = "9.9.9".into();
        let error = Manifest::from_json(&manifest.to_json(), "m.json").expect_err("newer");
        assert_eq!(error.kind(), Kind::Corrupt);
        assert_eq!(error.message(), "the lake was made by a newer version of Onefold, 9.9.9");
        assert_eq!(Manifest::from_json(b"{", "m.json").expect_err("cut").kind(), Kind::Corrupt);
    }

    #[test]
    fn equal_rows_are_equal_content_and_a_file_without_is_known_by_its_bytes() {
        let file = |rest: &str| {
            serde_json::from_str(&format!(r#"{{"path": "t.parquet", "rows": 1, "bytes": 9, {rest}}}"#)).expect("a file")
        };
        let content = |rest: &str| Table { files: vec![file(rest)], ..Table::default() }.content_hash();
        assert_eq!(content(r#""hash": "a", "content": "c""#), content(r#""hash": "b", "content": "c""#));
        assert_ne!(content(r#""hash": "a", "content": "c""#), content(r#""hash": "a", "content": "d""#));
        assert_ne!(content(r#""hash": "a""#), content(r#""hash": "b""#));
    }

    #[test]
    fn format_1_had_no_checksum_and_is_read() {
        let old = Manifest { format: 1, ..Manifest::empty("shop") };
        let json = serde_json::to_vec(&old).expect("writes");
        assert_eq!(Manifest::from_json(&json, "m.json").expect("reads"), old);
        let new = serde_json::to_vec(&Manifest::empty("shop")).expect("writes");
        assert_eq!(Manifest::from_json(&new, "m.json").expect_err("no checksum").kind(), Kind::Corrupt);
    }

    #[test]
    fn a_changed_byte_is_found() {
        let json = Manifest::empty("shop").next("w", "run", jiff::Timestamp::UNIX_EPOCH).to_json();
        for at in 0..json.len() {
            let mut changed = json.clone();
            changed[at] ^= 1;
            assert_eq!(
                Manifest::from_json(&changed, "m.json").expect_err("changed").kind(),
                Kind::Corrupt,
                "byte {at}"
            );
        }
    }

    #[test]
    fn notices_are_of_one_run_and_older_manifests_have_none() {
        let notice = Notice { source: Some("crm".into()), unmet: false, text: "`a.csv` is a copy of `b.csv`".into() };
        let manifest = Manifest { notices: vec![notice], ..Manifest::empty("shop") };
        assert_eq!(Manifest::from_json(&manifest.to_json(), "m.json").expect("reads"), manifest);
        assert_eq!(manifest.notices[0].to_string(), "crm: `a.csv` is a copy of `b.csv`");
        assert_eq!(manifest.next("w", "run", jiff::Timestamp::UNIX_EPOCH).notices, []);
        let silent = String::from_utf8(Manifest::empty("shop").to_json()).expect("text");
        assert!(!silent.contains("notices"), "{silent}");
        assert_eq!(Manifest::from_json(silent.as_bytes(), "m.json").expect("reads").notices, []);
    }

    #[test]
    fn survives_json() {
        let manifest = Manifest::empty("shop").next("w", "run", jiff::Timestamp::UNIX_EPOCH);
        assert_eq!(manifest.run, 1);
        assert_eq!(manifest.parent, None);
        assert_eq!(Manifest::from_json(&manifest.to_json(), "m.json").expect("reads"), manifest);
    }
}
