//! What could stand at the cursor: tables after FROM, columns of the tables that the statement names, functions,
//! keywords, parameters, files, commands.
//!
//! It looks at words only, so it works while the statement cannot be parsed, which is nearly always.

use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;

use super::format::OutputFormat;
use super::keywords::{BEGINNINGS, CLAUSES, KEYWORDS, PHRASES, is_keyword};
use super::lex::{Token, TokenKind, tokens};
use super::meta::COMMANDS;
use super::names::{Names, TableNames};
use crate::engine::{expand_home, sql_type};

/// One thing that could stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) text: String,
    /// A column's type, what a command does.
    pub(super) about: Option<String>,
    /// What it takes the place of.
    pub(super) range: Range<usize>,
    /// Whether a blank follows.
    pub(super) has_blank: bool,
}

/// The candidates at byte `at` of `typed`, the likeliest first.
pub(super) fn complete(names: &Names, typed: &str, at: usize) -> Vec<Candidate> {
    let before = &typed[..at];
    if before.trim_start().starts_with('\\') {
        return commands(names, before);
    }
    let tokens_before = tokens(before);
    let Some(cursor) = Cursor::find(before, &tokens_before) else { return Vec::new() };
    let statement = statement_around(typed, at);
    let sources = sources(statement);
    match &cursor.place {
        Place::File => files(before, cursor.start),
        Place::Parameter => {
            let found = names.params.iter().map(|name| (format!("${name}"), None));
            cursor.choose(found)
        }
        Place::Member(path) => cursor.choose(members(names, &sources, path)),
        Place::Table => cursor.choose(tables(names, statement)),
        Place::Beginning => cursor.choose_keywords(BEGINNINGS.iter().chain(&[] as &[&str])),
        Place::Clause => cursor.choose_keywords(CLAUSES.iter()),
        Place::Expression => {
            let mut found = cursor.choose(columns(names, &sources));
            found.extend(cursor.choose(sources.iter().filter_map(|source| Some((source.alias.clone()?, None)))));
            found.extend(cursor.choose(names.functions.iter().map(|name| (format!("{name}("), None))));
            found.extend(cursor.choose_keywords(PHRASES.iter().chain(&KEYWORDS)));
            if !cursor.prefix.is_empty() {
                found.extend(cursor.choose(tables(names, statement)));
            }
            found
        }
    }
}

/// Where the cursor stands.
#[derive(Debug)]
struct Cursor<'a> {
    place: Place,
    /// What is typed of the word.
    prefix: &'a str,
    /// Where the word begins.
    start: usize,
}

/// What belongs there.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    Beginning,
    Table,
    Clause,
    Expression,
    Parameter,
    /// Behind these names and a dot.
    Member(Vec<String>),
    /// In the quotes of a file's name.
    File,
}

impl<'a> Cursor<'a> {
    /// The place at the end of `before`; none within comments and texts.
    fn find(before: &'a str, tokens: &[Token]) -> Option<Self> {
        let at_end = |kind: TokenKind| tokens.last().filter(|token| token.kind == kind);
        if let Some(token) = at_end(TokenKind::Comment)
            && !(token.text(before).starts_with("/*") && token.closed)
        {
            return None;
        }
        let code: Vec<&Token> = tokens.iter().filter(|token| token.is_code()).collect();
        let word = |at: usize| code.get(at).map_or("", |token| token.text(before));
        let last = code.len().wrapping_sub(1);
        if let Some(token) = at_end(TokenKind::Text).filter(|token| !token.closed) {
            let opener = word(last.wrapping_sub(1)).to_ascii_uppercase();
            let is_file = ["FROM", "JOIN", "TO", "DESCRIBE"].contains(&opener.as_str());
            let start = token.range.start + 1;
            return is_file.then(|| Self { place: Place::File, prefix: &before[start..], start });
        }
        let typed = at_end(TokenKind::Word).or(at_end(TokenKind::Parameter)).or(at_end(TokenKind::Quoted));
        if let Some(token) = typed.filter(|token| token.kind == TokenKind::Parameter) {
            return Some(Self { place: Place::Parameter, prefix: token.text(before), start: token.range.start });
        }
        if before.ends_with('$') {
            return Some(Self { place: Place::Parameter, prefix: "$", start: before.len() - 1 });
        }
        let start = typed.map_or(before.len(), |token| token.range.start);
        let prefix = before[start..].trim_start_matches(['"', '`']);
        let rest = if typed.is_some() { &code[..last] } else { &code[..] };
        Some(Self { place: place(before, rest, prefix.is_empty()), prefix, start })
    }

