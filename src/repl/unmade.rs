//! Tables that the project will have and the pinned run does not have: they cannot be asked, but they can be described.

use datafusion::arrow::datatypes::SchemaRef;

use super::names::Names;
use crate::error::{Error, Kind};
use crate::lake::TableName;

/// A table that the project knows and that has not been made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmade {
    /// Its name.
    pub name: TableName,
    /// Its columns, if the contract has them.
    pub columns: Option<SchemaRef>,
    /// What makes it, as a hint says it: "`onefold run` makes it".
    pub how: String,
}

impl Unmade {
    /// That it cannot be asked, and what makes it.
    pub(super) fn error(&self) -> Error {
        let error = Error::new(Kind::Sql, format!("the table `{}` has not been made yet", self.name));
        match self.columns {
            Some(_) => error.hint(format!("{}; `\\d {}` shows its columns", self.how, self.name)),
            None => error.hint(self.how.clone()),
        }
    }
}

impl Names {
    /// The table called `name` among those that have not been made, with its schema or, if it is the only one of the name,
    /// without.
    pub(super) fn unmade(&self, name: &str) -> Option<&Unmade> {
        let same = |known: &str| known.eq_ignore_ascii_case(name);
        let exact = self.unmade.iter().find(|table| same(&table.name.to_string()));
        exact.or_else(|| {
            let mut named = self.unmade.iter().filter(|table| same(&table.name.table));
            named.next().filter(|_| named.next().is_none())
        })
    }

    /// The error of a statement; one about a table that has not been made says what makes it.
    pub(super) fn with_unmade(&self, error: Error) -> Error {
        let missing = error.message().strip_prefix("there is no table `").and_then(|rest| rest.strip_suffix('`'));
        match missing.and_then(|name| self.unmade(name)) {
            Some(table) => match error.detail_text() {
                Some(place) => table.error().detail(place),
                None => table.error(),
            },
            None => error,
        }
    }
}
