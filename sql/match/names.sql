-- How often a word is part of a name among our own contacts, and whether of a given or a family name.
--
-- One row: one word, folded. It tells which word of `Nguyễn Văn An` is the given name, and a misspelling from a name:
-- `jhon`, borne by few, is John mistyped, but Maria and Mario, one letter apart, are two people. `is_listed`: the
-- nickname table has it, so that it is a name however rare. Names are counted before they are folded and split, because
-- there are many fewer of them than contacts.
--
-- key: word
WITH counted AS (
    SELECT given_name AS name, count(*) AS given, 0 AS family, 0 AS neither, false AS is_listed
    FROM clean.contacts GROUP BY given_name
    UNION ALL
    SELECT family_name AS name, 0 AS given, count(*) AS family, 0 AS neither, false AS is_listed
    FROM clean.contacts GROUP BY family_name
    UNION ALL
    SELECT full_name AS name, 0 AS given, 0 AS family, count(*) AS neither, false AS is_listed
    FROM clean.contacts WHERE given_name IS NULL GROUP BY full_name
    UNION ALL
    SELECT name, 1 AS given, 0 AS family, 0 AS neither, true AS is_listed FROM reference.nicknames
    UNION ALL
    SELECT nickname AS name, 1 AS given, 0 AS family, 0 AS neither, true AS is_listed FROM reference.nicknames
), split AS (
    SELECT unnest(string_to_array(fold_name(name), ' ')) AS word, given, family, neither, is_listed
    FROM counted
    WHERE fold_name(name) IS NOT NULL
)
SELECT word, CAST(sum(given) AS BIGINT) AS as_given, CAST(sum(family) AS BIGINT) AS as_family,
       CAST(sum(given + family + neither) AS BIGINT) AS bearers, bool_or(is_listed) AS is_listed
FROM split
GROUP BY word
