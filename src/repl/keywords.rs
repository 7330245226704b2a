//! The words of SQL that are coloured and completed: those that analysts type, not all that the parser knows, since
//! many of the others are also good names for columns.

/// Single words, in capitals, sorted.
pub(super) const KEYWORDS: [&str; 107] = [
    "ALL",
    "ANALYZE",
    "AND",
    "ANTI",
    "ANY",
    "AS",
    "ASC",
    "BETWEEN",
    "BIGINT",
    "BOOLEAN",
    "BY",
    "CASE",
    "CAST",
    "COPY",
    "CROSS",
    "CURRENT",
    "CURRENT_DATE",
    "DATE",
    "DECIMAL",
    "DESC",
    "DESCRIBE",
    "DISTINCT",
    "DOUBLE",
    "ELSE",
    "END",
    "ESCAPE",
    "EXCEPT",
    "EXCLUDE",
    "EXISTS",
    "EXPLAIN",
    "EXTRACT",
    "FALSE",
    "FILTER",
    "FIRST",
    "FOLLOWING",
    "FOR",
    "FORMAT",
    "FROM",
    "FULL",
    "GROUP",
    "GROUPING",
    "HAVING",
    "ILIKE",
    "IN",
    "INNER",
    "INTEGER",
    "INTERSECT",
    "INTERVAL",
    "IS",
    "JOIN",
    "LAST",
    "LATERAL",
    "LEFT",
    "LIKE",
    "LIMIT",
    "NATURAL",
    "NOT",
    "NULL",
    "NULLS",
    "OFFSET",
    "ON",
    "OPTIONS",
    "OR",
    "ORDER",
    "OUTER",
    "OVER",
    "PARTITION",
    "PRECEDING",
    "QUALIFY",
    "RANGE",
    "RECURSIVE",
    "RENAME",
    "REPLACE",
    "RIGHT",
    "ROLLUP",
    "ROW",
    "ROWS",
    "SELECT",
    "SEMI",
    "SETS",
    "SHOW",
    "SIMILAR",
    "SMALLINT",
    "SOME",
    "STORED",
    "TABLE",
    "TABLES",
    "THEN",
    "TIME",
    "TIMESTAMP",
    "TO",
    "TRUE",
    "TRY_CAST",
    "UNBOUNDED",
    "UNION",
    "UNNEST",
    "USING",
    "VALUES",
    "VARCHAR",
    "VERBOSE",
    "WHEN",
    "WHERE",
    "WINDOW",
    "WITH",
    "WITHIN",
    "XOR",
    "ZONE",
];

/// What completion offers in place of a first word alone.
pub(super) const PHRASES: [&str; 12] = [
    "CROSS JOIN",
    "GROUP BY",
    "INNER JOIN",
    "IS NOT NULL",
    "IS NULL",
    "LEFT JOIN",
    "NOT IN",
    "ORDER BY",
    "PARTITION BY",
    "UNION ALL",
    "UNION ALL BY NAME",
    "WITHIN GROUP",
];

/// What a statement may begin with.
pub(super) const BEGINNINGS: [&str; 8] =
    ["SELECT", "WITH", "FROM", "DESCRIBE", "EXPLAIN", "COPY", "SHOW TABLES", "VALUES"];

/// What may follow a table or an expression.
pub(super) const CLAUSES: [&str; 17] = [
    "FROM",
    "WHERE",
    "JOIN",
    "LEFT JOIN",
    "ON",
    "USING",
    "GROUP BY",
    "HAVING",
    "QUALIFY",
    "ORDER BY",
    "LIMIT",
    "AND",
    "OR",
    "AS",
    "UNION ALL",
    "DESC",
    "OVER (",
];

/// Whether `word` is a keyword, in any case.
pub(super) fn is_keyword(word: &str) -> bool {
    let upper = word.to_ascii_uppercase();
    KEYWORDS.binary_search(&upper.as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keywords_are_sorted() {
        assert!(KEYWORDS.is_sorted());
        assert!(is_keyword("select") && is_keyword("Qualify") && !is_keyword("name"));
    }
}
