-- Records without a name under an identifier value whose names all mean one person, as Robert and Bob: they are that
-- person too. Where the value has two people behind it, nobody can tell whose the record is, and it stays apart.
--
-- One row: one record without a name shows one value, under the first name that goes with all names of the value.
--
-- key: record_id, kind, value
WITH hubs AS (
    SELECT kind, value, name
    FROM match.shared_pairs
    GROUP BY kind, value, name
    HAVING count(*) = min(names)
), settled AS (
    SELECT kind, value, min(name) AS name FROM hubs GROUP BY kind, value
)
SELECT m.record_id, concat(m.kind, '+name') AS kind, concat(m.value, ' ', s.name) AS value, m.verified
FROM match.shared_members AS m
JOIN settled AS s ON s.kind = m.kind AND s.value = m.value
WHERE m.name IS NULL AND m.may_join_alone