    /// The candidates that begin with what is typed; if none does, those that hold it.
    fn choose(&self, found: impl IntoIterator<Item = (String, Option<String>)>) -> Vec<Candidate> {
        let prefix = self.prefix.to_lowercase();
        let found: Vec<_> = found.into_iter().map(|(text, about)| (text.to_lowercase(), text, about)).collect();
        let last_part = |lower: &str| lower.rsplit('.').next().unwrap_or_default().to_owned();
        let begins = |lower: &str| {
            let bare = lower.trim_start_matches('"');
            bare.starts_with(&prefix) || last_part(bare).starts_with(&prefix)
        };
        let candidate = |text: &String, about: &Option<String>| Candidate {
            text: text.clone(),
            about: about.clone(),
            range: self.start..self.end(),
            has_blank: false,
        };
        let chosen = found.iter().filter(|(lower, ..)| begins(lower));
        let chosen: Vec<Candidate> = chosen.map(|(_, text, about)| candidate(text, about)).collect();
        if !chosen.is_empty() || prefix.chars().count() < 3 {
            return chosen;
        }
        let held = found.iter().filter(|(lower, ..)| lower.contains(&prefix));
        held.map(|(_, text, about)| candidate(text, about)).collect()
    }

    /// The keywords that begin with what is typed, in the case that the user writes.
    fn choose_keywords<'k>(&self, keywords: impl Iterator<Item = &'k &'k str>) -> Vec<Candidate> {
        let is_lower = self.prefix.chars().any(char::is_lowercase) && !self.prefix.chars().any(char::is_uppercase);
        let prefix = self.prefix.to_ascii_uppercase();
        let chosen = keywords.filter(|keyword| keyword.starts_with(&prefix)).map(|keyword| Candidate {
            text: if is_lower { keyword.to_lowercase() } else { (*keyword).to_owned() },
            about: None,
            range: self.start..self.end(),
            has_blank: !keyword.ends_with('('),
        });
        chosen.collect()
    }

    fn end(&self) -> usize {
        self.start + self.prefix.len()
    }
}

/// What belongs behind the tokens `code`, where a word of which nothing is typed yet is `is_empty`.
fn place(sql: &str, code: &[&Token], is_empty: bool) -> Place {
    let Some(last) = code.last().filter(|token| token.kind != TokenKind::Semicolon) else { return Place::Beginning };
    if last.text(sql) == "." {
        let mut path = Vec::new();
        let mut rest = code;
        while let [before @ .., name, dot] = rest
            && dot.text(sql) == "."
            && matches!(name.kind, TokenKind::Word | TokenKind::Quoted)
        {
            path.insert(0, bare(name.text(sql)));
            rest = before;
        }
        return Place::Member(path);
    }
    let word = last.text(sql).to_ascii_uppercase();
    if ["FROM", "JOIN", "DESCRIBE", "TABLE", "COPY"].contains(&word.as_str()) {
        return Place::Table;
    }
    if word == "," && clause_is_from(sql, code) {
        return Place::Table;
    }
    let ends_expression = match last.kind {
        TokenKind::Word => !is_keyword(&word) || ["END", "NULL", "TRUE", "FALSE"].contains(&word.as_str()),
        TokenKind::Quoted | TokenKind::Text | TokenKind::Number | TokenKind::Parameter => true,
        TokenKind::Symbol => word == ")" || (word == "*" && is_empty),
        _ => false,
    };
    if ends_expression { Place::Clause } else { Place::Expression }
}

/// Whether the innermost clause that is open at the end of `code` is FROM.
fn clause_is_from(sql: &str, code: &[&Token]) -> bool {
    let mut depth = 0;
    for token in code.iter().rev() {
        let word = token.text(sql).to_ascii_uppercase();
        match word.as_str() {
            ")" => depth += 1,
            "FROM" if depth == 0 => return true,
            "(" | "SELECT" | "WHERE" | "GROUP" | "ORDER" | "HAVING" | "QUALIFY" | "ON" if depth == 0 => return false,
            "(" => depth -= 1,
            _ => {}
        }
    }
    false
}

