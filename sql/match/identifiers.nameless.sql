-- Records without a name under an identifier value whose names all mean one person, as Robert and Bob: they are that
-- person too. Where the value has two people behind it, nobody can tell whose the record is, and it stays apart.
--
-- One row: one record without a name shows one value, under the first of its names.
--
-- key: record_id, kind, value
WITH settled AS (
    SELECT kind, value, min(name) AS name
    FROM match.shared_pairs
    GROUP BY kind, value
    HAVING count(*) = min(names) * min(names)
)
SELECT i.record_id, concat(i.kind, '+name') AS kind, concat(i.value, ' ', s.name) AS value, i.verified
FROM settled AS s
JOIN clean.identifiers AS i ON i.kind = s.kind AND i.value = s.value
JOIN match.records AS r ON r.record_id = i.record_id
WHERE NOT r.is_shared AND r.given_name IS NULL AND r.native_name IS NULL
  AND NOT (i.kind = 'phone' AND r.has_more_than_phone)
