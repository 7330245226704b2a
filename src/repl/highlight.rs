//! Colours for what is typed.

use nu_ansi_term::{Color, Style};
use reedline::{Highlighter, StyledText};

use super::editor::SharedNames;
use super::keywords::is_keyword;
use super::lex::{Token, TokenKind, tokens};
use super::names::Names;

/// Colours SQL by the names of a session.
pub(super) struct SqlHighlighter {
    pub(super) names: SharedNames,
}

impl Highlighter for SqlHighlighter {
    fn highlight(&self, line: &str, _cursor: usize) -> StyledText {
        let names = self.names.get();
        let mut text = StyledText::new();
        for (role, part) in roles(&names, line) {
            text.push((role.style(), part.to_owned()));
        }
        text
    }
}

/// What a part of a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Keyword,
    Function,
    Table,
    Text,
    Number,
    Parameter,
    Comment,
    Command,
    Other,
}

impl Role {
    fn style(self) -> Style {
        match self {
            Self::Keyword => Color::Blue.bold(),
            Self::Function => Color::Yellow.normal(),
            Self::Table => Color::Cyan.normal(),
            Self::Text => Color::Green.normal(),
            Self::Number => Color::Purple.normal(),
            Self::Parameter => Color::Purple.bold(),
            Self::Comment => Style::new().dimmed(),
            Self::Command => Style::new().bold(),
            Self::Other => Style::new(),
        }
    }
}

fn roles<'a>(names: &Names, line: &'a str) -> Vec<(Role, &'a str)> {
    if line.trim_start().starts_with('\\') {
        return vec![(Role::Command, line)];
    }
    let tokens = tokens(line);
    let role = |at: usize| match tokens[at].kind {
        TokenKind::Word | TokenKind::Quoted => name_role(names, line, &tokens, at),
        TokenKind::Text => Role::Text,
        TokenKind::Number => Role::Number,
        TokenKind::Parameter => Role::Parameter,
        TokenKind::Comment => Role::Comment,
        TokenKind::Space | TokenKind::Semicolon | TokenKind::Symbol => Role::Other,
    };
    tokens.iter().enumerate().map(|(at, token)| (role(at), token.text(line))).collect()
}

/// The role of a word, by what stands beside it.
fn name_role(names: &Names, line: &str, tokens: &[Token], at: usize) -> Role {
    let text = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map_or("", |token| token.text(line));
    let word = text(Some(at)).trim_matches('"');
    let before = text(at.checked_sub(1));
    if before == "." {
        let schema = text(at.checked_sub(2)).trim_matches('"');
        let is_table = names.table(&format!("{schema}.{word}")).is_some();
        return if is_table { Role::Table } else { Role::Other };
    }
    let after = text(Some(at + 1));
    if after == "." && names.schemas().iter().any(|schema| schema.eq_ignore_ascii_case(word)) {
        return Role::Table;
    }
    if after == "(" && names.functions.iter().any(|name| name.eq_ignore_ascii_case(word)) {
        return Role::Function;
    }
    if tokens[at].kind == TokenKind::Word && is_keyword(word) {
        return Role::Keyword;
    }
    if names.table(word).is_some() { Role::Table } else { Role::Other }
}

#[cfg(test)]
mod tests {
    use super::super::complete::tests::names;
    use super::*;

    #[test]
    fn words_are_coloured_by_what_they_are() {
        let line = "select count(c.name), 'x', 1 from profile.customers c where seen < $as_of -- note";
        let coloured: Vec<(Role, &str)> =
            roles(&names(), line).into_iter().filter(|(role, _)| *role != Role::Other).collect();
        let expected = vec![
            (Role::Keyword, "select"),
            (Role::Function, "count"),
            (Role::Text, "'x'"),
            (Role::Number, "1"),
            (Role::Keyword, "from"),
            (Role::Table, "profile"),
            (Role::Table, "customers"),
            (Role::Keyword, "where"),
            (Role::Parameter, "$as_of"),
            (Role::Comment, "-- note"),
        ];
        assert_eq!(coloured, expected);
    }

    #[test]
    fn what_is_typed_is_never_changed() {
        for line in ["", "\\d x", "select 'open", "客户 /* ", "a.b.c(\"x"] {
            let joined: String = roles(&names(), line).iter().map(|(_, part)| *part).collect();
            assert_eq!(joined, line);
        }
    }
}
