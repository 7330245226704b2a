//! What to do about a wrong statement: the nearest name, the missing quote, the cast.

use datafusion::common::{Column, DataFusionError, SchemaError};
use datafusion::prelude::SessionContext;

use super::functions::{self, FunctionDoc};
use super::sql_message::candidates;
use crate::error::nearest;
use crate::lake::layout::LAYERS;

/// The words that a statement cannot do without, for slips in them.
const KEYWORDS: [&str; 25] = [
    "SELECT", "FROM", "WHERE", "GROUP", "ORDER", "BY", "HAVING", "LIMIT", "JOIN", "LEFT", "RIGHT", "INNER", "OUTER",
    "CROSS", "UNION", "WITH", "VALUES", "DISTINCT", "EXPLAIN", "DESCRIBE", "COPY", "QUALIFY", "OFFSET", "BETWEEN",
    "USING",
];

/// What to do about an error, whatever the statement was.
pub(super) fn of_message(message: &str) -> Option<String> {
    let says = |part: &str| message.contains(part);
    if let Some(function) = own_function(message) {
        return Some(format!("it is called as {}; `\\df {}` says more", function.signature, function.name));
    }
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

/// The function of ours that a message about a wrong call names.
fn own_function(message: &str) -> Option<&'static FunctionDoc> {
    let (_, call) = message.split_once("argument types '").or_else(|| message.split_once("Candidate functions:"))?;
    let name = call.trim_start().split('(').next()?;
    functions::catalog().iter().find(|function| function.name == name)
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
            _ if is_same && name.contains(char::is_uppercase) => {
                format!("names with capitals need double quotes: `\"{name}\"`")
            }
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

/// The nearest table: one of the same name in another schema, or one of a name like it in the same or a like schema.
fn table(context: &SessionContext, name: &str) -> String {
    let wanted = name.trim_start_matches("onefold.").trim_start_matches("public.");
    let (schema, table) = wanted.rsplit_once('.').map_or((None, wanted), |(schema, table)| (Some(schema), table));
    let tables = table_names(context);
    let parts = |full: &str| full.split_once('.').map(|(schema, table)| (schema.to_owned(), table.to_owned()));
    let near = tables.iter().filter(|full| {
        parts(full).is_some_and(|(other_schema, other)| {
            let is_like = || nearest(table, [other.as_str()]).is_some();
            other == table || is_like() && schema.is_none_or(|it| nearest(it, [other_schema.as_str()]).is_some())
        })
    });
    let rank = |full: &&String| {
        let (schema, other) = parts(full).unwrap_or_default();
        let layer = LAYERS.iter().position(|layer| *layer == schema).unwrap_or(LAYERS.len());
        (strsim::damerau_levenshtein(table, &other), layer)
    };
    match near.min_by_key(rank) {
        Some(name) => format!("did you mean `{name}`?"),
        None => "`\\d` in `onefold sql` lists the tables".into(),
    }
}

/// The functions that one means by a slip when others are as near: `cnt` is `count`, not `cot`.
const FREQUENT: [&str; 24] = [
    "count",
    "sum",
    "min",
    "max",
    "avg",
    "median",
    "coalesce",
    "nullif",
    "round",
    "abs",
    "concat",
    "lower",
    "upper",
    "trim",
    "length",
    "substr",
    "replace",
    "split_part",
    "date_trunc",
    "date_part",
    "to_char",
    "row_number",
    "lag",
    "string_agg",
];

/// What other engines' functions are called here.
const ELSEWHERE: [(&str, &str); 15] = [
    ("strftime", "to_char(at, '%Y-%m-%d')"),
    ("date_format", "to_char(at, '%Y-%m-%d')"),
    ("strptime", "parse_timestamp(text, zone, '%Y-%m-%d %H:%M')"),
    ("year", "date_part('year', at)"),
    ("month", "date_part('month', at)"),
    ("day", "date_part('day', at)"),
    ("quarter", "date_part('quarter', at)"),
    ("datediff", "days_between(from, to)"),
    ("date_diff", "days_between(from, to)"),
    ("ifnull", "coalesce(x, y)"),
    ("len", "length(text)"),
    ("group_concat", "string_agg(text, ', ')"),
    ("listagg", "string_agg(text, ', ')"),
    ("arg_max", "latest(value, at)"),
    ("regexp_matches", "regexp_like(text, pattern)"),
];

/// Whether `short` is `name` with letters left out, but not the first and not most.
fn abbreviates(short: &str, name: &str) -> bool {
    let mut rest = name.chars();
    let is_within = short.chars().all(|c| rest.any(|other| other == c));
    is_within && short.chars().next() == name.chars().next() && short.len() > 1 && short.len() * 2 >= name.len()
}

fn function(context: &SessionContext, wanted: &str) -> String {
    let lower = wanted.to_ascii_lowercase();
    if let Some((_, here)) = ELSEWHERE.iter().find(|(elsewhere, _)| *elsewhere == lower) {
        return format!("`{here}` does that here");
    }
    let short = FREQUENT.into_iter().find(|name| abbreviates(&lower, name));
    if let Some(name) = nearest(wanted, FREQUENT).or(short) {
        return format!("did you mean `{name}`?");
    }
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
                "SELECT normalize_phone('1')",
                "`normalize_phone` does not take (VARCHAR)",
                "normalize_phone",
                "it is called as normalize_phone(text, country); `\\df normalize_phone` says more",
            ),
            (
                "SELECT latest(name) FROM reference.countries",
                "`latest` does not take (VARCHAR)",
                "latest",
                "it is called as latest(value, at); `\\df latest` says more",
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
