//! The shell's own commands: `\d`, `\format csv`, and so on.

use super::format::OutputFormat;
use crate::error::{Error, Kind, Result, nearest};

/// A command of the shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meta {
    Help,
    Quit,
    /// All tables.
    Tables,
    /// A table's columns.
    Columns(String),
    /// Functions whose names hold a text.
    Functions(Option<String>),
    Segments,
    /// Times of queries on or off; none to switch.
    Timing(Option<bool>),
    /// Rows as lists on or off; none to switch.
    Expanded(Option<bool>),
    /// The format of results; none to show it.
    Format(Option<OutputFormat>),
    /// The most rows that a table on a terminal shows; none to show it.
    RowsMax(Option<usize>),
    /// The file for the next result; none to take it back.
    Output(Option<String>),
    Params,
    /// A parameter and its value as typed.
    Set(String, String),
    Run,
    /// Runs the statements of a file.
    Include(String),
}

/// The commands as the help shows them: name, argument, what it does.
pub(super) const COMMANDS: [(&str, &str, &str); 15] = [
    ("\\?", "", "this help"),
    ("\\d", "[NAME]", "the tables, those of a schema, or the columns of a table, with what they mean"),
    ("\\dt", "", "the tables"),
    ("\\ds", "", "the segments"),
    ("\\df", "[TEXT]", "the functions, or those whose names hold TEXT, with examples"),
    ("\\x", "[on|off]", "rows as lists of name and value: nothing is cut"),
    ("\\format", "[FORMAT]", "how results look: table, csv, json, ndjson, markdown, parquet"),
    ("\\maxrows", "[N]", "how many rows a table shows on a terminal; 0 for all"),
    ("\\o", "[FILE]", "write the next result to FILE; its ending says in which format"),
    ("\\timing", "[on|off]", "how long statements take"),
    ("\\params", "", "the values of $parameters"),
    ("\\set", "NAME VALUE", "give a $parameter a value, for this session"),
    ("\\run", "", "which run of which project the session is pinned to"),
    ("\\i", "FILE", "run the statements of FILE"),
    ("\\q", "", "quit; Ctrl-D does too"),
];

/// Reads a command.
///
/// # Errors
/// `Usage` with the nearest command or with what the argument must be.
pub(super) fn parse(line: &str) -> Result<Meta> {
    let line = line.trim().trim_end_matches(';').trim_end();
    let (name, argument) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let argument = argument.trim();
    let text = (!argument.is_empty()).then(|| argument.to_owned());
    let needed = |what: &str| {
        text.clone().ok_or_else(|| Error::new(Kind::Usage, format!("`{name}` needs {what}")).hint(usage(name)))
    };
    Ok(match name {
        "\\?" | "\\h" | "\\help" => Meta::Help,
        "\\q" | "\\quit" | "\\exit" => Meta::Quit,
        "\\d" => text.map_or(Meta::Tables, Meta::Columns),
        "\\dt" | "\\l" | "\\dn" => Meta::Tables,
        "\\ds" => Meta::Segments,
        "\\df" => Meta::Functions(text),
        "\\x" => Meta::Expanded(switch(name, argument)?),
        "\\timing" => Meta::Timing(switch(name, argument)?),
        "\\format" => Meta::Format(text.map(|text| text.parse()).transpose()?),
        "\\maxrows" => Meta::RowsMax(text.map(|text| number(name, &text)).transpose()?),
        "\\o" | "\\output" => Meta::Output(text.map(|text| unquoted(&text))),
        "\\params" => Meta::Params,
        "\\set" => match argument.split_once(char::is_whitespace) {
            Some((param, value)) => Meta::Set(param.trim_start_matches('$').to_owned(), value.trim().to_owned()),
            None if argument.is_empty() => Meta::Params,
            None => return Err(Error::new(Kind::Usage, "`\\set` needs a name and a value").hint(usage(name))),
        },
        "\\run" => Meta::Run,
        "\\i" => Meta::Include(unquoted(&needed("a file")?)),
        _ => return Err(unknown(name)),
    })
}

fn unknown(name: &str) -> Error {
    let error = Error::new(Kind::Usage, format!("there is no command `{name}`"));
    // Of two letters, any is near any other: only longer names are guessed.
    let near = nearest(name, COMMANDS.iter().map(|(name, ..)| *name)).filter(|_| name.len() > 3);
    match near {
        Some(near) => error.hint(format!("did you mean `{near}`? `\\?` lists the commands")),
        None => error.hint("`\\?` lists the commands"),
    }
}

fn usage(name: &str) -> String {
    let command = COMMANDS.iter().find(|(known, ..)| *known == name);
    command.map_or_else(
        || "`\\?` lists the commands".into(),
        |(name, argument, what)| format!("{name} {argument}: {what}"),
    )
}

fn switch(name: &str, argument: &str) -> Result<Option<bool>> {
    match argument.to_ascii_lowercase().as_str() {
        "" => Ok(None),
        "on" | "true" => Ok(Some(true)),
        "off" | "false" => Ok(Some(false)),
        _ => Err(Error::new(Kind::Usage, format!("`{name}` is `on` or `off`")).hint("without either it switches")),
    }
}

fn number(name: &str, argument: &str) -> Result<usize> {
    argument.parse().map_err(|_| Error::new(Kind::Usage, format!("`{name}` needs a number")).hint(usage(name)))
}

/// A file's name without the quotes that one may put around it.
fn unquoted(text: &str) -> String {
    let inner = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
    inner.unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read() {
        for (line, meta) in [
            ("\\d", Meta::Tables),
            ("\\d profile.customers;", Meta::Columns("profile.customers".into())),
            ("\\df  phone ", Meta::Functions(Some("phone".into()))),
            ("\\x", Meta::Expanded(None)),
            ("\\timing OFF", Meta::Timing(Some(false))),
            ("\\format md", Meta::Format(Some(OutputFormat::Markdown))),
            ("\\o 'my file.csv'", Meta::Output(Some("my file.csv".into()))),
            ("\\o", Meta::Output(None)),
            ("\\set $as_of 2026-06-30", Meta::Set("as_of".into(), "2026-06-30".into())),
            ("\\maxrows 0", Meta::RowsMax(Some(0))),
            ("\\q", Meta::Quit),
        ] {
            assert_eq!(parse(line).expect(line), meta, "{line}");
        }
    }

    #[test]
    fn slips_get_a_hint() {
        for (line, hint) in [
            ("\\fromat csv", "did you mean `\\format`? `\\?` lists the commands"),
            ("\\z", "`\\?` lists the commands"),
            ("\\format cvs", "did you mean `csv`?"),
            ("\\i", "\\i FILE: run the statements of FILE"),
            ("\\set as_of", "\\set NAME VALUE: give a $parameter a value, for this session"),
            ("\\x maybe", "without either it switches"),
        ] {
            let error = parse(line).expect_err(line);
            assert_eq!((error.kind(), error.hint_text()), (Kind::Usage, Some(hint)), "{line}");
        }
    }

    #[test]
    fn every_command_of_the_help_exists() {
        for (name, argument, _) in COMMANDS {
            let known = parse(name).is_ok() || parse(name).is_err_and(|error| error.message().contains("needs"));
            assert!(known, "{name} {argument}");
        }
    }
}
