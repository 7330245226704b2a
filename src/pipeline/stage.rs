//! Stage files: what a SQL file says about itself, read from its text.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Query, SelectItem, SetExpr, Statement, TableFactor, Value, ValueWithSpan, visit_expressions, visit_relations,
};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;

use crate::engine::{balance_sql, explain_syntax, too_deep};
use crate::error::{Error, Kind, Result, nearest};
use crate::lake::TableName;
use crate::lake::layout::LAYERS;
use crate::project::{Params, SqlFile};

/// The schema of the reference tables, which every stage may read.
const REFERENCE: &str = "reference";

/// What a line of the head comment that is not text begins with.
const TAGS: [&str; 4] = ["key:", "title:", "purpose:", "severity:"];

/// A node of the pipeline: it makes one table, or several at once.
#[derive(Debug, Clone)]
pub struct Stage {
    /// The table; for the identity engine, its first one.
    pub name: TableName,
    /// Who computes it.
    pub work: Work,
    /// The tables that it reads.
    pub inputs: BTreeSet<TableName>,
    /// The `$parameters` that it uses, without the `$`.
    pub params: BTreeSet<String>,
    /// The columns that tell its rows apart; none if it does not say.
    pub key: Vec<String>,
    /// What it is, from the first sentence of its comment.
    pub summary: String,
    /// Its columns that are another table's as they are, and which.
    pub taken: BTreeMap<String, (TableName, String)>,
}

