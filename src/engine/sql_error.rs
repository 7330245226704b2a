//! DataFusion's errors as ours: who is at fault, the place in the statement with a caret, the nearest name.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use datafusion::arrow::error::ArrowError;
use datafusion::common::{DataFusionError, Location};
use datafusion::prelude::SessionContext;
use datafusion::sql::sqlparser::parser::ParserError;

use super::sql_hint;
use super::sql_message::tidy;
use crate::error::{Error, Kind, cause, io_kind, no_room};

/// How the message ends when there is no room for what a query spills.
pub(super) const SPILL_FULL: &str = "a query that needs more memory than it may use cannot spill";

/// The error of a statement, with the place in it.
pub fn explain(context: &SessionContext, sql: &str, error: &DataFusionError) -> Error {
    let mut explained = explain_without_sql(error);
    if explained.kind() != Kind::Sql {
        return explained;
    }
    let place = place(error, sql);
    if let Some((label, start, end)) = &place {
        // A label that only repeats the message is noise.
        let is_told = label == explained.message() || explained.message().starts_with("there is no ");
        let label = if is_told { "" } else { label };
        explained = explained.detail(draw(sql, label, *start, *end));
    }
    match sql_hint::of_names(context, sql, root(error), place.map(|(_, start, _)| start)) {
        Some(hint) => explained.hint(hint),
        None => explained,
    }
}

/// What is wrong with a text that is no SQL, and the place in it, drawn.
pub fn explain_syntax(sql: &str, error: ParserError) -> (String, Option<String>) {
    let error = DataFusionError::from(error);
    let drawn = place(&error, sql).map(|(label, start, end)| draw(sql, &label, start, end));
    (explain_without_sql(&error).message().to_owned(), drawn)
}

/// The error of a running query, whose text is not at hand.
pub fn explain_without_sql(error: &DataFusionError) -> Error {
    let root = root(error);
    let text = root.strip_backtrace();
    let is_of_data = matches!(root, DataFusionError::ArrowError(..) | DataFusionError::Execution(_));
    let message = tidy(&text, !is_of_data);
    // Queries write nothing but spill files.
    if let Some(reason) = io_kind(root).and_then(no_room) {
        return Error::new(Kind::Exhausted, format!("{reason}: {SPILL_FULL}"))
            .hint("free some space, or raise `memory_mb` under `[limits]` of onefold.toml so that less is spilled");
    }
    // The readers of file formats wrap what the store said.
    if let Some(error) = cause::<object_store::Error>(root) {
        return Error::new(Kind::Store, "a file cannot be read").detail(format!("  {error}"));
    }
    match root {
        DataFusionError::ResourcesExhausted(_) => {
            Error::new(Kind::Exhausted, "the query needs more memory than it may use")
                .detail(format!("  {message}"))
                .hint("raise `memory_mb` under `[limits]` of onefold.toml, or ask for less at once")
        }
        DataFusionError::ParquetError(error) => {
            Error::new(Kind::Corrupt, "a file is damaged or not Parquet").detail(format!("  {error}"))
        }
        DataFusionError::IoError(error) => {
            Error::new(Kind::of_io(error), "a file cannot be read").detail(format!("  {error}"))
        }
        DataFusionError::Internal(_) => Error::new(Kind::Internal, message),
        _ => match sql_hint::of_message(&text) {
            Some(hint) => Error::new(Kind::Sql, message).hint(hint),
            None => Error::new(Kind::Sql, message),
        },
    }
}

/// The error of a stage, for logs: a value that does not fit its type is not repeated there, it may be personal.
pub fn explain_for_log(error: &DataFusionError) -> Error {
    let root = root(error);
    let DataFusionError::ArrowError(arrow, _) = root else { return explain_without_sql(error) };
    if !matches!(arrow.as_ref(), ArrowError::CastError(_) | ArrowError::ParseError(_)) {
        return explain_without_sql(error);
    }
    let message = tidy(&root.strip_backtrace(), false);
    let redacted: Vec<&str> =
        message.split('\'').enumerate().map(|(at, part)| if at % 2 == 1 { "…" } else { part }).collect();
    Error::new(Kind::Check, "a value does not fit the type of its column")
        .detail(format!("  {}", redacted.join("'")))
        .hint("use `parse_date`, `parse_decimal` and the like, which give null; `try_cast(x AS T) IS NULL` finds the rows")
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

/// What to mark, and where, as byte offsets.
fn place(error: &DataFusionError, sql: &str) -> Option<(String, usize, usize)> {
    if let Some(diagnostic) = error.diagnostic()
        && let Some(span) = diagnostic.span
    {
        return Some((tidy(&diagnostic.message, true), offset(sql, span.start)?, offset(sql, span.end)?));
    }
    // The parser has no spans in its errors, only a text such as `… at Line: 1, Column: 8`.
    let text = root(error).strip_backtrace();
    let Some((_, rest)) = text.split_once("at Line: ") else { return place_by_name(&text, sql) };
    let (line, rest) = rest.split_once(", Column: ")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let start = offset(sql, Location { line: line.parse().ok()?, column: digits.parse().ok()? })?;
    let token = sql[start..].find(|c: char| c.is_whitespace() || "(),;".contains(c)).unwrap_or(sql.len() - start);
    Some((String::new(), start, start + token.max(1)))
}

/// The place of the function or file that the message names, if the statement has it once.
fn place_by_name(message: &str, sql: &str) -> Option<(String, usize, usize)> {
    let name = ["argument types '", "there is no file `", "no file matches `"].iter().find_map(|before| {
        let (_, rest) = message.split_once(before)?;
        rest.split(['(', '\'', '`']).next()
    })?;
    let mut places = sql.match_indices(name).map(|(start, _)| start);
    match (places.next(), places.next()) {
        (Some(start), None) if !name.is_empty() => Some((String::new(), start, start + name.len())),
        _ => None,
    }
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

fn draw(sql: &str, label: &str, start: usize, end: usize) -> String {
    let end = end.clamp(start, sql.len());
    let annotation = AnnotationKind::Primary.span(start..end);
    let annotation = if label.is_empty() { annotation } else { annotation.label(label) };
    let snippet = Snippet::source(sql).annotation(annotation);
    let drawn = Renderer::plain().render(&[Level::ERROR.primary_title("sql").element(snippet)]);
    drawn.lines().skip(1).collect::<Vec<_>>().join("\n")
}
