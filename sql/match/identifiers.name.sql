-- Identifiers that several people share, each together with a name: the family's phone number joins Anna's records with
-- Anna's, and never with her brother's.
--
-- One row: one record shows one shared value under its own name, and once more for each other name that goes with it.
-- The kind says so (`phone+name`), the value holds both: `+40721000111 anna`, `+40721000111 anna = anny`.
--
-- key: record_id, kind, value
SELECT i.record_id, concat(i.kind, '+name') AS kind,
       CASE WHEN p.name = p.other_name THEN concat(i.value, ' ', p.name)
            ELSE concat(i.value, ' ', least(p.name, p.other_name), ' = ', greatest(p.name, p.other_name)) END AS value,
       i.verified
FROM match.shared_pairs AS p
JOIN clean.identifiers AS i ON i.kind = p.kind AND i.value = p.value
JOIN match.records AS r ON r.record_id = i.record_id AND coalesce(r.given_name, r.native_name) = p.name
WHERE NOT r.is_shared
