//! DataFusion's messages in our manner: no prefixes, no catalog, no syntax trees, SQL's names of types, names in
//! backticks, and never a value of the data.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What DataFusion and Arrow put before a message.
const PREFIXES: [&str; 11] = [
    "Error during planning: ",
    "Schema error: ",
    "SQL error: ",
    "Execution error: ",
    "Arrow error: ",
    "Optimizer error: ",
    "External error: ",
    "Internal error: Function",
    "Cast error: ",
    "Parser error: ",
    "This feature is not implemented: ",
];

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant that the tests compile")
}

static TYPES: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\b(?:Timestamp\([^()]*\)|Decimal\d+\((\d+), ?(-?\d+)\)|(?:Utf8View|LargeUtf8|Utf8|String|U?Int(?:8|16|32|64)|Float(?:32|64)|Date(?:32|64)|Boolean)\b)",
    )
});
static LITERALS: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"\b(?:(?:U?Int(?:8|16|32|64)|Float(?:32|64)|Boolean|Date32)\(("?)([^()"]*)"?\)|(?:Large)?Utf8(?:View)?\("([^"]*)"\)|Decimal\d+\((-?[\d.]+),\d+,-?\d+\))"#,
    )
});
static CATALOG: LazyLock<Regex> = LazyLock::new(|| regex(r"\bonefold\.(\w+\.\w)"));
static MISSING: LazyLock<Regex> = LazyLock::new(|| {
    regex(r#"^(?:No field named ((?:"[^"]*"|[^\s"])+)|table '([^']*)' not found|Invalid function '([^']*)')\.?$"#)
});
static PLACE: LazyLock<Regex> = LazyLock::new(|| regex(r" at Line: \d+, Column: \d+"));
static QUOTED: LazyLock<Regex> = LazyLock::new(|| regex(r"'([^']*)'"));
static VALUE: LazyLock<Regex> = LazyLock::new(|| regex(r"(?s)\b(string|value|from|parse|parsing) '.*'"));
static EXPECTED: LazyLock<Regex> = LazyLock::new(|| regex(r"(?s)^Expected:? (.*), found: (.*)$"));
static CAST: LazyLock<Regex> = LazyLock::new(|| regex(r"(?s)^Cannot cast string '.*' to value of (.*) type$"));
static CALL: LazyLock<Regex> = LazyLock::new(|| regex(r"(?s)argument types '([^'(]*)\((.*?)\)'"));

/// The message as we say it. `shows_values`: whether quotes in it hold names and words of the statement rather than
/// values of the data.
pub(super) fn tidy(message: &str, shows_values: bool) -> String {
    let message = unwrapped(message);
    if let Some(call) = CALL.captures(message) {
        return format!("`{}` does not take ({})", &call[1], sql_types(&call[2]));
    }
    if let Some(cast) = CAST.captures(message) {
        return format!("a text cannot be read as {}", sql_types(&cast[1]));
    }
    let message = PLACE.replace_all(message, "");
    if let Some(expected) = EXPECTED.captures(&message) {
        let found = if &expected[2] == "EOF" { "the end".to_owned() } else { format!("`{}`", &expected[2]) };
        return format!("expected {}, found {found}", expected[1].replace("or ;", "or `;`"));
    }
    let mut message = message.as_ref();
    for end in [
        "\nDid you mean",
        ". Did you mean",
        "\nValid fields are",
        " Valid fields are",
        ": While expanding",
        "\nThis issue was",
    ] {
        message = message.split(end).next().unwrap_or(message);
    }
    // What is left of a syntax tree is of no use to anyone.
    if let Some(tree) = message.find(" { ").filter(|_| message.contains("Span")) {
        message = message[..tree].rsplit_once(' ').map_or(message, |(before, _)| before);
    }
    let message = CATALOG.replace_all(&plain_literals(message), "$1").replace("'public.", "'");
    if let Some(missing) = MISSING.captures(&message) {
        let what = ["column", "table", "function"];
        let found = what.iter().enumerate().find_map(|(at, what)| Some((what, missing.get(at + 1)?.as_str())));
        if let Some((what, name)) = found {
            return format!("there is no {what} `{}`", name.trim_end_matches('.').trim_matches('"'));
        }
    }
    let message =
        if shows_values { QUOTED.replace_all(&message, "`$1`") } else { VALUE.replace_all(&message, "$1 …") };
    lower_first(sql_types(&message).trim_end_matches(['.', ' ', '\n']))
}

/// Without prefixes and the parser's wrapping.
fn unwrapped(message: &str) -> &str {
    let mut message = message;
    while let Some(rest) = PREFIXES.iter().find_map(|prefix| message.strip_prefix(prefix)) {
        message = rest;
    }
    for wrapping in ["ParserError(\"", "TokenizerError(\""] {
        if let Some(inner) = message.strip_prefix(wrapping).and_then(|rest| rest.strip_suffix("\")")) {
            message = inner;
        }
    }
    message
}

/// Arrow's names of types as SQL's.
fn sql_types(message: &str) -> String {
    let named = TYPES.replace_all(message, |found: &Captures<'_>| match &found[0] {
        name if name.starts_with("Timestamp") => "TIMESTAMP".to_owned(),
        name if name.starts_with("Decimal") => format!("DECIMAL({},{})", &found[1], &found[2]),
        "Int8" | "UInt8" => "TINYINT".to_owned(),
        "Int16" | "UInt16" => "SMALLINT".to_owned(),
        "Int32" | "UInt32" => "INTEGER".to_owned(),
        "Int64" | "UInt64" => "BIGINT".to_owned(),
        "Float32" => "REAL".to_owned(),
        "Float64" => "DOUBLE".to_owned(),
        "Date32" | "Date64" => "DATE".to_owned(),
        "Boolean" => "BOOLEAN".to_owned(),
        _ => "VARCHAR".to_owned(),
    });
    named.into_owned()
}

