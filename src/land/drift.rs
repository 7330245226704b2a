//! Files of one source with different columns: matched by name, never by position.

use std::collections::BTreeMap;

use arrow::datatypes::{DataType, Field, Schema};
use futures::{StreamExt, TryStreamExt, stream};

use crate::error::{Error, Kind, Result};
use crate::lake::{Lake, Load};

/// Footers that are fetched at a time.
const FOOTERS: usize = 16;

/// The columns of a source's files: each name with its type.
#[derive(Debug, Default)]
pub(super) struct Columns {
    types: BTreeMap<String, DataType>,
    files: usize,
}

impl Columns {
    /// The columns of the files that have landed.
    pub(super) async fn of(lake: &Lake, loads: &[&Load]) -> Result<Self> {
        let schemas = stream::iter(loads.iter().map(|load| load.data.clone()))
            .map(|data| async move { lake.schema(&data).await })
            .buffered(FOOTERS);
        schemas
            .try_fold(Self::default(), |mut columns, schema| async move {
                columns.add(&schema);
                Ok(columns)
            })
            .await
    }

    /// Takes a file's columns in.
    pub(super) fn add(&mut self, schema: &Schema) {
        self.files += 1;
        for field in schema.fields() {
            self.types.entry(field.name().clone()).or_insert_with(|| field.data_type().clone());
        }
    }

    /// What a further file with `schema` has and lacks, as notices; `alone` says that no earlier file counts any longer.
    pub(super) fn compare(&self, file: &str, schema: &Schema, alone: bool) -> Vec<String> {
        if self.files == 0 {
            return Vec::new();
        }
        let added = schema.fields().iter().map(|field| field.name()).filter(|name| !self.types.contains_key(*name));
        let missing = self.types.keys().filter(|name| schema.index_of(name).is_err());
        let (added, missing) = (quoted(added), quoted(missing));
        let mut notices = Vec::new();
        if !added.is_empty() {
            let null = if alone { "" } else { "; they are NULL there" };
            notices.push(format!("`{file}` has columns that earlier files lack: {added}{null}"));
        }
        if !missing.is_empty() {
            let null = if alone { "; the table has them no longer" } else { "; they are NULL here" };
            notices.push(format!("`{file}` lacks columns that earlier files have: {missing}{null}"));
        }
        notices
    }

    /// What is different in the table `name` whose columns are those of `schema` and were these, as notices.
    pub(super) fn changes(&self, name: &str, schema: &Schema) -> Vec<String> {
        let fields = schema.fields().iter().map(|field| field.name());
        let added = quoted(fields.filter(|column| !self.types.contains_key(*column)));
        let gone = quoted(self.types.keys().filter(|column| schema.index_of(column).is_err()));
        [("has columns that it lacked", added), ("lacks columns that it had", gone)]
            .into_iter()
            .filter(|(_, columns)| !columns.is_empty())
            .map(|(what, columns)| format!("`{name}` {what} when it last landed: {columns}"))
            .collect()
    }

    /// # Errors
    /// `Check` with the differences when a column has another type in `schema`.
    pub(super) fn same_types(&self, source: &str, file: &str, schema: &Schema) -> Result<()> {
        let Some(differences) = self.retyped(schema, "in earlier files") else { return Ok(()) };
        Err(Error::new(Kind::Check, "the file's columns have other types than those of earlier files")
            .with("source", source)
            .with("file", file)
            .detail(differences)
            .hint("write the file with the same types, or make it a source of its own"))
    }

    /// The columns that are of another type in `schema`, a line for each; `these` says where they are of ours.
    pub(super) fn retyped(&self, schema: &Schema, these: &str) -> Option<String> {
        let line = |field: &Field| {
            let (name, found) = (field.name(), field.data_type());
            let known = self.types.get(name).filter(|known| *known != found)?;
            Some(format!("  {name}: {found} here, {known} {these}"))
        };
        let lines: Vec<_> = schema.fields().iter().filter_map(|field| line(field)).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

fn quoted<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
