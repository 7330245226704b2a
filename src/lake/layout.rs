//! Where things lie in the lake, and which names may appear in a path.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use object_store::path::Path;

use crate::error::{Error, Kind, Result};

/// The layers, in the order in which data flows. Each is a SQL schema.
pub const LAYERS: [&str; 6] = ["raw", "clean", "match", "profile", "rfm", "segment"];

/// The layers that BI tools read.
pub const PUBLISHED: [&str; 4] = ["match", "profile", "rfm", "segment"];

/// The schema of the rows that could not be read, one table per source.
pub const QUARANTINE: &str = "quarantine";

/// The schema of the landed rows that newer ones of their key supersede, one table per source with a key. It shows rows of
/// raw files and has none of its own.
pub const SUPERSEDED: &str = "superseded";

/// The column of a raw table that says which file a row came from, relative to the project. That of a further version
/// of a file ends with the run that landed it: `crm.csv@00000042`.
pub const FILE: &str = "_file";

/// The column of a raw table that says where in the file a row began: line, JSON element or Parquet row, from 1.
pub const LINE: &str = "_line";

/// The folder of the commit log.
pub const MANIFESTS: &str = "_onefold/manifest";

/// The folder of manifests that have no name yet.
pub const STAGING: &str = "_onefold/staging";

/// The folder of spill files, on a local lake.
pub const SPILL: &str = "_onefold/spill";

/// The record of what was collected.
pub const GC_RECORD: &str = "_onefold/gc.json";

/// The record of what lies under `published/`.
pub const PUBLISHED_RECORD: &str = "_onefold/published.json";

/// A table's name, such as `profile.customers`. Both parts are safe as path segments and as SQL identifiers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableName {
    /// The layer.
    pub schema: String,
    /// The table within it.
    pub table: String,
}

impl TableName {
    /// A name of two parts.
    ///
    /// # Errors
    /// `Denied` when a part is not a lower-case SQL identifier of at most 63 characters: such a name could leave the
    /// lake's folder or need quoting in SQL.
    pub fn new(schema: &str, table: &str) -> Result<Self> {
        for part in [schema, table] {
            let mut chars = part.chars();
            let head = chars.next().is_some_and(|c| c.is_ascii_lowercase());
            if !head || part.len() > 63 || !chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
                let error = Error::new(Kind::Denied, format!("`{}` cannot be a table name", part.escape_debug()));
                return Err(error.hint("use lower-case letters, digits and `_`, a letter first, at most 63 characters"));
            }
        }
        Ok(Self { schema: schema.to_owned(), table: table.to_owned() })
    }

    /// The object of the `n`-th file that `run` by `writer` writes for this table.
    pub fn data_path(&self, run: u64, writer: &str, n: usize) -> Path {
        Path::from(format!("{}/{}/{run:08}-{writer}-{n}.parquet", self.schema, self.table))
    }

    /// The object that BI tools read.
    pub fn published_path(&self) -> Path {
        Path::from(format!("published/{}/{}.parquet", self.schema, self.table))
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.table)
    }
}

impl FromStr for TableName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (schema, table) = text.split_once('.').ok_or_else(|| {
            Error::new(Kind::Usage, format!("`{text}` is not a table"))
                .hint("write it as `layer.table`, such as `profile.customers`")
        })?;
        Self::new(schema, table)
    }
}

/// The columns of a table of [`QUARANTINE`]: one row per record that could not be read.
pub fn quarantine_schema() -> SchemaRef {
    let field = |name, data_type| Field::new(name, data_type, false);
    Arc::new(Schema::new(vec![
        field("file", DataType::Utf8),
        field("line", DataType::Int64),
        field("byte_offset", DataType::Int64),
        field("reason", DataType::Utf8),
        field("raw", DataType::Utf8),
        field("load", DataType::Utf8),
    ]))
}

/// The object of manifest `run`.
pub fn manifest_path(run: u64) -> Path {
    Path::from(format!("{MANIFESTS}/{run:020}.json"))
}

/// The run whose manifest lies at `path`, if it is one.
pub fn manifest_run(path: &Path) -> Option<u64> {
    path.filename()?.strip_suffix(".json")?.parse().ok()
}

/// Whether `path` is one that we give a data file: nothing else in the lake's folders is ours to delete.
pub(super) fn is_data_path(path: &Path) -> bool {
    let parts: Vec<_> = path.parts().collect();
    let [schema, table, file] = parts.as_slice() else { return false };
    let is_ours = LAYERS.contains(&schema.as_ref()) || schema.as_ref() == QUARANTINE;
    let stem = file.as_ref().strip_suffix(".parquet").unwrap_or_default();
    let lengths: Vec<usize> = stem.split('-').map(str::len).collect();
    let is_load = lengths == [16, 8];
    let is_of_run = matches!(lengths.as_slice(), [run, 8, _] if *run >= 8);
    let is_named_by_us = (is_load || is_of_run) && stem.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    is_ours && is_named_by_us && TableName::new(schema.as_ref(), table.as_ref()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_leave_the_lake_are_denied() {
        for bad in ["", "..", "a/b", "a b", "A", "1a", "a.b", "é", "a\0", "select;", &"a".repeat(64)] {
            let error = TableName::new("segment", bad).expect_err("must be denied");
            assert_eq!(error.kind(), Kind::Denied, "{bad:?}");
        }
        assert_eq!(TableName::new("segment", "lapsed_2").expect("fine").to_string(), "segment.lapsed_2");
    }

    #[test]
    fn only_names_that_we_give_are_those_of_data_files() {
        let table = TableName::new("clean", "orders").expect("fine");
        assert!(is_data_path(&table.data_path(3, "deadbeef", 0)));
        assert!(is_data_path(&Path::from("raw/crm/0123456789abcdef-deadbeef.parquet")));
        for other in ["raw/crm.csv", "raw/crm/customers.parquet", "raw/crm/2024-01.parquet", "notes/a/1-2.parquet"] {
            assert!(!is_data_path(&Path::from(other)), "{other}");
        }
    }

    #[test]
    fn manifests_sort_by_run() {
        assert_eq!(manifest_path(42).to_string(), "_onefold/manifest/00000000000000000042.json");
        assert_eq!(manifest_run(&manifest_path(42)), Some(42));
        assert_eq!(manifest_run(&Path::from("_onefold/manifest/x.json")), None);
    }
}
