-- How often a word is a given name and how often a family name, among our own contacts.
--
-- One row: one folded name. It tells which word of `Nguyễn Văn An` is the given name, and a misspelling from a name:
-- `jhon`, borne by few, is John mistyped, but Maria and Mario, one letter apart, are two people. `is_listed`: the
-- nickname table has it, so that it is a name however rare. Names are counted before they are folded, because there are
-- many fewer of them than contacts.
--
-- key: name
WITH counted AS (
    SELECT given_name AS name, count(*) AS given, 0 AS family, false AS is_listed
    FROM clean.contacts GROUP BY given_name
    UNION ALL
    SELECT family_name, 0, count(*), false FROM clean.contacts GROUP BY family_name
    UNION ALL
    SELECT name, 1, 0, true FROM reference.nicknames
    UNION ALL
    SELECT nickname, 1, 0, true FROM reference.nicknames
)
SELECT fold_name(name) AS name, CAST(sum(given) AS BIGINT) AS as_given, CAST(sum(family) AS BIGINT) AS as_family,
       bool_or(is_listed) AS is_listed
FROM counted
WHERE fold_name(name) IS NOT NULL
GROUP BY fold_name(name)