/// A table that a statement names.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Source {
    /// The name as typed, without quotes.
    name: String,
    alias: Option<String>,
}

/// The statement of `typed` that holds byte `at`.
fn statement_around(typed: &str, at: usize) -> &str {
    let ends: Vec<Range<usize>> = tokens(typed)
        .iter()
        .filter(|token| token.kind == TokenKind::Semicolon)
        .map(|token| token.range.clone())
        .collect();
    let start = ends.iter().rfind(|end| end.end <= at).map_or(0, |end| end.end);
    let end = ends.iter().find(|end| end.start >= at).map_or(typed.len(), |end| end.start);
    &typed[start..end]
}

/// The tables behind FROM and JOIN, with their aliases.
fn sources(sql: &str) -> Vec<Source> {
    let code: Vec<Token> = tokens(sql).into_iter().filter(Token::is_code).collect();
    let word = |at: usize| code.get(at).map_or("", |token| token.text(sql));
    let is_name = |at: usize| match code.get(at).map(|token| token.kind) {
        Some(TokenKind::Word) => !is_keyword(word(at)),
        Some(TokenKind::Quoted) => true,
        _ => false,
    };
    let mut sources = Vec::new();
    let mut at = 0;
    let mut in_from = false;
    while at < code.len() {
        let upper = word(at).to_ascii_uppercase();
        in_from = match upper.as_str() {
            "FROM" | "JOIN" => true,
            "," => in_from,
            _ => false,
        };
        at += 1;
        if !in_from || !is_name(at) {
            continue;
        }
        let mut name = bare(word(at));
        at += 1;
        while word(at) == "." && code.get(at + 1).is_some() {
            name = format!("{name}.{}", bare(word(at + 1)));
            at += 2;
        }
        at += usize::from(word(at).eq_ignore_ascii_case("as"));
        let alias = is_name(at).then(|| bare(word(at)));
        at += usize::from(alias.is_some());
        sources.push(Source { name, alias });
        // A comma goes on with the next table.
        in_from = word(at) == ",";
    }
    sources
}

/// The names that WITH gives to queries.
fn common_tables(sql: &str) -> Vec<String> {
    let code: Vec<Token> = tokens(sql).into_iter().filter(Token::is_code).collect();
    let is_with = code.first().is_some_and(|token| token.text(sql).eq_ignore_ascii_case("with"));
    let names = code.windows(3).filter(|three| {
        let [name, as_, open] = three else { return false };
        name.kind == TokenKind::Word && as_.text(sql).eq_ignore_ascii_case("as") && open.text(sql) == "("
    });
    if is_with { names.map(|three| three[0].text(sql).to_owned()).collect() } else { Vec::new() }
}

fn tables(names: &Names, statement: &str) -> Vec<(String, Option<String>)> {
    let own = common_tables(statement).into_iter().map(|name| (name, None));
    own.chain(names.tables.iter().map(|table| (table.full(), None))).collect()
}

/// The columns of the tables that the statement names, each once; if it names none yet, of all tables, the likeliest
/// first.
fn columns(names: &Names, sources: &[Source]) -> Vec<(String, Option<String>)> {
    let named = sources.iter().filter_map(|source| names.table(&source.name));
    let mut tables: Vec<&TableNames> = named.collect();
    if sources.is_empty() {
        tables = names.tables.iter().filter(|table| LIKELY.contains(&table.schema.as_str())).collect();
        tables.sort_by_key(|table| LIKELY.iter().position(|schema| *schema == table.schema));
    }
    let mut seen = HashSet::new();
    tables.into_iter().flat_map(table_columns).filter(|(name, _)| seen.insert(name.clone())).collect()
}

/// The schemas whose columns are offered before a table is named, in this order.
const LIKELY: [&str; 5] = ["profile", "rfm", "segment", "clean", "raw"];

fn table_columns(table: &TableNames) -> impl Iterator<Item = (String, Option<String>)> {
    table.columns.fields().iter().map(|field| (quoted(field.name()), Some(sql_type(field.data_type()))))
}

