//! Statements: where one ends and the next begins, and which of them may run. The shell reads; the only thing it writes
//! is a local file, by `COPY (…) TO 'file'` or by `\o`.

use std::borrow::Cow;
use std::ops::ControlFlow;

use datafusion::prelude::SessionContext;
use datafusion::sql::parser::{CopyToSource, CopyToStatement, DFParser, Statement as Parsed};
use datafusion::sql::sqlparser::ast::{
    ObjectName, Query, Select, SetExpr, Statement as Sql, TableFactor, Value, Visit, Visitor,
};

use super::lex::{Token, TokenKind, tokens};
use crate::engine::{balance, explain, too_deep};
use crate::error::{Error, Kind, Result};

/// One statement of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// SQL, without its semicolon.
    Sql(&'a str),
    /// A command of the shell, from its backslash to the end of the line.
    Meta(&'a str),
}

/// The statements of a script, in order, each with the number of lines before the one that it begins in. Empty ones and
/// those of comments only are left out.
pub(super) fn split(script: &str) -> Vec<(usize, Piece<'_>)> {
    let mut pieces = Vec::new();
    let (mut done, mut lines) = (0, 0);
    while !script[done..].trim_start().is_empty() {
        let (piece, length) = first(&script[done..]);
        if let Some((start, piece)) = piece {
            pieces.push((lines + line_breaks(&script[done..done + start]), piece));
        }
        lines += line_breaks(&script[done..done + length]);
        done += length;
    }
    pieces
}

fn line_breaks(text: &str) -> usize {
    text.matches('\n').count()
}

/// The first statement of a script with the byte that it begins at, and how many bytes it takes with its end.
fn first(script: &str) -> (Option<(usize, Piece<'_>)>, usize) {
    let sql = |start: usize, end: usize| (start, Piece::Sql(script[start..end].trim_end()));
    let mut start = None;
    for token in tokens(script) {
        let at = token.range.start;
        if token.kind == TokenKind::Semicolon {
            return (start.map(|start| sql(start, at)), token.range.end);
        }
        if token.is_code() && start.is_none() {
            if token.text(script) == "\\" {
                let end = script[at..].find('\n').map_or(script.len(), |length| at + length);
                return (Some((at, Piece::Meta(script[at..end].trim_end()))), end);
            }
            start = Some(at);
        }
    }
    (start.map(|start| sql(start, script.len())), script.len())
}

/// Whether what was typed so far can run: it ends with a semicolon, is a command of the shell, or is empty.
pub(super) fn is_complete(typed: &str) -> bool {
    if typed.trim_start().starts_with('\\') {
        return true;
    }
    let tokens = tokens(typed);
    match tokens.iter().rfind(|token| token.is_code()) {
        Some(last) => last.kind == TokenKind::Semicolon && tokens.iter().all(|token| token.closed),
        None => tokens.iter().all(|token| token.closed),
    }
}

/// The statement with `SELECT *` before a FROM that it begins with and that nothing is selected from: the parser knows
/// `FROM orders`, but no WHERE behind it.
pub(super) fn select_all(sql: &str) -> Cow<'_, str> {
    let tokens = tokens(sql);
    let mut code = tokens.iter().filter(|token| token.is_code());
    let is = |token: &&Token, word: &str| token.text(sql).eq_ignore_ascii_case(word);
    let Some(first) = code.next().filter(|token| is(token, "from")) else { return Cow::Borrowed(sql) };
    let mut depth = 0;
    for token in code {
        depth += i32::from(is(&token, "(")) - i32::from(is(&token, ")"));
        if depth == 0 && is(&token, "select") {
            return Cow::Borrowed(sql);
        }
    }
    let (before, from) = sql.split_at(first.range.start);
    Cow::Owned(format!("{before}SELECT * {from}"))
}

/// A statement that may run.
#[derive(Debug, Clone)]
pub(super) enum Statement {
    /// One that gives rows.
    Query(Parsed),
    /// `COPY … TO` a file: the query, and where its rows go.
    Copy { query: Parsed, target: String, format: Option<String> },
    /// `DESCRIBE` a table, by its name.
    Describe(String),
}

/// Reads one statement.
///
/// # Errors
/// `Sql` with the place when it cannot be parsed, `Denied` when it is not one that only reads.
pub(super) fn classify(context: &SessionContext, sql: &str) -> Result<Statement> {
    let (statement, options) = copy_options(sql);
    if let Some(reason) = too_deep(statement) {
        return Err(Error::new(Kind::Sql, reason));
    }
    let parsed = DFParser::parse_sql(statement).map_err(|error| explain(context, sql, &error))?;
    let Some(mut parsed) = parsed.into_iter().next() else {
        return Err(Error::new(Kind::Sql, "the statement is empty"));
    };
    balance(&mut parsed);
    match parsed {
        Parsed::CopyTo(copy) => copy_to(copy, &options),
        Parsed::Statement(sql) => match *sql {
            Sql::ExplainTable { table_name, .. } => Ok(Statement::Describe(name(&table_name))),
            sql => {
                read_only_sql(&sql)?;
                Ok(Statement::Query(Parsed::Statement(Box::new(sql))))
            }
        },
        parsed => {
            read_only(&parsed)?;
            Ok(Statement::Query(parsed))
        }
    }
}

/// The name without its quotes, its parts joined by dots.
fn name(name: &ObjectName) -> String {
    let parts = name.0.iter().map(|part| part.as_ident().map_or_else(|| part.to_string(), |part| part.value.clone()));
    parts.collect::<Vec<_>>().join(".")
}

/// Splits DuckDB's and PostgreSQL's `(FORMAT csv, HEADER)` from the end of a COPY, which the parser does not know:
/// the statement before it, and the options.
fn copy_options(sql: &str) -> (&str, Vec<(String, Value)>) {
    let tokens: Vec<_> = tokens(sql).into_iter().filter(Token::is_code).collect();
    let is = |at: usize, text: &str| tokens.get(at).is_some_and(|token| token.text(sql).eq_ignore_ascii_case(text));
    let target = (1..tokens.len()).rev().find(|at| is(at - 1, "to") && tokens[*at].kind == TokenKind::Text);
    let Some(open) = target.map(|target| target + 1 + usize::from(is(target + 1, "with"))) else {
        return (sql, Vec::new());
    };
    if !is(0, "copy") || !is(open, "(") || !is(tokens.len() - 1, ")") {
        return (sql, Vec::new());
    }
    let target_end = tokens[open].range.start;
    let statement = sql[..target_end].trim_end();
    let statement = if is(open - 1, "with") { &sql[..tokens[open - 2].range.end] } else { statement };
    let inside = &tokens[open + 1..tokens.len() - 1];
    let options = inside.split(|token| token.text(sql) == ",").filter_map(|option| {
        let name = option.first()?.text(sql).to_owned();
        let value = option.get(1).map_or("true", |token| token.text(sql)).trim_matches('\'').to_owned();
        Some((name, Value::SingleQuotedString(value)))
    });
    (statement, options.collect())
}

/// That a statement only reads.
///
/// # Errors
/// `Denied`.
pub(super) fn read_only(statement: &Parsed) -> Result<()> {
    match statement {
        Parsed::Statement(sql) => read_only_sql(sql),
        Parsed::Explain(explain) => read_only(&explain.statement),
        Parsed::CreateExternalTable(_) => Err(denied("CREATE EXTERNAL TABLE")
            .hint("`SELECT * FROM 'file.parquet'` reads a file as it is; a source in onefold.toml lands it")),
        Parsed::CopyTo(_) => Err(denied("EXPLAIN COPY").hint("explain the query alone")),
        Parsed::Reset(_) => Err(denied("RESET").hint(SETTINGS)),
    }
}

/// What one does instead of SET.
const SETTINGS: &str = "`\\set name value` sets a parameter, `\\format` and `\\x` set how results look";

/// What one does instead of writing.
const STAGES: &str =
    "tables are made by stages: put the query into `sql/segment/NAME.sql`; `COPY (…) TO 'file'` writes a local file";

fn denied(verb: &str) -> Error {
    Error::new(Kind::Denied, format!("`{verb}` is not allowed: `onefold sql` only reads"))
}

fn read_only_sql(statement: &Sql) -> Result<()> {
    match statement {
        Sql::Query(_) => {}
        Sql::Explain { statement, .. } => return read_only_sql(statement),
        Sql::ShowTables { .. }
        | Sql::ShowColumns { .. }
        | Sql::ShowFunctions { .. }
        | Sql::ShowVariable { .. }
        | Sql::ShowCreate { .. }
        | Sql::ExplainTable { .. } => return Ok(()),
        Sql::Set(_) => return Err(denied("SET").hint(SETTINGS)),
        Sql::Use(_) => return Err(denied("USE").hint("write the schema before the table, as in `profile.customers`")),
        other => return Err(denied(&verb(&other.to_string())).hint(STAGES)),
    }
    match statement.visit(&mut Forbidden) {
        ControlFlow::Break(error) => Err(error),
        ControlFlow::Continue(()) => Ok(()),
    }
}

/// The first words of a statement in capitals, up to the name of what it works on.
fn verb(sql: &str) -> String {
    let words = sql.split_whitespace().take_while(|word| word.chars().all(|c| c.is_ascii_uppercase()));
    let verb = words.take(2).collect::<Vec<_>>().join(" ");
    if verb.is_empty() { "this statement".into() } else { verb }
}

/// Finds what a query must not do, wherever it is in it.
struct Forbidden;

impl Visitor for Forbidden {
    type Break = Error;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Error> {
        match query.body.as_ref() {
            SetExpr::Insert(inner) | SetExpr::Update(inner) | SetExpr::Delete(inner) | SetExpr::Merge(inner) => {
                ControlFlow::Break(denied(&verb(&inner.to_string())).hint(STAGES))
            }
            _ => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<Error> {
        match select.into {
            Some(_) => ControlFlow::Break(denied("SELECT INTO").hint(STAGES)),
            None => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<Error> {
        match factor {
            // DataFusion plans it and then takes all rows: a wrong answer.
            TableFactor::Table { sample: Some(_), .. } | TableFactor::Derived { sample: Some(_), .. } => {
                let error = Error::new(Kind::Denied, "`TABLESAMPLE` is not supported");
                ControlFlow::Break(error.hint("`WHERE random() < 0.01` takes about one row in a hundred"))
            }
            _ => ControlFlow::Continue(()),
        }
    }
}

fn copy_to(copy: CopyToStatement, options: &[(String, Value)]) -> Result<Statement> {
    if !copy.partitioned_by.is_empty() {
        return Err(Error::new(Kind::Denied, "`PARTITIONED BY` is not supported").hint("COPY writes one file"));
    }
    let mut format = copy.stored_as;
    for (name, value) in copy.options.iter().chain(options) {
        let text = match value {
            Value::SingleQuotedString(text) => text.clone(),
            other => other.to_string(),
        };
        match name.to_ascii_lowercase().trim_start_matches("format.") {
            "format" if format.is_none() => format = Some(text),
            "format" | "header" | "has_header" => {}
            _ => {
                let error = Error::new(Kind::Usage, format!("COPY has no option `{name}`"));
                return Err(error.hint("the only one is FORMAT: csv, json, ndjson, markdown or parquet"));
            }
        }
    }
    let query = match copy.source {
        CopyToSource::Query(query) => Parsed::Statement(Box::new(Sql::Query(query))),
        CopyToSource::Relation(name) => whole_table(&name.to_string())?,
    };
    read_only(&query)?;
    Ok(Statement::Copy { query, target: copy.target, format })
}

/// `SELECT * FROM` a name that the parser has printed.
fn whole_table(name: &str) -> Result<Parsed> {
    let parsed = DFParser::parse_sql(&format!("SELECT * FROM {name}"));
    parsed.ok().and_then(|mut statements| statements.pop_front()).ok_or_else(|| {
        Error::new(Kind::Sql, "COPY does not understand the table's name").hint("write COPY (SELECT …) TO 'file'")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Session, SessionOptions};

    fn check(sql: &str) -> Result<Statement> {
        let session = Session::new(&SessionOptions::default()).expect("a session");
        classify(session.context(), sql)
    }

    #[test]
    fn splits_at_semicolons_that_end_a_statement() {
        use Piece::{Meta, Sql};
        let script =
            "-- first; not here\nSELECT 'a;b' ;; SELECT 2\n;\n\\d profile.customers\n  \\timing\nSELECT \"x;y\" -- end";
        let pieces = vec![
            (1, Sql("SELECT 'a;b'")),
            (1, Sql("SELECT 2")),
            (3, Meta("\\d profile.customers")),
            (4, Meta("\\timing")),
            (5, Sql("SELECT \"x;y\" -- end")),
        ];
        assert_eq!(split(script), pieces);
        assert_eq!(split(" ; -- nothing\n;"), vec![]);
    }

    #[test]
    fn from_alone_selects_everything() {
        for (sql, whole) in [
            ("FROM x WHERE a = 1", "SELECT * FROM x WHERE a = 1"),
            ("\n-- all\nfrom x WHERE a IN (SELECT 1)", "\n-- all\nSELECT * from x WHERE a IN (SELECT 1)"),
            ("FROM x SELECT a", "FROM x SELECT a"),
            ("SELECT a FROM x", "SELECT a FROM x"),
        ] {
            assert_eq!(select_all(sql), whole);
        }
    }

    #[test]
    fn a_line_is_complete_when_it_can_run() {
        for complete in ["SELECT 1;", "\\d", "SELECT ';' ; -- done", "", "  ", "-- a note"] {
            assert!(is_complete(complete), "{complete}");
        }
        for open in ["SELECT 1", "SELECT ';", "SELECT 1; SELECT", "/* ;", "SELECT 1 -- ;"] {
            assert!(!is_complete(open), "{open}");
        }
    }

    #[test]
    fn what_only_reads_may_run() {
        for sql in [
            "SELECT 1",
            "WITH x AS (SELECT 1 AS a) SELECT * FROM x",
            "VALUES (1), (2)",
            "FROM profile.customers",
            "(SELECT 1) UNION ALL (SELECT 2)",
            "EXPLAIN SELECT 1",
            "EXPLAIN ANALYZE SELECT 1",
            "SHOW TABLES",
            "SHOW COLUMNS FROM profile.customers",
        ] {
            assert!(matches!(check(sql), Ok(Statement::Query(_))), "{sql}");
        }
    }

    #[test]
    fn describe_names_its_table() {
        for sql in ["DESCRIBE profile.customers", "DESC profile.\"customers\"", "describe profile.customers"] {
            match check(sql) {
                Ok(Statement::Describe(name)) => assert_eq!(name, "profile.customers"),
                other => panic!("{sql}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_writes_is_denied_with_a_hint() {
        for (sql, verb) in [
            ("CREATE TABLE x AS SELECT 1", "`CREATE TABLE` is not allowed"),
            ("CREATE VIEW x AS SELECT 1", "`CREATE VIEW` is not allowed"),
            ("CREATE EXTERNAL TABLE x STORED AS CSV LOCATION 'x.csv'", "`CREATE EXTERNAL TABLE` is not allowed"),
            ("INSERT INTO x VALUES (1)", "`INSERT INTO` is not allowed"),
            ("WITH a AS (SELECT 1) INSERT INTO x SELECT * FROM a", "`INSERT INTO` is not allowed"),
            ("EXPLAIN ANALYZE INSERT INTO x VALUES (1)", "`INSERT INTO` is not allowed"),
            ("UPDATE x SET a = 1", "`UPDATE` is not allowed"),
            ("DELETE FROM x", "`DELETE FROM` is not allowed"),
            ("DROP TABLE x", "`DROP TABLE` is not allowed"),
            ("TRUNCATE x", "`TRUNCATE` is not allowed"),
            ("SELECT 1 AS a INTO x", "`SELECT INTO` is not allowed"),
            ("SET datafusion.execution.batch_size = 1", "`SET` is not allowed"),
            ("RESET datafusion.execution.batch_size", "`RESET` is not allowed"),
            ("BEGIN", "`BEGIN` is not allowed"),
            ("SELECT * FROM x TABLESAMPLE SYSTEM (10)", "`TABLESAMPLE` is not supported"),
            ("SELECT * FROM (SELECT 1) WHERE a IN (SELECT a FROM y TABLESAMPLE BERNOULLI (1))", "`TABLESAMPLE` is not"),
        ] {
            let error = check(sql).expect_err(sql);
            assert_eq!(error.kind(), Kind::Denied, "{sql}: {error}");
            assert!(error.message().starts_with(verb), "{sql}: {error}");
            assert!(error.hint_text().is_some(), "{sql}");
        }
    }

    #[test]
    fn copy_names_its_file_and_format() {
        let Ok(Statement::Copy { query, target, format }) = check("COPY (SELECT 1 AS a) TO 'a b.csv'") else {
            panic!("a COPY")
        };
        assert_eq!((query.to_string().as_str(), target.as_str(), format), ("SELECT 1 AS a", "a b.csv", None));
        for sql in [
            "COPY profile.customers TO 'x' STORED AS PARQUET",
            "COPY profile.customers TO 'x' (FORMAT parquet)",
            "COPY profile.customers TO 'x' WITH (FORMAT 'Parquet', HEADER)",
        ] {
            match check(sql) {
                Ok(Statement::Copy { query, format: Some(format), .. }) => {
                    assert_eq!(query.to_string(), "SELECT * FROM profile.customers");
                    assert!(format.eq_ignore_ascii_case("parquet"), "{format}");
                }
                other => panic!("{sql}: {other:?}"),
            }
        }
        let error = check("COPY (SELECT 1) TO 'x.csv' (DELIMITER ';')").expect_err("unknown");
        assert_eq!(error.message(), "COPY has no option `DELIMITER`");
        assert_eq!(check("COPY (DELETE FROM x) TO 'x.csv'").expect_err("writes").kind(), Kind::Denied);
    }
}