/// Who computes a stage.
#[derive(Debug, Clone)]
pub enum Work {
    /// One or several SQL files, joined by `UNION ALL BY NAME`. None: a table of the contract that no source feeds.
    Sql(Vec<SqlFile>),
    /// The identity engine; it makes these tables.
    Identity(Vec<TableName>),
    /// These commands, in people's hands: a run makes the table, empty, only where there is none yet.
    Commands(&'static str),
    /// A check: it must return no rows, and makes no table.
    Check(SqlFile),
}

impl Stage {
    /// Reads one SQL file: a stage, a part of one, or a check.
    ///
    /// # Errors
    /// `Config` when it is not one query, or when its path does not name a table of a layer; `Denied` when a name in it
    /// cannot be a table's.
    pub fn read(file: &SqlFile) -> Result<Self> {
        let wrong = |message: String| Error::new(Kind::Config, message).with("file", format!("sql/{}", file.path));
        let name = table_of(&file.path).ok_or_else(|| {
            let error =
                wrong("a stage file must lie at `sql/<layer>/<table>.sql` or `sql/<layer>/<table>.<part>.sql`".into());
            let layer = file.path.split('/').next().unwrap_or_default();
            match nearest(layer, LAYERS) {
                Some(near) if near != layer => error.hint(format!("did you mean the folder `sql/{near}/`?")),
                _ => error.hint(format!("the layers are {}", LAYERS[1..].join(", "))),
            }
        })?;
        let name =
            TableName::new(&name.0, &name.1).map_err(|error| error.with("file", format!("sql/{}", file.path)))?;
        if let Some(reason) = too_deep(&file.text) {
            return Err(wrong(format!("the SQL is too deep: {reason}"))
                .hint("put what is within into a `WITH` of its own, or what is in a row into a table or a list"));
        }
        let mut statements = Parser::parse_sql(&GenericDialect {}, &file.text).map_err(|error| {
            let (message, drawn) = explain_syntax(&file.text, error);
            let error = wrong(format!("the SQL cannot be read: {message}"));
            match drawn {
                Some(drawn) => error.detail(drawn),
                None => error,
            }
        })?;
        balance_sql(&mut statements);
        let [Statement::Query(query)] = statements.as_slice() else {
            return Err(
                wrong("a stage file must hold exactly one query".into()).hint("write one `SELECT` or `WITH … SELECT`")
            );
        };
        let mut inputs = BTreeSet::new();
        let _ = visit_relations(query, |relation| {
            let parts: Vec<String> =
                relation.0.iter().map(|part| part.to_string().trim_matches('"').to_owned()).collect();
            if let [schema, table] = parts.as_slice()
                && schema != REFERENCE
            {
                inputs.insert((schema.clone(), table.clone()));
            }
            ControlFlow::<()>::Continue(())
        });
        let mut params = BTreeSet::new();
        let other = visit_expressions(query, |expression| {
            let Expr::Value(ValueWithSpan { value: Value::Placeholder(name), .. }) = expression else {
                return ControlFlow::Continue(());
            };
            match Params::name_of(name) {
                Ok(name) => params.insert(name.to_owned()),
                Err(error) => return ControlFlow::Break(error),
            };
            ControlFlow::Continue(())
        });
        if let ControlFlow::Break(error) = other {
            return Err(error.with("file", format!("sql/{}", file.path)));
        }
        let inputs = inputs.into_iter().map(|(schema, table)| TableName::new(&schema, &table));
        let inputs = inputs
            .collect::<Result<BTreeSet<_>>>()
            .map_err(|error| error.with("file", format!("sql/{}", file.path)))?;
        let (summary, key) = head(&file.text);
        let is_check = name.schema == super::check::SCHEMA;
        let work = if is_check { Work::Check(file.clone()) } else { Work::Sql(vec![file.clone()]) };
        Ok(Self { name, work, inputs, params, key, summary, taken: taken(query) })
    }
}

/// The columns of a query that are a table's as they are, `c.email`, under their names here.
fn taken(query: &Query) -> BTreeMap<String, (TableName, String)> {
    let SetExpr::Select(select) = query.body.as_ref() else { return BTreeMap::new() };
    let factors = select
        .from
        .iter()
        .flat_map(|from| std::iter::once(&from.relation).chain(from.joins.iter().map(|join| &join.relation)));
    let mut tables: BTreeMap<String, Option<TableName>> = BTreeMap::new();
    for factor in factors {
        let TableFactor::Table { name, alias, .. } = factor else { continue };
        let parts: Vec<&str> =
            name.0.iter().filter_map(|part| part.as_ident()).map(|part| part.value.as_str()).collect();
        let (table, own) = match parts[..] {
            [schema, table] => (TableName::new(schema, table).ok(), table),
            // What stands in a WITH is no table.
            [table] => (None, table),
            _ => continue,
        };
        let known_as = alias.as_ref().map_or(own, |alias| alias.name.value.as_str());
        tables.insert(known_as.to_owned(), table);
    }
    let is_alone = select.from.len() == 1 && select.from[0].joins.is_empty();
    let of = |expr: &Expr| match expr {
        Expr::CompoundIdentifier(parts) => match &parts[..] {
            [table, column] => Some((tables.get(&table.value)?.clone()?, column.value.clone())),
            _ => None,
        },
        Expr::Identifier(column) if is_alone => Some((tables.values().next()?.clone()?, column.value.clone())),
        _ => None,
    };
    let column = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(expr) => of(expr).map(|taken| (taken.1.clone(), taken)),
        SelectItem::ExprWithAlias { expr, alias } => of(expr).map(|taken| (alias.value.clone(), taken)),
        _ => None,
    };
    select.projection.iter().filter_map(column).collect()
}

/// The table that the file at `path` makes, or a part of: `clean/orders.shop.sql` → `clean.orders`.
fn table_of(path: &str) -> Option<(String, String)> {
    let (schema, file) = path.split_once('/')?;
    let table = file.strip_suffix(".sql")?.split('.').next()?;
    let layer = LAYERS[1..].contains(&schema) || schema == super::check::SCHEMA;
    (layer && !file.contains('/')).then(|| (schema.to_owned(), table.to_owned()))
}

/// What a head comment says: the title or else the first sentence of its text, and the columns of its `key:` line.
fn head(text: &str) -> (String, Vec<String>) {
    let key = tag(text, "key:");
    let key = key.map_or_else(Vec::new, |key| key.split(',').map(|column| column.trim().to_owned()).collect());
    let is_text = |line: &&str| !line.is_empty() && !TAGS.iter().any(|tag| line.starts_with(tag));
    let sentence = || {
        let lines = comment(text).skip_while(|line| !is_text(line)).take_while(is_text);
        let paragraph = lines.collect::<Vec<_>>().join(" ");
        // `e.g. ` ends none.
        let ends = |end: &usize| {
            let word = paragraph[..*end].rsplit(' ').next().unwrap_or_default();
            word.len() > 2 && !word.contains('.') && paragraph[end + 2..].starts_with(|c: char| !c.is_lowercase())
        };
        let end = paragraph.match_indices(". ").map(|(at, _)| at).find(ends);
        end.map_or(paragraph.clone(), |end| paragraph[..=end].to_owned())
    };
    (tag(text, "title:").map_or_else(sentence, ToOwned::to_owned), key)
}

