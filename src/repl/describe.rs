//! What `\d`, `\ds`, `\df` and `\params` show, as tables like any other, so that they too can be had as CSV or JSON.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use datafusion::common::{DataFusionError, TableReference};
use datafusion::logical_expr::Documentation;
use unicode_width::UnicodeWidthStr;

use super::names::{Names, TableNames, layer};
use super::settings::Dictionary;
use super::style::Style;
use super::unmade::Unmade;
use crate::engine::{Session, explain_without_sql, functions, sql_type};
use crate::error::{Error, Kind, Result, nearest};
use crate::project::Params;

/// The tables, those of one schema if one is given: table, rows, columns, comment. Those that have not been made have no
/// rows.
pub(super) async fn tables(
    session: &Session,
    names: &Names,
    dictionary: &dyn Dictionary,
    schema: Option<&str>,
) -> Result<RecordBatch> {
    let is_wanted = |name: &str| schema.is_none_or(|schema| schema == name);
    let mut lines = Vec::new();
    for table in names.tables.iter().filter(|table| is_wanted(&table.schema)) {
        lines.push(made(session, dictionary, table).await);
    }
    lines.extend(
        names.unmade.iter().filter(|table| is_wanted(&table.name.schema)).map(|table| not_made(dictionary, table)),
    );
    lines.sort_by_cached_key(|line| {
        let schema = line.table.split_once('.').map_or("public", |(schema, _)| schema);
        (layer(schema), schema.to_owned(), line.table.clone())
    });
    batch(vec![
        ("table", texts(lines.iter().map(|line| Some(line.table.clone())).collect())),
        ("rows", numbers(lines.iter().map(|line| line.rows).collect())),
        ("columns", numbers(lines.iter().map(|line| line.columns).collect())),
        ("comment", texts(lines.into_iter().map(|line| line.comment).collect())),
    ])
}

/// A table in the list of tables.
struct Line {
    table: String,
    rows: Option<i64>,
    columns: Option<i64>,
    comment: Option<String>,
}

async fn made(session: &Session, dictionary: &dyn Dictionary, table: &TableNames) -> Line {
    let full = table.full();
    let rows = match dictionary.rows(&full) {
        Some(rows) => Some(rows as i64),
        None => count(session, &table.schema, &table.table).await,
    };
    let columns = Some(table.columns.fields().len() as i64);
    Line { rows, columns, comment: dictionary.table(&full).map(ToOwned::to_owned), table: full }
}

fn not_made(dictionary: &dyn Dictionary, table: &Unmade) -> Line {
    let full = table.name.to_string();
    let comment = match dictionary.table(&full) {
        Some(comment) => format!("not made yet: {comment}"),
        None => format!("not made yet: {}", table.how),
    };
    let columns = table.columns.as_ref().map(|columns| columns.fields().len() as i64);
    Line { rows: None, columns, comment: Some(comment), table: full }
}

/// Counts a table's rows: of Parquet files, their footers know.
async fn count(session: &Session, schema: &str, table: &str) -> Option<i64> {
    let frame = session.context().table(TableReference::partial(schema, table)).await.ok()?;
    frame.count().await.ok().map(|rows| rows as i64)
}

/// The columns of a table or a file: column, type, comment.
///
/// # Errors
/// `Sql` with the nearest name when there is no such table.
pub(super) async fn columns(
    session: &Session,
    names: &Names,
    dictionary: &dyn Dictionary,
    name: &str,
) -> Result<RecordBatch> {
    let (full, schema) = if let Some(table) = names.table(name) {
        (table.full(), Arc::clone(&table.columns))
    } else if let Some(table) = names.unmade(name) {
        (table.name.to_string(), table.columns.clone().ok_or_else(|| table.error())?)
    } else {
        let file = name.trim_matches('\'');
        let provider = session.context().table_provider(TableReference::bare(file)).await;
        let provider = provider.map_err(|error| unknown_table(names, file, &error))?;
        (file.to_owned(), provider.schema())
    };
    let (mut columns, mut types, mut comments) = (vec![], vec![], vec![]);
    for field in schema.fields() {
        columns.push(Some(field.name().clone()));
        types.push(Some(sql_type(field.data_type())));
        comments.push(dictionary.column(&full, field.name()).map(ToOwned::to_owned));
    }
    batch(vec![("column", texts(columns)), ("type", texts(types)), ("comment", texts(comments))])
}

fn unknown_table(names: &Names, name: &str, error: &DataFusionError) -> Error {
    // Of a file, the engine knows what is wrong.
    let said = explain_without_sql(error);
    if said.message().contains("file") {
        return said;
    }
    let error = Error::new(Kind::Sql, format!("there is no table `{name}`"));
    let unmade = names.unmade.iter().map(|table| table.name.to_string());
    let full: Vec<String> = names.tables.iter().map(TableNames::full).chain(unmade).collect();
    let by_table = names.tables.iter().find(|table| nearest(name, [table.table.as_str()]).is_some());
    match nearest(name, full.iter().map(String::as_str)).map(ToOwned::to_owned).or(by_table.map(TableNames::full)) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("`\\d` lists the tables"),
    }
}

