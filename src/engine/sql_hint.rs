//! What to do about a wrong statement: the nearest name, the missing quote, the cast.

use datafusion::common::{Column, DataFusionError, SchemaError};
use datafusion::prelude::SessionContext;

use super::sql_message::candidates;
use crate::error::nearest;

/// The words that a statement cannot do without, for slips in them.
const KEYWORDS: [&str; 25] = [
    "SELECT", "FROM", "WHERE", "GROUP", "ORDER", "BY", "HAVING", "LIMIT", "JOIN", "LEFT", "RIGHT", "INNER", "OUTER",
    "CROSS", "UNION", "WITH", "VALUES", "DISTINCT", "EXPLAIN", "DESCRIBE", "COPY", "QUALIFY", "OFFSET", "BETWEEN",
    "USING",
];

/// What to do about an error, whatever the statement was.
pub(super) fn of_message(message: &str) -> Option<String> {
    let says = |part: &str| message.contains(part);
    if let Some(calls) = candidates(message) {
        return Some(format!("it is called as {calls}; CAST(x AS …) changes a type"));
    }
    if let Some((_, near)) = message.split_once("\nnearest: ") {
        return Some(format!("did you mean `{near}`?"));
    }
    let hint = if says("Divide by zero") || says("divide by zero") {
        "`x / NULLIF(y, 0)` is NULL where `y` is 0"
    } else if says("Cannot cast string") || says("Error parsing") {
        "TRY_CAST gives NULL for what cannot be read; parse_date, parse_timestamp and parse_decimal read legacy formats"
    } else if says("annot coerce") || says("No function matches") || says("annot infer common argument type") {
        "CAST(x AS …) changes a type; TRY_CAST gives NULL where that fails"
    } else if says("must be in GROUP BY") {
        "add it to GROUP BY, or take one value of the group: max(x), latest(x, at)"
    } else if says("mbiguous reference") {
        "write its table before it, as in `orders.amount`"
    } else if says("Unterminated string literal") {
        "the closing quote is missing; a quote within a text is doubled: 'it''s'"
    } else if says("compressed files cannot be queried") {
        "unpack it, or land it as a source of a project"
    } else {
        return None;
    };
    Some(hint.to_owned())
}

/// The nearest name to one that does not exist, the keyword that was meant.
pub(super) fn of_names(
    context: &SessionContext,
    sql: &str,
    error: &DataFusionError,
    at: Option<usize>,
) -> Option<String> {
    if let DataFusionError::SchemaError(schema, _) = error
        && let SchemaError::FieldNotFound { field, valid_fields } = schema.as_ref()
    {
        let is_quoted = at.and_then(|at| sql.get(at..)).is_some_and(|rest| rest.starts_with('"'));
        return column(field, valid_fields, is_quoted);
    }
    let text = error.strip_backtrace();
    if let Some((_, rest)) = text.split_once("Invalid function '") {
        return Some(function(context, rest.split('\'').next()?));
    }
    if let Some((before, _)) = text.split_once("' not found") {
        return Some(table(context, before.rsplit_once('\'')?.1));
    }
    if text.contains("ParserError") { keyword(sql, at?) } else { None }
}

fn column(field: &Column, valid: &[Column], is_quoted: bool) -> Option<String> {
    if let Some(name) = nearest(field.name(), valid.iter().map(Column::name)) {
        let is_same = name.eq_ignore_ascii_case(field.name());
        return Some(match valid.iter().find(|column| column.name == name) {
            // The name is right; what stands before it, or its case, is not.
            Some(right) if is_same && field.relation.is_some() => {
                format!("did you mean `{}`?", right.quoted_flat_name())
            }
            _ if is_same => format!("names with capitals need double quotes: `\"{name}\"`"),
            _ => format!("did you mean `{name}`?"),
        });
    }
    if is_quoted {
        return Some(format!("a text stands in single quotes: '{}'; double quotes are for names", field.name()));
    }
    let names: Vec<&str> = valid.iter().take(12).map(Column::name).collect();
    let more = if valid.len() > names.len() { ", …" } else { "" };
    (!names.is_empty()).then(|| format!("there are: {}{more}", names.join(", ")))
}

