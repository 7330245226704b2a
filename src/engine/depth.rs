//! How deep SQL is, seen before it is parsed: the parser, the planner, and whoever drops what they made recur as deep as
//! the SQL, and a stack that overflows ends the process.

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

/// The stack of a thread that plans or runs SQL: enough for all that [`too_deep`] lets pass. Only what is used of it takes
/// memory.
pub const STACK_BYTES: usize = 128 << 20;

/// Brackets within brackets, those of types such as `ARRAY<…>` included. The parser itself takes about as many of those
/// in expressions, and any number of those in types.
const NESTED_MAX: usize = 50;

/// Operators in a row, of which each takes all before it for its left side. Some more than these overflow the planner.
const CHAINED_MAX: usize = 4000;

/// `AND` and `OR` in a row. They are balanced before anyone walks them, so only the parser's tree is as deep, and only
/// until then; but the time to plan them grows faster than they do.
const LOGICAL_MAX: usize = 20_000;

/// Tables that are joined, queries that `UNION` and its like put together, and queries of a `WITH`, which may read each
/// other: the plan is as deep, and the steps of the planner are larger.
const TABLES_MAX: usize = 1000;

/// What stands in a row within a pair of brackets.
#[derive(Default)]
struct Row {
    operators: usize,
    logical: usize,
    tables: usize,
    /// How many `BETWEEN` still wait for their `AND`.
    betweens: usize,
    /// Whether a comma joins tables.
    is_from: bool,
}

impl Row {
    /// Another expression begins.
    fn next(&mut self) {
        (self.operators, self.logical, self.betweens) = (0, 0, 0);
    }

    fn word(&mut self, word: Keyword) {
        use Keyword as K;
        match word {
            K::WHEN | K::THEN | K::ELSE => self.next(),
            K::UNION | K::EXCEPT | K::INTERSECT | K::MINUS => (self.tables, self.is_from) = (self.tables + 1, false),
            K::JOIN => self.tables += 1,
            K::FROM => self.is_from = true,
            K::SELECT | K::WHERE | K::GROUP | K::HAVING | K::QUALIFY | K::WINDOW | K::ORDER => self.is_from = false,
            K::AND if self.betweens > 0 => self.betweens -= 1,
            K::AND | K::OR => (self.operators, self.logical) = (0, self.logical + 1),
            K::BETWEEN => (self.operators, self.betweens) = (self.operators + 1, self.betweens + 1),
            _ => self.operators += usize::from(is_operator(word)),
        }
    }

    /// Says why, if it is too long.
    fn too_long(&self) -> Option<String> {
        let too_long = |max: usize, what: &str| Some(format!("more than {max} {what} stand in a row"));
        if self.operators > CHAINED_MAX {
            return too_long(CHAINED_MAX, "operators");
        }
        if self.logical > LOGICAL_MAX {
            return too_long(LOGICAL_MAX, "ANDs and ORs");
        }
        if self.tables > TABLES_MAX {
            return too_long(TABLES_MAX, "tables or queries");
        }
        None
    }
}

/// Says why, if `sql` is too deep to be read.
pub fn too_deep(sql: &str) -> Option<String> {
    // What cannot be cut into tokens is for the parser to tell.
    let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize().ok()?;
    // A row for each of the brackets that are open.
    let mut rows = vec![Row::default()];
    let (mut types, mut before) = (0_usize, Keyword::NoKeyword);
    for token in tokens {
        let (open, mut keyword) = (rows.len() - 1, Keyword::NoKeyword);
        let row = &mut rows[open];
        match token {
            Token::Whitespace(_) => continue,
            Token::Word(word) => {
                keyword = word.keyword;
                row.word(keyword);
            }
            Token::Comma => {
                row.next();
                row.tables += usize::from(row.is_from);
            }
            Token::SemiColon => *row = Row::default(),
            Token::LParen => {
                row.tables += usize::from(matches!(before, Keyword::AS | Keyword::MATERIALIZED));
                rows.push(Row::default());
            }
            Token::LBrace => rows.push(Row::default()),
            Token::LBracket => {
                row.operators += 1;
                rows.push(Row::default());
            }
            Token::RParen | Token::RBracket | Token::RBrace if open > 0 => rows.truncate(open),
            Token::Lt if matches!(before, Keyword::ARRAY | Keyword::STRUCT | Keyword::MAP) => types += 1,
            Token::Gt if types > 0 => types -= 1,
            Token::ShiftRight if types > 0 => types = types.saturating_sub(2),
            Token::Number(..) | Token::SingleQuotedString(_) | Token::Placeholder(_) | Token::Period => {}
            _ => row.operators += 1,
        }
        before = keyword;
        if rows.len() + types > NESTED_MAX {
            return Some(format!("more than {NESTED_MAX} brackets are open at once"));
        }
        if let Some(reason) = rows.last().and_then(Row::too_long) {
            return Some(reason);
        }
    }
    None
}

/// Whether what stands left of the word becomes its left side.
fn is_operator(word: Keyword) -> bool {
    use Keyword as K;
    #[rustfmt::skip]
    let operators = [
        K::XOR, K::IS, K::NOTNULL, K::IN, K::LIKE, K::ILIKE, K::RLIKE, K::REGEXP,
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
            format!("SELECT 1{}", " OR a = 1 AND b BETWEEN 1 AND 2 + 3".repeat(10_000)),
            format!("SELECT 1{}", " UNION ALL SELECT 1, 2".repeat(1000)),
            format!("SELECT {}a FROM t", "CAST(a AS VARCHAR), f(b), ".repeat(20_000)),
            "SELECT a, b FROM t, u JOIN v ON a = b WHERE c IN (SELECT d FROM e, f); ".repeat(1000),
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
        let (logical, tables) =
            ("more than 20000 ANDs and ORs stand in a row", "more than 1000 tables or queries stand in a row");
        let of = |piece: &str| format!("SELECT 1 {}", piece.repeat(5000));
        for piece in ["(", "[", "f(", "ARRAY<", "Nullable(", "STRUCT<a "] {
            assert_eq!(too_deep(&of(piece)).as_deref(), Some(open), "{piece}");
        }
        for piece in ["+ 1 ", "::INT", "[1]", "IS NULL ", "|| f(x, 'y') ", "BETWEEN 0 AND 1 "] {
            assert_eq!(too_deep(&of(piece)).as_deref(), Some(row), "{piece}");
        }
        assert_eq!(too_deep(&of("AND x OR y AND z OR a = b ").repeat(2)).as_deref(), Some(logical));
        for piece in ["UNION SELECT 1, 2 ", "FROM t, u ", "FROM t JOIN u ", "INTERSECT SELECT x FROM t WHERE y = z "] {
            assert_eq!(too_deep(&of(piece)).as_deref(), Some(tables), "{piece}");
        }
        let with = format!("WITH a AS (SELECT 1){} SELECT 1", ", a AS MATERIALIZED (SELECT 1 FROM a)".repeat(1000));
        assert_eq!(too_deep(&with).as_deref(), Some(tables));
    }
}