/// What may stand behind `path` and a dot: columns of an alias or a table, tables of a schema.
fn members(names: &Names, sources: &[Source], path: &[String]) -> Vec<(String, Option<String>)> {
    let path = path.join(".");
    let same = |name: &str| name.eq_ignore_ascii_case(&path);
    let source = sources.iter().find(|source| {
        source.alias.as_deref().is_some_and(same)
            || same(&source.name)
            || source.name.rsplit('.').next().is_some_and(same)
    });
    let name = source.map_or(path.as_str(), |source| source.name.as_str());
    let mut found: Vec<_> = names.table(name).into_iter().flat_map(table_columns).collect();
    let tables = names.tables.iter().filter(|table| same(&table.schema));
    found.extend(tables.map(|table| (table.table.clone(), None)));
    found
}

/// Files and folders whose names begin with what is typed of a path.
fn files(before: &str, start: usize) -> Vec<Candidate> {
    let typed = &before[start..];
    let cut = typed.rfind('/').map_or(0, |slash| slash + 1);
    let (folder, prefix) = typed.split_at(cut);
    let place = if folder.is_empty() { ".".to_owned() } else { expand_home(folder) };
    let Ok(entries) = Path::new(&place).read_dir() else { return Vec::new() };
    let mut found: Vec<String> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let is_hidden = name.starts_with('.') && !prefix.starts_with('.');
            if !name.starts_with(prefix) || is_hidden {
                return None;
            }
            if entry.path().is_dir() {
                return Some(format!("{folder}{name}/"));
            }
            let is_data = OutputFormat::of_file(Path::new(&name)).is_some()
                || Path::new(&name).extension() == Some("tsv".as_ref());
            is_data.then(|| format!("{folder}{name}'"))
        })
        .collect();
    found.sort();
    let range = start..before.len();
    let candidate = |text| Candidate { text, about: None, range: range.clone(), has_blank: false };
    found.into_iter().map(candidate).collect()
}

/// Commands, and what may stand behind them.
fn commands(names: &Names, before: &str) -> Vec<Candidate> {
    let line_start = before.len() - before.trim_start().len();
    let line = &before[line_start..];
    let Some((command, argument)) = line.split_once(' ') else {
        let found = COMMANDS.iter().filter(|(name, ..)| name.starts_with(line));
        let candidate = |(name, argument, what): &(&str, &str, &str)| Candidate {
            text: (*name).to_owned(),
            about: Some((*what).to_owned()),
            range: line_start..before.len(),
            has_blank: !argument.is_empty(),
        };
        return found.map(candidate).collect();
    };
    let start = before.len() - argument.len();
    let cursor = Cursor { place: Place::Expression, prefix: argument, start };
    let choose = |found: &mut dyn Iterator<Item = String>| cursor.choose(found.map(|name| (name, None)));
    match command {
        "\\d" => {
            let unmade =
                names.unmade.iter().filter(|table| table.columns.is_some()).map(|table| table.name.to_string());
            choose(&mut names.tables.iter().map(TableNames::full).chain(unmade))
        }
        "\\df" => choose(&mut names.functions.iter().cloned()),
        "\\format" => choose(&mut OutputFormat::names().map(ToOwned::to_owned)),
        "\\x" | "\\timing" => choose(&mut ["on", "off"].map(ToOwned::to_owned).into_iter()),
        "\\set" => choose(&mut names.params.iter().cloned()),
        "\\i" | "\\o" => {
            let found = files(before, start).into_iter();
            found.map(|file| Candidate { text: file.text.trim_end_matches('\'').to_owned(), ..file }).collect()
        }
        _ => Vec::new(),
    }
}

fn bare(name: &str) -> String {
    name.trim_matches(['"', '`']).to_owned()
}