/// An expression as DataFusion names it, with its literals as one types them: `Int64(1)` is `1`.
pub fn plain_literals(expression: &str) -> String {
    let plain = LITERALS.replace_all(expression, |found: &Captures<'_>| match (found.get(2), found.get(3)) {
        (Some(value), _) => value.as_str().to_owned(),
        (_, Some(text)) => format!("'{}'", text.as_str()),
        _ => found[4].to_owned(),
    });
    plain.into_owned()
}

/// The functions that DataFusion proposes for a call that fits none, such as `abs(Numeric(1))`.
pub(super) fn candidates(message: &str) -> Option<String> {
    let (_, list) = message.split_once("Candidate functions:")?;
    let calls = list.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut calls: Vec<String> = calls.map(|call| sql_types(call).replace("Numeric(1)", "Numeric")).collect();
    calls.dedup();
    (!calls.is_empty() && calls.len() <= 8).then(|| calls.join(", ").to_lowercase())
}

/// With a small first letter, unless the first word is an abbreviation.
fn lower_first(message: &str) -> String {
    let mut chars = message.chars();
    match chars.next() {
        Some(first) if !chars.as_str().starts_with(char::is_uppercase) => first.to_lowercase().chain(chars).collect(),
        _ => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_as_one_types_them() {
        for (given, plain) in [
            ("Int64(1)", "1"),
            ("sum(t.a + Float64(0.5))", "sum(t.a + 0.5)"),
            ("t.a * Decimal128(1.19,3,2)", "t.a * 1.19"),
            ("Utf8(\"it, (is)\")", "'it, (is)'"),
            ("count(*)", "count(*)"),
            ("MyInt64(1)", "MyInt64(1)"),
        ] {
            assert_eq!(plain_literals(given), plain);
        }
    }

    #[test]
    fn values_of_the_data_are_not_shown() {
        let message = "Arrow error: Cast error: Cannot cast string 'Liu Wei' to value of Int64 type";
        assert_eq!(tidy(message, false), "a text cannot be read as BIGINT");
        let message = "Arrow error: Parser error: Error parsing timestamp from 'Ana's': invalid separator";
        assert_eq!(tidy(message, false), "error parsing timestamp from …: invalid separator");
    }

    #[test]
    fn messages_are_in_our_manner() {
        for (given, ours) in [
            ("SQL error: ParserError(\"Expected: ), found: EOF\")", "expected ), found the end"),
            (
                "SQL error: TokenizerError(\"Unterminated string literal at Line: 1, Column: 8\")",
                "unterminated string literal",
            ),
            ("Error during planning: table 'onefold.public.x' not found", "there is no table `x`"),
            ("Schema error: No field named nme. Did you mean 'c.name'?", "there is no column `nme`"),
            ("Schema error: No field named \"Born On\". Did you mean 'Born'?", "there is no column `Born On`"),
            ("Error during planning: Invalid function 'sume'.\nDid you mean 'sum'?", "there is no function `sume`"),
            (
                "Cannot coerce arithmetic expression Utf8View + Int64 to valid types",
                "cannot coerce arithmetic expression VARCHAR + BIGINT to valid types",
            ),
            (
                "function 'abs' expects Numeric. No function matches the given name and argument types 'abs(Utf8View)'.",
                "`abs` does not take (VARCHAR)",
            ),
            ("Timestamp(µs) and Decimal128(18, 2)", "TIMESTAMP and DECIMAL(18,2)"),
        ] {
            assert_eq!(tidy(given, true), ours);
        }
    }
}
