//! The words of a SQL text, also of one that is only half typed: what splitting, highlighting and completion look at.
//!
//! It accepts every text. The tokens follow each other without gaps, so that their texts joined are the input; what is
//! right and what is wrong SQL is the parser's business.

use std::ops::Range;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A keyword or a name without quotes.
    Word,
    /// A name in double quotes or backticks.
    Quoted,
    /// A text in single quotes or between dollar signs.
    Text,
    /// A number.
    Number,
    /// A parameter such as `$as_of`.
    Parameter,
    /// A comment.
    Comment,
    /// Blanks and line breaks.
    Space,
    /// The end of a statement.
    Semicolon,
    /// Any other character.
    Symbol,
}

/// One token of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    /// Where it lies, in bytes.
    pub(super) range: Range<usize>,
    /// False for a quotation or a comment that the text ends in.
    pub(super) closed: bool,
}

impl Token {
    /// The token's text.
    pub(super) fn text<'a>(&self, sql: &'a str) -> &'a str {
        &sql[self.range.clone()]
    }

    /// Whether it says something to the parser.
    pub(super) fn is_code(&self) -> bool {
        !matches!(self.kind, TokenKind::Comment | TokenKind::Space)
    }
}

/// All tokens of `sql`.
pub(super) fn tokens(sql: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < sql.len() {
        let (kind, length, closed) = next(&sql[at..]);
        tokens.push(Token { kind, range: at..at + length, closed });
        at += length;
    }
    tokens
}

/// The first token's kind, its length in bytes, and whether it is closed. `rest` is not empty.
fn next(rest: &str) -> (TokenKind, usize, bool) {
    let mut chars = rest.chars();
    let first = chars.next().expect("the text is not at its end");
    let second = chars.next();
    match (first, second) {
        ('-', Some('-')) => (TokenKind::Comment, rest.find('\n').unwrap_or(rest.len()), true),
        ('/', Some('*')) => block_comment(rest),
        ('\'', _) => quoted(rest, 1, '\'', false, TokenKind::Text),
        ('e' | 'E', Some('\'')) => quoted(rest, 2, '\'', true, TokenKind::Text),
        ('x' | 'X' | 'b' | 'B' | 'n' | 'N', Some('\'')) => quoted(rest, 2, '\'', false, TokenKind::Text),
        ('"' | '`', _) => quoted(rest, 1, first, false, TokenKind::Quoted),
        ('$', _) => dollar(rest),
        (';', _) => (TokenKind::Semicolon, 1, true),
        (c, _) if c.is_whitespace() => (TokenKind::Space, length_while(rest, char::is_whitespace), true),
        (c, _) if c.is_ascii_digit() => (TokenKind::Number, number(rest), true),
        (c, _) if is_name_start(c) => (TokenKind::Word, length_while(rest, is_name_part), true),
        (c, _) => (TokenKind::Symbol, c.len_utf8(), true),
    }
}

fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

/// Whether a name may go on with `c`.
pub(super) fn is_name_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn length_while(text: &str, holds: impl Fn(char) -> bool) -> usize {
    text.find(|c| !holds(c)).unwrap_or(text.len())
}

/// Digits, a fraction and an exponent.
fn number(rest: &str) -> usize {
    let digits = |from: usize| from + length_while(&rest[from..], |c| c.is_ascii_digit() || c == '_');
    let mut end = digits(0);
    if rest[end..].starts_with('.') {
        end = digits(end + 1);
    }
    if rest[end..].starts_with(['e', 'E']) {
        let sign = usize::from(rest[end + 1..].starts_with(['+', '-']));
        let exponent = digits(end + 1 + sign);
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    end
}

/// A quotation whose opening takes `opening` bytes; a doubled quote is one that belongs to it.
fn quoted(rest: &str, opening: usize, quote: char, escapes: bool, kind: TokenKind) -> (TokenKind, usize, bool) {
    let mut chars = rest.char_indices().skip(opening).peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\' && escapes {
            chars.next();
        } else if c == quote && chars.next_if(|(_, next)| *next == quote).is_none() {
            return (kind, at + 1, true);
        }
    }
    (kind, rest.len(), false)
}

/// A parameter such as `$as_of`, or a text between `$$` and `$$`, or between `$tag$` and `$tag$`.
fn dollar(rest: &str) -> (TokenKind, usize, bool) {
    let name = 1 + length_while(&rest[1..], is_name_part);
    if !rest[name..].starts_with('$') {
        let kind = if name > 1 { TokenKind::Parameter } else { TokenKind::Symbol };
        return (kind, name, true);
    }
    let tag = &rest[..=name];
    match rest[tag.len()..].find(tag) {
        Some(at) => (TokenKind::Text, at + 2 * tag.len(), true),
        None => (TokenKind::Text, rest.len(), false),
    }
}

/// A comment between `/*` and `*/`, which may hold others.
fn block_comment(rest: &str) -> (TokenKind, usize, bool) {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return (TokenKind::Comment, at, true);
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    (TokenKind::Comment, rest.len(), false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kinds(sql: &str) -> Vec<(TokenKind, &str)> {
        tokens(sql).iter().filter(|token| token.kind != TokenKind::Space).map(|t| (t.kind, t.text(sql))).collect()
    }

    #[test]
    fn knows_texts_names_numbers_parameters_and_comments() {
        use TokenKind::{Comment, Number, Parameter, Quoted, Semicolon, Symbol, Text, Word};
        let sql = "SELECT \"Né\"\"e\", 'it''s; 客户', 1.5e-3, $as_of -- a ; b\n/* x /* y */ z */;";
        let expected = vec![
            (Word, "SELECT"),
            (Quoted, "\"Né\"\"e\""),
            (Symbol, ","),
            (Text, "'it''s; 客户'"),
            (Symbol, ","),
            (Number, "1.5e-3"),
            (Symbol, ","),
            (Parameter, "$as_of"),
            (Comment, "-- a ; b"),
            (Comment, "/* x /* y */ z */"),
            (Semicolon, ";"),
        ];
        assert_eq!(kinds(sql), expected);
        assert_eq!(kinds("$$a;b$$ $t$c;$d$t$"), vec![(Text, "$$a;b$$"), (Text, "$t$c;$d$t$")]);
        assert_eq!(kinds(r"E'a\'b' c"), vec![(Text, r"E'a\'b'"), (Word, "c")]);
    }

    #[test]
    fn what_is_half_typed_is_open() {
        for sql in ["'abc", "\"abc", "/* abc", "$$abc", "/* a /* b */"] {
            assert_eq!(tokens(sql).last().map(|token| token.closed), Some(false), "{sql}");
        }
    }

    proptest! {
        #[test]
        fn every_text_is_covered_without_gaps(sql in "[a-z'\"$/*;. 0-9\\\\\n客é-]{0,40}|\\PC{0,40}") {
            let tokens = tokens(&sql);
            let joined: String = tokens.iter().map(|token| token.text(&sql)).collect();
            prop_assert_eq!(joined, sql);
        }
    }
}