/// The name, in quotes if SQL needs them.
fn quoted(name: &str) -> String {
    let mut chars = name.chars();
    let is_plain = chars.next().is_some_and(|c| c.is_ascii_lowercase() || c == '_')
        && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && ![
            "all", "and", "as", "case", "desc", "from", "group", "in", "is", "not", "on", "or", "order", "select",
            "to", "where",
        ]
        .contains(&name);
    if is_plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use datafusion::arrow::datatypes::{DataType, Field, Schema};

    use super::*;

    /// Two tables of customers, one of orders, two functions, one parameter.
    pub(in crate::repl) fn names() -> Names {
        let table = |schema: &str, table: &str, columns: &[&str]| TableNames {
            schema: schema.into(),
            table: table.into(),
            columns: Arc::new(Schema::new(
                columns.iter().map(|name| Field::new(*name, DataType::Utf8View, true)).collect::<Vec<_>>(),
            )),
        };
        Names {
            tables: vec![
                table("clean", "orders", &["order_id", "amount", "Größe"]),
                table("profile", "customers", &["customer_id", "name", "country"]),
                table("rfm", "scores", &["customer_id", "recency"]),
                table("public", "_", &["name"]),
            ],
            functions: vec!["normalize_email".into(), "count".into(), "concat".into()],
            params: vec!["as_of".into(), "lapsed_days".into()],
            unmade: Vec::new(),
        }
    }

    /// What could stand at the `|`.
    fn at(typed: &str) -> Vec<String> {
        let cursor = typed.find('|').expect("a cursor");
        let candidates = complete(&names(), &typed.replace('|', ""), cursor);
        candidates.into_iter().map(|candidate| candidate.text).collect()
    }

    #[test]
    fn tables_stand_behind_from_and_join() {
        assert_eq!(at("SELECT * FROM cu|"), ["profile.customers"]);
        assert_eq!(at("SELECT * FROM rfm.scores s JOIN pro|"), ["profile.customers"]);
        assert_eq!(at("SELECT * FROM profile.|"), ["customers"]);
        assert_eq!(at("SELECT * FROM rfm.scores, cle|"), ["clean.orders"]);
        assert_eq!(at("WITH vip AS (SELECT 1) SELECT * FROM v|"), ["vip"]);
        assert_eq!(at("describe |").len(), 4);
    }

    #[test]
    fn columns_are_those_of_the_tables_that_are_named() {
        assert_eq!(at("SELECT na| FROM profile.customers"), ["name", "natural"]);
        assert_eq!(at("SELECT c.| FROM profile.customers AS c, rfm.scores s"), ["customer_id", "name", "country"]);
        assert_eq!(at("SELECT s.re| FROM profile.customers c JOIN rfm.scores s USING (customer_id)"), ["recency"]);
        assert_eq!(at("SELECT customers.na| FROM profile.customers"), ["name"]);
        assert_eq!(at("SELECT o.gr| FROM clean.orders o"), ["\"Größe\""]);
        assert_eq!(at("SELECT 1 FROM rfm.scores; SELECT rec| FROM clean.orders"), ["RECURSIVE"].map(str::to_lowercase));
    }

    #[test]
    fn columns_of_likely_tables_are_offered_before_one_is_named() {
        let first = |typed| at(typed).into_iter().take(5).collect::<Vec<_>>();
        assert_eq!(first("SELECT |"), ["customer_id", "name", "country", "recency", "order_id"]);
        assert_eq!(first("SELECT cu|"), ["customer_id", "current", "current_date", "profile.customers"]);
        assert_eq!(at("SELECT c.cou| FROM profile.customers c WHERE c.name = 'x'"), ["country"]);
    }

    #[test]
    fn functions_and_keywords_keep_the_users_case() {
        assert_eq!(at("SELECT norm|"), ["normalize_email("]);
        assert_eq!(at("SELECT 1 gro|"), ["group by"]);
        assert_eq!(at("SELECT 1 GRO|"), ["GROUP BY"]);
        assert_eq!(at("sel|"), ["select"]);
        assert_eq!(at("SELECT co| FROM clean.orders"), ["count(", "concat(", "copy"]);
    }

    #[test]
    fn parameters_and_commands() {
        assert_eq!(at("SELECT * FROM rfm.scores WHERE recency > $la|"), ["$lapsed_days"]);
        assert_eq!(at("SELECT $|").len(), 2);
        assert_eq!(at("\\fo|"), ["\\format"]);
        assert_eq!(at("\\d cust|"), ["profile.customers"]);
        assert_eq!(at("\\format j|"), ["json"]);
    }

    #[test]
    fn nothing_within_comments_and_texts() {
        assert!(at("SELECT 'FROM cu|").is_empty());
        assert!(at("SELECT 1 -- FROM cu|").is_empty());
        assert!(at("SELECT /* FROM cu|").is_empty());
    }

    #[test]
    fn files_stand_in_the_quotes_behind_from() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["orders.csv", "old.parquet", "notes.doc"] {
            std::fs::write(folder.path().join(name), "").expect("writes");
        }
        let path = folder.path().display();
        assert_eq!(
            at(&format!("SELECT * FROM '{path}/o|")),
            [format!("{path}/old.parquet'"), format!("{path}/orders.csv'")]
        );
    }
}
