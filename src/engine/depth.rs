//! How deep SQL is, seen before it is parsed: the parser, the planner, and whoever drops what they made recur as deep as
//! the SQL, and a stack that overflows ends the process.

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

/// Brackets within brackets, those of types such as `ARRAY<…>` included. The parser itself takes about as many of those
/// in expressions, and any number of those in types.
const NESTED_MAX: usize = 50;

/// Operators in a row, of which each takes all before it for its left side. Some more than these overflow the planner.
const CHAINED_MAX: usize = 4000;

/// Says why, if `sql` is too deep to be read.
pub fn too_deep(sql: &str) -> Option<String> {
    // What cannot be cut into tokens is for the parser to tell.
    let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize().ok()?;
    // The operators so far, in each of the brackets that are open.
    let mut chains = vec![0];
    let (mut types, mut before) = (0_usize, Keyword::NoKeyword);
    for token in tokens {
        let top = chains.len() - 1;
        let mut keyword = Keyword::NoKeyword;
        match token {
            Token::Whitespace(_) => continue,
            Token::Word(word) => {
                keyword = word.keyword;
                match keyword {
                    Keyword::WHEN | Keyword::THEN | Keyword::ELSE => chains[top] = 0,
                    // The planner's steps for these are larger.
                    Keyword::UNION | Keyword::EXCEPT | Keyword::INTERSECT | Keyword::MINUS => chains[top] += 2,
                    _ => chains[top] += usize::from(is_operator(keyword)),
                }
            }
            Token::Comma | Token::SemiColon => chains[top] = 0,
            Token::LParen | Token::LBrace => chains.push(0),
            Token::LBracket => {
                chains[top] += 1;
                chains.push(0);
            }
            Token::RParen | Token::RBracket | Token::RBrace if top > 0 => chains.truncate(top),
            Token::Lt if matches!(before, Keyword::ARRAY | Keyword::STRUCT | Keyword::MAP) => types += 1,
            Token::Gt if types > 0 => types -= 1,
            Token::ShiftRight if types > 0 => types = types.saturating_sub(2),
            Token::Number(..) | Token::SingleQuotedString(_) | Token::Placeholder(_) | Token::Period => {}
            _ => chains[top] += 1,
        }
        before = keyword;
        if chains.len() + types > NESTED_MAX {
            return Some(format!("more than {NESTED_MAX} brackets are open at once"));
        }
        if chains.last().is_some_and(|chain| *chain > CHAINED_MAX) {
            return Some(format!("more than {CHAINED_MAX} operators stand in a row"));
        }
    }
    None
}

/// Whether what stands left of the word becomes its left side.
fn is_operator(word: Keyword) -> bool {
    use Keyword as K;
    #[rustfmt::skip]
    let operators = [
        K::AND, K::OR, K::XOR, K::IS, K::NOTNULL, K::IN, K::BETWEEN, K::LIKE, K::ILIKE, K::RLIKE, K::REGEXP,
        K::SIMILAR, K::COLLATE, K::AT, K::DIV, K::OVERLAPS, K::OPERATOR, K::MEMBER,
    ];
    operators.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_is_not_deep() {
        let rows = "(1, 'a', -2.5), ".repeat(20_000);
        let cases = "WHEN a = 1 AND b[1] THEN f(x) + 1 ".repeat(2000);
        for sql in [
            format!("VALUES {rows}(0, '', 0)"),
            format!("SELECT x IN ({}1)", "1, ".repeat(100_000)),
            format!("SELECT CASE {cases} ELSE 0 END"),
            format!("SELECT 1{}", " OR a = 1".repeat(2000)),
            format!("SELECT 1{}", " UNION ALL SELECT 1".repeat(1000)),
            "SELECT CAST(x AS ARRAY<STRUCT<a INT, b ARRAY<INT>>>), ARRAY[1] < ARRAY[2]; ".repeat(1000),
            "SELECT a < b, c > d FROM t WHERE e >> 1; ".repeat(1000),
            ")]}>".repeat(1000),
            "'".to_owned(),
        ] {
            assert_eq!(too_deep(&sql), None, "{}", &sql[..sql.len().min(60)]);
        }
    }

    #[test]
    fn deep_is_told_with_its_limit() {
        let (open, row) = ("more than 50 brackets are open at once", "more than 4000 operators stand in a row");
        let of = |piece: &str| format!("SELECT 1 {}", piece.repeat(5000));
        for piece in ["(", "[", "f(", "ARRAY<", "Nullable(", "STRUCT<a "] {
            assert_eq!(too_deep(&of(piece)).as_deref(), Some(open), "{piece}");
        }
        for piece in ["+ 1 ", "::INT", "[1]", "UNION SELECT 1 ", "AND x ", "IS NULL ", "|| f(x, 'y') "] {
            assert_eq!(too_deep(&of(piece)).as_deref(), Some(row), "{piece}");
        }
    }
}