/// The functions whose names hold `text`, ours first: function, result, example, what the example gives, summary.
pub(super) fn functions(session: &Session, text: Option<&str>) -> Result<RecordBatch> {
    let mut rows: Vec<[Option<String>; 5]> = Vec::new();
    let fits = |name: &str| text.is_none_or(|text| name.contains(&text.to_ascii_lowercase()));
    for function in functions::catalog().iter().filter(|function| fits(function.name)) {
        let texts = [function.signature, function.returns, function.example, function.example_result, function.summary];
        rows.push(texts.map(|text| Some(text.to_owned())));
    }
    // Without a text there are some three hundred others; the shell lists only their names.
    for (name, documentation) in others(session).iter().filter(|(name, _)| text.is_some() && fits(name)) {
        let signature = documentation.as_ref().map_or_else(|| format!("{name}(…)"), |text| text.syntax_example.clone());
        let summary = documentation.as_ref().map(|text| text.description.trim().to_owned());
        rows.push([Some(signature), None, None, None, summary]);
    }
    let column = |at: usize| texts(rows.iter().map(|row| row[at].clone()).collect());
    batch(vec![
        ("function", column(0)),
        ("returns", column(1)),
        ("example", column(2)),
        ("gives", column(3)),
        ("summary", column(4)),
    ])
}

/// DataFusion's functions with what it says about them, by name; aliases are left out.
pub(super) fn others(session: &Session) -> std::collections::BTreeMap<String, Option<Documentation>> {
    let state = session.context().state();
    let own: Vec<&str> = functions::catalog().iter().map(|function| function.name).collect();
    let scalar = state.scalar_functions().values().map(|f| (f.name().to_owned(), f.documentation().cloned()));
    let aggregate = state.aggregate_functions().values().map(|f| (f.name().to_owned(), f.documentation().cloned()));
    let window = state.window_functions().values().map(|f| (f.name().to_owned(), f.documentation().cloned()));
    let all = scalar.chain(aggregate).chain(window);
    all.filter(|(name, _)| !own.contains(&name.as_str())).collect()
}

/// The parameters and their values as SQL literals.
pub(super) fn params(params: &Params) -> Result<RecordBatch> {
    let (names, values) =
        params.iter().map(|(name, value)| (Some(format!("${name}")), Some(value.to_string()))).unzip();
    batch(vec![("parameter", texts(names)), ("value", texts(values))])
}

fn texts(values: Vec<Option<String>>) -> ArrayRef {
    Arc::new(StringArray::from(values))
}

fn numbers(values: Vec<Option<i64>>) -> ArrayRef {
    Arc::new(Int64Array::from(values))
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> Result<RecordBatch> {
    let columns = columns.into_iter().map(|(name, column)| (name, column, true));
    RecordBatch::try_from_iter_with_nullable(columns)
        .map_err(|error| Error::new(Kind::Internal, "a description has columns of different lengths").source(error))
}

/// The functions as a page to read: ours with an example first; DataFusion's by name, or, if `text` asks for some, with
/// what they do.
pub(super) fn function_page(session: &Session, text: Option<&str>, width: usize, style: Style) -> String {
    let mut page = String::new();
    let wanted = text.map(str::to_ascii_lowercase);
    let fits = |name: &str| wanted.as_ref().is_none_or(|text| name.contains(text));
    for function in functions::catalog().iter().filter(|function| fits(function.name)) {
        page.push_str(&format!("{} → {}\n", style.bold(function.signature), function.returns.to_lowercase()));
        page.push_str(&format!("    {} {} {}\n", function.example, style.dim("gives"), function.example_result));
        let summary = if wanted.is_some() { function.summary } else { first_sentence(function.summary) };
        page.push_str(&style.dim(&wrapped(summary.split_whitespace(), " ", width)));
    }
    let others = others(session);
    let others = others.iter().filter(|(name, _)| fits(name));
    if wanted.is_some() {
        for (name, documentation) in others {
            match documentation {
                Some(text) => {
                    page.push_str(&format!("{}\n", style.bold(&text.syntax_example)));
                    page.push_str(&style.dim(&wrapped(text.description.split_whitespace(), " ", width)));
                }
                None => page.push_str(&format!("{}\n", style.bold(&format!("{name}(…)")))),
            }
        }
        return page;
    }
    page.push_str("\nand DataFusion's (`\\df TEXT` says what they do):\n");
    page.push_str(&wrapped(others.map(|(name, _)| name.as_str()), ", ", width));
    page
}

fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(first, _)| first)
}

/// Words in lines of at most `width`, indented by four.
fn wrapped<'a>(words: impl Iterator<Item = &'a str>, separator: &str, width: usize) -> String {
    let mut text = String::new();
    let mut line = String::from("    ");
    let mut is_first = true;
    for word in words {
        if !is_first {
            line.push_str(separator);
        }
        if line.width() + word.width() > width && line.trim() != "" {
            text.push_str(line.trim_end());
            text.push('\n');
            line = String::from("    ");
        }
        line.push_str(word);
        is_first = false;
    }
    text + &line + "\n"
}