/// What stands behind `tag` in the head comment.
pub(super) fn tag<'a>(text: &'a str, tag: &str) -> Option<&'a str> {
    comment(text).find_map(|line| line.strip_prefix(tag)).map(str::trim)
}

/// The lines of the head comment.
fn comment(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map_while(|line| line.trim().strip_prefix("--")).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> SqlFile {
        SqlFile { path: path.into(), text: text.into(), own: true }
    }

    #[test]
    fn inputs_parameters_and_key_are_read_from_the_sql() {
        let text = "-- Orders under their customer.\n-- key: order_id, line\n\
            WITH recent AS (SELECT * FROM clean.orders WHERE ordered_at < $as_of)\n\
            SELECT r.*, i.customer_id FROM recent r JOIN match.identities i USING (record_id)\n\
            WHERE EXISTS (SELECT 1 FROM reference.nicknames) AND amount > $least";
        let stage = Stage::read(&file("profile/orders.shop.sql", text)).expect("parses");
        assert_eq!(stage.name.to_string(), "profile.orders");
        let inputs: Vec<String> = stage.inputs.iter().map(ToString::to_string).collect();
        assert_eq!(inputs, ["clean.orders", "match.identities"]);
        assert_eq!(stage.params.into_iter().collect::<Vec<_>>(), ["as_of", "least"]);
        assert_eq!(stage.key, ["order_id", "line"]);
        assert_eq!(stage.summary, "Orders under their customer.");
    }

    #[test]
    fn what_is_not_one_query_in_a_layer_is_refused() {
        for (path, text, says) in [
            ("segments/vip.sql", "SELECT 1", "did you mean the folder `sql/segment/`?"),
            ("segment/vip.sql", "SELECT 1; SELECT 2", "exactly one query"),
            ("segment/vip.sql", "DROP TABLE x", "exactly one query"),
            ("segment/vip.sql", "SELEC 1", "cannot be read"),
            ("segment/vip.sql", "SELECT 1 WHERE 2 > :least", "a parameter is written `$name`"),
            ("segment/vip.sql", "SELECT :\" least\"", "a parameter is written `$name`"),
            ("segment/VIP.sql", "SELECT 1", "cannot be a table name"),
        ] {
            let error = Stage::read(&file(path, text)).expect_err("refused").to_string();
            assert!(error.contains(says), "{path}: {error}");
        }
    }

    /// As many as may be, in good SQL and in bad, which is dropped as the parser has left it.
    #[test]
    fn a_stage_may_have_ten_thousand_alternatives() {
        let sql = format!(
            "SELECT customer_id FROM profile.customers WHERE false{}",
            " OR city = 'Cluj' AND n = $n".repeat(9_999)
        );
        let stage = Stage::read(&file("segment/vip.sql", &sql)).expect("parses");
        assert_eq!((stage.inputs.len(), stage.params.len()), (1, 1));
        // The message of `expect_err` would repeat all of it.
        let Err(error) = Stage::read(&file("segment/vip.sql", &format!("{sql} OR )"))) else { panic!("refused") };
        assert!(error.message().starts_with("the SQL cannot be read"), "{error}");
    }

    /// Such SQL made the parser, or whoever dropped what it had made, overflow the stack, which ends the process.
    #[test]
    fn sql_that_is_deeper_than_the_stack_is_refused() {
        let check = |text: String| {
            let error = Stage::read(&file("segment/vip.sql", &text)).expect_err("too deep");
            assert!(error.message().starts_with("the SQL is too deep: more than "), "{error}");
        };
        check(format!("SELECT CAST(x AS {}INT{})", "ARRAY<".repeat(100), ">".repeat(100)));
        check(format!("SELECT CAST(x AS {}INT{})", "Nullable(".repeat(100), ")".repeat(100)));
        for piece in [" + 1", "::INT", "[1]", " IS NULL", " AND a = 1", " UNION ALL SELECT 1, 2"] {
            check(format!("SELECT 1{}", piece.repeat(100_000)));
        }
    }
}
