//! The names that one can type: tables with their columns, functions, parameters. Taken from the session once, for
//! completion and highlighting, which must not wait.

use std::collections::BTreeSet;

use datafusion::arrow::datatypes::SchemaRef;

use super::unmade::Unmade;
use crate::engine::{Session, functions};
use crate::lake::layout::LAYERS;
use crate::project::Params;

/// A table's name and columns.
#[derive(Debug, Clone)]
pub(super) struct TableNames {
    pub(super) schema: String,
    pub(super) table: String,
    pub(super) columns: SchemaRef,
}

impl TableNames {
    /// The name as one types it: `profile.customers`, and `_` for the last result.
    pub(super) fn full(&self) -> String {
        if self.schema == "public" { self.table.clone() } else { format!("{}.{}", self.schema, self.table) }
    }
}

/// All names of a session.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    /// In the order of the layers, then by name.
    pub(super) tables: Vec<TableNames>,
    /// The functions, ours first.
    pub(super) functions: Vec<String>,
    pub(super) params: Vec<String>,
    /// Tables that can be described but not asked.
    pub(super) unmade: Vec<Unmade>,
}

impl Names {
    /// The names of a session. A table whose columns cannot be read is left out.
    pub(super) async fn read(session: &Session, params: &Params, unmade: &[Unmade]) -> Self {
        let state = session.context().state();
        let catalog = session.context().catalog(&state.config_options().catalog.default_catalog);
        let mut tables = Vec::new();
        for schema in catalog.iter().flat_map(|catalog| catalog.schema_names()) {
            let Some(provider) = catalog.as_ref().and_then(|catalog| catalog.schema(&schema)) else { continue };
            for table in provider.table_names() {
                if let Ok(Some(found)) = provider.table(&table).await {
                    tables.push(TableNames { schema: schema.clone(), table, columns: found.schema() });
                }
            }
        }
        tables.sort_by_key(|table| (layer(&table.schema), table.schema.clone(), table.table.clone()));
        let own: Vec<String> = functions::catalog().iter().map(|function| function.name.to_owned()).collect();
        let scalar = state.scalar_functions().keys();
        let known: BTreeSet<&String> =
            scalar.chain(state.aggregate_functions().keys()).chain(state.window_functions().keys()).collect();
        let others: Vec<String> = known.into_iter().filter(|name| !own.contains(name)).cloned().collect();
        let params = params.iter().map(|(name, _)| name.to_owned()).collect();
        Self { tables, functions: own.into_iter().chain(others).collect(), params, unmade: unmade.to_vec() }
    }

    /// The table called `name`, with its schema or, if it is the only one of the name, without.
    pub(super) fn table(&self, name: &str) -> Option<&TableNames> {
        let exact = self.tables.iter().find(|table| table.full().eq_ignore_ascii_case(name));
        exact.or_else(|| {
            let mut same = self.tables.iter().filter(|table| table.table.eq_ignore_ascii_case(name));
            same.next().filter(|_| same.next().is_none())
        })
    }

    /// The schemas, in the order of the layers.
    pub(super) fn schemas(&self) -> Vec<&str> {
        let made = self.tables.iter().map(|table| table.schema.as_str());
        let mut schemas: Vec<&str> = made.chain(self.unmade.iter().map(|table| table.name.schema.as_str())).collect();
        schemas.sort_by_key(|schema| (layer(schema), *schema));
        schemas.dedup();
        schemas.retain(|schema| *schema != "public");
        schemas
    }
}

/// A schema's place in the order in which data flows.
pub(super) fn layer(schema: &str) -> usize {
    LAYERS.iter().position(|layer| *layer == schema).unwrap_or(LAYERS.len())
}