fn table(context: &SessionContext, name: &str) -> String {
    let wanted = name.trim_start_matches("onefold.").trim_start_matches("public.");
    let tables = table_names(context);
    let last_part = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let same = tables.iter().find(|name| last_part(name) == last_part(wanted)).map(String::as_str);
    let by_table = || tables.iter().find(|name| nearest(wanted, [last_part(name).as_str()]).is_some());
    let near = same.or_else(|| nearest(wanted, tables.iter().map(String::as_str)));
    match near.or_else(|| by_table().map(String::as_str)) {
        Some(name) => format!("did you mean `{name}`?"),
        None => "`\\d` in `onefold sql` lists the tables".into(),
    }
}

fn function(context: &SessionContext, wanted: &str) -> String {
    let state = context.state();
    let mut names: Vec<&String> = state.scalar_functions().keys().collect();
    names.extend(state.aggregate_functions().keys());
    names.extend(state.window_functions().keys());
    names.sort();
    match nearest(wanted, names.into_iter().map(String::as_str)) {
        Some(name) => format!("did you mean `{name}`?"),
        None => "`\\df` in `onefold sql` lists the functions".into(),
    }
}

/// The keyword that the word at `at`, or the one before it, was meant to be.
fn keyword(sql: &str, at: usize) -> Option<String> {
    let found = sql.get(at..)?.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
    let before = sql[..at].trim_end().rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
    let meant = |word: &str| {
        let upper = word.to_ascii_uppercase();
        let is_keyword = KEYWORDS.contains(&upper.as_str());
        let near = KEYWORDS.iter().find(|keyword| strsim::damerau_levenshtein(&upper, keyword) == 1);
        near.filter(|_| upper.len() > 2 && !is_keyword).map(|keyword| format!("did you mean `{keyword}` for `{word}`?"))
    };
    let is_reserved = KEYWORDS.contains(&found.to_ascii_uppercase().as_str());
    let as_name = || format!("`{found}` is a word of SQL: as a name it needs double quotes");
    let stands_for_name = sql[..at].trim_end().ends_with(['.', ',']);
    meant(found).or_else(|| meant(before)).or_else(|| (is_reserved && stands_for_name).then(as_name))
}

/// All tables as `schema.table`, sorted.
fn table_names(context: &SessionContext) -> Vec<String> {
    let Some(catalog) = context.catalog("onefold") else { return Vec::new() };
    let mut names = Vec::new();
    for schema in catalog.schema_names() {
        if let Some(provider) = catalog.schema(&schema) {
            names.extend(provider.table_names().into_iter().map(|table| format!("{schema}.{table}")));
        }
    }
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use crate::engine::{Session, SessionOptions};
    use crate::project::Params;

    #[tokio::test]
    async fn slips_are_named_marked_and_answered() {
        let session = Session::new(&SessionOptions::default()).expect("a session");
        for (sql, message, mark, hint) in [
            ("SELCT 1", "expected an SQL statement, found `SELCT`", "SELCT", "did you mean `SELECT` for `SELCT`?"),
            (
                "SELECT name FORM reference.countries",
                "expected end of statement, found `reference`",
                "reference",
                "did you mean `FROM` for `FORM`?",
            ),
            ("SELECT nme FROM reference.countries", "there is no column `nme`", "nme", "did you mean `name`?"),
            (
                "SELECT x.alpha2 FROM reference.countries AS c",
                "there is no column `x.alpha2`",
                "x.alpha2",
                "did you mean `c.alpha2`?",
            ),
            (
                "SELECT name FROM reference.countries WHERE alpha2 = \"RO\"",
                "there is no column `RO`",
                "\"RO\"",
                "a text stands in single quotes: 'RO'; double quotes are for names",
            ),
            (
                "SELECT * FROM contries",
                "there is no table `contries`",
                "contries",
                "did you mean `reference.countries`?",
            ),
            (
                "SELECT normalise_email('x')",
                "there is no function `normalise_email`",
                "normalise_email",
                "did you mean `normalize_email`?",
            ),
            (
                "SELECT abs(name) FROM reference.countries",
                "`abs` does not take (VARCHAR)",
                "abs",
                "it is called as abs(numeric); CAST(x AS …) changes a type",
            ),
            (
                "SELECT 'it''s",
                "unterminated string literal",
                "'it''s",
                "the closing quote is missing; a quote within a text is doubled: 'it''s'",
            ),
        ] {
            let error = session.plan(sql, &Params::default()).await.expect_err(sql);
            assert_eq!((error.message(), error.hint_text()), (message, Some(hint)), "{sql}");
            let detail = error.detail_text().expect(sql);
            let carets = detail.lines().last().expect(sql).trim_start_matches([' ', '|']);
            assert_eq!(carets, "^".repeat(mark.chars().count()), "{sql}\n{detail}");
        }
    }
}
