-- Records without a name under an identifier value whose names all mean one person, as Robert and Bob: they are that
-- person too. Where the value has two people behind it, nobody can tell whose the record is, and it stays apart.
--
-- One row: one record without a name shows one value, under the first of its names. That all are one person is found by
-- handing the first name on from name to name, twice.
--
-- key: record_id, kind, value
WITH nearest AS (
    SELECT kind, value, name, min(names) AS names, min(other_name) AS label
    FROM match.shared_pairs
    GROUP BY kind, value, name
), near AS (
    SELECT p.kind, p.value, p.name, min(p.names) AS names, min(n.label) AS label
    FROM match.shared_pairs AS p
    JOIN nearest AS n ON n.kind = p.kind AND n.value = p.value AND n.name = p.other_name
    GROUP BY p.kind, p.value, p.name
), settled AS (
    SELECT kind, value, min(name) AS name
    FROM near
    GROUP BY kind, value
    HAVING min(label) = max(label) AND count(*) = min(names)
)
SELECT m.record_id, concat(m.kind, '+name') AS kind, concat(m.value, ' ', s.name) AS value, m.verified
FROM match.shared_members AS m
JOIN settled AS s ON s.kind = m.kind AND s.value = m.value
WHERE m.name IS NULL AND m.may_join_alone
