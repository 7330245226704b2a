//! DataFusion's errors as ours: who is at fault, the place in the statement with a caret, the nearest name.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use datafusion::common::Location;
use datafusion::common::{DataFusionError, SchemaError};
use datafusion::prelude::SessionContext;

use crate::error::{Error, Kind, nearest};

/// The error of a statement, with the place in it.
pub fn explain(context: &SessionContext, sql: &str, error: &DataFusionError) -> Error {
    let mut explained = explain_without_sql(error);
    if explained.kind() != Kind::Sql {
        return explained;
    }
    if let Some((message, start, end)) = place(error, sql) {
        explained = explained.detail(draw(sql, &message, start, end));
    }
    match hint(context, error) {
        Some(hint) if explained.hint_text().is_none() => explained.hint(hint),
        _ => explained,
    }
}

/// The error of a running query, whose text is not at hand.
pub fn explain_without_sql(error: &DataFusionError) -> Error {
    let root = root(error);
    let message = tidy(&root.strip_backtrace());
    match root {
        DataFusionError::ResourcesExhausted(_) => {
            Error::new(Kind::Exhausted, "the query needs more memory than it may use")
                .detail(format!("  {message}"))
                .hint("raise `memory_mb` under `[limits]` of onefold.toml, or ask for less at once")
        }
        DataFusionError::ObjectStore(error) => {
            Error::new(Kind::Store, "a file of the lake cannot be read").detail(format!("  {error}"))
        }
        DataFusionError::ParquetError(error) => {
            Error::new(Kind::Corrupt, "a file of the lake is damaged").detail(format!("  {error}"))
        }
        DataFusionError::IoError(error) if error.kind() == std::io::ErrorKind::StorageFull => {
            Error::new(Kind::Exhausted, "the disk is full")
                .detail(format!("  {error}"))
                .hint("free some space and run it again")
        }
        DataFusionError::IoError(error) => {
            Error::new(Kind::Store, "a file cannot be read").detail(format!("  {error}"))
        }
        DataFusionError::Internal(_) => Error::new(Kind::Internal, message),
        _ => Error::new(Kind::Sql, message),
    }
}

/// The innermost error that says something.
fn root(error: &DataFusionError) -> &DataFusionError {
    match error {
        DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner) => root(inner),
        DataFusionError::Shared(inner) => root(inner),
        DataFusionError::Collection(errors) if !errors.is_empty() => root(&errors[0]),
        error => error,
    }
}

/// DataFusion's message in our manner: without its prefix, its catalog, and its own suggestions.
fn tidy(message: &str) -> String {
    let mut message = message;
    for prefix in [
        "Error during planning: ",
        "Schema error: ",
        "SQL error: ",
        "Execution error: ",
        "Arrow error: ",
        "Optimizer error: ",
    ] {
        message = message.strip_prefix(prefix).unwrap_or(message);
    }
    if let Some(inner) = message.strip_prefix("ParserError(\"").and_then(|rest| rest.strip_suffix("\")")) {
        message = inner;
    }
    let message = message.split("\nDid you mean").next().unwrap_or(message).replace("onefold.", "");
    let message = message.split(" Valid fields are").next().unwrap_or(&message).trim_end_matches(['.', ' ']).to_owned();
    let mut chars = message.chars();
    match chars.next() {
        Some(first) if !message[first.len_utf8()..].starts_with(char::is_uppercase) => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => message,
    }
}

/// What to mark, and where, as byte offsets.
fn place(error: &DataFusionError, sql: &str) -> Option<(String, usize, usize)> {
    if let Some(diagnostic) = error.diagnostic()
        && let Some(span) = diagnostic.span
    {
        return Some((tidy(&diagnostic.message), offset(sql, span.start)?, offset(sql, span.end)?));
    }
    // The parser has no spans in its errors, only a text such as `… at Line: 1, Column: 8`.
    let text = root(error).strip_backtrace();
    let (_, rest) = text.split_once("at Line: ")?;
    let (line, rest) = rest.split_once(", Column: ")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let start = offset(sql, Location { line: line.parse().ok()?, column: digits.parse().ok()? })?;
    let token = sql[start..].find(|c: char| c.is_whitespace() || "(),;".contains(c)).unwrap_or(sql.len() - start);
    Some(("here".into(), start, start + token.max(1)))
}

/// The byte offset of a place, counted in lines and characters from 1.
fn offset(sql: &str, at: Location) -> Option<usize> {
    let line_start = match at.line {
        0 => return None,
        1 => 0,
        line => sql.match_indices('\n').nth(line as usize - 2)?.0 + 1,
    };
    let line = &sql[line_start..];
    let column = (at.column as usize).checked_sub(1)?;
    Some(line_start + line.char_indices().nth(column).map_or(line.len(), |(at, _)| at))
}

fn draw(sql: &str, message: &str, start: usize, end: usize) -> String {
    let end = end.clamp(start, sql.len());
    let snippet = Snippet::source(sql).annotation(AnnotationKind::Primary.span(start..end).label(message));
    let drawn = Renderer::plain().render(&[Level::ERROR.primary_title("sql").element(snippet)]);
    drawn.lines().skip(1).collect::<Vec<_>>().join("\n")
}

/// The nearest name to the one that does not exist.
fn hint(context: &SessionContext, error: &DataFusionError) -> Option<String> {
    if let DataFusionError::SchemaError(schema, _) = root(error)
        && let SchemaError::FieldNotFound { field, valid_fields } = schema.as_ref()
    {
        let near = nearest(field.name(), valid_fields.iter().map(datafusion::common::Column::name));
        return Some(near.map_or_else(
            || {
                let names: Vec<&str> = valid_fields.iter().take(12).map(datafusion::common::Column::name).collect();
                format!("there are: {}", names.join(", "))
            },
            |name| format!("did you mean `{name}`?"),
        ));
    }
    let text = root(error).strip_backtrace();
    let (before, _) = text.split_once("' not found")?;
    let wanted = before.rsplit_once('\'')?.1.trim_start_matches("onefold.").trim_start_matches("public.");
    let tables = table_names(context);
    let exact = tables.iter().find(|name| name.rsplit('.').next() == Some(wanted)).map(String::as_str);
    match exact.or_else(|| nearest(wanted, tables.iter().map(String::as_str))) {
        Some(name) => Some(format!("did you mean `{name}`?")),
        None => Some("`\\d` in `onefold sql` lists the tables".into()),
    }
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
