-- Given names that people really have, folded for comparison: names of the reference tables, and names that enough of
-- our own contacts bear.
--
-- One row: one given name. It tells a misspelling from another name: `jhon` is John mistyped, but Maria and Mario, one
-- letter apart, are two people.
--
-- key: name
SELECT name
FROM (
    SELECT fold_name(given_name) AS name, 1 AS contacts FROM clean.contacts WHERE given_name IS NOT NULL
    UNION ALL
    SELECT fold_name(name), 1000000 FROM reference.nicknames
    UNION ALL
    SELECT fold_name(nickname), 1000000 FROM reference.nicknames
    UNION ALL
    SELECT fold_name(name), 1000000 FROM reference.given_names WHERE part = 'given'
    UNION ALL
    SELECT fold_name(latin), 1000000 FROM reference.given_names WHERE part = 'given'
)
WHERE name <> ''
GROUP BY name
HAVING sum(contacts) >= $known_name_contacts_min
